"""A calm window, and the program's own sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.domain.sentences import sentence
from app.queries.rows import CatalogueGift, StaffRow
from tests.unit.presenters.fakes import NOW, Desk, FakeQueries
from ui.counter.services import CounterServices
from ui.locale import DEFAULT_LANGUAGE, language, set_language
from ui.theme import theme

FONTS = Path(__file__).resolve().parents[3] / "printing" / "fonts"
PEOPLE = (
    StaffRow("1001", "张丽", "clerk", 0, None, locked_for_good=False),
    StaffRow("1002", "阿依古丽·买买提江", "clerk", 10, None, locked_for_good=True),
    StaffRow("2001", "李强", "supervisor", 5, NOW.replace(hour=7), locked_for_good=False),
    StaffRow("9001", "周敏", "administrator", 0, None, locked_for_good=False),
)
GIFTS = (
    CatalogueGift("G-BAG", "购物袋", "gouwudai gwd", 800, 2_900, on_offer=True),
    CatalogueGift("G-CUP", "保温杯", "baowenbei bwb", 3_000, 9_900, on_offer=False),
)


class Rolls(FakeQueries):
    """What the administration screens ask."""

    people = PEOPLE
    all_gifts = GIFTS

    def staff_roll(self) -> tuple[StaffRow, ...]:
        return self.people

    def catalogue(self) -> tuple[CatalogueGift, ...]:
        return self.all_gifts


@pytest.fixture
def desk() -> Desk:
    return Desk(queries=Rolls())


def spoken(services: CounterServices) -> CounterServices:
    """With the sentences of the program."""
    return replace(services, sentence=lambda code, facts: sentence(code, facts, language()))


@pytest.fixture(autouse=True)
def calm(qapp: QApplication) -> Iterator[None]:
    theme().motion = False
    if theme().name != "light" or theme().scale != 1.0 or not theme().is_applied:
        theme().apply(qapp, "light", font_folder=FONTS)
    set_language(DEFAULT_LANGUAGE)
    yield
    set_language(DEFAULT_LANGUAGE)
