"""PIN verifiers: Argon2id with the parameters of RFC 9106's low-memory profile (RELIABILITY.md 8.2)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.ports.threads import off_gui_thread


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
