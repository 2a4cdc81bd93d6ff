from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import phonenumbers
import pytest
from reportlab.pdfbase.ttfonts import TTFontFile

from app.demo.people import _RARE, KNOWN, People, Person
from app.domain.calendar import age_on
from app.domain.masking import COMPOUND_SURNAMES, is_hanzi
from app.domain.phone import normalised_phone
from app.domain.pinyin import search_keys
from app.domain.text import clean

JOINED = date(2025, 3, 1)
FONT = Path(__file__).parents[3] / "printing" / "fonts" / "NotoSansSC-Regular.ttf"


@pytest.fixture(scope="module")
def demo_people() -> list[Person]:
    people = People(seed=1)
    return [people.person(index, JOINED.toordinal()) for index in range(20_000)]


def names(people: list[Person]) -> list[str]:
    return [person[0] for person in people]


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    one, again, other = People(7), People(7), People(8)
    indexes = range(100, 400)
    day = JOINED.toordinal()
    assert [one.person(index, day) for index in indexes] == [again.person(index, day) for index in indexes]
    assert sum(one.person(index, day)[:2] == other.person(index, day)[:2] for index in indexes) == 0


def test_no_two_of_two_hundred_thousand_share_a_phone() -> None:
    people = People(seed=3)
    assert len({people.phone(index) for index in range(200_000)}) == 200_000


def test_phones_look_like_mainland_mobiles_and_are_stored_as_they_are(demo_people: list[Person]) -> None:
    for _, phone, _, _ in demo_people[:500]:
        assert normalised_phone(phone) == phone
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN"))


def test_neighbours_have_phones_that_have_nothing_to_do_with_each_other() -> None:
    people = People(seed=1)
    phones = [int(people.phone(index)) for index in range(1_000)]
    assert len({later - earlier for earlier, later in pairwise(phones)}) > 950
    tails = Counter(phone % 10_000 for phone in phones)
    assert 900 < len(tails) < 1_000  # as by chance: some share their last four digits


def test_every_promised_kind_of_name_is_met(demo_people: list[Person]) -> None:
    lengths = Counter(len(name) for name in names(demo_people) if all(is_hanzi(character) for character in name))
    assert 0.10 < lengths[2] / 20_000 < 0.30
    assert 0.65 < lengths[3] / 20_000 < 0.90
    compound = [name for name in names(demo_people) if len(name) > 2 and name[:2] in COMPOUND_SURNAMES]
    assert 60 < len(compound) < 200
    assert any(name.startswith("欧阳") for name in compound)
    rare = [name for name in names(demo_people) if set(name) & set(_RARE)]
    assert 20 < len(rare) < 80
    latin = [name for name in names(demo_people) if name[0].isascii()]
    assert 30 < len(latin) < 150
    assert 20 < sum("·" in name for name in names(demo_people)) < 150


def test_the_first_members_cover_every_kind_in_the_smallest_data_set() -> None:
    people = People(seed=99)
    first = [people.person(index, JOINED.toordinal())[0] for index in range(len(KNOWN))]
    assert first == [known.name for known in KNOWN]
    assert {"欧阳晓雯", "刘䶮", "陈𬭚", "John Smith", "María García", "单雨桐", "阿依古丽·买买提"} <= set(first)


def test_surnames_are_as_frequent_as_in_the_country(demo_people: list[Person]) -> None:
    surnames = Counter(name[0] for name in names(demo_people))
    assert {surname for surname, _ in surnames.most_common(3)} == {"王", "李", "张"}
    assert 0.06 < surnames["王"] / 20_000 < 0.10


def test_every_name_can_be_stored_searched_and_printed(demo_people: list[Person]) -> None:
    glyphs = TTFontFile(str(FONT)).charToGlyph
    for name in set(names(demo_people)):
        assert clean(name, field="name", longest=60) == name
        assert search_keys(name), name
        assert name.encode("gb18030").decode("gb18030") == name
        assert all(ord(character) in glyphs for character in name), name


def test_everybody_is_an_adult_and_some_keep_their_birthday_to_themselves(demo_people: list[Person]) -> None:
    ages = [age_on(JOINED, birthday) for _, _, birthday, _ in demo_people if birthday is not None]
    assert min(ages) == 18
    assert 80 <= max(ages) <= 90
    assert 0.04 < 1 - len(ages) / 20_000 < 0.12
    assert 0.4 < sum(25 <= age < 45 for age in ages) / len(ages) < 0.6


def test_an_eighteenth_birthday_counts_also_when_it_falls_into_leap_years() -> None:
    people = People(seed=5)
    for day in (date(2024, 2, 29), date(2025, 2, 28), date(2024, 3, 1)):
        born = [people.person(index, day.toordinal())[2] for index in range(3_000)]
        assert all(age_on(day, birthday) >= 18 for birthday in born if birthday is not None)


def test_gender_is_stated_by_most(demo_people: list[Person]) -> None:
    genders = Counter(gender for _, _, _, gender in demo_people)
    assert set(genders) == {"f", "m", ""}
    assert genders["f"] > genders["m"] > 10 * genders[""] > 0
