"""Where a simulated machine is plugged in: a path of this computer, or an address in the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from devices.simulators.network import Listen, NetworkLine
from devices.simulators.pty import PtyLine

Place = Path | Listen


class Line(Protocol):
    """The machine's end of the cable: `PtyLine` or `NetworkLine`. `baudrate`: bytes come no faster than that."""

    baudrate: int | None

    @property
    def address(self) -> str:
        """What a desk's settings name."""

    @property
    def settings(self) -> str:
        """Speed and format that the program asked for, where the kind of line can tell."""

    @property
    def is_plugged(self) -> bool: ...
    def plug(self) -> None: ...
    def unplug(self) -> None: ...
    def hold(self, held: bool) -> None:
        """Another program has the port."""

    def forbid(self, forbidden: bool) -> None:
        """This program may not open the port. Raises ValueError where there are no rights to take."""

    def send(self, data: bytes, *, gap_s: float = 0.0) -> None: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


def line_at(
    place: Place,
    received: Callable[[bytes], bytes],
    *,
    baudrate: int | None = None,
    room: Callable[[], int] | None = None,
) -> Line:
    """A machine's line at `place`; see `PtyLine`."""
    if isinstance(place, Listen):
        return NetworkLine(place, received, baudrate=baudrate, room=room)
    return PtyLine(place, received, baudrate=baudrate, room=room)
