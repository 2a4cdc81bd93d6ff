"""The desks' chains, read once and checked link by link (RELIABILITY.md I12)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from app.ports.storage import StoredOperation
from app.sync.envelope import (
    FIRST_HLC,
    GENESIS,
    Envelope,
    Head,
    clock_is_suspect,
    decoded,
    operation_hash,
    signature_is_good,
)
from db.connection import Connection
from db.verify.report import Report

Place: TypeAlias = dict[str, str | int]

_EVERY = 1_000  # operations between two words of progress


@dataclass(frozen=True)
class Link:
    """One operation, in the order in which all took effect."""

    envelope: Envelope
    stored: StoredOperation
    was_suspect: bool  # the desk's clock was in doubt when this was decided
    n: int | None = None  # its place in the hub's feed
    is_fact: bool = False  # it came to the hub from a desk that had done it already


class Chains:
    def __init__(self, connection: Connection, mall: str, report: Report) -> None:
        self._connection = connection
        self._mall = mall
        self._report = report

    def links(self) -> Iterator[Link]:
        """All operations of all desks as they took effect: by their hybrid logical clock, where an operation's is later
        than that of everything it could have seen at any desk; from the hub's beginning on, in the feed's order."""
        total = self._count()
        desks = self._connection.rows("SELECT desk FROM desk WHERE mall_id = :mall ORDER BY desk", mall=self._mall)
        read = 0
        by_clock = [self._chain(desk) for (desk,) in desks]
        for link in heapq.merge(*by_clock, key=_order):
            if read % _EVERY == 0:
                self._report.tick("operations", read, total)
            read += 1
            yield link
        self._report.tick("operations", read, total)
        self._operations_of_nobody()

    def _count(self) -> int:
        found = self._connection.row("SELECT count(*) FROM operation WHERE mall_id = :mall", mall=self._mall)
        return int(found[0]) if found else 0

    def _operations_of_nobody(self) -> None:
        for desk, count in self._connection.rows(
            "SELECT desk, count(*) FROM operation WHERE mall_id = :mall AND desk NOT IN "
            "(SELECT desk FROM desk WHERE mall_id = :mall) GROUP BY desk",
            mall=self._mall,
        ):
            self._report.add("verify.chain_without_desk", desk=desk, count=count)

    def _chain(self, desk: str) -> Iterator[Link]:
        keys: dict[int, bytes] = dict(
            self._connection.rows(
                "SELECT 1, public_key FROM desk WHERE mall_id = :mall AND desk = :desk UNION ALL "
                "SELECT epoch, public_key FROM desk_key WHERE mall_id = :mall AND desk = :desk",
                mall=self._mall,
                desk=desk,
            )
        )
        in_feed = False
        head = Head(1, 0, GENESIS, FIRST_HLC, 0, "", 0, clock_suspect=False)
        for operation, *columns, encoded, digest, signature, result, n, kind in self._connection.stream(
            "SELECT o.operation_id, o.epoch, o.sequence, o.verb, o.at, o.actor, o.approver, o.member, o.encoded, "
            "o.hash, o.signature, o.result, f.n, f.kind FROM operation o LEFT JOIN feed f ON f.mall_id = o.mall_id "
            "AND f.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.desk = :desk "
            "ORDER BY o.epoch, o.sequence",
            mall=self._mall,
            desk=desk,
        ):
            where: Place = {"desk": desk, "sequence": int(columns[1]), "operation": str(operation)}
            if operation_hash(encoded) != digest:
                self._report.add("verify.hash", **where)
            if in_feed and n is None:
                self._report.add("verify.feed_missing", **where)
            in_feed = in_feed or n is not None
            if not signature_is_good(keys.get(int(columns[0]), b""), operation_hash(encoded), signature):
                self._report.add("verify.signature", **where)
            try:
                envelope = decoded(encoded)
            except ValueError:
                self._report.add("verify.unreadable", **where)
                head = Head(int(columns[0]), int(columns[1]), digest, *_clock(head))
                continue
            self._check_columns(envelope, operation, desk, columns, where)
            self._check_place(envelope, head, where)
            suspect = clock_is_suspect(head, envelope.wall_ms, envelope.boot, envelope.since_boot_ms)
            head = Head(int(columns[0]), int(columns[1]), digest, *_clock(envelope.as_head(digest)))
            stored = StoredOperation(encoded, digest, signature, result)
            yield Link(envelope, stored, suspect, n, is_fact=kind == "op")
        self._check_head(desk, head)

    def _check_columns(self, envelope: Envelope, operation: UUID, desk: str, columns: list[Any], where: Place) -> None:
        """The columns beside the bytes are only for looking things up; they say what the bytes say."""
        told = envelope.body.get("member")
        expected = {
            "mall_id": (self._mall, envelope.mall),
            "operation_id": (operation, envelope.id),
            "desk": (desk, envelope.desk),
            "epoch": (columns[0], envelope.epoch),
            "sequence": (columns[1], envelope.sequence),
            "verb": (columns[2], envelope.verb),
            "at": (columns[3], envelope.at),
            "actor": (columns[4], envelope.actor),
            "approver": (columns[5], envelope.approver),
            "member": (str(columns[6]) if columns[6] else None, told if isinstance(told, str) else None),
        }
        for column, (stands, said) in expected.items():
            if stands != said:
                self._report.add("verify.operation_column", column=column, **where)
        if envelope.approver is not None and envelope.approver == envelope.actor:
            self._report.add("verify.same_person", **where)

    def _check_place(self, envelope: Envelope, head: Head, where: Place) -> None:
        same_epoch = where["sequence"] == head.sequence + 1 and envelope.epoch == head.epoch
        new_epoch = where["sequence"] == 1 and envelope.epoch > head.epoch  # one between may have done nothing
        if not (same_epoch or new_epoch):
            self._report.add("verify.chain_gap", expected=head.sequence + 1, **where)
        if envelope.prev != head.hash:
            self._report.add("verify.chain_broken", **where)
        if (envelope.hlc <= head.hlc and not new_epoch) or envelope.hlc < f"{envelope.wall_ms:013d}":
            self._report.add("verify.clock_backwards", **where)

    def _check_head(self, desk: str, head: Head) -> None:
        stands = self._connection.row(
            "SELECT epoch, sequence, head, hlc, wall_ms, boot, since_boot_ms, clock_suspect FROM desk "
            "WHERE mall_id = :mall AND desk = :desk",
            mall=self._mall,
            desk=desk,
        )
        assert stands is not None
        if Head(*stands) != head:
            self._report.add("verify.desk_head", desk=desk, stands=int(stands[1]), sequence=head.sequence)


def _order(link: Link) -> tuple[int, str | int, str]:
    if link.n is not None:
        return 1, link.n, ""
    return 0, link.envelope.hlc, link.envelope.desk


def _clock(head: Head) -> tuple[str, int, str, int, bool]:
    return head.hlc, head.wall_ms, head.boot, head.since_boot_ms, head.clock_suspect
