"""The serial ports of this machine, under names that survive a restart."""

from __future__ import annotations

from pathlib import Path

from serial.tools import list_ports

BY_ID = Path("/dev/serial/by-id")


def known_ports() -> tuple[tuple[str, str], ...]:
    """(URL, what the system says it is). Where Linux gives a stable name (by-id), that is the URL. Takes
    milliseconds."""
    stable: dict[str, str] = {}
    if BY_ID.is_dir():
        stable = {str(link.resolve()): str(link) for link in BY_ID.iterdir()}
    ports = sorted(list_ports.comports(), key=lambda port: port.device)
    return tuple((stable.get(port.device, port.device), port.description or port.device) for port in ports)
