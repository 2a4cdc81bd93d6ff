"""Where this machine's secrets lie: the system's key store, or files that only their owner can read."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Literal

from app.domain.errors import Unavailable
from app.ports.keys import KeyStore


def destroy_secret(file: Path) -> None:
    """Written over first: a disk may keep what was only unlinked for long."""
    try:
        with file.open("r+b") as held:
            held.write(b"0" * file.stat().st_size)
            held.flush()
            os.fsync(held.fileno())
    except FileNotFoundError:
        return
    file.unlink(missing_ok=True)


class FileKeys:
    """One file a secret (mode 0600) in a folder of its own (0700)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        file = self._folder / name
        try:
            if os.name == "posix" and file.stat().st_mode & 0o077:
                raise Unavailable("keys.readable_by_others", file=str(file))
            return bytes.fromhex(file.read_text().strip())
        except FileNotFoundError:
            return None
        except ValueError:
            raise Unavailable("keys.unreadable", file=str(file)) from None

    def put(self, name: str, secret: bytes) -> None:
        """Durable, and never there half written: the store that this key opens is made afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._folder / f".{name}.new"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._folder / name)

    def forget(self, name: str) -> None:
        destroy_secret(self._folder / name)


class SystemKeys:
    """The key store of Windows, macOS or a Linux desktop session."""

    def __init__(self, service: str) -> None:
        import keyring

        self._keyring = keyring
        self._service = service

    def get(self, name: str) -> bytes | None:
        found = self._keyring.get_password(self._service, name)
        return base64.b64decode(found) if found is not None else None

    def put(self, name: str, secret: bytes) -> None:
        self._keyring.set_password(self._service, name, base64.b64encode(secret).decode())

    def forget(self, name: str) -> None:
        if self._keyring.get_password(self._service, name) is not None:
            self._keyring.delete_password(self._service, name)


def keys_for(home: Path, kind: str) -> KeyStore:
    """`kind` is what the desk's settings remember: "system" or "file"."""
    return SystemKeys(f"memberdesk:{home}") if kind == "system" else FileKeys(home / "keys")


def best_kind() -> Literal["system", "file"]:
    """ "system" where the machine has a real key store, else "file"."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    return "file" if isinstance(backend, fail.Keyring | null.Keyring) or backend.priority < 1 else "system"
