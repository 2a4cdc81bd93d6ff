"""The hub's database is put back to an earlier time: the desks hand in again what it lacks, and it counts once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg

from app.composition.hub import OpenHub, begin_feed, open_hub
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.credit_sale import CreditSale
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import SystemClock
from app.sync.envelope import instant
from app.sync.protocol import DeskState
from db.store import Store
from db.verify import verify
from tests.story.test_desk_and_hub_over_http import Counter, Served, a_member, enrolled, until
from tests.support.hub import HubMall, a_hub
from tests.support.mall import CHEAP_PINS, OTHER_SUPERVISOR, PINS, SUPERVISOR, refused


@contextmanager
def running(served: Served, url: str, mall: str, *desks: At) -> Iterator[OpenHub]:
    """The hub's process, on the database `url`, at the address that the desks know."""
    with open_hub(url, mall, connections=2, pins=CHEAP_PINS) as opened:
        served.mall = cast(HubMall, opened)
        served.start()
        for each in desks:
            each.link.hurry()
        try:
            yield opened
        finally:
            served.stop()


def copied(server: str, url: str) -> str:
    """A database as `url` stands now: what a recovery to a point in time gives back. Nobody may be connected."""
    whose = urlsplit(url).path.removeprefix("/")
    name = f"put_back_{uuid4().hex}"
    with psycopg.connect(server.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {whose}".encode())
    return url.replace(f"/{whose}?", f"/{name}?", 1)


class At:
    """A desk at its counter, with a supervisor beside the clerk."""

    def __init__(self, counter: Counter) -> None:
        self.desk, self.link, self.clerk = counter.desk, counter.link, counter.session
        signed_in = SignIn(staff=SUPERVISOR)
        self.desk.authority.submit(Submission((signed_in,), None, pin=PINS[SUPERVISOR]))
        self.supervisor = signed_in.id

    def is_settled(self) -> bool:
        return self.link.following.waiting().count == 0 and self.link.status().floor_used == 0

    def do(self, operation: Operation, session: UUID, approver: str | None = None, pin: str | None = None) -> None:
        approval = ApprovalGiven(approver, PINS[approver]) if approver else None
        self.desk.authority.submit(Submission((operation,), session, approval, pin=pin))


def stands(url: str, mall: str, member: UUID) -> dict[str, Any]:
    """What may not be lost: every operation of the desks, the balance, the stock."""
    store = Store.open(url, None)
    try:
        found: dict[str, Any] = {
            "operations": set(
                store.read(
                    lambda connection: connection.rows(
                        "SELECT operation_id, hash FROM operation WHERE mall_id = :mall AND desk IN ('K1', 'K2')",
                        mall=mall,
                    )
                )
            ),
            "points": store.read(
                lambda connection: connection.row(
                    "SELECT posted, held, owed FROM account WHERE mall_id = :mall AND account = :member",
                    mall=mall,
                    member=member,
                )
            ),
            "stock": store.read(
                lambda connection: connection.rows(
                    "SELECT desk, gift, on_hand, reserved FROM stock WHERE mall_id = :mall ORDER BY desk, gift",
                    mall=mall,
                )
            ),
        }
        assert verify(store, mall) == []
        return found
    finally:
        store.close()


def a_shop_sale(member: UUID, number: str, yuan: int) -> CreditSale:
    sold_at = instant(SystemClock().wall_ms() - 60_000)
    return CreditSale(member=member, shop="S1", slip_number=number, sold_at=sold_at, amount_fen=yuan * 100)


def test_desks_hand_in_again_what_a_hub_lacks_that_was_put_back(
    fresh_postgres: str, postgres_url: str, tmp_path: Path
) -> None:
    with a_hub(fresh_postgres, clock=SystemClock()) as made:
        served = Served(made)
        one, other = (At(Counter(enrolled(served, name, at, tmp_path))) for name, at in (("K1", 11), ("K2", 12)))
        member, card = a_member(made, 1_000)
        mall = made.name
        for each in (one, other):  # they stand before both
            assert each.desk.queries.card_holder(PresentedCard(card)).member == member
        until(lambda: one.is_settled() and other.is_settled())
        served.stop()
    put_back = copied(postgres_url, fresh_postgres)
    with running(served, fresh_postgres, mall, one, other):
        until(lambda: one.link.is_online and other.link.is_online)
        one.do(a_shop_sale(member, "B1", 300), one.clerk)
        redeem_at(one, member, 2)
        adjust = AdjustPoints(member=member, change=50, reason="goodwill", note="补偿")
        other.do(adjust, other.supervisor, OTHER_SUPERVISOR, PINS[SUPERVISOR])
        other.do(a_shop_sale(member, "B2", 20), other.clerk)
        until(lambda: one.is_settled() and other.is_settled())
    before = stands(fresh_postgres, mall, member)
    assert before["points"] == (1_000 + 300 - 200 + 50 + 20, 0, 0)

    # Nobody has told the hub yet that it was put back: it takes no desk for a copied one.
    with running(served, put_back, mall, one, other) as opened:
        for each in (one, other):
            until(lambda each=each: each.link.status().trouble == "hub.put_back")  # type: ignore[misc]
            known = opened.store.desk(each.desk.settings.desk)
            assert known is not None
            assert known.state is DeskState.ACTIVE
    with refused("approval.required"):
        told_by(put_back, mall, approver=None)
    told_by(put_back, mall)
    with running(served, put_back, mall, one, other):
        for each in (one, other):
            each.link.hurry()
            until(lambda each=each: each.link.is_online and each.is_settled())  # type: ignore[misc]
        for each in (one, other):  # both have read again what both handed in
            until(lambda each=each: each.desk.queries.member_page(member).usable == 1_170)  # type: ignore[misc]
        until(lambda: may_redeem_at(other, member, 1))
        until(lambda: one.desk.queries.member_page(member).usable == 1_070)
        until(lambda: one.is_settled() and other.is_settled())
    for each in (one, other):
        each.desk.close()
    after = stands(put_back, mall, member)
    assert before["operations"] < after["operations"], "every operation, with the same bytes"
    assert after["points"] == (1_070, 0, 0)
    assert [row for row in after["stock"] if row[0] == "K1"] == [row for row in before["stock"] if row[0] == "K1"]
    assert tasks(put_back, mall) == []


def redeem_at(at: At, member: UUID, cups: int) -> None:
    at.do(Redeem(member=member, lines=(RedemptionLine("CUP", cups, 100),)), at.clerk, SUPERVISOR)


def may_redeem_at(at: At, member: UUID, cups: int) -> bool:
    """Until every desk has said how it stands, the hub gives no points away (docs/adr/0012)."""
    try:
        redeem_at(at, member, cups)
    except Refused as refusal:
        if refusal.code != "hub.not_settled":
            raise
        return False
    return True


def told_by(url: str, mall: str, approver: str | None = SUPERVISOR, since: datetime | None = None) -> None:
    begin_feed(
        url,
        mall,
        administrator="9001",
        pin=PINS["9001"],
        approver=approver or "",
        approver_pin=PINS[approver] if approver else "",
        since=since,
        pins=CHEAP_PINS,
    )


def tasks(url: str, mall: str) -> list[str]:
    store = Store.open(url, None)
    try:
        rows = store.read(
            lambda connection: connection.rows(
                "SELECT verb, code, facts FROM exception_task WHERE mall_id = :mall", mall=mall
            )
        )
        return [f"{verb} {code} {json.loads(facts)}" for verb, code, facts in rows]
    finally:
        store.close()


def test_the_time_that_was_lost_cannot_begin_in_the_future(fresh_postgres: str) -> None:
    with a_hub(fresh_postgres, clock=SystemClock()) as made:
        mall = made.name
    with refused("feed.since_to_come"):
        told_by(fresh_postgres, mall, since=datetime.now(UTC) + timedelta(minutes=1))
