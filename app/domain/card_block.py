"""When a desk is given more card numbers, and how many (RELIABILITY.md 4.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEFT_PERCENT = 30  # of its block: then the next one comes
FIRST_BLOCK = 1_000  # numbers of a desk that has none yet
MOST_NUMBERS = 10_000  # of one block


@dataclass(frozen=True)
class Block:
    """A run of serials in a desk's stock; those before `next_serial` are used up."""

    first_serial: int
    count: int
    next_serial: int
    kind: str  # physical | virtual | any

    @property
    def left(self) -> int:
        return max(0, self.first_serial + self.count - self.next_serial)


def numbers_left(blocks: Sequence[Block]) -> int:
    """For the kind of card of which there are fewer."""
    return min(sum(block.left for block in blocks if block.kind in (kind, "any")) for kind in ("physical", "virtual"))


def next_block(blocks: Sequence[Block]) -> int:
    """How many numbers a desk with `blocks`, the oldest first, is given now; 0 while it has enough. As many as it last
    had for cards of any kind: who gives out many has larger blocks."""
    sizes = [block.count for block in blocks if block.kind == "any"]
    if not sizes:
        return FIRST_BLOCK
    return min(MOST_NUMBERS, sizes[-1]) if numbers_left(blocks) * 100 <= sizes[-1] * LEFT_PERCENT else 0
