"""Where one ESC/POS command ends and the next begins (DEVICES.md 1.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """One command, control or character: its name ("text", "ESC @", "GS v 0", …), its bytes and its parameters."""

    name: str
    data: bytes
    body: bytes = b""


DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D

_CONTROLS = {0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x00: "NUL"}

# Parameter bytes after the two of the command.
_ESC_PARAMETERS = {
    0x20: 1, 0x21: 1, 0x24: 2, 0x25: 1, 0x2D: 1, 0x32: 0, 0x33: 1, 0x3D: 1, 0x40: 0, 0x45: 1, 0x47: 1, 0x4A: 1,
    0x4D: 1, 0x52: 1, 0x56: 1, 0x5C: 2, 0x61: 1, 0x64: 1, 0x69: 0, 0x6D: 0, 0x70: 3, 0x74: 1, 0x7B: 1,
}  # fmt: skip
_FS_PARAMETERS = {0x21: 1, 0x26: 0, 0x2D: 1, 0x2E: 0, 0x43: 1, 0x53: 2, 0x57: 1}
_GS_PARAMETERS = {
    0x21: 1, 0x42: 1, 0x48: 1, 0x49: 1, 0x4C: 2, 0x50: 2, 0x57: 2, 0x61: 1, 0x62: 1, 0x66: 1, 0x68: 1, 0x72: 1,
    0x77: 1,
}  # fmt: skip
_PREFIXES = {ESC: ("ESC", _ESC_PARAMETERS), FS: ("FS", _FS_PARAMETERS), GS: ("GS", _GS_PARAMETERS)}


def next_token(buffer: bytes | bytearray, kanji: bool) -> Token | None:
    """The token at the head of `buffer`; None while it is incomplete. Unknown bytes come out as "unknown …"."""
    if not buffer:
        return None
    first = buffer[0]
    if first == DLE:
        return _real_time(buffer)
    if first in _PREFIXES:
        return _command(buffer)
    if first in _CONTROLS:
        return Token(_CONTROLS[first], bytes(buffer[:1]))
    if first < 0x20 or first == 0x7F:
        return Token("unknown control", bytes(buffer[:1]))
    if first < 0x80:
        return Token("text", bytes(buffer[:1]))
    if not kanji:
        return Token("code page character", bytes(buffer[:1]))
    return _hanzi(buffer)


def _hanzi(buffer: bytes | bytearray) -> Token | None:
    if not 0x81 <= buffer[0] <= 0xFE:
        return Token("broken character", bytes(buffer[:1]))
    if len(buffer) < 2:
        return None
    if 0x30 <= buffer[1] <= 0x39:
        if len(buffer) < 4:
            return None
        return Token("four-byte character", bytes(buffer[:4]))
    if not 0x40 <= buffer[1] <= 0xFE or buffer[1] == 0x7F:
        return Token("broken character", bytes(buffer[:1]))
    return Token("text", bytes(buffer[:2]))


def _real_time(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 2:
        return None
    if buffer[1] in (0x04, 0x05):
        return (
            Token("DLE EOT" if buffer[1] == 0x04 else "DLE ENQ", bytes(buffer[:3]), bytes(buffer[2:3]))
            if len(buffer) >= 3
            else None
        )
    if buffer[1] == 0x14:
        if len(buffer) < 3:
            return None
        length = 10 if buffer[2] == 8 else 5
        return Token("DLE DC4", bytes(buffer[:length]), bytes(buffer[2:length])) if len(buffer) >= length else None
    return Token("unknown DLE", bytes(buffer[:2]))


def _command(buffer: bytes | bytearray) -> Token | None:
    if len(buffer) < 2:
        return None
    prefix, table = _PREFIXES[buffer[0]]
    code = buffer[1]
    if code in table:
        return _exact(f"{prefix} {chr(code)}", buffer, 2, table[code])
    if buffer[0] == ESC and code == 0x2A:  # bit image: mode, columns
        if len(buffer) < 5:
            return None
        columns = buffer[3] + 256 * buffer[4]
        return _exact("ESC *", buffer, 2, 3 + columns * (3 if buffer[2] >= 32 else 1))
    if buffer[0] == ESC and code == 0x44:  # tab stops, ended by NUL
        end = buffer.find(0, 2)
        return None if end < 0 and len(buffer) < 35 else _exact("ESC D", buffer, 2, max(end - 1, 1))
    if buffer[0] == GS and code in (0x56, 0x6B, 0x76, 0x28, 0x38):
        return _graphics_group(buffer)
    return Token(f"unknown {prefix} {code:02X}", bytes(buffer[:2]))


def _graphics_group(buffer: bytes | bytearray) -> Token | None:
    """GS V, GS k, GS v 0, GS ( x, GS 8 L: the length stands in the first parameters."""
    code = buffer[1]
    if len(buffer) < 3:
        return None
    if code == 0x56:
        return _exact("GS V", buffer, 2, 2 if buffer[2] in (65, 66, 97, 98, 103, 104) else 1)
    if code == 0x6B:
        if buffer[2] >= 65:
            return None if len(buffer) < 4 else _exact("GS k", buffer, 2, 2 + buffer[3])
        end = buffer.find(0, 3)
        return None if end < 0 and len(buffer) < 260 else _exact("GS k", buffer, 2, max(end - 1, 1))
    if code == 0x76:
        if buffer[2] != 0x30:
            return Token("unknown GS v", bytes(buffer[:3]))
        if len(buffer) < 8:
            return None
        return _exact("GS v 0", buffer, 3, 5 + (buffer[4] + 256 * buffer[5]) * (buffer[6] + 256 * buffer[7]))
    if code == 0x28:
        if len(buffer) < 5:
            return None
        return _exact(f"GS ( {chr(buffer[2])}", buffer, 3, 2 + buffer[3] + 256 * buffer[4])
    if buffer[2] != 0x4C:
        return Token("unknown GS 8", bytes(buffer[:3]))
    return None if len(buffer) < 7 else _exact("GS 8 L", buffer, 3, 4 + int.from_bytes(buffer[3:7], "little"))


def _exact(name: str, buffer: bytes | bytearray, head: int, parameters: int) -> Token | None:
    end = head + parameters
    return Token(name, bytes(buffer[:end]), bytes(buffer[head:end])) if len(buffer) >= end else None
