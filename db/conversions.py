"""What SQLite's driver has to be taught: UUIDs as 16 bytes, instants as whole microseconds since 1970 (SQLite drops
time zones), days as ISO text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import sqlcipher3.dbapi2 as sqlcipher

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def teach_sqlite() -> None:
    """Register the conversions with the driver; again and again does no harm."""
    sqlcipher.register_adapter(UUID, lambda value: value.bytes)
    sqlcipher.register_adapter(datetime, microseconds)
    sqlcipher.register_adapter(date, lambda value: value.isoformat())
    sqlcipher.register_converter("UUID", lambda raw: UUID(bytes=raw))
    sqlcipher.register_converter("TIMESTAMPTZ", lambda raw: moment(int(raw)))
    sqlcipher.register_converter("DATE", lambda raw: date.fromisoformat(raw.decode()))
    # PostgreSQL gives bool; SQLite has only integers.
    sqlcipher.register_converter("BOOLEAN", lambda raw: raw != b"0")
