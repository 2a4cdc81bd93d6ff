"""Column types that mean the same on both engines; the drivers convert, so raw statements and Core see the same values.

PostgreSQL has them natively; SQLite's driver is taught by `db.conversions`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType


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
