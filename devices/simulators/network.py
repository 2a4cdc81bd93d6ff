"""A serial cable through the network: RFC 2217 with modem lines and line settings, or plain TCP as network printers.

The only line here on which DSR and CTS exist (DEVICES.md 5.1), and the only one that Windows has.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from serial import rfc2217

from app.domain.errors import Unavailable

_TAKE_AT_MOST_BYTES = 1024
_READY_WITH_BYTES_FREE = 128  # a printer's DTR goes down while it can still take this much (DEVICES.md 1.4)


@dataclass(frozen=True)
class Listen:
    """Where a machine waits for the program. Without `rfc2217` bytes go through as they are. Port 0: a free one."""

    host: str
    port: int
    rfc2217: bool = True

    @classmethod
    def at(cls, url: str) -> Listen:
        """`HOST:PORT`, `rfc2217://HOST:PORT` or `socket://HOST:PORT`. Raises Unavailable("device.bad_url")."""
        parts = urlsplit(url if "://" in url else f"rfc2217://{url}")
        try:
            if parts.scheme not in ("rfc2217", "socket") or not parts.hostname or parts.port is None:
                raise ValueError(url)
        except ValueError:
            raise Unavailable("device.bad_url", url=url) from None
        return cls(parts.hostname, parts.port, parts.scheme == "rfc2217")


class NetworkLine:
    """The machine's end: what `devices.simulators.pty.PtyLine` is for a path. One program at a time.

    With `rfc2217`, DSR and CTS follow `room`: they go down when the machine has no more than a printer's last reserve
    free. `settings` is what the program asked of the line.
    """

    def __init__(
        self,
        listen: Listen,
        received: Callable[[bytes], bytes],
        *,
        baudrate: int | None = None,
        room: Callable[[], int] | None = None,
    ) -> None:
        self._listen = listen
        self._received = received
        self._room = room
        self.baudrate = baudrate
        self._lock = threading.RLock()
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
        self._manager: Any = None
        self._arrived = bytearray()
        self._port = _ServedPort()
        self._held = False
        self._closing = False
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_writer.setblocking(False)
        self.plug()
        self._thread = threading.Thread(target=self._run, name=f"simulated {self.address}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The URL under which a desk finds the machine."""
        scheme = "rfc2217" if self._listen.rfc2217 else "socket"
        return f"{scheme}://{self._listen.host}:{self._listen.port}"

    @property
    def settings(self) -> str:
        """What the program set: speed, format, lines. Empty before anybody came, and always on plain TCP."""
        return str(self._port) if self._manager is not None else ""

    @property
    def is_plugged(self) -> bool:
        return self._server is not None

    def plug(self) -> None:
        with self._lock:
            if self._server is not None or self._closing:
                return
            # The address is free again at once after `unplug`: programs find the machine where it was.
            self._server = socket.create_server((self._listen.host, self._listen.port))
            self._listen = Listen(self._listen.host, self._server.getsockname()[1], self._listen.rfc2217)
        self.wake()

    def unplug(self) -> None:
        with self._lock:
            self._drop_client()
            if self._server is not None:
                with contextlib.suppress(OSError):  # or the thread that waits on it would keep the address taken
                    self._server.shutdown(socket.SHUT_RDWR)
                self._server.close()
                self._server = None
        self.wake()

    def hold(self, held: bool) -> None:
        """Somebody else has the machine: who comes is sent away."""
        with self._lock:
            self._held = held
            if held:
                self._drop_client()

    def forbid(self, forbidden: bool) -> None:
        """Raises ValueError: a network address has no rights of its own."""
        if forbidden:
            raise ValueError("no-rights: only with --link")

    def send(self, data: bytes, *, gap_s: float = 0.0) -> None:
        """Send `data`, with `gap_s` between bytes if given; where nobody listens it is lost."""
        for part in (bytes((byte,)) for byte in data) if gap_s else (data,):
            with self._lock:
                self._write(b"".join(self._manager.escape(part)) if self._manager is not None else part)
            time.sleep(gap_s)

    def wake(self) -> None:
        """Something changed: look again whether the machine takes bytes."""
        with contextlib.suppress(OSError):
            self._wake_writer.send(b"w")

    def close(self) -> None:
        self._closing = True
        self.unplug()
        self._thread.join(2)
        self._wake_reader.close()
        self._wake_writer.close()

    def _write(self, data: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.sendall(data)

    def _drop_client(self) -> None:
        client, self._client, self._manager = self._client, None, None
        if client is not None:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()
            self._arrived.clear()

    def _run(self) -> None:
        while not self._closing:
            room = self._free()
            with self._lock:
                self._show_ready(room)
                server, client = self._server, self._client
            watched = [self._wake_reader]
            watched += [server] if server is not None else []
            # An RFC 2217 server goes on talking about the line while its machine takes nothing.
            reads = room > 0 if self._manager is None else len(self._arrived) < _TAKE_AT_MOST_BYTES
            watched += [client] if client is not None and reads else []
            try:
                readable, _, _ = select.select(watched, [], [], 0.0 if self._arrived and room > 0 else 0.5)
            except (OSError, ValueError):  # closed at this very moment
                continue
            if self._wake_reader in readable:
                self._wake_reader.recv(1024)
            if server is not None and server in readable:
                self._accept(server)
            if client is not None and client in readable:
                self._take(client, _TAKE_AT_MOST_BYTES if self._manager is not None else min(room, _TAKE_AT_MOST_BYTES))
            self._hand_over(self._free())

    def _accept(self, server: socket.socket) -> None:
        with self._lock:
            try:
                came, _ = server.accept()
            except OSError:  # unplugged at this very moment
                return
            if self._held or self._client is not None:
                came.close()
                return
            came.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = came
            if self._listen.rfc2217:
                self._manager = rfc2217.PortManager(self._port, _Wire(self._write))

    def _take(self, client: socket.socket, at_most: int) -> None:
        try:
            data = client.recv(at_most)
        except OSError:
            data = b""
        if not data:
            with self._lock:
                if self._client is client:
                    self._drop_client()
            return
        with self._lock:
            self._arrived += b"".join(self._manager.filter(data)) if self._manager is not None else data

    def _hand_over(self, room: int) -> None:
        """As much as the machine takes now, no faster than the line carries it."""
        if not self._arrived or room <= 0:
            return
        at_most = room if self.baudrate is None else max(1, min(room, self.baudrate // 500))  # 20 ms at a time
        with self._lock:
            data = bytes(self._arrived[:at_most])
            del self._arrived[:at_most]
        if self.baudrate is not None:
            time.sleep(len(data) * 10 / self.baudrate)
        answer = self._received(data)
        if answer:
            self.send(answer)

    def _free(self) -> int:
        return _TAKE_AT_MOST_BYTES if self._room is None else self._room()

    def _show_ready(self, room: int) -> None:
        ready = self._room is None or room > _READY_WITH_BYTES_FREE
        if self._port.dsr != ready:
            self._port.dsr = self._port.cts = ready
            if self._manager is not None:
                self._manager.check_modem_lines(force_notification=True)


class _Wire:
    """What pyserial's server writes its own telegrams to."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write


class _ServedPort:
    """What pyserial's server takes for a serial port: the settings that the program sends, and the machine's lines."""

    def __init__(self) -> None:
        self.baudrate, self.bytesize, self.parity, self.stopbits = 9600, 8, "N", 1
        self.rtscts = self.xonxoff = False
        self.dtr = self.rts = self.break_condition = False
        self.cts = self.dsr = True
        self.ri = self.cd = False

    def __str__(self) -> str:
        lines = " ".join(f"{name} {'on' if on else 'off'}" for name, on in (("DTR", self.dtr), ("RTS", self.rts)))
        flow = "rtscts" if self.rtscts else "xonxoff" if self.xonxoff else "none"
        return f"{self.baudrate} {self.bytesize}{self.parity}{self.stopbits:g} {flow} {lines}"

    def get_settings(self) -> dict[str, Any]:
        return dict(vars(self))

    def apply_settings(self, settings: dict[str, Any]) -> None:
        vars(self).update(settings)

    def reset_input_buffer(self) -> None:
        """Nothing is kept on the way."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept on the way."""
