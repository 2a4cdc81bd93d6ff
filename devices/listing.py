"""The serial ports of this machine, under names that survive a restart, and who has them."""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from serial.tools import list_ports

from app.domain.errors import Refused
from app.ports.devices import FoundPort

BY_ID = Path("/dev/serial/by-id")
PROCESSES = Path("/proc")
_SCHEMES = ("loop", "socket", "rfc2217", "hwgrep", "spy", "alt", "cp2110", "pcsc")
_WINDOWS_PORT = re.compile(r"(\\\\\.\\)?[A-Za-z][\w.-]*\d+")
_SAFE = re.compile(r"[\w-]{4,}")


def known_ports(ours: Mapping[str, str] | None = None) -> tuple[FoundPort, ...]:
    """What the system lists, by name; `ours` names the machine of this desk that has a URL. Opens nothing: opening a
    port may reset what stands behind it. Takes some milliseconds."""
    own = {_real(url): name for url, name in (ours or {}).items()}
    by_id: dict[str, str] = {}
    if BY_ID.is_dir():
        by_id = {str(link.resolve()): str(link) for link in sorted(BY_ID.iterdir())}
    ports = sorted(list_ports.comports(), key=lambda port: str(port.device))
    serials = Counter(port.serial_number for port in ports if port.serial_number)
    found = []
    for port in ports:
        device = str(port.device)
        serial = str(port.serial_number or "")
        url = by_id.get(device, device)
        if url == device and serials[serial] == 1 and _SAFE.fullmatch(serial):
            url = f"hwgrep://SER={serial}"
        known = own.get(_real(device)) or own.get(url)
        found.append(
            FoundPort(
                url,
                device,
                str(port.description or "") if port.description not in (None, "n/a", device) else "",
                serial,
                f"{port.vid:04X}:{port.pid:04X}" if port.vid is not None and port.pid is not None else "",
                used_by=known or next(_programs_with(device), ""),
                by_this_desk=known is not None,
                forbidden=os.name == "posix" and Path(device).exists() and not os.access(device, os.R_OK | os.W_OK),
            )
        )
    return tuple(found)


def checked_url(url: str) -> str:
    """`url` if it may name a port. Raises Refused("device.bad_url"): a slip of the pen would otherwise be a machine
    that is unplugged for ever."""
    scheme, colon, rest = url.partition("://")
    if colon:
        if scheme.lower() in _SCHEMES and rest:
            return url
    elif Path(url).is_absolute() if os.name == "posix" else _WINDOWS_PORT.fullmatch(url):
        return url
    raise Refused("device.bad_url", url=url)


def same_port(one: str, other: str) -> bool:
    """Do two URLs lead to one port? /dev/serial/by-id/… and /dev/ttyUSB0 may."""
    return _real(one) == _real(other)


def _real(url: str) -> str:
    return url.lower() if os.name == "nt" or "://" in url else os.path.realpath(url)


def _programs_with(device: str) -> Iterator[str]:
    """Names of other programs that hold `device` open, as far as this user may see (Linux)."""
    if not PROCESSES.is_dir():
        return
    target = os.path.realpath(device)
    for process in PROCESSES.iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            for handle in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(handle.readlink()) == target:
                        yield (process / "comm").read_text(encoding="utf-8").strip() or process.name
                        break
