"""Everything else that screens and slips ask of a desk's store."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.card_code import PresentedCard, looks_like_member_code
from app.domain.errors import Refused
from app.domain.masking import masked_name
from app.domain.offline_rules import OfflineRules
from app.domain.pinyin import search_keys
from app.domain.policy import Policy
from app.domain.signed_code import is_signed_code
from app.domain.staff import RIGHTS, Right, Role, Staff
from app.operations.export_card_numbers import ExportCardNumbers
from app.operations.print_card_face import PrintCardFace
from app.operations.reverse import REVERSIBLE
from app.ports.clock import Clock
from app.ports.devices import CardContents
from app.queries.rows import (
    CardBatchRow,
    CardFace,
    CardHolder,
    CatalogueGift,
    DeskStatus,
    ExportedCard,
    Found,
    GiftRow,
    Guest,
    HoldRow,
    LeaseRow,
    MemberPage,
    OperationRow,
    ShopRow,
    StaffRow,
    StaffTile,
)
from app.queries.slips import RedemptionSlip
from app.sync import codec
from app.sync.envelope import decoded, instant
from db.connection import Connection
from db.queries import cards, members, search
from db.queries.slips import slip_of
from db.repositories.staff import find_staff
from db.store import Store
from db.work import PolicyCache

_HAS_CARD = (
    "EXISTS (SELECT 1 FROM approval_card c WHERE c.mall_id = staff.mall_id AND c.staff = staff.staff "
    "AND c.ended_at IS NULL)"
)


class SqlQueries:
    def __init__(self, store: Store, mall: str, desk: str, clock: Clock) -> None:
        self._store = store
        self._mall = mall
        self._desk = desk
        self._clock = clock
        self._policies = PolicyCache(mall)

    def _now(self) -> datetime:
        return instant(self._clock.wall_ms())

    # -- people ------------------------------------------------------------------------------------------------------

    def staff(self) -> tuple[StaffTile, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                f"SELECT staff, name, role, {_HAS_CARD} FROM staff WHERE mall_id = :mall AND closed_at IS NULL "
                "ORDER BY staff",
                mall=self._mall,
            )
        )
        return tuple(
            StaffTile(staff, name, role, Right.APPROVE in RIGHTS[Role(role)], has_card=bool(card))
            for staff, name, role, card in rows
        )

    def staff_roll(self) -> tuple[StaffRow, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                f"SELECT staff, name, role, failures, locked_until, disabled, closed_at, {_HAS_CARD} FROM staff "
                "WHERE mall_id = :mall ORDER BY staff",
                mall=self._mall,
            )
        )
        return tuple(
            StaffRow(staff, name, role, failures, until, for_good, bool(card), closed is not None)
            for staff, name, role, failures, until, for_good, closed, card in rows
        )

    def session_staff(self, session: UUID) -> Staff:
        """Whose open session this is, at this desk. Raises Refused("session.unknown" | "session.ended")."""

        def look(connection: Connection) -> Staff:
            found = connection.row(
                "SELECT staff, desk, closed_at FROM session WHERE mall_id = :mall AND session = :session",
                mall=self._mall,
                session=session,
            )
            if found is None or found[1] != self._desk:
                raise Refused("session.unknown")
            if found[2] is not None:
                raise Refused("session.ended")
            person = find_staff(connection, self._mall, found[0])
            if person.closed:
                raise Refused("staff.closed", name=person.name)
            return person

        return self._store.read(look)

    # -- members -----------------------------------------------------------------------------------------------------

    def find_members(self, typed: str) -> Found:
        return self.find_here(typed)

    def find_here(self, typed: str) -> Found:
        return self._store.read(lambda connection: search.find_members(connection, self._mall, typed[:60]))

    def member_by_card(self, number: str) -> UUID:
        holder = self.card_holder(PresentedCard(number))
        if isinstance(holder, Guest):
            raise holder.not_ours()
        return holder.member

    def policy(self) -> Policy:
        def look(connection: Connection) -> Policy:
            found = connection.row("SELECT policy_version FROM mall WHERE mall_id = :mall", mall=self._mall)
            return self._policies.get(connection, found[0] if found else 0)[1]

        return self._store.read(look)

    def offline_rules(self) -> OfflineRules:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT name, value FROM setting WHERE mall_id = :mall AND name LIKE 'offline%'", mall=self._mall
            )
        )
        return OfflineRules.of(dict(rows))

    def member_page(self, member: UUID, slip: UUID | None = None) -> MemberPage:
        def look(connection: Connection) -> MemberPage:
            mall = connection.row("SELECT zone, policy_version FROM mall WHERE mall_id = :mall", mall=self._mall)
            zone, version = mall or (DEFAULT_ZONE, 0)
            now = self._now()
            _, policy = self._policies.get(connection, version)
            return members.member_page(connection, self._mall, member, now, business_day(now, zone), policy, slip)

        return self._store.read(look)

    def revealed(self, operation: UUID, by: str | None = None) -> str:
        """The value that a `reveal` operation asked for; with `by`, only for the person who did. Raises
        Refused("reveal.over") after its seconds."""

        def look(connection: Connection) -> str:
            found = connection.row(
                "SELECT o.at, o.desk, o.result, r.field, r.staff, p.name, p.phone, p.birthday FROM reveal r "
                "JOIN operation o ON o.mall_id = r.mall_id AND o.operation_id = r.operation_id "
                "LEFT JOIN person p ON p.mall_id = r.mall_id AND p.member = r.member "
                "WHERE r.mall_id = :mall AND r.operation_id = :operation",
                mall=self._mall,
                operation=operation,
            )
            if found is None or found[1] != self._desk:
                raise Refused("operation.unknown")
            at, _, result, field, staff, name, phone, birthday = found
            if by is not None and by != staff:
                raise Refused("operation.unknown")
            if abs(self._now() - at) > timedelta(seconds=json.loads(result)["seconds"]):
                raise Refused("reveal.over")
            return str({"name": name, "phone": phone, "birthday": birthday}[field] or "")

        return self._store.read(look)

    # -- cards -------------------------------------------------------------------------------------------------------

    def free_card_number(self, kind: str = "physical") -> str:
        return self._store.read(lambda connection: cards.free_card_number(connection, self._mall, self._desk, kind))

    def guest(self, digits: str) -> Guest:
        raise Refused("member.unknown")  # of another mall only a hub knows

    def card_holder(self, seen: PresentedCard) -> CardHolder | Guest:
        return self.own_card_holder(seen)

    def own_card_holder(self, seen: PresentedCard) -> CardHolder:
        def look(connection: Connection) -> CardHolder:
            now = self._now()
            if looks_like_member_code(seen.number):
                return cards.member_code_holder(connection, self._mall, seen, now)
            if is_signed_code(seen.number):
                zone = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=self._mall)
                today = business_day(now, zone[0] if zone else DEFAULT_ZONE)
                member, slip = members.member_by_code(connection, self._mall, seen.number, today)
                return CardHolder(member, None, slip=slip)
            return cards.card_holder(connection, self._mall, self._desk, seen, now)

        return self._store.read(look)

    def card_to_write(self, number: str, *, member: UUID | None = None, name: str = "") -> tuple[CardContents, int]:
        def look(connection: Connection) -> tuple[CardContents, int]:
            called = name if member is None else cards.name_of(connection, self._mall, member)
            return cards.card_to_write(connection, self._mall, number, called, business_day(self._now()))

        return self._store.read(look)

    def card_batches(self) -> tuple[CardBatchRow, ...]:
        return self._store.read(lambda connection: cards.card_batches(connection, self._mall))

    def next_card_serial(self) -> int:
        return self._store.read(lambda connection: cards.next_card_serial(connection, self._mall, self._desk))

    def exported_cards(self, operation: UUID, by: str) -> tuple[ExportedCard, ...]:
        def look(connection: Connection) -> tuple[range, frozenset[int], str, bytes]:
            _, result = self._asked(connection, operation, ExportCardNumbers.verb, by)
            return cards.exported(connection, self._mall, int(json.loads(result)["first_serial"]))

        return cards.numbers_of(*self._store.read(look), business_day(self._now()))

    def card_face(self, operation: UUID, by: str) -> CardFace:
        def look(connection: Connection) -> CardFace:
            encoded, _ = self._asked(connection, operation, PrintCardFace.verb, by)
            body = decoded(encoded).body
            return cards.card_face(connection, self._mall, UUID(body["member"]), body["number"])

        return self._store.read(look)

    def _asked(self, connection: Connection, operation: UUID, verb: str, by: str) -> tuple[bytes, bytes]:
        """(body, result) of an operation of this desk that asked for something, for the person who did."""
        found = connection.row(
            "SELECT encoded, result FROM operation WHERE mall_id = :mall AND operation_id = :operation "
            "AND desk = :desk AND verb = :verb AND actor = :by",
            mall=self._mall,
            operation=operation,
            desk=self._desk,
            verb=verb,
            by=by,
        )
        if found is None:
            raise Refused("operation.unknown")
        return found[0], found[1]

    # -- shelf -------------------------------------------------------------------------------------------------------

    def gifts(self) -> tuple[GiftRow, ...]:
        def look(connection: Connection) -> tuple[GiftRow, ...]:
            here = connection.rows(
                "SELECT g.gift, g.name, g.points, g.value_fen, "
                "coalesce(s.on_hand, 0), coalesce(s.reserved, 0), g.coupon_days "
                "FROM gift g LEFT JOIN stock s ON s.mall_id = g.mall_id AND s.gift = g.gift AND s.desk = :desk "
                "WHERE g.mall_id = :mall AND g.on_offer = :yes ORDER BY g.points, g.gift",
                mall=self._mall,
                desk=self._desk,
                yes=True,
            )
            there: dict[str, list[tuple[str, int]]] = {}
            for gift, desk_name, free in connection.rows(
                "SELECT s.gift, d.name, s.on_hand - s.reserved FROM stock s "
                "JOIN desk d ON d.mall_id = s.mall_id AND d.desk = s.desk "
                "WHERE s.mall_id = :mall AND s.desk <> :desk AND s.on_hand > s.reserved ORDER BY d.number",
                mall=self._mall,
                desk=self._desk,
            ):
                there.setdefault(gift, []).append((desk_name, int(free)))
            rows = [
                GiftRow(
                    gift,
                    name,
                    _typed_forms(name),
                    points,
                    value_fen,
                    on_hand,
                    reserved,
                    tuple(there.get(gift, ())),
                    is_coupon=days is not None,
                )
                for gift, name, points, value_fen, on_hand, reserved, days in here
            ]
            return tuple(sorted(rows, key=lambda row: row.free <= 0))

        return self._store.read(look)

    def catalogue(self) -> tuple[CatalogueGift, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT gift, name, points, value_fen, on_offer, coupon_days, coupon_shops, coupon_terms FROM gift "
                "WHERE mall_id = :mall ORDER BY gift",
                mall=self._mall,
            )
        )
        return tuple(
            CatalogueGift(gift, name, _typed_forms(name), points, value_fen, bool(on_offer), *coupon)
            for gift, name, points, value_fen, on_offer, *coupon in rows
        )

    def leases(self, member: UUID) -> tuple[LeaseRow, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT lease, points, remaining, until FROM lease WHERE mall_id = :mall AND desk = :desk "
                "AND member = :member AND ended_by IS NULL AND remaining > 0 ORDER BY until, lease",
                mall=self._mall,
                desk=self._desk,
                member=member,
            )
        )
        return tuple(LeaseRow(*row) for row in rows)

    def holds(self, member: UUID) -> tuple[HoldRow, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT h.operation_id, h.points, o.at, o.actor, o.encoded, k.key FROM hold h "
                "CROSS JOIN operation o LEFT JOIN subject_key k ON k.mall_id = h.mall_id AND k.subject = h.account "
                "WHERE h.mall_id = :mall AND h.account = :member AND h.resolved_by IS NULL AND o.mall_id = h.mall_id "
                "AND o.operation_id = h.operation_id ORDER BY o.at",
                mall=self._mall,
                member=member,
            )
        )
        return tuple(
            HoldRow(hold, points, at, actor, _note(hold, encoded, key))
            for hold, points, at, actor, encoded, key in rows
        )

    def shops(self) -> tuple[ShopRow, ...]:
        rows = self._store.read(
            lambda connection: connection.rows(
                "SELECT shop, name, category FROM shop WHERE mall_id = :mall ORDER BY shop", mall=self._mall
            )
        )
        return tuple(ShopRow(shop, name, _typed_forms(name), category) for shop, name, category in rows)

    # -- log ---------------------------------------------------------------------------------------------------------

    def recent_operations(self, limit: int = 50, verb: str | None = None) -> tuple[OperationRow, ...]:
        return self._store.read(partial(self._recent, limit=limit, verb=verb))

    def _recent(self, connection: Connection, *, limit: int, verb: str | None) -> tuple[OperationRow, ...]:
        rows = connection.rows(
            "SELECT o.operation_id, o.verb, o.at, o.actor, o.approver, o.desk, o.member, p.name, o.encoded, o.result, "
            "v.operation_id FROM operation o "
            "LEFT JOIN person p ON p.mall_id = o.mall_id AND p.member = o.member "
            "LEFT JOIN reversal v ON v.mall_id = o.mall_id AND v.reverses = o.operation_id "
            "WHERE o.mall_id = :mall AND o.desk = :desk" + (" AND o.verb = :verb" if verb else "") + " "
            "ORDER BY o.epoch DESC, o.sequence DESC LIMIT :limit",
            mall=self._mall,
            desk=self._desk,
            limit=limit,
            **({"verb": verb} if verb else {}),
        )
        gifts = members.gift_names(connection, self._mall, [row[0] for row in rows if row[1] in {"redeem", "hand_out"}])
        return tuple(_operation_row(row, gifts) for row in rows)

    def desk_status(self) -> DeskStatus:
        def look(connection: Connection) -> DeskStatus:
            found = connection.row(
                "SELECT m.name, d.name, d.sequence, (SELECT count(*) FROM print_job p WHERE p.mall_id = d.mall_id "
                "AND p.desk = d.desk AND p.state IN ('queued', 'failed', 'sending', 'waiting', 'uncertain')) "
                "FROM desk d JOIN mall m ON m.mall_id = d.mall_id WHERE d.mall_id = :mall AND d.desk = :desk",
                mall=self._mall,
                desk=self._desk,
            )
            if found is None:
                raise Refused("desk.unknown", desk=self._desk)
            mall_name, desk_name, operations, waiting = found
            return DeskStatus(self._mall, mall_name, self._desk, desk_name, waiting, operations)

        return self._store.read(look)

    def setting(self, name: str) -> str | None:
        found = self._store.read(
            lambda connection: connection.row(
                "SELECT value FROM setting WHERE mall_id = :mall AND name = :name", mall=self._mall, name=name
            )
        )
        return found[0] if found else None

    # -- paper -------------------------------------------------------------------------------------------------------

    def redemption_slip(self, operation: UUID) -> RedemptionSlip:
        read = partial(slip_of, mall=self._mall, operation=operation, document="redemption")
        slip = self._store.read(read)
        assert isinstance(slip, RedemptionSlip), "asked for by the name of its document"
        return slip


def _typed_forms(name: str) -> str:
    """What may be typed to pick it: full pinyin and initials of each reading."""
    return " ".join(f"{full} {initials}" for full, initials in search_keys(name))


def _note(operation: UUID, encoded: bytes, key: bytes | None) -> str:
    """What was written down with an operation; empty where the member has been erased."""
    try:
        return str(codec.opened_body(operation, json.loads(encoded)["body"], key).get("note", ""))
    except codec.Erased:
        return ""


def _operation_row(row: tuple[Any, ...], gifts: dict[UUID, str]) -> OperationRow:
    operation, verb, at, actor, approver, desk, member, name, encoded, result, reversed_by = row
    facts = json.loads(result)
    body = json.loads(encoded)["body"]
    summary = gifts.get(operation) or str(body.get("slip_number") or body.get("reason") or body.get("staff") or "")
    points = facts.get("points", 0)
    if verb == "redeem":
        points = -points
    elif verb == "adjust_points":
        points = body["change"]
    return OperationRow(
        operation=operation,
        verb=verb,
        at=at,
        staff=actor,
        approver=approver,
        desk=desk,
        member=member,
        member_name=masked_name(name or ""),
        summary=summary,
        points=points if isinstance(points, int) else 0,
        reversible=verb in REVERSIBLE and reversed_by is None,
        reversed=reversed_by is not None,
    )
