"""Take a person into the programme and give them their card, in one form and one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, Protocol
from uuid import UUID

from app.domain.errors import Refused
from app.domain.ids import new_id
from app.domain.masking import masked_card, masked_name, masked_phone
from app.domain.staff import checked_pin
from app.operations.base import Operation
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.issue_card import IssueCard
from app.ports.authority import Answer
from app.ports.storage import Person
from ui.cards.making import CardFor, Making, MakingState
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices, Problem
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

CONSENT_TEXT_VERSION = "1"
NOT_MAKING = MakingState()
Purpose = Literal["service", "marketing", "profiling"]


@dataclass(frozen=True)
class EnrolIds:
    enrol: UUID
    issue: UUID
    member: UUID


@dataclass(frozen=True)
class EnrolDraft:
    """What was typed; `birthday` is YYYY-MM-DD, YYYYMMDD or empty. Consents start unticked: agreeing is an act."""

    ids: EnrolIds
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    birthday: str = field(default="", repr=False)
    gender: str = ""
    adult: bool = False
    service: bool = False
    marketing: bool = False
    profiling: bool = False
    pin: str = field(default="", repr=False)
    pin_again: str = field(default="", repr=False)
    card: str = field(default="", repr=False)


@dataclass(frozen=True)
class EnrolResult:
    member: UUID
    member_no: str
    name: str  # masked
    card: str  # masked, empty when none was issued


@dataclass(frozen=True)
class EnrolState:
    """`at` names the field that the problem is about, so that the view can stand there."""

    draft: EnrolDraft
    at: str = ""
    already: UUID | None = None  # the member who has this phone
    sending: SendingState = AT_REST
    result: EnrolResult | None = None
    making: MakingState = NOT_MAKING
    may_make: bool = False  # this desk has an encoder
    card_is_made: bool = False

    @property
    def writes(self) -> bool:
        """Enter makes a card first."""
        return self.may_make and not self.draft.card.strip()


class EnrolScreen(Protocol):
    def show_enrol(self, state: EnrolState) -> None: ...


def _ids() -> EnrolIds:
    return EnrolIds(new_id(), new_id(), new_id())


_FIELD_OF = {
    "phone.unreadable": "phone",
    "phone.not_mobile": "phone",
    "member.phone_in_use": "phone",
    "member.adult_not_confirmed": "adult",
    "member.consent_missing": "service",
    "member.under_18": "birthday",
    "member.birthday_unlikely": "birthday",
    "member.birthday_unreadable": "birthday",
    "pin.six_digits": "pin",
    "pin.too_simple": "pin",
    "pin.not_the_same": "pin_again",
}


class EnrolPresenter(Task):
    name = "enrol"
    is_about_member = False

    def __init__(self, screen: EnrolScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._draft = EnrolDraft(_ids())
        self._result: EnrolResult | None = None
        self._card_was_typed = False
        self._card_is_made = False
        self.making = Making(services, self._making_changed, self._made)

    @property
    def busy(self) -> bool:
        return super().busy or self.making.state.is_busy

    @property
    def writes(self) -> bool:
        return self.making.is_possible and not self._draft.card.strip() and not self.done

    @property
    def unfinished(self) -> bool:
        return not self.done and bool(self._draft.name or self._draft.phone)

    def member_left(self) -> None:
        """A form that was begun belongs to nobody yet: it stays as it is when another member comes by."""

    def opened(self) -> None:
        if self.done:
            self._result = None
            self.sending.cancel()
        # At an encoder the number comes with the card that is written, or with the printed one that is swiped.
        if not self._card_was_typed and not self.making.is_possible:
            self.services.jobs.run(self.services.queries.free_card_number, self._prefill, self._no_card)
        super().opened()

    def edit(self, **changes: str | bool) -> None:
        """Fields of the draft by name."""
        if not self.sending.state.editable:
            return
        if "card" in changes:
            self._card_was_typed, self._card_is_made = True, False
        self._draft = replace(self._draft, **changes)  # type: ignore[arg-type]  # names and types are the draft's
        if self.sending.state.problem is not None:
            self.sending.clear_problem()
        else:
            self.render()

    def make(self) -> None:
        """Write a card for this person at the encoder; once it is good, they are enrolled with it."""
        if self.sending.state.step is not Step.FORM or self._card_is_made:
            return
        try:
            self._operations(self._draft)  # no card is written for a form that cannot be sent
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        self.making.start(CardFor(name=self._draft.name))

    def take_card(self, number: str) -> bool:
        if not self.sending.state.editable:
            return False
        self.edit(card=number)
        return True

    def enrol(self) -> None:
        if self.done:
            self.finish()
            return
        if self.sending.state.step is not Step.FORM:
            return
        draft = self._draft
        try:
            operations = self._operations(draft)
        except Refused as no:
            self.fail(no.code, **no.facts)
            return
        # The PIN goes with the submission; the authority makes the verifier and forgets it.
        self.sending.start(operations, new_pin=draft.pin or None)

    def open_already(self) -> None:
        """The phone belongs to a member: open that one instead."""
        already = self.already
        if already is not None and self.host is not None:
            self._restart()
            self.sending.cancel()
            self.host.open_member(already)

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        member = UUID(str(facts["member"]))
        card = str(answers[1].facts["card"]) if len(answers) > 1 else ""
        self._result = EnrolResult(member, str(facts["member_no"]), masked_name(self._draft.name), card)
        self._restart()

    def finish(self) -> None:
        """Straight on with the new member."""
        result = self._result
        if self.done and result is not None:
            self._result = None
            self.sending.cancel()
            if self.host is not None:
                self.host.open_member(result.member)

    def empty(self) -> None:
        if self.sending.state.editable:
            self._restart()
            self.sending.cancel()
            self.opened()

    def lock(self) -> None:
        """PINs that were typed are forgotten when the screen is locked; the rest of the form is kept."""
        if self.making.state.is_busy:
            self.making.cancel()
        super().lock()
        self._draft = replace(self._draft, pin="", pin_again="")
        self.render()

    def cancel(self) -> None:
        if self.making.state.is_shown:
            self.making.cancel()
        else:
            super().cancel()

    def mint(self) -> None:
        self._draft = replace(self._draft, ids=_ids())

    def summary(self) -> Summary:
        draft = self._draft
        lines = (
            SummaryLine(mark("Phone"), masked_phone(draft.phone)),
            SummaryLine(mark("Card"), masked_card(draft.card)),
        )
        return Summary(mark("New member"), masked_name(draft.name), lines)

    @property
    def at(self) -> str:
        """The field that the problem is about."""
        problem = self.sending.state.problem
        if problem is None:
            return ""
        if problem.code.startswith("text."):
            return str(problem.facts.get("field", ""))
        return _FIELD_OF.get(problem.code) or ("card" if problem.code.startswith("card.") else "")

    @property
    def already(self) -> UUID | None:
        """Who has this phone."""
        problem: Problem | None = self.sending.state.problem
        if problem is None or problem.code != "member.phone_in_use":
            return None
        return UUID(str(problem.facts["member"]))

    def render(self) -> None:
        result = self._result if self.done else None
        self.screen.show_enrol(
            EnrolState(
                self._draft,
                self.at,
                self.already,
                self.sending.state,
                result,
                self.making.state,
                self.making.is_possible,
                self._card_is_made,
            )
        )

    def _operations(self, draft: EnrolDraft) -> tuple[Operation, ...]:
        """Raises Refused where a field cannot be right."""
        if draft.pin or draft.pin_again:
            if draft.pin != draft.pin_again:
                raise Refused("pin.not_the_same")
            checked_pin(draft.pin)
        agreed: list[Purpose] = []
        for purpose, yes in (
            ("service", draft.service),
            ("marketing", draft.marketing),
            ("profiling", draft.profiling),
        ):
            if yes:
                agreed.append(purpose)  # type: ignore[arg-type]  # mypy widens the tuple's literals to str
        enrol = EnrolMember(
            id=draft.ids.enrol,
            member=draft.ids.member,
            person=Person(draft.name, draft.phone, _birthday(draft.birthday), draft.gender),
            confirmed_adult=draft.adult,
            consents=tuple(Consent(purpose, CONSENT_TEXT_VERSION) for purpose in agreed),
        ).normalised()
        number = draft.card.replace(" ", "")
        if not number:
            return (enrol,)
        return enrol, IssueCard(id=draft.ids.issue, member=draft.ids.member, number=number)

    def _made(self, number: str, issue: int) -> None:
        """The card in the clerk's hand is good; if the form is refused now, it waits for the corrected one."""
        self._draft = replace(self._draft, card=number)
        self._card_was_typed = self._card_is_made = True
        self.enrol()

    def _making_changed(self) -> None:
        self.render()
        self.shows()
        if not self.making.state.is_busy and self.host is not None:
            self.host.settled()

    def _prefill(self, number: str) -> None:
        if not self._card_was_typed and self.sending.state.editable:
            self._draft = replace(self._draft, card=number)
            self.render()

    def _no_card(self, failure: Exception) -> None:
        """A member can be enrolled without a card; the form says that none is left."""
        problem = self.services.problem(failure)
        self.sending.fail(problem)

    def _restart(self) -> None:
        self._draft, self._card_was_typed, self._card_is_made = EnrolDraft(_ids()), False, False
        self.making.rest()


def _birthday(typed: str) -> date | None:
    """Raises Refused("member.birthday_unreadable")."""
    plain = typed.strip().replace("/", "-").replace(".", "-")
    if not plain:
        return None
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a birthday has no zone
        except ValueError:
            continue
    raise Refused("member.birthday_unreadable", typed=plain[:12])
