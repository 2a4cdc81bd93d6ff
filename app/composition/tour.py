"""The guided tour: a clerk's morning through the real window with real keys, on real serial lines and a real store.

It is the demo where there is no display, the proof that a build works, and the source of the pictures in the guides.
Each step leaves a picture in both languages; what the printer received is kept byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.composition.desk import Desk, open_desk
from app.composition.machines import with_simulated
from app.composition.window import Running, application, demo_cards
from app.demo import mall
from app.ports.devices import DeviceKind, DeviceState, SimulatedNetwork
from app.ports.paper import PrintJob, PrintState
from app.ports.preferences import PreferencesInMemory
from app.queries.rows import MemberPage
from app.settings import Home
from db.verify import verify
from devices.simulators.counter import SimulatedCounterMachines
from ui.counter.sending import Step
from ui.counter.view import CounterView
from ui.devices.demo_panel import DemoCard
from ui.devices.self_test.presenter import SelfTestPresenter
from ui.devices.view import DevicesView
from ui.member_side.view import MemberWindow
from ui.reports.view import ReportsScreen
from ui.responsiveness import GuiWatch
from ui.settings.rules.view import RulesScreen
from ui.settings.view import SettingsView

SIZE = QSize(1440, 900)
MEMBER_SIZE = QSize(1280, 800)
PATIENCE_S = 20.0
CLERK, SUPERVISOR, MANAGER = mall.STAFF[0], mall.STAFF[2], mall.STAFF[4]
LANGUAGES = ("zh_CN", "en")
WidgetT = TypeVar("WidgetT", bound=QWidget)


@dataclass(frozen=True)
class Played:
    """One step as `tour.json` tells it; `ms` is the time until the screen showed the result."""

    name: str
    ok: bool
    ms: int
    problem: str = ""


@dataclass(frozen=True)
class Report:
    steps: tuple[Played, ...]
    longest_block_ms: float
    resident_mib: float

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)


class TourFailed(AssertionError):
    """What should have come on screen did not."""


def play(desk: Desk, out: Path, *, pictures: bool = True) -> int:
    """Play the tour on a copy of the demo's desk (closing `desk`) and write `out`. Returns the exit code."""
    desk.close()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="memberdesk-tour-") as folder:
        copy = Path(folder) / "home"
        shutil.copytree(desk.home.folder, copy)
        return told(play_in(open_desk(Home(copy)), out, pictures=pictures), out)


def told(report: Report, out: Path) -> int:
    """Writes `tour.json`, and prints a line per step. Returns the exit code."""
    document = {
        "steps": [asdict(step) for step in report.steps],
        "longest_block_ms": round(report.longest_block_ms, 1),
        "resident_mib": round(report.resident_mib, 1),
    }
    (out / "tour.json").write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for step in report.steps:
        print(f"{'ok  ' if step.ok else 'FAIL'} {step.ms:>6} ms  {step.name}  {step.problem}")
    print(out.resolve())
    return 0 if report.ok else 1


def play_in(
    desk: Desk,
    out: Path,
    *,
    pictures: bool = True,
    make: Callable[..., Tour] | None = None,
    line: SimulatedNetwork | None = None,
    cards: Sequence[DemoCard] = (),
) -> Report:
    """Play every step of a `Tour`, or of what `make` makes; after one that failed the rest is not tried. Closes `desk`.

    `line`, `cards`: see `Running`."""
    preferences = PreferencesInMemory()
    app = application(preferences)
    machines = SimulatedCounterMachines()
    settings = with_simulated(desk.settings, machines)
    running = Running(desk, settings, preferences, simulated=machines, line=line, cards=cards)
    running.window.resize(SIZE)
    watch = GuiWatch()
    tour = (make or Tour)(app, running, machines, out, pictures=pictures, watch=watch)
    try:
        running.start()
        running.window.show()
        watch.start()
        steps = tour.play()
    finally:
        watch.stop()
        running.stop()
        machines.stop()
        desk.close()
    return Report(tuple(steps), watch.longest_ms, _resident_mib())


