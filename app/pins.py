"""PIN verifiers: Argon2id with the parameters of RFC 9106's low-memory profile (RELIABILITY.md 8.2)."""

from __future__ import annotations

import os
from struct import Struct

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

from app.ports.threads import off_gui_thread

_COSTS = Struct(">BIB")  # passes, KiB, lanes: what was sealed opens after they were raised


class Argon2Pins:
    """About a quarter of a second each way, which is the point. Tests pass a cheaper `hasher`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, pin: str) -> str:
        off_gui_thread("pin.hash")
        return self._hasher.hash(pin)

    def verify(self, verifier: str, pin: str) -> bool:
        off_gui_thread("pin.verify")
        try:
            return self._hasher.verify(verifier, pin)
        except (VerificationError, InvalidHashError):
            return False

    def new_salt(self) -> bytes:
        hasher = self._hasher
        return _COSTS.pack(hasher.time_cost, hasher.memory_cost, hasher.parallelism) + os.urandom(16)

    def stretched(self, pin: str, secret: bytes, salt: bytes) -> bytes:
        off_gui_thread("pin.hash")
        time, memory_kib, lanes = _COSTS.unpack(salt[: _COSTS.size])
        return hash_secret_raw(pin.encode() + b"\0" + secret, salt, time, memory_kib, lanes, 32, Type.ID)
