"""The tables as they stand against the tables that the operations make.

Left out, because operations do not determine them: `print_job` (whether paper came out is the printer's story),
`subject_key` (chance; each key is proved by opening what was sealed with it), `secret` (a root; card numbers rest on
it), `search_key` (derived from names by a library whose next version may read them otherwise), what a desk keeps of
its hub's word (`db.models.following`), and how a hub stands with its desks; `feed` checks the feed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import String, Table

from app.domain.errors import Fact
from db.connection import Connection, Row
from db.models import metadata
from db.types import Id
from db.verify.report import Report

NOT_COMPARED = frozenset(
    {
        *("print_job", "subject_key", "secret", "search_key"),
        *("feed", "feed_head", "hub_desk", "licence_epoch", "op_quarantine", "operation_key"),
        *("request_nonce", "scheduled_job", "till_sale", "directory", "guest_call", "licence_span"),
        *("desk_shown", "limits_spend"),
        *("member_share", "share_spend"),
        *("sync_state", "operation_result", "floor_use", "asked_of_hub", "member_thin", "card_thin", "central_image"),
        "told_report",
    }
)
# Findings are shown and kept: what a person is called, and what opens a door, stays out of them.
_SHY = frozenset({"person", "staff.verifier", "member.pin_verifier", "member.person_digest", "card.number"})
_EVERY = 100_000  # rows between two words of progress


def compare_tables(stands: Connection, again: Connection, mall: str, report: Report) -> None:
    tables = [table for table in metadata.sorted_tables if table.name not in NOT_COMPARED]
    for number, table in enumerate(tables):
        report.tick("tables", number, len(tables))
        _compare(table, stands, again, mall, report)
    report.tick("tables", len(tables), len(tables))


def _compare(table: Table, stands: Connection, again: Connection, mall: str, report: Report) -> None:
    keys = [column.name for column in table.primary_key if column.name != "mall_id"]
    others = [column.name for column in table.columns if column.name not in {"mall_id", *keys}]
    columns = keys + others
    raw = stands.engine == "sqlite"  # the same engine on both sides: what is stored is compared, unconverted
    width = len(keys)
    for left, right in _pairs(
        _rows(stands, table, columns, keys, mall, raw=raw), _rows(again, table, columns, keys, mall, raw=raw), width
    ):
        if left == right:
            continue
        key = _key_text(table, keys, (left or right or ())[:width])
        if left is None:
            report.add("verify.row_missing", table=table.name, key=key)
        elif right is None:
            report.add("verify.row_unfounded", table=table.name, key=key)
        else:
            for name, has, should in zip(columns, left, right, strict=True):
                if has != should:
                    report.add(
                        "verify.column", table=table.name, key=key, column=name, **_values(table, name, has, should)
                    )


def _rows(
    connection: Connection, table: Table, columns: list[str], keys: list[str], mall: str, *, raw: bool
) -> Iterator[Row]:
    # The sign makes it an expression, which SQLite's driver does not convert.
    chosen = ", ".join(f"+{name}" if raw else name for name in columns)
    order = ", ".join(_order(connection, table, name) for name in keys) or "mall_id"
    rows: Iterator[Row] = connection.stream(
        f"SELECT {chosen} FROM {table.name} WHERE mall_id = :mall ORDER BY {order}", mall=mall
    )
    return rows


def _order(connection: Connection, table: Table, name: str) -> str:
    """By code point on both engines."""
    text = isinstance(table.c[name].type, String)
    return f'{name} COLLATE "C"' if text and connection.engine == "postgresql" else name


def _pairs(left: Iterator[Row], right: Iterator[Row], width: int) -> Iterator[tuple[Row | None, Row | None]]:
    """Rows of the same key side by side; both come in the order of their keys."""
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if one is not None and other is not None and one[:width] == other[:width]:
            yield one, other
            one, other = next(left, None), next(right, None)
        elif other is None or (one is not None and _before(one[:width], other[:width])):
            yield one, None
            one = next(left, None)
        else:
            yield None, other
            other = next(right, None)


def _before(one: Row, other: Row) -> bool:
    return [_sortable(value) for value in one] < [_sortable(value) for value in other]


def _sortable(value: Any) -> Any:
    return value.bytes if isinstance(value, UUID) else value.encode() if isinstance(value, str) else value


def _key_text(table: Table, keys: list[str], values: Row) -> str:
    parts = []
    for name, value in zip(keys, values, strict=True):
        if f"{table.name}.{name}" in _SHY:
            parts.append(f"•••• {value[-4:]}")
        elif isinstance(table.c[name].type, Id) and isinstance(value, bytes) and len(value) == 16:
            parts.append(str(UUID(bytes=value)))
        else:
            parts.append(str(value))
    return " ".join(parts)


def _values(table: Table, column: str, stands: Any, should: Any) -> dict[str, Fact]:
    if table.name in _SHY or f"{table.name}.{column}" in _SHY:
        return {}
    return {"stands": _shown(table, column, stands), "should": _shown(table, column, should)}


def _shown(table: Table, column: str, value: Any) -> Fact:
    if isinstance(value, bytes):
        return str(UUID(bytes=value)) if isinstance(table.c[column].type, Id) and len(value) == 16 else value.hex()[:32]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
