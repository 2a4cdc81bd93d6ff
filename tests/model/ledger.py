"""What operations do to the books: a pure fold. The hub applies to one ledger; the judge folds the log into another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.model.words import Lease, Op


@dataclass
class Lot:
    expires: int
    left: int
    source: int


@dataclass(frozen=True)
class Hold:
    """Points set aside for one desk; `until` by that desk's own clock."""

    member: int
    points: int
    desk: str
    until: int


@dataclass
class Account:
    lots: list[Lot] = field(default_factory=list)
    owed: int = 0  # overdrawn: the next points earned repay it first
    clawed: int = 0  # part of `owed` that came of sales that were returned

    @property
    def posted(self) -> int:
        return sum(lot.left for lot in self.lots) - self.owed


class Ledger:
    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.holds: dict[int, Hold] = {}  # open ones
        self.leases: dict[int, Lease] = {}  # open ones
        self.exposed: dict[int, int] = {}  # of leases ended by a person's word: what their desk may have spent of them
        self.journal: list[tuple[int, str, int]] = []  # operation, account, points
        self.uses: dict[int, list[tuple[Lot, int]]] = {}
        self.done: dict[int, Op] = {}
        self.reversed: set[int] = set()
        self.cards: dict[int, int] = {}
        self.stock: dict[str, int] = {}
        self.receipts: set[int] = set()

    # -- what stands -------------------------------------------------------------------------------------------------

    def usable(self, member: int) -> int:
        return (
            self.account(member).posted
            - sum(hold.points for hold in self.holds.values() if hold.member == member)
            - sum(lease.left for lease in self.leases.values() if lease.member == member)
        )

    def account(self, member: int) -> Account:
        return self.accounts.setdefault(member, Account())

    def lots(self, member: int) -> tuple[tuple[int, int, int], ...]:
        left = [(lot.expires, lot.left, lot.source) for lot in self.account(member).lots if lot.left]
        return tuple(sorted(left))

    # -- what happens ------------------------------------------------------------------------------------------------

    def apply(self, op: Op, *, may_refuse: bool = False) -> str:
        """Returns the outcome's code, "" for ok. A fact is never refused (`may_refuse` is the mutant's)."""
        self.done[op.id] = op
        if op.verb == "credit":
            if op.basis in self.receipts:
                return "DUP_RECEIPT"  # posted and reversed in one: nothing is left of it
            self.receipts.add(op.basis)
            self._credit(op.id, op.member, op.points, op.expires)
        elif op.verb == "spend":
            hold = self.holds.pop(op.basis, None)
            if may_refuse and self.usable(op.member) < op.points:
                return "refused"
            was_leased = op.right == "lease" and self._spend_lease(op)
            self._take(op.id, op.member, op.points)
            self._post(op.id, op.member, -op.points)
            if op.right == "lease" and not was_leased:
                return "LEASE_GONE"
            if op.right == "online" and hold is None:
                return "HOLD_GONE"
            if self.usable(op.member) < 0:
                return "OVERDRAWN"
        elif op.verb == "reverse":
            if op.basis in self.reversed:
                return "ALREADY_REVERSED"
            self.reversed.add(op.basis)
            self._undo(op)
        elif op.verb == "void":
            self.holds.pop(op.basis, None)
        elif op.verb == "return":
            self.leases.pop(op.basis, None)
        elif op.verb == "card":
            if self.cards.setdefault(op.basis, op.member) != op.member:
                return "CARD_CONFLICT"
        elif op.verb == "receive":
            self.stock[op.desk] = self.stock.get(op.desk, 0) + op.points
        elif op.verb == "hand_out":
            self.stock[op.desk] = self.stock.get(op.desk, 0) - op.points
            if self.stock[op.desk] < 0:
                return "STOCK_SHORT"
        return ""

    def hold(self, hold_id: int, hold: Hold) -> None:
        self.holds[hold_id] = hold

    def release(self, hold_id: int) -> None:
        self.holds.pop(hold_id, None)

    def lease(self, lease_id: int, lease: Lease) -> None:
        self.leases[lease_id] = lease

    def end_lease(self, lease_id: int, *, by_a_person: bool) -> None:
        lease = self.leases.pop(lease_id)
        if by_a_person:
            self.exposed[lease_id] = lease.left

    def expire(self, operation: int, member: int, through: int, most: int) -> int:
        """Returns the points that went, at most `most`."""
        gone = 0
        for lot in self.account(member).lots:
            if lot.expires <= through and lot.left:
                now = min(lot.left, most - gone)
                lot.left -= now
                gone += now
        self._post(operation, member, -gone)
        return gone

    def claw_back(self, operation: int, member: int, points: int, most: int) -> None:
        """A sale was returned: its points go, `most` of them at once and the rest out of what is earned next."""
        now = min(points, max(0, most))
        self._take(operation, member, now)
        account = self.account(member)
        account.owed += points - now
        account.clawed += points - now
        self._post(operation, member, -points)

    def _spend_lease(self, op: Op) -> bool:
        """All of it or nothing, as it stands there."""
        lease = self.leases.get(op.basis)
        if lease is None or (lease.desk, lease.member) != (op.desk, op.member):
            return False
        if op.points > lease.left or op.hlc > lease.until:
            return False
        self.leases[op.basis] = replace(lease, left=lease.left - op.points)
        return True

    def _credit(self, operation: int, member: int, points: int, expires: int) -> None:
        account = self.account(member)
        repaid = min(account.owed, points)
        account.owed -= repaid
        account.clawed = min(account.clawed, account.owed)
        account.lots.append(Lot(expires, points - repaid, operation))
        self._post(operation, member, points)

    def _take(self, operation: int, member: int, points: int) -> None:
        """Earliest expiry first; what no lot can give is owed."""
        account, missing = self.account(member), points
        uses = self.uses.setdefault(operation, [])
        for lot in sorted(account.lots, key=lambda lot: (lot.expires, lot.source)):
            taken = min(lot.left, missing)
            if taken:
                lot.left -= taken
                missing -= taken
                uses.append((lot, taken))
        account.owed += missing

    def _undo(self, op: Op) -> None:
        undone = self.done.get(op.basis)
        if undone is None or undone.verb != "spend":
            return
        account, back = self.account(undone.member), undone.points
        repaid = min(account.owed, back)  # what it had left owing goes first
        account.owed -= repaid
        account.clawed = min(account.clawed, account.owed)
        uses = sorted(self.uses.get(undone.id, []), key=lambda use: use[0].source)
        overdrawn = back - sum(taken for _, taken in uses)
        skipped = max(0, repaid - overdrawn)  # what came of no lot repays first, then what came of the first lots
        for lot, taken in uses:
            passed = min(skipped, taken)
            skipped -= passed
            lot.left += taken - passed
        if overdrawn > repaid:  # the spend had left a debt that was repaid since
            account.lots.append(Lot(1, overdrawn - repaid, op.id))
        self._post(op.id, undone.member, undone.points)

    def _post(self, operation: int, member: int, points: int) -> None:
        if points:
            self.journal.append((operation, f"member {member}", points))
            self.journal.append((operation, "house", -points))

    def summary(self) -> dict[str, object]:
        """Everything that a replay has to give again."""
        return {
            "accounts": {member: (self.usable(member), self.lots(member)) for member in sorted(self.accounts)},
            "cards": self.cards,
            "stock": self.stock,
            "holds": sorted(self.holds),
            "leases": self.leases,
            "exposed": self.exposed,
        }
