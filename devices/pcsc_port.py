"""Contactless readers with a driver of the system's own (PC/SC), as a port: one line of hex for each card that is read.

Needs the optional library pyscard (`pip install memberdesk[pcsc]`) and the system's smart card service; every other
machine works without. Only the identity is asked for (PC/SC part 3, 3.2.2.1.3: `FF CA 00 00 00`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from app.domain.errors import Unavailable
from devices.ports import Exchange

SCHEME = "pcsc://"
ANY = "any"
GET_IDENTITY = (0xFF, 0xCA, 0x00, 0x00, 0x00)
LOOK_EVERY_S = 0.2
_OK = (0x90, 0x00)


class PcscPort:
    """The reader whose name holds what stands behind `pcsc://`; the first one for `pcsc://any`. As `SerialPort`, owned
    by one thread; only `wake` may be called by others.

    `library` gives pyscard's `smartcard.System.readers` and the exceptions of a card that is not there."""

    def __init__(self, url: str, library: Callable[[], PcscLibrary] | None = None) -> None:
        self._url = url
        self._wanted = url[len(SCHEME) :]
        self._library = library or PcscLibrary
        self._api: PcscLibrary | None = None
        self._reader: Any = None
        self._woken = threading.Event()

    def open(self) -> None:
        """Raises Unavailable("device.no_pcsc" | "device.unplugged")."""
        try:
            self._api = self._library()
        except ImportError as error:
            raise Unavailable("device.no_pcsc") from error
        self._reader = self._find()

    def exchange(self, outgoing: bytes, timeout_s: float) -> Exchange:
        """Look for a card once, and wait until the next look. Nothing can be sent."""
        if self._reader is None:
            raise Unavailable("device.unplugged", url=self._url)
        until_s = time.monotonic() + min(timeout_s, LOOK_EVERY_S)
        identity = self._identity()
        self._woken.wait(max(0.0, until_s - time.monotonic()))
        self._woken.clear()
        return Exchange(identity.hex().upper().encode("ascii") + b"\n" if identity else b"", len(outgoing))

    def unsent(self) -> int:
        return 0

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        self._reader = None

    def dispose(self) -> None:
        self.close()

    def _find(self) -> Any:
        assert self._api is not None
        try:
            there = self._api.readers()
        except Exception as error:  # the service does not run, or stopped: pyscard has a class for each way
            raise Unavailable("device.unplugged", url=self._url) from error
        for reader in there:
            if self._wanted in (ANY, "") or self._wanted.lower() in str(reader).lower():
                return reader
        raise Unavailable("device.unplugged", url=self._url)

    def _identity(self) -> bytes:
        """Of the card that lies there; empty if none does, or if it has none to tell."""
        assert self._api is not None
        try:
            connection = self._reader.createConnection()
        except Exception as error:  # the service has stopped
            raise Unavailable("device.unplugged", url=self._url) from error
        try:
            connection.connect()
            data, *status = connection.transmit(list(GET_IDENTITY))
        except self._api.no_card:
            self._find()  # no card, or no reader any more?
            return b""
        except Exception as error:
            raise Unavailable("device.unplugged", url=self._url) from error
        finally:
            connection.disconnect()
        return bytes(data) if tuple(status) == _OK else b""


class PcscLibrary:
    """What of pyscard is used. Raises ImportError where it is not installed."""

    def __init__(self) -> None:
        from smartcard.Exceptions import CardConnectionException, NoCardException
        from smartcard.System import readers

        self.readers: Callable[[], Sequence[Any]] = readers
        self.no_card: tuple[type[Exception], ...] = (NoCardException, CardConnectionException)
