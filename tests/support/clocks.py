"""A clock that tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

A_SUNDAY_MORNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


class SetClock:
    """Stands still until it is moved. `advance` is time passing; `jump` is somebody setting the wall clock."""

    def __init__(self, at: datetime = A_SUNDAY_MORNING) -> None:
        self._wall_ms = int(at.timestamp() * 1000)
        self._since_boot_ms = 3_600_000
        self._boot = "boot-1"

    def wall_ms(self) -> int:
        return self._wall_ms

    def since_boot_ms(self) -> int:
        return self._since_boot_ms

    def boot(self) -> str:
        return self._boot

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall_ms / 1000, UTC)

    def advance(self, by: timedelta) -> None:
        milliseconds = by // timedelta(milliseconds=1)
        self._wall_ms += milliseconds
        self._since_boot_ms += milliseconds

    def jump(self, by: timedelta) -> None:
        self._wall_ms += by // timedelta(milliseconds=1)

    def reboot(self, name: str = "boot-2") -> None:
        self._boot = name
        self._since_boot_ms = 10_000
