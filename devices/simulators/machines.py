"""A reader and a printer one can plug in: the simulated machines on their serial lines."""

from __future__ import annotations

import threading
from collections.abc import Callable

from devices.drivers.em4100 import ETX, STX
from devices.drivers.tracks import lrc
from devices.simulators.faults import LINE_FAULTS, PORT_FAULTS, UNPLUGGED_S, FaultyVoice
from devices.simulators.line import Place, line_at
from devices.simulators.printer import XOFF, XON, PrinterModel


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
    """A swipe reader, scanner and tag reader in one, at `place`."""

    def __init__(self, place: Place, *, fault: str | None = None) -> None:
        self.line = line_at(place, lambda _: b"")
        self.voice = FaultyVoice(self.line, fault)

    def swipe(self, number: str, card_code: str | None = None) -> None:
        self.voice.say(swiped(number, card_code))

    def scan(self, text: str) -> None:
        self.voice.say(text.encode("utf-8") + b"\r\n")

    def tap(self, tag: str) -> None:
        self.voice.say(tapped(tag))

    def close(self) -> None:
        self.line.close()


OWN_PRINTER_FAULTS = (
    "paper",  # none left
    "near-end",
    "cover",
    "error",
    "cutter",  # jams at the next cut
    "asb",  # an automatic status comes between each question and its answer
    "xoff",  # for ten seconds
    "xoff-for-ever",
    "stall",  # takes nothing any more, and says nothing about it; DSR and CTS go down
    "power",  # off and, half a second later, on: buffer and modes are lost, and what came meanwhile
    "small-buffer",  # 45 bytes; what comes while it is full is lost
)
PRINTER_FAULTS = (*OWN_PRINTER_FAULTS, *LINE_FAULTS, *PORT_FAULTS)
XOFF_S = 10.0
WITHOUT_POWER_S = 0.5
_SMALL_BUFFER_BYTES = 45


class SimulatedPrinter:
    """An ESC/POS printer at `place`; touch it through these methods, which may be called from any thread.

    `handshake` is "stop" (it takes no bytes while its buffer is full, as with DTR) or "none" (bytes over the buffer
    are lost); a model made with `xonxoff=True` sends XOFF and XON by itself.
    """

    def __init__(
        self,
        place: Place,
        model: PrinterModel | None = None,
        *,
        baudrate: int | None = None,
        handshake: str = "stop",
        fault: str | None = None,
    ) -> None:
        self.model = model or PrinterModel()
        self.changed: Callable[[], None] = lambda: None
        self._lock = threading.RLock()
        self._is_on = True
        self._stalled = False
        self._triggers: list[tuple[int, Callable[[], None]]] = []
        self._taken = 0
        self._handshake = handshake
        self._ready = threading.Event()
        self.line = line_at(place, self._received, baudrate=baudrate, room=self._room)
        self.voice = FaultyVoice(self.line)
        self._asb_between = self._held_off = False
        self._before_fault = (handshake, self.model.buffer_bytes)
        if fault is not None:
            self.set_fault(fault)
        self._ready.set()

    def set_fault(self, fault: str | None) -> None:
        """One of `PRINTER_FAULTS`, or `FAULT@BYTE`: when that many more bytes were taken. None: all is well again.

        Raises ValueError for a fault that does not exist."""
        name, _, at = (fault or "").partition("@")
        if fault is not None and name not in PRINTER_FAULTS:
            raise ValueError(fault)
        if at:
            self.at_byte(int(at), lambda: self._break(name))
        elif fault is None:
            self._mend()
        else:
            self._break(name)

    def _break(self, fault: str) -> None:
        if fault == "unplug":
            self.set_plugged(False)
            _later(UNPLUGGED_S, self.line.plug)
        elif fault == "mute":
            self.set_mute(True)
        elif fault in LINE_FAULTS + PORT_FAULTS:
            self.voice.set_fault(fault)
        else:
            does: dict[str, Callable[[], None]] = {
                "paper": lambda: self.set_paper("out"),
                "near-end": lambda: self.set_paper("near_end"),
                "cover": lambda: self.set_cover(True),
                "error": lambda: self.set_unrecoverable(True),
                "cutter": lambda: setattr(self.model, "jams_at_next_cut", True),
                "asb": lambda: setattr(self, "_asb_between", True),
                "xoff": lambda: self._hold_off(XOFF_S),
                "xoff-for-ever": lambda: self._hold_off(None),
                "stall": lambda: self.set_stalled(True),
                "power": self._lose_power,
                "small-buffer": self._shrink,
            }
            does[fault]()

    def _mend(self) -> None:
        self.voice.set_fault(None)
        self._asb_between = False
        self._handshake, self.model.buffer_bytes = self._before_fault
        self.model.jams_at_next_cut = False
        if self._held_off:
            self._go_on_sending()
        self.set_stalled(False)
        self.set_mute(False)
        self.set_cutter_jammed(False)
        self.set_unrecoverable(False)
        self.set_paper("ok")
        self.set_cover(False)

    def _hold_off(self, for_s: float | None) -> None:
        self._held_off = True
        self.line.send(bytes((XOFF,)))
        if for_s is not None:
            _later(for_s, self._go_on_sending)

    def _go_on_sending(self) -> None:
        if self._held_off:
            self._held_off = False
            self.line.send(bytes((XON,)))

    def _lose_power(self) -> None:
        self.set_power(False)
        _later(WITHOUT_POWER_S, lambda: self.set_power(True))

    def _shrink(self) -> None:
        self._handshake, self.model.buffer_bytes = "none", _SMALL_BUFFER_BYTES

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
        self.voice.say(said)
        self.line.wake()
        self.changed()

    def _received(self, data: bytes) -> bytes:
        self._ready.wait()
        said = b""
        while data:
            with self._lock:
                now, data = self._up_to_trigger(data)
                self._taken += len(now)
                if self._is_on:
                    said += self.model.feed(now)
                due = [then for at, then in self._triggers if at <= self._taken]
                self._triggers = [trigger for trigger in self._triggers if trigger[0] > self._taken]
            if due:  # what it said before comes before what happens now
                self._answer(said)
                said = b""
            for then in due:
                then()
        self.changed()
        self._answer(said)
        return b""

    def _answer(self, said: bytes) -> None:
        self.voice.say(self.model.automatic_status + said if self._asb_between and said else said)

    def _up_to_trigger(self, data: bytes) -> tuple[bytes, bytes]:
        if not self._triggers:
            return data, b""
        left = self._triggers[0][0] - self._taken
        return data[:left], data[left:]


def _later(after_s: float, do: Callable[[], None]) -> None:
    timer = threading.Timer(after_s, do)
    timer.daemon = True
    timer.start()
