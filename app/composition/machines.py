"""The counter's devices, real or simulated, and the spool that feeds the printer."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import combinations
from threading import Lock
from typing import Protocol
from uuid import UUID, uuid4

from app.composition.desk import Desk
from app.composition.machine_list import KEYBOARD, machines_of, with_machines
from app.composition.printer_kinds import (
    kind_in_use,
    printer_in_use,
    printer_profiles,
    probe_in_use,
    with_kind,
    with_probe,
)
from app.domain.errors import Refused, Unavailable
from app.operations.change_machines import ChangeMachines
from app.ports.authority import Submission
from app.ports.devices import (
    CardMaker,
    CustomerDisplay,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    FoundPort,
    Guess,
    GuessStep,
    KeyboardReader,
    Machine,
    Printer,
    PrinterKind,
    PrinterProbe,
    PrintOutcome,
    PrintResult,
    Trial,
)
from app.ports.paper import PrintJob
from app.settings import DeskSettings, ReaderSettings
from devices.drivers.dispenser import DISPENSERS
from devices.drivers.display import DISPLAYS
from devices.drivers.encoder_kinds import ENCODER_KINDS
from devices.drivers.profiles import PROFILES, PrinterProfile
from devices.drivers.reader_kinds import READER_KINDS
from devices.guessing import guess
from devices.listing import checked_url, known_ports, same_port
from devices.supervisor import DeskDevices, DeviceSettings
from printing.renderers.paper_profile import PaperProfile
from printing.spool import Spool

TEST_PRINT_WITHIN_S = 30.0
DISPLAY_TEST = ("MemberDesk", "12345678901234567890")  # the whole width, in characters that every display has
# A test slip would wait until somebody has come: that it waits is the result.
HOLDS_PAPER_BACK = frozenset(
    {"printer.paper_end", "printer.cover_open", "printer.cutter", "printer.error", "printer.offline", "printer.silent"}
)
DRIVERS: Mapping[DeviceKind, tuple[str, ...]] = {
    DeviceKind.READER: (*READER_KINDS, KEYBOARD),
    DeviceKind.PRINTER: tuple(PROFILES),
    DeviceKind.ENCODER: tuple(ENCODER_KINDS),
    DeviceKind.DISPENSER: tuple(DISPENSERS),
    DeviceKind.DISPLAY: tuple(DISPLAYS),
}


def paper_profile(profile: PrinterProfile) -> PaperProfile:
    return PaperProfile(
        columns=profile.columns,
        dots=profile.dots,
        native_qr=profile.native_qr,
        cut=profile.cut,
        beyond_gbk=profile.beyond_gbk,
        hanzi_size=profile.hanzi_size,
    )


def printed_test(printer: Printer, profile: PrinterProfile, language: str, zone: str) -> PrintResult:
    """Print the test slip and wait for what became of it; after half a minute a person has to look."""
    from printing.documents.test_slip import test_slip
    from printing.renderers.escpos import encode  # draws: what it needs is loaded when something is printed

    paper = test_slip(datetime.now(UTC), zone, language, columns=profile.columns, proof=profile.completion.value)
    segments = encode(paper, paper_profile(profile))
    results: queue.Queue[PrintResult] = queue.Queue()
    causes: list[str] = []
    printer.submit(str(uuid4()), segments, waiting=causes.append, done=results.put)
    try:
        return results.get(timeout=TEST_PRINT_WITHIN_S)
    except queue.Empty:
        return PrintResult(PrintOutcome.UNCERTAIN, causes[-1] if causes else None)


def settings_of_devices(settings: DeskSettings) -> tuple[DeviceSettings, ...]:
    """What `desk.json` names; an empty URL means that the desk has no such machine.

    Raises Unavailable("settings.unreadable") for a driver that does not exist."""
    found = []
    first = ReaderSettings(
        name="reader", url=settings.reader_url, driver=settings.reader_driver, baudrate=settings.reader_baudrate
    )
    for reader in (first, *settings.more_readers):
        if reader.driver not in READER_KINDS:
            raise Unavailable("settings.unreadable", file="desk.json", field=f"{reader.name}: {reader.driver}"[:60])
        if reader.url and reader.url != settings.encoder_url:  # an encoder reads, too
            found.append(
                DeviceSettings(
                    reader.name,
                    DeviceKind.READER,
                    reader.url,
                    driver=reader.driver,
                    baudrate=reader.baudrate or None,
                    card_prefix=settings.card_prefix,
                    scan_prefix=reader.scan_prefix,
                    scan_suffix=reader.scan_suffix,
                    enabled=reader.name not in settings.switched_off,
                )
            )
    if settings.keyboard_reader:
        found.append(
            DeviceSettings(
                KEYBOARD,
                DeviceKind.READER,
                "",
                driver=KEYBOARD,
                card_prefix=settings.card_prefix,
                scan_prefix=settings.keyboard_prefix,
                enabled=KEYBOARD not in settings.switched_off,
            )
        )
    printer = printer_in_use(settings)
    if settings.printer_url:
        found.append(
            DeviceSettings(
                "printer",
                DeviceKind.PRINTER,
                settings.printer_url,
                driver=settings.printer_profile,
                printer=printer,
                baudrate=settings.printer_baudrate or None,
                enabled="printer" not in settings.switched_off,
            )
        )
    for kind, url, driver, baudrate in (
        (DeviceKind.ENCODER, settings.encoder_url, settings.encoder_driver, settings.encoder_baudrate),
        (DeviceKind.DISPENSER, settings.dispenser_url, settings.dispenser_driver, settings.dispenser_baudrate),
        (DeviceKind.DISPLAY, settings.display_url, settings.display_driver, settings.display_baudrate),
    ):
        if driver not in DRIVERS[kind]:
            raise Unavailable("settings.unreadable", file="desk.json", field=f"{kind.value}: {driver}"[:60])
        if url:
            found.append(
                DeviceSettings(
                    kind.value,
                    kind,
                    url,
                    driver=driver,
                    baudrate=baudrate or None,
                    card_prefix=settings.card_prefix,
                    enabled=kind.value not in settings.switched_off,
                )
            )
    return tuple(found)


class SimulatedLines(Protocol):
    reader_url: str
    printer_url: str
    encoder_url: str
    encoder_driver: str
    dispenser_url: str
    dispenser_driver: str
    display_url: str
    display_driver: str


def with_simulated(settings: DeskSettings, machines: SimulatedLines) -> DeskSettings:
    """The same desk, its machines simulated over real serial lines."""
    return settings.model_copy(
        update={
            "reader_url": machines.reader_url,
            "reader_driver": "line",
            "more_readers": [],
            "printer_url": machines.printer_url,
            "encoder_url": machines.encoder_url,
            "encoder_driver": machines.encoder_driver,
            "dispenser_url": machines.dispenser_url,
            "dispenser_driver": machines.dispenser_driver,
            "display_url": machines.display_url,
            "display_driver": machines.display_driver,
        }
    )


class DevicesHere:
    """`app.ports.devices.Devices` whose machines can be others from one moment to the next; listeners stay."""

    def __init__(self, settings: tuple[DeviceSettings, ...], *, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._lock = Lock()
        self._listeners: tuple[Callable[[DeviceEvent], None], ...] = ()
        self._now = self._made(settings)
        self._runs = False

    def start(self) -> None:
        self._runs = True
        self._now.start()

    def listen(self, listener: Callable[[DeviceEvent], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        return end

    def health(self) -> tuple[DeviceHealth, ...]:
        return self._now.health()

    @property
    def printer(self) -> Printer | None:
        return self._now.printer

    @property
    def card_maker(self) -> CardMaker | None:
        return self._now.card_maker

    @property
    def display(self) -> CustomerDisplay | None:
        return self._now.display

    @property
    def keyboard(self) -> KeyboardReader | None:
        """The reader that types; `app.ports.devices.Devices` has no word for it, for only a window can hear it."""
        return self._now.keyboard

    def change(self, settings: tuple[DeviceSettings, ...]) -> None:
        """Let go of every port and open the others. Blocks for up to two seconds."""
        before = self._now
        known = before.health()
        before.stop()
        self._now = self._made(settings)
        names = {each.name for each in settings}
        for gone in known:
            if gone.name not in names:
                self._hear(DeviceHealth(gone.name, gone.kind, DeviceState.DISABLED, ""))
        if self._runs:
            self._now.start()

    def stop(self) -> None:
        self._runs = False
        self._now.stop()

    def _made(self, settings: tuple[DeviceSettings, ...]) -> DeskDevices:
        made = DeskDevices(settings, report=self._report)
        made.listen(self._hear)
        return made

    def _hear(self, event: DeviceEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                self._report(error)


class Machines:
    """Devices and spool of one desk. `start` once listeners are in place; `stop` within a few seconds.

    It is `app.ports.devices.DeviceSetup` too: `keep` writes down other settings, so that they hold at the next start.
    """

    def __init__(
        self,
        desk: Desk,
        settings: DeskSettings,
        *,
        language: Callable[[], str],
        report: Callable[[BaseException], None],
        changed: Callable[[PrintJob], None] = lambda _: None,
        keep: Callable[[DeskSettings], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._authority = desk.authority
        self._zone = desk.zone
        self._keep = keep
        self.devices = DevicesHere(settings_of_devices(settings), report=report)
        self.spool = Spool(
            desk.spool,
            slip=desk.slips.slip,
            printer=lambda: self.devices.printer,
            profile=lambda: paper_profile(printer_in_use(self._settings)),
            language=language,
            changed=changed,
        )
        self._printer_was: DeviceState | None = None
        self.devices.listen(self._heard)

    def _heard(self, event: DeviceEvent) -> None:
        """A printer that has come back may find slips waiting for it."""
        if not isinstance(event, DeviceHealth) or event.kind is not DeviceKind.PRINTER:
            return
        if event.state is DeviceState.ONLINE and self._printer_was is not DeviceState.ONLINE:
            self.spool.wake()
        self._printer_was = event.state

    def start(self) -> None:
        self.devices.start()
        self.spool.start()

    def stop(self) -> None:
        # The devices first: then a slip of which no byte was accepted is kept as such and prints at the next start.
        self.devices.stop()
        self.spool.stop()

    # DeviceSetup

    def ports(self) -> tuple[FoundPort, ...]:
        return known_ports({machine.url: machine.name for machine in self.current() if machine.enabled})

    def drivers(self) -> Mapping[DeviceKind, tuple[str, ...]]:
        return {**DRIVERS, DeviceKind.PRINTER: tuple(printer_profiles(self._settings))}

    def current(self) -> tuple[Machine, ...]:
        return machines_of(self._settings)

    def apply(self, machines: tuple[Machine, ...], session: UUID) -> None:
        operation = ChangeMachines(machines=machines, before=tuple(each.name for each in self.current())).normalised()
        _check(operation.machines, self.drivers())
        self._change(operation, with_machines(self._settings, operation.machines), session)

    def printer_kind(self) -> PrinterKind:
        return kind_in_use(self._settings)

    def keep_printer_kind(self, kind: PrinterKind, session: UUID) -> None:
        changed = with_kind(self._settings, kind)
        before = tuple(each.name for each in self.current())
        operation = ChangeMachines(machines=machines_of(changed), before=before).normalised()
        self._change(operation, changed, session)

    def _change(self, operation: ChangeMachines, changed: DeskSettings, session: UUID) -> None:
        known = self._settings
        submission = Submission((operation,), session)
        self._authority.requirements(submission)  # who may not, must not touch the file
        self._keep_or_say(changed)
        try:
            self._authority.submit(submission)
        except BaseException:
            self._keep_or_say(known)
            raise
        self._settings = changed
        self.devices.change(settings_of_devices(changed))
        self.spool.wake()

    def guess(
        self, url: str, step: Callable[[GuessStep], None], cancelled: Callable[[], bool], *, swipe_s: float = 0.0
    ) -> Guess:
        for machine in self.current():
            if machine.enabled and machine.url and same_port(machine.url, url):
                raise Refused("device.port_in_use", name=machine.name)
        return guess(checked_url(url), step, cancelled, swipe_s=swipe_s)

    def trial(self, name: str, language: str) -> Trial:
        health = next((each for each in self.devices.health() if each.name == name), None)
        if health is None or health.state is DeviceState.DISABLED:
            return Trial(False, "device.switched_off")
        if health.kind is DeviceKind.PRINTER:
            if health.state is DeviceState.OFFLINE or health.cause in HOLDS_PAPER_BACK:
                return Trial(False, health.cause or "printer.silent", {"url": health.url})
            return self._printer_trial(language)
        if health.state is not DeviceState.ONLINE:
            return Trial(False, health.cause or "device.silent", {"url": health.url})
        if health.kind is DeviceKind.DISPLAY and self.devices.display is not None:
            self.devices.display.show(*DISPLAY_TEST)
            return Trial(None, "device.look_at_display")
        return Trial(True, "device.is_there")

    def probe(self) -> PrinterProbe:
        printer = self.devices.printer
        if printer is None:
            raise Unavailable("printer.none")
        found: queue.Queue[PrinterProbe] = queue.Queue()
        printer.probe(found.put)
        try:
            probe = found.get(timeout=TEST_PRINT_WITHIN_S)
        except queue.Empty:  # a job is still under way
            return PrinterProbe(cause="printer.busy")
        if probe.cause is None:
            changed = with_probe(self._settings, probe)
            self._keep_or_say(changed)
            self._settings = changed
        return probe

    def probed(self) -> PrinterProbe | None:
        return probe_in_use(self._settings)

    def _printer_trial(self, language: str) -> Trial:
        printer = self.devices.printer
        if printer is None:
            return Trial(False, "printer.none")
        if probe_in_use(self._settings) is None:
            found = self.probe()
            if found.cause is not None:
                return Trial(False, found.cause)
        result = printed_test(printer, printer_in_use(self._settings), language, self._zone)
        match result.outcome:
            case PrintOutcome.CONFIRMED:
                return Trial(True, "setup.printed")
            case PrintOutcome.UNCERTAIN:
                return Trial(None, "setup.look_at_slip")
            case PrintOutcome.FAILED:
                return Trial(False, result.cause or "printer.error")

    def _keep_or_say(self, settings: DeskSettings) -> None:
        try:
            self._keep(settings)
        except OSError as problem:
            raise Unavailable("settings.not_kept", why=problem.strerror or "") from None


def _check(machines: tuple[Machine, ...], drivers: Mapping[DeviceKind, tuple[str, ...]]) -> None:
    """What only this computer can tell. Raises Refused."""
    for machine in machines:
        if machine.driver not in drivers.get(machine.kind, ()):
            raise Refused("device.driver_unknown", name=machine.driver[:60])
        if machine.driver == KEYBOARD:
            if machine.name != KEYBOARD or machine.url:
                raise Refused("device.driver_unknown", name=machine.name)
            continue
        if not machine.url:
            raise Refused("device.port_missing", name=machine.name)
        checked_url(machine.url)
    for one, other in combinations([machine for machine in machines if machine.enabled and machine.url], 2):
        if same_port(one.url, other.url) and not _is_behind(one, other) and not _is_behind(other, one):
            raise Refused("device.same_port", one=one.name, other=other.name)


def _is_behind(display: Machine, printer: Machine) -> bool:
    """One port for both: what is for the display goes through the printer (DEVICES.md 2.8)."""
    return (display.kind, printer.kind) == (DeviceKind.DISPLAY, DeviceKind.PRINTER) and DISPLAYS[
        display.driver
    ].is_behind_printer
