"""What a desk shows of an account: the hub's image ⊕ the desk's own operations that the hub has not answered yet
(RELIABILITY.md 4.4). Computed anew from these two each time, never patched back.

An own operation is taken by its net effect, not by the lots it once named: since then the hub may know of lots that
expire earlier, and spends those first, as it will when the operation reaches it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from app.domain.points import Account, Lot, LotId, LotUse, spending_order, taken
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.reissue_card import ReissueCard
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.sync.images import CardImage


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
    into: tuple[tuple[Lot, int], ...] = ()  # the lots that it had used here, and how much of each
    not_before: date = date.min  # a lot that has expired counts until then again
    new_until: date = date.min  # what came from no lot becomes one that lives so long
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
    """As the ledger gives back (`give_back`), to the lots it was taken from. Where the operation is not settled either,
    those that it takes from *now*. Where it is, the hub may have taken it from others than this desk did: what the lots
    have no room for becomes a lot of its own until the hub's image comes, as does what was overdrawn."""
    lots = {lot.lot: lot for lot in account.lots}
    used = dict(effect.into) if uses is None else {lots[use.lot]: use.quantity for use in uses}
    into: list[tuple[Lot, int]] = []
    for lot, quantity in sorted(used.items(), key=lambda each: (each[0].lot.source.int, each[0].lot.line)):
        stands = lots.get(lot.lot, replace(lot, remaining=0))
        into.append((stands, min(quantity, stands.quantity - stands.remaining)))
    repaid = min(account.owed, effect.returned)
    overdrawn = effect.returned - sum(room for _, room in into)
    fresh, skipped = max(0, overdrawn - repaid), max(0, repaid - overdrawn)
    for lot, room in into:
        part = room - min(skipped, room)
        skipped -= room - part
        if part:
            until = effect.not_before if lot.expires_on < effect.on else lot.expires_on
            lots[lot.lot] = replace(lot, remaining=lot.remaining + part, expires_on=until)
    if fresh:
        made = LotId(
            effect.operation, 2 if effect.returned > fresh else 0
        )  # the journal line, as the hub will number it
        lots[made] = Lot(made, effect.new_until, fresh, fresh, effect.on)
    posted, owed = account.posted + effect.returned, account.owed - repaid
    return replace(account, posted=posted, owed=owed, lots=tuple(lots.values()))


def _with(lots: tuple[Lot, ...], lot: Lot) -> tuple[Lot, ...]:
    return (*(each for each in lots if each.lot != lot.lot), lot)


def cards_laid_over(said: Mapping[str, CardImage], own: Iterable[tuple[Operation, int]]) -> dict[str, CardImage]:
    """One member's cards by number: what the hub has said of them with this desk's own operations (and their wall_ms)
    in their order. What the hub would not have by now has no effect here either: it is going to say so."""
    cards = dict(said)

    def issue(number: str, like: CardImage) -> None:
        has_one = any((card.kind, card.state) == (like.kind, "issued") for card in cards.values())
        if number not in cards and not has_one:
            cards[number] = like

    for operation, at_ms in own:
        match operation:
            case IssueCard():
                issue(operation.number, CardImage(operation.member, operation.kind, "issued", 1, at_ms))
            case ReportCardLost() if operation.number in cards and cards[operation.number].state == "issued":
                cards[operation.number] = replace(cards[operation.number], state="lost", since_ms=at_ms)
            case ReplaceCard() if operation.old_number in cards and operation.new_number not in cards:
                old = cards[operation.old_number]
                cards[operation.old_number] = replace(old, state="replaced", since_ms=at_ms)
                issue(operation.new_number, CardImage(operation.member, old.kind, "issued", 1, at_ms))
            case ReissueCard() if operation.number in cards and cards[operation.number].issue < operation.issue:
                cards[operation.number] = replace(cards[operation.number], issue=operation.issue)
    return cards
