"""An invented desk for tests and pictures: small, in memory, shaped like the ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.errors import Fact, Refused
from app.operations.sign_in import SignIn
from app.ports.authority import Answer, Requirements, Submission
from app.ports.devices import (
    CardMaker,
    Certainty,
    CustomerDisplay,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    FoundPort,
    Guess,
    GuessStep,
    Machine,
    Printer,
    PrinterKind,
    PrinterProbe,
    PrintOutcome,
    PrintResult,
    Trial,
)
from app.ports.first_start import FirstStartAnswers, HubAnswers, SerialPort, TimeZone
from app.queries.rows import DeskStatus, StaffTile

NOW = datetime(2026, 11, 20, 6, 3, tzinfo=UTC)
STAFF = (
    StaffTile("1001", "张丽", "clerk", False),
    StaffTile("1002", "李建国", "clerk", False),
    StaffTile("1003", "𬭚晓雯", "clerk", False),
    StaffTile("2001", "欧阳雪", "supervisor", True),
    StaffTile("9001", "陈志远", "administrator", False),
)
SENTENCES = {
    "pin.wrong": ("密码不对，还可以试 {left} 次。", "Wrong PIN; {left} tries left."),
    "staff.pin_locked": ("密码错误次数过多，请 {seconds} 秒后再试。", "Too many wrong PINs: wait {seconds} s."),
    "staff.unknown": ("没有工号 {staff}。", "There is no staff number {staff}."),
    "device.connected_anew": ("已保存，设备已按新设置连接", "Kept; the machines are connected as chosen."),
    "setup.printed": ("打印正常", "The printer works."),
    "setup.card_read": ("读卡正常，卡号尾号 {tail}", "The reader works; the card ends in {tail}."),
    "printer.paper_end": (
        "打印机缺纸：装上新纸后会接着打。",
        "The printer is out of paper: it goes on once paper is in.",
    ),
}


def sentence(code: str, facts: Mapping[str, Fact]) -> str:
    from ui.locale import language

    texts = SENTENCES.get(code)
    if texts is None:
        return f"{code} {dict(facts)}" if facts else code
    return texts[0 if language() == "zh_CN" else 1].format(**facts)


class FakeAuthority:
    """Signs in with 123456; every other PIN is wrong. `refuse` is raised instead, once."""

    def __init__(self) -> None:
        self.submitted: list[Submission] = []
        self.refuse: Exception | None = None

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        self.submitted.append(submission)
        self._maybe_refuse()
        operation = submission.operations[0]
        if isinstance(operation, SignIn):
            if submission.pin != "123456":
                raise Refused("pin.wrong", left=4)
            who = next(tile for tile in STAFF if tile.staff == operation.staff)
            facts: dict[str, Any] = {
                "session": str(operation.id),
                "staff": who.staff,
                "name": who.name,
                "role": who.role,
            }
            return (Answer(operation.id, "sign_in", facts | {"rights": ["redeem"]}),)
        return tuple(Answer(each.id, each.verb, {}) for each in submission.operations)

    def requirements(self, submission: Submission) -> Requirements:
        return Requirements(None, False)

    def give_up(self, operations: Sequence[UUID]) -> None: ...

    def check_pin(self, session: UUID, pin: str) -> None:
        self._maybe_refuse()
        if pin != "123456":
            raise Refused("pin.wrong", left=4)

    def _maybe_refuse(self) -> None:
        problem, self.refuse = self.refuse, None
        if problem is not None:
            raise problem


class FakeQueries:
    """Only what the shell asks."""

    def staff(self) -> tuple[StaffTile, ...]:
        return STAFF

    def desk_status(self) -> DeskStatus:
        return DeskStatus("M01", "星河汇购物中心", "D1", "2 号服务台", slips_waiting=1, operations=12)


class FakeDevices:
    """Machines that say what a test makes them say."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[DeviceEvent], None]] = []
        self.states = [
            DeviceHealth(
                "reader",
                DeviceKind.READER,
                DeviceState.ONLINE,
                "/dev/ttyUSB0",
                since=NOW - timedelta(hours=5),
                last_seen=NOW,
                frames=(
                    "2026-11-22T14:01:07.120+08:00 swipe ****0019",
                    "2026-11-22T14:02:41.007+08:00 scan ****2047",
                    "2026-11-22T14:02:55.000+08:00 unreadable: torn",
                ),
            ),
            DeviceHealth(
                "printer",
                DeviceKind.PRINTER,
                DeviceState.DEGRADED,
                "/dev/ttyUSB1",
                cause="printer.paper_end",
                since=NOW - timedelta(minutes=2),
                last_seen=NOW,
                errors=1,
                frames=(
                    "2026-11-22T14:02:51.301+08:00 > job of 812 bytes in 9 segments",
                    "2026-11-22T14:02:55.002+08:00 < ASB 18 00 0F 00",
                ),
            ),
        ]

    def listen(self, listener: Callable[[DeviceEvent], None]) -> Callable[[], None]:
        self.listeners.append(listener)

        def end() -> None:
            if listener in self.listeners:
                self.listeners.remove(listener)

        return end

    def health(self) -> tuple[DeviceHealth, ...]:
        return tuple(self.states)

    @property
    def printer(self) -> Printer | None:
        return None

    @property
    def card_maker(self) -> CardMaker | None:
        return None

    @property
    def display(self) -> CustomerDisplay | None:
        return None

    def say(self, event: DeviceEvent) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    def stop(self) -> None:
        self.listeners.clear()


