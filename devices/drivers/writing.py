"""The writing of one card by one encoder, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.ports.devices import CardContents, CardMade, CardStep
from devices.drivers.dialogue import Dialogue

FOUND_WITHIN_S = 20.0  # how long a clerk has to put a card in, or to swipe it (DEVICES.md 2.2)
TRIES = 3

# The card is none that can be written to, and has not been touched: the next one may do.
UNUSABLE_CARD = frozenset({"encoder.no_card", "encoder.wrong_card", "encoder.wrong_key"})


class Writing(Protocol):
    """`dialogue` is to be started by who owns the port."""

    dialogue: Dialogue[CardMade]

    @property
    def may_be_touched(self) -> bool:
        """Should the line break now: may a card hold anything of this?"""


MakeWriting = Callable[[CardContents, bool, Callable[[CardStep], None]], Writing]
"""For these contents, fed by hand or not, telling each step."""
