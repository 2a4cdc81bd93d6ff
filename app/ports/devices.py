"""What the program asks of the machines on the counter, and what it hears from them.

Implemented in `devices/`; screens and the print spool know only these values and protocols. Events are frozen and
are delivered on the device's own thread: a listener hands them over to its own thread (the screens do that with one
queued signal) and returns at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Ge, Le, MaxLen

from app.domain.errors import Fact


class DeviceKind(Enum):
    READER = "reader"
    PRINTER = "printer"
    ENCODER = "encoder"
    DISPENSER = "dispenser"
    DISPLAY = "display"


class DeviceState(Enum):
    DISABLED = "disabled"
    OPENING = "opening"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"


@dataclass(frozen=True)
class DeviceHealth:
    """One device as the status bar and the device panel show it; times are UTC.

    `cause` is a code of `app.domain.sentences` ("device.unplugged", "device.busy", "device.no_rights",
    "printer.paper_end", "printer.paper_near_end", "printer.cover_open", "printer.cutter", "printer.error", ...).
    """

    name: str
    kind: DeviceKind
    state: DeviceState
    url: str
    cause: str | None = None
    since: datetime | None = None
    retry_at: datetime | None = None
    last_seen: datetime | None = None
    errors: int = 0
    reconnects: int = 0  # how often it came back since the program started
    frames: tuple[str, ...] = ()  # the newest last: time (ISO 8601), a blank, what it was, numbers masked


@dataclass(frozen=True)
class CardSeen:
    """A card, tag or code was read. `number` is what identifies the card; `card_code` is the stripe's proof, if any."""

    number: str = field(repr=False)
    entry: str = "swipe"  # swipe | tap | scan | keyed
    card_code: str | None = field(default=None, repr=False)
    reader: str = "reader"


@dataclass(frozen=True)
class BankCardSeen:
    """A payment card was swiped. Carries no number on purpose: it is refused, never stored, never logged."""

    reader: str = "reader"


@dataclass(frozen=True)
class UnreadableSeen:
    """The reader saw something that is no valid card; it carries no number.

    `reason`: "check_digit", "bad_lrc", "bad_checksum", "misread", "torn", "tracks_differ", "foreign_card", "too_long",
    "not_text", "wrong_prefix" or "random_identity" (a phone, or a card that makes up a number for each tap).
    """

    reason: str
    reader: str = "reader"


@dataclass(frozen=True)
class WedgeVerdict:
    """What to do about a key press, or about a pause, while a keyboard reader may be typing.

    First `give_back` of the held presses go to the widget after all, the oldest first; the others held so far are
    dropped. Then the present press is kept from the widget if `swallow`: held, or the end of a scan. `torn`: what was
    dropped was a stripe that broke off. `scan` may hold a card number.
    """

    swallow: bool = False
    give_back: int = 0
    scan: str | None = field(default=None, repr=False)
    torn: bool = False


DeviceEvent = DeviceHealth | CardSeen | BankCardSeen | UnreadableSeen


class PrintOutcome(Enum):
    """How a job ended (DEVICES.md 1.5). FAILED: no byte of it was accepted, safe to try again. UNCERTAIN: a person
    decides."""

    CONFIRMED = "confirmed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True)
class PrintResult:
    outcome: PrintOutcome
    cause: str | None = None


@dataclass(frozen=True)
class PrinterProbe:
    """What a printer was found to prove (DEVICES.md 1.5): `completion` is "gs_h", "gs_r", "eot" or "none". With a
    `cause` (a code of `app.domain.sentences`) it could not be found out, and the rest means nothing."""

    completion: str = "none"
    answers: bool = False
    auto_status: bool = False
    cause: str | None = None


