"""What only the hub may do says so before anything is typed, and works again without a click when the line is back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.mode import Mode
from tests.gui.admin.conftest import spoken
from tests.gui.sync.test_give_up import ADMINISTRATOR
from tests.support.hub_link import FakeRoll
from tests.unit.presenters.fakes import SUPERVISOR, Desk, a_page
from ui.cards.presenter import ISSUE, REPLACE
from ui.cards.view import CardsView
from ui.counter.adjust.view import AdjustView
from ui.counter.contact import Contact
from ui.settings.offline.view import OfflineView
from ui.staff.presenter import END_CARD
from ui.staff.view import StaffScreen


def test_points_are_not_adjusted_while_cut_off_and_the_form_says_so_first(qtbot: QtBot, desk: Desk) -> None:
    desk.person = SUPERVISOR
    services = spoken(desk.services)
    view = AdjustView(services)
    qtbot.addWidget(view)
    view.presenter.show_member(a_page())
    view.wake()
    view.show()
    assert not view.only_hub.isVisible()
    assert view.go.isEnabled()
    services.contact.tell(Mode.FRESH)
    assert view.only_hub.text.text() == "此项须由中心办理，请等网络恢复"
    assert view.only_hub.isVisible()
    assert not view.go.isEnabled()
    view.change.edit.setText("+500")
    qtbot.keyClick(view.change.edit, Qt.Key.Key_Return)
    assert desk.authority.submitted == []
    assert view.presenter.sending.state.problem is None, "Enter asks nothing that will be refused"
    services.contact.tell(Mode.ONLINE)
    assert not view.only_hub.isVisible()
    assert view.go.isEnabled()
    assert view.change.value == "+500", "what was typed stays"


def test_a_card_is_given_out_while_cut_off_but_not_replaced(qtbot: QtBot, desk: Desk) -> None:
    services = spoken(desk.services)
    view = CardsView(services)
    qtbot.addWidget(view)
    view.presenter.show_member(a_page())
    view.wake()
    view.show()
    services.contact.tell(Mode.STALE)
    view.presenter.begin(REPLACE)
    assert view.only_hub.isVisible()
    assert not view.go.isEnabled()
    view.presenter.cancel()
    view.presenter.begin(ISSUE)
    assert not view.only_hub.isVisible()


def test_people_are_added_only_with_the_hub(qtbot: QtBot, desk: Desk) -> None:
    desk.person = ADMINISTRATOR
    services = spoken(desk.services)
    services.contact.tell(Mode.FRESH)
    screen = StaffScreen(services)
    qtbot.addWidget(screen)
    screen.resize(1196, 700)
    screen.show()
    screen.entered()
    screen.view.start_new()
    screen.view.presenter.put("name", "王芳")
    assert screen.view.only_hub.isVisible()
    assert not screen.view.save.isEnabled()
    services.contact.tell(Mode.ONLINE)
    assert not screen.view.only_hub.isVisible()
    assert screen.view.save.isEnabled()
    form = screen.view.presenter.state.form
    assert form is not None
    assert form.value("name") == "王芳"
    screen.view.presenter.leave_form()
    services.contact.tell(Mode.FRESH)
    screen.view.presenter.start(END_CARD, screen.view.model.row(0))
    assert screen.view.save.isEnabled(), "a lost approval card is ended at once, wherever"


def test_the_offline_rules_themselves_are_changed_only_with_the_hub(qtbot: QtBot, desk: Desk) -> None:
    desk.person = ADMINISTRATOR
    services = spoken(desk.services)
    view = OfflineView(services, FakeRoll())
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show()
    view.entered()
    view.fields["per_desk"].edit.setText("60000")
    view.presenter.put("per_desk", "60000")
    assert view.save.isEnabled()
    services.contact.tell(Mode.FRESH)
    assert view.only_hub.isVisible()
    assert not view.save.isEnabled()
    services.contact.tell(Mode.ONLINE)
    assert view.save.isEnabled()


def test_whoever_listens_is_told_once_and_why() -> None:
    contact, told = Contact(), []
    contact.listen(lambda: told.append(contact.why_not))
    for mode in (Mode.ONLINE, Mode.FRESH, Mode.STALE, Mode.REVOKED, Mode.ONLINE):
        contact.tell(mode)
    assert told == ["offline.not_possible", "hub.revoked", ""]
