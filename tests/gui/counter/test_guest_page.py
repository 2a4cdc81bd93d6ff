"""The guest page with a window: found, redeemed, cut off, by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.operations.base import ApprovalRequirement
from app.operations.redeem_as_guest import RedeemAsGuest
from app.queries.rows import Found
from tests.gui.counter.conftest import Counter
from tests.unit.presenters.fakes import a_guest, needs_approval
from ui.locale import set_language

CARD, PHONE = "9902000000000017", "13800005678"
ENTER = Qt.Key.Key_Return


@pytest.fixture
def guests(counter: Counter) -> Counter:
    queries = counter.desk.queries
    queries.guests = {CARD: a_guest(usable=15_000), PHONE: a_guest(usable=15_000)}
    queries.found[PHONE] = Found((), guest=a_guest(usable=15_000))
    counter.desk.authority.needs = replace(needs_approval(), approval=ApprovalRequirement("approval.guest"))
    return counter


def test_a_guest_is_found_by_telephone_and_served_by_keys_alone(guests: Counter) -> None:
    view = guests.view
    view.search_typed(PHONE)
    assert view.found.rows.isVisible()
    view.search_chosen(PHONE)
    page = view.guest.page
    assert page.isVisible()
    assert (page.name.text(), page.phone.text(), page.usable.text()) == ("李*", "138****5678", "15,000")
    assert "北区店" in page.home.text()
    assert not view.tabs.isVisible(), "nothing that cannot be done is offered"
    assert "北区店" in page.at_home.text()
    assert view.guest.field.hasFocus()
    guests.type("bw")
    guests.key(ENTER)
    guests.key(ENTER)
    assert view.guest.approval.isVisible()
    assert "第二人" in view.guest.approval.why.text.text()
    guests.key(Qt.Key.Key_Down)
    guests.type("771204")
    (operation,) = guests.desk.authority.operations
    assert isinstance(operation, RedeemAsGuest)
    assert view.guest.result.isVisible()
    assert "北区店" in view.guest.result.text.text()
    assert not view.guest.result.undo.isVisible()
    assert page.unposted.isVisible()
    guests.key(ENTER)
    assert view.guest.field.hasFocus()
    guests.key(Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_a_home_out_of_reach_is_said_and_esc_keeps_the_basket(guests: Counter) -> None:
    guests.swipe(CARD)
    guests.desk.authority.failures = [Unavailable("group.unreachable", mall="北区店")]
    guests.type("bw")
    guests.key(ENTER)
    guests.key(ENTER)
    guests.key(Qt.Key.Key_Down)
    guests.type("771204")
    assert "北区店" in guests.view.guest.approval.pin.problem.text()
    guests.key(Qt.Key.Key_Escape)
    assert guests.view.guest.field.hasFocus()
    assert len(guests.view.guest.guests.basket.lines) == 1
    guests.desk.queries.guest_fails = [Refused("group.unreachable", mall="北区店")]
    guests.view.guest.page.again.click()
    assert guests.view.guest.page.problem.isVisible()
    assert guests.view.guest.page.usable.text() == "15,000"


def test_cut_off_from_the_own_hub_says_so_and_works_again_by_itself(guests: Counter) -> None:
    guests.swipe(CARD)
    guests.type("bw")
    guests.key(ENTER)
    contact = guests.view.services.contact
    contact.tell(Mode.FRESH)
    assert guests.view.guest.only_hub.isVisible()
    guests.key(ENTER)
    assert guests.desk.authority.submitted == []
    contact.tell(Mode.ONLINE)
    assert not guests.view.guest.only_hub.isVisible()
    guests.key(ENTER)
    assert guests.view.guest.approval.isVisible()


def test_a_swipe_whose_home_does_not_answer_names_the_mall(guests: Counter) -> None:
    guests.desk.queries.guest_fails = [Refused("group.unreachable", mall="北区店")]
    guests.swipe(CARD)
    assert "北区店" in guests.view.notice.text.text()
    assert not guests.view.guest.page.isVisible()


def test_tab_goes_from_the_gifts_through_the_basket_to_the_page(guests: Counter) -> None:
    guests.swipe(CARD)
    guests.type("bw")
    guests.key(ENTER)
    reached: list[QWidget] = []
    for _ in range(12):
        focused = guests.view.window().focusWidget()
        assert focused is not None
        if focused in reached:
            break
        reached.append(focused)
        guests.key(Qt.Key.Key_Tab)
    assert reached[0] is guests.view.guest.field
    assert guests.view.guest.go in reached
    assert guests.view.guest.page.again in reached


def test_in_a_small_window_page_and_task_take_turns(guests: Counter) -> None:
    guests.view.resize(700, 560)
    guests.swipe(CARD)
    QApplication.processEvents()
    strip = guests.view.strip
    assert strip.isVisible()
    assert "15,000" in strip.points.text()
    assert guests.view.guest.field.isVisible()
    strip.more.click()
    assert guests.view.guest.page.isVisible()
    assert not guests.view.guest.field.isVisible()


def test_the_page_speaks_both_languages(guests: Counter) -> None:
    guests.swipe(CARD)
    set_language("en")
    guests.view.retranslate()
    page = guests.view.guest.page
    assert page.home.text() == "Member of 北区店"
    assert page.usable.text() == "15,000"
