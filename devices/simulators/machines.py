"""A reader and a printer one can plug in: the simulated machines on their serial lines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from devices.drivers.em4100 import ETX, STX
from devices.drivers.tracks import lrc
from devices.simulators.printer import PrinterModel
from devices.simulators.pty import PtyLine


def swiped(number: str, card_code: str | None = None, *, name: str = "MEMBER/", check: bool = False) -> bytes:
    """What a swipe reader sends for a card: tracks 1 and 2 and CR; `check` adds the LRC characters."""
    rest = f"3012101{card_code}" if card_code else "3012101"
    tracks = (f"%B{number}^{name}^{rest}?", f";{number}={rest}?")
    return "".join(track + (lrc(track) if check else "") for track in tracks).encode("ascii") + b"\r"


def tapped(tag: str, *, with_line_end: bool = False) -> bytes:
    """What an RDM6300 (or, `with_line_end`, an ID-12LA) sends for a tag of ten hex digits."""
    check = 0
    for byte in bytes.fromhex(tag):
        check ^= byte
    end = b"\r\n" if with_line_end else b""
    return bytes((STX,)) + f"{tag.upper()}{check:02X}".encode("ascii") + end + bytes((ETX,))


class SimulatedReader:
    """A swipe reader, scanner and tag reader in one, under `link`."""

    def __init__(self, link: Path) -> None:
        self.line = PtyLine(link, lambda _: b"")

    def swipe(self, number: str, card_code: str | None = None) -> None:
        self.line.send(swiped(number, card_code))

    def scan(self, text: str) -> None:
        self.line.send(text.encode("utf-8") + b"\r\n")

    def tap(self, tag: str) -> None:
        self.line.send(tapped(tag))

    def close(self) -> None:
        self.line.close()


class SimulatedPrinter:
    """An ESC/POS printer under `link`; touch it through these methods, which may be called from any thread.

    `handshake` is "stop" (it takes no bytes while its buffer is full, as with DTR) or "none" (bytes over the buffer
    are lost); a model made with `xonxoff=True` sends XOFF and XON by itself.
    """

    def __init__(
        self,
        link: Path,
        model: PrinterModel | None = None,
        *,
        baudrate: int | None = None,
        handshake: str = "stop",
    ) -> None:
        self.model = model or PrinterModel()
        self.changed: Callable[[], None] = lambda: None
        self._lock = threading.RLock()
        self._is_on = True
        self._stalled = False
        self._triggers: list[tuple[int, Callable[[], None]]] = []
        self._taken = 0
        self._handshake = handshake
        self.line = PtyLine(link, self._received, baudrate=baudrate, room=self._room)

    def set_paper(self, state: str) -> None:
        self._touch(lambda: self.model.set_paper(state))

    def set_cover(self, open_: bool) -> None:
        self._touch(lambda: self.model.set_cover(open_))

    def set_cutter_jammed(self, jammed: bool) -> None:
        self._touch(lambda: self.model.set_cutter_jammed(jammed))

    def set_unrecoverable(self, broken: bool) -> None:
        self._touch(lambda: self.model.set_unrecoverable(broken))

    def set_mute(self, mute: bool) -> None:
        self._touch(lambda: setattr(self.model, "mute", mute))

    def set_stalled(self, stalled: bool) -> None:
        """A line that takes nothing any more, with no reason given."""
        self._touch(lambda: setattr(self, "_stalled", stalled))

    def set_power(self, on: bool) -> None:
        """Switched off it hears nothing and has forgotten everything; its adapter stays plugged in."""

        def change() -> None:
            if on and not self._is_on:
                self.model.power_cycle()
            self._is_on = on

        self._touch(change)

    def power_cycle(self) -> None:
        self.set_power(False)
        self.set_power(True)

    def set_plugged(self, plugged: bool) -> None:
        if plugged:
            self.line.plug()
        else:
            self.line.unplug()

    def at_byte(self, count: int, then: Callable[[], None]) -> None:
        """Do something when that many more bytes have been taken: faults in the middle of a job."""
        with self._lock:
            self._triggers.append((self._taken + count, then))
            self._triggers.sort(key=lambda trigger: trigger[0])

    def printed_bytes(self) -> bytes:
        with self._lock:
            return bytes(self.model.received)

    def lines(self) -> list[str]:
        with self._lock:
            return self.model.lines

    def close(self) -> None:
        self.line.close()

    def _room(self) -> int:
        with self._lock:
            if self._stalled:
                return 0
            return max(0, self.model.free_bytes) if self._handshake == "stop" and self._is_on else 1024

    def _touch(self, change: Callable[[], None]) -> None:
        with self._lock:
            change()
            said = self.model.replies() if self._is_on else b""
        if said:
            self.line.send(said)
        self.line.wake()
        self.changed()

    def _received(self, data: bytes) -> bytes:
        said = b""
        while data:
            with self._lock:
                now, data = self._up_to_trigger(data)
                self._taken += len(now)
                if self._is_on:
                    said += self.model.feed(now)
                due = [then for at, then in self._triggers if at <= self._taken]
                self._triggers = [trigger for trigger in self._triggers if trigger[0] > self._taken]
            if due and said:  # what it said before comes before what happens now
                self.line.send(said)
                said = b""
            for then in due:
                then()
        self.changed()
        return said

    def _up_to_trigger(self, data: bytes) -> tuple[bytes, bytes]:
        if not self._triggers:
            return data, b""
        left = self._triggers[0][0] - self._taken
        return data[:left], data[left:]