@dataclass(frozen=True)
class PrinterKind:
    """How a printer is spoken to and what its paper is (DEVICES.md 1.1, 1.3 to 1.5), as a person can change it.

    `columns`: ASCII characters on a line; `dots`: printable width; `completion`: "gs_h", "gs_r", "eot" or "none";
    `cut`: "feed", "partial", "full" or "none"; `flow`: "none", "xonxoff", "rtscts" or "dsr"; `drawer_pin`: 2 or 5;
    `beyond_gbk`: its font has two-byte characters outside GBK; `hanzi_size`: it takes `1C 21`."""

    name: str
    columns: int
    dots: int
    completion: str
    native_qr: bool
    cut: str
    answers: bool
    auto_status: bool
    baudrate: int
    flow: str
    beyond_gbk: bool
    hanzi_size: bool
    drawer_pin: int


class Printer(Protocol):
    """A receipt printer. `submit` returns at once; progress and result are called on the printer's thread."""

    def submit(
        self,
        job: str,
        segments: Sequence[bytes],
        *,
        waiting: Callable[[str], None],
        done: Callable[[PrintResult], None],
    ) -> None:
        """Print atomic `segments` in order. `waiting(cause)` is called while the printer holds the job back
        (paper end, cover open); the job goes on by itself once the cause is gone."""

    def cancel(self, job: str) -> None:
        """Give up a job by choice: FAILED if nothing of it went out, else UNCERTAIN."""

    def after_jam(self, *, restart: bool) -> None:
        """The operator freed the cutter: print on from the failed line, or clear what the printer still holds. Never
        by itself: DEVICES.md 1.6."""

    def open_drawer(self) -> None:
        """A pulse for the cash drawer, ahead of what waits. Nothing says whether it opened. Raises Unavailable where
        the printer is away."""

    def probe(self, done: Callable[[PrinterProbe], None]) -> None:
        """Find out how it proves that it has printed, once no job is under way; it counts from then on. `done` is
        called once, on the printer's thread."""

    def health(self) -> DeviceHealth: ...

    @property
    def columns(self) -> int:
        """32 for 58 mm paper, 48 for 80 mm."""


@dataclass(frozen=True)
class CardContents:
    """What is written to a card, whichever kind the encoder writes. A stripe takes the tracks, given without
    sentinels; with neither, the number on track 2. A chip takes `chip`, up to 48 bytes (without it, the number in
    ASCII), into the sector that `chip_key` opens as key A; fresh cards come with the key that stands here."""

    number: str = field(repr=False)
    track_1: str = field(default="", repr=False)
    track_2: str = field(default="", repr=False)
    chip: bytes = field(default=b"", repr=False)
    chip_key: bytes = field(default=b"\xff" * 6, repr=False)


class CardStep(Enum):
    """Where the making of a card stands, as the screen shows it."""

    FEEDING = "feeding"
    WAITING_FOR_CARD = "waiting_for_card"  # put it in, swipe it, or lay it on the reader, now
    ONCE_MORE = "once_more"  # that did not take: the same card again, evenly and slowly
    WRITING = "writing"
    WAITING_FOR_CARD_AGAIN = "waiting_for_card_again"  # hand-fed stripes are read back by a second swipe
    READING_BACK = "reading_back"
    HANDING_OUT = "handing_out"
    TO_THE_BIN = "to_the_bin"


class CardOutcome(Enum):
    """WRITTEN: what was read back is what was to be written, and the card is at the mouth or in the clerk's hand.
    SPOILT: the card may hold anything, and must not be given away (a dispenser has put it in its bin).
    NOT_WRITTEN: no card was touched; safe to try again."""

    WRITTEN = "written"
    SPOILT = "spoilt"
    NOT_WRITTEN = "not_written"


@dataclass(frozen=True)
class CardMade:
    outcome: CardOutcome
    cause: str | None = None  # a code of `app.domain.sentences`


class CardMaker(Protocol):
    """The encoder, fed by hand or by a dispenser: writes a card, reads it back and compares. Nothing is issued here:
    who asks issues the card once it is WRITTEN."""

    def is_fed_by_hand(self) -> bool: ...
    def make(
        self, card: CardContents, *, step: Callable[[CardStep], None], done: Callable[[CardMade], None]
    ) -> Callable[[], None]:
        """Returns at once; what it returns cancels (a card that is already on its way out comes out). `step` and
        `done` are called on a device's thread, `done` exactly once, also after a cancel, and, once the machines have
        stopped, before this returns. A dispenser throws away up to three cards that are none to be written to; a SPOILT
        one ends it: the next card takes another number. Raises Unavailable("encoder.busy") while another card is
        being made, ValueError for contents that no card can hold."""


