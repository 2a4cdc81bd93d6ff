"""Serial ports by URL: `/dev/ttyUSB0`, `COM3`, `loop://`, `socket://`, `rfc2217://`, `hwgrep://` (DEVICES.md 0, 5.2).

`SerialPort.exchange` is the only way in and out: it offers bytes and takes what came, and knows exactly how many of
the offered bytes were accepted. pyserial's own `write`, `flush` and time-outs cannot tell (its issues 280, 281, 625).
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import serial
from serial.tools import list_ports

from app.domain.errors import Unavailable

_READ_AT_MOST_BYTES = 4096
_POLLED_CHUNK_BYTES = 64  # what a printer whose DSR went down may still take (DEVICES.md 1.4)
_POLL_S = 0.05
_BLOCKING_WRITE_S = 2.0

_CODES = {
    errno.EBUSY: "device.busy",
    errno.EAGAIN: "device.busy",
    errno.EACCES: "device.no_rights",
    errno.EPERM: "device.no_rights",
    errno.ENOTTY: "device.bad_url",
    errno.EISDIR: "device.bad_url",
    errno.EINVAL: "device.bad_url",
}


@dataclass(frozen=True)
class LineSettings:
    """`flow` is "none", "xonxoff", "rtscts" or "dsr" (the printer's DTR on our DSR: polled on POSIX, where no driver
    does it; `dsrdtr=True` is real on Windows only)."""

    url: str
    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1
    flow: str = "none"
    settle_s: float = 0.2  # opening may reset a device; what it says meanwhile is thrown away


@dataclass(frozen=True)
class Exchange:
    """What one exchange did. `exact` is False when more than `accepted` bytes may have gone out."""

    received: bytes
    accepted: int
    exact: bool = True


class SerialPort:
    """One open port, owned by one thread; only `wake` may be called by others. Errors come as `Unavailable` with
    "device.unplugged", "device.busy", "device.no_rights" or "device.bad_url"."""

    def __init__(self, settings: LineSettings) -> None:
        self.settings = settings
        self._serial: Any = None
        self._descriptor: int | None = None
        self._wake_reader, self._wake_writer = os.pipe()
        if os.name == "posix":  # elsewhere naps are short enough, and nothing selects on pipes
            os.set_blocking(self._wake_reader, False)
            os.set_blocking(self._wake_writer, False)
        self._waking = threading.Lock()

    def open(self) -> None:
        """Open the port for this program alone. Takes `settle_s` longer than the open itself."""
        settings = self.settings
        port: Any = None
        try:
            port = serial.serial_for_url(
                settings.url,
                do_not_open=True,
                baudrate=settings.baudrate,
                bytesize=settings.bytesize,
                parity=settings.parity,
                stopbits=settings.stopbits,
                timeout=_POLL_S,
                # RFC 2217 ports refuse the setting; their socket has a time-out of its own.
                write_timeout=None if settings.url.lower().startswith("rfc2217:") else _BLOCKING_WRITE_S,
                xonxoff=settings.flow == "xonxoff",
                rtscts=settings.flow == "rtscts",
                dsrdtr=settings.flow == "dsr" and os.name == "nt",
                exclusive=True,
            )
            with contextlib.suppress(OSError, AttributeError):
                port.dtr = True
                port.rts = True
            port.open()
        except (ValueError, NotImplementedError) as error:
            _shut(port)
            raise Unavailable("device.bad_url", url=settings.url) from error
        except OSError as error:
            _shut(port)
            raise Unavailable(_code(error), url=settings.url) from error
        self._serial = port
        self._descriptor = _descriptor(port)
        try:
            time.sleep(settings.settle_s)
            port.reset_input_buffer()
        except Exception as error:
            self.close()
            raise Unavailable("device.unplugged", url=settings.url) from error

    @property
    def counts_exactly(self) -> bool:
        return self._descriptor is not None

    def exchange(self, outgoing: bytes, timeout_s: float) -> Exchange:
        """Offer `outgoing` and take what came; returns as soon as either happened, at `wake`, or after `timeout_s`."""
        if self._serial is None:
            raise Unavailable("device.unplugged", url=self.settings.url)
        try:
            if self._descriptor is not None:
                return self._exchange_by_descriptor(self._descriptor, outgoing, timeout_s)
            return self._exchange_by_polling(outgoing, timeout_s)
        except (OSError, TypeError, ValueError) as error:  # pyserial: a port that vanished can be any of these
            raise Unavailable("device.unplugged", url=self.settings.url) from error

    def unsent(self) -> int:
        """Bytes that the system has accepted and not sent yet, as far as it tells."""
        try:
            return int(self._serial.out_waiting)
        except (OSError, AttributeError, NotImplementedError):  # not every kind of port can tell
            return 0

    def wake(self) -> None:
        """End a running `exchange` at once. May be called from any thread."""
        if os.name == "posix":
            with self._waking, contextlib.suppress(OSError):
                os.write(self._wake_writer, b"w")

    def close(self) -> None:
        """Close without waiting for what was not sent: draining a stalled line can take for ever (pyserial 625)."""
        port, self._serial, self._descriptor = self._serial, None, None
        if port is None:
            return
        with contextlib.suppress(Exception):  # the device is gone; there is nothing left to lose
            port.reset_output_buffer()
        _shut(port)

    def dispose(self) -> None:
        """Close and give back the wake-up pipe; the object is of no use afterwards."""
        self.close()
        with self._waking:
            for descriptor in (self._wake_reader, self._wake_writer):
                with contextlib.suppress(OSError):
                    os.close(descriptor)
            self._wake_reader = self._wake_writer = -1

    def _exchange_by_descriptor(self, descriptor: int, outgoing: bytes, timeout_s: float) -> Exchange:
        if outgoing and self.settings.flow == "dsr":
            outgoing = outgoing[:_POLLED_CHUNK_BYTES] if self._printer_is_ready() else b""
            timeout_s = min(timeout_s, _POLL_S)
        writers = [descriptor] if outgoing else []
        readable, writable, _ = select.select([descriptor, self._wake_reader], writers, [], timeout_s)
        if self._wake_reader in readable:
            self._drain_wake()
        accepted = 0
        if writable:
            with contextlib.suppress(BlockingIOError):
                accepted = os.write(descriptor, outgoing)
        received = b""
        if descriptor in readable:
            try:
                received = os.read(descriptor, _READ_AT_MOST_BYTES)
                if not received:
                    raise OSError(errno.EIO, "readable, but nothing to read: the device is gone")
            except BlockingIOError:
                pass
            except OSError:
                if not accepted:  # else the count must reach the caller first; the next exchange will fail again
                    raise
        return Exchange(received, accepted)

    def _exchange_by_polling(self, outgoing: bytes, timeout_s: float) -> Exchange:
        """Windows, `loop://`, `rfc2217://`: small blocking writes; after a time-out the count is unknown."""
        port = self._serial
        accepted = 0
        if outgoing and self.settings.flow == "dsr" and os.name != "nt" and not self._printer_is_ready():
            outgoing = b""
        if outgoing:
            chunk = outgoing[:_POLLED_CHUNK_BYTES]
            try:
                written = port.write(chunk)
                accepted = len(chunk) if written is None else int(written)
            except OSError:  # a time-out or a broken link: some of it may have gone out
                return Exchange(b"", 0, exact=False)
        deadline_s = time.monotonic() + (0 if outgoing else timeout_s)
        while True:
            waiting = port.in_waiting
            received = bytes(port.read(min(waiting, _READ_AT_MOST_BYTES))) if waiting else b""
            left_s = deadline_s - time.monotonic()
            if received or left_s <= 0 or self._woken(min(left_s, _POLL_S)):
                return Exchange(received, accepted)

    def _printer_is_ready(self) -> bool:
        try:
            return bool(self._serial.dsr)
        except OSError:  # no modem lines, as on a pseudo terminal
            return True

    def _woken(self, timeout_s: float) -> bool:
        if os.name != "posix":  # select takes sockets only there
            time.sleep(timeout_s)
            return False
        readable, _, _ = select.select([self._wake_reader], [], [], timeout_s)
        if readable:
            self._drain_wake()
        return bool(readable)

    def _drain_wake(self) -> None:
        with contextlib.suppress(OSError):
            os.read(self._wake_reader, 1024)


def presence(url: str) -> object | None:
    """A token that changes when the device behind `url` comes back or is another one; None while it is not there.

    URLs of networks are always there. `hwgrep://` and Windows names are looked up among the ports of the system.
    """
    lowered = url.lower()
    if lowered.startswith("hwgrep://"):
        pattern = url.split("://", 1)[1].split("&", 1)[0]
        return tuple(sorted(str(port.device) for port in list_ports.grep(pattern))) or None
    if "://" in url:
        return url
    if os.name == "nt":
        return url if any(str(port.device).lower() == lowered for port in list_ports.comports()) else None
    path = Path(url)
    try:
        link, target = path.lstat(), path.stat()
    except (OSError, ValueError):
        return None
    return (link.st_ino, link.st_mtime_ns, target.st_ino, target.st_rdev, target.st_ctime_ns)


def _shut(port: Any) -> None:
    """Close what `port` holds. pyserial leaves sockets open whose other end was closed first, and half opened ones."""
    connection = getattr(port, "_socket", None)
    for held in (port, connection):
        if held is not None:
            with contextlib.suppress(Exception):  # the device is gone; there is nothing left to lose
                held.close()


def _descriptor(port: Any) -> int | None:
    """The descriptor that plain writes may go to: not that of RFC 2217, whose bytes need escaping."""
    if os.name == "nt" or type(port).__module__ == "serial.rfc2217":
        return None
    try:
        descriptor = port.fileno()
    except (AttributeError, OSError, ValueError):  # io.UnsupportedOperation is both of the latter
        return None
    return descriptor if isinstance(descriptor, int) else None


def _code(error: BaseException) -> str:
    """Why a port did not open. pyserial hides the number in the text or in the exception before."""
    seen: BaseException | None = error
    while seen is not None:
        number = getattr(seen, "errno", None) or (seen.args[0] if seen.args else None)
        if isinstance(number, int) and number in _CODES:
            return _CODES[number]
        seen = seen.__context__
    # Windows: no number at all; "access denied" there means that another program has the port.
    return "device.busy" if "PermissionError" in str(error) else "device.unplugged"