class FakeSetup:
    """Keeps what it is told to keep; `fails` is raised instead, once."""

    def __init__(self) -> None:
        self.machines: tuple[Machine, ...] = (
            Machine("reader", DeviceKind.READER, "/dev/ttyUSB0", "line"),
            Machine("printer", DeviceKind.PRINTER, "/dev/ttyUSB1", "generic-80"),
        )
        self.applied: list[tuple[Machine, ...]] = []
        self.fails: Exception | None = None
        self.steps: tuple[GuessStep, ...] = (GuessStep("printer", 9600, 1, 10),)
        self.guessed = Guess(Certainty.CERTAIN, DeviceKind.READER, "pn532", 115200, "PN532 1.6")
        self.tried = Trial(True, "setup.printed")
        self.printer = PrinterKind(
            "generic-80", 48, 576, "gs_r", True, "feed", True, True, 9600, "none", False, True, 2
        )

    def ports(self) -> tuple[FoundPort, ...]:
        by_id = "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0"
        return (
            FoundPort("/dev/ttyUSB0", "/dev/ttyUSB0", "USB Serial", used_by="reader", by_this_desk=True),
            FoundPort("/dev/ttyUSB1", "/dev/ttyUSB1", "POS58 Printer", used_by="printer", by_this_desk=True),
            FoundPort(by_id, "/dev/ttyUSB2", "USB Serial", "A50285BI", "1A86:7523"),
            FoundPort("/dev/ttyS0", "/dev/ttyS0", forbidden=True),
        )

    def drivers(self) -> Mapping[DeviceKind, tuple[str, ...]]:
        return {DeviceKind.READER: ("line", "pn532", "gm65"), DeviceKind.PRINTER: ("generic-58", "generic-80")}

    def current(self) -> tuple[Machine, ...]:
        return self.machines

    def apply(self, machines: tuple[Machine, ...], session: UUID) -> None:
        self._maybe_fail()
        self.machines = machines
        self.applied.append(machines)

    def guess(
        self, url: str, step: Callable[[GuessStep], None], cancelled: Callable[[], bool], *, swipe_s: float = 0.0
    ) -> Guess:
        self._maybe_fail()
        for each in self.steps:
            step(each)
        return self.guessed

    def printer_kind(self) -> PrinterKind:
        return self.printer

    def keep_printer_kind(self, kind: PrinterKind, session: UUID) -> None:
        self._maybe_fail()
        self.printer = kind

    def probe(self) -> PrinterProbe:
        self._maybe_fail()
        return PrinterProbe("gs_r", answers=True, auto_status=True)

    def probed(self) -> PrinterProbe | None:
        return None

    def trial(self, name: str, language: str) -> Trial:
        self._maybe_fail()
        return self.tried

    def _maybe_fail(self) -> None:
        problem, self.fails = self.fails, None
        if problem is not None:
            raise problem


class FakeCounter:
    """The demo's machines: remembers what was done to them."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Any]] = []
        self.paper_state, self.cover_open = "ok", False
        self.hopper_empty = self.jammed = False
        self.shown = ("", "")
        self.plugged = dict.fromkeys(DeviceKind, True)

    def swipe(self, number: str) -> None:
        self.done.append(("swipe", number))

    def scan(self, text: str) -> None:
        self.done.append(("scan", text))

    def set_paper(self, state: str) -> None:
        self.done.append(("paper", state))

    def set_cover(self, open_: bool) -> None:
        self.done.append(("cover", open_))

    def set_plugged(self, kind: DeviceKind, plugged: bool) -> None:
        self.done.append(("plug", (kind, plugged)))

    def is_plugged(self, kind: DeviceKind) -> bool:
        return self.plugged[kind]

    def paper(self) -> str:
        return self.paper_state

    def is_cover_open(self) -> bool:
        return self.cover_open

    def printed_bytes(self) -> bytes:
        return b""

    def display_lines(self) -> tuple[str, str]:
        return self.shown

    def made_cards(self) -> tuple[str, ...]:
        return ()

    def fill_hopper(self, cards: int = 50) -> None:
        self.done.append(("fill", cards))

    def empty_hopper(self) -> None:
        self.done.append(("empty", None))

    def is_hopper_empty(self) -> bool:
        return self.hopper_empty

    def set_jam(self, jammed: bool) -> None:
        self.done.append(("jam", jammed))

    def is_jammed(self) -> bool:
        return self.jammed

    def stop(self) -> None:
        pass


class FakeFirstStart:
    def __init__(self) -> None:
        self.created: list[FirstStartAnswers] = []
        self.refuse: Exception | None = None
        self.print_result = PrintResult(PrintOutcome.CONFIRMED)
        self.seen: Any = None
        self.asked: list[HubAnswers] = []
        self.join_fails: list[Exception] = []
        self.machines: tuple[str, int, str] | None = None

    def serial_ports(self) -> tuple[SerialPort, ...]:
        return (SerialPort("/dev/ttyUSB0", "USB Serial"), SerialPort("/dev/ttyUSB1", "POS58 Printer"))

    def zones(self) -> tuple[TimeZone, ...]:
        return (TimeZone("Asia/Urumqi", "UTC+06:00"), TimeZone("Asia/Shanghai", "UTC+08:00"))

    def create(self, answers: FirstStartAnswers) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.created.append(answers)

    def join(self, answers: HubAnswers, copied: Callable[[int], None], cancelled: Callable[[], bool]) -> str:
        self.asked.append(answers)
        if self.join_fails:
            raise self.join_fails.pop(0)
        copied(12_000)
        return "America/Vancouver"

    def keep_machines(self, printer_url: str, paper_width_mm: int, reader_url: str) -> None:
        self.machines = (printer_url, paper_width_mm, reader_url)

    def test_print(self, url: str, paper_width_mm: int, language: str, zone: str) -> PrintResult:
        return self.print_result

    def wait_for_swipe(self, url: str, timeout_s: float) -> Any:
        return self.seen
