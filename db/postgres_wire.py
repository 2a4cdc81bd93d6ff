"""How statements reach PostgreSQL: many of them in one round trip.

psycopg connects, converts the values and names the errors, but its cursors spend 100 µs of computing on each statement,
and a redemption has twenty; so the talking is done here, on its libpq layer (docs/adr/0003 has the figures)."""

from __future__ import annotations

import selectors
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, TypeAlias

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.numeric import Int8Dumper

from db.wire import NAMED, Answer, Row, Statement

# How long a server may say nothing before it is given up. Its own limits (`db.engines`) and Patroni's time to do
# without a dead standby are shorter; a machine that hangs keeps its connections alive, and would be waited on for ever.
SILENCE_S = 45.0

_NAMES = count(1)  # of prepared statements: a psycopg connection may be in several hands, one after the other
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)


@dataclass(frozen=True)
class _Numbered:
    """A statement as PostgreSQL counts its parameters, `$1`, `$2` …, and their names in that order."""

    text: bytes
    names: tuple[str, ...]
    formats: tuple[PyFormat, ...]


@cache
def _numbered(sql: str) -> _Numbered:
    names = tuple(dict.fromkeys(NAMED.findall(sql)))
    text = NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql)
    return _Numbered(text.encode(), names, (PyFormat.AUTO,) * len(names))


_Key: TypeAlias = tuple[bytes, tuple[int, ...]]  # text, types of the parameters


class PostgresWire:
    """Every statement is prepared when it is first seen. A `patient` one waits for answers however long they take."""

    def __init__(self, raw: psycopg.Connection[Any], *, patient: bool = False) -> None:
        self._raw = raw
        self._patient = patient
        # By default psycopg picks a type by the size of each number, and every mixture of them would be prepared anew.
        raw.adapters.register_dumper(int, Int8Dumper)
        self._libpq = raw.pgconn
        self._convert = Transformer(raw)
        self._prepared: dict[_Key, bytes] = {}
        self._socket = selectors.DefaultSelector()
        self._socket.register(self._libpq.socket, selectors.EVENT_READ)

    def send(self, statements: Sequence[Statement]) -> list[Answer]:
        messages = [self._converted(statement) for statement in statements]
        newly: dict[_Key, bytes] = {}
        self._libpq.enter_pipeline_mode()
        for key, values, formats in messages:
            name = self._prepared.get(key) or newly.get(key)
            if name is None:
                name = newly[key] = b"memberdesk_%d" % next(_NAMES)
                self._libpq.send_prepare(name, *key)
            self._libpq.send_query_prepared(name, values, formats)
        self._libpq.pipeline_sync()
        results = self._results()
        self._libpq.exit_pipeline_mode()
        return self._answers(messages, newly, results)

    def _converted(self, statement: Statement) -> tuple[_Key, Sequence[Any], Sequence[int]]:
        numbered = _numbered(statement.sql)
        convert = self._convert
        values = convert.dump_sequence([statement.values[name] for name in numbered.names], numbered.formats)
        return (numbered.text, convert.types or ()), values, convert.formats or ()

    def _results(self) -> list[pq.abc.PGresult]:
        """Everything up to the end of the pipeline, errors among it."""
        libpq = self._libpq
        results: list[pq.abc.PGresult] = []
        while libpq.flush():  # more than fits into the socket: the server may have to be read from before it reads on
            self._wait(selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            while libpq.is_busy():
                self._wait(selectors.EVENT_READ)
            result = libpq.get_result()
            if result is None:  # the end of one statement's answer
                if libpq.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection is lost")
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)

    def _wait(self, events: int) -> None:
        if events != selectors.EVENT_READ:
            self._socket.modify(self._libpq.socket, events)
        ready = self._socket.select(None if self._patient else SILENCE_S)
        if events != selectors.EVENT_READ:
            self._socket.modify(self._libpq.socket, selectors.EVENT_READ)
        if not ready:
            self._raw.close()  # whatever it answers later is nobody's: the same operation is asked again, elsewhere
            raise psycopg.OperationalError("the server says nothing")
        if any(event & selectors.EVENT_READ for _, event in ready):
            self._libpq.consume_input()

    def _answers(
        self,
        messages: Sequence[tuple[_Key, Sequence[Any], Sequence[int]]],
        newly: dict[_Key, bytes],
        results: Sequence[pq.abc.PGresult],
    ) -> list[Answer]:
        answers = []
        following = iter(results)
        for key, *_ in messages:
            if key in newly:
                self._good(next(following))
                self._prepared[key] = newly.pop(key)
            answers.append(self._answer(self._good(next(following))))
        return answers

    @staticmethod
    def _good(result: pq.abc.PGresult) -> pq.abc.PGresult:
        if result.status in _FAILED:
            raise psycopg.errors.error_from_result(result)
        return result

    def _answer(self, result: pq.abc.PGresult) -> Answer:
        rows: list[Row] = []
        if result.ntuples:
            self._convert.set_pgresult(result)
            rows = self._convert.load_rows(0, result.ntuples, tuple)
        return Answer(result.command_tuples or 0, rows)
