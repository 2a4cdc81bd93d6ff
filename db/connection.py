"""One connection, and SQL that reads the same on both engines.

Statements are plain SQL with `:named` parameters and go straight to the driver (docs/adr/0003 has the figures).
SQLAlchemy keeps what it is best at: the table definitions, the connections, the migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Literal, TypeAlias

from db.wire import Answer, Row, SqliteWire, Statement, Wire, for_psycopg, read_by, written

__all__ = ["Connection", "Engine", "MissedRow", "Row", "Statement"]

Engine: TypeAlias = Literal["sqlite", "postgresql"]

_CURSORS = count(1)  # names of PostgreSQL's cursors
_STREAMED_ROWS = 5_000  # fetched at a time


class MissedRow(Exception):
    """A guarded statement did not find the row in the state that was locked before: a bug, never a refusal."""


class Connection:
    """`rows`, `row`, `run` and `ask` go out at once; `later` collects what nobody waits for and sends it along with the
    next that does: one round trip on PostgreSQL instead of one each."""

    def __init__(self, raw: Any, engine: Engine, *, patient: bool = False) -> None:
        """`patient`: for questions that may take minutes (see `db.postgres_wire`)."""
        self._raw = raw
        self.engine = engine
        self._wire: Wire = SqliteWire(raw) if engine == "sqlite" else _postgres_wire(raw, patient=patient)
        self._waiting: list[Statement] = []
        self._to_foresee: dict[tuple[Any, ...], Statement] = {}
        self._foreseen: dict[tuple[Any, ...], list[Row]] = {}
        self._foreseen_of: dict[str, list[tuple[Any, ...]]] = {}  # by the tables that were looked at
        self._touched: dict[tuple[str, str], None] = {}

    def touch(self, of: str, key: str) -> None:
        """The state of this thing is about to change: a hub tells its desks what it is afterwards (`app.sync.images`
        has the names)."""
        self._touched[of, key] = None

    def touched(self) -> list[tuple[str, str]]:
        return list(self._touched)

    def take_touched(self) -> list[tuple[str, str]]:
        """What was touched since this was last asked, in that order."""
        touched, self._touched = list(self._touched), {}
        return touched

    def rows(self, sql: str, **values: Any) -> list[Row]:
        return self.ask(Statement(sql, values))[0]

    def row(self, sql: str, **values: Any) -> Row | None:
        found = self.rows(sql, **values)
        return found[0] if found else None

    def run(self, sql: str, **values: Any) -> int:
        """Returns how many rows were touched."""
        return self._send(Statement(sql, values))[0].touched

    def ask(self, *questions: Statement) -> list[list[Row]]:
        """Several questions in one round trip; each sees what those before it have locked."""
        if self._foreseen:
            known = [self._foreseen.get(_key(question)) for question in questions]
            if all(rows is not None for rows in known):
                return [rows for rows in known if rows is not None]
        if self._to_foresee:
            for question in questions:
                self._to_foresee.pop(_key(question), None)
        return [answer.rows for answer in self._send(*questions)]

    def foresee(self, *questions: Statement) -> None:
        """They will probably be asked within this transaction: they travel with the next that is, behind it. Whoever
        asks just the same finds the answer here, unless something was written to one of its tables since."""
        if self.engine == "postgresql":  # nothing travels to SQLite
            for question in questions:
                try:
                    key = _key(question)
                    if key not in self._foreseen:
                        self._to_foresee[key] = question
                except TypeError:  # a value that no column has: whoever asks in earnest will be told
                    continue

    def later(
        self,
        sql: str,
        *,
        expect: int | None = None,
        then: Callable[[list[Row]], None] | None = None,
        **values: Any,
    ) -> None:
        """A write that may wait; with `expect`, that many rows must be touched; `then` is told what it returned."""
        self._writes(sql)
        self._waiting.append(Statement(sql, values, expect, then))

    def _forget_foreseen(self) -> None:
        self._to_foresee.clear()
        self._foreseen.clear()
        self._foreseen_of.clear()

    def flush(self) -> None:
        if self._waiting:
            self._send()

    def _send(self, *asked: Statement) -> list[Answer]:
        """What has been waiting, then `asked`. Returns the answers to `asked`; raises MissedRow."""
        waiting, self._waiting = self._waiting, []
        foreseen, self._to_foresee = self._to_foresee, {}
        for statement in asked:
            self._writes(statement.sql)
        answers = self._wire.send([*waiting, *asked, *foreseen.values()])
        for statement, answer in zip(waiting, answers, strict=False):
            if statement.expect is not None and answer.touched != statement.expect:
                raise MissedRow(statement.sql)
            if statement.then is not None:
                statement.then(answer.rows)
        answered = len(waiting) + len(asked)
        for (key, statement), answer in zip(foreseen.items(), answers[answered:], strict=True):
            self._foreseen[key] = answer.rows
            for table in read_by(statement.sql):
                self._foreseen_of.setdefault(table, []).append(key)
        return answers[len(waiting) : answered]

    def _writes(self, sql: str) -> None:
        """What was foreseen of that table is no longer how it stands."""
        if not self._foreseen:
            return
        table = written(sql)
        if table == "*":
            self._foreseen.clear()
            self._foreseen_of.clear()
        elif table is not None:
            for key in self._foreseen_of.pop(table, ()):
                self._foreseen.pop(key, None)

    def stream(self, sql: str, **values: Any) -> Iterator[Row]:
        """Rows a few thousand at a time, however many there are; within a transaction, several at once."""
        self.flush()
        if self.engine == "sqlite":
            cursor = self._raw.cursor()
        else:
            sql = for_psycopg(sql)
            cursor = self._raw.cursor(f"stream_{next(_CURSORS)}")
            cursor.itersize = _STREAMED_ROWS
        try:
            cursor.execute(sql, values)
            yield from cursor
        finally:
            cursor.close()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside takes effect as a whole or not at all, within the transaction that is open."""
        mark = Statement("SAVEPOINT inner_work", {})
        self._waiting.append(mark)
        try:
            yield
            self.flush()
        except BaseException as problem:
            self._touched.clear()
            self._forget_foreseen()  # what was locked within is locked no more
            if not self._dropped_from(mark):
                self._waiting.clear()
                try:
                    self.run("ROLLBACK TO SAVEPOINT inner_work")
                except Exception:  # what came before the savepoint had failed, or the connection is gone
                    raise problem from None
                self.later("RELEASE SAVEPOINT inner_work")
            raise
        self.later("RELEASE SAVEPOINT inner_work")

    def _dropped_from(self, mark: Statement) -> bool:
        """Forget `mark` and what waits behind it, if it was not sent yet."""
        for at, statement in enumerate(self._waiting):
            if statement is mark:
                del self._waiting[at:]
                return True
        return False

    def insert_many(self, table: str, columns: str, rows: Sequence[Row]) -> None:
        """Bulk rows the fastest way the engine has: prepared inserts on SQLite, COPY on PostgreSQL, where that does not
        copy into a table whose rows are fenced (see `db.roles`)."""
        self.flush()
        self._forget_foreseen()
        fenced = self.engine == "postgresql" and self.rows("SELECT row_security_active(:table)", table=table) == [
            (True,)
        ]
        if self.engine == "sqlite" or fenced:
            marks = ", ".join(["%s" if fenced else "?"] * len(rows[0]))
            self.many_raw(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
            return
        with self._raw.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def many_raw(self, sql: str, rows: Sequence[Row]) -> None:
        """One statement with positional marks of the engine, for many rows."""
        self.flush()
        self._forget_foreseen()
        if self.engine == "sqlite":
            self._raw.executemany(sql, rows)
            return
        with self._raw.cursor() as cursor:
            cursor.executemany(sql, rows)

    def begin(self) -> None:
        """Travels with the first statement."""
        self._touched.clear()
        self._forget_foreseen()
        self.later("BEGIN IMMEDIATE" if self.engine == "sqlite" else "BEGIN")

    def commit(self) -> None:
        if any(statement.expect is not None for statement in self._waiting):
            self.flush()  # on its own: what it touched is looked at before it counts
        self._forget_foreseen()
        self.run("COMMIT")

    def take_back(self) -> None:
        """Do all that was asked for, and let none of it take effect."""
        self._forget_foreseen()
        self.run("ROLLBACK")

    def rollback(self) -> None:
        """Also right after the engine has rolled back by itself (disk full, lost connection)."""
        self._waiting.clear()
        self._forget_foreseen()
        if self.engine == "sqlite":
            if self._raw.in_transaction:
                self.run("ROLLBACK")
        elif not self._raw.closed and self._raw.info.transaction_status:
            self.run("ROLLBACK")


def _key(question: Statement) -> tuple[Any, ...]:
    return question.sql, *question.values.values()


def _postgres_wire(raw: Any, *, patient: bool) -> Wire:
    from db.postgres_wire import PostgresWire  # a desk on SQLite starts without psycopg

    return PostgresWire(raw, patient=patient)
