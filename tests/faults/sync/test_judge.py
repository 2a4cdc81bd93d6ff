"""A check that cannot fail is a defect: each rule of the judge of `test_nemesis`, broken once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.operations.hand_out import HandOut
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.reprint_slip import ReprintSlip
from app.operations.reverse import Reverse
from app.sync.envelope import Envelope, canonical
from db.connection import Connection
from tests.faults.sync.judge import Judge, Ledger
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall, a_hub

BOUNDED = OfflineRules(per_redemption=300, per_member=500, per_desk=700)
STRICT = replace(BOUNDED, policy=OfflinePolicy.STRICT)
MEMBER, OTHER = uuid4(), uuid4()


@dataclass
class Feed:
    """Rows as a hub could have written them."""

    ledger: Ledger
    n: int = 0
    sequence: int = field(default=0)

    def row(
        self,
        verb: str,
        body: dict[str, Any],
        facts: dict[str, Any] | None = None,
        *,
        operation: UUID | None = None,
        desk: str = "K1",
        code: str | None = None,
        basis: dict[str, Any] | None = None,
        images: tuple[dict[str, Any], ...] = (),
    ) -> UUID:
        self.n += 1
        self.sequence += 1
        made = operation or uuid4()
        envelope = Envelope(
            id=made,
            mall="M",
            desk=desk,
            epoch=1,
            sequence=self.sequence,
            prev=bytes(32),
            hlc=f"{self.sequence:016}",
            wall_ms=self.sequence,
            boot="b",
            since_boot_ms=self.sequence,
            verb=verb,
            version=1,
            policy="0",
            actor="1001",
            session=None,
            approver=None,
            member_proof=None,
            clock_suspect=False,
            body=body,
            basis=basis,
        )
        result = {"verdict": "exception" if code else "ok", "code": code, "facts": facts or {}, "images": images}
        self.ledger.take(self.n, made, envelope.encoded(), canonical(result))
        return made

    def earns(self, points: int, member: UUID = MEMBER) -> None:
        self.row("credit_sale", {"member": str(member)}, {"points": points})

    def redeems(self, cups: int, member: UUID = MEMBER, *, read: int | None = None, **told: Any) -> UUID:
        lines = [{"gift": "CUP", "quantity": cups, "points_each": 100}]
        basis = {"right": "floor", "feed": read} if read is not None else None
        return self.row("redeem", {"member": str(member), "lines": lines}, {"points": cups * 100}, basis=basis, **told)


def an_account(posted: int, *, held: int = 0, owed: int = 0, share: int = 0) -> dict[str, Any]:
    return {
        "of": "account",
        "key": str(MEMBER),
        "state": {"posted": posted, "held": held, "owed": owed, "share": share},
    }


@pytest.fixture
def feed() -> Feed:
    return a_feed(BOUNDED)


def a_feed(rules: OfflineRules) -> Feed:
    ledger = Ledger(rules)
    ledger.desks = 2
    return Feed(ledger)


def test_a_quiet_day_leaves_nothing_to_say(feed: Feed) -> None:
    feed.earns(1_000)
    redeemed = feed.redeems(2, images=(an_account(800),))
    feed.row("reverse", {"reverses": str(redeemed)}, {"points": 200})
    feed.row("receive_stock", {"lines": [{"gift": "CUP", "quantity": 5}]})
    feed.ledger.compare([(MEMBER, 1_000)], [("K1", 5)], ["K1"])
    assert feed.ledger.found == []


def test_a_balance_that_does_not_follow_from_the_operations_is_found(feed: Feed) -> None:
    feed.earns(1_000)
    feed.ledger.compare([(MEMBER, 999)], [], [])
    assert "is at 999; its operations say 1000" in feed.ledger.found[0]


def test_a_shelf_that_does_not_follow_from_the_operations_is_found(feed: Feed) -> None:
    feed.row("receive_stock", {"lines": [{"gift": "CUP", "quantity": 5}]})
    feed.ledger.compare([], [("K1", 6)], ["K1"])
    assert "K1 has 6 cups; its operations say 5" in feed.ledger.found[0]


def test_an_operation_that_counts_twice_is_found(feed: Feed) -> None:
    once = feed.redeems(1)
    feed.redeems(1, operation=once)
    assert "is in the feed twice" in feed.ledger.found[0]


def test_a_row_that_is_missing_from_the_feed_is_found(feed: Feed) -> None:
    feed.earns(1)
    feed.n += 1
    feed.earns(1)
    assert feed.ledger.found == ["the feed goes from 1 to 3"]


@pytest.mark.parametrize(("rules", "posted", "held", "is_found"), [
    (BOUNDED, -1_000, 0, False),
    (BOUNDED, -1_001, 0, True),  # F_m of each of two desks
    (BOUNDED, -500, 501, True),
    (STRICT, 0, 0, False),
    (STRICT, -1, 0, True),
    (STRICT, 100, 101, True),
])  # fmt: skip
def test_whoever_is_overdrawn_beyond_the_bound_for_one_row_is_found(
    rules: OfflineRules, posted: int, held: int, *, is_found: bool
) -> None:
    feed = a_feed(rules)
    feed.row("credit_sale", {"member": str(MEMBER)}, images=(an_account(posted, held=held),))
    feed.row("credit_sale", {"member": str(MEMBER)}, images=(an_account(5_000),))
    assert bool(feed.ledger.found) == is_found


def test_strict_nobody_ever_owes() -> None:
    feed = a_feed(STRICT)
    feed.row("credit_sale", {"member": str(MEMBER)}, images=(an_account(0, owed=1),))
    assert "owes 1" in feed.ledger.found[0]


def test_one_redemption_over_its_limit_is_found(feed: Feed) -> None:
    feed.redeems(4, read=0)
    assert "400 of 300 per redemption" in feed.ledger.found[0]


def test_a_member_s_limit_that_began_anew_on_reconnecting_is_found(feed: Feed) -> None:
    feed.redeems(3, read=0)
    feed.redeems(2, read=0)
    assert feed.ledger.found == []
    feed.redeems(1, read=1)  # the first was read back: it counts no more
    assert feed.ledger.found == []
    feed.redeems(3, read=1)
    assert "600 of 500 per member" in feed.ledger.found[0]


def test_a_desk_s_limit_over_all_members_is_found(feed: Feed) -> None:
    for member in (MEMBER, OTHER):
        feed.redeems(3, member, read=0)
    feed.redeems(2, uuid4(), read=0)
    assert feed.ledger.found == [feed.ledger.found[0]]
    assert "800 of 700 per desk" in feed.ledger.found[0]


def test_another_desk_s_redemptions_are_not_on_this_desk_s_account(feed: Feed) -> None:
    feed.redeems(3, read=0)
    feed.redeems(3, read=0, desk="K2")
    assert feed.ledger.found == []


def test_strict_more_than_any_share_that_the_desk_can_have_known_is_found() -> None:
    """It has read one row; the second it may have seen when it looked the member up."""
    feed = a_feed(STRICT)
    feed.row("credit_sale", {"member": str(MEMBER)}, images=(an_account(400, share=200),))
    feed.row("credit_sale", {"member": str(MEMBER)}, images=(an_account(500, share=250),))
    feed.redeems(2, read=1, images=(an_account(300, share=150),))
    assert feed.ledger.found == []
    feed.redeems(1, read=1, images=(an_account(200, share=100),))
    assert "300 of 250 per member" in feed.ledger.found[0]


def test_what_a_lost_desk_did_counts_no_more(feed: Feed) -> None:
    feed.redeems(1)
    feed.row("report_desk_lost", {"desk": "K1"}, desk="HUB")
    feed.redeems(1, desk="K2")
    assert feed.ledger.found == []
    feed.redeems(1)
    assert "K1 was lost at 2" in feed.ledger.found[0]


@pytest.mark.parametrize("verb", ["issue_card", "report_card_lost"])
def test_a_card_that_changes_hands_is_found_and_lost_twice_is_lost_once(feed: Feed, verb: str) -> None:
    card, of_another = {"member": str(MEMBER), "number": "1"}, {"member": str(OTHER), "number": "1"}
    feed.row("issue_card", card)
    feed.row("issue_card", of_another, code="conflict.card")
    feed.row("report_card_lost", card)
    feed.row("report_card_lost", card)
    assert feed.ledger.found == []
    feed.row(verb, of_another)
    assert f"{verb} " in feed.ledger.found[0]


class OneDesk:
    """A hub and one desk of it that has issued a card, given a gift and taken a redemption back, and the judge of its
    copy. What is planted, is planted at the hub: the two have to be alike."""

    def __init__(self, mall: HubMall, folder: Path) -> None:
        self.mall = mall
        self.desk = FollowingDesk(mall, "K1", 11, folder)
        self.desk.do(ReceiveStock(lines=(StockLine("CUP", 9),)))
        self.desk.sync()
        self.member, self.number = a_member(mall, 1_000)
        self.desk.sync()
        self.desk.swipe(self.number)
        self.given, undone = (self.desk.redeem(self.member, 1) for _ in range(2))
        self.desk.sync()
        self.desk.do(HandOut(member=self.member, redemption=self.given, lines=(0,)))
        self.desk.do(Reverse(reverses=undone, reason="mistake", member=self.member), approved=True)
        self.desk.sync()
        self.clerk: Any = SimpleNamespace(desk="K1", lost=set(), was_put_back=False)
        there = {str(row.operation): row.n for row in mall.rows()}
        self.witness: Any = SimpleNamespace(ledger=SimpleNamespace(there=there))

    def found(self) -> list[str]:
        world: Any = SimpleNamespace(mall=self.mall, store=self.mall.store)
        judge = Judge(world, self.witness)
        judge._copy(self.clerk, self.desk.store)
        return judge.found

    def at_the_hub(self, sql: str) -> None:
        def change(connection: Connection) -> None:
            connection.run("SET LOCAL session_replication_role = replica")  # past every guard
            connection.run(sql)

        self.mall.store.write(change)


def test_cards_and_redemptions_that_desk_and_hub_have_otherwise_are_found(fresh_postgres: str, tmp_path: Path) -> None:
    with a_hub(fresh_postgres) as mall:
        one = OneDesk(mall, tmp_path)
        assert one.found() == []
        other = uuid4()
        for sql, back, said in (
            ("UPDATE card SET state = 'lost'", "UPDATE card SET state = 'issued'", f"K1 has card {one.number} "),
            (
                f"UPDATE card SET member = '{other}'",
                f"UPDATE card SET member = '{one.member}'",
                f"K1 has card {one.number} ",
            ),
            (
                "UPDATE card SET number = '9' || number",
                "UPDATE card SET number = substr(number, 2)",
                f"K1 has card {one.number} ",
            ),
            (
                "UPDATE redemption SET points = points + 100",
                "UPDATE redemption SET points = points - 100",
                "K1 has redemption ",
            ),
            (
                "UPDATE redemption_line SET taken_by = 'nobody' WHERE handed_out_by IS NOT NULL",
                "UPDATE redemption_line SET taken_by = 'member' WHERE handed_out_by IS NOT NULL",
                f"K1 has redemption {one.given} ",
            ),
            (
                "UPDATE redemption_line SET line = line + 9",
                "UPDATE redemption_line SET line = line - 9",
                "K1 has redemption ",
            ),
            (
                "UPDATE reversal SET mall_id = 'other'",
                f"UPDATE reversal SET mall_id = '{mall.name}'",
                "K1 has reversal ",
            ),
            ("UPDATE stock SET on_hand = on_hand + 1", "UPDATE stock SET on_hand = on_hand - 1", "K1 shows [("),
            ("UPDATE account SET posted = posted + 1", "UPDATE account SET posted = posted - 1", "K1 shows ["),
        ):
            one.at_the_hub(sql)
            found = one.found()
            assert any(finding.startswith(said) for finding in found), (sql, found)
            one.at_the_hub(back)
        assert one.found() == [], "and nothing else was"
        one.desk.do(ReprintSlip(reprints=one.given, document="redemption"))
        del one.witness.ledger.there[str(one.given)]
        assert f"K1 has a slip of {one.given}, and the hub never got it" in one.found()
        one.desk.desk.close()
