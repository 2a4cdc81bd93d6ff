"""What tills and payment services tell: sales and refunds, each transaction once, in whatever order they come."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID, uuid5

from app.domain.calendar import business_day
from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.operations.base import Operation
from app.operations.credit_sale import CreditSale, slip_number_of
from app.operations.reverse import Reverse
from app.ports.authority import Answer
from app.ports.clock import Clock
from app.sync.envelope import canonical, instant
from app.sync.hub import HubStore, HubTransaction
from app.sync.protocol import DeskState, Sales, SalesReply, SaleTaken, TillSale, from_json, to_json

_NAMES = UUID("0c6a7a1e-9d0c-5b1c-8b0d-6875622e7265")  # of operations: a notice that comes again makes the same one


class Authority(Protocol):
    def submit_as_system(self, *operations: Operation, till: str | None = None) -> tuple[Answer, ...]: ...


class Tills:
    def __init__(self, authority: Authority, store: HubStore, mall: str, clock: Clock) -> None:
        self._authority = authority
        self._store = store
        self._mall = mall
        self._clock = clock

    def take(self, till: str, told: Sales) -> SalesReply:
        return SalesReply(tuple(self._one(till, sale) for sale in told.sales))

    def _one(self, till: str, sale: TillSale) -> SaleTaken:
        digest = sha256(canonical(to_json(sale))).digest()
        before = self._store.till_sale(sale.transaction)
        if before is not None:
            if before.told != digest:
                return SaleTaken(sale.transaction, "refused", code="request.id_reused")
            return from_json(SaleTaken, before.answer)
        try:
            taken, stands = self._refunded(sale) if sale.refund_of is not None else self._credited(till, sale)
        except Refused as refused:
            return SaleTaken(sale.transaction, "refused", code=refused.code, facts=refused.facts)
        # Where the program ends right here, the notice comes again, and the operation's id is the same.
        self._store.note_till_sale(sale, digest, canonical(to_json(taken)), stands, instant(self._clock.wall_ms()))
        return taken

    def _credited(self, till: str, sale: TillSale) -> tuple[SaleTaken, UUID]:
        """(the answer, the operation by which this sale stands in the books)"""
        operation = self._named("sale", sale.transaction)
        try:
            facts = self._once(
                CreditSale(
                    id=operation,
                    member=self._store.member_of(sale),
                    shop=sale.shop,
                    slip_number=sale.slip_number,
                    sold_at=instant(sale.sold_ms),
                    amount_fen=sale.amount_fen,
                ),
                till,
            )
        except Refused as refused:
            if refused.code != "sale.slip_used":
                raise
            # A clerk was quicker. Kept all the same: its refund takes back what the clerk has credited.
            taken = SaleTaken(sale.transaction, "refused", code=refused.code, facts=refused.facts)
            operation = self._counted(sale)
        else:
            taken = SaleTaken(sale.transaction, "ok", operation, facts["points"])
            if Conflict.PENDING_REVIEW.value in facts.get("conflicts", ()):
                self._stop_where_far_beyond(till)
        for refund in self._store.refunds_of(sale.transaction):  # came before their sale
            with suppress(Refused):  # a part of it, or a clerk has reversed it: that is a clerk's business
                self._reversed(refund.transaction, refund.amount_fen, operation)
        return taken, operation

    def _stop_where_far_beyond(self, till: str) -> None:
        """As a desk that credits more than twice of what is not looked at: somebody else may have its key."""
        now = instant(self._clock.wall_ms())
        today, most = self._store.credited_today(till, business_day(now, self._store.zone()))

        def stop(transaction: HubTransaction) -> None:
            known = transaction.hub_desk()
            if known is not None and known.state is DeskState.ACTIVE:
                transaction.set_state(DeskState.SUSPENDED, must_enrol=False, why="hub.credited_too_much")

        if 0 < 2 * most < today:
            self._store.transact(till, stop)

    def _counted(self, sale: TillSale) -> UUID:
        sold_on = business_day(instant(sale.sold_ms), self._store.zone())
        return self._store.credited(sale.shop, slip_number_of(sale.slip_number), sold_on)

    def _refunded(self, sale: TillSale) -> tuple[SaleTaken, UUID | None]:
        """The whole sale goes back. Raises Refused("sale.partly_returned") for a part of it: a clerk does that."""
        sold = self._store.till_sale(sale.refund_of or "")
        if sold is None:
            return SaleTaken(sale.transaction, "ok", None, 0, code="sale.refund_waits"), None
        if sold.operation is None:
            raise Refused("sale.unknown")
        points = self._reversed(sale.transaction, sale.amount_fen, sold.operation)
        operation = self._named("refund", sale.transaction)
        return SaleTaken(sale.transaction, "ok", operation, points), operation

    def _reversed(self, transaction: str, amount_fen: int, sale: UUID) -> int:
        member, sold_fen = self._store.sale_of(sale)
        if sold_fen != amount_fen:
            raise Refused("sale.partly_returned")
        operation = self._named("refund", transaction)
        facts = self._once(Reverse(id=operation, reverses=sale, reason="sale_returned", member=member))
        return int(facts["points"])

    def _once(self, operation: Operation, till: str | None = None) -> dict[str, Any]:
        """The facts of its answer, given now or before."""
        facts = self._store.answer(operation.id)
        if facts is None:
            (answer,) = self._authority.submit_as_system(operation, till=till)
            facts = answer.facts
        return dict(facts)

    def _named(self, what: str, transaction: str) -> UUID:
        return uuid5(_NAMES, f"{what} {self._mall} {transaction}")
