"""All desks of the mall as the hub has them: how they stand, and what may be done about it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.desk_kind import DeskKind
from app.domain.enrolment_code import code_hash, new_enrolment_code
from app.domain.staff import RIGHTS, Right, Role
from app.operations.base import Operation
from app.operations.open_enrolment import OpenEnrolment
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.resume_desk import ResumeDesk
from app.operations.retire_desk import RetireDesk
from app.operations.suspend_desk import SuspendDesk
from app.ports.authority import Answer, ApprovalGiven, Submission
from app.ports.hub import AllDesks, DeskRoll, DeskStands
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, KeepingScreen, Request, is_code
from ui.counter.services import CounterServices, Problem, SignedIn

DESK = "desk"  # how one desk stands, with what may be done about it
SUSPEND, RESUME, RETIRE, LOST, ENROL = "suspend", "resume", "retire", "lost", "enrol"
CODE = "code"  # an enrolment code, shown once
ALONE = frozenset({SUSPEND})  # what needs no second person
HIGHEST_NUMBER = 99


@dataclass(frozen=True)
class Exposure:
    """What the whole mall stands to lose by its desks being cut off, in points: of `desks` each may have `per_desk` on
    their way, together no more than `most`; `on_its_way` now; `owed` by `owing` members. Under `strict` nothing of it
    can be overspent."""

    desks: int
    per_desk: int
    most: int
    on_its_way: int
    owed: int
    owing: int
    strict: bool


class DesksPresenter(Keeper[DeskStands]):
    """The administrator acts, a second person agrees; a supervisor sees. `known` is what the hub said last."""

    def __init__(self, screen: KeepingScreen, services: CounterServices, roll: DeskRoll) -> None:
        super().__init__(screen, services)
        self._roll = roll
        self.known = AllDesks(())
        self.reached = False  # what stands in the list was asked just now
        self.approvers: tuple[tuple[str, str], ...] = ()
        self._code = ""

    @property
    def may_keep(self) -> bool:
        return self.services.may(Right.DESKS)

    def load(self) -> tuple[DeskStands, ...]:
        """Cut off, what the hub said last stays in sight; before it ever did, there are names."""
        found = self._roll.desks()
        self.reached = found.at is not None
        if self.reached or self.known.at is None:
            self.known = found
        self.approvers = tuple(
            (row.staff, row.name)
            for row in self.services.queries.staff_roll()
            if Right.APPROVE in RIGHTS[Role(row.role)] and not row.locked_for_good
        )
        return self.known.rows

    def exposure(self) -> Exposure | None:
        """None before the hub has ever said. What desks have on their way is what each told last."""
        known = self.known
        if known.at is None:
            return None
        working = [row for row in known.rows if row.state in ("active", "suspended")]
        return Exposure(
            known.licensed,
            known.per_desk,
            0 if known.strict else known.licensed * known.per_desk,
            sum(row.floor_used or 0 for row in working),
            known.owed,
            known.owing,
            known.strict,
        )

    def fits(self, row: DeskStands, typed: str) -> bool:
        return typed in row.name.lower() or typed in row.desk.lower() or typed == str(row.number)

    def filled(self, kind: str, row: DeskStands | None) -> Mapping[str, str]:
        """The next free number for a new desk; whoever may approve, where it is one person."""
        second = {"approver": self.approvers[0][0]} if self.approvers else {}
        if kind == NEW:
            taken = {each.number for each in self.known.rows}
            free = next((number for number in range(1, HIGHEST_NUMBER + 1) if number not in taken), None)
            return {"number": str(free) if free else "", "kind": DeskKind.COUNTER.value, **second}
        if kind == CODE:
            return {"code": self._code}
        return second

    def possible(self, row: DeskStands) -> tuple[str, ...]:
        """What may be done about a desk now, the mildest first."""
        if not self.may_keep or not self.reached:
            return ()
        if is_till(row):  # it holds nothing that could be wiped; a new code gives it a new key
            return {"active": (SUSPEND, RETIRE, ENROL), "suspended": (RESUME, RETIRE, ENROL)}.get(row.state, (ENROL,))
        match row.state:
            case "active":
                return (SUSPEND, RETIRE, LOST)
            case "suspended":
                return (ENROL, RETIRE, LOST) if row.must_enrol else (RESUME, RETIRE, LOST)
            case "retired":
                return (ENROL, LOST)
            case _:
                return (ENROL,) if row.state else ()

    def request(self, form: Form[DeskStands], person: SignedIn) -> Request:
        operation = self._operation(form)
        if not form.value("own_pin"):
            raise Invalid("own_pin", "pin.required")
        approval = None
        if form.kind not in ALONE:
            if not form.value("approver"):
                raise Invalid("approver", "approval.required")
            if not form.value("approver_pin"):
                raise Invalid("approver_pin", "pin.required")
            approval = ApprovalGiven(form.value("approver"), form.value("approver_pin"))
        name = form.row.name if form.row is not None else form.value("name")
        submission = Submission((operation,), person.session, approval, pin=form.value("own_pin"))
        return Request(submission, form.kind, name)

    def _operation(self, form: Form[DeskStands]) -> Operation:
        row = form.row
        match form.kind:
            case "suspend":
                return SuspendDesk(desk=form.whose().desk)
            case "resume":
                return ResumeDesk(desk=form.whose().desk)
            case "retire":
                return RetireDesk(desk=form.whose().desk)
            case "lost":
                return ReportDeskLost(desk=form.whose().desk)
            case "enrol":
                assert row is not None
                return self._enrolment(row.desk, row.name, row.number, DeskKind(row.kind))
            case _:
                return self._enrolment(*self._new_desk(form))

    def _new_desk(self, form: Form[DeskStands]) -> tuple[str, str, int, DeskKind]:
        desk, name, number = form.value("desk"), form.value("name"), form.value("number")
        if not is_code(desk):
            raise Invalid("desk", "code.unreadable")
        if any(row.desk == desk for row in self.known.rows):
            raise Invalid("desk", "desk.exists", desk=desk)
        if not number.isdigit() or not 1 <= int(number) <= HIGHEST_NUMBER:
            raise Invalid("number", "desk.number_range", lowest=1, highest=HIGHEST_NUMBER)
        if any(row.number == int(number) for row in self.known.rows):
            raise Invalid("number", "desk.exists", number=int(number))
        return desk, name, int(number), DeskKind(form.value("kind"))

    def _enrolment(self, desk: str, name: str, number: int, kind: DeskKind) -> OpenEnrolment:
        """Raises Refused for a name that cannot be one."""
        self._code = new_enrolment_code()
        made = code_hash(self._code)
        return OpenEnrolment(desk=desk, name=name, number=number, code_hash=made, kind=kind).normalised()

    def after(self, answers: tuple[Answer, ...]) -> None:
        """The code is shown now, and by nobody ever again."""
        if answers and answers[0].verb == OpenEnrolment.verb:
            self.start(CODE)
        self._code = ""

    def field_of(self, problem: Problem, form: Form[DeskStands]) -> str:
        if problem.code == "pin.wrong":
            return "approver_pin" if problem.facts.get("staff") == form.value("approver") else "own_pin"
        if problem.code.startswith("approval."):
            return "approver"
        return "name" if problem.code.startswith("text.") and form.kind == NEW else ""

    def person_changed(self) -> None:
        self.known, self.reached = AllDesks(()), False
        super().person_changed()

    def now(self, row: DeskStands) -> DeskStands:
        """The same desk as it stands by now."""
        return next((each for each in self.known.rows if each.desk == row.desk), row)

    def refresh(self) -> None:
        """Now and then, while somebody looks; what is being typed is left alone."""
        if not self.state.loading and not self.state.busy:
            self.open()


def clock_is_wrong(row: DeskStands, most_ms: int = 120_000) -> bool:
    """Beyond two minutes its days are no longer trusted (RELIABILITY.md 4.11)."""
    return row.clock_skew_ms is not None and abs(row.clock_skew_ms) > most_ms


def is_till(row: DeskStands) -> bool:
    """It only tells sales: the hub never hears anything else of it."""
    return row.kind == DeskKind.TILL.value
