"""What stands at a port? Asked in words that each machine understands and no other takes for an order.

The order matters. A printer is asked first, at each of its speeds, with real-time status alone: whatever follows never
reaches one that answers. A printer that cannot answer (a cable without a way back) hears, at 9600 baud, letters without
a line end and commands without an effect; `ESC @` makes it forget them at the end. Nothing here feeds, cuts, opens a
drawer or moves a card: of a dispenser only the status is asked. `ESC e`, the encoder's own test, is on some printers a
reverse feed, so it is only said to what has just answered as an encoder does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from operator import xor

from app.ports.devices import Certainty, DeviceKind, Guess, GuessStep
from devices.drivers import er302, gm65, msr605, pn532
from devices.drivers.reader import CounterReader
from devices.ports import LineSettings, SerialPort

PRINTER_SPEEDS = (9600, 19200, 38400, 115200)
ANSWER_S = 0.35
LOOK_S = 0.05

PRINTER_STATUS = b"\x10\x04\x01"
PRINTER_PAPER = b"\x10\x04\x04"
PRINTER_MODEL = b"\x1dIC"
ENCODER_FIRMWARE = b"\x1bv"
DISPENSER_STATUS = b"\x02RF\x03\x15"
ENQ, ACK = b"\x05", 0x06
_FORGET = b"\x1b@"
_READER_MODEL = 0x0104
_DISPENSER_ANSWER_BYTES = 8

Ask = Callable[[bytes], bytes]


def guess(
    url: str,
    step: Callable[[GuessStep], None],
    cancelled: Callable[[], bool],
    *,
    swipe_s: float = 0.0,
    settle_s: float = 0.2,
    answer_s: float = ANSWER_S,
) -> Guess:
    """See `app.ports.devices.DeviceSetup.guess`. Takes about six seconds where nothing answers, and `swipe_s` more.
    Raises Unavailable where the port does not open, or goes away."""
    questions = (
        *(_Question("printer", speed, _printer) for speed in PRINTER_SPEEDS),
        _Question("pn532", 115200, _pn532),
        _Question("er302", 115200, _er302),
        _Question("gm65", 9600, _gm65),
        _Question("dispenser", 9600, _dispenser),
        _Question("msr605", 9600, _msr605),
    )
    of = len(questions) + bool(swipe_s)
    heard = b""
    line = _Line(url, settle_s, answer_s)
    try:
        for number, question in enumerate(questions, 1):
            if cancelled():
                return Guess(Certainty.SILENT)
            step(GuessStep(question.what, question.baudrate, number, of))
            line.set_speed(question.baudrate)
            found = question.put(line.ask)
            if found is not None:
                return replace(found, baudrate=question.baudrate)
            heard += line.heard
        line.say(_FORGET)
        if swipe_s and not cancelled():
            step(GuessStep("swipe", 9600, of, of))
            return _listened(line, cancelled, swipe_s) or Guess(Certainty.UNKNOWN if heard else Certainty.SILENT)
        return Guess(Certainty.UNKNOWN if heard else Certainty.SILENT)
    finally:
        line.close()


@dataclass(frozen=True)
class _Question:
    what: str
    baudrate: int
    put: Callable[[Ask], Guess | None]


class _Line:
    """The port, at one speed at a time. `heard` is what the last question brought."""

    def __init__(self, url: str, settle_s: float, answer_s: float) -> None:
        self._url = url
        self._answer_s = answer_s
        self._settle_s = settle_s
        self._port: SerialPort | None = None
        self.heard = b""

    def set_speed(self, baudrate: int) -> None:
        self.heard = b""
        if self._port is not None and self._port.settings.baudrate == baudrate:
            return
        self.close()
        self._port = SerialPort(LineSettings(self._url, baudrate=baudrate, settle_s=self._settle_s))
        self._port.open()

    def say(self, data: bytes) -> None:
        assert self._port is not None
        until_s = time.monotonic() + self._answer_s
        while data and time.monotonic() < until_s:
            done = self._port.exchange(data, LOOK_S)
            data = data[done.accepted :] if done.exact else b""

    def listen(self, for_s: float) -> bytes:
        assert self._port is not None
        return self._port.exchange(b"", for_s).received

    def ask(self, question: bytes) -> bytes:
        """Everything that comes until the line has been quiet for a moment."""
        self.say(question)
        answer, until_s = b"", time.monotonic() + self._answer_s
        while (left_s := until_s - time.monotonic()) > 0:
            came = self.listen(min(LOOK_S, left_s))
            answer += came
            if answer and not came:
                break
        self.heard += answer
        return answer

    def close(self) -> None:
        if self._port is not None:
            self._port.dispose()
            self._port = None


def _printer(ask: Ask) -> Guess | None:
    if not _is_status(ask(PRINTER_STATUS)) or not _is_status(ask(PRINTER_PAPER)):
        return None
    says = ask(PRINTER_MODEL)
    model = says[1:-1] if says.startswith(b"\x5f") and says.endswith(b"\x00") else b""
    return Guess(Certainty.CERTAIN, DeviceKind.PRINTER, says=_readable(model))


def _is_status(answer: bytes) -> bool:
    """One byte with the fixed bits of DLE EOT; perhaps among the status that a printer sends by itself."""
    return len(answer) in (1, 5) and any(byte & 0x93 == 0x12 for byte in answer)


def _pn532(ask: Ask) -> Guess | None:
    frames = pn532.PN532Frames()
    for frame in frames.feed(ask(pn532.WAKE + pn532.asked(pn532.GET_FIRMWARE))):
        if isinstance(frame, pn532.Data) and frame.command == pn532.GET_FIRMWARE and len(frame.payload) == 4:
            chip, version, revision = frame.payload[:3]
            says = f"PN5{chip:02X} {version}.{revision}"
            return Guess(Certainty.CERTAIN, DeviceKind.READER, "pn532", says=says)
    return None


def _er302(ask: Ask) -> Guess | None:
    for body in er302.ER302Frames().feed(ask(er302.framed(_READER_MODEL))):
        if body[2:4] == _READER_MODEL.to_bytes(2, "little"):
            return Guess(Certainty.CERTAIN, DeviceKind.READER, "er302", says=_readable(body[5:]))
    return None


def _gm65(ask: Ask) -> Guess | None:
    replies, _ = gm65.GM65Replies().feed(ask(gm65.read_zone(gm65.MODE_ZONE)))
    return Guess(Certainty.CERTAIN, DeviceKind.READER, "gm65") if replies else None


def _dispenser(ask: Ask) -> Guess | None:
    if ACK not in ask(DISPENSER_STATUS):
        return None  # and no ENQ: it would carry out whatever was asked before
    answer = ask(ENQ)
    at = answer.find(b"\x02SF")
    frame = answer[at : at + _DISPENSER_ANSWER_BYTES]
    if at < 0 or len(frame) < _DISPENSER_ANSWER_BYTES or reduce(xor, frame) != 0:
        return Guess(Certainty.LIKELY, DeviceKind.DISPENSER)
    return Guess(Certainty.CERTAIN, DeviceKind.DISPENSER)


def _msr605(ask: Ask) -> Guess | None:
    firmware = ask(ENCODER_FIRMWARE)
    if not (firmware.startswith(b"\x1b") and len(firmware) > 2):
        return None
    says = _readable(firmware[1:])
    certain = ask(msr605.COMMUNICATION_TEST) == bytes((msr605.ESC, msr605.ALIVE))
    return Guess(Certainty.CERTAIN if certain else Certainty.LIKELY, DeviceKind.READER, "msr605", says=says)


def _listened(line: _Line, cancelled: Callable[[], bool], swipe_s: float) -> Guess | None:
    """A machine that only speaks when something is swiped, tapped or scanned. What it was, nobody learns."""
    reader = CounterReader()
    until_s = time.monotonic() + swipe_s
    came = b""
    while time.monotonic() < until_s and not cancelled():
        data = line.listen(2 * LOOK_S)
        came += data
        if reader.feed(data) if data else reader.tick():
            return Guess(Certainty.LIKELY, DeviceKind.READER, "line", 9600)
    return Guess(Certainty.UNKNOWN) if came else None


def _readable(said: bytes) -> str:
    """What a machine says of itself, at most a short line of plain letters."""
    return "".join(chr(byte) for byte in said if 0x20 <= byte < 0x7F).strip()[:40]
