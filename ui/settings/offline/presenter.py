"""What desks may do while they are cut off: the figures, what they bound, and two people who change them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Protocol

from app.domain.errors import Refused
from app.domain.offline_rules import RANGES, OfflinePolicy, OfflineRules
from app.domain.staff import RIGHTS, Right, Role
from app.operations.set_offline_rules import SetOfflineRules
from app.ports.authority import Answer, ApprovalGiven, Submission
from app.ports.hub import AllDesks, DeskRoll
from ui.counter.services import CounterServices, Problem

POLICY = "policy"
POINTS = ("per_redemption", "kiosk_per_redemption", "per_member", "per_desk", "credit_per_day")
HOURS = ("newest_copy_s", "licence_s")
SECONDS = ("contact_timeout_s",)
PERCENT = ("share_percent",)
FIGURES = (*POINTS[:4], *HOURS, *SECONDS, POINTS[4], *PERCENT)  # in the order of the form
OWN_PIN, APPROVER, APPROVER_PIN = "own_pin", "approver", "approver_pin"
_AN_HOUR_S = 3600


@dataclass(frozen=True)
class OfflineState:
    """`typed` is the form; `wanted` what it says, None while a field cannot be read. `licensed`: K, 0 where the hub has
    not said."""

    in_force: OfflineRules | None = None
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    wanted: OfflineRules | None = None
    licensed: int = 0
    approvers: tuple[tuple[str, str], ...] = ()
    may_change: bool = False
    loading: bool = False
    busy: bool = False
    saved: bool = False
    problem: Problem | None = None
    problem_field: str = ""

    @property
    def is_changed(self) -> bool:
        return self.in_force is not None and self.wanted != self.in_force


class OfflineScreen(Protocol):
    def show_rules(self, state: OfflineState) -> None: ...


class OfflinePresenter:
    def __init__(self, screen: OfflineScreen, services: CounterServices, roll: DeskRoll) -> None:
        self._screen = screen
        self._services = services
        self._roll = roll
        self.state = OfflineState()

    def open(self) -> None:
        """What is being typed stays."""
        self._show(loading=self.state.in_force is None, may_change=self._services.may(Right.DESKS), problem=None)
        self._services.jobs.run(self._load, self._loaded, self._not_loaded)

    def put(self, name: str, value: str) -> None:
        if not self.state.busy and self.state.typed.get(name, "") != value:
            typed = {**self.state.typed, name: value}
            self._show(typed=typed, wanted=read(typed), problem=None, problem_field="", saved=False)

    def undo(self) -> None:
        """As it is in force."""
        rules = self.state.in_force
        if rules is not None and not self.state.busy:
            self._show(typed=self._form(rules), wanted=rules, problem=None, problem_field="", saved=False)

    def save(self) -> None:
        state, person = self.state, self._services.who()
        if person is None or state.busy or not state.may_change or not state.is_changed:
            return
        unreadable = next((name for name in FIGURES if figure(name, state.typed.get(name, "")) is None), None)
        if unreadable is not None or state.wanted is None:
            self._wrong(unreadable or "", "offline_rules.not_a_figure")
            return
        wrong = out_of_range(state.wanted)
        if wrong is not None:
            self._show(problem=wrong[1], problem_field=wrong[0])
            return
        try:
            rules = state.wanted.checked()
        except Refused as refused:
            self._show(problem=Problem(refused.code, refused.facts), problem_field="")
            return
        for name, code in ((OWN_PIN, "pin.required"), (APPROVER, "approval.required"), (APPROVER_PIN, "pin.required")):
            if not state.typed.get(name):
                self._wrong(name, code)
                return
        approval = ApprovalGiven(state.typed[APPROVER], state.typed[APPROVER_PIN])
        submission = Submission((SetOfflineRules(rules=rules),), person.session, approval, pin=state.typed[OWN_PIN])
        self._show(busy=True, problem=None, problem_field="", saved=False)
        self._services.jobs.run(
            partial(self._services.authority.submit, submission), partial(self._saved, rules), self._not_saved
        )

    def person_changed(self) -> None:
        self.state = OfflineState()
        self._screen.show_rules(self.state)

    def blank(self) -> None:
        """Locked: no PIN waits in a field."""
        kept = {name: value for name, value in self.state.typed.items() if name not in (OWN_PIN, APPROVER_PIN)}
        self._show(typed=kept)

    # Within

    def _load(self) -> tuple[OfflineRules, AllDesks, tuple[tuple[str, str], ...]]:
        approvers = tuple(
            (row.staff, row.name)
            for row in self._services.queries.staff_roll()
            if Right.APPROVE in RIGHTS[Role(row.role)] and not row.locked_for_good
        )
        return self._services.queries.offline_rules(), self._roll.desks(), approvers

    def _loaded(self, found: tuple[OfflineRules, AllDesks, tuple[tuple[str, str], ...]]) -> None:
        rules, all_desks, approvers = found
        untouched = self.state.in_force is None or not self.state.is_changed
        self._show(in_force=rules, licensed=all_desks.licensed, approvers=approvers, loading=False)
        if untouched:
            self._show(typed=self._form(rules), wanted=rules)

    def _form(self, rules: OfflineRules) -> dict[str, str]:
        second = {APPROVER: self.state.approvers[0][0]} if self.state.approvers else {}
        return {POLICY: rules.policy.value, **{name: shown(name, getattr(rules, name)) for name in FIGURES}, **second}

    def _not_loaded(self, failure: Exception) -> None:
        self._show(loading=False, problem=replace(self._services.problem(failure), again=True))

    def _saved(self, rules: OfflineRules, _answers: tuple[Answer, ...]) -> None:
        self._show(in_force=rules, busy=False, saved=True)
        self._show(typed=self._form(rules), wanted=rules)

    def _not_saved(self, failure: Exception) -> None:
        problem = self._services.problem(failure)
        at = ""
        if problem.code == "pin.wrong":
            at = APPROVER_PIN if problem.facts.get("staff") == self.state.typed.get(APPROVER) else OWN_PIN
        elif problem.code.startswith("approval."):
            at = APPROVER
        self._show(busy=False, problem=problem, problem_field=at)

    def _wrong(self, name: str, code: str) -> None:
        self._show(problem=Problem(code), problem_field=name)

    def _show(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # names are this class's own fields
        self._screen.show_rules(self.state)


def shown(name: str, value: int) -> str:
    """As people say it: hours, with a part of one where there is any; points and seconds as they are."""
    if name not in HOURS:
        return str(value)
    hours = Decimal(value) / _AN_HOUR_S
    return format(hours.quantize(Decimal("0.01")).normalize(), "f")


def figure(name: str, typed: str) -> int | None:
    """The other way round; None where it is no figure."""
    plain = typed.strip().replace(",", "").replace("，", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value < 10**12:
        return None
    if name in HOURS:
        return int(value * _AN_HOUR_S)
    return int(value) if value == value.to_integral_value() else None


def read(typed: Mapping[str, str]) -> OfflineRules | None:
    """The rules that a form says; None while one of its figures cannot be read."""
    found = {name: figure(name, typed.get(name, "")) for name in FIGURES}
    if typed.get(POLICY) not in {policy.value for policy in OfflinePolicy} or None in found.values():
        return None
    return OfflineRules(
        OfflinePolicy(typed[POLICY]), **{name: value for name, value in found.items() if value is not None}
    )


def out_of_range(rules: OfflineRules) -> tuple[str, Problem] | None:
    """The field that is, and its limits in the unit of the form."""
    for name in FIGURES:
        lowest, highest = RANGES[name]
        if not lowest <= getattr(rules, name) <= highest:
            facts = {"lowest": shown(name, lowest), "highest": shown(name, highest)}
            return name, Problem("offline_rules.out_of_range", facts)
    return None
