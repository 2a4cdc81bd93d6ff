"""What the member sees of what is done for them, without a window."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from app.ports.authority import Requirements
from app.ports.devices import CustomerDisplay
from tests.unit.presenters.fakes import OUYANG, WANG, Desk, JobsLater, a_guest, needs_approval
from tests.unit.presenters.test_counter import OUYANGS_CARD, WANGS_CARD, Counter, a_counter
from ui.counter.sending import Step
from ui.locale import set_language
from ui.member_side.lines import LineDisplay
from ui.member_side.presenter import MemberSidePresenter, Seen, SeenStep


@dataclass
class Screen:
    seen: list[Seen] = field(default_factory=list)

    def show_seen(self, seen: Seen) -> None:
        self.seen.append(seen)

    @property
    def now(self) -> Seen:
        return self.seen[-1]


@dataclass
class Display:
    lines: list[tuple[str, str, tuple[str, str] | None]] = field(default_factory=list)
    amounts: list[int] = field(default_factory=list)

    def show(self, upper: str, lower: str = "", *, latin: tuple[str, str] | None = None) -> None:
        self.lines.append((upper, lower, latin))

    def show_amount(self, fen: int, kind: str = "total") -> None:
        self.amounts.append(fen)

    def clear(self) -> None: ...


def beside(counter: Counter) -> tuple[MemberSidePresenter, Screen]:
    screen = Screen()
    side = MemberSidePresenter(counter.presenter)
    side.add(screen)
    return side, screen


def test_nobody_is_shown_until_a_card_is_swiped_and_after_the_member_left() -> None:
    counter = a_counter()
    _side, screen = beside(counter)
    assert screen.now == Seen()
    counter.presenter.card_seen(WANGS_CARD)
    assert (screen.now.step, screen.now.points) == (SeenStep.GREETING, 12_480)
    counter.presenter.leave_member()
    assert screen.now == Seen()


def test_the_display_says_welcome_before_the_first_member_comes() -> None:
    screen = Screen()
    MemberSidePresenter(a_counter().presenter, [screen])
    assert screen.seen == [Seen()]


def test_only_the_masked_name_is_shown() -> None:
    counter = a_counter()
    _side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    assert "*" in screen.now.name


def test_a_basket_is_seen_as_it_grows() -> None:
    counter = a_counter()
    _side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    assert screen.now.step is SeenStep.FIGURES
    first = screen.now.after
    counter.redeem.more(1)
    assert screen.now.before == 12_480
    assert first is not None
    assert screen.now.after is not None
    assert screen.now.after < first
    counter.redeem.empty()
    assert screen.now.step is SeenStep.GREETING


def test_the_next_member_never_sees_the_basket_of_the_last_one() -> None:
    counter = a_counter()
    _side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    before = len(screen.seen)
    counter.presenter.card_seen(OUYANGS_CARD)
    assert counter.presenter.task.page is not None
    assert counter.presenter.task.page.member == OUYANG
    assert all(not seen.lines for seen in screen.seen[before:])


def test_with_a_screen_of_their_own_the_member_agrees_before_points_leave() -> None:
    counter = a_counter(Desk(member_has_screen=True))
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    counter.redeem.enter()
    assert screen.now.step is SeenStep.AGREE
    assert not counter.desk.authority.submitted
    side.agree()
    assert counter.redeem.done
    assert screen.now.step is SeenStep.DONE
    side.agree()
    assert len(counter.desk.authority.submitted) == 1


def test_a_member_who_says_no_keeps_their_points_and_the_clerk_their_basket() -> None:
    counter = a_counter(Desk(member_has_screen=True))
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    counter.redeem.enter()
    side.refuse()
    assert not counter.desk.authority.submitted
    assert counter.redeem.basket.lines
    assert screen.now.step is SeenStep.FIGURES


def test_without_a_screen_nobody_is_asked_to_agree() -> None:
    counter = a_counter()
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    counter.redeem.enter()
    assert counter.redeem.done


def test_the_pin_counts_as_agreeing_and_goes_only_where_it_was_asked() -> None:
    counter = a_counter(Desk(member_has_screen=True))
    counter.desk.authority.needs = Requirements(None, member_pin=True)
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    side.give_pin("482913")
    counter.redeem.add()
    counter.redeem.enter()
    assert screen.now.step is SeenStep.PIN
    side.give_pin("482913")
    assert counter.redeem.done
    (submission,) = counter.desk.authority.submitted
    assert submission.member_pin == "482913"


def test_while_somebody_approves_the_member_is_asked_to_wait() -> None:
    counter = a_counter(Desk(member_has_screen=True))
    counter.desk.authority.needs = needs_approval()
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    counter.redeem.enter()
    side.agree()
    assert counter.redeem.sending.state.step is Step.APPROVAL
    assert screen.now.step is SeenStep.WAIT


def test_a_locked_desk_shows_the_member_nothing() -> None:
    counter = a_counter()
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    side.blank(True)
    assert screen.now == Seen()
    side.blank(False)
    assert screen.now.points == 12_480


def test_a_card_that_is_swiped_while_the_member_is_asked_waits() -> None:
    counter = a_counter(Desk(member_has_screen=True))
    side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    counter.redeem.add()
    counter.redeem.enter()
    counter.presenter.card_seen(OUYANGS_CARD)
    assert screen.now.step is SeenStep.AGREE
    assert counter.presenter.task.page is not None
    assert counter.presenter.task.page.member == WANG
    side.refuse()
    assert counter.presenter.task.page.member == OUYANG


def test_answers_that_come_late_show_nobody_elses_figures() -> None:
    jobs = JobsLater()
    counter = a_counter(Desk(jobs=jobs))
    _side, screen = beside(counter)
    counter.presenter.card_seen(WANGS_CARD)
    assert screen.now == Seen()
    jobs.answer_all()
    assert screen.now.points == 12_480


@pytest.fixture
def display() -> Display:
    set_language("zh_CN")
    return Display()


def lines_of(display: CustomerDisplay | None) -> LineDisplay:
    return LineDisplay(lambda: display)


def test_two_lines_say_who_and_how_many(display: Display) -> None:
    lines_of(display).show_seen(Seen(SeenStep.GREETING, "王*", "gold", 12_480))
    assert display.lines == [("王* 黄金", "积分 12,480", ("Welcome", "Points 12,480"))]


def test_two_lines_say_before_and_after(display: Display) -> None:
    lines_of(display).show_seen(Seen(SeenStep.FIGURES, "王*", "gold", 12_480, "Redeem", before=12_480, after=9_480))
    (upper, lower, latin) = display.lines[0]
    assert upper
    assert lower == "12,480 → 9,480"
    assert latin == ("Points", "12,480 -> 9,480")


def test_figures_that_are_long_are_whole_all_the_same(display: Display) -> None:
    lines_of(display).show_seen(Seen(SeenStep.WAIT, "王*", "gold", 0, "Redeem", before=123_456_789, after=123_000_000))
    assert display.lines[0][1] == "123456789→123000000"


def test_the_amount_of_a_purchase_stands_on_the_display(display: Display) -> None:
    seen = Seen(SeenStep.WAIT, "王*", "gold", 100, "Credit a till slip", before=100, after=299, amount_fen=19_990)
    lines_of(display).show_seen(seen)
    assert display.amounts == [19_990]
    assert display.lines[0][0] == "金额 ￥199.90"
    assert display.lines[0][2] == ("Amount 199.90", "100 -> 299")


def test_a_desk_without_a_display_goes_on() -> None:
    lines_of(None).show_seen(Seen())


def test_a_guest_of_another_mall_sees_their_points_and_what_they_are_given_for_them() -> None:
    counter = a_counter()
    counter.desk.queries.guests["9902000000000017"] = a_guest()
    _side, screen = beside(counter)
    counter.presenter.card_seen("9902000000000017")
    assert (screen.now.step, screen.now.name, screen.now.points) == (SeenStep.GREETING, "李*", 5_000)
    counter.presenter.guest.add("G-CUP")
    assert (screen.now.step, screen.now.before, screen.now.after) == (SeenStep.FIGURES, 5_000, 2_000)
    counter.presenter.leave_member()
    assert screen.now == Seen()
