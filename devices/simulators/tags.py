"""Contactless cards: an identity, and for Mifare Classic sixteen sectors behind keys."""

from __future__ import annotations

FACTORY_KEY = bytes(6 * (0xFF,))
_BLOCKS = 64
_BLOCK_BYTES = 16


class SimulatedTag:
    """A card with `identity` of 4 (Mifare Classic), 7 or 10 bytes. A `worn` one keeps other bits than it was given."""

    def __init__(self, identity: bytes, *, key: bytes = FACTORY_KEY, worn: bool = False) -> None:
        if len(identity) not in (4, 7, 10):
            raise ValueError("an identity has 4, 7 or 10 bytes")
        self.identity = identity
        self.key = key
        self.worn = worn
        self.blocks: dict[int, bytes] = {}
        self.open_sector: int | None = None

    def authenticate(self, block: int, key: bytes) -> bool:
        good = key == self.key and 0 <= block < _BLOCKS and len(self.identity) == 4
        self.open_sector = block // 4 if good else None
        return good

    def read(self, block: int) -> bytes | None:
        if self.open_sector is None or block // 4 != self.open_sector:
            return None
        if block == 0:
            check = 0
            for byte in self.identity:
                check ^= byte
            return (self.identity + bytes((check, 0x08, 0x04, 0x00))).ljust(_BLOCK_BYTES, b"\x00")
        return self.blocks.get(block, bytes(_BLOCK_BYTES))

    def write(self, block: int, data: bytes) -> bool:
        if self.open_sector is None or block // 4 != self.open_sector or block == 0 or len(data) != _BLOCK_BYTES:
            return False
        self.blocks[block] = data[:-1] + bytes((data[-1] ^ 0x10,)) if self.worn else data
        return True

    @property
    def contents(self) -> bytes:
        """What stands in sector 1, without the zeros behind it."""
        return b"".join(self.blocks.get(block, bytes(_BLOCK_BYTES)) for block in (4, 5, 6)).rstrip(b"\x00")

    @property
    def sens_res(self) -> bytes:
        """Most significant byte first, as the PN532 gives it."""
        return bytes((0x00, {4: 0x04, 7: 0x44, 10: 0x84}[len(self.identity)]))

    @property
    def sel_res(self) -> int:
        return 0x08 if len(self.identity) == 4 else 0x00
