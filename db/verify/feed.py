"""The hub's feed: one row for each operation since it began, none missing, each hashed into the next (I11)."""

from __future__ import annotations

import json
from hashlib import sha256

from app.sync.envelope import decoded
from app.sync.protocol import GENESIS, next_h
from db.connection import Connection
from db.verify.report import Report

_EVERY = 5_000  # rows between two words of progress


def check_feed(connection: Connection, mall: str, report: Report) -> None:
    head = connection.row("SELECT n, h FROM feed_head WHERE mall_id = :mall", mall=mall)
    if head is None:
        if connection.row("SELECT 1 FROM feed WHERE mall_id = :mall LIMIT 1", mall=mall):
            report.add("verify.feed_head", stands=0)
        return
    n, h = 0, GENESIS
    checkpoints = _checkpoints(connection, mall)
    for place, prev, now, operation, op_hash, result, said, done, digest in connection.stream(
        "SELECT f.n, f.prev, f.h, f.operation_id, f.op_hash, f.result, "
        "f.desk || ' ' || f.epoch || ' ' || f.sequence || ' ' || f.verb, "
        "o.desk || ' ' || o.epoch || ' ' || o.sequence || ' ' || o.verb, o.hash "
        "FROM feed f LEFT JOIN operation o ON o.mall_id = f.mall_id AND o.operation_id = f.operation_id "
        "WHERE f.mall_id = :mall ORDER BY f.n",
        mall=mall,
    ):
        if n % _EVERY == 0:
            report.tick("feed", n, int(head[0]))
        if place != n + 1:
            report.add("verify.feed_gap", place=place, expected=n + 1)
        if bytes(prev) != h or bytes(now) != next_h(h, bytes(op_hash), sha256(bytes(result)).digest()):
            report.add("verify.feed_hash", place=place, operation=str(operation))
        if said != done or digest is None or bytes(digest) != bytes(op_hash):
            report.add("verify.feed_operation", place=place, operation=str(operation))
        n, h = place, bytes(now)
        for closing, said_h in checkpoints.pop(n, ()):
            if said_h != h.hex():
                report.add("verify.checkpoint", place=n, operation=closing)
    if (n, h) != (head[0], bytes(head[1])):
        report.add("verify.feed_head", stands=int(head[0]), should=n)
    for place, closings in checkpoints.items():
        if place:  # the feed's beginning needs no witness
            for closing, _ in closings:
                report.add("verify.checkpoint", place=place, operation=closing)
    _check_results(connection, mall, report)


def _checkpoints(connection: Connection, mall: str) -> dict[int, list[tuple[str, str]]]:
    """(operation, h in hexadecimal) of each place that the hub has signed, once a day. Whoever rewrote the feed after
    that has to forge these, too: `chains` checks their signatures, and every closed report shows one on paper."""
    signed: dict[int, list[tuple[str, str]]] = {}
    for operation, encoded in connection.rows(
        "SELECT operation_id, encoded FROM operation WHERE mall_id = :mall AND verb = 'close_day'", mall=mall
    ):
        try:
            body = decoded(bytes(encoded)).body
            signed.setdefault(int(body["n"]), []).append((str(operation), str(body["h"])))
        except (ValueError, KeyError, TypeError):
            continue  # `chains` says so
    return signed


def _check_results(connection: Connection, mall: str, report: Report) -> None:
    """What the feed says came of an operation is what the log says, and every exception has its task."""
    for place, operation, said, stored in connection.stream(
        "SELECT f.n, f.operation_id, f.result, o.result FROM feed f JOIN operation o ON o.mall_id = f.mall_id "
        "AND o.operation_id = f.operation_id WHERE f.mall_id = :mall",
        mall=mall,
    ):
        try:
            told, facts = json.loads(bytes(said)), json.loads(bytes(stored))
            conflicts = facts.get("conflicts", [])
            agrees = (told["facts"], told["code"]) == (facts, conflicts[0] if conflicts else None)
        except (ValueError, KeyError, AttributeError):
            agrees = False
        if not agrees:
            report.add("verify.feed_result", place=place, operation=str(operation))
