"""First start for the wizard: tries the machines before anything is written, then founds the desk."""

from __future__ import annotations

import queue
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from zoneinfo import available_timezones

from app.composition.desk import Desk, set_up
from app.composition.machines import printed_test
from app.domain.calendar import DEFAULT_ZONE, checked_zone, offset_text
from app.domain.errors import Refused, Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    PrintResult,
    UnreadableSeen,
)
from app.ports.first_start import FirstStartAnswers, HubAnswers, SerialPort, TimeZone
from app.settings import Home
from devices.drivers.profiles import PROFILES
from devices.listing import known_ports
from devices.supervisor import DeskDevices, DeviceSettings

OPEN_WITHIN_S = 5.0

Seen = CardSeen | BankCardSeen | UnreadableSeen


def computer_zone() -> str:
    """The zone that this computer keeps, by its IANA name; Shanghai where it keeps none that is a place's (servers are
    often set to UTC, and no mall lives by that)."""
    from PySide6.QtCore import QTimeZone  # knows it on every system, Windows included

    name = bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace")
    try:
        return checked_zone(name) if _names_a_place(name) else DEFAULT_ZONE
    except Refused:
        return DEFAULT_ZONE


def _names_a_place(zone: str) -> bool:
    return "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))


class FirstStartHere:
    """`app.ports.first_start.FirstStart` on this machine; `desk` is what `create` has made."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.desk: Desk | None = None

    def serial_ports(self) -> tuple[SerialPort, ...]:
        return tuple(SerialPort(port.url, port.description or port.device) for port in known_ports())

    def create(self, answers: FirstStartAnswers) -> None:
        self.desk = set_up(self._home, answers)

    def zones(self) -> tuple[TimeZone, ...]:
        now, own = datetime.now(UTC), computer_zone()
        others = sorted(name for name in available_timezones() if _names_a_place(name) and name != own)
        return tuple(TimeZone(name, offset_text(now, name)) for name in (own, *others))

    def join(self, answers: HubAnswers, copied: Callable[[int], None], cancelled: Callable[[], bool]) -> str:
        from app.composition.following import enrol_desk  # httpx: nobody else waits for it

        self.desk = enrol_desk(
            self._home,
            answers.address,
            answers.code,
            ca=_file(answers.certificate_file),
            fingerprint=answers.fingerprint,
            own=_file(answers.own_file),
            own_key=_file(answers.own_key_file),
            copied=copied,
            cancelled=cancelled,
        )
        return self.desk.zone

    def keep_machines(self, printer_url: str, paper_width_mm: int, reader_url: str) -> None:
        assert self.desk is not None
        machines = {
            "printer_url": printer_url,
            "printer_profile": f"generic-{paper_width_mm}",
            "reader_url": reader_url,
        }
        self.desk.settings = self.desk.settings.model_copy(update=machines)
        self._home.save(self.desk.settings)

    def test_print(self, url: str, paper_width_mm: int, language: str, zone: str) -> PrintResult:
        name = f"generic-{paper_width_mm}"
        with _Line(DeviceSettings("printer", DeviceKind.PRINTER, url, driver=name)) as line:
            line.wait_until_open()
            printer = line.devices.printer
            assert printer is not None
            return printed_test(printer, PROFILES[name], language, zone)

    def wait_for_swipe(self, url: str, timeout_s: float) -> Seen | None:
        with _Line(DeviceSettings("reader", DeviceKind.READER, url)) as line:
            line.wait_until_open()
            try:
                return line.seen.get(timeout=timeout_s)
            except queue.Empty:
                return None


def _file(typed: str) -> Path | None:
    return Path(typed).expanduser() if typed else None


class _Line:
    """One machine, open as long as the `with` lasts."""

    def __init__(self, settings: DeviceSettings) -> None:
        self.seen: queue.Queue[Seen] = queue.Queue()
        self._health: queue.Queue[DeviceHealth] = queue.Queue()
        self.devices = DeskDevices((settings,), report=lambda _: None)
        self.devices.listen(self._heard)

    def __enter__(self) -> Self:
        self.devices.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.devices.stop()

    def _heard(self, event: DeviceEvent) -> None:
        if isinstance(event, DeviceHealth):
            self._health.put(event)
        else:
            self.seen.put(event)

    def wait_until_open(self) -> None:
        """Raises Unavailable with the port's own cause."""
        while True:
            try:
                health = self._health.get(timeout=OPEN_WITHIN_S)
            except queue.Empty:
                raise Unavailable("device.silent") from None
            if health.state in (DeviceState.ONLINE, DeviceState.DEGRADED):
                return
            if health.state is DeviceState.OFFLINE:
                raise Unavailable(health.cause or "device.silent")
