"""When a desk is given more card numbers, and how many."""

from __future__ import annotations

import pytest

from app.domain.card_block import FIRST_BLOCK, MOST_NUMBERS, Block, next_block, numbers_left


def block(used: int, count: int = 100, kind: str = "any") -> Block:
    return Block(1, count, 1 + used, kind)


@pytest.mark.parametrize(
    ("blocks", "given"),
    [
        ((), FIRST_BLOCK),
        ((block(69),), 0),
        ((block(70),), 100),
        ((block(100), block(0)), 0),
        ((block(100), block(75, 200)), 0),
        ((block(100), block(140, 200)), 200),
        ((block(0, 500, "physical"),), FIRST_BLOCK),  # no virtual card could be given
        ((block(100), block(0, 500, "physical")), 100),
        ((block(40_000, 40_000),), MOST_NUMBERS),
    ],
)
def test_a_desk_is_given_as_many_as_it_last_had_when_three_of_ten_are_left(
    blocks: tuple[Block, ...], given: int
) -> None:
    assert next_block(blocks) == given


def test_what_is_left_is_told_for_the_kind_of_which_there_are_fewer() -> None:
    assert numbers_left((block(40), block(10, 50, "physical"))) == 60
    assert numbers_left(()) == 0
