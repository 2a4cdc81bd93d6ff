from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.domain.mode import Mode
from app.ports.devices import BankCardSeen, CardSeen, DeviceKind
from app.ports.hub import HubStatus
from app.ports.preferences import AUTO_LOCK_MINUTES, LANGUAGE, THEME
from tests.gui.foundation.conftest import Desk
from tests.gui.foundation.fakes import NOW
from ui.locale import language
from ui.settings.view import SettingsView
from ui.shell.crash_panel import CrashPanel
from ui.shell.help_panel import HelpPanel
from ui.shell.idle import IdleWatch
from ui.shell.leaving import LeavingPanel
from ui.shell.palette import Palette
from ui.shell.screen import Command
from ui.theme import theme
from ui.widgets import ConfirmPanel, KeyHint


class FakeScreen(QWidget):
    """Remembers what the window asks of it."""

    icon = "counter"

    def __init__(self, name: str, key: str, commands: Sequence[Command] = ()) -> None:
        super().__init__()
        self.name, self.key = name, key
        self._commands = commands
        self.heard: list[str] = []

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return self.name

    def commands(self) -> Sequence[Command]:
        return self._commands

    def help(self) -> str:
        return "help"

    def retranslate(self) -> None:
        self.heard.append(f"language {language()}")

    def entered(self) -> None:
        self.heard.append("entered")


class FakeCounter(FakeScreen):
    def on_card(self, card: CardSeen) -> None:
        self.heard.append(f"card {card.number}")

    def search_typed(self, text: str) -> None:
        self.heard.append(f"typed {text}")

    def search_chosen(self, text: str) -> None:
        self.heard.append(f"chosen {text}")

    def search_moved(self, step: int) -> None:
        self.heard.append(f"moved {step}")

    def person_changed(self) -> None:
        self.heard.append("person")

    def blank(self) -> None:
        self.heard.append("blank")


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def counter(qtbot: QtBot, desk: Desk, ran: list[str]) -> FakeCounter:
    everywhere = Command("redeem", lambda: "积分兑换", lambda: ran.append("redeem"), "F6")
    here = Command("here", lambda: "只在这里", lambda: ran.append("here"), "F9", everywhere=False)
    counter = FakeCounter("counter", "Ctrl+1", (everywhere, here))
    desk.window.add_screen(counter)
    desk.window.add_screen(FakeScreen("settings", "Ctrl+2"))
    desk.window.show()
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.window.open()
    desk.settle()
    desk.sign_in()
    return counter


def test_signing_in_opens_the_first_screen_with_the_keyboard_in_the_search(desk: Desk, counter: FakeCounter) -> None:
    assert desk.window.session is not None
    assert desk.window.session.name == "张丽"
    assert desk.window.current is counter
    assert desk.window.focusWidget() is desk.window.search
    assert "person" in counter.heard


def test_before_signing_in_no_key_does_anything(qtbot: QtBot, desk: Desk, ran: list[str]) -> None:
    desk.window.add_screen(
        FakeCounter("counter", "Ctrl+1", (Command("x", lambda: "x", lambda: ran.append("x"), "F6"),))
    )
    desk.window.show()
    desk.window.open()
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    desk.devices.say(CardSeen("9900010000000019"))
    desk.settle()
    assert ran == []


def test_a_key_works_on_any_screen_unless_it_belongs_to_one(
    qtbot: QtBot, desk: Desk, counter: FakeCounter, ran: list[str]
) -> None:
    qtbot.keyClick(desk.window, Qt.Key.Key_F9)
    desk.window.go("settings")
    qtbot.keyClick(desk.window, Qt.Key.Key_F6)
    qtbot.keyClick(desk.window, Qt.Key.Key_F9)
    assert ran == ["here", "redeem"]


def test_a_swipe_on_any_screen_brings_the_counter_up(desk: Desk, counter: FakeCounter) -> None:
    desk.window.go("settings")
    desk.devices.say(CardSeen("9900010000000019"))
    desk.settle()
    assert desk.window.current is counter
    assert counter.heard[-1] == "card 9900010000000019"


def test_a_swipe_never_wipes_out_a_confirmation(qtbot: QtBot, desk: Desk, counter: FakeCounter) -> None:
    panel = ConfirmPanel(desk.window.overlay_host, "兑换？")
    panel.open()
    desk.devices.say(CardSeen("1"))
    desk.settle()
    assert panel.is_open
    assert desk.window.top_bar.card_waits.isVisible()
    assert "card 1" not in counter.heard
    panel.close_overlay()
    qtbot.waitUntil(lambda: "card 1" in counter.heard)
    assert not desk.window.top_bar.card_waits.isVisible()