class CustomerDisplay(Protocol):
    """The two lines that the member sees. Returns at once; only the newest text counts."""

    def show(self, upper: str, lower: str = "", *, latin: tuple[str, str] | None = None) -> None:
        """What does not fit is cut. A display without Chinese shows the two `latin` lines instead; without them it
        leaves out the characters that it lacks."""

    def show_amount(self, fen: int, kind: str = "total") -> None:
        """`kind`: "price", "total", "received" or "change": the lamps of an LED8 display."""

    def clear(self) -> None: ...


class Devices(Protocol):
    """All machines of this desk."""

    def listen(self, listener: Callable[[DeviceEvent], None]) -> Callable[[], None]:
        """Call `listener` for each event; returns what ends that."""

    def health(self) -> tuple[DeviceHealth, ...]: ...

    @property
    def printer(self) -> Printer | None: ...

    @property
    def card_maker(self) -> CardMaker | None:
        """None where the desk has no encoder."""

    @property
    def display(self) -> CustomerDisplay | None: ...

    def stop(self) -> None:
        """Close every port and join every thread within two seconds."""


@dataclass(frozen=True)
class Machine:
    """One machine of a desk as a person sets it up. `driver` is one of `DeviceSetup.drivers` for its kind; `baudrate`
    0 is that driver's own; `scan_prefix` and `scan_suffix` are what a scanner was taught to put around each code."""

    name: Annotated[str, MaxLen(20)]
    kind: DeviceKind
    url: Annotated[str, MaxLen(200)]
    driver: Annotated[str, MaxLen(40)]
    baudrate: Annotated[int, Ge(0), Le(4_000_000)] = 0
    enabled: bool = True
    scan_prefix: Annotated[str, MaxLen(8)] = ""
    scan_suffix: Annotated[str, MaxLen(8)] = ""


@dataclass(frozen=True)
class FoundPort:
    """A serial port of this computer. `url` is its stable name where the system gives one; `device` is today's.

    `used_by` names the machine of this desk, or the program, that has it; `forbidden`: no rights to open it."""

    url: str
    device: str
    description: str = ""
    serial_number: str = ""
    usb_id: str = ""  # "1A86:7523"
    used_by: str = ""
    by_this_desk: bool = False
    forbidden: bool = False


class Certainty(Enum):
    """CERTAIN: it answered a question of its own protocol, checksum and all. LIKELY: what it said fits.
    UNKNOWN: it said something that nothing here speaks. SILENT: nothing was said at all."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    SILENT = "silent"


@dataclass(frozen=True)
class Guess:
    """What stands at a port. `kind` and `driver` are empty unless it is CERTAIN or LIKELY; `says` is what the machine
    says of itself (its model), for people to read: never what a choice depends on (clones lie)."""

    certainty: Certainty
    kind: DeviceKind | None = None
    driver: str = ""
    baudrate: int = 0
    says: str = ""


@dataclass(frozen=True)
class GuessStep:
    """What is being asked now: the `number`th question of `of`. `what` is "printer", "pn532", …, or "swipe" while it is
    the person's turn to swipe, tap or scan something."""

    what: str
    baudrate: int
    number: int
    of: int


@dataclass(frozen=True)
class Trial:
    """How a machine did when it was tried: a code of `app.domain.sentences`. `ok` None: a person has to look."""

    ok: bool | None
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


