"""The screens before a desk: the window, its devices and its spool, from start to close."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

import printing
from app.composition.desk import Desk, open_desk, restore_backup, roots
from app.composition.housekeeping import Housekeeping
from app.composition.machine_list import only_machines
from app.composition.machines import Machines, with_simulated
from app.composition.wiping import Wiped, wiped
from app.domain.calendar import business_day
from app.domain.errors import Fact, Refused, Unavailable
from app.domain.policy import Policy
from app.domain.sentences import sentence
from app.domain.staff import Right
from app.ports.devices import SimulatedCounter, SimulatedNetwork
from app.ports.hub import HubLink, HubStatus
from app.ports.paper import PrintJob
from app.ports.preferences import MEMBER_SCREEN, SLIP_WIDTH_MM, TEXT_SCALE, THEME, Preferences
from app.queries.ports import Queries
from app.queries.rows import CardFace
from app.settings import DeskSettings, FilePreferences, Home
from ui.counter.services import CounterServices, SignedIn
from ui.counter.timers import QtTimers
from ui.jobs import QtJobs
from ui.locale import language, set_time_zone
from ui.rubbish import CollectOnGuiThread
from ui.shell.messages import Messages
from ui.shell.window import MainWindow, ShellServices
from ui.theme import theme

if TYPE_CHECKING:
    from ui.counter.view import CounterView
    from ui.devices.demo_panel import DemoCard, PhoneCode
    from ui.devices.self_test.presenter import SelfTestPresenter
    from ui.devices.self_test.view import SelfTestPanel
    from ui.member_side.view import MemberScreenSwitch

FONTS = Path(printing.__file__).parent / "fonts"
# How a window's loop ends: its desk has destroyed what it held; its store is opened anew; it is given up.
WIPED, AGAIN, GIVEN_UP = 64, 65, 66
SETTLED_MS = 100  # sign-in has been painted and has its people; nobody has typed a PIN by then
WHO_WORKS_HERE_MS = 10_000  # how often is asked whether whoever is signed in still does
BETWEEN_SCREENS_MS = 15  # keys that were typed meanwhile come first


def in_words(code: str, facts: Mapping[str, Fact]) -> str:
    """A code as the sentence of the language in force."""
    return sentence(code, facts, language())


def application(preferences: Preferences) -> QApplication:
    """The one QApplication, dressed as this desk likes it."""
    app = QApplication.instance() or QApplication(["memberdesk"])
    assert isinstance(app, QApplication)
    app.setApplicationName("MemberDesk")
    if app.findChild(CollectOnGuiThread) is None:
        CollectOnGuiThread(app)
    scale = preferences.get(TEXT_SCALE, "1.0")
    theme().apply(
        app,
        preferences.get(THEME, "light"),
        scale=float(scale) if scale.replace(".", "", 1).isdigit() else 1.0,
        font_folder=FONTS,
    )
    return app


class Running:
    """Everything of an open window. Make it on the GUI thread, `start` it, `stop` it before the desk is closed."""

    def __init__(
        self,
        desk: Desk,
        settings: DeskSettings,
        preferences: Preferences,
        *,
        simulated: SimulatedCounter | None = None,
        line: SimulatedNetwork | None = None,
        cards: Sequence[DemoCard] = (),
    ) -> None:
        """`simulated`: the demo's machines, `line` its network, `cards` what lies on its counter instead of those of
        members whom the desk holds."""
        self.desk = desk
        self.cards = tuple(cards)
        self.preferences = preferences
        self.messages = Messages(in_words, desk.crashes.write)
        self.jobs = QtJobs(self.messages.problem)
        self._relay = _Relay()
        self.gone = self._relay.gone  # the desk was lost, and has destroyed what it held
        self.again = self._relay.again  # it has a new key: its store is to be opened anew
        self.given_up = self._relay.given_up  # somebody who may wants it so, and all was sent
        set_time_zone(ZoneInfo(desk.zone))
        self.machines = Machines(
            desk,
            _with_paper(settings, preferences),
            language=language,
            report=self._relay.problem.emit,
            changed=self._relay.job.emit,
            keep=(lambda _simulated: None) if simulated is not None else self._keep_machines,
        )
        self.window = MainWindow(
            ShellServices(
                desk.authority,
                desk.queries,
                self.jobs,
                preferences,
                self.messages,
                self._now,
                self.machines.devices,
                keyboard=lambda: self.machines.devices.keyboard,
            )
        )
        self._timers = QtTimers()
        self._policy = Policy()
        self._member_screen: MemberScreenSwitch | None = None
        self._screens = self._building()
        self.window.before_work = self.build_screens
        self.window.signed_in.connect(self._ask_policy)
        self.services = CounterServices(
            authority=desk.authority,
            queries=desk.queries,
            jobs=self.jobs,
            paper=self.machines.spool,
            timers=self._timers,
            who=self._who,
            now=self._now,
            sentence=in_words,
            bug=self.messages.bug,
            policy=lambda: self._policy,
            card_maker=lambda: self.machines.devices.card_maker,
            on_screen=self._relay.call.emit,
            card_pdf=_card_pdf,
            approval_card_pdf=_approval_card_pdf,
            has_hub=desk.link is not None,
            language=language,
            member_has_screen=lambda: self._member_screen is not None and self._member_screen.is_on,
            zone=desk.zone,
        )
        self._relay.problem.connect(self.messages.problem, Qt.ConnectionType.QueuedConnection)
        self._relay.job.connect(self._print_job_changed, Qt.ConnectionType.QueuedConnection)
        self._relay.call.connect(self._relay.run, Qt.ConnectionType.QueuedConnection)
        self.housekeeping = Housekeeping(desk, self._relay.problem.emit)
        self._roll = QTimer(self.window)
        self._roll.timeout.connect(self._sign_out_who_is_gone)
        if desk.link is not None:
            self._relay.hub.connect(self._hub_changed, Qt.ConnectionType.QueuedConnection)
            desk.link.agent.listen(self._relay.hub.emit)
            self._hub_changed(desk.link.status())
            self.window.signed_out.connect(self._say_what_is_unsent)
            self.window.what_waits = partial(self._what_waits, desk.link)
            desk.link.gone = self._relay.gone.emit
        if simulated is not None:
            from ui.devices.demo_panel import DemoPanel

            panel = DemoPanel(simulated, self.jobs, cards, phone=partial(demo_phone, desk), line=line)
            self.window.set_side_panel(panel)
            if not cards:
                self.jobs.run(lambda: demo_cards(desk.queries), panel.set_cards)
        self.window.apply_preferences()

    def start(self) -> None:
        """Sign-in is there at once; the screens behind it are made one by one while nobody needs them yet."""
        self.machines.start()
        self.housekeeping.start()
        if self.desk.link is not None:
            self.desk.link.start()
        self.window.open()
        QTimer.singleShot(SETTLED_MS, self._build_next)
        self._roll.start(WHO_WORKS_HERE_MS)

    def build_screens(self) -> None:
        """Make what has not been made yet, now."""
        for _ in self._screens:
            pass

    def _build_next(self) -> None:
        if next(self._screens, None) is not None:
            QTimer.singleShot(BETWEEN_SCREENS_MS, self._build_next)

    def _building(self) -> Iterator[str]:
        """Makes one screen a step. Their modules are loaded here, each in its turn: no window waits for a screen that
        nobody sees, and no key that is typed at sign-in waits for more than one of them."""
        services, window = self.services, self.window
        from ui.counter import approvals_screen, gifts_screen
        from ui.counter.view import CounterView

        yield "the counter's modules"
        counter = CounterView(services)
        window.add_screen(counter, (Right.LOOK_UP,))
        self._member_screen = self._make_member_side(counter)
        yield "counter"
        window.add_screen(gifts_screen(services), (Right.RECEIVE_STOCK,))
        yield "gifts"
        window.add_screen(approvals_screen(services), (Right.REVERSE, Right.APPROVE))
        yield "approvals"
        from ui.spool.view import SpoolScreen

        spool = SpoolScreen(services, self.desk.slips, self.messages, counter.member_on_page)
        window.add_screen(spool, (Right.LOOK_UP,))
        counter.member_view.statement_wanted.connect(spool.print_statement)
        counter.member_view.reprint_wanted.connect(spool.print_slip)
        self._relay.job.connect(lambda _job: spool.job_changed(), Qt.ConnectionType.QueuedConnection)
        yield "spool"
        from ui.cards.stock.view import CardStockScreen
        from ui.catalogue.view import CatalogueScreen
        from ui.reports.view import ReportsScreen

        window.add_screen(CatalogueScreen(services), (Right.GIFTS, Right.RULES))
        yield "catalogue"
        from printing.slip_design import SlipDesign
        from ui.settings.rules.view import RulesScreen

        yield "the rules' modules"
        rules = RulesScreen(
            services,
            self.desk.slips,
            SlipDesign(),
            lambda text: self.messages.say(text, "success"),
            paper_mm=58 if self.preferences.get(SLIP_WIDTH_MM) == "58" else 80,
        )
        window.add_screen(rules, (Right.RULES,))
        rules.rule_changed.connect(self._ask_policy)

        def to_look_of_slips() -> None:
            window.go("rules")
            rules.choose("slips")

        spool.look_wanted.connect(to_look_of_slips)
        yield "rules"
        from ui.staff.view import StaffScreen

        window.add_screen(StaffScreen(services), (Right.STAFF, Right.APPROVE))
        yield "staff"
        window.add_screen(CardStockScreen(services), (Right.CARD_STOCK,))
        yield "card_stock"
        window.add_screen(ReportsScreen(services, self.desk.reports, self.messages, self.preferences), (Right.REPORTS,))
        yield "reports"
        from ui.devices.presenter import DevicesPresenter
        from ui.devices.view import DevicesView

        yield "the devices' modules"
        devices = DevicesView(
            lambda view: DevicesPresenter(
                view,
                self.machines.devices,
                self.jobs,
                setup=self.machines,
                session=lambda: person.session if (person := self._who()) is not None else None,
                may_change=lambda: services.may(Right.DESKS),
                language=language,
                now=self._now,
                bug=self.messages.bug,
            ),
            in_words,
            failed=self.messages.problem,
            said=lambda text: self.messages.say(text, "success"),
            make_self_test=partial(self._make_self_test, services),
        )
        window.add_screen(devices)
        window.device_event.connect(devices.heard)
        devices.wanted.connect(lambda: window.go("devices"))
        window.status.self_test_wanted.connect(devices.open_self_test)
        window.signed_in.connect(lambda _session: devices.ask_self_test())
        yield "devices"
        if self.desk.link is not None:
            from ui.sync.view import SyncView

            sync = SyncView(services, self.desk.link)
            window.add_screen(sync, (Right.LOOK_UP, Right.DESKS))
            self._relay.hub.connect(sync.status_changed, Qt.ConnectionType.QueuedConnection)
            window.status.hub_wanted.connect(lambda: window.go("sync"))

            def open_member(member: UUID) -> None:
                window.go("counter")
                counter.open_member(member)

            def open_task(task: str, member: UUID) -> None:
                open_member(member)
                if task:
                    counter.start(task)

            sync.member_wanted.connect(open_member)
            sync.enrolled_again.connect(self._relay.again)
            sync.given_up.connect(self._relay.given_up)
            sync.task_wanted.connect(open_task)
            sync.shelf_wanted.connect(lambda: window.go("gifts"))
            yield "sync"
            from ui.desks.view import DesksScreen

            window.add_screen(DesksScreen(services, self.desk.link), (Right.DESKS, Right.APPROVE))
            yield "desks"
        from ui.settings.view import SettingsView

        settings = SettingsView(self.preferences)
        settings.changed.connect(lambda _key: self._open_member_screen())
        window.add_screen(settings)
        yield "settings"

    def _make_self_test(self, services: CounterServices, panel: SelfTestPanel) -> SelfTestPresenter:
        from app.composition.self_test import DeskSelfTest
        from db.queries.self_tests import SqlSelfTests
        from ui.devices.self_test.presenter import SelfTestPresenter

        desk = self.desk
        return SelfTestPresenter(
            panel,
            DeskSelfTest(desk, self.machines),
            SqlSelfTests(desk.store, desk.settings.mall, desk.settings.desk),
            desk.authority,
            services.paper,
            self.jobs,
            session=lambda: person.session if (person := self._who()) is not None else None,
            language=language,
            now=self._now,
            day_of=lambda at: business_day(at, services.zone),
            due=self.window.status.set_self_test_due,
            failed=self.messages.problem,
            bug=self.messages.bug,
        )

    def _make_member_side(self, counter: CounterView) -> MemberScreenSwitch:
        """What the member sees: the line display that the desk may have, and a screen of their own."""
        from ui.member_side.lines import LineDisplay
        from ui.member_side.presenter import MemberSidePresenter
        from ui.member_side.view import MemberScreenSwitch, MemberWindow

        side = MemberSidePresenter(counter.presenter, [LineDisplay(lambda: self.machines.devices.display)])

        def make() -> MemberWindow:
            made = MemberWindow(self.services, self.window)
            self.jobs.run(self.desk.queries.desk_status, lambda status: made.set_mall(status.mall_name))
            return made

        self.window.locked.connect(lambda: side.blank(True))
        self.window.unlocked.connect(lambda: side.blank(False))
        self.window.signed_in.connect(lambda _session: side.blank(False))
        self.window.signed_in.connect(lambda _session: self._open_member_screen())
        return MemberScreenSwitch(side, make, lambda on: self.preferences.set(MEMBER_SCREEN, "on" if on else ""))

    def _open_member_screen(self) -> None:
        if self._member_screen is not None:
            self._member_screen.set(self.preferences.get(MEMBER_SCREEN) == "on")

    def stop(self) -> None:
        self._screens = iter(())  # what was not made by now is not wanted any more
        self._roll.stop()
        if self._member_screen is not None:
            self._member_screen.set(False)
        self.window.stop()
        if self.desk.link is not None:
            self.desk.link.agent.listen(lambda _status: None)
        self.housekeeping.stop()
        self.machines.stop()
        self.jobs.stop()

    def _keep_machines(self, settings: DeskSettings) -> None:
        """Called in a job. The width on the settings screen is that of the kind of printer that was chosen."""
        kept = self.desk.home.settings() if self.desk.home.is_set_up() else settings
        self.desk.home.save(kept.model_copy(update=only_machines(settings)))
        width = settings.printer_profile.removeprefix("generic-")
        if width in ("58", "80"):
            self.preferences.set(SLIP_WIDTH_MM, width)

    def _ask_policy(self, _session: object = None) -> None:
        """The figures in force, for what is shown beforehand; what counts is decided where it is written."""

        def told(policy: Policy) -> None:
            self._policy = policy

        self.jobs.run(self.desk.queries.policy, told)

    def _who(self) -> SignedIn | None:
        session = self.window.session
        return SignedIn(session.session, session.staff, session.name, session.role) if session else None

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.desk.clock.wall_ms() / 1000, UTC)

    def _hub_changed(self, status: HubStatus) -> None:
        self.window.status.set_hub(status, in_words(status.trouble, {}) if status.trouble else "")
        self.services.contact.tell(status.mode)

    def _say_what_is_unsent(self) -> None:
        """A shift is handed over in the middle of a cut as well: nobody is kept from signing out."""
        from ui.sync.words import left_unsent

        if self.desk.link is not None and (text := left_unsent(self.desk.link.status())):
            self.messages.say(text)

    @staticmethod
    def _what_waits(link: HubLink) -> str:
        from ui.sync.words import left_at_closing

        return left_at_closing(link.status())

    def _sign_out_who_is_gone(self) -> None:
        """Their account was closed at another desk, and this one has heard of it: they do not go on looking at
        members."""
        person = self._who()
        if person is None:
            return

        def failed(problem: Exception) -> None:
            if not isinstance(problem, Refused | Unavailable):
                self.messages.problem(problem)
            elif problem.code == "staff.closed" and self._who() == person:
                self.window.sign_out()
                self.messages.problem(problem)

        self.jobs.run(partial(self.desk.queries.session_staff, person.session), lambda _person: None, failed)

    def _print_job_changed(self, _job: PrintJob) -> None:
        self.window.refresh_status()


def _card_pdf(face: CardFace, language: str) -> bytes:
    from printing.renderers.member_card import member_card_pdf  # reportlab: no window waits for it

    return member_card_pdf(face, language)


def _approval_card_pdf(name: str, text: str, language: str) -> bytes:
    from printing.renderers.approval_card import approval_card_pdf

    return approval_card_pdf(name, text, language)


class _Relay(QObject):
    """What devices and spool say on their own threads, brought to the GUI thread."""

    problem = Signal(object)
    job = Signal(object)
    call = Signal(object)
    hub = Signal(object)
    gone = Signal()
    again = Signal()
    given_up = Signal()

    def run(self, call: Callable[[], None]) -> None:
        call()


def _with_paper(settings: DeskSettings, preferences: Preferences) -> DeskSettings:
    """The paper width that was chosen on the settings screen, for the printers that come in both."""
    width = preferences.get(SLIP_WIDTH_MM)
    if width in ("58", "80") and settings.printer_profile.startswith("generic-"):
        return settings.model_copy(update={"printer_profile": f"generic-{width}"})
    return settings


def demo_cards(queries: Queries) -> tuple[DemoCard, ...]:
    """A handful of members of the invented mall whose cards lie on the demo's counter."""
    from app.demo.people import KNOWN
    from ui.devices.demo_panel import DemoCard

    cards = []
    for known in KNOWN[:8]:
        for row in queries.find_members(known.name).rows[:1]:
            page = queries.member_page(row.member)
            cards += [DemoCard(card.card, known.name, page.tier) for card in page.cards if card.state == "issued"][:1]
    return (*cards, DemoCard("6222020200112230", "银行卡", note="bank card"))


