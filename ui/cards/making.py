"""Make a card at the desk's encoder: take a number, write, read back; the task that asked then issues it.

A number that went onto a card that must not be given away is voided, by an operation, and the next one is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Protocol
from uuid import UUID

from app.domain.ids import new_id
from app.domain.masking import masked_card
from app.operations.base import Operation
from app.operations.reissue_card import ReissueCard
from app.operations.void_card_number import VoidCardNumber
from app.ports.authority import Submission
from app.ports.devices import CardContents, CardMade, CardOutcome, CardStep
from ui.counter.services import CounterServices, Problem

MOST_SPOILT = 3  # in a row: then something is wrong with the encoder or with the box of cards


class Phase(Enum):
    REST = "rest"
    TAKING_NUMBER = "taking_number"
    MAKING = "making"
    VOIDING = "voiding"  # what was spoilt is put on record
    WRITTEN = "written"
    STOPPED = "stopped"


@dataclass(frozen=True)
class MakingState:
    """`step` is what happens to the card at this moment; `spoilt` counts the cards that have to be put aside."""

    phase: Phase = Phase.REST
    card: str = ""  # masked
    step: CardStep | None = None
    by_hand: bool = True
    spoilt: int = 0
    cancelling: bool = False
    problem: Problem | None = None

    @property
    def is_busy(self) -> bool:
        return self.phase in {Phase.TAKING_NUMBER, Phase.MAKING, Phase.VOIDING}

    @property
    def is_shown(self) -> bool:
        return self.is_busy or self.phase is Phase.STOPPED


@dataclass(frozen=True)
class CardFor:
    """Whose card it will be. A member who is none yet has only a `name`; `reissued` is the number of a card that they
    have and that is written anew, else it is the desk's next free one."""

    member: UUID | None = None
    name: str = field(default="", repr=False)
    reissued: str = field(default="", repr=False)


class Written(Protocol):
    def __call__(self, number: str, issue: int) -> None: ...


class Making:
    """`changed` is called for each new state; `written` once the card in the clerk's hand is good."""

    def __init__(self, services: CounterServices, changed: Callable[[], None], written: Written) -> None:
        self.state = MakingState()
        self._services = services
        self._changed = changed
        self._written = written
        self._whose = CardFor()
        self._session: UUID | None = None
        self._number = ""
        self._issue = 1
        self._to_void: Operation | None = None
        self._cancel: Callable[[], None] | None = None

    @property
    def is_possible(self) -> bool:
        return self._services.card_maker() is not None

    def start(self, whose: CardFor) -> None:
        person = self._services.who()
        maker = self._services.card_maker()
        if self.state.is_busy or person is None or maker is None:
            return
        self._whose, self._session = whose, person.session
        self._to_void = None
        self.state = MakingState(by_hand=maker.is_fed_by_hand())
        self._take_number(whose.reissued)

    def again(self) -> None:
        """After it stopped: what was spoilt is put on record first, where that has not worked yet."""
        if self.state.phase is not Phase.STOPPED:
            return
        self.state = replace(self.state, spoilt=0, cancelling=False)
        if self._to_void is not None:
            self._void()
        else:
            self._take_number(self._whose.reissued or self._number)

    def cancel(self) -> None:
        """A card that is being written is waited for: it may be spoilt."""
        if self._cancel is not None:
            self._show(cancelling=True)
            self._cancel()
        elif not self.state.is_busy:
            self.rest()
        else:
            self._show(cancelling=True)

    def rest(self) -> None:
        if not self.state.is_busy and self.state.phase is not Phase.REST:
            self.state = MakingState()
            self._changed()

    # Within

    def _take_number(self, number: str) -> None:
        self._show(phase=Phase.TAKING_NUMBER, card=masked_card(number), step=None, problem=None)

        def ask() -> tuple[CardContents, int]:
            taken = number or self._services.queries.free_card_number()
            return self._services.queries.card_to_write(taken, member=self._whose.member, name=self._whose.name)

        self._services.jobs.run(ask, self._make, self._stopped)

    def _make(self, found: tuple[CardContents, int]) -> None:
        contents, self._issue = found
        self._number = contents.number
        maker = self._services.card_maker()
        if self.state.cancelling:
            self.state = MakingState()
            self._changed()
            return
        if maker is None:
            self._stop(Problem("device.unplugged", again=True))
            return
        self._show(phase=Phase.MAKING, card=masked_card(self._number), by_hand=maker.is_fed_by_hand())
        soon = self._services.on_screen
        try:
            cancel = maker.make(
                contents,
                step=lambda step: soon(partial(self._at, step)),
                done=lambda made: soon(partial(self._done, made)),
            )
        except Exception as failure:
            self._stopped(failure)
            return
        if self.state.phase is Phase.MAKING:
            self._cancel = cancel

    def _at(self, step: CardStep) -> None:
        if self.state.phase is Phase.MAKING:
            self._show(step=step)

    def _done(self, made: CardMade) -> None:
        self._cancel = None
        problem = Problem(made.cause, again=True) if made.cause else None
        if made.outcome is CardOutcome.WRITTEN:
            self._show(phase=Phase.WRITTEN, step=None, problem=None, cancelling=False)
            self._written(self._number, self._issue)
        elif made.outcome is CardOutcome.SPOILT:
            self._to_void = self._voiding()
            self._show(spoilt=self.state.spoilt + 1, problem=problem)
            self._void()
        elif self.state.cancelling:
            self.state = MakingState()
            self._changed()
        else:
            self._stop(problem or Problem("encoder.failed", again=True))

    def _voiding(self) -> Operation:
        if self._whose.reissued and self._whose.member is not None:
            return ReissueCard(
                id=new_id(), member=self._whose.member, number=self._number, issue=self._issue, made="spoilt"
            )
        return VoidCardNumber(id=new_id(), number=self._number, reason="spoilt")

    def _void(self) -> None:
        assert self._to_void is not None
        submission = Submission((self._to_void,), self._session)
        self._show(phase=Phase.VOIDING, step=None)
        self._services.jobs.run(
            lambda: self._services.authority.submit(submission), lambda _answers: self._voided(), self._stopped
        )

    def _voided(self) -> None:
        self._to_void = None
        self._number = ""  # the next one
        if self.state.cancelling:
            self.state = MakingState()
            self._changed()
        elif self.state.spoilt >= MOST_SPOILT:
            self._stop(self.state.problem or Problem("encoder.failed", again=True))
        else:
            self._take_number(self._whose.reissued)

    def _stopped(self, failure: Exception) -> None:
        self._stop(self._services.problem(failure))

    def _stop(self, problem: Problem) -> None:
        self._show(phase=Phase.STOPPED, step=None, problem=problem, cancelling=False)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # names are this class's own fields
        self._changed()
