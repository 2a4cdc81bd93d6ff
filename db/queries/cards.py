"""Cards as they come to the counter, and the stock that they come from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.card import card_number
from app.domain.card_code import FIRST_ISSUE, PresentedCard, card_code, stripe_key
from app.domain.errors import Refused
from app.domain.stripe import written
from app.ports.devices import CardContents
from app.queries.rows import CardBatchRow, CardFace, CardHolder, ExportedCard
from db.connection import Connection
from db.queries.members import member_by_card
from db.queries.slips import slip_look
from db.repositories.cards import ANY_KIND, card_secrets, checked_member_code, is_void, voids_within

TWO_COUNTERS_WITHIN = timedelta(minutes=1)
_LOOK_AHEAD = 1_000  # numbers of a batch that are looked through for one that is free


def member_code_holder(connection: Connection, mall: str, seen: PresentedCard, now: datetime) -> CardHolder:
    """To know who stands there does not use a code up; to agree to something by it does (`PresentMemberCode`).

    Raises Refused("card.unknown" | "card.lost" … | "card.qr_false" | "card.qr_old" | "card.qr_used")."""
    code = checked_member_code(connection, mall, seen.number, now)
    member = member_by_card(connection, mall, code.number)
    used = connection.row(
        "SELECT 1 FROM card WHERE mall_id = :mall AND number = :number AND qr_step >= :step",
        mall=mall,
        number=code.number,
        step=code.step,
    )
    if used is not None:
        raise Refused("card.qr_used")
    return CardHolder(member, PresentedCard(code.number, seen.entry))


def card_holder(connection: Connection, mall: str, desk: str, seen: PresentedCard, now: datetime) -> CardHolder:
    """Raises Refused("card.unknown" | "card.lost" …)."""
    number = seen.number
    member = member_by_card(connection, mall, number)
    if seen.card_code is not None and seen.card_code != _code_of(connection, mall, number):
        return CardHolder(member, seen, "code_wrong")
    elsewhere = connection.row(
        "SELECT d.name FROM operation o JOIN desk d ON d.mall_id = o.mall_id AND d.desk = o.desk "
        "WHERE o.mall_id = :mall AND o.member = :member AND o.desk <> :desk AND o.at > :since LIMIT 1",
        mall=mall,
        member=member,
        desk=desk,
        since=now - TWO_COUNTERS_WITHIN,
    )
    return CardHolder(member, seen, "two_counters" if elsewhere else "", elsewhere[0] if elsewhere else "")


def _code_of(connection: Connection, mall: str, number: str) -> str:
    _, secret = card_secrets(connection, mall)
    found = connection.row(
        "SELECT issue FROM card WHERE mall_id = :mall AND number = :number", mall=mall, number=number
    )
    return card_code(number, found[0] if found else FIRST_ISSUE, stripe_key(secret))


def free_card_number(connection: Connection, mall: str, desk: str, kind: str) -> str:
    """Raises Refused("card.none_left")."""
    prefix, key = card_secrets(connection, mall)
    batches = connection.rows(
        "SELECT next_serial, first_serial + count FROM card_batch WHERE mall_id = :mall AND desk = :desk "
        "AND next_serial < first_serial + count AND kind IN (:kind, :any) "
        "ORDER BY CASE WHEN kind = :any THEN 1 ELSE 0 END, first_serial",
        mall=mall,
        desk=desk,
        kind=kind,
        any=ANY_KIND,
    )
    for next_serial, end in batches:
        for serial in range(next_serial, min(end, next_serial + _LOOK_AHEAD)):
            number = card_number(serial, prefix, key)
            taken = connection.row(
                "SELECT 1 FROM card WHERE mall_id = :mall AND number = :number", mall=mall, number=number
            )
            if taken is None and not is_void(connection, mall, serial):
                return number
    raise Refused("card.none_left")


def card_to_write(connection: Connection, mall: str, number: str, name: str, today: date) -> tuple[CardContents, int]:
    """What is to be written, and which issue of the card that is. `name` "" is that of the card's member."""
    _, secret = card_secrets(connection, mall)
    found = connection.row(
        "SELECT c.issue, p.name FROM card c LEFT JOIN person p ON p.mall_id = c.mall_id AND p.member = c.member "
        "WHERE c.mall_id = :mall AND c.number = :number",
        mall=mall,
        number=number,
    )
    issue = found[0] + 1 if found is not None else FIRST_ISSUE
    code = card_code(number, issue, stripe_key(secret))
    made = written(number, name or (found[1] or "" if found else ""), issue, code, today)
    return CardContents(number, made.track_1, made.track_2, made.chip), issue


def name_of(connection: Connection, mall: str, member: UUID) -> str:
    found = connection.row(
        "SELECT name FROM person WHERE mall_id = :mall AND member = :member", mall=mall, member=member
    )
    return found[0] if found else ""


