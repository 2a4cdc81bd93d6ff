"""One thread per machine, each owning its port: opens it, keeps it, finds it again (DEVICES.md 5.3, ARCHITECTURE.md 6).

States: disabled → opening → online → degraded(cause) → offline(cause, retry at).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from app.domain.errors import Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    PrinterProbe,
    PrintOutcome,
    PrintResult,
)
from devices.card_maker import SerialCardMaker
from devices.drivers.dispenser import DISPENSERS, DispenserTalk
from devices.drivers.display import DISPLAYS, DisplayTalk
from devices.drivers.encoder_kinds import ENCODER_KINDS
from devices.drivers.printer import TO_DISPLAY, Job, PrinterTalk, Timing, segments_of
from devices.drivers.profiles import PROFILES, PrinterProfile
from devices.drivers.reader import SAME_CODE_S, CounterReader, MemberCardRule
from devices.drivers.reader_kinds import READER_KINDS, CodeForm, ReaderKind
from devices.drivers.reader_talk import EncoderTalk, ReaderTalk
from devices.drivers.wedge import KeyboardWedge
from devices.listing import same_port
from devices.pcsc_port import SCHEME, PcscPort
from devices.ports import LineSettings, SerialPort, presence

BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
FORGIVEN_AFTER_S = 30.0
LOOK_EVERY_S = 0.25
LOOK_AT_SYSTEM_EVERY_S = 2.0
STOP_WITHIN_S = 2.0
FRAMES_KEPT = 200
_ORDER = {DeviceKind.DISPENSER: 0, DeviceKind.DISPLAY: 2}


@dataclass(frozen=True)
class DeviceSettings:
    """One machine of this desk as configured.

    `driver` is one of `devices.drivers.reader_kinds` (left out: "line") or "keyboard" for a reader, of `encoder_kinds`,
    `dispenser` or `display` for those, and a profile of `devices.drivers.profiles` for a printer; `baudrate` and `flow`
    left out are the driver's, or none. A keyboard reader has no port: its `url` is empty, and `scan_prefix` is the key
    that announces a scan. An encoder reads, too, unless it is in a dispenser. Raises KeyError for an unknown driver.
    """

    name: str
    kind: DeviceKind
    url: str
    driver: str = ""
    baudrate: int | None = None
    flow: str | None = None
    enabled: bool = True
    card_prefix: str = "99"
    scan_prefix: str = ""
    scan_suffix: str = ""
    settle_s: float = 0.2
    printer: PrinterProfile | None = None  # a kind of the desk's own, or one that was probed, in place of `driver`

    @property
    def profile(self) -> PrinterProfile:
        return self.printer or PROFILES[self.driver or "generic-80"]

    @property
    def reader_kind(self) -> ReaderKind:
        return READER_KINDS[self.driver or "line"]

    @property
    def is_keyboard(self) -> bool:
        return self.kind is DeviceKind.READER and self.driver == "keyboard"

    @property
    def line(self) -> LineSettings:
        flow = self.profile.flow if self.kind is DeviceKind.PRINTER else "none"
        return LineSettings(
            self.url, baudrate=self.baudrate or self._usual_baudrate, flow=self.flow or flow, settle_s=self.settle_s
        )

    @property
    def _usual_baudrate(self) -> int:
        match self.kind:
            case DeviceKind.PRINTER:
                return self.profile.baudrate
            case DeviceKind.DISPENSER:
                return DISPENSERS[self.driver].baudrate
            case DeviceKind.DISPLAY:
                return DISPLAYS[self.driver].baudrate
            case DeviceKind.ENCODER:
                return ENCODER_KINDS[self.driver].reader.baudrate
            case DeviceKind.READER:
                return self.reader_kind.baudrate


class Talk(Protocol):
    """The protocol of one machine, without port or thread: `devices.drivers.printer.PrinterTalk` or one of
    `reader_talk`, `dispenser`, `display`."""

    needs_reopening: bool

    @property
    def state(self) -> tuple[DeviceState, str | None]: ...
    @property
    def is_busy(self) -> bool: ...
    @property
    def noise(self) -> int: ...
    def opened(self) -> None: ...
    def closed(self, cause: str) -> None: ...
    def outgoing(self) -> bytes: ...
    def accepted(self, count: int, *, exact: bool = True) -> None: ...
    def in_flight(self, count: int) -> None: ...
    def received(self, data: bytes) -> None: ...
    def tick(self) -> None: ...
    def take_calls(self) -> list[Callable[[], None]]: ...
    def take_log(self) -> list[str]: ...


class SeenOnce:
    """One card may be read by two machines (a slot and a plate, a port and a keyboard) and is one reading.

    `passes` may be called from any thread. A reader's own repetitions are its driver's affair.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, within_s: float = SAME_CODE_S) -> None:
        self._clock = clock
        self._within_s = within_s
        self._lock = threading.Lock()
        self._last: CardSeen | BankCardSeen | None = None
        self._last_at_s = 0.0

    def passes(self, event: DeviceEvent) -> bool:
        if not isinstance(event, CardSeen | BankCardSeen):
            return True
        with self._lock:
            now_s, last = self._clock(), self._last
            if (
                last is not None
                and now_s - self._last_at_s < self._within_s
                and event.reader != last.reader
                and getattr(event, "number", None) == getattr(last, "number", None)
            ):
                return False
            self._last, self._last_at_s = event, now_s
            return True


