"""`memberdesk simulate KIND --link PATH|--listen HOST:PORT`: simulated machines for training, and for outside tests."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from app.domain.errors import Refused
from devices.drivers.dispenser import DISPENSERS
from devices.drivers.display import DISPLAYS
from devices.simulators.dispenser import DispenserModel
from devices.simulators.display import DisplayModel
from devices.simulators.er302 import ER302Model
from devices.simulators.faults import LINE_FAULTS, PORT_FAULTS
from devices.simulators.line import Line, Place
from devices.simulators.machines import PRINTER_FAULTS, SimulatedPrinter, SimulatedReader
from devices.simulators.msr605 import MSR605Model, StripeCard
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.readers import SimulatedMachine, SimulatedTagReader, SimulatedWiegandBox
from devices.simulators.scanner import GM65Model
from devices.simulators.tags import FACTORY_KEY, SimulatedTag

KINDS = (
    "reader", "printer", "pn532", "er302", "er302-stuffed", "msr605", "gm65", "rdm6300", "id-12la",
    "wiegand-bits", "wiegand-decimal", "wiegand-hex", *DISPENSERS, *DISPLAYS,
)  # fmt: skip

# What an encoder says of its next writing, or, "writes-wrong", what it does and does not say.
ENCODER_FAULTS = {"write-error": "1", "format": "2", "not-understood": "4", "bad-swipe": "9", "failed": "A"}
FULL_HOPPER_CARDS = 50
LOW_HOPPER_CARDS = 5
DISPENSER_FAULTS = ("empty", "low", "jam", "fail", "bin-full", "captures")


def faults_of(kind: str) -> tuple[str, ...]:
    """What can go wrong with that machine and its line (DEVICES.md 5.1)."""
    if kind == "printer":
        return PRINTER_FAULTS
    if kind in DISPLAYS:
        return PORT_FAULTS  # it says nothing that could go wrong
    own = DISPENSER_FAULTS if kind in DISPENSERS else (*ENCODER_FAULTS, "writes-wrong") if kind == "msr605" else ()
    return LINE_FAULTS + PORT_FAULTS + own


def simulate(
    kind: str,
    place: Place,
    commands: TextIO,
    output: TextIO,
    *,
    fault: str | None = None,
    paper_mm: int = 80,
    baudrate: int | None = None,
    stay: bool = True,
) -> int:
    """Be one of `KINDS` at `place`; each line of `commands` does something to the machine. Returns the exit code.

    `fault` is one of `faults_of(kind)` and is there from the start; a printer's may end in `@N`: once N bytes came.
    With `stay` the machine remains plugged in after the last line, until it is interrupted.
    Raises Refused("simulate.unknown_kind" | "simulate.unknown_fault"), and Unavailable where the place is not free.
    """
    if kind not in KINDS:
        raise Refused("simulate.unknown_kind", kind=kind[:20], known=", ".join(KINDS))
    if fault is not None and fault.partition("@")[0] not in faults_of(kind):
        raise Refused("simulate.unknown_fault", fault=fault[:20], known=", ".join(faults_of(kind)))
    machine = _machine(kind, place, output, paper_mm, baudrate)
    try:
        with _ended_by_signals():
            if fault is not None:
                machine.set_fault(fault)
            faults = "|".join(faults_of(kind))
            _say(output, f"{kind} at {machine.line.address}\n{machine.help}\n{_HELP}\nfault {faults}|none")
            for line in _lines(commands):
                if line == "quit":
                    return 0
                _obey(output, line, machine.obey)
            _stay_if(stay)
    finally:
        machine.close()
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


_HELP = "raw HEX | line | unplug | plug | quit"


class _Machine:
    """A simulated machine at the command line: what its own commands are, and those that all have.

    What is no command is `said`, where the machine has such a way: a swipe reader's lines are mostly cards."""

    def __init__(
        self,
        line: Line,
        set_fault: Callable[[str | None], None],
        close: Callable[[], None],
        does: dict[str, Callable[[str], None]],
        help_: str,
        output: TextIO,
        *,
        said: Callable[[str], None] | None = None,
    ) -> None:
        self.line = line
        self.set_fault = set_fault
        self.help = help_
        self.close = close
        self._said = said
        self._does: dict[str, Callable[[str], None]] = {
            **does,
            "raw": lambda rest: line.send(bytes.fromhex(rest)),
            "fault": lambda rest: set_fault(None if rest == "none" else rest),
            "line": lambda _: _say(output, line.settings or line.address),
            "unplug": lambda _: line.unplug(),
            "plug": lambda _: line.plug(),
        }

    def obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in self._does:
            self._does[word](rest.strip())
        elif self._said is not None:
            self._said(line)
        else:
            raise ValueError(word)