def card_face(connection: Connection, mall: str, member: UUID, number: str) -> CardFace:
    found = connection.row(
        "SELECT p.name, m.tier, h.name FROM card c JOIN member m ON m.mall_id = c.mall_id AND m.member = c.member "
        "JOIN mall h ON h.mall_id = c.mall_id "
        "LEFT JOIN person p ON p.mall_id = c.mall_id AND p.member = c.member "
        "WHERE c.mall_id = :mall AND c.number = :number AND c.member = :member",
        mall=mall,
        number=number,
        member=member,
    )
    if found is None:
        raise Refused("card.not_this_member")
    name, tier, mall_name = found
    return CardFace(mall_name, number, name or "", tier, slip_look(connection, mall=mall).logo)


def card_batches(connection: Connection, mall: str) -> tuple[CardBatchRow, ...]:
    prefix, key = card_secrets(connection, mall)
    states: dict[int, dict[str, int]] = {}
    for first, state, cards in connection.rows(
        "SELECT b.first_serial, c.state, count(*) FROM card_batch b JOIN card c ON c.mall_id = b.mall_id "
        "AND c.serial >= b.first_serial AND c.serial < b.first_serial + b.count "
        "WHERE b.mall_id = :mall GROUP BY b.first_serial, c.state",
        mall=mall,
    ):
        states.setdefault(first, {})[state] = int(cards)
    rows = []
    for first, count, desk, kind, label, made_at in connection.rows(
        "SELECT b.first_serial, b.count, d.name, b.kind, b.label, b.made_at FROM card_batch b "
        "JOIN desk d ON d.mall_id = b.mall_id AND d.desk = b.desk WHERE b.mall_id = :mall ORDER BY b.first_serial",
        mall=mall,
    ):
        known = states.get(first, {})
        void = voids_within(connection, mall, first, count)
        rows.append(
            CardBatchRow(
                first_serial=first,
                count=count,
                label=label,
                kind=kind,
                desk_name=desk,
                made_at=made_at,
                first_number=card_number(first, prefix, key),
                in_stock=count - void - sum(known.values()),
                issued=known.get("issued", 0),
                lost=known.get("lost", 0),
                replaced=known.get("replaced", 0),
                void=void + known.get("void", 0),
            )
        )
    return tuple(rows)


def next_card_serial(connection: Connection, mall: str, desk: str) -> int:
    """Where a new batch of this desk may begin: behind its last one, in the room of the desk's own number."""
    found = connection.row(
        "SELECT (SELECT number FROM desk WHERE mall_id = :mall AND desk = :desk), "
        "(SELECT max(first_serial + count) FROM card_batch WHERE mall_id = :mall AND desk = :desk), "
        "(SELECT max(first_serial + count) FROM card_batch WHERE mall_id = :mall)",
        mall=mall,
        desk=desk,
    )
    assert found is not None
    number, own, last = found
    begins = own or number * DESK_ROOM + 1
    within = begins // DESK_ROOM == (begins - 1) // DESK_ROOM
    return int(begins if within else last)


DESK_ROOM = 10**9  # serials of one desk begin at its number times this (`app.composition.desk`)


def exported(connection: Connection, mall: str, first_serial: int) -> tuple[range, frozenset[int], str, bytes]:
    """The serials of the batch, those of them that are no stock any more, and what makes numbers of them."""
    prefix, secret = card_secrets(connection, mall)
    found = connection.row(
        "SELECT count FROM card_batch WHERE mall_id = :mall AND first_serial = :first", mall=mall, first=first_serial
    )
    if found is None:
        raise Refused("card.batch_unknown")
    serials = range(first_serial, first_serial + found[0])
    gone = {
        serial
        for (serial,) in connection.rows(
            "SELECT serial FROM card WHERE mall_id = :mall AND serial >= :first AND serial < :end",
            mall=mall,
            first=serials.start,
            end=serials.stop,
        )
    }
    for begins, ends in connection.rows(
        "SELECT first_serial, last_serial FROM card_void WHERE mall_id = :mall AND first_serial >= :first "
        "AND first_serial < :end",
        mall=mall,
        first=serials.start,
        end=serials.stop,
    ):
        gone.update(range(begins, ends + 1))
    return serials, frozenset(gone), prefix, secret


def numbers_of(
    serials: range, gone: frozenset[int], prefix: str, secret: bytes, made_on: date
) -> tuple[ExportedCard, ...]:
    """A tenth of a millisecond a number: call it without holding the store."""
    key = stripe_key(secret)
    cards = []
    for serial in serials:
        if serial not in gone:
            number = card_number(serial, prefix, secret)
            code = card_code(number, FIRST_ISSUE, key)
            cards.append(ExportedCard(serial, number, code, written(number, "", FIRST_ISSUE, code, made_on).track_2))
    return tuple(cards)
