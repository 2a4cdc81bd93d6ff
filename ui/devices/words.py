"""Machines, their frames and what goes on without them, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.ports.devices import Certainty, DeviceKind, DeviceState
from ui.locale import instant, mark, tr

STATE_CHIPS = {
    DeviceState.DISABLED: "neutral",
    DeviceState.OPENING: "info",
    DeviceState.ONLINE: "success",
    DeviceState.DEGRADED: "warning",
    DeviceState.OFFLINE: "danger",
}
DRIVERS = {
    "line": mark("Speaks by itself: swipe reader, scanner, RDM6300, ID-12LA"),
    "gm65": mark("GM65, GM861 scanner"),
    "msr605": mark("MSR605, MSR606 stripe reader and writer"),
    "pn532": mark("PN532 contactless"),
    "er302": mark("ER302, YHY contactless"),
    "er302-stuffed": mark("ER302, YHY contactless (doubled AA)"),
    "pcsc": mark("PC/SC contactless (pcsc://any)"),
    "wiegand-bits": mark("Wiegand box, bits"),
    "wiegand-decimal": mark("Wiegand box, decimal"),
    "wiegand-hex": mark("Wiegand box, hexadecimal"),
    "keyboard": mark("Types like a keyboard, no port"),
    "msr605-lo-co": mark("MSR605, MSR606, low-coercivity cards"),
    "cd-720m": mark("CD-720M dispenser"),
    "k720": mark("K720 dispenser"),
    "crt-531": mark("CRT-531 dispenser"),
    "cd5220": mark("Two lines of 20, CD5220"),
    "cd5220-gb18030": mark("Two lines of 20, CD5220, Chinese"),
    "cd5220-2400": mark("Two lines of 20, CD5220, 2400 Bd"),
    "cd5220-behind-printer": mark("Two lines of 20, behind the printer"),
    "cd5220-gb18030-behind-printer": mark("Two lines of 20, behind the printer, Chinese"),
    "led8": mark("Eight digits, LED8"),
    "led8-2400": mark("Eight digits, LED8, 2400 Bd"),
    "generic-58": mark("58 mm paper, common"),
    "generic-80": mark("80 mm paper, common"),
    "write-only-58": mark("58 mm paper, cannot answer"),
    "write-only-80": mark("80 mm paper, cannot answer"),
    # Names of makes are the same in every language.
    "epson-tm-t88": "Epson TM-T88",
    "epson-tm-t20ii": "Epson TM-T20II",
    "xprinter-xp-s260m": "Xprinter XP-S260M",
    "xprinter-58": "Xprinter 58 mm",
    "xprinter-80": "Xprinter 80 mm",
    "gprinter-58": "Gprinter 58 mm",
    "gprinter-80": "Gprinter 80 mm",
    "pos-5890": "POS-5890, 58 mm",
    "zijiang-5870": "Zijiang ZJ-5870, 58 mm",
    "netum-5890k": "Netum NT-5890K, 58 mm",
    "netum-80": "Netum NT-80, 80 mm",
    "rongta-rp326": "Rongta RP326, 80 mm",
    "sunmi-58": "Sunmi, 58 mm",
}
PROOFS = {
    "gs_h": mark("It confirms each slip once it is printed."),
    "gs_r": mark("It confirms that everything before was processed."),
    "eot": mark("It only says that it is well: where in doubt, a person is asked whether a slip came out."),
    "none": mark("It cannot prove anything: a person is asked whether a slip came out."),
}
CERTAINTIES = {
    Certainty.CERTAIN: mark("Certain: it answered in its own protocol."),
    Certainty.LIKELY: mark("Likely: what it said fits. Try it once it is connected."),
    Certainty.UNKNOWN: mark("Something is there, but it says nothing that is understood. Choose the kind yourself."),
    Certainty.SILENT: mark("Nothing answered. A display and some readers never do: choose the kind yourself."),
}
ASKED = {
    "printer": mark("Is it a printer?"),
    "pn532": mark("Is it a PN532 reader?"),
    "er302": mark("Is it an ER302 reader?"),
    "gm65": mark("Is it a GM65 scanner?"),
    "dispenser": mark("Is it a card dispenser?"),
    "msr605": mark("Is it an MSR605?"),
    "swipe": mark("Nothing answers. Swipe, tap or scan something now"),
}
# What the clerk goes on doing while all machines of a kind are away.
STILL_WORKS = {
    DeviceKind.READER: (
        mark("Find members by phone number, name or pinyin: F2"),
        mark("Card numbers can be typed; their check digit catches slips of the fingers"),
        mark("A scanner or reader that types like a keyboard still works in the field at the top"),
    ),
    DeviceKind.PRINTER: (
        mark("Redeem, credit and hand out as usual: nothing depends on paper"),
        mark("Slips wait in the print queue and print by themselves once the printer is back"),
        mark("A slip that is wanted now can be shown and saved as a PDF: Ctrl+9"),
    ),
    DeviceKind.ENCODER: (
        mark("Cards that are already written can be issued: type or scan their number"),
        mark("A membership card as QR code on the slip needs no encoder"),
    ),
    DeviceKind.DISPENSER: (
        mark("Take a card from the box and put it into the encoder by hand"),
        mark("Card numbers can be typed or scanned"),
    ),
    DeviceKind.DISPLAY: (mark("Tell the member their points, or turn the screen towards them: nothing else changes"),),
}
# While it is only this that is wrong, some of it is different.
STILL_WORKS_WITH = {
    "printer.paper_end": mark("Put paper in: what waits goes on printing where it stopped"),
    "printer.cover_open": mark("Close the cover: what waits goes on printing"),
}


def driver_name(name: str) -> str:
    return tr(DRIVERS[name]) if name in DRIVERS else name


def still_works(kind: DeviceKind, cause: str) -> tuple[str, ...]:
    """The sentences for a machine that is away, the most useful first."""
    first = (STILL_WORKS_WITH[cause],) if cause in STILL_WORKS_WITH else ()
    return tuple(tr(text) for text in (*first, *STILL_WORKS[kind]))


@dataclass(frozen=True)
class FrameRow:
    """One frame of a machine. `direction`: "in", "out" or "" for what the program concluded."""

    at: str
    direction: str
    said: str  # as the driver wrote it, numbers masked
    number: int = 0

    @property
    def words(self) -> str:
        return plain(self.said)


_DIRECTIONS = {"<": "in", ">": "out", "=": ""}


def frame_row(line: str, number: int) -> FrameRow:
    """A line of `DeviceHealth.frames`: time, a sign for the direction, and what it was."""
    stamp, _, rest = line.partition(" ")
    at = instant(datetime.fromisoformat(stamp))
    sign, _, said = rest.strip().partition(" ")
    if sign in _DIRECTIONS and said:
        return FrameRow(at, _DIRECTIONS[sign], said.strip(), number)
    return FrameRow(at, "in", rest.strip(), number)


UNREADABLE = {
    "bad_checksum": mark("wrong checksum"),
    "bad_lrc": mark("wrong checksum on the stripe"),
    "check_digit": mark("wrong check digit"),
    "foreign_card": mark("not one of our cards"),
    "misread": mark("misread"),
    "not_text": mark("no text"),
    "random_identity": mark("a phone, or a card that makes up a number for each tap"),
    "too_long": mark("too long"),
    "torn": mark("broke off"),
    "tracks_differ": mark("the two tracks differ"),
    "wrong_prefix": mark("wrong prefix"),
}
_OUTCOMES = {
    "confirmed": mark("printed, confirmed"),
    "uncertain": mark("may have printed: a person decides"),
    "failed": mark("not printed"),
}


def _unreadable(found: re.Match[str]) -> str:
    return tr("unreadable: {why}", why=tr(UNREADABLE.get(found[1], found[1])))


def _outcome(found: re.Match[str]) -> str:
    return tr(_OUTCOMES[found[1]])


# What `app.ports.devices.CardStep` and `CardOutcome` are called in a log.
_CARD_STEPS = {
    "feeding": mark("a blank card is fed"),
    "waiting_for_card": mark("waits for a blank card"),
    "once_more": mark("did not take, once more"),
    "writing": mark("is being written"),
    "waiting_for_card_again": mark("waits for the card again"),
    "reading_back": mark("is read back"),
    "handing_out": mark("is handed out"),
    "to_the_bin": mark("goes into the bin"),
}
_CARD_ENDS = {
    "written": mark("card written and checked"),
    "spoilt": mark("card spoilt, not to be given away"),
    "not_written": mark("no card was touched"),
}


def _card_step(found: re.Match[str]) -> str:
    return tr("card {number}: {step}", number=found[1], step=tr(_CARD_STEPS.get(found[2], found[2])))


_PLAIN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"swipe (\*+\d*)"), lambda found: tr("card swiped {number}", number=found[1])),
    (re.compile(r"tap (\*+\d*)"), lambda found: tr("tag tapped {number}", number=found[1])),
    (re.compile(r"scan (.+)"), lambda found: tr("code scanned {number}", number=found[1])),
    (re.compile(r"bank card, refused"), lambda _: tr("bank card, refused")),
    (re.compile(r"unreadable: (\w+)"), _unreadable),
    (re.compile(r"job of (\d+) bytes.*"), lambda found: tr("slip of {n} bytes", n=found[1])),
    (re.compile(r"initialise"), lambda _: tr("made ready")),
    (re.compile(r"(confirmed|uncertain|failed)\b.*"), _outcome),
    (re.compile(r"DLE EOT 1: .*"), lambda _: tr("how it is")),
    (re.compile(r"DLE EOT 2: .*"), lambda _: tr("why it is off line")),
    (re.compile(r"DLE EOT 3: .*"), lambda _: tr("which error")),
    (re.compile(r"DLE EOT 4: .*"), lambda _: tr("how much paper")),
    (re.compile(r"ASB .*"), lambda _: tr("says by itself how it is")),
    (re.compile(r"GS r: .*"), lambda _: tr("everything before was printed")),
    (re.compile(r"block 37 .*"), lambda _: tr("the slip has come out")),
    (re.compile(r"block 5F .*"), lambda _: tr("what it calls itself")),
    (re.compile(r"wait for answers to earlier questions"), lambda _: tr("waits for answers to earlier questions")),
    (
        re.compile(r"end an interrupted command, try (\d+)"),
        lambda found: tr("ends a torn picture, try {n}", n=found[1]),
    ),
    (re.compile(r"can it prove by (\w+)\?"), lambda found: tr("can it prove a print by {way}?", way=found[1])),
    (re.compile(r"proves by (\w+)"), lambda found: tr("it proves each print by {way}", way=found[1])),
    (re.compile(r"open the drawer( now)?"), lambda _: tr("open the cash drawer")),
    (re.compile(r"(\d+) bytes( to the display behind it)?"), lambda found: tr("text to show, {n} bytes", n=found[1])),
    (re.compile(r"DC"), lambda _: tr("card out, to the mouth")),
    (re.compile(r"CP"), lambda _: tr("card into the bin")),
    (re.compile(r"ST"), lambda _: tr("begin anew")),
    (re.compile(r"SF ([0-9A-F]{3})|PB ([0-9A-F]{3})"), lambda found: tr("how it is")),
    (re.compile(r"card (\*+\d+): (\w+)"), _card_step),
    (re.compile(r"card (written|spoilt|not_written)\b.*"), lambda found: tr(_CARD_ENDS[found[1]])),
    (re.compile(r"XON"), lambda _: tr("goes on taking data")),
    (re.compile(r"XOFF"), lambda _: tr("wait, its memory is full")),
)


def plain(said: str) -> str:
    """What a frame means; as it stands where nothing is known of it."""
    for pattern, words in _PLAIN:
        found = pattern.fullmatch(said)
        if found is not None:
            return words(found)
    return said
