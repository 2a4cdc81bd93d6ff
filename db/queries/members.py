"""One member, as the counter shows them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.errors import Refused
from app.domain.masking import masked_card, masked_name, masked_phone, surname
from app.domain.policy import Policy
from app.domain.signed_code import OPERATION_DIGITS, CouponCode, ReceiptCode, code_key, is_coupon
from app.domain.tier import next_tier
from app.operations.reverse import REVERSIBLE
from app.queries.rows import CardRow, ExpiringPoints, MemberPage, OwedGift, TimelineEntry
from db.connection import Connection
from db.repositories.cards import card_secrets

TIMELINE_ENTRIES = 40
CARD_ALERT_LASTS = timedelta(days=30)

# CROSS JOIN keeps SQLite to this order; left alone it goes through every line of the mall.
_LINES_OF_MEMBER = "redemption r CROSS JOIN redemption_line l"
_OF_MEMBER = "r.mall_id = :mall AND r.member = :member AND l.mall_id = r.mall_id AND l.operation_id = r.operation_id"

_KIND = {
    "credit_sale": "credited",
    "redeem": "redeemed",
    "post_guest_redemption": "redeemed",
    "hand_out": "handed_out",
    "reverse": "reversed",
    "adjust_points": "adjusted",
    "expire_points": "expired",
    "enrol_member": "enrolled",
    "issue_card": "card_issued",
    "report_card_lost": "card_lost",
    "replace_card": "card_replaced",
    "reveal": "revealed",
    "hold_points": "held",
    "release_hold": "released",
    "import_history": "credited",
}
_CARD_REFUSALS = {"lost": "card.lost", "replaced": "card.replaced", "void": "card.void"}


def member_by_code(connection: Connection, mall: str, code: str, today: date) -> tuple[UUID, UUID]:
    """Whose receipt or coupon this is (`app.domain.signed_code`), and of which operation. `today` is the mall's
    business day.

    Raises Refused("paper_code.foreign" | "paper_code.unknown" | "coupon.expired" | "coupon.taken_back")."""
    key = code_key(card_secrets(connection, mall)[1])
    number = CouponCode.opened(code, key, today).number if is_coupon(code) else ReceiptCode.opened(code, key).number
    found, operation = None, UUID(int=0)
    if len(number) >= OPERATION_DIGITS:
        operation = UUID(number[:OPERATION_DIGITS])
        found = connection.row(
            "SELECT o.member, v.operation_id FROM operation o LEFT JOIN reversal v ON v.mall_id = o.mall_id "
            "AND v.reverses = o.operation_id WHERE o.mall_id = :mall AND o.operation_id = :operation "
            "AND o.member IS NOT NULL",
            mall=mall,
            operation=operation,
        )
    if found is None:
        raise Refused("paper_code.unknown")
    if is_coupon(code) and found[1] is not None:
        raise Refused("coupon.taken_back")
    return found[0], operation


def member_by_card(connection: Connection, mall: str, number: str) -> UUID:
    found = connection.row(
        "SELECT member, state FROM card WHERE mall_id = :mall AND number = :number", mall=mall, number=number
    )
    if found is None or found[1] == "unknown":  # a desk whose hub knows of no such card
        raise Refused("card.unknown")
    member, state = found
    if state != "issued":
        raise Refused(_CARD_REFUSALS.get(state, "card.not_active"), state=state)
    holder: UUID = member
    return holder


def member_page(
    connection: Connection,
    mall: str,
    member: UUID,
    now: datetime,
    today: date,
    policy: Policy,
    slip: UUID | None = None,
) -> MemberPage:
    found = connection.row(
        "SELECT m.member_no, m.tier, m.state, m.joined_on, m.pin_verifier, m.pin_disabled, p.name, p.phone, "
        "p.birthday, p.gender, a.held, a.owed FROM member m "
        "JOIN account a ON a.mall_id = m.mall_id AND a.account = m.member "
        "LEFT JOIN person p ON p.mall_id = m.mall_id AND p.member = m.member "
        "WHERE m.mall_id = :mall AND m.member = :member",
        mall=mall,
        member=member,
    )
    if found is None:
        raise Refused("member.unknown")
    member_no, tier, state, joined_on, pin, pin_disabled, name, phone, birthday, gender, held, owed = found
    lots = connection.rows(
        "SELECT expires_on, sum(remaining) FROM lot WHERE mall_id = :mall AND account = :member AND remaining > 0 "
        "AND expires_on >= :today GROUP BY expires_on ORDER BY expires_on",
        mall=mall,
        member=member,
        today=today,
    )
    expiring: dict[tuple[int, int], ExpiringPoints] = {}
    for expires_on, points in lots:
        month = (expires_on.year, expires_on.month)
        earlier = expiring.get(month, ExpiringPoints(expires_on, 0))
        expiring[month] = ExpiringPoints(earlier.expires_on, earlier.points + int(points))
    spend = connection.row(
        "SELECT coalesce(sum(amount_fen), 0) FROM sale WHERE mall_id = :mall AND member = :member "
        "AND sold_on >= :since AND taken_back = :no",
        mall=mall,
        member=member,
        since=add_months(today, -12),
        no=False,
    )
    spend_fen = int(spend[0]) if spend else 0
    above, missing_fen = next_tier(tier, spend_fen, policy)
    cards = _cards(connection, mall, member)
    warnings = []
    if state != "active":
        warnings.append(f"member.{state}")
    if owed:
        warnings.append("points.owed")
    if pin_disabled:
        warnings.append("member.pin_locked_until_lifted")
    if cards and not any(card.state == "issued" for card in cards):
        warnings.append("card.none_active")
    if connection.row(
        "SELECT 1 FROM card_alert WHERE mall_id = :mall AND member = :member AND at > :since LIMIT 1",
        mall=mall,
        member=member,
        since=now - CARD_ALERT_LASTS,
    ):
        warnings.append("card.alert_recent")
    return MemberPage(
        member=member,
        member_no=member_no,
        name=masked_name(name or ""),
        phone=masked_phone(phone or ""),
        surname=surname(name or ""),
        gender=gender or "",
        tier=tier,
        state=state,
        joined_on=joined_on,
        birthday_month=birthday.month if birthday else None,
        birthday_today=bool(birthday) and (birthday.month, birthday.day) == (today.month, today.day),
        usable=max(0, sum(int(points) for _, points in lots) - held - owed),
        held=held,
        owed=owed,
        spend_12_months_fen=spend_fen,
        next_tier=above,
        to_next_tier_fen=missing_fen,
        has_pin=pin is not None,
        expiring=tuple(expiring.values()),
        cards=cards,
        gifts_owed=_gifts_owed(connection, mall, member),
        timeline=_timeline(connection, mall, member, slip),
        warnings=tuple(warnings),
        as_of=now,
    )


def _cards(connection: Connection, mall: str, member: UUID) -> tuple[CardRow, ...]:
    rows = connection.rows(
        "SELECT number, kind, state, since FROM card WHERE mall_id = :mall AND member = :member "
        "AND state <> 'unknown' ORDER BY since DESC",
        mall=mall,
        member=member,
    )
    return tuple(CardRow(masked_card(number), number, kind, state, since) for number, kind, state, since in rows)


def _gifts_owed(connection: Connection, mall: str, member: UUID) -> tuple[OwedGift, ...]:
    rows = connection.rows(
        "SELECT r.operation_id, l.line, l.gift, g.name, l.quantity, r.desk, r.at "
        f"FROM {_LINES_OF_MEMBER} "
        "JOIN gift g ON g.mall_id = l.mall_id AND g.gift = l.gift "
        "LEFT JOIN reversal v ON v.mall_id = r.mall_id AND v.reverses = r.operation_id "
        f"WHERE {_OF_MEMBER} AND l.handed_out_by IS NULL AND v.operation_id IS NULL "
        "ORDER BY r.at, l.line",
        mall=mall,
        member=member,
    )
    return tuple(OwedGift(*row) for row in rows)


def _timeline(connection: Connection, mall: str, member: UUID, slip: UUID | None) -> tuple[TimelineEntry, ...]:
    """Movements of points, with the shop where there was one, and what happened without points; among them `slip`."""
    moved = (
        "SELECT j.operation_id, j.line, j.at, j.amount, s.amount_fen, h.name, o.verb, o.actor, o.desk, o.encoded, "
        "v.operation_id FROM journal j "
        "JOIN operation o ON o.mall_id = j.mall_id AND o.operation_id = j.operation_id "
        "LEFT JOIN sale s ON s.mall_id = j.mall_id AND s.operation_id = j.operation_id AND s.line = j.line "
        "LEFT JOIN shop h ON h.mall_id = s.mall_id AND h.shop = s.shop "
        "LEFT JOIN reversal v ON v.mall_id = j.mall_id AND v.reverses = j.operation_id "
        "WHERE j.mall_id = :mall AND j.account = :member "
    )
    others = (
        "SELECT o.operation_id, 0, o.at, 0, NULL, NULL, o.verb, o.actor, o.desk, o.encoded, v.operation_id "
        "FROM operation o LEFT JOIN reversal v ON v.mall_id = o.mall_id AND v.reverses = o.operation_id "
        "WHERE o.mall_id = :mall AND o.member = :member "
    )
    of_member: dict[str, object] = {"mall": mall, "member": member}
    rows = _each_once(
        connection.rows(moved + "ORDER BY j.at DESC LIMIT :most", most=TIMELINE_ENTRIES, **of_member),
        connection.rows(others + "ORDER BY o.at DESC LIMIT :most", most=TIMELINE_ENTRIES, **of_member),
    )[:TIMELINE_ENTRIES]
    if slip is not None and all(row[0] != slip for row in rows):
        rows += _each_once(
            connection.rows(moved + "AND j.operation_id = :slip ORDER BY j.line", slip=slip, **of_member),
            connection.rows(others + "AND o.operation_id = :slip", slip=slip, **of_member),
        )
    gifts = gift_names(connection, mall, [row[0] for row in rows if row[6] in {"redeem", "hand_out"}])
    settled = _hand_outs_of_reversed(connection, mall, member)
    return tuple(_entry(row, gifts, settled) for row in rows)


def _each_once(moved: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The newest first; an operation that moved points stands there with its movements alone."""
    seen = {row[0] for row in moved}
    rows = moved + [row for row in others if row[0] not in seen and row[6] in _KIND]
    return sorted(rows, key=lambda row: row[2], reverse=True)


