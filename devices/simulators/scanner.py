"""A GM65 scanner on its serial line (DEVICES.md 2.3)."""

from __future__ import annotations

from devices.drivers.gm65 import NO_CRC, READ, WRITE, crc16, replied


class GM65Model:
    """`feed` what the host sends; `scan` codes. In command mode (zone 0, value 01) only a trigger lets it look."""

    def __init__(self) -> None:
        self.zones: dict[int, int] = {}
        self._buffer = bytearray()
        self._said = b""
        self._before_lens = b""
        self.power_cycle()

    def power_cycle(self) -> None:
        self.zones = {}
        self._buffer.clear()

    @property
    def waits_for_trigger(self) -> bool:
        return self.zones.get(0, 0) & 0x03 == 0x01

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        while len(self._buffer) >= 8:
            if not self._buffer.startswith(b"\x7e\x00"):
                del self._buffer[0]
                continue
            kind, length = self._buffer[2], self._buffer[3]
            count = length if kind == WRITE else 1
            if len(self._buffer) < 6 + count + 2:
                break
            frame = bytes(self._buffer[: 6 + count + 2])
            del self._buffer[: len(frame)]
            if frame[-2:] in (NO_CRC, crc16(frame[2:-2]).to_bytes(2, "big")):
                self._obey(kind, int.from_bytes(frame[4:6], "big"), frame[6:-2])
        return self.replies()

    def replies(self) -> bytes:
        said, self._said = self._said, b""
        return said

    def scan(self, line: bytes) -> None:
        """A code is held before the lens; `line` with its ending."""
        if self.waits_for_trigger:
            self._before_lens = line
        else:
            self._said += line

    def _obey(self, kind: int, address: int, data: bytes) -> None:
        if kind == WRITE:
            for at, value in enumerate(data):
                self.zones[address + at] = value
            self._said += replied(b"\x00")
            if address == 0x0002 and data[0] & 1 and self._before_lens:
                self._said += self._before_lens
                self._before_lens = b""
        elif kind == READ:
            self._said += replied(bytes(self.zones.get(address + at, 0) for at in range(data[0] or 256))[:255])