def demo_phone(desk: Desk, number: str) -> PhoneCode:
    """The code that the member with this card would have on their phone now."""
    from io import BytesIO

    from app.domain.card_code import member_code, qr_key
    from printing.renderers.drawing import draw_code
    from ui.devices.demo_panel import PhoneCode

    text = member_code(number, desk.clock.wall_ms() / 1000, qr_key(roots(desk).card_key))
    picture = BytesIO()
    draw_code(text, 6).save(picture, "PNG")
    return PhoneCode(text, picture.getvalue())


def run_desk(home: Home) -> int:
    """The desk's window; the wizard before it where nothing is set up. Returns the exit code."""
    preferences = FilePreferences(home.preferences_file)
    app = application(preferences)
    while True:
        gone = wiped(home)
        if gone is not None and not _wants_it_again(app, gone):
            return 0
        desk = _open_or_say(app, home) if home.is_set_up() else _ask_first(app, home)
        if desk is None:
            return 0
        ended = _run(app, desk, desk.settings, preferences)
        if ended == GIVEN_UP and not _given_up_and_on(app, home):
            return 0
        if ended not in (WIPED, AGAIN, GIVEN_UP):
            return ended


def _wants_it_again(app: QApplication, gone: Wiped) -> bool:
    """Says that this desk has destroyed what it held, and whether somebody wants to set it up anew."""
    from ui.locale import moment
    from ui.shell.wiped import WipedWindow

    window = WipedWindow(gone.desk, moment(gone.at))
    wanted: list[bool] = []
    window.again.connect(lambda: wanted.append(True))
    window.show()
    app.exec()
    return bool(wanted)


