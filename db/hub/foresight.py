"""What admitting an operation will ask of the store, as far as its envelope tells: asked in one round trip.

A guess that is wrong costs one small question; one that is missing, a round trip. What comes of an operation never
depends on it: whoever needs an answer asks for it, and finds it here already (`Connection.foresee`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.calendar import business_day
from app.sync.envelope import Envelope
from app.sync.hub import Expected
from db.connection import Engine, Statement
from db.repositories.members import about_member
from db.repositories.points import about_account, about_hold
from db.repositories.redemptions import about_redemption
from db.repositories.requests import about_grant, about_request
from db.repositories.sales import about_sale, about_shop
from db.repositories.staff import about_approval_keys, about_staff
from db.repositories.stock import about_gift, about_stock

_ENGINE: Engine = "postgresql"  # a hub stands on nothing else


def about_desk(mall: str, desk: str) -> tuple[Statement, Statement]:
    """How the hub stands with it, and its keys after the first."""
    named = {"mall": mall, "desk": desk}
    return (
        Statement(
            "SELECT d.number, d.public_key, h.state, h.must_enrol, h.seen_n, h.last_seen, h.program, h.kind "
            "FROM desk d JOIN hub_desk h ON h.mall_id = d.mall_id AND h.desk = d.desk "
            "WHERE d.mall_id = :mall AND d.desk = :desk",
            named,
        ),
        Statement("SELECT epoch, public_key FROM desk_key WHERE mall_id = :mall AND desk = :desk", named),
    )


def questions_of(coming: Envelope | Expected, mall: str, desk: str, zone: str) -> list[Statement]:
    """In the order of locks: the desk's row is locked before these, the account here."""
    asked = list(about_desk(mall, desk))
    if isinstance(coming, Expected):
        asked.append(about_request(mall, coming.id))
    asked += [about_staff(mall, staff) for staff in (coming.actor, coming.approver) if staff]
    if coming.approver:
        asked.append(about_approval_keys(mall, coming.approver))
    with suppress(KeyError, TypeError, ValueError, AttributeError):  # what cannot be read will be told so
        asked += _of_body(coming, mall, desk, zone)
    return asked


def _of_body(coming: Envelope | Expected, mall: str, desk: str, zone: str) -> Iterator[Statement]:
    body: Mapping[str, Any] = coming.body
    match coming.verb:
        case "redeem":
            yield from _of_member(mall, UUID(body["member"]))
            yield about_grant(mall, coming.id, desk, coming.at)
            for gift in dict.fromkeys(line["gift"] for line in body["lines"]):
                yield about_gift(mall, gift)
                yield about_stock(mall, desk, gift)
            if isinstance(coming, Envelope) and coming.basis and "hold" in coming.basis:
                yield about_hold(mall, UUID(coming.basis["hold"]))  # it is let go under the lock of the account
        case "credit_sale":
            yield from _of_member(mall, UUID(body["member"]))
            yield about_shop(mall, body["shop"])
            sold_on = business_day(datetime.fromisoformat(body["sold_at"]), zone)
            yield about_sale(mall, body["shop"], body["slip_number"], sold_on)
        case "hand_out":
            yield from about_redemption(_ENGINE, mall, UUID(body["redemption"]))


def _of_member(mall: str, member: UUID) -> Iterator[Statement]:
    yield from about_account(mall, member, locked=True)
    yield about_member(mall, member)
