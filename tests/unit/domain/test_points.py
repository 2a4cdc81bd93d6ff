"""Lots: spent earliest-expiring first, never more than there is."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Refused
from app.domain.points import Account, Lot, LotId, spending_order, taken

TODAY = date(2026, 11, 22)

lots = st.lists(
    st.builds(
        lambda number, days, earned, quantity, used: Lot(
            LotId(UUID(int=number), 0),
            TODAY + timedelta(days=days),
            quantity,
            max(0, quantity - used),
            TODAY - timedelta(days=earned),
        ),
        st.integers(0, 2**64),
        st.integers(-50, 50),
        st.integers(0, 700),
        st.integers(1, 1_000),
        st.integers(0, 1_000),
    ),
    max_size=12,
    unique_by=lambda lot: lot.lot,
)


def account_of(of: list[Lot], held: int = 0, owed: int = 0) -> Account:
    posted = sum(lot.remaining for lot in of) - owed
    return Account(UUID(int=1), posted, held, owed, tuple(lot for lot in of if lot.remaining))


@given(lots, st.integers(0, 500), st.integers(0, 500), st.integers(1, 5_000))
def test_a_spend_takes_exactly_its_points_from_living_lots_or_nothing(
    of: list[Lot], held: int, owed: int, points: int
) -> None:
    account = account_of(of, held, owed)
    usable = account.usable(TODAY)
    if points > usable:
        with pytest.raises(Refused) as caught:
            account.spend(points, on=TODAY)
        assert caught.value.facts == {"usable": usable, "missing": points - usable}
        return
    uses = account.spend(points, on=TODAY)
    by_id = {lot.lot: lot for lot in of}
    assert sum(use.quantity for use in uses) == points
    assert all(0 < use.quantity <= by_id[use.lot].remaining for use in uses)
    assert all(by_id[use.lot].expires_on >= TODAY for use in uses)


@given(lots, st.integers(1, 5_000))
def test_no_lot_is_touched_while_one_that_expires_earlier_has_something_left(of: list[Lot], points: int) -> None:
    account = account_of(of)
    if points > account.usable(TODAY):
        return
    used = {use.lot: use.quantity for use in account.spend(points, on=TODAY)}
    living = [lot for lot in spending_order(account.lots) if lot.usable_on(TODAY)]
    emptied = [used.get(lot.lot, 0) == lot.remaining for lot in living]
    touched = [lot.lot in used for lot in living]
    last = max((place for place, is_used in enumerate(touched) if is_used), default=0)
    assert all(emptied[:last])


@given(lots)
def test_the_order_of_spending_does_not_depend_on_how_the_lots_came(of: list[Lot]) -> None:
    assert spending_order(of) == spending_order(list(reversed(of)))


@given(lots, st.integers(0, 5_000))
def test_taking_gives_what_there_is_at_most(of: list[Lot], points: int) -> None:
    there = sum(lot.remaining for lot in of)
    assert sum(use.quantity for use in taken(of, points)) == min(points, there)


def test_holds_and_debts_come_off_what_can_be_spent_but_never_below_nothing() -> None:
    lot = Lot(LotId(UUID(int=1), 0), TODAY, 100, 100, TODAY)
    assert account_of([lot], held=30, owed=20).usable(TODAY) == 50
    assert account_of([lot], held=300).usable(TODAY) == 0
    assert account_of([lot]).usable(TODAY + timedelta(days=1)) == 0
