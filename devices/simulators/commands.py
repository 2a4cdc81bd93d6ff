"""`memberdesk simulate KIND --link PATH`: simulated machines for training, and for tests from outside."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from devices.simulators.er302 import ER302Model
from devices.simulators.faults import LINE_FAULTS, FaultyVoice
from devices.simulators.machines import SimulatedPrinter, SimulatedReader, swiped
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.pty import PtyLine
from devices.simulators.readers import SimulatedMachine, SimulatedTagReader, SimulatedWiegandBox
from devices.simulators.scanner import GM65Model
from devices.simulators.tags import SimulatedTag

PRINTER_FAULTS = ("paper", "near-end", "cover", "error", "cutter", "mute")
READER_FAULTS = LINE_FAULTS
TALKING_READERS = (
    "pn532", "er302", "er302-stuffed", "msr605", "gm65", "rdm6300", "id-12la",
    "wiegand-bits", "wiegand-decimal", "wiegand-hex",
)  # fmt: skip
KINDS = ("reader", "printer", *TALKING_READERS)

READER_HELP = """\
Each line is one reading. Digits alone are swiped as a card (number, or number and card code); a line that begins
with % or ; is sent as it stands. scan TEXT | tap 4A00B1C2D3 | raw HEX | unplug | plug | quit"""
PRINTER_HELP = """\
paper ok|near_end|out | cover open|closed | cutter jam|free | error on|off | mute on|off | power on|off|cycle |
stall on|off | unplug | plug | show | picture FILE.png | save FILE | quit"""


def simulate_reader(link: Path, commands: TextIO, output: TextIO, *, stay: bool = True) -> int:
    """Be a reader under `link`; each line of `commands` is one reading. Returns the exit code.

    With `stay` it remains plugged in after the last line, until it is interrupted.
    """
    reader = SimulatedReader(link)
    _say(output, f"reader at {link}\n{READER_HELP}")
    try:
        with _ended_by_signals():
            for line in _lines(commands):
                if line == "quit":
                    return 0
                _obey(output, line, lambda each: _reader_does(reader, each))
            _stay_if(stay)
    finally:
        reader.close()
    return 0


def simulate_talking_reader(
    kind: str,
    link: Path,
    commands: TextIO,
    output: TextIO,
    *,
    fault: str | None = None,
    stay: bool = True,
) -> int:
    """Be one of `TALKING_READERS` under `link`; `commands` puts cards down line by line. Returns the exit code.

    `fault` is one of `READER_FAULTS`, there from the start. Raises ValueError for a kind or fault that does not exist.
    """
    if fault is not None and fault not in READER_FAULTS:
        raise ValueError(fault)
    machine = _talking_reader(kind, link, fault, output)
    _say(output, f"{kind} at {link}\n{machine.help}\nfault {'|'.join(READER_FAULTS)}|none | unplug | plug | quit")
    try:
        with _ended_by_signals():
            for line in _lines(commands):
                if line == "quit":
                    return 0
                _obey(output, line, machine.obey)
            _stay_if(stay)
    finally:
        machine.close()
    return 0


def simulate_printer(
    link: Path,
    commands: TextIO,
    output: TextIO,
    *,
    fault: str | None = None,
    dots: int = 576,
    baudrate: int | None = None,
    stay: bool = True,
) -> int:
    """Be a receipt printer under `link`, and write what it prints to `output`. Returns the exit code.

    `fault` is one of `PRINTER_FAULTS` and is there from the start; `commands` changes its state line by line.
    Raises ValueError for a fault that does not exist.
    """
    model = PrinterModel(dots=dots)
    _break(model, fault)
    printer = SimulatedPrinter(link, model, baudrate=baudrate)
    shown = _Paper(model, output)
    printer.changed = shown.show_new
    _say(output, f"printer at {link}\n{PRINTER_HELP}")
    try:
        with _ended_by_signals():
            for line in _lines(commands):
                if line == "quit":
                    return 0
                _obey(output, line, lambda each: _printer_does(printer, each, output))
            _stay_if(stay)
    finally:
        printer.close()
    return 0


class _Paper:
    """Writes what has been printed since it last looked, and what the printer would have printed as garbage."""

    def __init__(self, model: PrinterModel, output: TextIO) -> None:
        self._model = model
        self._output = output
        self._shown_items = 0
        self._shown_errors = 0
        self._lock = threading.Lock()

    def show_new(self) -> None:
        with self._lock:
            printed_items = len(self._model.paper)  # the printer goes on while this is read
            text = self._model.text(self._shown_items, printed_items)
            self._shown_items = printed_items
            errors = self._model.wrong_commands[self._shown_errors :]
            self._shown_errors += len(errors)
        if text:
            _say(self._output, text)
        for error in errors:
            _say(self._output, f"! {error}")


def _break(model: PrinterModel, fault: str | None) -> None:
    faults: dict[str | None, Callable[[], None]] = {
        None: lambda: None,
        "paper": lambda: model.set_paper("out"),
        "near-end": lambda: model.set_paper("near_end"),
        "cover": lambda: model.set_cover(True),
        "error": lambda: model.set_unrecoverable(True),
        "cutter": lambda: setattr(model, "jams_at_next_cut", True),
        "mute": lambda: setattr(model, "mute", True),
    }
    if fault not in faults:
        raise ValueError(fault)
    faults[fault]()


def _reader_does(reader: SimulatedReader, line: str) -> None:
    word, _, rest = line.partition(" ")
    if line[0] in "%;":
        reader.line.send(line.encode("ascii", "replace") + b"\r")
    elif word.isdigit():
        reader.line.send(swiped(word, rest.strip() or None))
    elif word == "scan":
        reader.scan(rest)
    elif word == "tap":
        reader.tap(rest)
    elif word == "raw":
        reader.line.send(bytes.fromhex(rest))
    elif line == "unplug":
        reader.line.unplug()
    elif line == "plug":
        reader.line.plug()
    else:
        reader.scan(line)


class _Machine:
    """A simulated reader at the command line: what its own commands are, and those that all have."""

    def __init__(
        self,
        line: PtyLine,
        voice: FaultyVoice,
        close: Callable[[], None],
        does: dict[str, Callable[[str], None]],
        help_: str,
    ) -> None:
        self.help = help_
        self.close = close
        self._does: dict[str, Callable[[str], None]] = {
            **does,
            "raw": lambda rest: voice.say(bytes.fromhex(rest)),
            "fault": lambda rest: voice.set_fault(None if rest == "none" else rest),
            "unplug": lambda _: line.unplug(),
            "plug": lambda _: line.plug(),
        }

    def obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word not in self._does:
            raise ValueError(word)
        self._does[word](rest.strip())


def _talking_reader(kind: str, link: Path, fault: str | None, output: TextIO) -> _Machine:
    match kind:
        case "pn532":
            return _contactless(SimulatedMachine(link, PN532Model(), fault=fault))
        case "er302" | "er302-stuffed":
            return _contactless(SimulatedMachine(link, ER302Model(stuffed=kind == "er302-stuffed"), fault=fault))
        case "msr605":
            return _encoder(SimulatedMachine(link, MSR605Model(), fault=fault), output)
        case "gm65":
            return _scanner(SimulatedMachine(link, GM65Model(), fault=fault))
        case "rdm6300" | "id-12la":
            tags = SimulatedTagReader(link, with_line_end=kind == "id-12la", fault=fault)
            does = {"tag": tags.put, "away": lambda _: tags.take_away()}
            return _Machine(tags.line, tags.voice, tags.close, does, "tag 4A00B1C2D3 | away")
        case "wiegand-bits" | "wiegand-decimal" | "wiegand-hex":
            box = SimulatedWiegandBox(link, form=kind.partition("-")[2], fault=fault)
            return _Machine(box.line, box.voice, box.close, {"tag": lambda rest: box.tap(int(rest))}, "tag 11649747")
        case _:
            raise ValueError(kind)


def _contactless(machine: SimulatedMachine[PN532Model] | SimulatedMachine[ER302Model]) -> _Machine:
    def put(rest: str) -> None:
        tag = SimulatedTag(bytes.fromhex(rest))
        machine.touch(lambda model: model.put(tag))

    does: dict[str, Callable[[str], None]] = {
        "card": put,
        "away": lambda _: machine.touch(lambda model: model.take_away()),
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    return _Machine(machine.line, machine.voice, machine.close, does, "card 04A1B2C3 | away | power")


def _encoder(machine: SimulatedMachine[MSR605Model], output: TextIO) -> _Machine:
    """One card lies beside it; `swipe` pulls that card through, whatever the host asked for."""
    card = StripeCard()

    def take(rest: str) -> None:
        number, _, code = rest.partition(" ")
        end = f"3012101{code.strip()}"
        card.tracks = StripeCard.of(f"%B{number}^MEMBER/^{end}?", f";{number}={end}?").tracks

    def show(_: str) -> None:
        _say(output, " | ".join(card.text(at) or "-" for at in (1, 2, 3)))

    does: dict[str, Callable[[str], None]] = {
        "card": take,
        "tracks": lambda rest: setattr(card, "tracks", StripeCard.of(*rest.split("|")[:3]).tracks),
        "blank": lambda _: setattr(card, "tracks", [b"", b"", b""]),
        "lo-co": lambda _: setattr(card, "hi_co", False),
        "hi-co": lambda _: setattr(card, "hi_co", True),
        "swipe": lambda _: machine.touch(lambda model: model.swipe(card)),
        "show": show,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    help_ = "card NUMBER [CODE] | tracks T1|T2|T3 (with sentinels) | blank | hi-co | lo-co | swipe | show | power"
    return _Machine(machine.line, machine.voice, machine.close, does, help_)


def _scanner(machine: SimulatedMachine[GM65Model]) -> _Machine:
    def scan(rest: str) -> None:
        machine.touch(lambda model: model.scan(rest.encode("utf-8") + b"\r"))

    does: dict[str, Callable[[str], None]] = {
        "scan": scan,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    return _Machine(machine.line, machine.voice, machine.close, does, "scan TEXT (with its AIM id, if wanted) | power")


def _printer_does(printer: SimulatedPrinter, line: str, output: TextIO) -> None:
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    if word == "picture":
        printer.model.image().save(rest)
        return
    if word == "save":
        Path(rest).write_bytes(printer.printed_bytes())
        return
    if line == "show":
        _say(output, printer.model.text())
        return
    does: dict[str, Callable[[], None]] = {
        "paper ok": lambda: printer.set_paper("ok"),
        "paper near_end": lambda: printer.set_paper("near_end"),
        "paper out": lambda: printer.set_paper("out"),
        "cover open": lambda: printer.set_cover(True),
        "cover closed": lambda: printer.set_cover(False),
        "cutter jam": lambda: printer.set_cutter_jammed(True),
        "cutter free": lambda: printer.set_cutter_jammed(False),
        "error on": lambda: printer.set_unrecoverable(True),
        "error off": lambda: printer.set_unrecoverable(False),
        "mute on": lambda: printer.set_mute(True),
        "mute off": lambda: printer.set_mute(False),
        "stall on": lambda: printer.set_stalled(True),
        "stall off": lambda: printer.set_stalled(False),
        "power on": lambda: printer.set_power(True),
        "power off": lambda: printer.set_power(False),
        "power cycle": printer.power_cycle,
        "unplug": lambda: printer.set_plugged(False),
        "plug": lambda: printer.set_plugged(True),
    }
    if line not in does:
        raise ValueError(line)
    does[line]()


def _lines(commands: TextIO) -> Iterator[str]:
    for line in commands:
        if line.strip():
            yield line.strip()


def _obey(output: TextIO, line: str, do: Callable[[str], None]) -> None:
    try:
        do(line)
    except (ValueError, OSError) as error:
        _say(output, f"? {line}: {error}")


def _say(output: TextIO, text: str) -> None:
    output.write(text + "\n")
    output.flush()


def _stay_if(stay: bool) -> None:
    if stay:
        threading.Event().wait()


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the simulation in an orderly way, so that its link does not stay behind."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, end) if here else None
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        if here:
            signal.signal(signal.SIGTERM, before)
