"""Readers one can plug in: machines that are asked, and machines that speak by themselves, on serial lines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from devices.drivers.wiegand import bits_of
from devices.simulators.faults import FaultyVoice
from devices.simulators.line import Place, line_at
from devices.simulators.machines import tapped

REPEAT_S = 0.1


class Model(Protocol):
    """A machine without its line: hears, says, and what it says by itself comes from `replies`."""

    def feed(self, data: bytes) -> bytes: ...
    def replies(self) -> bytes: ...
    def power_cycle(self) -> None: ...


ModelT = TypeVar("ModelT", bound=Model)


class SimulatedMachine(Generic[ModelT]):
    """`model` at `place`; touch it through `touch`, which may be called from any thread."""

    def __init__(self, place: Place, model: ModelT, *, fault: str | None = None) -> None:
        self.model = model
        self._lock = threading.RLock()
        self._ready = threading.Event()
        self.line = line_at(place, self._received)
        self.voice = FaultyVoice(self.line, fault)
        self._ready.set()

    def touch(self, change: Callable[[ModelT], None]) -> None:
        """Do something to the machine, and let it say what it has to say about that."""
        with self._lock:
            change(self.model)
            said = self.model.replies()
        self.voice.say(said)

    def close(self) -> None:
        self.line.close()

    def _received(self, data: bytes) -> bytes:
        self._ready.wait()
        with self._lock:
            said = self.model.feed(data)
        self.voice.say(said)
        return b""


class SimulatedTagReader:
    """An RDM6300 (or, `with_line_end`, an ID-12LA): says the tag again and again while it lies there."""

    def __init__(self, place: Place, *, with_line_end: bool = False, fault: str | None = None) -> None:
        self.line = line_at(place, lambda _: b"")
        self.voice = FaultyVoice(self.line, fault)
        self._with_line_end = with_line_end
        self._frame = b""
        self._closing = threading.Event()
        self._changed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tag at {self.line.address}", daemon=True)
        self._thread.start()

    def put(self, tag: str) -> None:
        """Ten hex digits. Raises ValueError."""
        if len(tag) != 10:
            raise ValueError("a tag has ten hex digits")
        self._frame = tapped(tag, with_line_end=self._with_line_end)
        self._changed.set()

    def take_away(self) -> None:
        self._frame = b""

    def close(self) -> None:
        self._closing.set()
        self._changed.set()
        self._thread.join(2)
        self.line.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            if self._frame:
                self.voice.say(self._frame)
                self._closing.wait(REPEAT_S)
            else:
                self._changed.wait()
                self._changed.clear()


class SimulatedWiegandBox:
    """A Wiegand reader behind a box that makes lines of text of it, as `form` says: bits, decimal or hex."""

    def __init__(self, place: Place, *, form: str = "decimal", fault: str | None = None) -> None:
        self.line = line_at(place, lambda _: b"")
        self.voice = FaultyVoice(self.line, fault)
        self._form = form

    def tap(self, number: int) -> None:
        """A tag with that printed number; up to 24 bits go out as Wiegand-26, more as Wiegand-34."""
        self.voice.say(wiegand_line(number, self._form))

    def close(self) -> None:
        self.line.close()


def wiegand_line(number: int, form: str) -> bytes:
    """The line for a tag. Raises ValueError for a number over 32 bits or another form than bits, decimal, hex."""
    if not 0 <= number < 1 << 32:
        raise ValueError("a tag's number has at most 32 bits")
    short = number < 1 << 24
    texts = {
        "bits": bits_of(number, 26 if short else 34),
        "decimal": f"{number >> 16:03d},{number & 0xFFFF:05d}" if short else f"{number:010d}",
        "hex": f"{number:06X}" if short else f"{number:08X}",
    }
    if form not in texts:
        raise ValueError(form)
    return texts[form].encode("ascii") + b"\r\n"
