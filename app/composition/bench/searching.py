"""What the counter's screens ask of the store: a search at each keystroke, a member's page at each card."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial

from app.composition.bench.figures import Figure, Say, p99, seconds_of
from app.composition.bench.ground import SEED
from app.composition.desk import open_desk, roots
from app.demo import load, mall
from app.domain.card import card_number
from app.domain.errors import Refused
from app.settings import Home

TYPED = (
    "王",
    "李娜",
    "伟强",
    "欧阳",
    "13812345678",
    "138",
    "13900",
    "8888",
    "0415",
    "张5678",
    "zhangwei",
    "zh",
    "zhang",
    "ouyang",
    "lw",
    "wxm",
    "oyxw",
    "0000012345",
    "zxqv",
    "龘龘",
)
"""Whole and in part: common and rare surnames, names, phones and their ends, pinyin, initials, numbers, nobody."""
PAGES = 300


def figures(home: Home, members: int, say: Say) -> Iterator[Figure]:
    say("searching")
    desk = open_desk(home)
    try:
        keystrokes = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
        chance = random.Random(SEED)  # noqa: S311 - no secret
        chance.shuffle(keystrokes)
        taken = [seconds_of(partial(desk.queries.find_members, text)) * 1000 for text in keystrokes]
        yield Figure("search, the query alone, p99", p99(taken), "ms")
        say("member pages")
        key = roots(desk).card_key
        taken = []
        while len(taken) < PAGES:
            index = chance.randrange(members)
            number = card_number(index + 1, mall.CARD_PREFIX, key)
            try:
                desk.queries.member_by_card(number)
            except Refused:
                continue  # one of the few without a card
            member = load.member_id(SEED, index)
            taken.append(seconds_of(partial(desk.queries.member_page, member)) * 1000)
        yield Figure("member page, the queries alone, p99", p99(taken), "ms")
    finally:
        desk.close()
