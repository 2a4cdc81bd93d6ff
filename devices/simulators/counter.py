"""The machines of a whole counter, simulated: what the demo's device panel and the guided tour play on."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PIL import Image

from app.ports.devices import DeviceKind
from devices.simulators.dispenser import DispenserModel
from devices.simulators.display import DisplayModel
from devices.simulators.inside import put_inside
from devices.simulators.line import Line
from devices.simulators.machines import SimulatedPrinter, SimulatedReader
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.readers import SimulatedMachine
from devices.simulators.tags import SimulatedTag

CUSTOMER_TAKES_CARD_S = 3.0


class SimulatedCounterMachines:
    """`app.ports.devices.SimulatedCounter`: a reader, a printer, a display, and an encoder inside a dispenser, each at
    the URL of its name; which drivers they want stands beside it.

    The links live in `directory`, or in a folder of their own that `stop` removes.
    """

    def __init__(self, directory: Path | None = None, *, dots: int = 576, baudrate: int | None = None) -> None:
        self._own_directory = None if directory else Path(tempfile.mkdtemp(prefix="memberdesk-counter-"))
        place = directory or self._own_directory or Path()
        self.reader = SimulatedReader(place / "reader")
        self.printer = SimulatedPrinter(place / "printer", PrinterModel(dots=dots), baudrate=baudrate)
        self.encoder = SimulatedMachine(place / "encoder", PN532Model())
        self.dispenser = SimulatedMachine(place / "dispenser", DispenserModel(taken_after_s=CUSTOMER_TAKES_CARD_S))
        put_inside(self.dispenser, self.encoder)
        self.display = SimulatedMachine(place / "display", DisplayModel("cd5220-gb18030"))
        self.reader_url = self.reader.line.address
        self.printer_url = self.printer.line.address
        self.encoder_url, self.encoder_driver = self.encoder.line.address, "pn532"
        self.dispenser_url, self.dispenser_driver = self.dispenser.line.address, "cd-720m"
        self.display_url, self.display_driver = self.display.line.address, "cd5220-gb18030"
        self._lines: dict[DeviceKind, Line] = {
            DeviceKind.READER: self.reader.line,
            DeviceKind.PRINTER: self.printer.line,
            DeviceKind.ENCODER: self.encoder.line,
            DeviceKind.DISPENSER: self.dispenser.line,
            DeviceKind.DISPLAY: self.display.line,
        }

    def swipe(self, number: str, card_code: str | None = None) -> None:
        self.reader.swipe(number, card_code)

    def scan(self, text: str) -> None:
        self.reader.scan(text)

    def tap(self, tag: str) -> None:
        self.reader.tap(tag)

    def set_paper(self, state: str) -> None:
        self.printer.set_paper(state)

    def set_cover(self, open_: bool) -> None:
        self.printer.set_cover(open_)

    def set_plugged(self, kind: DeviceKind, plugged: bool) -> None:
        line = self._lines[kind]
        if plugged:
            line.plug()
        else:
            line.unplug()

    def is_plugged(self, kind: DeviceKind) -> bool:
        return self._lines[kind].is_plugged

    def display_lines(self) -> tuple[str, str]:
        return self.display.model.lines

    def made_cards(self) -> tuple[str, ...]:
        """What stands on the cards that came out, the newest last."""
        model = self.dispenser.model
        cards = [*model.out, *([model.at_mouth] if model.at_mouth else [])]
        return tuple(card.contents.decode("ascii", "replace") for card in cards if isinstance(card, SimulatedTag))

    def fill_hopper(self, cards: int = 50) -> None:
        self.dispenser.touch(lambda model: model.fill(cards))

    def empty_hopper(self) -> None:
        self.dispenser.touch(lambda model: model.empty_hopper())

    def is_hopper_empty(self) -> bool:
        return not self.dispenser.model.hopper

    def set_jam(self, jammed: bool) -> None:
        def change(model: DispenserModel) -> None:
            model.jams_next = jammed
            if model.is_jammed and not jammed:
                model.clear_jam()

        self.dispenser.touch(change)

    def is_jammed(self) -> bool:
        return self.dispenser.model.is_jammed or self.dispenser.model.jams_next

    def paper(self) -> str:
        return self.printer.model.paper_state

    def is_cover_open(self) -> bool:
        return self.printer.model.cover_open

    def printed_bytes(self) -> bytes:
        return self.printer.printed_bytes()

    def slip_text(self) -> str:
        """All that is on the paper, as text in the printer's columns."""
        return self.printer.model.text()

    def slip_image(self, since_item: int = 0) -> Image.Image:
        """All that is on the paper, as a picture; `since_item` skips items of `printer.model.paper`."""
        return self.printer.model.image(since_item)

    def stop(self) -> None:
        for machine in (self.reader, self.printer, self.encoder, self.dispenser, self.display):
            machine.close()
        if self._own_directory is not None:
            shutil.rmtree(self._own_directory, ignore_errors=True)