class Tour:
    def __init__(
        self,
        app: QApplication,
        running: Running,
        machines: SimulatedCounterMachines,
        out: Path,
        *,
        pictures: bool,
        watch: GuiWatch,
    ) -> None:
        self._app = app
        self._running = running
        self._window = running.window
        self._machines = machines
        self._out = out
        self._pictures = pictures
        self._watch = watch
        self._cards: dict[str, str] = {}
        self._printed = 0
        self._away_s = 0.0  # spent on pictures during this step
        running.build_screens()
        counter = running.window.findChild(CounterView)
        assert counter is not None
        self._counter = counter

    def story(self) -> tuple[Callable[[], None], ...]:
        return (
            self.arrive,
            self.sign_in,
            self.swipe,
            self.search,
            self.credit_a_slip,
            self.redeem,
            self.the_slip_prints,
            self.the_member_looks_on,
            self.redeem_something_dear,
            self.the_member_agrees,
            self.a_supervisor_approves,
            self.paper_runs_out,
            self.paper_is_back,
            self.the_reader_is_unplugged,
            self.undo,
            self.write_the_card_anew,
            self.change_the_language,
            self.change_the_theme,
            self.look_at_the_machines,
            self.the_machines_test_themselves,
            self.lock_and_unlock,
            self.sign_out,
            self.a_manager_looks_at_the_day,
            self.and_at_the_slips,
            self.everything_adds_up,
        )

    def play(self) -> list[Played]:
        played = []
        for number, step in enumerate(self.story(), 1):
            name = step.__name__
            self._watch.mark(name)
            started, self._away_s = time.perf_counter(), 0.0
            try:
                step()
            except Exception as problem:
                if not isinstance(problem, TourFailed):
                    traceback.print_exc()
                played.append(Played(name, False, self._since(started), f"{type(problem).__name__}: {problem}"))
                self._picture(number, name)
                break
            played.append(Played(name, True, self._since(started)))
            self._picture(number, name)
        return played

    # -- the story ---------------------------------------------------------------------------------------------------

    def arrive(self) -> None:
        def laid_out(cards: Sequence[DemoCard]) -> None:
            self._cards = {card.name: card.number for card in cards}

        known = self._running.cards
        self._running.jobs.run(lambda: known or demo_cards(self._running.desk.queries), laid_out)
        self._until(lambda: bool(self._cards), "the demo's cards lie on the counter")
        self._until(lambda: self._state_of(DeviceKind.READER) is DeviceState.ONLINE, "the reader is ready")
        self._until(lambda: self._state_of(DeviceKind.PRINTER) is DeviceState.ONLINE, "the printer is ready")

    def sign_in(self) -> None:
        self._sign_in(CLERK)

    def swipe(self) -> None:
        self._machines.swipe(self._cards["李娜"])
        self._until(lambda: self._page() is not None and self._page_of().surname == "李", "the member's page is shown")

    def search(self) -> None:
        self._press(Qt.Key.Key_F2)
        self._keys("oyxw")
        self._until(lambda: bool(self._counter.finding.state.rows), "somebody is found")
        self._picture_now("search_results")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._page() is not None and self._page_of().surname == "欧阳", "欧阳晓雯 is shown")

    def credit_a_slip(self) -> None:
        before = self._page_of().usable
        self._press(Qt.Key.Key_F4)
        self._keys("S001")
        self._until(lambda: bool(self._counter.credit.shops.rows), "the shop is found")
        self._press(Qt.Key.Key_Return)
        self._keys(f"T{datetime.now(UTC):%H%M%S%f}")
        self._press(Qt.Key.Key_Tab)
        self._keys("386.50")
        self._settle(0.1)
        self._picture_now("credit_before")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._counter.credit.presenter.done, "credited")
        self._until(lambda: self._page_of().usable > before, "the page shows the new balance")

    def redeem(self) -> None:
        self._choose_gift("G-TISSUE")
        self._picture_now("redeem_before")
        self._press(Qt.Key.Key_Return)
        self._until(self._redeemed, "redeemed")

    def the_slip_prints(self) -> None:
        job = self._slip_ends(PrintState.CONFIRMED)
        self._keep_slip(job)

    def the_member_looks_on(self) -> None:
        """The display shows what was done; so does a screen of the member's own, while one is switched on."""
        self._until(lambda: f"{self._page_of().usable:,}" in " ".join(self._machines.display_lines()), "on the display")
        switch = self._found(SettingsView).member_screen
        focus = self._focus()
        switch.changed.emit("on")
        self._until(lambda: bool(self._member_windows()), "the member's screen is there")
        (screen,) = self._member_windows()
        screen.resize(MEMBER_SIZE)
        self._settle(0.2)
        if self._pictures:
            screen.grab().save(str(self._out / "member_screen.png"))
        switch.changed.emit("")
        self._until(lambda: not self._member_windows(), "the member's screen is gone")
        self._window.activateWindow()
        self._until(self._window.isActiveWindow, "the clerk's window has the keyboard again")
        self._focus_again(focus)

    def redeem_something_dear(self) -> None:
        self._press(Qt.Key.Key_Return)
        self._choose_gift("G-COOKER")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._sending() is Step.MEMBER_PIN, "the member's PIN is asked for")

    def the_member_agrees(self) -> None:
        self._keys(mall.MEMBER_PIN)
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._sending() is Step.APPROVAL, "a supervisor is asked for")

    def a_supervisor_approves(self) -> None:
        self._press(Qt.Key.Key_Down)
        self._keys(SUPERVISOR.pin)
        self._press(Qt.Key.Key_Return)
        self._until(self._redeemed, "redeemed")
        self._keep_slip(self._slip_ends(PrintState.CONFIRMED))

    def paper_runs_out(self) -> None:
        self._machines.set_paper("out")
        self._until(lambda: self._state_of(DeviceKind.PRINTER) is not DeviceState.ONLINE, "the printer says so")
        self._press(Qt.Key.Key_Return)
        self._choose_gift("G-TISSUE")
        self._press(Qt.Key.Key_Return)
        self._until(self._redeemed, "redeemed although there is no paper")
        self._slip_ends(PrintState.WAITING)
        self._settle(0.5)

    def paper_is_back(self) -> None:
        self._machines.set_paper("ok")
        self._keep_slip(self._slip_ends(PrintState.CONFIRMED))

    def the_reader_is_unplugged(self) -> None:
        self._machines.set_plugged(DeviceKind.READER, False)
        self._until(lambda: self._state_of(DeviceKind.READER) is DeviceState.OFFLINE, "the status bar says so")
        self._settle(0.3)
        self._picture_now("unplugged")
        self._machines.set_plugged(DeviceKind.READER, True)
        self._until(lambda: self._state_of(DeviceKind.READER) is DeviceState.ONLINE, "it is back")

    def undo(self) -> None:
        before = self._page_of().usable
        self._press(Qt.Key.Key_Return)
        self._press(Qt.Key.Key_F10)
        self._until(lambda: bool(self._counter.reverse.rows.rows), "what can be undone is listed")
        self._press(Qt.Key.Key_Down)  # the newest is the hand-out; below it stands its redemption
        self._press(Qt.Key.Key_Return)
        self._settle(0.2)
        self._counter.reverse.reason.focus_first()
        self._press(Qt.Key.Key_Space)
        self._counter.reverse.goods.click()
        self._picture_now("undo_before")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._counter.reverse.presenter.done, "undone")
        self._until(lambda: self._page_of().usable > before, "the points are back")

    def write_the_card_anew(self) -> None:
        """Into the dispenser's encoder: fed, written, read back, handed out, and only then registered."""
        made = len(self._machines.made_cards())
        self._press(Qt.Key.Key_Return)
        self._press(Qt.Key.Key_F9)
        cards = self._counter.cards
        self._until(cards.rewrite.isVisible, "cards can be written")
        cards.rewrite.click()
        self._press(Qt.Key.Key_Return)
        self._until(lambda: cards.presenter.making.state.is_busy, "the card is being made")
        self._until(lambda: cards.presenter.done, "the card is written and registered")
        self._until(lambda: len(self._machines.made_cards()) > made, "the card has come out")

    def change_the_language(self) -> None:
        self._window.choose_language("en")
        self._settle(0.2)
        self._window.choose_language("zh_CN")

    def change_the_theme(self) -> None:
        self._window.choose_theme("dark")
        self._settle(0.2)

    def look_at_the_machines(self) -> None:
        self._window.go("devices")
        self._settle(0.5)

    def the_machines_test_themselves(self) -> None:
        devices = self._found(DevicesView)
        devices.open_self_test()
        assert devices.self_test is not None
        test = devices.self_test.presenter
        test.start()
        self._until(lambda: test.state.running, "the self-test runs")
        self._until(lambda: self._swiped_when_asked(test), "every machine was tried", patience_s=60)
        self._until(lambda: test.state.shown is not None, "its result is kept")

    def lock_and_unlock(self) -> None:
        self._window.go("counter")
        self._window.choose_theme("light")
        self._press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        self._until(lambda: self._window.is_locked, "locked")
        self._settle(0.3)
        self._picture_now("locked")
        self._keys(CLERK.pin)
        self._press(Qt.Key.Key_Return)
        self._until(lambda: not self._window.is_locked, "unlocked")

    def sign_out(self) -> None:
        self._window.sign_out()
        self._until(lambda: self._window.session is None, "signed out")

    def a_manager_looks_at_the_day(self) -> None:
        self._sign_in(MANAGER)
        self._window.go("reports")
        reports = self._found(ReportsScreen)
        self._until(lambda: reports.presenter.state.report is not None, "the day is added up")
        self._settle(0.2)

    def and_at_the_slips(self) -> None:
        self._window.go("rules")
        rules = self._found(RulesScreen)
        rules.choose("slips")
        self._until(lambda: rules.slips.presenter.state.picture is not None, "a sample of the slips is shown")
        self._settle(0.2)

    def everything_adds_up(self) -> None:
        self._window.sign_out()
        desk = self._running.desk
        findings: list[object] = []
        done: list[bool] = []

        def look() -> None:
            findings.extend(self.verified(desk))

        self._running.jobs.run(look, lambda _: done.append(True))
        self._until(lambda: bool(done), "verify is done", patience_s=600)
        if findings:
            raise TourFailed(f"verify: {findings[:3]}")
        if self._running.messages.bugs:
            raise TourFailed(f"bugs were reported: {self._running.messages.bugs[:3]}")

    def verified(self, desk: Desk) -> Sequence[object]:
        """Findings, in a job."""
        return verify(desk.store, desk.settings.mall, replay=False)

    # -- how it is played --------------------------------------------------------------------------------------------

    def _sign_in(self, person: mall.DemoStaff) -> None:
        self._keys(person.staff)
        self._press(Qt.Key.Key_Return)
        self._until(self._window.sign_in.pin.isVisible, "the PIN is asked for")
        self._keys(person.pin)
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._window.session is not None, "signed in")

    def _found(self, kind: type[WidgetT]) -> WidgetT:
        widget = self._window.findChild(kind)
        assert widget is not None
        return widget

    def _member_windows(self) -> list[MemberWindow]:
        return [each for each in self._app.topLevelWidgets() if isinstance(each, MemberWindow) and each.isVisible()]

    def _swiped_when_asked(self, test: SelfTestPresenter) -> bool:
        """Has the self-test ended? Where it waits for a card, it gets one."""
        if test.state.running and test.state.step is not None and test.state.step.swipe:
            self._machines.swipe(self._cards["李娜"])
            self._settle(0.3)
        return not test.state.running

    def _choose_gift(self, gift: str) -> None:
        self._press(Qt.Key.Key_F6)
        self._until(lambda: self._sending() is Step.FORM and not self._redeemed(), "a new basket")
        self._keys(gift)
        self._until(lambda: bool(self._counter.redeem.gifts.rows), "the gift is listed")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: bool(self._counter.redeem.presenter.basket.lines), "the gift is in the basket")

    def _redeemed(self) -> bool:
        return self._counter.redeem.presenter.done

    def _sending(self) -> Step:
        return self._counter.redeem.presenter.sending.state.step

    def _page(self) -> MemberPage | None:
        return self._counter.member_view.presenter.state.page

    def _page_of(self) -> MemberPage:
        page = self._page()
        assert page is not None
        return page

    def _state_of(self, kind: DeviceKind) -> DeviceState | None:
        return next((each.state for each in self._running.machines.devices.health() if each.kind is kind), None)

    def _slip_ends(self, state: PrintState) -> PrintJob:
        """Wait until the newest slip is in `state`."""
        found: list[PrintJob] = []
        asking = False

        def told(jobs: tuple[PrintJob, ...]) -> None:
            nonlocal asking
            asking = False
            found[:] = jobs[:1]

        def is_there() -> bool:
            nonlocal asking
            if not asking:
                asking = True
                self._running.jobs.run(lambda: self._running.machines.spool.jobs(1), told)
            return bool(found) and found[0].state is state

        self._until(is_there, f"the slip is {state.value}")
        return found[0]

    def _keep_slip(self, job: PrintJob) -> None:
        """The bytes that came over the line since the last slip, and the same slip as PDF."""
        data = self._machines.printed_bytes()
        (self._out / f"slip-{job.operation_id}.escpos").write_bytes(data[self._printed :])
        self._printed = len(data)
        made: list[bytes] = []
        spool = self._running.machines.spool
        for language in LANGUAGES:
            made.clear()
            self._running.jobs.run(partial(spool.pdf, job.operation_id, job.document, language), made.append)
            self._until(lambda: bool(made), "the PDF is made")
            (self._out / f"slip-{job.operation_id}-{language}.pdf").write_bytes(made[0])

    def _keys(self, text: str) -> None:
        for character in text:
            QTest.keyClicks(self._focus(), character)
            self._breathe()

    def _press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyPress(self._focus(), key, modifier)
        QTest.keyRelease(self._focus(), key, modifier)  # as on a keyboard: to whatever has the focus by then
        self._breathe()

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._window

    def _breathe(self) -> None:
        self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
        # Outside of `exec` Qt keeps what was deleted later; a window of dead widgets grows slow.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _settle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._breathe()
            time.sleep(0.002)

    def _until(self, is_so: Callable[[], bool], what: str, *, patience_s: float = PATIENCE_S) -> None:
        until = time.monotonic() + patience_s
        while not is_so():
            if time.monotonic() > until:
                said = [message.text for message in self._running.messages.shown[-2:]]
                raise TourFailed(f"waited for: {what}; last said: {said}")
            self._breathe()
            time.sleep(0.002)
        self._breathe()

    def _picture(self, number: int, name: str) -> None:
        self._picture_now(f"{number:02d}_{name}")

    def _picture_now(self, name: str) -> None:
        """The window as it stands, in both languages."""
        if not self._pictures:
            return
        began = time.perf_counter()
        self._watch.stop()  # grabbing and writing every text anew is the tour's doing, not a clerk's
        self._settle(0.25)
        focus = QApplication.focusWidget()
        for language in reversed(LANGUAGES):
            self._window.choose_language(language)
            self._settle(0.15)
            self._window.grab().save(str(self._out / f"{name}.{language}.png"))
        self._focus_again(focus or self._window)
        self._watch.start()
        self._away_s += time.perf_counter() - began

    def _focus_again(self, widget: QWidget) -> None:
        try:
            widget.setFocus()
        except RuntimeError:  # the form was built anew meanwhile
            self._counter.start(self._counter.presenter.task.name)

    def _since(self, started: float) -> int:
        """Milliseconds without those that pictures took."""
        return int((time.perf_counter() - started - self._away_s) * 1000)


def _resident_mib() -> float:
    """Resident memory of this process; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit("memberdesk demo --tour")
