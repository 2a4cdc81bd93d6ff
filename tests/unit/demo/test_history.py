from __future__ import annotations

import gc
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.demo.history import CHUNK_ROWS, History, MemberChunk, MemberRow, Plan, SaleChunk, SaleRow, demo_plan
from app.demo.mall import SHOPS
from app.demo.people import KNOWN
from app.domain.calendar import add_months, business_day
from app.domain.earning import points_for
from app.domain.policy import Policy
from app.domain.tier import TIERS, higher, tier_for

TODAY = date(2026, 11, 22)
DEMO = demo_plan(TODAY, members=4_000)
BULK = Plan(members=3_000, years=2, seed=4, today=TODAY)


def everything(plan: Plan) -> tuple[list[MemberRow], list[SaleRow]]:
    members: list[MemberRow] = []
    sales: list[SaleRow] = []
    for chunk in History(plan).chunks():
        if isinstance(chunk, MemberChunk):
            members += chunk.rows
        else:
            sales += chunk.rows
    return members, sales


@pytest.fixture(scope="module")
def demo() -> tuple[list[MemberRow], list[SaleRow]]:
    return everything(DEMO)


def by_member(sales: list[SaleRow]) -> dict[int, list[SaleRow]]:
    found: dict[int, list[SaleRow]] = defaultdict(list)
    for sale in sales:
        found[sale[0]].append(sale)
    return found


def test_the_same_plan_makes_the_same_history_and_another_seed_another() -> None:
    plan = replace(DEMO, members=300)
    assert everything(plan) == everything(plan)
    assert everything(plan)[1][:20] != everything(replace(plan, seed=2))[1][:20]


def test_a_member_made_alone_is_the_one_in_the_stream(demo: tuple[list[MemberRow], list[SaleRow]]) -> None:
    members, sales = demo
    theirs = by_member(sales)
    history = History(DEMO)
    for index in (3_999, 0, 2_000, 1_999):
        assert history.member(index) == (members[index], theirs[index])


def test_chunks_fit_one_import_operation_and_members_come_before_their_sales() -> None:
    seen: set[int] = set()
    full = 0
    for chunk in History(BULK).chunks():
        assert 0 < len(chunk.rows) <= CHUNK_ROWS
        if isinstance(chunk, MemberChunk):
            seen.update(row[0] for row in chunk.rows)
        else:
            assert isinstance(chunk, SaleChunk)
            assert all(sale[0] in seen for sale in chunk.rows)
            full += len(chunk.rows) == CHUNK_ROWS
    assert len(seen) == 3_000
    assert full == 3  # thirty thousand sales


def test_everybody_has_exactly_ten_sales_where_that_was_asked() -> None:
    members, sales = everything(replace(BULK, members=1_500))
    assert Counter(sale[0] for sale in sales) == {member[0]: 10 for member in members}


def test_the_demo_has_about_twelve_sales_a_member_some_with_none_and_some_with_many(
    demo: tuple[list[MemberRow], list[SaleRow]],
) -> None:
    members, sales = demo
    counts = Counter(sale[0] for sale in sales)
    assert 11 < len(sales) / len(members) < 13
    assert len(counts) < len(members)
    assert max(counts.values()) > 40


@pytest.mark.parametrize("plan", [DEMO, BULK], ids=["demo", "bulk"])
def test_a_slip_number_comes_once_per_shop_and_day(plan: Plan) -> None:
    _, sales = everything(plan)
    assert len({(sale[1], sale[2], sale[4]) for sale in sales}) == len(sales)
    assert {sale[1] for sale in sales} == {shop.shop for shop in SHOPS}


@pytest.mark.parametrize("plan", [DEMO, BULK, replace(BULK, years=5)], ids=["demo", "bulk", "five years"])
def test_points_and_tiers_are_those_that_crediting_each_slip_would_have_given(plan: Plan) -> None:
    members, sales = everything(replace(plan, members=1_200))
    theirs = by_member(sales)
    policy = Policy()
    for member in members:
        tier = "bronze"
        own = theirs[member[0]]
        for number, (_, _, _, _, sold_on, amount_fen, points, _) in enumerate(own):
            assert points == points_for(amount_fen, tier, policy).points
            since = add_months(sold_on, -12)
            spent = sum(sale[5] for sale in own[: number + 1] if sale[4] >= since)
            tier = higher(tier, tier_for(spent, policy))
        assert member[6] == tier
        last_year = sum(sale[5] for sale in own if sale[4] >= add_months(TODAY, -12))
        assert TIERS.index(tier) >= TIERS.index(tier_for(last_year, policy))


def test_all_four_tiers_are_met_each_rarer_than_the_one_below(demo: tuple[list[MemberRow], list[SaleRow]]) -> None:
    tiers = Counter(member[6] for member in demo[0])
    bronze, silver, gold, platinum = (tiers[tier] / 4_000 for tier in TIERS)
    assert 0.7 < bronze < 0.9
    assert silver > 3 * gold > 3 * platinum > 0


