"""Business days are the mall's; time is kept in UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"


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