def _hand_outs_of_reversed(connection: Connection, mall: str, member: UUID) -> set[UUID]:
    """Hand-outs whose redemption was undone, gift and all: there is nothing left of them to undo."""
    rows = connection.rows(
        f"SELECT l.handed_out_by FROM {_LINES_OF_MEMBER} "
        "JOIN reversal v ON v.mall_id = r.mall_id AND v.reverses = r.operation_id "
        f"WHERE {_OF_MEMBER} AND l.handed_out_by IS NOT NULL",
        mall=mall,
        member=member,
    )
    return {operation for (operation,) in rows}


def _entry(row: tuple[Any, ...], gifts: dict[UUID, str], settled: set[UUID]) -> TimelineEntry:
    operation, line, at, points, amount_fen, shop, verb, actor, desk, encoded, reversed_by = row
    if shop:
        label = shop
    elif operation in gifts:
        label = gifts[operation]
    else:
        body = json.loads(encoded)["body"] if verb in {"adjust_points", "reverse", "reveal"} else {}
        label = str(body.get("reason", ""))
    return TimelineEntry(
        operation=operation,
        line=line,
        kind=_KIND[verb],
        at=at,
        label=label,
        points=points,
        amount_fen=amount_fen,
        staff=actor,
        desk=desk,
        reversible=verb in REVERSIBLE and reversed_by is None and operation not in settled,
        reversed=reversed_by is not None or operation in settled,
    )


def gift_names(connection: Connection, mall: str, operations: list[UUID]) -> dict[UUID, str]:
    """ "保温杯 ×1、雨伞 ×2" of each redemption or hand-out named."""
    if not operations:
        return {}
    values = {f"o{number}": operation for number, operation in enumerate(operations)}
    listed = ", ".join(f"(:{name})" for name in values)
    some = (  # one after the other, each by its own index
        "SELECT l.operation_id, l.handed_out_by, g.name, l.quantity, l.line FROM wanted w CROSS JOIN redemption_line l "
        "JOIN gift g ON g.mall_id = l.mall_id AND g.gift = l.gift WHERE l.mall_id = :mall AND"
    )
    rows = connection.rows(
        f"WITH wanted (operation) AS (VALUES {listed}) {some} l.operation_id = w.operation "
        f"UNION {some} l.handed_out_by = w.operation ORDER BY line",
        mall=mall,
        **values,
    )
    wanted = set(operations)
    found: dict[UUID, list[str]] = {}
    for redemption, handed_out_by, name, quantity, _ in rows:
        for operation in {redemption, handed_out_by} & wanted:
            found.setdefault(operation, []).append(f"{name} ×{quantity}")
    return {operation: "、".join(parts) for operation, parts in found.items()}
