"""Members as a desk asks for them: masked, or one of them in full because they stand at its counter."""

from __future__ import annotations

from uuid import UUID

from app.domain.errors import Refused
from app.domain.phone import MAINLAND_DIGITS
from app.sync.protocol import FullMember, Image, Looked, Lookup, MaskedMember
from db.connection import Connection
from db.hub.images import Images
from db.queries.search import find_members

MOST_HANDED_OVER = 20


def look_up(connection: Connection, mall: str, search_key: bytes, asked: Lookup) -> Looked:
    """In one snapshot of the store. Raises Refused("member.unknown" | "protocol.unreadable")."""
    if sum(value is not None for value in (asked.member, asked.card, asked.phone, asked.name)) != 1:
        raise Refused("protocol.unreadable", field="member")
    head = connection.row("SELECT n FROM feed_head WHERE mall_id = :mall", mall=mall)
    n = head[0] if head else 0
    if asked.name is not None or (asked.phone is not None and len(asked.phone) < MAINLAND_DIGITS):
        found = find_members(connection, mall, asked.name or asked.phone or "")
        rows = tuple(
            MaskedMember(row.member, row.member_no, row.name, row.phone, row.tier, row.state, max(0, row.points))
            for row in found.rows
        )
        return Looked(n, rows, more=found.more)
    member = _exactly(connection, mall, asked)
    if member is None:
        raise Refused("member.unknown")
    return Looked(n, full=full_member(connection, mall, Images(connection, mall, search_key), member))


def _exactly(connection: Connection, mall: str, asked: Lookup) -> UUID | None:
    if asked.member is not None:
        sql = "SELECT member FROM member WHERE mall_id = :mall AND member = :value"
    elif asked.card is not None:
        sql = "SELECT member FROM card WHERE mall_id = :mall AND number = :value"
    else:
        sql = "SELECT member FROM person WHERE mall_id = :mall AND phone = :value ORDER BY twin"
    found = connection.row(sql, mall=mall, value=asked.member or asked.card or asked.phone)
    return found[0] if found else None


def full_member(connection: Connection, mall: str, images: Images, member: UUID) -> FullMember:
    """Raises Refused("member.unknown")."""
    found = connection.row(
        "SELECT p.name, p.phone, p.birthday, p.gender, m.pin_verifier, k.key FROM member m LEFT JOIN person p "
        "ON p.mall_id = m.mall_id AND p.member = m.member LEFT JOIN subject_key k ON k.mall_id = m.mall_id "
        "AND k.subject = m.member WHERE m.mall_id = :mall AND m.member = :member",
        mall=mall,
        member=member,
    )
    if found is None:
        raise Refused("member.unknown")
    name, phone, birthday, gender, verifier, key = found
    cards = [
        number
        for (number,) in connection.rows(
            "SELECT number FROM card WHERE mall_id = :mall AND member = :member ORDER BY since, number",
            mall=mall,
            member=member,
        )
    ]
    return FullMember(
        member=member,
        name=name or "",
        phone=phone or "",
        birthday=birthday.isoformat() if birthday else None,
        gender=gender or "",
        pin_verifier=verifier,
        subject_key=bytes(key) if key is not None else None,
        cards=tuple(cards),
        images=tuple(_images(connection, mall, images, member, cards)),
    )


def _images(connection: Connection, mall: str, images: Images, member: UUID, cards: list[str]) -> list[Image]:
    not_handed_out = connection.rows(
        "SELECT DISTINCT r.operation_id FROM redemption r JOIN redemption_line l ON l.mall_id = r.mall_id "
        "AND l.operation_id = r.operation_id LEFT JOIN reversal v ON v.mall_id = r.mall_id "
        "AND v.reverses = r.operation_id WHERE r.mall_id = :mall AND r.member = :member "
        "AND l.handed_out_by IS NULL AND v.reverses IS NULL ORDER BY r.operation_id LIMIT 100",
        mall=mall,
        member=member,
    )
    return [
        images.image("member", str(member)),
        images.image("account", str(member)),
        *(images.image("card", number) for number in cards[-MOST_HANDED_OVER:]),
        *(images.image("redemption", str(operation)) for (operation,) in not_handed_out),
    ]