class DeviceSetup(Protocol):
    """Which machines there are, while the desk works. All but `current` and `drivers` block: call them from a job."""

    def ports(self) -> tuple[FoundPort, ...]: ...

    def drivers(self) -> Mapping[DeviceKind, tuple[str, ...]]:
        """Names of what can stand behind each kind of machine; a printer's are its profiles."""

    def current(self) -> tuple[Machine, ...]: ...

    def apply(self, machines: tuple[Machine, ...], session: UUID) -> None:
        """Keep the list and connect anew, within seconds. Raises Refused or Unavailable; then nothing has changed."""

    def guess(
        self, url: str, step: Callable[[GuessStep], None], cancelled: Callable[[], bool], *, swipe_s: float = 0.0
    ) -> Guess:
        """Ask what stands at a port, one question after the other; none of them prints, feeds a card or opens a drawer.
        Then listen for `swipe_s`. `step` is called on the job's thread. Raises Unavailable where it does not open."""

    def printer_kind(self) -> PrinterKind:
        """What was chosen for the printer; at once."""

    def keep_printer_kind(self, kind: PrinterKind, session: UUID) -> None:
        """Keep a kind of the desk's own under its name, and connect the printer as that. Raises
        Refused("printer.profile_wrong" | "printer.profile_shipped" | …) or Unavailable; then nothing has changed."""

    def probe(self) -> PrinterProbe:
        """Find out how the printer proves that it has printed, and keep it for this port. Prints nothing. Raises
        Unavailable("printer.none")."""

    def probed(self) -> PrinterProbe | None:
        """What was found out for the printer at its port; at once."""

    def trial(self, name: str, language: str) -> Trial:
        """Try a machine that is connected: a test slip, a text on the display, a question to the encoder. A reader only
        says whether it is there: its test is a swipe."""


class KeyboardReader(Protocol):
    """A scanner or swipe reader that types. Belongs to the screens' thread; what it reads comes to the listeners of
    `Devices`, on that thread. Not to be asked while a password field has the focus."""

    @property
    def is_waiting(self) -> bool:
        """Should `waited` be called every few hundredths of a second?"""

    def pressed(self, key: str, at_s: float) -> WedgeVerdict:
        """A press of a character, "\\r", "\\t" or a named key ("F12"); never of Shift alone. `at_s` is the event's
        own time in seconds, from any start."""

    def waited(self, at_s: float) -> WedgeVerdict: ...
    def give_up(self) -> WedgeVerdict:
        """The focus changed: held presses go back to where it was."""


class SimulatedCounter(Protocol):
    """The demo's device panel: machines that are simulated, but speak the real protocols over real serial lines."""

    def swipe(self, number: str) -> None: ...
    def scan(self, text: str) -> None: ...
    def set_paper(self, state: str) -> None:
        """`"ok"`, `"near_end"` or `"out"`."""

    def set_cover(self, open_: bool) -> None: ...
    def set_plugged(self, kind: DeviceKind, plugged: bool) -> None: ...
    def paper(self) -> str: ...
    def is_cover_open(self) -> bool: ...
    def is_plugged(self, kind: DeviceKind) -> bool: ...
    def printed_bytes(self) -> bytes:
        """All bytes that the simulated printer has received since it was made."""

    def display_lines(self) -> tuple[str, str]: ...
    def made_cards(self) -> tuple[str, ...]:
        """What stands on the cards that the dispenser has handed out, the newest last."""

    def fill_hopper(self, cards: int = 50) -> None: ...
    def empty_hopper(self) -> None: ...
    def is_hopper_empty(self) -> bool: ...
    def set_jam(self, jammed: bool) -> None:
        """A card sticks in the dispenser at its next move, or a person frees it."""

    def is_jammed(self) -> bool:
        """A card sticks, or the next one will."""

    def stop(self) -> None: ...


class SimulatedNetwork(Protocol):
    """The demo's line between this desk and its hub, and another desk whose line is always up."""

    def turn(self, weather: str) -> None:
        """`"fair"`, `"cut"` (whoever calls is turned away at once) or `"half open"` (nothing arrives, in silence)."""

    def weather(self) -> str: ...
    def spend_elsewhere(self, number: str) -> int:
        """Whoever has this card takes gifts at the other desk for all they have. Returns the points. Raises Refused,
        Unavailable."""
