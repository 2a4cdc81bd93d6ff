"""Column types that mean the same on both engines; the drivers convert, so raw statements and Core see the same values.

PostgreSQL has them natively. For SQLite the driver is taught here: UUIDs as 16 bytes, instants as whole microseconds
since 1970 (SQLite drops time zones), days as ISO text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Id(UserDefinedType[UUID]):
    """A UUID."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "UUID"


class Instant(UserDefinedType[datetime]):
    """A moment in UTC; a value without a time zone is refused."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMPTZ"


class Day(UserDefinedType[date]):
    """A calendar day of the mall."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "DATE"


class Bytes(UserDefinedType[bytes]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BYTEA"


@compiles(Bytes, "sqlite")
def _bytes_on_sqlite(_type: Bytes, _compiler: Any, **_: Any) -> str:
    return "BLOB"


def searched_text() -> String:
    """Text that is searched by ranges: ordered by code point on both engines."""
    return String().with_variant(String(collation="C"), "postgresql")


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
