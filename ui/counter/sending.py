"""From a filled form to an answer: what is still needed is asked first (the member's PIN, a second person), then all of
it is submitted at once.

One `Sending` belongs to one form. Its operations carry ids that the form minted once, so a retry after a broken
connection is the same request and can never take effect twice; while it is under way a second Enter does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID

from app.domain.approval_card import ApprovalCard, read_approval_card
from app.domain.card_code import PresentedCard
from app.operations.base import ApprovalRequirement, Operation
from app.operations.present_member_code import PresentMemberCode
from app.ports.authority import Answer, ApprovalGiven, Requirements, Submission
from app.queries.rows import StaffTile
from ui.counter.services import CounterServices, Problem, SignedIn


class Step(Enum):
    FORM = "form"
    CHECKING = "checking"  # asking what is still needed
    MEMBER_PIN = "member_pin"
    MEMBER_AGREES = "member_agrees"  # on the screen of their own: a key is enough where no PIN is needed
    APPROVAL = "approval"
    SENDING = "sending"
    DONE = "done"


@dataclass(frozen=True)
class SendingState:
    """What a view shows of it. `approvers` never holds the person who asks."""

    step: Step = Step.FORM
    problem: Problem | None = None
    why: ApprovalRequirement | None = None
    approvers: tuple[StaffTile, ...] = ()
    requester: str = ""
    card_of: str = ""  # whose approval card was read
    unsure: bool = False  # it was sent and no answer came: it may have taken effect; only the same request may follow

    @property
    def editable(self) -> bool:
        return self.step is Step.FORM and not self.unsure

    @property
    def asks(self) -> bool:
        """A confirmation is open: nothing may take its place."""
        return self.step not in {Step.FORM, Step.DONE}


AT_REST = SendingState()


class Sending:
    def __init__(
        self, services: CounterServices, changed: Callable[[], None], answered: Callable[[tuple[Answer, ...]], None]
    ) -> None:
        self.services = services
        self.state = SendingState()
        self._changed = changed
        self._answered = answered
        self._submission: Submission | None = None
        self._needs_member_pin = False
        self._asks_member = False
        self.card: PresentedCard | None = None  # by which the member came
        self._shown: PresentMemberCode | None = None
        self._approval_card: ApprovalCard | None = None
        self._turn = 0  # what belongs to an earlier turn has been cancelled
        self._open: tuple[UUID, ...] = ()  # was sent and not answered: the hub may have set something aside for it

    @property
    def busy(self) -> bool:
        return self.state.asks

    def start(
        self, operations: tuple[Operation, ...], *, new_pin: str | None = None, asks_member: bool = False
    ) -> None:
        """Submit, after asking for what is missing; with `asks_member` also whether the member agrees, where they have
        a screen to do so. Does nothing while something is under way or done."""
        person = self.services.who()
        if self.state.step is not Step.FORM or person is None:
            return
        self._submission = Submission(operations, person.session, new_pin=new_pin, card=self.card)
        self._shown = None
        self._needs_member_pin = False
        self._asks_member = asks_member and self.services.member_has_screen()
        self._check(person)

    def _check(self, person: SignedIn) -> None:
        self._turn += 1
        turn = self._turn
        submission = self._whole()
        self._show(SendingState(Step.CHECKING, requester=person.name, unsure=self.state.unsure))

        def ask() -> tuple[Requirements, tuple[StaffTile, ...]]:
            needs = self.services.authority.requirements(submission)
            approvers = self.services.queries.staff() if needs.approval else ()
            return needs, tuple(one for one in approvers if one.may_approve and one.staff != person.staff)

        def told(found: tuple[Requirements, tuple[StaffTile, ...]]) -> None:
            if turn != self._turn:
                return
            needs, approvers = found
            self.state = replace(self.state, why=needs.approval, approvers=approvers)
            self._needs_member_pin = needs.member_pin
            self._ask_next()

        self.services.jobs.run(ask, told, lambda failure: self._failed(turn, failure))

    def give_member_pin(self, pin: str) -> None:
        if self.state.step is not Step.MEMBER_PIN or self._submission is None:
            return
        self._submission = replace(self._submission, member_pin=pin)
        self._ask_next()

    def show_member_code(self, code: str) -> bool:
        """The member shows the code on their phone: instead of their PIN, or of the second person who would have to
        agree because there is none. False where nothing of that kind is asked."""
        submission, person = self._submission, self.services.who()
        asked = self.state.step in {Step.MEMBER_PIN, Step.MEMBER_AGREES} or (
            self.state.step is Step.APPROVAL
            and self.state.why is not None
            and self.state.why.why == "approval.no_member_pin"
        )
        member = submission.operations[0].subject() if submission is not None else None
        if not asked or member is None or person is None:
            return False
        self._shown = PresentMemberCode(member=member, code=code)
        self._needs_member_pin = self._asks_member = False
        self._check(person)
        return True

    def show_approval_card(self, text: str) -> bool:
        """A supervisor holds their card to the scanner: it says who approves, and proves it to the hub together with
        their PIN. False where nobody is asked to approve."""
        card = read_approval_card(text)
        if card is None or self.state.step is not Step.APPROVAL:
            return False
        if card.staff not in {one.staff for one in self.state.approvers}:
            person = self.services.who()
            own = person is not None and person.staff == card.staff
            problem = Problem("approval.same_person") if own else Problem("approval.no_right", {"staff": card.staff})
            self._show(replace(self.state, problem=problem))
            return True
        self._approval_card = card
        self._show(replace(self.state, card_of=card.staff, problem=None))
        return True

    def _whole(self) -> Submission:
        assert self._submission is not None
        if self._shown is None:
            return self._submission
        return replace(self._submission, operations=(self._shown, *self._submission.operations))

    def member_agrees(self) -> None:
        """They pressed their key, or said so."""
        if self.state.step is Step.MEMBER_AGREES:
            self._asks_member = False
            self._ask_next()

    def approve(self, staff: str, pin: str) -> None:
        """A second person agrees to exactly these operations, with their own PIN."""
        if self.state.step is not Step.APPROVAL or self._submission is None:
            return
        if staff not in {one.staff for one in self.state.approvers}:
            return
        card = self._approval_card
        secret = card.secret if card is not None and card.staff == staff else None
        self._submission = replace(self._submission, approval=ApprovalGiven(staff, pin, secret))
        self._submit()

    def cancel(self) -> None:
        """Back to the form with all that was typed; what is already on its way is waited for."""
        if self.state.step is Step.SENDING:
            return
        self._turn += 1
        self._give_up()
        self._forget()
        self._show(SendingState())

    def fail(self, problem: Problem) -> None:
        """The form itself found something that cannot work."""
        if self.state.editable:
            self._show(SendingState(problem=problem))

    def clear_problem(self) -> None:
        if self.state.editable and self.state.problem is not None:
            self._show(SendingState())

    def _ask_next(self) -> None:
        assert self._submission is not None
        if self._needs_member_pin and self._submission.member_pin is None:
            self._show(replace(self.state, step=Step.MEMBER_PIN, problem=None))
        elif self._asks_member and self._submission.member_pin is None:
            self._show(replace(self.state, step=Step.MEMBER_AGREES, problem=None))
        elif self.state.why is not None and self._submission.approval is None:
            self._show(replace(self.state, step=Step.APPROVAL, problem=None))
        else:
            self._submit()

    def _submit(self) -> None:
        submission = self._whole()
        first = 0 if self._shown is None else 1  # the form asked for what comes after the code that was shown
        turn = self._turn
        self._show(replace(self.state, step=Step.SENDING, problem=None))

        def done(answers: tuple[Answer, ...]) -> None:
            if turn != self._turn:
                return
            self._forget()
            self._open = ()
            self.state = SendingState(Step.DONE)
            self._answered(answers[first:])

        self.services.jobs.run(
            lambda: self.services.authority.submit(submission), done, lambda failure: self._failed(turn, failure)
        )

    def _failed(self, turn: int, failure: Exception) -> None:
        if turn != self._turn:
            return
        problem = self.services.problem(failure)
        submission = self._submission
        assert submission is not None
        if problem.again and self.state.step is Step.SENDING:
            self._open = tuple(operation.id for operation in self._whole().operations)
        unsure = problem.again and (self.state.step is Step.SENDING or self.state.unsure)
        self.state = replace(self.state, unsure=unsure)
        if problem.code == "member.pin_required" and not self._needs_member_pin:
            self._needs_member_pin = True
            self._ask_next()
        elif problem.code == "approval.required" and submission.approval is None:
            self._find_approvers(turn, problem)
        elif self._shown is not None and problem.code.startswith("card."):
            self._shown = None  # another code, or the PIN
            self._submission = replace(submission, approval=None)
            self._needs_member_pin = True
            self._show(replace(self.state, step=Step.MEMBER_PIN, problem=problem))
        elif self._is_about_member_pin(problem, submission):
            self._submission = replace(submission, member_pin=None, approval=None)
            self._show(replace(self.state, step=Step.MEMBER_PIN, problem=problem))
        elif submission.approval is not None and (
            problem.again or problem.code.startswith(("pin.", "staff.", "approval.", "approval_card."))
        ):
            self._submission = replace(submission, approval=None)
            if problem.code.startswith("approval_card."):
                self._approval_card = None  # another one
            card_of = self._approval_card.staff if self._approval_card is not None else ""
            self._show(replace(self.state, step=Step.APPROVAL, problem=problem, card_of=card_of))
        else:
            self._forget()
            self._show(SendingState(problem=problem, unsure=unsure))

    def _is_about_member_pin(self, problem: Problem, submission: Submission) -> bool:
        """A wrong PIN says whose it was; where it does not, it was the member's unless somebody approved."""
        if not self._needs_member_pin or submission.member_pin is None:
            return False
        if problem.code.startswith("member.pin"):
            return True
        whose = problem.facts.get("whose", "member" if submission.approval is None else "staff")
        return problem.code == "pin.wrong" and whose == "member"

    def _find_approvers(self, turn: int, problem: Problem) -> None:
        """The figures moved between question and request: a second person is needed after all."""
        person = self.services.who()
        own = person.staff if person else ""

        def told(staff: tuple[StaffTile, ...]) -> None:
            if turn == self._turn:
                limit = problem.facts.get("limit")
                why = ApprovalRequirement(str(problem.facts.get("why", "")), limit if isinstance(limit, int) else None)
                others = tuple(one for one in staff if one.may_approve and one.staff != own)
                self.state = replace(self.state, why=why, approvers=others)
                self._ask_next()

        self.services.jobs.run(self.services.queries.staff, told, lambda failure: self._failed(turn, failure))

    def _give_up(self) -> None:
        """It may have been granted; now nobody is going to do it."""
        given_up, self._open = self._open, ()
        if given_up:
            authority = self.services.authority
            self.services.jobs.run(lambda: authority.give_up(given_up), lambda _: None, lambda _: None)

    def _forget(self) -> None:
        """PINs are not kept a moment longer than the request they were typed for."""
        self._submission = self._shown = self._approval_card = None

    def _show(self, state: SendingState) -> None:
        self.state = state
        self._changed()
