"""The window: sign-in, then rail, search, one screen, status bar; over them confirmations and the lock.

It knows no screen by name. What it shows is added by the composition; what it says comes through `Messages`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPainter, QPaintEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.errors import Refused, Unavailable
from app.domain.staff import Right
from app.operations.sign_out import SignOut
from app.ports.authority import Authority, Submission
from app.ports.devices import BankCardSeen, CardSeen, DeviceEvent, DeviceHealth, Devices, KeyboardReader, UnreadableSeen
from app.ports.preferences import AUTO_LOCK_MINUTES, LANGUAGE, TEXT_SCALE, THEME, Preferences
from app.queries.ports import Queries
from app.queries.rows import DeskStatus
from ui.jobs import QtJobs
from ui.locale import DEFAULT_LANGUAGE, language, set_language, tr
from ui.shell.card_router import CardRouter
from ui.shell.crash_panel import CrashPanel
from ui.shell.device_events import DeviceEvents
from ui.shell.help_panel import HelpPanel
from ui.shell.idle import IdleWatch
from ui.shell.keyboard import KeyboardPlace
from ui.shell.leaving import LeavingPanel
from ui.shell.lock.presenter import LockPresenter
from ui.shell.lock.view import LockView
from ui.shell.messages import BugReport, Message, Messages
from ui.shell.own_pin.presenter import OwnPinPresenter
from ui.shell.own_pin.view import OwnPinPanel
from ui.shell.palette import Palette
from ui.shell.rail import Rail
from ui.shell.screen import (
    CardScreen,
    Command,
    FindingScreen,
    LooksScreen,
    PersonScreen,
    Screen,
    SearchScreen,
    ShyScreen,
    TrialScreen,
)
from ui.shell.session import Session
from ui.shell.sign_in.presenter import SignInPresenter
from ui.shell.sign_in.view import SignInView
from ui.shell.status_bar import StatusBar
from ui.shell.top_bar import NEXT_CARD_KEY, TopBar
from ui.shell.typing_reader import TypingReader
from ui.theme import theme
from ui.widgets import Overlay, SearchField, Toast
from ui.widgets.pages import Pages

SMALLEST = QSize(1024, 768)
REFERENCE = QSize(1280, 800)
STATUS_EVERY_MS = 5000
DEFAULT_AUTO_LOCK_MINUTES = 3


@dataclass(frozen=True)
class ShellServices:
    """What the window is given. `devices` is None where a desk has none."""

    authority: Authority
    queries: Queries
    jobs: QtJobs
    preferences: Preferences
    messages: Messages
    now: Callable[[], datetime]
    devices: Devices | None = None
    keyboard: Callable[[], KeyboardReader | None] = lambda: None
    """The reader that types, if the desk has one now."""


class MainWindow(QWidget):
    """Add screens with `add_screen`, then `open()`. `session` is who is signed in, or None."""

    signed_in = Signal(object)
    signed_out = Signal()
    locked = Signal()
    unlocked = Signal()
    device_event = Signal(object)
    """Every DeviceEvent, on the GUI thread."""

    def __init__(self, services: ShellServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._screens: dict[str, Screen] = {}
        self._current: Screen | None = None
        self._session: Session | None = None
        self._needs: dict[str, frozenset[str]] = {}
        self._in_old_words: set[str] = set()  # screens that were behind when the language changed
        self._shortcuts: dict[str, QShortcut] = {}
        self._toast: Toast | None = None
        self.before_work: Callable[[], None] = lambda: None
        """Called when somebody has signed in: by the time it returns every screen has to be there."""
        self.what_waits: Callable[[], str] = lambda: ""
        """What whoever closes the window is told first; "" where nothing waits."""
        self._leaving: LeavingPanel | None = None
        self._leaves = False
        self._side: QWidget | None = None
        self._health: dict[str, DeviceHealth] = {}
        self.setMinimumSize(SMALLEST)
        self.resize(REFERENCE)

        self.rail = Rail()
        self.top_bar = TopBar()
        self.status = StatusBar(services.now)
        self.stack = Pages()
        self._workspace = QWidget()
        self._lay_out()
        self.sign_in = SignInView(self._make_sign_in)
        self.pages = Pages()
        self.pages.addWidget(self.sign_in)
        self.pages.addWidget(self._workspace)
        self._root = QHBoxLayout(self)
        self._root.setContentsMargins(0, 0, 0, 0)
        self._root.setSpacing(0)
        self._root.addWidget(self.pages, 1)
        self.lock_view = LockView(self.pages, self._make_lock)

        self.cards = CardRouter(
            self._deliver_card,
            is_confirming=self.is_confirming,
            is_signed_in=self._is_open_for_cards,
            waiting=self._on_cards_waiting,
        )
        self._devices = DeviceEvents(services.devices, self._on_device, self) if services.devices is not None else None
        self._idle = IdleWatch(self._on_idle, parent=self)
        self._typing = TypingReader(self, services.keyboard)
        self._status_timer = QTimer(self)
        self._status_timer.setInterval(STATUS_EVERY_MS)
        self._status_timer.timeout.connect(self.refresh_status)
        services.messages.on_message = self._show_message
        services.messages.on_bug = self._show_bug
        self._connect()
        self._commands_of_the_window = self._own_commands()
        self._bind(self._commands_of_the_window)
        self.retranslate()

    # What the composition uses

    @property
    def session(self) -> Session | None:
        return self._session

    @property
    def overlay_host(self) -> QWidget:
        """What confirmations are laid over: the whole window except the demo's side panel."""
        return self.pages

    @property
    def search(self) -> SearchField:
        return self.top_bar.search

    @property
    def is_locked(self) -> bool:
        return self.lock_view.is_locked

    @property
    def current(self) -> Screen | None:
        return self._current

    def add_screen(self, screen: Screen, needs: Sequence[Right] = ()) -> None:
        """Shown to people who have one of the rights it `needs`; none are needed by default. Of the screens that
        somebody may see, the first one is where they arrive after signing in."""
        self._screens[screen.name] = screen
        self._needs[screen.name] = frozenset(right.value for right in needs)
        self.stack.addWidget(screen.widget)
        self.rail.add(screen.name, screen.icon, screen.title(), screen.key)
        self._bind((self._going_to(screen), *screen.commands()))
        if isinstance(screen, LooksScreen):
            screen.language_chosen.connect(self.choose_language)
            screen.theme_chosen.connect(self.choose_theme)
            screen.scale_chosen.connect(self.choose_scale)
            screen.changed.connect(self._on_setting_changed)
        if isinstance(screen, FindingScreen):
            screen.search_done.connect(self.top_bar.search.clear)
        if self._current is None:
            self._current = screen
            self.rail.set_current(screen.name)

    def set_side_panel(self, panel: QWidget) -> None:
        """A slim panel at the right of everything: the demo's machines."""
        self._side = panel
        self._root.addWidget(panel)
        screen = self.screen().availableGeometry()
        if screen.width() >= SMALLEST.width() + panel.width():
            self.setMinimumWidth(SMALLEST.width() + panel.width())
            self.resize(min(screen.width(), self.width() + panel.width()), self.height())

    def set_badge(self, screen: str, count: int) -> None:
        self.rail.set_badge(screen, count)

    def open(self) -> None:
        """Show sign-in; ask what the status bar shows."""
        if self._services.devices is not None:
            for health in self._services.devices.health():
                self._on_device(health)
        self.sign_in.open()
        self.refresh_status()
        self._status_timer.start()

    def go(self, name: str) -> None:
        """Bring a screen up; nothing happens where the person who is signed in has no business there."""
        if not self._may_see(name):
            return
        screen = self._screens[name]
        if name in self._in_old_words:
            self._in_old_words.remove(name)
            screen.retranslate()
        self._current = screen
        self.stack.setCurrentWidget(screen.widget)
        self.rail.set_current(name)
        screen.entered()

    def commands(self) -> tuple[Command, ...]:
        """Everything that can be done now, those of the current screen first."""
        current = self._current
        own = tuple(current.commands()) if current is not None else ()
        others = tuple(
            command
            for screen in self._seen()
            if screen is not current
            for command in screen.commands()
            if command.everywhere
        )
        places = tuple(self._going_to(screen) for screen in self._seen())
        return own + others + places + self._commands_of_the_window

    def is_confirming(self) -> bool:
        """Something lies over the screen that must be answered first."""
        return any(
            overlay.is_open for overlay in self.findChildren(Overlay) if not isinstance(overlay, Palette | HelpPanel)
        )

    def lock(self) -> None:
        """Blank everything until the same person types their PIN."""
        if self._session is None or self.is_locked:
            return
        for screen in self._screens.values():
            if isinstance(screen, ShyScreen):
                screen.blank()
        for overlay in self.findChildren(Overlay):
            if isinstance(overlay, Palette | HelpPanel):
                overlay.close_overlay()
        self._leave_toast()
        self.cards.forget()
        self.lock_view.lock(self._session)
        self.locked.emit()

    def change_own_pin(self) -> None:
        """Ask for the old PIN and the new one, over whatever is on the screen."""
        if self._session is None or self.is_locked or self._has_overlay():
            return
        s, session = self._services, self._session
        OwnPinPanel(
            self.pages,
            lambda view: OwnPinPresenter(
                view, s.authority, s.jobs, session.session, session.staff,
                sentence=s.messages.sentence,
                changed=lambda: s.messages.say(tr("Your PIN was changed."), "success"),
                bug=s.messages.bug,
            ),
        ).open()  # fmt: skip

    def sign_out(self) -> None:
        """End the session; the sign-in screen comes at once, the operation follows."""
        session, self._session = self._session, None
        if session is None:
            return
        for overlay in self.findChildren(Overlay):
            overlay.close_overlay()
        self._leave_toast()
        self.cards.forget()
        self.lock_view.release()
        self._tell_person_changed()
        self.top_bar.set_session(None)
        self.status.set_signed_in(None)
        self.pages.setCurrentWidget(self.sign_in)
        self.sign_in.open()
        self.signed_out.emit()
        leave = partial(self._services.authority.submit, Submission((SignOut(),), session=session.session))
        self._services.jobs.run(leave, lambda _answers: None, self._on_sign_out_failed)

    def refresh_status(self) -> None:
        self._services.jobs.run(self._services.queries.desk_status, self._on_status, self._on_status_failed)

    def choose_language(self, name: str) -> None:
        set_language(name)
        self._services.preferences.set(LANGUAGE, language())
        self.retranslate()

    def choose_theme(self, name: str) -> None:
        self._services.preferences.set(THEME, name)
        self._dress(name, theme().scale)

    def choose_scale(self, scale: float) -> None:
        self._services.preferences.set(TEXT_SCALE, str(scale))
        self._dress(theme().name, scale)

    def apply_preferences(self) -> None:
        """Language and minutes to the lock, as they are kept. (The theme is applied before the window is made.)"""
        set_language(self._services.preferences.get(LANGUAGE, DEFAULT_LANGUAGE))
        minutes = self._services.preferences.get(AUTO_LOCK_MINUTES, str(DEFAULT_AUTO_LOCK_MINUTES))
        self._idle.set_after(float(minutes) * 60 if minutes.isdigit() else DEFAULT_AUTO_LOCK_MINUTES * 60)
        self.retranslate()

    def retranslate(self) -> None:
        """Every text anew; on a screen that is behind, when it comes up. Whoever is typing goes on typing: where the
        keyboard was, it is afterwards."""
        typing = KeyboardPlace(self)
        self.setWindowTitle(tr("MemberDesk"))
        self.sign_in.retranslate()
        self.lock_view.retranslate()
        self.top_bar.retranslate()
        self.status.retranslate()
        for health in self._health.values():
            self._show_health(health)
        for screen in self._screens.values():
            if screen is self._current:
                screen.retranslate()
            else:
                self._in_old_words.add(screen.name)
            self.rail.set_title(screen.name, screen.title(), screen.key)
        side = self._side
        if side is not None and hasattr(side, "retranslate"):
            side.retranslate()
        typing.restore()

    def stop(self) -> None:
        """Hear no more devices, ask no more questions."""
        self._status_timer.stop()
        if self._devices is not None:
            self._devices.stop()
            self._devices = None

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Where the system draws everything larger, the screen itself may be smaller than that.
        self.setMinimumSize(self.minimumSize().boundedTo(self.screen().availableGeometry().size()))
        handle = self.windowHandle()
        if handle is not None:
            self._idle.watch(handle)
            self._typing.watch(handle)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A computer that is being shut down is not held up."""
        app = QApplication.instance()
        is_shut_down = isinstance(app, QApplication) and app.isSavingSession()
        waits = "" if self._leaves or is_shut_down else self.what_waits()
        if waits:
            event.ignore()
            self._ask_whether_to_leave(waits)
            return
        self.stop()
        super().closeEvent(event)

    def _ask_whether_to_leave(self, waits: str) -> None:
        if self._leaving is not None and self._leaving.is_open:
            return
        self._leaving = LeavingPanel(self, waits)
        self._leaving.leaves.connect(self._leave)
        self._leaving.open()

    def _leave(self) -> None:
        self._leaves = True
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    # Inside

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._workspace)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        row.addLayout(column, 1)

    def _connect(self) -> None:
        self.sign_in.language_chosen.connect(self.choose_language)
        self.rail.chosen.connect(self.go)
        self.top_bar.language_chosen.connect(self.choose_language)
        self.top_bar.theme_chosen.connect(self.choose_theme)
        self.top_bar.scale_chosen.connect(self.choose_scale)
        self.top_bar.own_pin_wanted.connect(self.change_own_pin)
        self.top_bar.lock_wanted.connect(self.lock)
        self.top_bar.sign_out_wanted.connect(self.sign_out)
        self.top_bar.palette_wanted.connect(self._open_palette)
        self.top_bar.help_wanted.connect(self._open_help)
        self.top_bar.next_card_wanted.connect(self.cards.next_one)
        self.top_bar.search.typed.connect(self._on_search_typed)
        self.top_bar.search.chosen.connect(self._on_search_chosen)
        self.top_bar.search.moved.connect(self._on_search_moved)
        self.status.devices_wanted.connect(self._go_to_devices)
        self.lock_view.switch_person.connect(self.sign_out)

    def _make_sign_in(self, view: SignInView) -> SignInPresenter:
        s = self._services
        return SignInPresenter(
            view,
            s.authority,
            s.queries,
            s.jobs,
            sentence=s.messages.sentence,
            signed_in=self._on_signed_in,
            bug=s.messages.bug,
            now=s.now,
        )

    def _make_lock(self, view: LockView) -> LockPresenter:
        s = self._services
        return LockPresenter(
            view, s.authority, s.jobs, sentence=s.messages.sentence, unlocked=self._on_unlocked, bug=s.messages.bug
        )

    def _own_commands(self) -> tuple[Command, ...]:
        return (
            Command(
                "find",
                lambda: tr("Find a member"),
                self._focus_search,
                "F2",
                "search",
                words="search 查找",
                is_possible=lambda: self._search_screen() is not None,
            ),
            Command(
                "next_card",
                lambda: tr("Next card that waits"),
                self.cards.next_one,
                NEXT_CARD_KEY,
                "card",
                is_possible=lambda: self.cards.waiting_count > 0,
            ),
            Command("any_command", lambda: tr("Any command"), self._open_palette, "Ctrl+K", "command"),
            Command("help", lambda: tr("Help for this screen"), self._open_help, "F1", "help"),
            Command("lock", lambda: tr("Lock"), self.lock, "Ctrl+L", "lock"),
            Command("own_pin", lambda: tr("Change my PIN"), self.change_own_pin, "", "keyboard", words="password 密码"),
            Command("sign_out", lambda: tr("Sign out"), self.sign_out, "", "sign_out", words="log out switch"),
            Command(
                "language", lambda: tr("Switch language"), self._other_language, "", "language", words="English 中文"
            ),
            Command("theme", lambda: tr("Light or dark colours"), self._other_theme, "", "moon", words="theme dark"),
        )

    def _going_to(self, screen: Screen) -> Command:
        return Command(
            f"go_{screen.name}",
            lambda: tr("Go to: {screen}", screen=screen.title()),
            partial(self.go, screen.name),
            screen.key,
            screen.icon,
        )

    def _bind(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if command.key and command.key not in self._shortcuts:
                shortcut = QShortcut(QKeySequence(command.key), self)
                shortcut.setAutoRepeat(False)
                shortcut.activated.connect(partial(self._on_key, command.key))
                self._shortcuts[command.key] = shortcut

    def _on_key(self, key: str) -> None:
        """One key, one meaning: the current screen's first, then what works everywhere."""
        if self._typing.took(key):
            return
        if self._session is None or self.is_locked or self._has_overlay():
            return
        for command in self.commands():
            if command.key == key and command.is_possible():
                command.run()
                return

    def _has_overlay(self) -> bool:
        return any(overlay.is_open for overlay in self.findChildren(Overlay))

    def _is_open_for_cards(self) -> bool:
        return self._session is not None and not self.is_locked

    def _on_signed_in(self, session: Session) -> None:
        self.before_work()
        self._session = session
        self._tell_person_changed()
        self.top_bar.set_session(session)
        self.status.set_signed_in(session.since)
        self.pages.setCurrentWidget(self._workspace)
        self._idle.touch()
        for name in self._screens:
            self.rail.set_shown(name, self._may_see(name))
        self.top_bar.search.clear()
        self.top_bar.show_search(self._search_screen() is not None)
        first = next(iter(self._seen()), None)
        if first is not None:
            self.go(first.name)
        if first is not None and first.name in {each.name for each in self._seen() if isinstance(each, SearchScreen)}:
            self._focus_search()
        self.refresh_status()
        self.signed_in.emit(session)

    def _may_see(self, name: str) -> bool:
        needs = self._needs[name]
        return not needs or (self._session is not None and bool(needs & self._session.rights))

    def _seen(self) -> tuple[Screen, ...]:
        """The screens of whoever is signed in."""
        return tuple(screen for name, screen in self._screens.items() if self._may_see(name))

    def _tell_person_changed(self) -> None:
        for screen in self._screens.values():
            if isinstance(screen, PersonScreen):
                screen.person_changed()

    def _on_unlocked(self) -> None:
        self.lock_view.release()
        self._idle.touch()
        overlay = next((overlay for overlay in self.findChildren(Overlay) if overlay.is_open), None)
        if overlay is not None:
            overlay.setFocus()
        elif self._search_screen() is not None:
            self.top_bar.search.setFocus()
        elif self._current is not None:
            self._current.entered()
        self.unlocked.emit()

    def _on_sign_out_failed(self, problem: Exception) -> None:
        if not isinstance(problem, Refused):  # an ended session is what was wanted
            self._services.messages.problem(problem)

    def _on_idle(self) -> None:
        self.lock()

    def _focus_search(self) -> None:
        self.top_bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _search_screen(self) -> SearchScreen | None:
        return next((screen for screen in self._seen() if isinstance(screen, SearchScreen)), None)

    def _come_to_search(self) -> SearchScreen | None:
        """The screen that finds members, in front, with the keyboard left in the field."""
        for screen in self._seen():
            if isinstance(screen, SearchScreen):
                if screen is not self._current:
                    self.go(screen.name)
                    self._focus_search()
                return screen
        return None

    def _on_search_typed(self, text: str) -> None:
        screen = self._come_to_search()
        if screen is not None:
            screen.search_typed(text)

    def _on_search_chosen(self, text: str) -> None:
        screen = self._come_to_search()
        if screen is not None:
            screen.search_chosen(text)

    def _on_search_moved(self, step: int) -> None:
        screen = self._come_to_search()
        if screen is not None:
            screen.search_moved(step)

    def _on_device(self, event: DeviceEvent) -> None:
        if self._is_trial(event):
            return
        match event:
            case CardSeen():
                self._idle.touch()
                self.cards.seen(event)
            case BankCardSeen() if self._is_open_for_cards():
                self._services.messages.problem(Refused("card.bank"))
            case UnreadableSeen() if self._is_open_for_cards():
                self._services.messages.problem(Refused("card.unreadable"))
            case DeviceHealth():
                self._health[event.name] = event
                self._show_health(event)
            case _:
                pass
        self.device_event.emit(event)

    def _is_trial(self, event: DeviceEvent) -> bool:
        """The swipe was for the screen in front, which tries the reader."""
        if isinstance(event, DeviceHealth) or not self._is_open_for_cards():
            return False
        for screen in self._seen():
            if screen is self._current and isinstance(screen, TrialScreen):
                self._idle.touch()
                return screen.take_swipe(event)
        return False

    def _show_health(self, health: DeviceHealth) -> None:
        self.status.set_device(health, self._services.messages.sentence(health.cause, {}) if health.cause else "")

    def _on_cards_waiting(self, count: int) -> None:
        confirming = self.is_confirming()
        self.top_bar.show_cards_waiting(count, confirming=confirming)
        if count and confirming:
            for overlay in self.findChildren(Overlay):
                overlay.closed.connect(self._on_overlay_closed, Qt.ConnectionType.UniqueConnection)

    def _on_overlay_closed(self) -> None:
        # Later: whoever closed the confirmation still has to send what was confirmed.
        QTimer.singleShot(0, self, self.cards.next_one)

    def _deliver_card(self, card: CardSeen) -> None:
        if not any(isinstance(screen, CardScreen) for screen in self._seen()):
            self._services.messages.problem(Refused("card.served_by_clerks"))
            return
        for screen in self._seen():
            if isinstance(screen, CardScreen):
                for overlay in self.findChildren(Overlay):
                    overlay.close_overlay()
                if screen is not self._current:
                    self.go(screen.name)
                screen.on_card(card)
                return

    def _on_status(self, status: DeskStatus) -> None:
        self.status.set_desk(status.desk_name)
        self.status.set_slips_waiting(status.slips_waiting)
        self.sign_in.set_where(f"{status.mall_name} · {status.desk_name}")
        self.lock_view.brand.set_where(f"{status.mall_name} · {status.desk_name}")

    def _on_status_failed(self, problem: Exception) -> None:
        if not isinstance(problem, Refused | Unavailable):  # what is unavailable is said by what a person does next
            self._services.messages.bug(problem)

    def _show_message(self, message: Message) -> None:
        self._leave_toast()
        if self.is_locked:
            return
        self._toast = Toast(
            self.pages, message.text, message.tone, action=message.action, act=message.act, key=message.key
        )
        self._toast.destroyed.connect(self._on_toast_gone)
        self._toast.come()

    def _leave_toast(self) -> None:
        toast, self._toast = self._toast, None
        if toast is not None:
            toast.destroyed.disconnect(self._on_toast_gone)
            toast.leave()

    def _on_toast_gone(self) -> None:
        self._toast = None

    def _show_bug(self, report: BugReport) -> None:
        if not any(overlay.is_open for overlay in self.findChildren(CrashPanel)):
            CrashPanel(self.pages, report, self._save_report).open()

    def _save_report(self, path: Path, text: str) -> None:
        self._services.jobs.run(
            partial(path.write_text, text, encoding="utf-8"),
            lambda _written: self._services.messages.say(tr("The report was saved."), "success"),
            lambda problem: self._services.messages.say(
                tr("The report could not be saved: {why}", why=problem), "warning"
            ),
        )

    def _open_palette(self) -> None:
        if self._session is not None and not self._has_overlay():
            others = tuple(command for command in self.commands() if command.name != "any_command")
            Palette(self.pages, others).open()

    def _open_help(self) -> None:
        if self._current is None or self._session is None or self._has_overlay():
            return
        places = tuple(self._going_to(screen) for screen in self._seen())
        anywhere = self._commands_of_the_window + places
        HelpPanel(self.pages, self._current.title(), self._current.help(), self._current.commands(), anywhere).open()

    def _other_language(self) -> None:
        self.choose_language("en" if language() == "zh_CN" else "zh_CN")

    def _other_theme(self) -> None:
        self.choose_theme("light" if theme().is_dark else "dark")

    def _on_setting_changed(self, _key: str) -> None:
        self.apply_preferences()

    def _go_to_devices(self) -> None:
        if "devices" in self._screens and self._session is not None:
            self.go("devices")

    def _dress(self, name: str, scale: float) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme().apply(app, name, scale=scale)