def _machine(kind: str, place: Place, output: TextIO, paper_mm: int, baudrate: int | None) -> _Machine:
    match kind:
        case "reader":
            return _reader(SimulatedReader(place), output)
        case "printer":
            model = PrinterModel(dots=384 if paper_mm == 58 else 576)
            return _printer(SimulatedPrinter(place, model, baudrate=baudrate), output)
        case "pn532":
            return _contactless(SimulatedMachine(place, PN532Model()), output)
        case "er302" | "er302-stuffed":
            return _contactless(SimulatedMachine(place, ER302Model(stuffed=kind == "er302-stuffed")), output)
        case "msr605":
            return _encoder(SimulatedMachine(place, MSR605Model()), output)
        case "gm65":
            return _scanner(SimulatedMachine(place, GM65Model()), output)
        case "rdm6300" | "id-12la":
            tags = SimulatedTagReader(place, with_line_end=kind == "id-12la")
            does = {"tag": tags.put, "away": lambda _: tags.take_away()}
            return _Machine(tags.line, tags.voice.set_fault, tags.close, does, "tag 4A00B1C2D3 | away", output)
        case _ if kind in DISPENSERS:
            return _dispenser(SimulatedMachine(place, DispenserModel(kind)), output)
        case _ if kind in DISPLAYS:
            return _display(SimulatedMachine(place, DisplayModel(kind)), output)
        case _:
            box = SimulatedWiegandBox(place, form=kind.partition("-")[2])
            does = {"tag": lambda rest: box.tap(int(rest))}
            return _Machine(box.line, box.voice.set_fault, box.close, does, "tag 11649747", output)


def _reader(reader: SimulatedReader, output: TextIO) -> _Machine:
    def said(line: str) -> None:
        word, _, rest = line.partition(" ")
        if line[0] in "%;":
            reader.voice.say(line.encode("ascii", "replace") + b"\r")
        elif word.isdigit():
            reader.swipe(word, rest.strip() or None)
        else:
            reader.scan(line)

    help_ = """\
Each line is one reading. Digits alone are swiped as a card (number, or number and card code); a line that begins
with % or ; is sent as it stands. scan TEXT | tap 4A00B1C2D3"""
    does = {"scan": reader.scan, "tap": reader.tap}
    return _Machine(reader.line, reader.voice.set_fault, reader.close, does, help_, output, said=said)


