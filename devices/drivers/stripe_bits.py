"""The bits on a magnetic stripe (ISO/IEC 7811-2, DEVICES.md 2.1): characters with odd parity, LRC, packed LSB first."""

from __future__ import annotations

from devices.drivers.tracks import lrc

_LAYOUT = {1: (0x20, 6), 2: (0x30, 4), 3: (0x30, 4)}  # first character, data bits


def packed(track: str, number: int) -> bytes:
    """The bytes of track `number` (1 to 3), `track` given with its sentinels; the LRC is added. Raises ValueError for
    a character that the track cannot hold."""
    _, bits = _LAYOUT[number]
    stream = 0
    for at, symbol in enumerate(symbols(track + lrc(track), number)):
        stream |= symbol << (at * (bits + 1))
    count = (len(track) + 1) * (bits + 1)
    return stream.to_bytes((count + 7) // 8, "little")


def symbols(characters: str, number: int) -> tuple[int, ...]:
    """Each character's data bits with its odd parity bit above them. Raises ValueError."""
    base, bits = _LAYOUT[number]
    found = []
    for character in characters:
        value = ord(character) - base
        if not 0 <= value < 1 << bits:
            raise ValueError(f"track {number} holds no {character!r}")
        found.append(value | ((value.bit_count() + 1) & 1) << bits)
    return tuple(found)


def unpacked(data: bytes, number: int) -> str | None:
    """The track with its sentinels; leading zero bits are skipped. None if there is none, or parity or LRC is wrong."""
    base, bits = _LAYOUT[number]
    width = bits + 1
    stream, count = int.from_bytes(data, "little"), len(data) * 8
    if not stream:
        return None
    lead = (stream & -stream).bit_length() - 1  # both start sentinels begin with a one
    stream, count = stream >> lead, count - lead
    check, text = 0, ""
    while count >= width:
        symbol = stream & ((1 << width) - 1)
        stream, count = stream >> width, count - width
        if symbol.bit_count() % 2 == 0:
            return None
        value = symbol & ((1 << bits) - 1)
        check ^= value
        if text.endswith("?"):
            return text if check == 0 and text[0] == ("%" if number == 1 else ";") else None
        text += chr(value + base)
        if len(text) > 120:
            return None
    return None


def reversed_bits(data: bytes) -> bytes:
    """Each byte with its bits the other way round: the MSR605 reads raw tracks so, and writes them as they are."""
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
