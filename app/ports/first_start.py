"""The questions of the first start, and what answers them. `memberdesk init` asks the same without a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.calendar import DEFAULT_ZONE
from app.ports.devices import BankCardSeen, CardSeen, PrintResult, UnreadableSeen


@dataclass(frozen=True)
class FirstStartAnswers:
    """Everything a first store needs. An empty URL means: no such device at this desk."""

    mall_name: str
    desk_name: str
    desk_number: int  # 1 to 99; part of the member numbers that this desk gives out
    administrator_staff: str
    administrator_name: str
    administrator_pin: str = field(repr=False)
    printer_url: str = ""
    paper_width_mm: int = 80  # 58 | 80
    reader_url: str = ""
    card_prefix: str = "9900"
    zone: str = DEFAULT_ZONE  # IANA name


@dataclass(frozen=True)
class HubAnswers:
    """What a desk needs to join a mall that has a hub. `certificate_file` and `fingerprint`: how somebody vouches for
    the hub's certificate where this computer does not know it; either, or neither. `own_file`: this computer's, for a
    hub that wants to see one; `own_key_file` where its key is not in the same file."""

    address: str
    code: str = field(repr=False)
    certificate_file: str = ""
    fingerprint: str = ""
    own_file: str = ""
    own_key_file: str = ""


@dataclass(frozen=True)
class SerialPort:
    """One port of this machine: the URL to open it by, and what the system says it is."""

    url: str
    description: str


@dataclass(frozen=True)
class TimeZone:
    """`name` is IANA's; `offset` as it is now, "UTC+08:00"."""

    name: str
    offset: str


class FirstStart(Protocol):
    """All of it blocks: call it from a job. Nothing is written before `create`."""

    def serial_ports(self) -> tuple[SerialPort, ...]: ...

    def zones(self) -> tuple[TimeZone, ...]:
        """The one that this computer keeps first, then the others by name."""

    def create(self, answers: FirstStartAnswers) -> None:
        """Make the store, the desk's key and the administrator. Raises Refused or Unavailable; then nothing is left."""

    def join(self, answers: HubAnswers, copied: Callable[[int], None], cancelled: Callable[[], bool]) -> str:
        """Become a desk of a hub's mall; returns the mall's time zone. `copied` is told on this thread how much of the
        first copy there is. Raises Refused, with "enrol.certificate" where nobody has vouched for the hub yet, or
        Unavailable; then nothing is left but what the code has brought."""

    def keep_machines(self, printer_url: str, paper_width_mm: int, reader_url: str) -> None:
        """Of the desk that has joined."""

    def test_print(self, url: str, paper_width_mm: int, language: str, zone: str) -> PrintResult:
        """Print a short slip. Raises Unavailable when the port cannot be opened."""

    def wait_for_swipe(self, url: str, timeout_s: float) -> CardSeen | BankCardSeen | UnreadableSeen | None:
        """The first card seen, or None after `timeout_s`. Raises Unavailable when the port cannot be opened."""