def _given_up_and_on(app: QApplication, home: Home) -> bool:
    """Does what `memberdesk sync forget` does, says what became of it, and whether somebody wants to go on here."""
    from app.composition.following import forget_as_agreed
    from ui.shell.given_up import GivenUpWindow

    desk = home.settings().desk
    why_not: list[Refused | Unavailable] = []
    try:
        forget_as_agreed(home)
    except (Refused, Unavailable) as problem:
        why_not.append(problem)
    window = GivenUpWindow(desk, (lambda: in_words(why_not[0].code, why_not[0].facts)) if why_not else None)
    wanted: list[bool] = []
    window.again.connect(lambda: wanted.append(True))
    window.show()
    app.exec()
    return bool(wanted)


def _open_or_say(app: QApplication, home: Home) -> Desk | None:
    """The desk; or, in a window (nobody reads stderr after a double click), why not and the way back. None: closed."""
    while True:
        try:
            return open_desk(home)
        except (Refused, Unavailable) as found:
            if not _shown_and_mended(app, home, found):
                return None


def _shown_and_mended(app: QApplication, home: Home, problem: Refused | Unavailable) -> bool:
    """True when a backup was put in place."""
    from ui.shell.start_problem import StartProblem  # hardly any start needs it

    jobs = QtJobs(lambda _: None)
    mended: list[bool] = []
    has_backup = problem.code == "store.broken" and bool(problem.facts.get("backup"))
    window = StartProblem(
        lambda: in_words(problem.code, problem.facts),
        jobs,
        (lambda: restore_backup(home, None)) if has_backup else None,
        lambda failure: (
            in_words(failure.code, failure.facts)
            if isinstance(failure, Refused | Unavailable)
            else type(failure).__name__
        ),
    )
    window.again.connect(lambda: mended.append(True))
    window.show()
    app.exec()
    jobs.stop()
    return bool(mended)


