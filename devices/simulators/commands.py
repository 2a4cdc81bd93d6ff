"""`memberdesk simulate reader|printer --link PATH`: simulated machines for training, and for tests from outside."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from devices.simulators.machines import SimulatedPrinter, SimulatedReader, swiped
from devices.simulators.printer import PrinterModel

PRINTER_FAULTS = ("paper", "near-end", "cover", "error", "cutter", "mute")

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
