"""An ER302 or another YHY reader on its serial line (DEVICES.md 2.6)."""

from __future__ import annotations

from devices.drivers import er302
from devices.drivers.er302 import ER302Frames, framed
from devices.simulators.tags import SimulatedTag

_OK = b"\x00"
_FAILED = b"\x14"
_ALWAYS_OK = (0x0101, 0x0102, er302.BEEP, er302.LED, 0x0108, 0x010C)  # line speed, node, beep, light, type, antenna
_MODEL = 0x0104


class ER302Model:
    """`feed` what the host sends; returns what it answers."""

    def __init__(self, *, stuffed: bool = False) -> None:
        self._stuffed = stuffed
        self._frames = ER302Frames(stuffed=stuffed)
        self._tag: SimulatedTag | None = None
        self.beeps = 0

    def power_cycle(self) -> None:
        self._frames.clear()

    def feed(self, data: bytes) -> bytes:
        return b"".join(self._reply(body) for body in self._frames.feed(data))

    def replies(self) -> bytes:
        return b""

    def put(self, tag: SimulatedTag) -> None:
        self._tag = tag

    def take_away(self) -> None:
        self._tag = None

    def _reply(self, body: bytes) -> bytes:
        if len(body) < 4:
            return b""
        command = int.from_bytes(body[2:4], "little")
        return framed(command, self._answer(command, body[4:]), stuffed=self._stuffed)

    def _answer(self, command: int, data: bytes) -> bytes:
        tag = self._tag
        if command in _ALWAYS_OK:
            self.beeps += command == er302.BEEP
            return _OK
        if command == _MODEL:
            return _OK + b"ER302\x00"
        if tag is None:
            return _FAILED
        identity = tag.identity
        match command:
            case er302.REQUEST:
                return _OK + tag.sens_res[::-1]
            case er302.ANTICOLLISION:
                return _OK + (identity if len(identity) == 4 else b"\x88" + identity[:3])
            case er302.LONG_IDENTITY if len(identity) == 7:
                return _OK + identity
            case er302.SELECT if data == identity:
                return _OK + bytes((tag.sel_res,))
            case er302.AUTHENTICATE if len(data) == 8 and tag.authenticate(data[1], data[2:]):
                return _OK
            case er302.READ if data and (block := tag.read(data[0])) is not None:
                return _OK + block
            case er302.WRITE if data and tag.write(data[0], data[1:]):
                return _OK
            case _:
                return _FAILED
