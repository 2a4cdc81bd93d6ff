"""What a counter did goes in by parts, several operations in one transaction: nothing of what comes of it tells."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from app.domain.ids import new_id
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.hub import service
from app.hub.admission import Admission, Desk, Read
from app.operations.base import Operation
from app.operations.hand_out import HandOut
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.set_up import ChangeSetting
from app.sync.hub import HubTransaction, NotTogether
from app.sync.protocol import FeedPlace, SentOperation
from tests.support.hub import DeskOfHub, HubMall, a_hub


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is at the moment."""
    monkeypatch.setattr(service, "LONGEST_TOGETHER_S", 60.0)


def transactions(mall: HubMall, desk: DeskOfHub) -> int:
    """In how many its operations after the delivery went in."""
    return int(
        mall.one(
            "SELECT count(DISTINCT f.xmin::text) FROM feed f WHERE f.mall_id = :mall AND f.desk = :desk "
            "AND f.sequence > (SELECT max(sequence) FROM feed WHERE mall_id = :mall AND desk = :desk "
            "AND verb = 'receive_stock')",
            desk=desk.desk,
        )[0]
    )


def with_stock(mall: HubMall) -> DeskOfHub:
    desk = mall.hub_desk()
    desk.do(ReceiveStock(lines=(StockLine("CUP", 1_000),)))
    return desk


def a_day(mall: HubMall, desk: DeskOfHub, members: Sequence[UUID]) -> list[SentOperation]:
    """Each is credited, redeems, and takes it along; the first of them once more."""
    done: list[Operation] = []
    for member in (*members, members[0]):
        redeem = mall.redemption(member)
        done += [mall.slip(member, 20_000), redeem, HandOut(redemption=redeem.id, lines=(0,), member=member)]
    return [desk.make(operation) for operation in done]


def test_a_day_at_the_counter_goes_in_together_and_each_has_its_own_answer(mall: HubMall) -> None:
    desk = mall.hub_desk()
    members = [desk.member(100) for _ in range(3)]
    desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
    sent = a_day(mall, desk, members)
    before = mall.hub_store.head().n
    reply = desk.push(*sent)
    assert [(pushed.verdict, pushed.n) for pushed in reply.results] == [
        ("ok", before + 1 + number) for number in range(len(sent))
    ]
    assert reply.head == desk.head
    assert transactions(mall, desk) < len(sent)
    assert mall.usable(members[0]) == 100 + 2 * (200 - 100)
    assert mall.usable(members[1]) == 100 + 200 - 100
    place = FeedPlace(mall.hub_store.head().epoch, 0, bytes(32))
    for row in mall.rows():
        assert row.follows(place)
        place = FeedPlace(place.epoch, row.n, row.h)
    assert place == mall.hub_store.head()
    assert desk.push(*sent).results == reply.results, "sent again, each has its first answer"
    mall.checked()


def test_what_cannot_be_honoured_takes_nothing_of_its_neighbours_along(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member, unknown = desk.member(100), new_id()
    desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
    twice = mall.slip(member, 10_000)
    operations = [
        twice,
        mall.redemption(unknown),
        HandOut(redemption=new_id(), lines=(0,), member=member),
        mall.redemption(member, quantity=3),
        mall.slip(member, 20_000),
    ]
    codes = [pushed.code for pushed in desk.push(*(desk.make(operation) for operation in operations)).results]
    assert codes[0] is None
    assert codes[1] is not None
    assert codes[2] is not None
    assert codes[3:] == ["conflict.overdrawn", None]
    assert (mall.points(member).posted, mall.points(member).owed) == (100, 0)
    mall.checked()


def test_what_is_wrong_with_one_stops_it_there_and_keeps_those_before_it(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    sent = [desk.make(mall.slip(member, 10_000)) for _ in range(4)]
    forged = SentOperation(sent[2].encoded, bytes(64))
    reply = desk.push(*sent[:2], forged, sent[3])
    assert [pushed.verdict for pushed in reply.results] == ["ok", "ok", "quarantined"]
    assert mall.usable(member) == 200
    assert [pushed.verdict for pushed in desk.push(*sent).results] == ["ok"] * 4
    mall.checked()


def together(mall: HubMall, desk: DeskOfHub, sent: Sequence[SentOperation], meanwhile: Operation) -> list[Admission]:
    """In one transaction, while the hub does `meanwhile`."""
    went_on: list[bool] = []

    def go_on() -> bool:
        if not went_on:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(mall.hub.authority.submit_as_system, meanwhile).result()
        went_on.append(True)
        return True

    def several(transaction: HubTransaction) -> list[Admission]:
        return Desk(mall.name, desk.desk).admit_together(
            transaction, [Read.of(operation) for operation in sent], go_on=go_on
        )

    return mall.hub_store.transact(desk.desk, several)


def test_whoever_changes_the_rules_meanwhile_takes_them_apart(fresh_postgres: str) -> None:
    """What they ask of the mall is read once for all of them, so that it must be as it was when they go in."""
    with a_hub(fresh_postgres, connections=3) as mall:
        desk = mall.hub_desk()
        member = desk.member()
        sent = [desk.make(mall.slip(member, 10_000)) for _ in range(3)]
        with pytest.raises(NotTogether):
            together(mall, desk, sent, ChangeSetting(name="points_per_yuan", value="2"))
        assert mall.usable(member) == 0, "it is as if nothing had been sent"
        assert [pushed.n is not None for pushed in desk.push(*sent).results] == [True] * 3
        mall.checked()


def test_where_desks_have_shares_each_goes_in_by_itself(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(policy=OfflinePolicy.STRICT, share_percent=100)))
    desk = with_stock(mall)
    members = [desk.member(100) for _ in range(2)]
    desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
    sent = a_day(mall, desk, members)
    assert all(pushed.n is not None for pushed in desk.push(*sent).results)
    assert transactions(mall, desk) == len(sent)
    mall.checked()


def test_desks_that_serve_the_same_members_in_another_order_do_not_stop_each_other(fresh_postgres: str) -> None:
    with a_hub(fresh_postgres, connections=5) as mall:
        desks = [with_stock(mall) for _ in range(4)]
        members = [desks[0].member(100) for _ in range(6)]
        days = [
            (desk, a_day(mall, desk, members if number % 2 else members[::-1])) for number, desk in enumerate(desks)
        ]
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda day: day[0].push(*day[1]), days))
        assert all(pushed.n is not None for reply in replies for pushed in reply.results)
        assert all(transactions(mall, desk) < len(sent) for desk, sent in days)
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database() AND :mall <> ''"
        assert mall.one(deadlocks) == (0,)
        # Each desk credited 200 and took 100 of each of them, and of the one it began with, twice.
        twice = {members[0]: 2, members[-1]: 2}
        assert {member: mall.points(member).posted for member in members} == {
            member: 100 + 100 * (4 + twice.get(member, 0)) for member in members
        }
        mall.checked()
