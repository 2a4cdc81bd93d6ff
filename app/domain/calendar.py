"""Business days are the mall's; time is kept in UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.errors import Refused

DEFAULT_ZONE = "Asia/Shanghai"
CLOCK_JUMP_MS = 90_000  # two clocks that differ by more do not tell the same time
# Where people live by Beijing time as well, so that a time alone may be two hours off.
_BESIDE_BEIJING_TIME = frozenset({"Asia/Urumqi", "Asia/Kashgar"})


def checked_zone(name: str) -> str:
    """An IANA name ("Asia/Shanghai"). Raises Refused("zone.unknown")."""
    try:
        return ZoneInfo(name.strip()).key
    except (ValueError, OSError, KeyError):
        raise Refused("zone.unknown", zone=name.strip()[:40]) from None


def offset_text(at: datetime, zone: str) -> str:
    """UTC+08:00"""
    minutes = (at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def offset_where_doubtful(at: datetime, zone: str) -> str:
    """The offset, where the mall's time alone could be taken for another: beside Beijing time, and in the hour that
    comes twice when summer time ends. Else empty."""
    local = at.astimezone(ZoneInfo(zone))
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return offset_text(at, zone) if comes_twice or zone in _BESIDE_BEIJING_TIME else ""


def business_day(instant: datetime, zone: str = DEFAULT_ZONE) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """31 January + 1 month = the last day of February."""
    month = day.month - 1 + months
    year = day.year + month // 12
    month = month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def age_on(day: date, birthday: date) -> int:
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))