class DeviceThread:
    """Owns one port and one talk. Only `post`, `health`, `stop` and `join` may be called from other threads."""

    def __init__(
        self,
        settings: DeviceSettings,
        talk: Talk,
        *,
        emit: Callable[[DeviceEvent], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self.settings = settings
        self._talk = talk
        self._emit = emit
        self._report = report
        self._port = PcscPort(settings.url) if settings.url.startswith(SCHEME) else SerialPort(settings.line)
        self._inbox: deque[Callable[[], None]] = deque()
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._frames: deque[str] = deque(maxlen=FRAMES_KEPT)
        self._failures = 0
        self._errors = 0
        self._openings = 0
        first = DeviceState.OPENING if settings.enabled else DeviceState.DISABLED
        self._health = DeviceHealth(settings.name, settings.kind, first, settings.url, since=_now())
        self._thread = threading.Thread(target=self._run, name=f"device {settings.name}", daemon=True)

    def start(self) -> None:
        if self.settings.enabled:
            self._thread.start()

    def post(self, call: Callable[[], None]) -> bool:
        """Have `call` made on the device's thread; False if that thread has ended or never ran."""
        with self._lock:
            if self._stopping.is_set() or not self._thread.is_alive():
                return False
            self._inbox.append(call)
        self._woken.set()
        self._port.wake()
        return True

    def health(self) -> DeviceHealth:
        with self._lock:
            return replace(
                self._health,
                errors=self._errors + self._talk.noise,
                reconnects=max(0, self._openings - 1),
                frames=tuple(self._frames),
            )

    def stop(self) -> None:
        with self._lock:
            self._stopping.set()
        self._woken.set()
        self._port.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; False if it is still stuck in its driver after `timeout_s`."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # On the device's thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            seen = presence(self.settings.url)
            cause = self._open()
            if cause is None:
                opened_at_s = time.monotonic()
                self._openings += 1
                cause = self._serve()
                self._port.close()
                if time.monotonic() - opened_at_s >= FORGIVEN_AFTER_S:
                    self._failures = 0
            if self._stopping.is_set():
                cause = "device.stopped"
            self._talk.closed(cause)
            self._make_calls()
            if not self._stopping.is_set():
                self._wait_for_return(cause, seen)
        self._run_inbox()
        self._make_calls()
        self._port.dispose()

    def _open(self) -> str | None:
        self._publish(DeviceState.OPENING, None)
        try:
            self._port.open()
        except Unavailable as error:
            return error.code
        except Exception as error:  # a driver's bug must not end the thread
            self._report(error)
            return "device.failed"
        return None

    def _serve(self) -> str:
        """Carry bytes between port and talk until either the port is lost or the desk stops; returns the cause."""
        talk = self._talk
        talk.opened()
        self._publish(*talk.state)
        while not self._stopping.is_set():
            try:
                self._run_inbox()
                if talk.needs_reopening:
                    self._port.close()
                    self._port.open()
                    talk.opened()
                self._carry(talk)
            except Unavailable as error:
                return error.code
            except Exception as error:
                self._report(error)
                return "device.failed"
        return "device.stopped"

    def _carry(self, talk: Talk) -> None:
        outgoing = talk.outgoing()
        done = self._port.exchange(outgoing, 0.03 if talk.is_busy else LOOK_EVERY_S)
        if outgoing:
            talk.accepted(done.accepted, exact=done.exact)
            talk.in_flight(self._port.unsent())
        if done.received:
            with self._lock:
                self._health = replace(self._health, last_seen=_now())
            talk.received(done.received)
        else:
            talk.tick()
        self._make_calls()
        self._publish(*talk.state)

    def _wait_for_return(self, cause: str, seen: object | None) -> None:
        """Try again after the back-off, or at once when the device's path comes back."""
        back_off_s = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        self._errors += 1
        until_s = time.monotonic() + back_off_s
        self._publish(DeviceState.OFFLINE, cause, _now() + timedelta(seconds=back_off_s))
        system = self.settings.url.lower().startswith("hwgrep://") or not self.settings.url.startswith("/")
        look_s = LOOK_AT_SYSTEM_EVERY_S if system else LOOK_EVERY_S
        next_look_s = time.monotonic()
        while not self._stopping.is_set() and (now_s := time.monotonic()) < until_s:
            if now_s >= next_look_s:
                next_look_s = now_s + look_s
                there = presence(self.settings.url)
                if there is not None and there != seen:
                    return
                seen = there
            self._woken.wait(min(LOOK_EVERY_S, until_s - now_s))
            self._woken.clear()
            self._run_inbox()
            self._make_calls()

    def _run_inbox(self) -> None:
        while self._inbox:
            self._inbox.popleft()()

    def _make_calls(self) -> None:
        for call in self._talk.take_calls():
            try:
                call()
            except Exception as error:  # a listener's bug is reported, and the device goes on
                self._report(error)
        log = self._talk.take_log()
        if log:
            at = _now().isoformat(timespec="milliseconds")
            with self._lock:
                self._frames.extend(f"{at} {line}" for line in log)

    def _publish(self, state: DeviceState, cause: str | None, retry_at: datetime | None = None) -> None:
        with self._lock:
            known = self._health
            if (known.state, known.cause, known.retry_at) == (state, cause, retry_at):
                return
            self._health = replace(known, state=state, cause=cause, retry_at=retry_at, since=_now())
        self._emit(self.health())


class BehindPrinter:
    """A customer display on the printer's own port (DEVICES.md 2.8): no port, no thread, and no way to know more than
    how the printer is. Takes the place of a `DeviceThread`."""

    def __init__(self, settings: DeviceSettings, printer: DeviceThread) -> None:
        self.settings = settings
        self._printer = printer
        self._is_stopped = False

    def start(self) -> None:
        """The printer's thread is started by itself."""

    def post(self, call: Callable[[], None]) -> bool:
        return not self._is_stopped and self._printer.post(call)

    def health(self) -> DeviceHealth:
        printer = self._printer.health()
        is_near_end = printer.cause == "printer.paper_near_end"  # nothing that a display would mind
        return replace(
            printer,
            name=self.settings.name,
            kind=self.settings.kind,
            state=DeviceState.ONLINE if is_near_end else printer.state,
            cause=None if is_near_end else printer.cause,
            errors=0,
            frames=tuple(line for line in printer.frames if line.endswith(TO_DISPLAY)),
        )

    def stop(self) -> None:
        self._is_stopped = True

    def join(self, _timeout_s: float) -> bool:
        return True


class SerialPrinter:
    """`app.ports.devices.Printer` on a device thread; `profile` says how a slip must be made for it."""

    def __init__(self, thread: DeviceThread, talk: PrinterTalk) -> None:
        self._thread = thread
        self._talk = talk

    @property
    def profile(self) -> PrinterProfile:
        return self._talk.profile

    @property
    def columns(self) -> int:
        return self.profile.columns

    def health(self) -> DeviceHealth:
        return self._thread.health()

    def submit(
        self,
        job: str,
        segments: Sequence[bytes],
        *,
        waiting: Callable[[str], None],
        done: Callable[[PrintResult], None],
    ) -> None:
        asked = Job(job, segments_of(segments), waiting, done)
        if not self._thread.post(partial(self._talk.submit, asked)):
            done(PrintResult(PrintOutcome.FAILED, "device.stopped"))

    def cancel(self, job: str) -> None:
        """Give up a job that waits: FAILED if nothing of it went out, else UNCERTAIN."""
        self._thread.post(partial(self._talk.cancel, job))

    def after_jam(self, *, restart: bool) -> None:
        """The operator freed the cutter: print on from the failed line, or clear what the printer still holds."""
        self._thread.post(partial(self._talk.after_jam, restart=restart))

    def open_drawer(self) -> None:
        health = self.health()
        if health.state not in (DeviceState.ONLINE, DeviceState.DEGRADED) or not self._thread.post(
            self._talk.open_drawer
        ):
            raise Unavailable(health.cause or "device.stopped", url=health.url)

    def probe(self, done: Callable[[PrinterProbe], None]) -> None:
        if not self._thread.post(partial(self._talk.probe, done)):
            done(PrinterProbe(cause="device.stopped"))


class SerialDisplay:
    """`app.ports.devices.CustomerDisplay` on a device thread; while its port is away, the newest text waits."""

    def __init__(self, thread: DeviceThread | BehindPrinter, talk: DisplayTalk) -> None:
        self._thread = thread
        self._talk = talk

    def show(self, upper: str, lower: str = "", *, latin: tuple[str, str] | None = None) -> None:
        self._thread.post(partial(self._talk.show, upper, lower, latin))

    def show_amount(self, fen: int, kind: str = "total") -> None:
        self._thread.post(partial(self._talk.show_amount, fen, kind))

    def clear(self) -> None:
        self._thread.post(self._talk.clear)


class DeskDevices:
    """`app.ports.devices.Devices` over serial lines. Call `start` once listeners are in place.

    `report` is given every exception that a listener or a driver raised; it is called on the device's thread.
    """

    def __init__(
        self,
        settings: Sequence[DeviceSettings],
        *,
        report: Callable[[BaseException], None],
        timing: Timing | None = None,
    ) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[DeviceEvent], None], ...] = ()
        self._threads: list[DeviceThread | BehindPrinter] = []
        self._timing = timing
        self._printer: SerialPrinter | None = None
        self._keyboard: KeyboardWedge | None = None
        self._card_maker: SerialCardMaker | None = None
        self._display: SerialDisplay | None = None
        self._once = SeenOnce()
        self._dispenser: tuple[DeviceThread, DispenserTalk] | None = None
        self._printer_talk: tuple[DeviceThread, PrinterTalk] | None = None
        self._behind: BehindPrinter | None = None
        # The dispenser first: an encoder has to know whether it is inside one. The display last: it may be behind the
        # printer.
        for each in sorted(settings, key=lambda each: _ORDER.get(each.kind, 1)):
            self._add(each)
        order = [each.name for each in settings]
        self._threads.sort(key=lambda thread: order.index(thread.settings.name))

    def _add(self, each: DeviceSettings) -> None:
        if each.is_keyboard:
            if each.enabled and self._keyboard is None:
                self._keyboard = self._wedge_for(each)
        elif each.kind is DeviceKind.PRINTER:
            self._add_printer(each)
        elif each.kind is DeviceKind.DISPENSER:
            feeder = DispenserTalk(DISPENSERS[each.driver])
            thread = self._thread_for(each, feeder)
            if each.enabled:
                self._dispenser = (thread, feeder)
        elif each.kind is DeviceKind.DISPLAY:
            self._add_display(each)
        elif each.kind is DeviceKind.ENCODER:
            self._add_encoder(each)
        else:
            self._thread_for(each, ReaderTalk(each.reader_kind.make(each.name, _code_form(each)), self._seen))

    def _add_printer(self, each: DeviceSettings) -> None:
        talk = PrinterTalk(each.profile, baudrate=each.line.baudrate, timing=self._timing)
        thread = self._thread_for(each, talk)
        if each.enabled and self._printer is None:
            self._printer = SerialPrinter(thread, talk)
            self._printer_talk = (thread, talk)

    def _add_display(self, each: DeviceSettings) -> None:
        profile = DISPLAYS[each.driver]
        talk = DisplayTalk(profile)
        thread: DeviceThread | BehindPrinter
        printer, printer_talk = self._printer_talk or (None, None)
        if (
            each.enabled
            and profile.is_behind_printer
            and printer is not None
            and printer_talk is not None
            and same_port(each.url, printer.settings.url)
        ):
            thread = self._behind = BehindPrinter(each, printer)
            self._threads.append(thread)
            printer_talk.behind = talk
        else:
            thread = self._thread_for(each, talk)
        if each.enabled:
            self._display = SerialDisplay(thread, talk)

    def _add_encoder(self, each: DeviceSettings) -> None:
        kind = ENCODER_KINDS[each.driver]
        reader = kind.reader.make(each.name, _code_form(each))
        talk = EncoderTalk(reader, self._seen, kind.make, is_reader=self._dispenser is None)
        thread = self._thread_for(each, talk)
        if each.enabled and self._card_maker is None:
            dispenser, feeder = self._dispenser or (None, None)
            self._card_maker = SerialCardMaker(thread, talk, kind.make, dispenser=dispenser, feeder=feeder)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def listen(self, listener: Callable[[DeviceEvent], None]) -> Callable[[], None]:
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        return end

    def health(self) -> tuple[DeviceHealth, ...]:
        return tuple(thread.health() for thread in self._threads)

    @property
    def printer(self) -> SerialPrinter | None:
        return self._printer

    @property
    def card_maker(self) -> SerialCardMaker | None:
        return self._card_maker

    @property
    def display(self) -> SerialDisplay | None:
        return self._display

    @property
    def keyboard(self) -> KeyboardWedge | None:
        """The reader that types, if this desk has one; its readings reach the same listeners."""
        return self._keyboard

    def stop(self) -> None:
        for thread in self._threads:
            thread.stop()
        deadline_s = time.monotonic() + STOP_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))

    def _thread_for(self, settings: DeviceSettings, talk: Talk) -> DeviceThread:
        thread = DeviceThread(settings, talk, emit=self._emit, report=self._report)
        self._threads.append(thread)
        return thread

    def _wedge_for(self, settings: DeviceSettings) -> KeyboardWedge:
        form = _code_form(settings)
        reader = CounterReader(settings.name, rule=form.rule, suffix=form.suffix, has_tags=False)
        return KeyboardWedge(reader, self._seen, name=settings.name, prefix=settings.scan_prefix)

    def _seen(self, event: DeviceEvent) -> None:
        if self._once.passes(event):
            self._emit(event)

    def _emit(self, event: DeviceEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:
                self._report(error)
        if self._behind is not None and isinstance(event, DeviceHealth) and event.kind is DeviceKind.PRINTER:
            self._emit(self._behind.health())


def _code_form(settings: DeviceSettings) -> CodeForm:
    return CodeForm(
        MemberCardRule(prefix=settings.card_prefix), settings.scan_prefix.encode(), settings.scan_suffix.encode()
    )


def _now() -> datetime:
    return datetime.now(UTC)
