"""A serial cable that exists only in this computer: a pseudo terminal under a name that stays the same."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path

from app.domain.errors import Unavailable

if os.name == "posix":
    import fcntl
    import tty

_READ_AT_MOST_BYTES = 1024


def check_possible() -> None:
    """Raises Unavailable("device.no_simulator") where the system has no pseudo terminals (Windows)."""
    if os.name != "posix":
        raise Unavailable("device.no_simulator")


class PtyLine:
    """The machine's end of the cable. The program opens `link`, which leads to the other end.

    `received` is called on the line's thread with what the program sent and returns the answer. `room` says how many
    bytes the machine takes now (None: any number); with `baudrate` they come no faster than a real line carries them.
    Unplugging closes both ends as pulling a USB adapter does; plugging in again makes a new end under the same name.
    """

    def __init__(
        self,
        link: Path,
        received: Callable[[bytes], bytes],
        *,
        baudrate: int | None = None,
        room: Callable[[], int] | None = None,
    ) -> None:
        check_possible()
        self.link = link
        self._received = received
        self.baudrate = baudrate
        self._room = room
        self._lock = threading.Lock()
        self._machine_end: int | None = None
        self._program_end: int | None = None
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        self._closing = False
        self._held = self._forbidden = False
        self._thread = threading.Thread(target=self._run, name=f"simulated {link.name}", daemon=True)
        self.plug()
        self._thread.start()

    @property
    def address(self) -> str:
        return str(self.link)

    @property
    def settings(self) -> str:
        """A pseudo terminal takes any speed and format, and keeps to none."""
        return ""

    @property
    def is_plugged(self) -> bool:
        return self._machine_end is not None

    def plug(self) -> None:
        with self._lock:
            if self._machine_end is not None or self._closing:
                return
            machine_end, program_end = os.openpty()
            tty.setraw(machine_end)
            tty.setraw(program_end)
            os.set_blocking(machine_end, False)
            self._machine_end, self._program_end = machine_end, program_end
            # All before anybody can find the port: a program that is quicker would have the lock, and this would wait
            # for ever.
            if self._held:
                fcntl.flock(program_end, fcntl.LOCK_EX)  # as pyserial's own `exclusive`
            self._show_rights()
            made = self.link.with_name(f".{self.link.name}.new")
            made.unlink(missing_ok=True)
            made.symlink_to(os.ttyname(program_end))
            made.replace(self.link)
        self.wake()

    def unplug(self) -> None:
        with self._lock:
            machine_end, program_end = self._machine_end, self._program_end
            self._machine_end = self._program_end = None
            if machine_end is not None and program_end is not None:
                self.link.unlink(missing_ok=True)
                os.close(program_end)
                os.close(machine_end)
        self.wake()

    def hold(self, held: bool) -> None:
        """Another program has the port: whoever had it has lost it, and who wants it is told that it is busy."""
        if held == self._held:
            return
        self._held = held
        if self.is_plugged:
            self.unplug()
            self.plug()

    def forbid(self, forbidden: bool) -> None:
        """Nobody but the system's administrator may open the port."""
        with self._lock:
            self._forbidden = forbidden
            self._show_rights()

    def send(self, data: bytes, *, gap_s: float = 0.0) -> None:
        """Send `data`, with `gap_s` between bytes if given; into an unplugged line or a full one it is lost."""
        if not gap_s:
            self._write(data)
            return
        for byte in data:
            self._write(bytes((byte,)))
            time.sleep(gap_s)

    def wake(self) -> None:
        """Something changed: look again whether the machine takes bytes."""
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b"w")

    def close(self) -> None:
        self.unplug()
        self._closing = True
        self.wake()
        self._thread.join(2)

    def _show_rights(self) -> None:
        if self._program_end is not None:
            os.chmod(self._program_end, 0o000 if self._forbidden else 0o600)  # noqa: PTH101 - a descriptor, no path

    def _write(self, data: bytes) -> None:
        with self._lock:
            if self._machine_end is not None:
                with contextlib.suppress(OSError):
                    os.write(self._machine_end, data)

    def _run(self) -> None:
        while not self._closing:
            room = _READ_AT_MOST_BYTES if self._room is None else self._room()
            # Reading happens under the lock, so that an end that is being closed is never read.
            with self._lock:
                machine_end = self._machine_end
            watched = [self._wake_reader]
            if machine_end is not None and room > 0:
                watched.append(machine_end)
            try:
                readable, _, _ = select.select(watched, [], [], 0.5)
            except OSError:  # unplugged at this very moment
                continue
            if self._wake_reader in readable:
                os.read(self._wake_reader, 1024)
            if machine_end in readable:
                self._take(min(room, _READ_AT_MOST_BYTES))
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _take(self, at_most: int) -> None:
        if self.baudrate is not None:
            at_most = max(1, min(at_most, self.baudrate // 500))  # 20 ms at a time
        with self._lock:
            if self._machine_end is None:
                return
            try:
                data = os.read(self._machine_end, at_most)
            except OSError:
                return
        if self.baudrate is not None:
            time.sleep(len(data) * 10 / self.baudrate)
        answer = self._received(data)
        if answer:
            self._write(answer)
