"""Time, as a desk can know it (RELIABILITY.md 4.11)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Protocol
from uuid import uuid4


class Clock(Protocol):
    def wall_ms(self) -> int:
        """Unix time in milliseconds, as the computer believes it to be."""

    def since_boot_ms(self) -> int:
        """Milliseconds since the machine started, time asleep included; nobody can set it."""

    def boot(self) -> str:
        """Names this run of the machine."""


class SystemClock:
    def __init__(self) -> None:
        identity = Path("/proc/sys/kernel/random/boot_id")
        # Where the system has no boot id, each start of the program counts as one: a comparison is then only made
        # within the same run.
        self._boot = identity.read_text().strip()[:8] if identity.exists() else uuid4().hex[:8]

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def since_boot_ms(self) -> int:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        nanoseconds = time.clock_gettime_ns(boottime) if boottime is not None else time.monotonic_ns()
        return nanoseconds // 1_000_000

    def boot(self) -> str:
        return self._boot