def test_of_several_cards_the_oldest_comes_up_and_the_others_are_fetched_with_a_key(
    qtbot: QtBot, desk: Desk, counter: FakeCounter
) -> None:
    panel = ConfirmPanel(desk.window.overlay_host, "兑换？")
    panel.open()
    for number in ("1", "2", "3"):
        desk.devices.say(CardSeen(number))
    desk.settle()
    assert not desk.window.top_bar.next_card.isVisible()
    panel.close_overlay()
    qtbot.waitUntil(lambda: "card 1" in counter.heard)
    assert "card 2" not in counter.heard
    assert desk.window.top_bar.next_card.isVisible()
    assert desk.window.top_bar.next_card.text() == "还有 2 张卡在等"
    qtbot.keyClick(desk.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert counter.heard[-1] == "card 2"
    qtbot.mouseClick(desk.window.top_bar.next_card, Qt.MouseButton.LeftButton)
    assert counter.heard[-1] == "card 3"
    assert not desk.window.top_bar.next_card.isVisible()


def test_a_bank_card_is_refused_without_its_number(desk: Desk, counter: FakeCounter) -> None:
    desk.devices.say(BankCardSeen())
    desk.settle()
    assert [message.code for message in desk.messages.shown] == ["card.bank"]


def test_typing_in_the_search_comes_to_the_counter(qtbot: QtBot, desk: Desk, counter: FakeCounter) -> None:
    desk.window.go("settings")
    qtbot.keyClick(desk.window, Qt.Key.Key_F2)
    qtbot.keyClicks(desk.window.search, "wxm")
    qtbot.keyClick(desk.window.search, Qt.Key.Key_Down)
    qtbot.keyClick(desk.window.search, Qt.Key.Key_Return)
    assert desk.window.current is counter
    assert counter.heard[-3:] == ["typed wxm", "moved 1", "chosen wxm"]


def test_ctrl_k_finds_a_command_by_pinyin_initials_and_runs_it(
    qtbot: QtBot, desk: Desk, counter: FakeCounter, ran: list[str]
) -> None:
    qtbot.keyClick(desk.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = desk.window.findChildren(Palette)
    qtbot.keyClicks(palette.field, "jfdh")
    assert palette.found[0].name == "redeem"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert ran == ["redeem"]
    assert not palette.is_open


def test_f1_lists_the_keys_of_this_screen(qtbot: QtBot, desk: Desk, counter: FakeCounter) -> None:
    qtbot.keyClick(desk.window, Qt.Key.Key_F1)
    (panel,) = desk.window.findChildren(HelpPanel)
    texts = {hint.label.text() for hint in panel.findChildren(KeyHint)}
    assert {"积分兑换", "只在这里", "锁定"} <= texts


class TestLock:
    def test_it_blanks_everything_until_the_pin_is_right(self, desk: Desk, counter: FakeCounter) -> None:
        desk.window.lock()
        assert desk.window.is_locked
        assert "blank" in counter.heard
        assert desk.window.lock_view.size() == desk.window.pages.size()
        desk.window.lock_view.presenter.enter("000000")
        desk.settle()
        assert desk.window.is_locked
        desk.window.lock_view.presenter.enter("123456")
        desk.settle()
        assert not desk.window.is_locked

    def test_no_key_and_no_card_gets_behind_it(
        self, qtbot: QtBot, desk: Desk, counter: FakeCounter, ran: list[str]
    ) -> None:
        desk.window.lock()
        qtbot.keyClick(desk.window.lock_view, Qt.Key.Key_F6)
        qtbot.keyClick(desk.window.lock_view, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        desk.devices.say(CardSeen("1"))
        desk.settle()
        assert ran == []
        assert "card 1" not in counter.heard
        assert not desk.window.findChildren(Palette)

    def test_a_confirmation_is_still_there_afterwards(self, desk: Desk, counter: FakeCounter) -> None:
        panel = ConfirmPanel(desk.window.overlay_host, "兑换？")
        panel.open()
        desk.window.lock()
        desk.window.lock_view.presenter.enter("123456")
        desk.settle()
        assert panel.is_open

    def test_somebody_else_can_sign_in(self, qtbot: QtBot, desk: Desk, counter: FakeCounter) -> None:
        desk.window.lock()
        desk.window.lock_view.switch_person.emit()
        desk.settle()
        assert desk.window.pages.currentWidget() is desk.window.sign_in
        assert desk.authority.submitted[-1].operations[0].verb == "sign_out"
        desk.sign_in("2001")
        assert desk.window.session is not None
        assert desk.window.session.name == "欧阳雪"

    def test_nobody_at_the_desk_for_three_minutes_locks_it(self) -> None:
        now, locked = [0.0], list[bool]()
        watch = IdleWatch(lambda: locked.append(True), seconds=lambda: now[0])
        watch.set_after(180)
        now[0] = 179.0
        watch.look()
        watch.touch()
        now[0] = 358.0
        watch.look()
        assert locked == []
        now[0] = 359.0
        watch.look()
        watch.look()
        assert locked == [True]

    def test_never_is_never(self) -> None:
        now, locked = [0.0], list[bool]()
        watch = IdleWatch(lambda: locked.append(True), seconds=lambda: now[0])
        watch.set_after(0)
        now[0] = 1e6
        watch.look()
        assert locked == []


def test_language_and_theme_switch_while_it_runs_and_are_kept(
    qtbot: QtBot, desk: Desk, counter: FakeCounter, qapp: QApplication
) -> None:
    desk.window.choose_language("en")
    assert counter.heard[-1] == "language en"
    assert desk.window.status.connection.text == "On this machine"
    desk.window.choose_theme("dark")
    try:
        assert theme().is_dark
    finally:
        desk.window.choose_theme("light")
    assert desk.preferences.values == {LANGUAGE: "en", THEME: "light"}


def test_kept_preferences_are_applied(desk: Desk) -> None:
    desk.preferences.set(LANGUAGE, "en")
    desk.preferences.set(AUTO_LOCK_MINUTES, "nonsense")
    desk.window.apply_preferences()
    assert language() == "en"
    assert desk.window.windowTitle() == "MemberDesk"


def test_the_status_bar_says_how_things_are(desk: Desk, counter: FakeCounter) -> None:
    for health in desk.devices.states:
        desk.devices.say(health)
    desk.settle()
    status = desk.window.status
    texts = [item.text for item in status.devices.values() if not item.isHidden()]
    assert texts == ["读卡器 就绪", "打印机 缺纸"]
    assert status.slips.text == "1 张小票待打印"
    assert "小票留在打印队列" in status.devices[DeviceKind.PRINTER].toolTip()
    assert status.devices[DeviceKind.READER].toolTip() == ""
    assert status.connection.text == "本机"
    status.set_hub(HubStatus(Mode.FRESH, NOW, 3, NOW - timedelta(hours=2), 1_200, 50_000, None, 1))
    assert status.connection.text == "14:03 起离线，可照常办理"
    assert status.unsent.text == "未发送 3 · 2 小时"
    assert status.floor.text == "断网已兑 1,200/50,000"
    assert status.tasks.text == "1 项待办"
    status.set_hub(HubStatus(Mode.ONLINE))
    assert status.connection.text == "在线"
    assert all(item.isHidden() for item in (status.unsent, status.floor, status.tasks))


def test_a_bug_shows_what_to_do_once_and_the_window_stays(desk: Desk, counter: FakeCounter) -> None:
    desk.jobs.run(lambda: 1 // 0, lambda _value: None)
    desk.jobs.run(lambda: 1 // 0, lambda _value: None)
    desk.settle()
    assert len(desk.window.findChildren(CrashPanel)) == 1
    assert len(desk.messages.bugs) == 2
    assert desk.window.isVisible()


def test_a_refusal_that_nobody_handles_is_said(desk: Desk, counter: FakeCounter) -> None:
    def refuse() -> None:
        raise Refused("pin.wrong", left=1)

    desk.jobs.run(refuse, lambda _none: None)
    desk.settle()
    assert desk.messages.shown[-1].text == "密码不对，还可以试 1 次。"


def test_everything_in_the_shell_has_an_accessible_name(desk: Desk, counter: FakeCounter) -> None:
    for button in desk.window.findChildren(QWidget):
        if button.focusPolicy() & Qt.FocusPolicy.TabFocus and button.isVisible() and button.focusProxy() is None:
            assert button.accessibleName(), type(button).__name__


def test_what_is_chosen_on_the_settings_screen_is_done_at_once(desk: Desk, counter: FakeCounter) -> None:
    settings = SettingsView(desk.preferences)
    settings.name = "looks"
    desk.window.add_screen(settings)
    settings.language_chosen.emit("en")
    assert desk.window.windowTitle() == "MemberDesk"
    settings.theme_chosen.emit("dark")
    try:
        assert theme().is_dark
    finally:
        settings.theme_chosen.emit("light")


def test_the_window_opens_no_other_window(desk: Desk) -> None:
    before = set(QApplication.topLevelWindows())
    desk.window.open()
    desk.settle()
    assert not set(QApplication.topLevelWindows()) - before


def test_a_screen_that_was_behind_speaks_the_new_language_when_it_comes_up(desk: Desk, counter: FakeCounter) -> None:
    behind = FakeScreen("behind", "Ctrl+9")
    desk.window.add_screen(behind)
    desk.sign_in()
    desk.window.choose_language("en")
    assert "language en" in counter.heard
    assert behind.heard == []
    desk.window.go("behind")
    assert behind.heard == ["language en", "entered"]


def test_whoever_closes_while_something_waits_is_told_once_and_stays_unless_they_choose_otherwise(
    desk: Desk, qtbot: QtBot
) -> None:
    window = desk.window
    window.what_waits = lambda: "还有 12 笔业务未发送到中心。"
    window.show()
    assert not window.close()
    assert not window.close(), "a second time opens no second sheet"
    (panel,) = window.findChildren(LeavingPanel)
    assert (panel.text.text(), window.focusWidget()) == ("还有 12 笔业务未发送到中心。", panel.stay)
    qtbot.keyClick(panel, Qt.Key.Key_Return)
    assert (panel.is_open, window.isVisible()) == (False, True)
    assert not window.close()
    again = window.findChildren(LeavingPanel)[-1]
    again.leave.click()
    assert not window.isVisible()


def test_a_window_in_which_nothing_waits_closes_at_once(desk: Desk) -> None:
    desk.window.show()
    assert desk.window.close()
