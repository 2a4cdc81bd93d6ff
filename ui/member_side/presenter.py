"""What the member sees of what is done for them: on the line display, and on a screen of their own.

Only what concerns this one member and may be read by whoever stands behind them: the name masked, no phone, no card, no
reason. Nothing at all while the desk is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ui.counter.presenter import CounterPresenter
from ui.counter.sending import Step
from ui.counter.services import Problem
from ui.counter.task import Summary, SummaryLine, Task


class SeenStep(Enum):
    IDLE = "idle"
    GREETING = "greeting"
    FIGURES = "figures"  # what would change, while the clerk is at it
    AGREE = "agree"
    PIN = "pin"
    WAIT = "wait"
    DONE = "done"


@dataclass(frozen=True)
class Seen:
    """`title` is a message id; `points` are usable now, `before` and `after` what is about to happen to them."""

    step: SeenStep = SeenStep.IDLE
    name: str = ""  # masked
    tier: str = ""
    points: int = 0
    title: str = ""
    lines: tuple[SummaryLine, ...] = ()
    before: int | None = None
    after: int | None = None
    amount_fen: int | None = None
    problem: Problem | None = None  # with the PIN


NOBODY = Seen()

_ASKED = {
    Step.MEMBER_PIN: SeenStep.PIN,
    Step.MEMBER_AGREES: SeenStep.AGREE,
    Step.CHECKING: SeenStep.WAIT,
    Step.APPROVAL: SeenStep.WAIT,
    Step.SENDING: SeenStep.WAIT,
    Step.DONE: SeenStep.DONE,
}


class MemberScreen(Protocol):
    """Whatever stands before the member."""

    def show_seen(self, seen: Seen) -> None: ...


class MemberSidePresenter:
    """Follows the counter. `agree` and `give_pin` are the member's own answers, and count only while they are asked."""

    def __init__(self, counter: CounterPresenter, screens: Sequence[MemberScreen] = ()) -> None:
        self._counter = counter
        self._screens = list(screens)
        self._blank = False
        self._last: Seen | None = None
        counter.watched = self.follow
        self.follow()

    def add(self, screen: MemberScreen) -> None:
        self._screens.append(screen)
        screen.show_seen(self.seen())

    def remove(self, screen: MemberScreen) -> None:
        self._screens = [one for one in self._screens if one is not screen]

    def blank(self, blank: bool) -> None:
        """The desk is locked, or open again."""
        self._blank = blank
        self.follow()

    def follow(self) -> None:
        seen = self.seen()
        if seen != self._last:
            self._last = seen
            for screen in self._screens:
                screen.show_seen(seen)

    def agree(self) -> None:
        self._counter.task.sending.member_agrees()

    def give_pin(self, pin: str) -> None:
        self._counter.task.sending.give_member_pin(pin)

    def refuse(self) -> None:
        """The member does not want it: back to the form, which the clerk sees."""
        if self._counter.task.sending.state.step in {Step.MEMBER_PIN, Step.MEMBER_AGREES}:
            self._counter.task.cancel()

    def seen(self) -> Seen:
        task = self._counter.task
        person = task.page or self._counter.guest.guest
        if self._blank or person is None:
            return NOBODY
        step = _ASKED.get(task.sending.state.step, SeenStep.GREETING)
        summary = self._summary(task)
        if summary is None:
            return Seen(step, person.name, person.tier, person.usable)
        return Seen(
            SeenStep.FIGURES if step is SeenStep.GREETING else step,
            person.name,
            person.tier,
            person.usable,
            summary.title,
            summary.lines,
            summary.before,
            summary.after,
            summary.amount_fen,
            task.sending.state.problem if step is SeenStep.PIN else None,
        )

    @staticmethod
    def _summary(task: Task) -> Summary | None:
        """Nothing half typed is shown: a basket that holds something, or what has been sent."""
        if task.done or not (task.unfinished or task.busy):
            return None
        summary = task.summary()
        return summary if summary.before is not None else None
