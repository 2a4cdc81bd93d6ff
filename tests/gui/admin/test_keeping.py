"""The presenters of the administration screens; no window is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.domain.policy import RANGES, Policy
from app.operations.close_staff import CloseStaff
from app.operations.lift_lockout import LiftLockout
from app.operations.reopen_staff import ReopenStaff
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import AddGift, AddShop, AddStaff, ChangeSetting
from tests.gui.admin.conftest import GIFTS, PEOPLE
from tests.unit.presenters.fakes import FACTS, Desk, JobsLater
from ui.catalogue.gifts.presenter import GiftsPresenter, fen_of, points_of, yuan_of
from ui.catalogue.keeping import EDIT, NEW, KeepingState
from ui.catalogue.shops.presenter import ShopsPresenter
from ui.counter.services import SignedIn
from ui.settings.rules.presenter import RulesPresenter
from ui.staff.presenter import CLOSE, PERSON, PIN, StaffPresenter

ADMINISTRATOR = SignedIn(UUID(int=7), "9001", "周敏", "administrator")
MANAGER = SignedIn(UUID(int=6), "3001", "陈静", "manager")
SUPERVISOR = SignedIn(UUID(int=5), "2002", "王芳", "supervisor")


class Screen:
    def __init__(self) -> None:
        self.state: KeepingState[Any] = KeepingState()

    def show_state(self, state: KeepingState[Any]) -> None:
        self.state = state


def staff(desk: Desk, person: SignedIn = ADMINISTRATOR) -> tuple[Screen, StaffPresenter]:
    desk.person = person
    for verb in ("add_staff", "set_staff_pin", "add_gift", "add_shop", "change_setting"):
        FACTS.setdefault(verb, lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    screen = Screen()
    presenter = StaffPresenter(screen, desk.services)
    presenter.open()
    return screen, presenter


def fill(presenter: Any, **typed: str) -> None:
    for name, value in typed.items():
        presenter.put(name, value)


def test_a_person_is_added_with_a_pin_that_is_nowhere_in_the_operation(desk: Desk) -> None:
    screen, presenter = staff(desk)
    presenter.start(NEW)
    fill(presenter, staff="1009", name="Maria Fernanda García-Rodríguez", pin="135790", pin_again="135790")
    presenter.save()
    (submission,) = desk.authority.submitted
    (operation,) = submission.operations
    assert isinstance(operation, AddStaff)
    assert operation.name == "Maria Fernanda García-Rodríguez"
    assert operation.role.value == "clerk"
    assert operation.pin_verifier is None
    assert submission.new_pin == "135790"
    assert "135790" not in repr(submission)
    assert screen.state.form is None
    assert (screen.state.saved, screen.state.saved_name) == ("added", operation.name)


def test_what_cannot_be_right_is_said_at_its_field_before_anything_is_sent(desk: Desk) -> None:
    screen, presenter = staff(desk)
    presenter.start(NEW)
    said = []
    for typed in ({}, {"staff": "1009"}, {"name": "王芳"}, {"pin": "111111"}, {"pin": "135790"}):
        fill(presenter, **typed)
        presenter.save()
        problem = screen.state.problem
        assert problem is not None
        said.append((screen.state.problem_field, problem.code))
    assert said == [
        ("staff", "staff.number_letters_digits"),
        ("name", "text.missing"),
        ("pin", "pin.six_digits"),
        ("pin", "pin.too_simple"),
        ("pin_again", "pin.not_the_same"),
    ]
    assert desk.authority.submitted == []


def test_a_number_that_is_taken_keeps_the_form_and_is_said_at_the_number(desk: Desk) -> None:
    screen, presenter = staff(desk)
    desk.authority.failures = [Refused("staff.exists", staff="1001")]
    presenter.start(NEW)
    fill(presenter, staff="1001", name="张三", pin="135790", pin_again="135790")
    presenter.save()
    assert screen.state.problem_field == "staff"
    assert screen.state.form is not None
    assert screen.state.form.value("name") == "张三"


def test_a_new_pin_for_somebody_asks_for_the_administrators_own(desk: Desk) -> None:
    screen, presenter = staff(desk)
    presenter.start(PIN, PEOPLE[0])
    fill(presenter, pin="246810", pin_again="246810")
    presenter.save()
    assert screen.state.problem_field == "own_pin"
    desk.authority.failures = [Refused("pin.wrong", left=4)]
    fill(presenter, own_pin="999111")
    presenter.save()
    assert (screen.state.problem_field, screen.state.problem and screen.state.problem.code) == ("own_pin", "pin.wrong")
    fill(presenter, own_pin="135791")
    presenter.save()
    last = desk.authority.submitted[-1]
    assert isinstance(last.operations[0], SetStaffPin)
    assert (last.operations[0].staff, last.pin, last.new_pin) == ("1001", "135791", "246810")
    assert screen.state.saved == "pin"


def test_a_supervisor_lifts_a_lockout_but_adds_nobody(desk: Desk) -> None:
    screen, presenter = staff(desk, SUPERVISOR)
    assert not presenter.may_keep
    assert [presenter.is_locked(row) for row in PEOPLE] == [False, True, True, False]
    assert presenter.may_lift(PEOPLE[1])
    presenter.start(PERSON, PEOPLE[1])
    presenter.lift()
    assert [type(one) for one in desk.authority.operations] == [LiftLockout]
    assert screen.state.saved == "lifted"


def test_nothing_typed_is_left_for_the_next_person_or_behind_the_lock(desk: Desk) -> None:
    screen, presenter = staff(desk)
    presenter.start(NEW)
    fill(presenter, pin="135790")
    presenter.blank()
    assert screen.state.form is None
    presenter.start(NEW)
    presenter.person_changed()
    assert screen.state == KeepingState()


def test_rows_that_arrive_after_somebody_else_signed_in_are_not_shown(desk: Desk) -> None:
    desk.jobs = JobsLater()
    screen, presenter = staff(desk)
    presenter.person_changed()
    desk.jobs.answer_all()
    assert screen.state.rows == ()


def test_while_it_is_written_down_a_second_enter_does_nothing(desk: Desk) -> None:
    desk.jobs = JobsLater()
    screen, presenter = staff(desk)
    presenter.start(PERSON, PEOPLE[1])
    presenter.save()
    presenter.save()
    presenter.leave_form()
    assert screen.state.busy
    desk.jobs.answer_all()
    assert len(desk.authority.submitted) == 1


def test_a_list_that_cannot_be_read_says_so_and_can_be_asked_again(desk: Desk) -> None:
    def fails() -> Any:
        raise Unavailable("store.busy")

    desk.queries.staff_roll = fails  # type: ignore[method-assign] # this one time
    screen, _presenter = staff(desk)
    assert screen.state.load_problem is not None
    assert screen.state.load_problem.again


def test_people_are_found_by_number_and_name(desk: Desk) -> None:
    screen, presenter = staff(desk)
    presenter.type_filter(" 买买提 ")
    assert [row.staff for row in screen.state.rows] == ["1002"]
    presenter.type_filter("90")
    assert [row.staff for row in screen.state.rows] == ["9001"]
    assert screen.state.total == 4


def test_a_gift_shows_before_and_after_and_is_taken_off_offer_by_the_same_code(desk: Desk) -> None:
    staff(desk, MANAGER)
    screen = Screen()
    presenter = GiftsPresenter(screen, desk.services)
    presenter.open()
    presenter.start(EDIT, GIFTS[0])
    fill(presenter, points="900", value="29.50", on_offer="no")
    assert presenter.changes() == (("points", "800", "900"), ("value", "29", "29.50"), ("on_offer", "yes", "no"))
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, AddGift)
    assert (operation.gift, operation.points, operation.value_fen, operation.on_offer) == ("G-BAG", 900, 2_950, False)


def test_what_a_coupon_may_not_say_is_said_at_the_field_where_it_was_typed(desk: Desk) -> None:
    staff(desk)
    presenter = GiftsPresenter(screen := Screen(), desk.services)
    presenter.open()
    presenter.start(NEW)
    fill(presenter, gift="G-COUPON", name="咖啡券", points="300", value="30", kind="coupon", coupon_days="30")
    said = []
    for field, typed in (("coupon_terms", "满\u200b100可用"), ("coupon_shops", "铺" * 300), ("name", "")):
        presenter.put(field, typed)
        presenter.save()
        assert screen.state.problem is not None
        said.append(screen.state.problem_field)
        presenter.put(field, "咖啡券")
    assert said == ["coupon_terms", "coupon_shops", "name"]
    assert desk.authority.submitted == []


def test_a_new_gift_must_not_take_the_code_of_another(desk: Desk) -> None:
    staff(desk, MANAGER)
    screen = Screen()
    presenter = GiftsPresenter(screen, desk.services)
    presenter.open()
    presenter.start(NEW)
    said = []
    for typed in ({"gift": "杯"}, {"gift": "G-CUP"}, {"gift": "G-HAT"}, {"points": "20"}, {"value": "x"}):
        fill(presenter, **typed)
        presenter.save()
        said.append((screen.state.problem_field, screen.state.problem and screen.state.problem.code))
    assert said == [
        ("gift", "code.unreadable"),
        ("gift", "code.taken"),
        ("points", "gift.points_unreadable"),
        ("name", "text.missing"),
        ("value", "gift.value_unreadable"),
    ]
    fill(presenter, name="遮阳帽", value="")
    presenter.save()
    assert screen.state.saved == "added"


def test_a_shop_is_added_with_its_trade(desk: Desk) -> None:
    staff(desk, MANAGER)
    screen = Screen()
    presenter = ShopsPresenter(screen, desk.services)
    presenter.open()
    assert presenter.categories() == ("服装", "餐饮")
    presenter.start(NEW)
    fill(presenter, shop="S900", name="海棠书店", category="文化")
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, AddShop)
    assert (operation.shop, operation.name, operation.category) == ("S900", "海棠书店", "文化")


def rules(desk: Desk) -> tuple[Screen, RulesPresenter]:
    staff(desk, MANAGER)
    desk.queries.policy = lambda: Policy(member_pin_points=2_000)  # type: ignore[method-assign]
    screen = Screen()
    presenter = RulesPresenter(screen, desk.services)
    presenter.open()
    return screen, presenter


def test_every_figure_of_the_programme_is_listed_with_what_holds_and_what_held_at_first(desk: Desk) -> None:
    screen, _presenter = rules(desk)
    assert {row.name for row in screen.state.rows} == set(Policy.__dataclass_fields__) == set(RANGES)
    (pin,) = (row for row in screen.state.rows if row.name == "member_pin_points")
    assert (pin.value, pin.at_first) == (2_000, 1_000)


def test_a_rule_in_money_is_typed_in_yuan_and_kept_in_fen(desk: Desk) -> None:
    screen, presenter = rules(desk)
    told: list[str] = []
    presenter.on_changed = lambda: told.append("changed")
    (rule,) = (row for row in screen.state.rows if row.name == "credit_approval_fen")
    presenter.start(EDIT, rule)
    assert screen.state.form is not None
    assert screen.state.form.value("value") == "2000"
    fill(presenter, value="2500.50")
    presenter.save()
    (operation,) = desk.authority.operations
    assert isinstance(operation, ChangeSetting)
    assert (operation.name, operation.value) == ("credit_approval_fen", "250050")
    assert told == ["changed"]


def test_a_figure_out_of_reason_or_tiers_out_of_order_are_refused_in_place(desk: Desk) -> None:
    screen, presenter = rules(desk)
    named = {row.name: row for row in screen.state.rows}
    for name, value, code in (
        ("points_live_months", "0", "setting.out_of_range"),
        ("points_per_yuan", "x", "setting.out_of_range"),
        ("tier_gold_fen", "60000", "setting.tiers_out_of_order"),
        ("tier_silver_fen", "20000", "setting.tiers_out_of_order"),
    ):
        presenter.start(EDIT, named[name])
        fill(presenter, value=value)
        presenter.save()
        assert (screen.state.problem_field, screen.state.problem and screen.state.problem.code) == ("value", code)
    assert desk.authority.submitted == []


def test_amounts_are_read_as_people_write_them() -> None:
    assert [fen_of(text) for text in ("99", "99.5", "¥1,299.05", "0", "-1", "1.234", "", "１")] == [
        9_900, 9_950, 129_905, 0, None, None, None, None,
    ]  # fmt: skip
    assert [yuan_of(fen) for fen in (9_900, 9_950, 5)] == ["99", "99.50", "0.05"]
    assert [points_of(text) for text in ("1,200", "0", "x", "²")] == [1_200, 0, None, None]


def test_who_works_here_no_more_is_closed_and_opened_again_and_nobody_closes_themselves(desk: Desk) -> None:
    screen, presenter = staff(desk)
    clerk, _, _, own = presenter.state.rows
    assert presenter.may_close(clerk)
    assert not presenter.may_close(own)
    presenter.start(CLOSE, clerk)
    presenter.save()
    gone = replace(clerk, closed=True, locked_for_good=True)
    assert screen.state.saved == "closed"
    assert not presenter.is_locked(gone)
    assert not any(may(gone) for may in (presenter.may_set_pin, presenter.may_lift, presenter.may_close))
    presenter.start(PERSON, gone)
    presenter.save()
    assert screen.state.saved == "reopened"
    assert desk.authority.operations == [
        replace(CloseStaff(staff="1001"), id=desk.authority.operations[0].id),
        replace(ReopenStaff(staff="1001"), id=desk.authority.operations[1].id),
    ]
