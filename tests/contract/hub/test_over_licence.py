"""A desk that redeems more, cut off, than any licence of it allowed is suspended at its first push; what it did stands
all the same (RELIABILITY.md 8.6). A desk that keeps to them never is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.desk_kind import DeskKind
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.settle_task import SettleTask
from app.sync.protocol import DeskState, Pushed, SentOperation
from tests.support.hub import DeskOfHub, HubMall

OVER = "conflict.over_licence"
AT_ONCE, OF_MEMBER, OF_DESK = 300, 500, 800
A_DAY = timedelta(hours=25)
SMALL = OfflineRules(per_redemption=AT_ONCE, per_member=OF_MEMBER, per_desk=OF_DESK, kiosk_per_redemption=100)


@pytest.fixture
def desk(mall: HubMall) -> DeskOfHub:
    mall.by_two(SetOfflineRules(rules=SMALL))
    mall.clock.advance(A_DAY)  # no licence of before counts any more
    made = mall.hub_desk()
    made.do(ReceiveStock(lines=(StockLine("CUP", 1_000),)))
    return made


def cups(member: UUID, quantity: int) -> Redeem:
    return Redeem(member=member, lines=(RedemptionLine("CUP", quantity, 100),))


def cut_off(mall: HubMall, desk: DeskOfHub, member: UUID, quantity: int, read_to: int | None = None) -> SentOperation:
    """A hundred points each; the desk had read the feed to `read_to`, or to where it stands now."""
    read = mall.hub_store.head().n if read_to is None else read_to
    return desk.make(cups(member, quantity), basis={"right": "floor", "feed": read})


def push(desk: DeskOfHub, *sent: SentOperation) -> list[Pushed]:
    return list(desk.push(*sent).results)


def is_over(mall: HubMall, desk: DeskOfHub, pushed: Pushed) -> bool:
    """All or nothing: it is told, the desk is stopped, and somebody has to look."""
    over = (pushed.verdict, pushed.code) == ("exception", OVER)
    assert over == (mall.hub.known_desk(desk.desk).state is DeskState.SUSPENDED), pushed
    assert over == (OVER in mall.tasks())
    return over


def test_more_at_once_than_it_may(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(1_000)
    (pushed,) = push(desk, cut_off(mall, desk, member, 4))
    assert is_over(mall, desk, pushed)
    assert mall.usable(member) == 600, "it is recorded as it happened"
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert (reply.state, reply.licence) == (DeskState.SUSPENDED, None)
    (later,) = push(desk, cut_off(mall, desk, member, 1))
    assert later.verdict == "ok", "what it does within its limits is taken without a word"
    mall.checked()


@pytest.mark.parametrize("together", [True, False])
def test_more_of_a_member_than_it_may(mall: HubMall, desk: DeskOfHub, together: bool) -> None:
    member, read = desk.member(1_000), mall.hub_store.head().n
    sent = [cut_off(mall, desk, member, 3, read), cut_off(mall, desk, member, 2, read)]
    results = push(desk, *sent) if together else [push(desk, each)[0] for each in sent]
    assert not is_over(mall, desk, results[-1]), "five hundred it may"
    (last,) = push(desk, cut_off(mall, desk, member, 1, read))
    assert is_over(mall, desk, last)
    mall.checked()


def test_more_in_all_than_it_may_in_one_push(mall: HubMall, desk: DeskOfHub) -> None:
    members = [desk.member(1_000) for _ in range(3)]
    read = mall.hub_store.head().n
    sent = [cut_off(mall, desk, member, 3, read) for member in members]
    *within, last = push(desk, *sent)
    assert [pushed.verdict for pushed in within] == ["ok", "ok"]
    assert is_over(mall, desk, last)
    mall.checked()


def test_what_it_had_read_the_result_of_counts_no_more(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(2_000)
    for _ in range(4):
        (pushed,) = push(desk, cut_off(mall, desk, member, 3))
        assert not is_over(mall, desk, pushed)


def test_whatever_it_says_it_had_read_what_it_acknowledged(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(2_000)
    for _ in range(3):
        (pushed,) = push(desk, cut_off(mall, desk, member, 3, 0))
        assert not is_over(mall, desk, pushed)
        head = mall.hub_store.head()
        mall.hub.acknowledged(desk.desk, head.epoch, head.n, desk.head.epoch, desk.head.sequence)


def test_it_cannot_have_read_what_there_is_not(mall: HubMall, desk: DeskOfHub) -> None:
    (pushed,) = push(desk, cut_off(mall, desk, desk.member(1_000), 1, 2**52))
    assert is_over(mall, desk, pushed)


@pytest.mark.parametrize("basis", [{"right": "online", "hold": str(uuid4())}, {"right": "lease", "lease": "1"}, None])
def test_a_grant_that_was_none_is_no_way_round(mall: HubMall, desk: DeskOfHub, basis: dict[str, str] | None) -> None:
    pushed = desk.do(cups(desk.member(1_000), 4), basis=basis)
    assert is_over(mall, desk, pushed)


def test_what_the_hub_granted_is_no_matter_of_limits(mall: HubMall, desk: DeskOfHub) -> None:
    redeem = cups(desk.member(2_000), 9)
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    asked = mall.hub.request(desk.desk, desk.ask(redeem))
    assert asked.verdict == "granted", asked
    pushed = desk.do(redeem, basis={"right": "online", "hold": str(asked.hold)})
    assert (pushed.verdict, is_over(mall, desk, pushed)) == ("ok", False)


def test_a_grant_of_less_is_none(mall: HubMall, desk: DeskOfHub) -> None:
    redeem = cups(desk.member(2_000), 9)
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    small = Redeem(id=redeem.id, member=redeem.member, lines=cups(redeem.member, 1).lines)
    assert mall.hub.request(desk.desk, desk.ask(small)).verdict == "granted"
    pushed = desk.do(redeem, basis={"right": "online"})
    assert is_over(mall, desk, pushed)
    assert mall.points(redeem.member).held == 0
    mall.checked()


def test_a_kiosk_gives_less_at_once(mall: HubMall, desk: DeskOfHub) -> None:
    kiosk = mall.hub_desk(kind=DeskKind.KIOSK)
    member = desk.member(1_000)
    for quantity, over in ((1, False), (2, True)):
        basis = {"right": "floor", "feed": mall.hub_store.head().n}
        pushed = kiosk.do(cups(member, quantity), basis=basis, approved_by=None, member_proof="pin")
        assert (OVER in pushed.facts.get("conflicts", ())) == over


def test_a_licence_of_before_still_counts_for_its_day(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(3_000)
    mall.by_two(SetOfflineRules(rules=OfflineRules(per_redemption=0, per_member=0, per_desk=0)))
    mall.clock.advance(timedelta(hours=23))
    (pushed,) = push(desk, cut_off(mall, desk, member, 3))
    assert not is_over(mall, desk, pushed), "its licence says so still"
    mall.clock.advance(timedelta(hours=2))
    (pushed,) = push(desk, cut_off(mall, desk, member, 1))
    assert is_over(mall, desk, pushed)


def test_a_licence_that_came_later_counts_for_a_slow_clock(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(3_000)
    slow = cut_off(mall, desk, member, 9)  # by its clock before what is set now, whose licence it has
    mall.clock.advance(timedelta(hours=1))
    mall.by_two(SetOfflineRules(rules=OfflineRules(per_redemption=1_000)))
    mall.by_two(SetOfflineRules(rules=SMALL))
    (pushed,) = push(desk, slow)
    assert not is_over(mall, desk, pushed)


def test_a_hub_that_was_put_back_suspends_nobody_before_they_have_read_again(mall: HubMall, desk: DeskOfHub) -> None:
    member = desk.member(3_000)
    sent = [cut_off(mall, desk, member, 3, read) for read in (7_001, 7_002, 7_003)]  # of a feed that was lost
    another = "UPDATE feed_head SET epoch = :epoch WHERE mall_id = :mall"
    mall.store.write(lambda connection: connection.run(another, mall=mall.name, epoch=uuid4()))
    for pushed in push(desk, *sent):
        assert not is_over(mall, desk, pushed)
    head = mall.hub_store.head()
    mall.hub.acknowledged(desk.desk, head.epoch, head.n, desk.head.epoch, desk.head.sequence)
    (within,) = push(desk, cut_off(mall, desk, member, 3))
    assert not is_over(mall, desk, within), "what it had handed in again counts for nothing"
    (beyond,) = push(desk, cut_off(mall, desk, member, 4))
    assert is_over(mall, desk, beyond)


def test_strict_it_spends_no_more_than_the_share_that_it_could_go_by(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(policy=OfflinePolicy.STRICT, share_percent=100)))
    mall.clock.advance(A_DAY)
    desk, other = mall.hub_desk(), mall.hub_desk()
    for each in (desk, other):
        each.do(ReceiveStock(lines=(StockLine("CUP", 100),)))
        mall.hub.hello(mall.hub.known_desk(each.desk), each.hello())
    member = desk.member(1_000)  # five hundred each
    head = mall.hub_store.head()
    for each in (desk, other):
        mall.hub.acknowledged(each.desk, head.epoch, head.n, each.head.epoch, each.head.sequence)
    (pushed,) = push(desk, cut_off(mall, desk, member, 5))
    assert not is_over(mall, desk, pushed)
    (pushed,) = push(other, cut_off(mall, other, member, 6, head.n))
    assert is_over(mall, other, pushed)
    mall.checked()


def test_a_supervisor_looks_into_it(mall: HubMall, desk: DeskOfHub) -> None:
    (pushed,) = push(desk, cut_off(mall, desk, desk.member(1_000), 4))
    settle = SettleTask(settles=pushed.id, code=OVER, outcome="confirmed")
    assert desk.do(settle).verdict == "exception", "a clerk does not"
    assert OVER in mall.tasks()


HONEST = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 3), st.booleans(), st.booleans(), st.booleans()), max_size=14
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HONEST)
def test_a_desk_at_the_edge_of_its_limits_is_never_suspended(
    mall: HubMall, desk: DeskOfHub, history: list[tuple[int, int, bool, bool, bool]]
) -> None:
    """It does whatever it may, by its own count: pushes now and then, reads now and then, by pulling or only by a copy
    of the feed that it says nothing of."""
    members = [desk.member(2_000) for _ in range(2)]
    read = mall.hub_store.head().n
    results: dict[UUID, int] = {}  # what it has pushed, with the rows
    spent: dict[UUID, tuple[int, int]] = {}
    waiting: list[SentOperation] = []
    figures = SMALL.figures(at_kiosk=False)
    for whose, quantity, pushes, reads, acknowledges in history:
        unread = [of for operation, of in spent.items() if results.get(operation, read + 1) > read]
        of_member = sum(points for member, points in unread if member == whose)
        if figures.passed_by(quantity * 100, of_member, sum(points for _, points in unread)) is None:
            redeem = cups(members[whose], quantity)
            spent[redeem.id] = (whose, quantity * 100)
            waiting.append(desk.make(redeem, basis={"right": "floor", "feed": read}))
        if pushes and waiting:
            for pushed in push(desk, *waiting):
                assert OVER not in pushed.facts.get("conflicts", ())
                results[pushed.id] = pushed.n or 0
            waiting.clear()
        if reads:
            head = mall.hub_store.head()
            read = head.n
            if acknowledges and not waiting:
                mall.hub.acknowledged(desk.desk, head.epoch, read, desk.head.epoch, desk.head.sequence)
    if waiting:
        push(desk, *waiting)
    assert mall.hub.known_desk(desk.desk).state is DeskState.ACTIVE
