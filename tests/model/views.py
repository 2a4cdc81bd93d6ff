"""The desk's view of an account, by the program's own overlay (app/sync/overlay.py), against the books' own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from app.domain.points import Account, LotId
from app.domain.points import Lot as PointsLot
from app.sync.overlay import Effect, laid_over
from tests.model.ledger import Ledger, Lot
from tests.model.words import Image, Op

LONG_AGO = date(1, 1, 1)  # expiry has its own rules, and is not what is compared here


def judge_view(image: Image, member: int, pending: Sequence[Op]) -> None:
    """`pending` laid over `image` is what the hub's books will say, if nothing comes between."""
    spends = {op.id: op for op in pending if op.verb == "spend"}
    if any(op.verb == "reverse" and op.basis not in spends for op in pending):
        return  # undoes what the image knows already
    view = laid_over(_central(image, member), [_effect(op, spends) for op in pending])
    books = Ledger()
    books.account(member).lots = [Lot(day, left, source) for day, left, source in image.lots]
    books.account(member).owed = image.owed
    for op in pending:
        books.apply(replace(op, basis=op.id) if op.verb == "credit" else op)
    account = books.account(member)
    assert view.posted == account.posted, "the view's balance is not the books'"
    assert view.owed == account.owed, "the view owes something else than the books"
    assert _by_day((lot.expires_on.toordinal(), lot.remaining) for lot in view.lots) == _by_day(
        (lot.expires, lot.left) for lot in account.lots
    ), "the view's lots are not the books'"


def _central(image: Image, member: int) -> Account:
    lots = tuple(
        PointsLot(LotId(UUID(int=source), 0), date.fromordinal(day), left, left, date.fromordinal(day))
        for day, left, source in image.lots
    )
    posted = sum(lot.remaining for lot in lots) - image.owed
    return Account(UUID(int=member), posted, image.held, image.owed, lots)


def _effect(op: Op, spends: dict[int, Op]) -> Effect:
    operation = UUID(int=op.id)
    if op.verb == "credit":
        day = date.fromordinal(op.expires)
        return Effect(operation, LONG_AGO, made=(PointsLot(LotId(operation, 0), day, op.points, op.points, day),))
    if op.verb == "spend":
        return Effect(operation, LONG_AGO, spent=op.points)
    if op.verb == "reverse":
        return Effect(operation, LONG_AGO, returned=spends[op.basis].points, undoes=UUID(int=op.basis))
    return Effect(operation, LONG_AGO)


def _by_day(lots: Iterable[tuple[int, int]]) -> Counter[int]:
    days: Counter[int] = Counter()
    for day, left in lots:
        days[day] += left
    return +days
