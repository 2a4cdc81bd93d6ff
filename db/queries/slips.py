"""What stands on a slip, read back from the operation it belongs to.

Figures that were true when the operation took effect come from its own result; names, tier and card are those of now.
A statement is worked out as of its own operation, so that a copy says what the first print said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypedDict
from uuid import UUID

from app.domain.calendar import business_day
from app.domain.errors import Refused
from app.domain.masking import masked_card, masked_name, masked_phone
from app.domain.self_test import Check
from app.domain.signed_code import CouponCode, ReceiptCode, code_key, number_of
from app.domain.slip_look import DOCUMENT_NAMES, LEFT_OUT_AT_FIRST, Logo, SlipLook, in_order
from app.operations.reprint_slip import DOCUMENTS_OF
from app.operations.set_slip_lines import AS_ALL, LEFT_OUT, left_out_setting
from app.operations.set_slip_logo import LOGO
from app.operations.set_slip_text import FOOTER, HEADING
from app.queries.rows import ExpiringPoints
from app.queries.slips import (
    AdjustmentSlip,
    AnySlip,
    CardSlip,
    ConsentSlip,
    CouponLine,
    CouponsSlip,
    CreditSlip,
    DailyReportSlip,
    GiftLine,
    GuestRedemptionSlip,
    HandOutSlip,
    Movement,
    QueuedSlip,
    RedemptionSlip,
    ReversalSlip,
    SelfTestSlip,
    SlipLine,
    StatementSlip,
    StockLine,
    StockReceiptSlip,
)
from app.sync.protocol import Reported, from_json
from db.connection import Connection
from db.queries.members import gift_names
from db.queries.reports import daily_report
from db.repositories.cards import card_secrets
from db.repositories.staff import find_staff
from db.store import Store

MOVEMENTS = 15


class SlipPart(TypedDict):
    operation: UUID
    code: str
    mall_name: str
    desk_name: str
    staff: str
    approver: str | None
    at: datetime
    zone: str
    look: SlipLook
    reversed: bool


class MemberPart(TypedDict):
    member_name: str
    member_no: str
    card: str
    tier: str


@dataclass(frozen=True)
class Done:
    """The operation of which a slip tells."""

    connection: Connection
    mall: str
    operation: UUID
    verb: str
    at: datetime
    zone: str
    member: UUID | None
    body: Mapping[str, Any]
    result: Mapping[str, Any]
    slip: SlipPart

    def row(self, sql: str, **values: object) -> tuple[Any, ...] | None:
        return self.connection.row(sql, mall=self.mall, **values)

    def rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        return self.connection.rows(sql, mall=self.mall, **values)

    def about_member(self) -> MemberPart:
        found = self.row(
            "SELECT m.member_no, m.tier, p.name FROM member m "
            "LEFT JOIN person p ON p.mall_id = m.mall_id AND p.member = m.member "
            "WHERE m.mall_id = :mall AND m.member = :member",
            member=self.member,
        )
        if found is None:
            return {"member_name": "", "member_no": "", "card": "", "tier": ""}
        member_no, tier, name = found
        card = self.row(
            "SELECT number FROM card WHERE mall_id = :mall AND member = :member AND state = 'issued' "
            "AND number NOT LIKE '~%' "  # known by its keyed hash only: there is nothing to print of it
            "ORDER BY since DESC LIMIT 1",
            member=self.member,
        )
        return {
            "member_name": masked_name(name or ""),
            "member_no": member_no,
            "card": masked_card(card[0]) if card else "",
            "tier": tier,
        }


class SqlSlips:
    """`app.queries.slips.SlipQueries` of one desk."""

    def __init__(self, store: Store, mall: str, desk: str) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk

    def slip(self, operation: UUID, document: str) -> AnySlip:
        return self._store.read(partial(slip_of, mall=self._mall, operation=operation, document=document))

    def queue(self, limit: int = 100) -> tuple[QueuedSlip, ...]:
        rows: list[Any] = self._store.read(
            lambda connection: connection.rows(
                "SELECT j.job, j.operation_id, j.document, j.copy, j.state, j.cause, j.queued_at, o.actor, p.name, "
                "m.member_no FROM print_job j "
                "LEFT JOIN operation o ON o.mall_id = j.mall_id AND o.operation_id = j.operation_id "
                "LEFT JOIN member m ON m.mall_id = o.mall_id AND m.member = o.member "
                "LEFT JOIN person p ON p.mall_id = o.mall_id AND p.member = o.member "
                "WHERE j.mall_id = :mall AND j.desk = :desk ORDER BY j.queued_at DESC, j.copy DESC LIMIT :limit",
                mall=self._mall,
                desk=self._desk,
                limit=limit,
            )
        )
        return tuple(_queued(*row) for row in rows)

    def look(self) -> SlipLook:
        return self._store.read(partial(slip_look, mall=self._mall))


def _queued(
    job: UUID,
    operation: UUID,
    document: str,
    copy: int,
    state: str,
    cause: str | None,
    queued_at: datetime,
    staff: str | None,
    name: str | None,
    member_no: str | None,
) -> QueuedSlip:
    who = masked_name(name or "")
    return QueuedSlip(job, operation, document, copy, state, cause, queued_at, staff or "", who, member_no or "")


def slip_look(connection: Connection, *, mall: str) -> SlipLook:
    own = {left_out_setting(document): document for document in DOCUMENT_NAMES}
    rows = connection.rows(
        "SELECT name, value FROM setting WHERE mall_id = :mall "
        "AND (name IN (:heading, :footer, :logo) OR name LIKE :left_out)",
        mall=mall,
        heading=HEADING,
        footer=FOOTER,
        logo=LOGO,
        left_out=f"{LEFT_OUT}%",
    )
    found: dict[str, str] = dict(rows)
    width, _, dots = found.get(LOGO, "").partition(" ")
    return SlipLook(
        heading=tuple(found.get(HEADING, "").splitlines()),
        footer=tuple(found.get(FOOTER, "").splitlines()),
        logo=Logo(int(width), dots) if dots else None,
        left_out=in_order(found[LEFT_OUT].split()) if LEFT_OUT in found else LEFT_OUT_AT_FIRST,
        own=tuple(
            (document, in_order(found[name].split()))
            for name, document in own.items()
            if found.get(name, AS_ALL) != AS_ALL
        ),
    )


def slip_of(connection: Connection, *, mall: str, operation: UUID, document: str) -> AnySlip:
    """Raises Refused("operation.unknown") where the operation is not there or has no such document."""
    found = connection.row(
        "SELECT o.verb, o.at, o.actor, o.approver, o.member, o.encoded, o.result, d.name, h.name, h.zone, "
        "v.operation_id FROM operation o JOIN mall h ON h.mall_id = o.mall_id "
        "JOIN desk d ON d.mall_id = o.mall_id AND d.desk = o.desk "
        "LEFT JOIN reversal v ON v.mall_id = o.mall_id AND v.reverses = o.operation_id "
        "WHERE o.mall_id = :mall AND o.operation_id = :operation",
        mall=mall,
        operation=operation,
    )
    if found is None or document not in DOCUMENTS_OF.get(found[0], ()):
        raise Refused("operation.unknown")
    verb, at, actor, approver, member, encoded, result, desk_name, mall_name, zone, reversed_by = found
    body = json.loads(encoded)["body"]
    done = Done(
        connection,
        mall,
        operation,
        verb,
        at.astimezone(UTC),
        zone,
        member,
        body,
        json.loads(result),
        {
            "operation": operation,
            "code": ReceiptCode(number_of(operation), body.get("amount_fen", 0)).signed(
                code_key(card_secrets(connection, mall)[1])
            ),
            "mall_name": mall_name,
            "desk_name": desk_name,
            "staff": _who(connection, mall, actor),
            "approver": _who(connection, mall, approver) if approver else None,
            "at": at.astimezone(UTC),
            "zone": zone,
            "look": slip_look(connection, mall=mall).of(document),
            "reversed": reversed_by is not None,
        },
    )
    return _READ[document](done)


def _who(connection: Connection, mall: str, staff: str) -> str:
    return "MemberDesk" if staff == "system" else f"{staff} {find_staff(connection, mall, staff).name}"


def _redemption(done: Done) -> RedemptionSlip:
    lines = done.rows(
        "SELECT g.name, l.quantity, l.points, l.handed_out_by FROM redemption_line l "
        "JOIN gift g ON g.mall_id = l.mall_id AND g.gift = l.gift "
        "WHERE l.mall_id = :mall AND l.operation_id = :operation ORDER BY l.line",
        operation=done.operation,
    )
    soonest = done.row(
        "SELECT expires_on, sum(remaining) FROM lot WHERE mall_id = :mall AND account = :member AND remaining > 0 "
        "AND expires_on >= :today GROUP BY expires_on ORDER BY expires_on LIMIT 1",
        member=done.member,
        today=business_day(done.at, done.zone),
    )
    return RedemptionSlip(
        **done.slip,
        **done.about_member(),
        lines=tuple(SlipLine(gift, quantity, points) for gift, quantity, points, _ in lines),
        points=done.result["points"],
        usable_before=done.result["usable_before"],
        usable_after=done.result["usable_after"],
        expiring=ExpiringPoints(soonest[0], int(soonest[1])) if soonest else None,
        handed_out=all(by is not None for *_, by in lines),
    )


def _coupons(done: Done) -> CouponsSlip:
    """Raises Refused("operation.unknown") where the redemption gave none."""
    rows = done.rows(
        "SELECT c.line, c.piece, g.name, c.worth_fen, c.valid_from, c.until, c.shops, c.terms FROM coupon c "
        "JOIN gift g ON g.mall_id = c.mall_id AND g.gift = c.gift "
        "WHERE c.mall_id = :mall AND c.operation_id = :operation ORDER BY c.line, c.piece",
        operation=done.operation,
    )
    if not rows:
        raise Refused("operation.unknown")
    key = code_key(card_secrets(done.connection, done.mall)[1])
    coupons = []
    for line, piece, name, worth_fen, valid_from, until, shops, terms in rows:
        number = number_of(done.operation, line, piece)
        code = CouponCode(number, worth_fen, until).signed(key)
        coupons.append(CouponLine(number, code, name, worth_fen, valid_from, until, shops, terms))
    return CouponsSlip(**done.slip, **done.about_member(), coupons=tuple(coupons))


def _guest_redemption(done: Done) -> GuestRedemptionSlip:
    body = done.body
    codes = [line["gift"] for line in body["lines"]]
    names = {
        code: found[0]
        for code in codes
        if (found := done.row("SELECT name FROM gift WHERE mall_id = :mall AND gift = :gift", gift=code)) is not None
    }
    return GuestRedemptionSlip(
        **done.slip,
        home_name=body.get("home_name") or body["home"],
        member_no=body.get("member_no", ""),
        lines=tuple(
            SlipLine(names.get(line["gift"], line["gift"]), line["quantity"], line["quantity"] * line["points_each"])
            for line in body["lines"]
        ),
        points=done.result["points"],
    )


def _credit(done: Done) -> CreditSlip:
    shop = done.row("SELECT name FROM shop WHERE mall_id = :mall AND shop = :shop", shop=done.body["shop"])
    return CreditSlip(
        **done.slip,
        **done.about_member(),
        shop_name=shop[0] if shop else done.body["shop"],
        slip_number=done.body["slip_number"],
        sold_at=datetime.fromisoformat(done.body["sold_at"]),
        amount_fen=done.body["amount_fen"],
        points=done.result["points"],
        usable_after=done.result["usable_after"],
        expires_on=date.fromisoformat(done.result["expires_on"]),
        tier_before=done.result["tier_before"],
        tier_after=done.result["tier_after"],
    )


def _hand_out(done: Done) -> HandOutSlip:
    redemption = UUID(done.body["redemption"])
    quantities = {
        line: (gift, name, quantity)
        for line, gift, name, quantity in done.rows(
            "SELECT l.line, g.gift, g.name, l.quantity FROM redemption_line l "
            "JOIN gift g ON g.mall_id = l.mall_id AND g.gift = l.gift "
            "WHERE l.mall_id = :mall AND l.operation_id = :redemption",
            redemption=redemption,
        )
    }
    return HandOutSlip(
        **done.slip,
        **done.about_member(),
        redemption=redemption,
        # As asked: a line that was taken back and handed out again belongs to two hand-outs.
        lines=tuple(GiftLine(*quantities[line]) for line in done.body["lines"]),
        by_proxy=bool(done.body["proxy"]),
    )


def _card(done: Done) -> CardSlip:
    replaced = done.verb == "replace_card"
    number = done.body["new_number" if replaced else "number"]
    found = done.row("SELECT kind FROM card WHERE mall_id = :mall AND number = :number", number=number)
    kind = found[0] if found else "physical"
    return CardSlip(
        **done.slip,
        **done.about_member(),
        new_card=done.result["new" if replaced else "card"],
        old_card=done.result["old"] if replaced else None,
        kind=kind,
        qr=number if kind == "virtual" else "",
    )


def _reversal(done: Done) -> ReversalSlip:
    reverses = UUID(done.body["reverses"])
    undone = done.row("SELECT at FROM operation WHERE mall_id = :mall AND operation_id = :reverses", reverses=reverses)
    assert undone is not None, "a reversal names an operation that was there"
    return ReversalSlip(
        **done.slip,
        **done.about_member(),
        reverses=reverses,
        verb=done.result["verb"],
        reversed_at=undone[0].astimezone(UTC),
        reason=done.body["reason"],
        points=done.result["points"],
        usable_after=done.result["usable_after"],
        owed_after=done.result["owed_after"],
        goods_back=done.body["goods_back"],
    )


def _adjustment(done: Done) -> AdjustmentSlip:
    return AdjustmentSlip(
        **done.slip,
        **done.about_member(),
        change=done.body["change"],
        reason=done.body["reason"],
        usable_before=done.result["usable_before"],
        usable_after=done.result["usable_after"],
    )


def _stock_receipt(done: Done) -> StockReceiptSlip:
    lines = []
    for line in done.body["lines"]:
        gift = done.row("SELECT name, value_fen FROM gift WHERE mall_id = :mall AND gift = :gift", gift=line["gift"])
        name, value_fen = gift or (line["gift"], 0)
        lines.append(StockLine(line["gift"], name, line["quantity"], value_fen))
    return StockReceiptSlip(**done.slip, lines=tuple(lines), delivery_note=done.body["delivery_note"])


def _statement(done: Done) -> StatementSlip:
    today = business_day(done.at, done.zone)
    joined = done.row("SELECT joined_on FROM member WHERE mall_id = :mall AND member = :member", member=done.member)
    summed = done.row(
        "SELECT coalesce(sum(amount), 0), count(*) FROM journal "
        "WHERE mall_id = :mall AND account = :member AND at <= :at",
        member=done.member,
        at=done.at,
    )
    held = done.row(
        "SELECT coalesce(sum(h.points), 0) FROM hold h "
        "JOIN operation o ON o.mall_id = h.mall_id AND o.operation_id = h.operation_id "
        "LEFT JOIN operation r ON r.mall_id = h.mall_id AND r.operation_id = h.resolved_by "
        "WHERE h.mall_id = :mall AND h.account = :member AND o.at <= :at AND (r.at IS NULL OR r.at > :at)",
        member=done.member,
        at=done.at,
    )
    assert joined is not None, "a statement is about a member"
    assert summed is not None, "a sum has one row"
    assert held is not None, "a sum has one row"
    posted, count, points_held = int(summed[0]), int(summed[1]), int(held[0])
    left = _lots_left(done)
    lapsed = sum(points for day, points in left if day < today)
    by_month: dict[tuple[int, int], ExpiringPoints] = {}
    for day, points in left:
        if day >= today:
            earlier = by_month.get((day.year, day.month), ExpiringPoints(day, 0))
            by_month[day.year, day.month] = ExpiringPoints(earlier.expires_on, earlier.points + points)
    owed = sum(points for _, points in left) - posted
    movements = _movements(done, posted)
    return StatementSlip(
        **done.slip,
        **done.about_member(),
        joined_on=joined[0],
        posted=posted,
        held=points_held,
        owed=owed,
        lapsed=lapsed,
        usable=max(0, posted - points_held - lapsed),
        lots=tuple(by_month.values()),
        brought_forward=movements[0].balance - movements[0].points if movements else 0,
        movements=movements,
        earlier=count - len(movements),
    )


def _lots_left(done: Done) -> list[tuple[date, int]]:
    """(last day, points left) of each lot of this member at that moment, the soonest first."""
    made = done.rows(
        "SELECT l.operation_id, l.line, l.expires_on, l.quantity FROM journal j "
        "JOIN lot l ON l.mall_id = j.mall_id AND l.operation_id = j.operation_id AND l.line = j.line "
        "WHERE j.mall_id = :mall AND j.account = :member AND j.at <= :at",
        member=done.member,
        at=done.at,
    )
    used = done.rows(
        "SELECT u.source_id, u.source_line, sum(u.quantity) FROM "
        "(SELECT DISTINCT mall_id, operation_id FROM journal "
        "WHERE mall_id = :mall AND account = :member AND at <= :at) j "
        "JOIN lot_use u ON u.mall_id = j.mall_id AND u.operation_id = j.operation_id "
        "JOIN lot l ON l.mall_id = u.mall_id AND l.operation_id = u.source_id AND l.line = u.source_line "
        "WHERE l.account = :member GROUP BY u.source_id, u.source_line",
        member=done.member,
        at=done.at,
    )
    gone = {(source, line): int(quantity) for source, line, quantity in used}
    left = [(day, quantity - gone.get((source, line), 0)) for source, line, day, quantity in made]
    return sorted((day, points) for day, points in left if points)


def _movements(done: Done, posted: int) -> tuple[Movement, ...]:
    rows = done.rows(
        "SELECT j.operation_id, j.at, j.amount, o.verb, o.encoded, h.name FROM journal j "
        "JOIN operation o ON o.mall_id = j.mall_id AND o.operation_id = j.operation_id "
        "LEFT JOIN sale s ON s.mall_id = j.mall_id AND s.operation_id = j.operation_id AND s.line = j.line "
        "LEFT JOIN shop h ON h.mall_id = s.mall_id AND h.shop = s.shop "
        "WHERE j.mall_id = :mall AND j.account = :member AND j.at <= :at "
        "ORDER BY j.at DESC, o.sequence DESC, j.line DESC LIMIT :most",
        member=done.member,
        at=done.at,
        most=MOVEMENTS,
    )
    gifts = gift_names(done.connection, done.mall, [row[0] for row in rows if row[3] == "redeem"])
    found: list[Movement] = []
    balance = posted
    for operation, at, points, verb, encoded, shop in rows:
        label = shop or gifts.get(operation, "")
        if verb in {"adjust_points", "reverse"}:
            label = json.loads(encoded)["body"]["reason"]
        found.append(Movement(at.astimezone(UTC), verb, label, points, balance))
        balance -= points
    return tuple(reversed(found))


def _consent(done: Done) -> ConsentSlip:
    phone = done.row("SELECT phone FROM person WHERE mall_id = :mall AND member = :member", member=done.member)
    purposes = tuple((consent["purpose"], consent["text_version"]) for consent in done.body["consents"])
    return ConsentSlip(
        **done.slip, **done.about_member(), phone=masked_phone(phone[0]) if phone else "", purposes=purposes
    )


def _daily_report(done: Done) -> DailyReportSlip:
    day = date.fromisoformat(done.body["day"])
    kept = done.row(
        "SELECT report FROM told_report WHERE mall_id = :mall AND day = :day AND told_at <= :at "
        "ORDER BY told_at DESC LIMIT 1",
        day=day,
        at=done.at,
    )
    if kept is not None:  # of the whole mall, by its hub
        report = from_json(Reported, bytes(kept[0])).report
    else:
        report = daily_report(done.connection, mall=done.mall, day=day, as_of=done.at)
    return DailyReportSlip(**done.slip, report=report)


def _self_test(done: Done) -> SelfTestSlip:
    checks = tuple(Check(**check) for check in done.body["checks"])
    return SelfTestSlip(**done.slip, checks=checks, took_ms=done.body["took_ms"])


_READ: Mapping[str, Callable[[Done], AnySlip]] = {
    "redemption": _redemption,
    "coupon": _coupons,
    "credit": _credit,
    "guest_redemption": _guest_redemption,
    "hand_out": _hand_out,
    "card": _card,
    "reversal": _reversal,
    "adjustment": _adjustment,
    "stock_receipt": _stock_receipt,
    "statement": _statement,
    "consent": _consent,
    "daily_report": _daily_report,
    "self_test": _self_test,
}