def run_demo(home: Home, *, line: SimulatedNetwork | None = None, cards: Sequence[DemoCard] = ()) -> int:
    """The demo's window with its simulated machines beside it."""
    from devices.simulators.counter import SimulatedCounterMachines

    preferences = FilePreferences(home.preferences_file)
    app = application(preferences)
    machines = SimulatedCounterMachines()
    try:
        while True:
            desk = open_desk(home)
            settings = with_simulated(desk.settings, machines)
            ended = _run(app, desk, settings, preferences, simulated=machines, line=line, cards=cards)
            gone = wiped(home)
            if gone is not None:
                _wants_it_again(app, gone)
            elif ended == AGAIN or (ended == GIVEN_UP and _given_up_and_on(app, home) and home.is_set_up()):
                continue
            return 0 if ended in (WIPED, GIVEN_UP) else ended
    finally:
        machines.stop()


def _run(
    app: QApplication,
    desk: Desk,
    settings: DeskSettings,
    preferences: Preferences,
    *,
    simulated: SimulatedCounter | None = None,
    line: SimulatedNetwork | None = None,
    cards: Sequence[DemoCard] = (),
) -> int:
    running = Running(desk, settings, preferences, simulated=simulated, line=line, cards=cards)
    _catch_bugs(running)
    try:
        running.gone.connect(partial(app.exit, WIPED), Qt.ConnectionType.QueuedConnection)
        running.again.connect(partial(app.exit, AGAIN), Qt.ConnectionType.QueuedConnection)
        running.given_up.connect(partial(app.exit, GIVEN_UP), Qt.ConnectionType.QueuedConnection)
        running.start()
        running.window.show()
        return app.exec()
    finally:
        running.stop()
        running.window.hide()
        desk.close()


def _ask_first(app: QApplication, home: Home) -> Desk | None:
    """The wizard. None when it was closed without an answer."""
    from app.composition.first_start import FirstStartHere  # once in a desk's life: no other start waits for it
    from ui.setup.presenter import SetupPresenter
    from ui.setup.view import SetupView

    first_start = FirstStartHere(home)
    messages = Messages(in_words)
    jobs = QtJobs(messages.problem)
    done: list[bool] = []

    def make(view: SetupView) -> SetupPresenter:
        def finish() -> None:
            done.append(True)
            view.close()

        return SetupPresenter(
            view,
            first_start,
            jobs,
            sentence=in_words,
            language=language,
            finished=finish,
            bug=messages.bug,
        )

    wizard = SetupView(make)
    wizard.presenter.open()
    wizard.show()
    app.exec()
    jobs.stop()
    if first_start.desk is None and done:
        raise Unavailable("setup.not_finished")
    return first_start.desk


def _catch_bugs(running: Running) -> None:
    """Whatever nobody caught is written to the crash log, and the window stays up and says so."""

    def catch(kind: type[BaseException], problem: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        running.messages.bug(problem)

    sys.excepthook = catch
