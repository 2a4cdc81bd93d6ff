"""Members who were not served here for long lose what says who they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from db.connection import Connection

_AT_ONCE = 200  # members of one transaction: no screen waits long behind it
_THIN_AT_ONCE = 5_000


def demote(connection: Connection, mall: str, desk: str, since: datetime, served: Collection[UUID]) -> frozenset[UUID]:
    """Some of those whom `desk` has not served since; nobody of `served`. Empty: there are no more."""
    found = connection.rows(
        "SELECT p.member FROM person p WHERE p.mall_id = :mall "
        # done here lately, or not yet known to have arrived
        "AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.mall_id = p.mall_id AND o.member = p.member "
        "AND o.desk = :desk AND (o.at >= :since OR NOT EXISTS (SELECT 1 FROM operation_result r "
        "WHERE r.mall_id = o.mall_id AND r.operation_id = o.operation_id "
        "AND (r.pulled = :yes OR r.verdict = 'quarantined')))) "
        "AND NOT EXISTS (SELECT 1 FROM exception_task t WHERE t.mall_id = p.mall_id AND t.member = p.member "
        "AND t.desk = :desk AND t.state = 'open') "
        # no gift of theirs waits here: asked once for all of them, not by going through all lines for each
        "AND p.member NOT IN (SELECT d.member FROM redemption_line l CROSS JOIN redemption d WHERE l.mall_id = :mall "
        "AND l.handed_out_by IS NULL AND d.mall_id = l.mall_id AND d.operation_id = l.operation_id AND d.desk = :desk "
        "AND NOT EXISTS (SELECT 1 FROM reversal v WHERE v.mall_id = d.mall_id AND v.reverses = d.operation_id)) "
        "LIMIT :limit",
        mall=mall,
        desk=desk,
        since=since,
        yes=True,
        limit=_AT_ONCE + len(served),
    )
    members = frozenset(member for (member,) in found) - frozenset(served)
    forget_people(connection, mall, members)
    return members


def forget_people(connection: Connection, mall: str, members: Collection[UUID]) -> None:
    """Who they are goes; what they have stays. Whoever wants to see them again has the hub asked."""
    if members and connection.engine == "sqlite":  # or a deleted name would stay in the index until it is merged
        connection.run("INSERT INTO name_index (name_index, rank) VALUES ('secure-delete', 1)")
    for member in members:
        for table, column in (("person", "member"), ("search_key", "member"), ("subject_key", "subject")):
            connection.later(
                f"DELETE FROM {table} WHERE mall_id = :mall AND {column} = :member", mall=mall, member=member
            )
        if connection.engine == "sqlite":
            connection.later(
                "DELETE FROM name_index WHERE mall_id = :mall AND member = :member", mall=mall, member=member.hex
            )
        connection.later(
            "UPDATE member SET pin_verifier = NULL WHERE mall_id = :mall AND member = :member", mall=mall, member=member
        )


def drop_thin(connection: Connection, mall: str) -> bool:
    """Hashes of members who are not held in full, where the mall wants only these. False: there were none left."""
    dropped = 0
    for table, key in (("card_thin", "hash"), ("member_thin", "member")):
        dropped += connection.run(
            f"DELETE FROM {table} WHERE mall_id = :mall AND {key} IN (SELECT t.{key} FROM {table} t "
            "WHERE t.mall_id = :mall AND NOT EXISTS (SELECT 1 FROM person p WHERE p.mall_id = t.mall_id "
            "AND p.member = t.member) LIMIT :limit)",
            mall=mall,
            limit=_THIN_AT_ONCE,
        )
    return dropped > 0
