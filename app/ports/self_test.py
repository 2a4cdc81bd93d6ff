"""The self-test at the start of a shift, as a screen runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.domain.self_test import Check


@dataclass(frozen=True)
class SelfTestStep:
    """What is looked at now, the `number`th of `of`, and what was found so far. `swipe`: the reader `name` waits for a
    card."""

    what: str
    name: str
    number: int
    of: int
    swipe: bool = False
    found: tuple[Check, ...] = ()


class SelfTest(Protocol):
    def run(
        self,
        language: str,
        step: Callable[[SelfTestStep], None],
        skipped: Callable[[], bool],
        cancelled: Callable[[], bool],
    ) -> tuple[Check, ...]:
        """Look at everything, one after the other. Blocks for some seconds, and for each reader up to a quarter of a
        minute: `skipped` is asked meanwhile. `step` is called on the same thread. Nothing but a test slip leaves a
        trace. Never raises: what cannot be looked at is a bad line."""
