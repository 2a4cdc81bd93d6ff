"""Secrets of this machine: they never stand in settings, logs or operations."""

from __future__ import annotations

from typing import Protocol


class KeyStore(Protocol):
    def get(self, name: str) -> bytes | None: ...
    def put(self, name: str, secret: bytes) -> None: ...
    def forget(self, name: str) -> None: ...


class PinHasher(Protocol):
    """Slow on purpose (Argon2id): never on the GUI thread, never inside a transaction."""

    def hash(self, pin: str) -> str: ...
    def verify(self, verifier: str, pin: str) -> bool: ...
    def new_salt(self) -> bytes:
        """By chance, with how slowly it is to be stretched."""

    def stretched(self, pin: str, secret: bytes, salt: bytes) -> bytes:
        """32 bytes that only PIN and secret together give."""
