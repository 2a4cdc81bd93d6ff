"""The file itself, and the guards that keep history append-only: a store whose guards are gone proves nothing."""

from __future__ import annotations

from db.connection import Connection
from db.verify.report import Report


def check_file(connection: Connection, report: Report) -> None:
    """Every page's seal, the structure of every table and index, every reference between rows."""
    if connection.engine != "sqlite":
        return
    report.tick("file", 0)
    for (said,) in connection.rows("PRAGMA cipher_integrity_check"):
        report.add("verify.page", said=str(said)[:120])
    for (said,) in connection.rows("PRAGMA quick_check(50)"):
        if said != "ok":
            report.add("verify.file", said=str(said)[:120])
    for table, row, parent, _ in connection.rows("PRAGMA foreign_key_check"):
        report.add("verify.reference", table=str(table), row=int(row) if row is not None else None, parent=str(parent))


def check_guards(connection: Connection, fresh: Connection, report: Report) -> None:
    """`fresh` is an empty SQLite store of this program's version."""
    wanted = dict(_sqlite_objects(fresh))
    if connection.engine == "sqlite":
        stands = dict(_sqlite_objects(connection))
        for name, sql in wanted.items():
            if stands.get(name) != sql:
                report.add("verify.guard", name=name)
        for name in stands.keys() - wanted.keys():
            report.add("verify.unknown_object", name=name)
        return
    guards = {
        name
        for (name,) in connection.rows(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' "
            "AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)"
        )
    }
    for name in wanted:
        if name.endswith("_no_update"):
            table = name.removesuffix("_no_update")
            needed = {f"{table}_no_change", f"{table}_no_truncate"}
        elif name.endswith("_no_delete"):
            table = name.removesuffix("_no_delete")
            append_only = f"{table}_no_update" in wanted
            needed = set() if append_only else {name, f"{table}_no_truncate"}
        else:
            needed = {name} if name in {"operation_balances", "journal_is_closed"} else set()
        for missing in sorted(needed - guards):
            report.add("verify.guard", name=missing)
    if "operation_in_feed" not in guards:
        report.add("verify.guard", name="operation_in_feed")


def _sqlite_objects(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.rows(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [(name, sql) for name, sql in rows]
