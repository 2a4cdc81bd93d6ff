"""What the counter's presenters are given: ports, who is signed in, and time. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.errors import Fact, Refused, Unavailable
from app.domain.policy import Policy
from app.domain.staff import RIGHTS, Right, Role
from app.ports.authority import Authority
from app.ports.devices import CardMaker
from app.ports.jobs import Jobs
from app.ports.paper import Paper
from app.queries.ports import Queries
from app.queries.rows import CardFace
from ui.counter.contact import Contact


@dataclass(frozen=True)
class SignedIn:
    """Who stands at this desk now; `session` goes with every submission."""

    session: UUID
    staff: str
    name: str
    role: str

    def may(self, right: Right) -> bool:
        return right in RIGHTS[Role(self.role)]


class Timers(Protocol):
    """Time that passes on the screen: a countdown, or asking again how a slip fares."""

    def after(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        """Call once, later, on the same thread; returns what stops that."""


@dataclass(frozen=True)
class Problem:
    """Why something did not happen: the code and facts of a sentence; `again` when trying again may work."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    again: bool = False

    @classmethod
    def of(cls, failure: Exception) -> Problem:
        if isinstance(failure, Refused):
            return cls(failure.code, failure.facts)
        if isinstance(failure, Unavailable):
            return cls(failure.code, failure.facts, again=True)
        return cls("program.bug", {"kind": type(failure).__name__}, again=True)


def _raise(failure: Exception) -> None:
    raise failure


@dataclass(frozen=True)
class CounterServices:
    """`who` answers None when nobody is signed in. `sentence` is what a code says in the language in force; views ask,
    presenters never. `bug` takes an exception that is neither refusal nor world, so that it reaches the crash log; the
    screen says so and stays usable. `member_has_screen`: the member can agree on a screen of their own.
    `card_pdf` draws both sides of a card, in a language, `approval_card_pdf` that of a name with what is scanned; call
    them in a job. `on_screen` brings a call from a machine's
    thread to the screens' own."""

    authority: Authority
    queries: Queries
    jobs: Jobs
    paper: Paper
    timers: Timers
    who: Callable[[], SignedIn | None]
    now: Callable[[], datetime]
    sentence: Callable[[str, Mapping[str, Fact]], str]
    bug: Callable[[Exception], None] = _raise
    policy: Callable[[], Policy] = Policy
    member_has_screen: Callable[[], bool] = lambda: False
    zone: str = DEFAULT_ZONE
    has_hub: bool = False
    card_maker: Callable[[], CardMaker | None] = lambda: None
    on_screen: Callable[[Callable[[], None]], None] = lambda call: call()
    card_pdf: Callable[[CardFace, str], bytes] | None = None
    approval_card_pdf: Callable[[str, str, str], bytes] | None = None
    language: Callable[[], str] = lambda: "zh_CN"
    contact: Contact = field(default_factory=Contact)

    def today(self) -> date:
        """The mall's business day."""
        return business_day(self.now(), self.zone)

    def may(self, right: Right) -> bool:
        person = self.who()
        return person is not None and person.may(right)

    def problem(self, failure: Exception) -> Problem:
        """The failure as a screen shows it; a bug is also handed to the crash log."""
        if not isinstance(failure, Refused | Unavailable):
            self.bug(failure)
        return Problem.of(failure)
