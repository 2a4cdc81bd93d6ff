"""What a desk shows of an account: the hub's image ⊕ the desk's own operations that the hub has not answered yet
(RELIABILITY.md 4.4). Computed anew from these two each time, never patched back.

An own operation is taken by its net effect, not by the lots it once named: since then the hub may know of lots that
expire earlier, and spends those first, as it will when the operation reaches it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.domain.points import Account, Lot, LotId, LotUse, spending_order, taken


@dataclass(frozen=True)
class Effect:
    """What one own operation did to one member's points."""

    operation: UUID
    on: date
    made: tuple[Lot, ...] = ()  # whole: what of them was spent since is the effect of others
    spent: int = 0
    first_from: tuple[LotId, ...] = ()  # a reversal takes back from the lots it made, before others
    returned: int = 0
    undoes: UUID | None = None  # the operation whose points are returned
    into: tuple[Lot, ...] = ()  # the lots it had used here, as they stand here
    held: int = 0  # the hub holds so much for it, and has said so in this very image


def laid_over(central: Account, own: Iterable[Effect]) -> Account:
    """`central` with `own` in their order. posted = what is left in the lots - owed holds after it if it held before;
    what the lots cannot give is owed, as the hub will have it; what the hub holds for one of them counts once."""
    account = central
    used: dict[UUID, tuple[LotUse, ...]] = {}
    for effect in own:
        if effect.held:
            account = replace(account, held=account.held - effect.held)
        for lot in effect.made:
            account = _credited(account, lot)
        if effect.returned:
            account = _returned(account, effect, used.get(effect.undoes) if effect.undoes else None)
        if effect.spent:
            account, used[effect.operation] = _spent(account, effect)
    return account


def _credited(account: Account, lot: Lot) -> Account:
    repaid = min(account.owed, lot.quantity)
    return replace(
        account,
        posted=account.posted + lot.quantity,
        owed=account.owed - repaid,
        lots=_with(account.lots, replace(lot, remaining=lot.quantity - repaid)),
    )


def _spent(account: Account, effect: Effect) -> tuple[Account, tuple[LotUse, ...]]:
    first = [lot for lot in account.lots if lot.lot in effect.first_from and lot.remaining > 0]
    others = [lot for lot in account.lots if lot.lot not in effect.first_from and lot.remaining > 0]
    if not effect.first_from:  # a redemption: nothing that has expired
        others = [lot for lot in others if lot.usable_on(effect.on)]
    uses = taken([*first, *spending_order(others)], effect.spent)
    owing = effect.spent - sum(use.quantity for use in uses)
    lots = account.lots
    for use in uses:
        (lot,) = (each for each in lots if each.lot == use.lot)
        lots = _with(lots, replace(lot, remaining=lot.remaining - use.quantity))
    return (
        replace(account, posted=account.posted - effect.spent, owed=account.owed + owing, lots=lots),
        uses,
    )


def _returned(account: Account, effect: Effect, uses: Sequence[LotUse] | None) -> Account:
    """To the lots it was taken from: where the operation is not settled either, those that it takes from *now*."""
    known = {lot.lot: lot for lot in (*effect.into, *account.lots)}
    into = [(known[use.lot], use.quantity) for use in uses] if uses is not None else _room(effect, account)
    repaid = min(account.owed, effect.returned)
    left, skipped = effect.returned - repaid, repaid
    lots = account.lots
    for lot, quantity in into:
        already = min(skipped, quantity)
        skipped -= already
        part = min(left, quantity - already)
        if part:
            left -= part
            lots = _given(lots, lot, part)
    if left:  # more than those lots had given here: the last of them holds it until the hub's image comes
        last = into[-1][0] if into else Lot(LotId(effect.operation, 0), effect.on, left, 0, effect.on)
        lots = _given(lots, last, left)
    return replace(account, posted=account.posted + effect.returned, owed=account.owed - repaid, lots=lots)


def _room(effect: Effect, account: Account) -> list[tuple[Lot, int]]:
    there = {lot.lot: lot for lot in account.lots}
    found = []
    for lot in effect.into:
        stands = there.get(lot.lot, replace(lot, remaining=0))
        found.append((replace(stands, expires_on=max(stands.expires_on, lot.expires_on)), stands.quantity))
    return [(lot, max(0, quantity - lot.remaining)) for lot, quantity in found]


def _given(lots: tuple[Lot, ...], lot: Lot, points: int) -> tuple[Lot, ...]:
    stands = next((each for each in lots if each.lot == lot.lot), replace(lot, remaining=0))
    remaining = stands.remaining + points
    return _with(
        lots,
        replace(
            stands,
            remaining=remaining,
            quantity=max(stands.quantity, remaining),
            expires_on=max(stands.expires_on, lot.expires_on),
        ),
    )


def _with(lots: tuple[Lot, ...], lot: Lot) -> tuple[Lot, ...]:
    return (*(each for each in lots if each.lot != lot.lot), lot)
