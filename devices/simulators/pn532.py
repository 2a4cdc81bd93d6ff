"""A PN532 on its serial line, as far as a reader at a counter needs it (DEVICES.md 2.5)."""

from __future__ import annotations

from devices.drivers import pn532
from devices.drivers.pn532 import ACK, ERROR, FROM_CHIP, FROM_HOST, Acknowledged, Data, NotAcknowledged, framed
from devices.simulators.tags import SimulatedTag

FIRMWARE = bytes.fromhex("32 01 06 07")
_KEY_A, _KEY_B, _READ, _WRITE = 0x60, 0x61, 0x30, 0xA0
_IN_RELEASE = 0x52
_RF_CONFIGURATION = 0x32
_WRONG_KEY = 0x14
_WRONG_CONTEXT = 0x27
_GONE = 0x01


class PN532Model:
    """`feed` what the host sends; what it says comes from there and, when a card is put down, from `replies`.

    It sleeps after power-up and hears nothing before `55 55`.
    """

    def __init__(self) -> None:
        self._frames = pn532.PN532Frames(FROM_HOST)
        self._tag: SimulatedTag | None = None
        self._said = b""
        self._last = b""
        self._tail = b""
        self.power_cycle()

    def power_cycle(self) -> None:
        self.is_awake = False
        self.is_configured = False
        self._lists = False
        self._frames.clear()

    def feed(self, data: bytes) -> bytes:
        self._tail = (self._tail + data)[-len(data) - 1 :]
        if not self.is_awake:
            if b"\x55\x55" not in self._tail:
                return b""
            self.is_awake = True
            data = self._tail.split(b"\x55\x55", 1)[1]
        for frame in self._frames.feed(data):
            match frame:
                case Acknowledged():
                    self._lists = False
                case NotAcknowledged():
                    self._said += self._last
                case Data(command, payload):
                    self._said += ACK
                    self._lists = False
                    self._obey(command, payload)
                case _:
                    pass  # a frame with a wrong checksum is not acknowledged
        return self.replies()

    def replies(self) -> bytes:
        said, self._said = self._said, b""
        return said

    def put(self, tag: SimulatedTag) -> None:
        self._tag = tag
        if self._lists:
            self._lists = False
            self._answer(pn532.IN_LIST_PASSIVE_TARGET, self._listed(tag))

    def take_away(self) -> None:
        self._tag = None

    def _obey(self, command: int, payload: bytes) -> None:
        match command:
            case pn532.GET_FIRMWARE:
                self._answer(command, FIRMWARE)
            case pn532.SAM_CONFIGURATION:
                self.is_configured = True
                self._answer(command, b"")
            case pn532.IN_LIST_PASSIVE_TARGET:
                if self._tag is None:
                    self._lists = True
                else:
                    self._answer(command, self._listed(self._tag))
            case pn532.IN_DATA_EXCHANGE:
                self._answer(command, self._exchanged(payload[1:]))
            case _ if command in (_IN_RELEASE, _RF_CONFIGURATION):
                self._answer(command, b"\x00" if command == _IN_RELEASE else b"")
            case _:
                self._last = ERROR
                self._said += ERROR

    def _answer(self, command: int, payload: bytes) -> None:
        self._last = framed(FROM_CHIP, command + 1, payload)
        self._said += self._last

    @staticmethod
    def _listed(tag: SimulatedTag) -> bytes:
        tag.open_sector = None
        return b"\x01\x01" + tag.sens_res + bytes((tag.sel_res, len(tag.identity))) + tag.identity

    def _exchanged(self, asked: bytes) -> bytes:
        tag = self._tag
        if tag is None or len(asked) < 2:
            return bytes((_GONE,))
        what, block, rest = asked[0], asked[1], asked[2:]
        if what in (_KEY_A, _KEY_B):
            return b"\x00" if tag.authenticate(block, rest[:6]) else bytes((_WRONG_KEY,))
        if what == _READ:
            data = tag.read(block)
            return bytes((_WRONG_KEY,)) if data is None else b"\x00" + data
        if what == _WRITE:
            return b"\x00" if tag.write(block, rest) else bytes((_WRONG_KEY,))
        return bytes((_WRONG_CONTEXT,))
