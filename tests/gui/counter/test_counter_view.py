"""The counter with a window: keys, focus, languages, sizes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused, Unavailable
from app.ports.authority import Requirements
from app.ports.devices import CardSeen
from tests.gui.counter.a_mall import a_desk
from tests.gui.counter.conftest import Counter, services_of
from tests.unit.presenters.fakes import OUYANG, SUPERVISOR, WANG, needs_approval
from ui.approvals.view import ApprovalsView
from ui.counter.view import CounterView
from ui.gifts.shelf.view import ShelfView
from ui.locale import set_language
from ui.shell.screen import CardScreen, PersonScreen, SearchScreen, ShyScreen
from ui.theme import theme

ENTER = Qt.Key.Key_Return


def test_four_keys_redeem_a_known_gift_after_a_swipe(counter: Counter) -> None:
    counter.swipe()
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    assert [operation.verb for operation in counter.desk.authority.operations] == ["redeem", "hand_out"]
    assert counter.view.redeem.result.isVisible()


def test_enter_on_the_result_is_ready_for_the_next_gift(counter: Counter) -> None:
    test_four_keys_redeem_a_known_gift_after_a_swipe(counter)
    counter.key(ENTER)
    assert counter.view.redeem.field.hasFocus()
    assert len(counter.desk.authority.submitted) == 1


def test_a_finger_that_rests_on_enter_redeems_nothing(counter: Counter) -> None:
    counter.swipe()
    counter.type("bw")
    field = counter.view.redeem.field
    for held in (False, True, True, True):
        press = QKeyEvent(QEvent.Type.KeyPress, ENTER, Qt.KeyboardModifier.NoModifier, "\r", held)
        QApplication.sendEvent(field, press)
    assert counter.desk.authority.submitted == []
    assert len(counter.view.redeem.presenter.basket.lines) == 1


def test_plus_and_minus_change_the_last_line(counter: Counter) -> None:
    counter.swipe()
    counter.type("bw")
    counter.key(ENTER)
    counter.type("++-")
    assert counter.view.redeem.presenter.basket.lines[0].quantity == 2


def test_member_pin_and_approval_are_typed_without_a_mouse(counter: Counter) -> None:
    counter.swipe()
    counter.desk.authority.needs = needs_approval(member_pin=True)
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    counter.type("482913")
    counter.key(ENTER)
    assert counter.view.redeem.approval.isVisible()
    counter.key(Qt.Key.Key_Down)
    counter.key(Qt.Key.Key_Down)
    counter.type("771204")
    counter.key(ENTER)
    (submission,) = counter.desk.authority.submitted
    assert submission.approval is not None
    assert (submission.approval.staff, submission.approval.pin, submission.member_pin) == ("2002", "771204", "482913")


def test_a_wrong_approver_pin_is_said_beside_the_keypad(counter: Counter) -> None:
    counter.swipe()
    counter.desk.authority.needs = needs_approval()
    counter.desk.authority.failures = [Refused("pin.wrong", left=4)]
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    counter.key(Qt.Key.Key_Down)
    counter.type("000001")
    counter.key(ENTER)
    assert "4" in counter.view.redeem.approval.pin.problem.text()
    assert counter.view.redeem.approval.isVisible()


def test_esc_leaves_the_approval_and_keeps_the_basket(counter: Counter) -> None:
    counter.swipe()
    counter.desk.authority.needs = needs_approval()
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    counter.key(Qt.Key.Key_Escape)
    assert counter.view.redeem.field.hasFocus()
    assert len(counter.view.redeem.presenter.basket.lines) == 1


def test_a_refusal_is_said_in_place_in_both_languages(counter: Counter) -> None:
    counter.swipe()
    counter.desk.authority.failures = [Refused("points.not_enough", usable=2800, missing=200)]
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    chinese = counter.view.redeem.problem.text.text()
    assert "200" in chinese
    set_language("en")
    counter.view.retranslate()
    english = counter.view.redeem.problem.text.text()
    assert "200" in english
    assert english != chinese


def test_no_answer_offers_to_ask_again(counter: Counter) -> None:
    counter.swipe()
    counter.desk.authority.failures = [Unavailable("store.unreachable")]
    counter.type("bw")
    counter.key(ENTER)
    counter.key(ENTER)
    assert counter.view.redeem.problem.action.isVisible()
    counter.view.redeem.problem.action.click()
    first, second = counter.desk.authority.submitted
    assert first == second
    assert counter.view.redeem.result.isVisible()


def test_switching_the_language_keeps_what_was_begun(counter: Counter) -> None:
    counter.swipe()
    counter.type("bw")
    counter.key(ENTER)
    counter.type("ting")
    set_language("en")
    counter.view.retranslate()
    assert counter.view.redeem.field.text() == "ting"
    assert len(counter.view.redeem.presenter.basket.lines) == 1
    assert counter.view.redeem.go.accessibleName() == "Redeem"
    assert counter.view.member_view.tier.text == "Gold member"


def test_a_search_is_driven_by_the_keyboard_alone(counter: Counter) -> None:
    counter.view.search_typed("w")
    assert counter.view.found.isVisible()
    counter.view.search_moved(1)
    counter.view.search_moved(-1)
    counter.view.search_chosen("w")
    assert counter.view.member_view.presenter.state.page is not None
    assert counter.view.redeem.field.hasFocus()


def test_a_swipe_ends_a_search_and_says_so(counter: Counter, qtbot: QtBot) -> None:
    counter.view.search_typed("w")
    with qtbot.waitSignal(counter.view.search_done):
        counter.swipe()
    assert not counter.view.found.isVisible()
    assert counter.view.member_view.isVisible()


def test_an_unfinished_basket_is_one_key_away(counter: Counter) -> None:
    counter.swipe()
    counter.type("bw")
    counter.key(ENTER)
    counter.swipe("9900010000000027")
    assert counter.view.unfinished.isVisible()
    (command,) = [one for one in counter.view.commands() if one.key == "F12"]
    assert command.is_possible()
    command.run()
    assert counter.view.presenter.redeem.page is not None
    assert counter.view.presenter.redeem.page.member == WANG


def test_undo_from_the_timeline_opens_with_that_entry(counter: Counter) -> None:
    counter.swipe()
    counter.view.member_view.timeline.chosen.emit(0)
    assert counter.view.reverse.isVisible()
    assert counter.view.reverse.presenter.chosen is not None
    assert counter.view.reverse.presenter.chosen.label == "优衣库"


def test_lock_blanks_what_was_revealed(counter: Counter) -> None:
    counter.swipe()
    member = counter.view.member_view
    member.show_phone.click()
    member.presenter.reveal("call_member", "482913")
    assert member.phone.text() == "13800001234"
    counter.view.blank()
    assert member.phone.text() == "138****1234"


def test_a_member_with_two_hundred_entries_paints_only_what_is_seen(counter: Counter) -> None:
    counter.desk.queries.pages[WANG] = a_desk(200).queries.pages[WANG]
    counter.swipe()
    timeline = counter.view.member_view.timeline
    assert len(timeline.rows) == 200
    assert timeline.viewport().findChildren(QWidget) == []


def test_the_enrol_form_stands_at_the_field_that_is_wrong(counter: Counter) -> None:
    counter.view.start("enrol")
    counter.type("Zhao")  # QTest types Latin letters only
    counter.key(ENTER)
    fields = counter.view.enrol.fields
    assert fields["phone"].problem
    assert fields["phone"].edit.hasFocus()


def test_a_phone_in_use_opens_that_member(counter: Counter) -> None:
    counter.desk.authority.failures = [Refused("member.phone_in_use", member=str(OUYANG))]
    counter.view.start("enrol")
    counter.view.enrol.presenter.edit(name="赵小燕", phone="13800005678", adult=True, service=True)
    counter.view.enrol.primary()
    counter.view.enrol.problem.action.click()
    page = counter.view.member_view.presenter.state.page
    assert page is not None
    assert page.member == OUYANG


def test_the_counter_is_a_screen_for_cards_search_people_and_lock(counter: Counter) -> None:
    assert isinstance(counter.view, CardScreen)
    assert isinstance(counter.view, SearchScreen)
    assert isinstance(counter.view, PersonScreen)
    assert isinstance(counter.view, ShyScreen)
    counter.view.on_card(CardSeen("9900010000000027"))
    page = counter.view.member_view.presenter.state.page
    assert page is not None
    assert page.member == OUYANG
    counter.view.person_changed()
    assert counter.view.member_view.presenter.state.page is None


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("speech", ["zh_CN", "en"])
@pytest.mark.parametrize("size", [(936, 668), (1832, 980)])
def test_every_task_fits_and_every_control_has_a_name(
    qtbot: QtBot, qapp: QApplication, look: str, speech: str, size: tuple[int, int]
) -> None:
    theme().apply(qapp, look)
    set_language(speech)
    desk = a_desk()
    desk.person = SUPERVISOR
    desk.authority.needs = Requirements(None, member_pin=False)
    view = CounterView(services_of(desk))
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    fixture = Counter(desk, view)
    fixture.swipe()
    for task in ("redeem", "credit", "hand_out", "cards", "reverse", "adjust", "enrol"):
        fixture.view.start(task)
        QApplication.processEvents()
        assert (fixture.view.width(), fixture.view.height()) == size
        _check_controls(fixture.view)
    theme().apply(qapp, "light")


@pytest.mark.parametrize("speech", ["zh_CN", "en"])
def test_gifts_and_approvals_fit_and_have_names(qtbot: QtBot, speech: str) -> None:
    set_language(speech)
    desk = a_desk()
    desk.person = SUPERVISOR
    for kind in (ShelfView, ApprovalsView):
        view = kind(services_of(desk))
        qtbot.addWidget(view)
        view.resize(936, 668)
        view.show()
        view.entered()
        QApplication.processEvents()
        assert view.width() == 936
        _check_controls(view)


def test_a_delivery_is_received_and_undone_on_the_gifts_screen(qtbot: QtBot) -> None:
    desk = a_desk()
    view = ShelfView(services_of(desk))
    qtbot.addWidget(view)
    view.show()
    view.entered()
    view.presenter.pick("G-CUP")
    view.presenter.type_quantity("20")
    view.receive.primary()
    view.receive.primary()
    assert view.receive.result.isVisible()
    view.receive.result.undo.click()
    assert view.reverse.isVisible()
    view.reverse.presenter.set_reason("mistake")
    view.reverse.primary()
    assert [operation.verb for operation in desk.authority.operations] == ["receive_stock", "reverse"]


def _check_controls(view: QWidget) -> None:
    for control in (*view.findChildren(QAbstractButton), *view.findChildren(QLineEdit)):
        if not control.isVisible():
            continue
        assert control.accessibleName(), f"{type(control).__name__} in {type(control.parent()).__name__} has no name"
        small = isinstance(control.parent(), QWidget) and control.height() < theme().px(36)
        assert not small, f"{control.accessibleName()} is {control.height()} px high"


def test_a_slip_that_was_brought_along_is_shown_with_what_can_be_done_with_it(counter: Counter, qtbot: QtBot) -> None:
    redeemed = next(entry for entry in counter.desk.queries.pages[WANG].timeline if entry.kind == "redeemed")
    counter.desk.queries.cards["R1.SLIP.0.AAAA"] = WANG
    counter.desk.queries.slips["R1.SLIP.0.AAAA"] = redeemed.operation
    counter.swipe("R1.SLIP.0.AAAA")
    page = counter.view.member_view
    assert page.slip.isVisible()
    assert page.slip.undo.isVisible()
    assert not page.slip.hand_out.isVisible()
    assert page.timeline.currentIndex().row() == 1
    (again,) = (command for command in counter.view.commands() if command.name == "reprint_scanned")
    assert again.is_possible()
    with qtbot.waitSignal(page.reprint_wanted) as wanted:
        again.run()
    assert wanted.args == [redeemed.operation, "redemption"]
    page.slip.undo.click()
    chosen = counter.view.reverse.presenter.chosen
    assert chosen is not None
    assert chosen.operation == redeemed.operation
    page.slip.close_slip.click()
    assert not page.slip.isVisible()
    assert not again.is_possible()


def test_in_a_tight_window_the_slip_comes_before_the_task(counter: Counter) -> None:
    redeemed = next(entry for entry in counter.desk.queries.pages[WANG].timeline if entry.kind == "redeemed")
    counter.desk.queries.cards["R1.SLIP.0.AAAA"] = WANG
    counter.desk.queries.slips["R1.SLIP.0.AAAA"] = redeemed.operation
    counter.view.resize(700, 560)
    counter.swipe("R1.SLIP.0.AAAA")
    assert counter.view.member_view.slip.isVisible()
    assert counter.view.member_view.width() > 600
    counter.view.start("reverse")
    assert counter.view.panes["reverse"].isVisible()
    assert not counter.view.member_view.isVisible()
