"""Desks and the offline rules, without a window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.domain.desk_kind import DeskKind
from app.domain.enrolment_code import code_hash
from app.domain.errors import Refused, Unavailable
from app.domain.offline_rules import RANGES, OfflinePolicy, OfflineRules
from app.operations.open_enrolment import OpenEnrolment
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.suspend_desk import SuspendDesk
from app.ports.hub import AllDesks
from app.queries.rows import StaffRow
from tests.support.hub_link import FakeRoll, some_desks
from tests.unit.presenters.fakes import SUPERVISOR, Desk, FakeQueries
from ui.catalogue.keeping import NEW, KeepingState
from ui.counter.services import SignedIn
from ui.desks.presenter import CODE, DESK, ENROL, LOST, RESUME, RETIRE, SUSPEND, DesksPresenter, clock_is_wrong
from ui.settings.offline.presenter import FIGURES, OfflinePresenter, OfflineState, figure, read, shown

ADMINISTRATOR = SignedIn(UUID(int=7), "9001", "周敏", "administrator")


class Rolls(FakeQueries):
    def staff_roll(self) -> tuple[StaffRow, ...]:
        return (
            StaffRow("1001", "张丽", "clerk", 0, None, locked_for_good=False),
            StaffRow("2001", "李强", "supervisor", 0, None, locked_for_good=False),
            StaffRow("2002", "王敏", "supervisor", 10, None, locked_for_good=True),
        )


class Seen:
    def __init__(self) -> None:
        self.state: KeepingState[Any] = KeepingState()
        self.rules = OfflineState()

    def show_state(self, state: KeepingState[Any]) -> None:
        self.state = state

    def show_rules(self, state: OfflineState) -> None:
        self.rules = state


@pytest.fixture
def desk() -> Desk:
    made = Desk(queries=Rolls())
    made.person = ADMINISTRATOR
    return made


def test_the_headline_is_what_all_desks_may_have_on_their_way_and_what_is_owed(desk: Desk) -> None:
    made = keeping(desk)
    found = made.exposure()
    assert found is not None
    assert (found.desks, found.per_desk, found.most) == (5, 50_000, 250_000)
    assert (found.on_its_way, found.owed, found.owing) == (12_400, 1_200, 3)
    strict = keeping(desk, replace(some_desks(), strict=True))
    bound = strict.exposure()
    assert bound is not None
    assert bound.most == 0, "nothing can be overspent"


def test_before_the_hub_has_said_anything_there_is_no_headline(desk: Desk) -> None:
    made = keeping(desk, AllDesks(some_desks().rows))
    assert made.exposure() is None


def test_a_desk_that_is_gone_has_nothing_on_its_way(desk: Desk) -> None:
    told = some_desks()
    rows = tuple(replace(row, floor_used=700) if row.state in ("lost", "retired") else row for row in told.rows)
    made = keeping(desk, replace(told, rows=rows))
    found = made.exposure()
    assert found is not None
    assert found.on_its_way == 12_400


def keeping(desk: Desk, *answers: AllDesks | Exception) -> DesksPresenter:
    made = DesksPresenter(Seen(), desk.services, FakeRoll(*answers))
    made.open()
    return made


def filled(presenter: DesksPresenter, **typed: str) -> None:
    for name, value in typed.items():
        presenter.put(name, value)


def row(presenter: DesksPresenter, number: int) -> Any:
    return next(each for each in presenter.state.rows if each.number == number)


def test_what_may_be_done_follows_from_how_a_desk_stands(desk: Desk) -> None:
    presenter = keeping(desk)
    assert [presenter.possible(row(presenter, number)) for number in (1, 4, 5, 6, 7)] == [
        (SUSPEND, RETIRE, LOST),
        (ENROL, RETIRE, LOST),
        (RESUME, RETIRE, LOST),
        (ENROL, LOST),
        (ENROL,),
    ]


def test_a_supervisor_sees_all_and_does_nothing(desk: Desk) -> None:
    desk.person = SUPERVISOR
    presenter = keeping(desk)
    assert len(presenter.state.rows) == 9
    assert {presenter.possible(each) for each in presenter.state.rows} == {()}


def test_one_person_suspends_and_two_report_lost(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(SUSPEND, row(presenter, 1))
    presenter.save()
    assert (presenter.state.problem_field, presenter.state.problem and presenter.state.problem.code) == (
        "own_pin",
        "pin.required",
    )
    filled(presenter, own_pin="468024")
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, SuspendDesk)
    assert (operation.desk, presenter.state.saved) == ("K01", "suspend")
    presenter.start(LOST, row(presenter, 1))
    filled(presenter, own_pin="468024")
    presenter.save()
    assert presenter.state.problem_field == "approver_pin"
    filled(presenter, approver_pin="246801")
    presenter.save()
    submission = desk.authority.submitted[-1]
    assert isinstance(submission.operations[0], ReportDeskLost)
    assert submission.approval is not None
    assert submission.approval.staff == "2001", "whoever may approve and is not locked out"


def test_a_code_is_shown_once_and_only_its_hash_is_written(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(NEW)
    assert presenter.state.form is not None
    assert presenter.state.form.value("number") == "10", "the next that is free"
    filled(presenter, name="五楼服务台", desk="K10", own_pin="468024", approver_pin="246801")
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, OpenEnrolment)
    assert operation.kind is DeskKind.COUNTER
    form = presenter.state.form
    assert form is not None
    assert form.kind == CODE
    assert code_hash(form.value("code")) == operation.code_hash
    presenter.leave_form()
    presenter.start(CODE)
    assert presenter.state.form is not None
    assert presenter.state.form.value("code") == ""


def test_a_desk_that_enrols_again_stays_what_it_is(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(ENROL, row(presenter, 2))
    filled(presenter, own_pin="468024", approver_pin="246801")
    presenter.save()
    presenter.start(NEW)
    filled(presenter, name="支付平台", desk="T01", kind="till", own_pin="468024", approver_pin="246801")
    presenter.save()
    kinds = [operation.kind for operation in desk.authority.operations if isinstance(operation, OpenEnrolment)]
    assert kinds == [DeskKind.KIOSK, DeskKind.TILL]


def test_a_till_is_stopped_and_gets_another_key_but_has_nothing_to_wipe(desk: Desk) -> None:
    presenter = keeping(desk)
    tills = [replace(row(presenter, 1), kind="till", state=state) for state in ("active", "suspended", "retired")]
    assert [presenter.possible(till) for till in tills] == [(SUSPEND, RETIRE, ENROL), (RESUME, RETIRE, ENROL), (ENROL,)]


def test_a_number_that_is_taken_is_said_before_anybody_types_a_pin(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(NEW)
    filled(presenter, name="五楼", desk="K10", number="3")
    presenter.save()
    assert (presenter.state.problem_field, desk.authority.operations) == ("number", [])


def test_cut_off_from_the_hub_what_it_said_last_stays_and_nothing_can_be_done(desk: Desk) -> None:
    presenter = keeping(desk, some_desks(), AllDesks(()))
    presenter.open()
    assert len(presenter.state.rows) == 9
    assert not presenter.reached
    assert presenter.possible(row(presenter, 1)) == ()
    alone = keeping(desk, replace(some_desks(), at=None))
    assert len(alone.state.rows) == 9


def test_a_refusal_keeps_the_form_and_asks_for_the_pin_that_was_wrong(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(RETIRE, row(presenter, 2))
    filled(presenter, own_pin="468024", approver_pin="000000")
    desk.authority.failures.append(Refused("pin.wrong", staff="2001", left=4))
    presenter.save()
    assert presenter.state.problem_field == "approver_pin"
    desk.authority.failures.append(Refused("desk.unsent", desk="K02", count=1_284))
    presenter.save()
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.problem_field) == ("desk.unsent", "")
    assert presenter.state.form is not None


def test_looking_again_leaves_what_is_being_typed(desk: Desk) -> None:
    presenter = keeping(desk)
    presenter.start(DESK, row(presenter, 1))
    presenter.refresh()
    assert presenter.state.form is not None
    assert presenter.now(presenter.state.form.whose()).desk == "K01"


def test_two_minutes_are_a_clock_that_is_wrong(desk: Desk) -> None:
    presenter = keeping(desk)
    assert [clock_is_wrong(row(presenter, number)) for number in (1, 3, 9)] == [False, True, False]


# -- the offline rules --


def ruling(desk: Desk, *answers: AllDesks | Exception) -> OfflinePresenter:
    made = OfflinePresenter(Seen(), desk.services, FakeRoll(*answers))
    made.open()
    return made


def test_the_rules_in_force_stand_in_the_form_in_the_units_of_people(desk: Desk) -> None:
    presenter = ruling(desk)
    assert (presenter.state.typed["licence_s"], presenter.state.licensed) == ("24", 5)
    assert not presenter.state.is_changed
    assert (shown("licence_s", 5_400), figure("licence_s", "1.5"), figure("per_desk", "50,000")) == (
        "1.5",
        5_400,
        50_000,
    )
    assert figure("per_desk", "1.5") is None
    assert figure("per_desk", "NaN") is None


def test_two_people_change_them_at_once(desk: Desk) -> None:
    presenter = ruling(desk)
    for name, value in (("policy", "strict"), ("per_member", "1500"), ("own_pin", "468024")):
        presenter.put(name, value)
    presenter.save()
    assert presenter.state.problem_field == "approver_pin"
    presenter.put("approver_pin", "246801")
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, SetOfflineRules)
    assert operation.rules == replace(OfflineRules(), policy=OfflinePolicy.STRICT, per_member=1_500)
    assert presenter.state.saved
    assert "own_pin" not in presenter.state.typed


@pytest.mark.parametrize(
    ("name", "value", "field", "code"),
    [
        ("per_member", "tausend", "per_member", "offline_rules.not_a_figure"),
        ("licence_s", "30", "licence_s", "offline_rules.out_of_range"),
        ("contact_timeout_s", "1", "contact_timeout_s", "offline_rules.out_of_range"),
        ("per_redemption", "3000", "", "offline_rules.out_of_order"),
    ],
)
def test_figures_that_cannot_be_are_said_where_they_stand(
    desk: Desk, name: str, value: str, field: str, code: str
) -> None:
    presenter = ruling(desk)
    presenter.put(name, value)
    presenter.save()
    assert presenter.state.problem is not None
    assert (presenter.state.problem_field, presenter.state.problem.code) == (field, code)
    assert desk.authority.operations == []


def test_every_figure_of_the_rules_stands_in_the_form_so_that_none_is_put_back_by_saving() -> None:
    rules = OfflineRules(OfflinePolicy.STRICT, *range(2_000, 2_000 + len(RANGES)))
    typed = {"policy": "strict", **{name: shown(name, getattr(rules, name)) for name in RANGES}}
    assert set(FIGURES) == set(RANGES)
    assert all(figure(name, typed[name]) is not None for name in RANGES)
    assert read({**typed, "share_percent": "70"}).share_percent == 70  # type: ignore[union-attr]


def test_who_may_not_change_them_sees_them(desk: Desk) -> None:
    desk.person = SUPERVISOR
    presenter = ruling(desk)
    presenter.put("per_member", "1500")
    presenter.save()
    assert (presenter.state.may_change, desk.authority.operations) == (False, [])


def test_a_hub_that_does_not_answer_is_said(desk: Desk) -> None:
    presenter = ruling(desk, Unavailable("hub.no_answer"))
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "hub.no_answer"
