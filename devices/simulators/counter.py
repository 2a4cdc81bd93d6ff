"""The machines of a whole counter, simulated: what the demo's device panel and the guided tour play on."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PIL import Image

from app.ports.devices import DeviceKind
from devices.simulators.machines import SimulatedPrinter, SimulatedReader
from devices.simulators.printer import PrinterModel


class SimulatedCounterMachines:
    """`app.ports.devices.SimulatedCounter`: a reader at `reader_url`, a printer at `printer_url`.

    The links live in `directory`, or in a folder of their own that `stop` removes.
    """

    def __init__(self, directory: Path | None = None, *, dots: int = 576, baudrate: int | None = None) -> None:
        self._own_directory = None if directory else Path(tempfile.mkdtemp(prefix="memberdesk-counter-"))
        place = directory or self._own_directory or Path()
        self.reader = SimulatedReader(place / "reader")
        self.printer = SimulatedPrinter(place / "printer", PrinterModel(dots=dots), baudrate=baudrate)
        self.reader_url = self.reader.line.address
        self.printer_url = self.printer.line.address

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
        line = self.reader.line if kind is DeviceKind.READER else self.printer.line
        if plugged:
            line.plug()
        else:
            line.unplug()

    def is_plugged(self, kind: DeviceKind) -> bool:
        return (self.reader.line if kind is DeviceKind.READER else self.printer.line).is_plugged

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
        self.reader.close()
        self.printer.close()
        if self._own_directory is not None:
            shutil.rmtree(self._own_directory, ignore_errors=True)