def _contactless(machine: SimulatedMachine[PN532Model] | SimulatedMachine[ER302Model], output: TextIO) -> _Machine:
    on_it: list[SimulatedTag] = []

    def put(rest: str) -> None:
        identity, _, how = rest.partition(" ")
        if how not in ("", "worn", "locked"):
            raise ValueError(how)
        key = b"locked" if how == "locked" else FACTORY_KEY
        on_it[:] = [SimulatedTag(bytes.fromhex(identity), key=key, worn=how == "worn")]
        machine.touch(lambda model: model.put(on_it[0]))

    def show(_: str) -> None:
        _say(output, on_it[0].contents.decode("ascii", "replace") or "-" if on_it else "-")

    does: dict[str, Callable[[str], None]] = {
        "card": put,
        "away": lambda _: machine.touch(lambda model: model.take_away()),
        "show": show,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    help_ = "card 04A1B2C3 [worn|locked] | away | show (sector 1 of the card) | power"
    return _Machine(machine.line, machine.voice.set_fault, machine.close, does, help_, output)


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

    def set_fault(fault: str | None) -> None:
        def change(model: MSR605Model) -> None:
            model.writes_wrong = fault == "writes-wrong"
            model.next_write_says = ENCODER_FAULTS.get(fault or "", "")

        machine.touch(change)
        machine.voice.set_fault(None if fault in (*ENCODER_FAULTS, "writes-wrong") else fault)

    help_ = "card NUMBER [CODE] | tracks T1|T2|T3 (with sentinels) | blank | hi-co | lo-co | swipe | show | power"
    return _Machine(machine.line, set_fault, machine.close, does, help_, output)


def _dispenser(machine: SimulatedMachine[DispenserModel], output: TextIO) -> _Machine:
    def set_fault(fault: str | None) -> None:
        def change(model: DispenserModel) -> None:
            model.jams_next, model.fails_next = fault == "jam", fault == "fail"
            model.captures_at_power_up = fault == "captures"
            match fault:
                case None:
                    if model.is_jammed:
                        model.clear_jam()
                    model.empty_bin()
                    model.has_failed = False
                    model.fill(max(0, FULL_HOPPER_CARDS - len(model.hopper)))
                case "empty":
                    model.empty_hopper()
                case "low":
                    del model.hopper[LOW_HOPPER_CARDS:]
                case "bin-full":
                    model.fill_bin()

        machine.touch(change)
        machine.voice.set_fault(None if fault in DISPENSER_FAULTS else fault)

    def show(_: str) -> None:
        model = machine.model
        at = "reader" if model.at_reader else "mouth" if model.at_mouth else "-"
        jam = ", jammed" if model.is_jammed else ""
        _say(output, f"hopper {len(model.hopper)}, card at {at}, bin {len(model.bin)}, out {len(model.out)}{jam}")

    does: dict[str, Callable[[str], None]] = {
        "take": lambda _: machine.touch(lambda model: model.take_card()),
        "fill": lambda rest: machine.touch(lambda model: model.fill(int(rest or FULL_HOPPER_CARDS))),
        "show": show,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    help_ = "take (the card at the mouth) | fill [CARDS] | show | power"
    return _Machine(machine.line, set_fault, machine.close, does, help_, output)


def _display(machine: SimulatedMachine[DisplayModel], output: TextIO) -> _Machine:
    def show(_: str) -> None:
        model = machine.model
        _say(
            output, "\n".join((f"[{model.upper}] {model.lamp}", f"[{model.lower}]", *(f"! {x}" for x in model.garbage)))
        )

    does: dict[str, Callable[[str], None]] = {
        "show": show,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    return _Machine(machine.line, machine.voice.set_fault, machine.close, does, "show | power", output)


def _scanner(machine: SimulatedMachine[GM65Model], output: TextIO) -> _Machine:
    def scan(rest: str) -> None:
        machine.touch(lambda model: model.scan(rest.encode("utf-8") + b"\r"))

    does: dict[str, Callable[[str], None]] = {
        "scan": scan,
        "power": lambda _: machine.touch(lambda model: model.power_cycle()),
    }
    help_ = "scan TEXT (with its AIM id, if wanted) | power"
    return _Machine(machine.line, machine.voice.set_fault, machine.close, does, help_, output)


def _printer(printer: SimulatedPrinter, output: TextIO) -> _Machine:
    model = printer.model
    printer.changed = _Paper(model, output).show_new

    def switch(to: Callable[[bool], None], on: str, off: str) -> Callable[[str], None]:
        def do(rest: str) -> None:
            if rest not in (on, off):
                raise ValueError(rest)
            to(rest == on)

        return do

    def power(rest: str) -> None:
        if rest == "cycle":
            printer.power_cycle()
        else:
            switch(printer.set_power, "on", "off")(rest)

    does: dict[str, Callable[[str], None]] = {
        "paper": printer.set_paper,
        "cover": switch(printer.set_cover, "open", "closed"),
        "cutter": switch(printer.set_cutter_jammed, "jam", "free"),
        "error": switch(printer.set_unrecoverable, "on", "off"),
        "mute": switch(printer.set_mute, "on", "off"),
        "stall": switch(printer.set_stalled, "on", "off"),
        "power": power,
        "baud": lambda rest: setattr(printer.line, "baudrate", int(rest) or None),
        "show": lambda _: _say(output, model.text()),
        "picture": lambda rest: model.image().save(rest),
        "save": lambda rest: _keep(Path(rest), printer.printed_bytes()),
    }
    help_ = """\
paper ok|near_end|out | cover open|closed | cutter jam|free | error on|off | mute on|off | power on|off|cycle |
stall on|off | baud 9600 (0: any) | show | picture FILE.png | save FILE | fault NAME@N: once N more bytes came"""
    return _Machine(printer.line, printer.set_fault, printer.close, does, help_, output)


def _keep(file: Path, data: bytes) -> None:
    file.write_bytes(data)


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