def test_known_members_have_the_tier_that_their_spending_promises(
    demo: tuple[list[MemberRow], list[SaleRow]],
) -> None:
    policy = Policy()
    for seed in (1, 2, 3):
        history = History(replace(DEMO, seed=seed, members=2_000))
        for index, known in enumerate(KNOWN):
            member, sales = history.member(index)
            assert len(sales) >= 10
            assert member[7] is not None
            if known.highest_year_yuan:
                assert member[6] == tier_for(known.highest_year_yuan * 100, policy), known.name


def test_sales_lie_between_joining_and_yesterday_while_the_mall_was_open(
    demo: tuple[list[MemberRow], list[SaleRow]],
) -> None:
    members, sales = demo
    zone = ZoneInfo("Asia/Shanghai")
    first = add_months(TODAY, -24)
    assert max(sale[4] for sale in sales) == TODAY - timedelta(days=1)
    for index, _, _, sold_at_ms, sold_on, amount_fen, _, expires_on in sales:
        at = datetime.fromtimestamp(sold_at_ms / 1000, tz=UTC)
        assert business_day(at) == sold_on
        assert 10 <= at.astimezone(zone).hour < 22
        assert sold_at_ms % 1000 == 0
        assert first < sold_on
        assert members[index][5] <= sold_on
        assert expires_on == add_months(sold_on, 24) >= TODAY
        assert 500 <= amount_fen <= 100_000_000


def test_a_members_sales_come_in_the_order_of_time(demo: tuple[list[MemberRow], list[SaleRow]]) -> None:
    for own in by_member(demo[1]).values():
        assert [sale[3] for sale in own] == sorted(sale[3] for sale in own)


def test_weekends_member_days_and_evenings_are_busy(demo: tuple[list[MemberRow], list[SaleRow]]) -> None:
    days = Counter(sale[4] for sale in demo[1])
    days = Counter({day: count for day, count in days.items() if day > date(2026, 1, 1)})

    def mean(chosen: list[int]) -> float:
        return sum(chosen) / len(chosen)

    weekdays = [count for day, count in days.items() if day.weekday() < 4 and day.day != 5]
    assert mean([count for day, count in days.items() if day.weekday() == 5]) > 1.4 * mean(weekdays)
    assert mean([count for day, count in days.items() if day.weekday() < 4 and day.day == 5]) > 1.3 * mean(weekdays)
    hours = Counter(datetime.fromtimestamp(sale[3] / 1000, tz=ZoneInfo("Asia/Shanghai")).hour for sale in demo[1])
    assert hours[19] > 2 * hours[10]


def test_members_are_numbered_in_the_order_of_joining_and_no_card_is_given_twice(
    demo: tuple[list[MemberRow], list[SaleRow]],
) -> None:
    members, _ = demo
    joined = [member[5] for member in members]
    assert joined == sorted(joined)
    assert joined[-1] < TODAY
    assert [member[0] for member in members] == list(range(4_000))
    serials = [member[7] for member in members if member[7] is not None]
    assert len(set(serials)) == len(serials)
    assert 3_500 < len(serials) < 4_000
    assert {member[8] for member in members} == {True, False}
    assert len({member[2] for member in members}) == 4_000


def test_another_rule_for_points_changes_what_was_earned() -> None:
    plan = replace(BULK, members=50)
    doubled = replace(plan, policy=replace(Policy(), points_per_yuan=2, points_live_months=12))
    for one, other in zip(everything(plan)[1], everything(doubled)[1], strict=True):
        assert other[5] == one[5]
        assert abs(other[6] - 2 * one[6]) <= 1
        assert other[7] == add_months(other[4], 12)


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 2, 28), date(2026, 1, 1), date(2026, 3, 31)])
@pytest.mark.parametrize("years", [1, 2, 7])
def test_any_day_can_be_today(today: date, years: int) -> None:
    members, sales = everything(Plan(members=40, years=years, seed=1, today=today))
    assert len(members) == 40
    assert len(sales) == 400
    assert add_months(today, -12 * years) < min(sale[4] for sale in sales) <= max(sale[4] for sale in sales) < today


def test_one_member_is_a_data_set_too() -> None:
    members, sales = everything(Plan(members=1, years=1, seed=0, today=TODAY))
    assert members[0][1] == KNOWN[0].name
    assert len(sales) == 10


@pytest.mark.parametrize(("members", "years", "each"), [(0, 1, 1), (1, 0, 1), (1, 31, 1), (1, 1, 0), (1, 1, 1_001)])
def test_a_plan_that_means_nothing_is_no_plan(members: int, years: int, each: int) -> None:
    with pytest.raises(ValueError, match="at least one member"):
        Plan(members, years, 1, TODAY, sales_per_member=each)


def test_memory_does_not_grow_with_the_number_of_members() -> None:
    def most_blocks(members: int) -> int:
        """What Python's allocator holds at the worst moment; counting costs nothing, tracing would take seconds."""
        chunks = History(replace(BULK, members=members)).chunks()
        gc.collect()  # or the rubbish of other tests goes meanwhile and is counted
        before = sys.getallocatedblocks()
        return max(sys.getallocatedblocks() - before for _ in chunks)

    assert most_blocks(20_000) < 1.2 * most_blocks(6_000)
