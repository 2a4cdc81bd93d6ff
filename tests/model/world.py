"""Hub, desks, the wire between them, and a judge who sees everything and believes nobody's own sums."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field

from tests.model.desk import CLOCK_OFF_S, Desk, Disk
from tests.model.hub import Hub, play
from tests.model.ledger import Ledger
from tests.model.views import judge_view
from tests.model.words import Image, Lease, Limits, Message, Mutant, Op, Policy

DAY_S = 86_400
MOST_EXCHANGES = 400


@dataclass
class Copy:
    """Of a desk's disk, and what the judge knew then."""

    disk: Disk
    copy_made: int


@dataclass
class World:
    policy: Policy
    mutant: Mutant = Mutant.NONE
    desk_names: tuple[str, ...] = ("K1", "K2", "K3")
    members: tuple[int, ...] = (1, 2)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.now = 1_000_000
        self.hub = Hub(self.policy, self.limits, self.mutant, self.now)
        self.desks: dict[str, Desk] = {}
        self.wire: list[Message] = []
        self.printed: dict[int, Op] = {}  # what a person was told had happened
        self.at_risk: set[int] = set()  # of it, what a desk's disk has lost
        self.copies: dict[str, Copy] = {}
        self.backup: Hub | None = None
        self.copy_made: dict[str, int] = {}  # when the hub made what a desk holds
        self.excused: set[str] = set()  # clocks that were set while the desk was down: nobody can see that
        self.reversed: set[int] = set()
        self.leased: dict[int, Lease] = {}  # as they were given
        self.put_back: set[str] = set()  # desks whose disk was an older copy once
        self.lost_by_hub = self.lost_by_desk = self.slip_came_twice = False
        self.next_op = 0
        self.receipts = 100
        for name in self.desk_names:
            self.hub.enrol(name)
            self.desks[name] = Desk(name, self.policy, self.limits, self.mutant, self.now)
        for name in self.desk_names[:2]:
            self.hub.license(name)
        for member in self.members:
            self.credit(self.desk_names[0], member, 50, receipt=member, days=1)
        for name in self.desk_names:
            self.exchange(name)
        for name in self.desk_names:
            self.exchange(name)

    # -- what people do ----------------------------------------------------------------------------------------------

    def _did(self, desk: str, verb: str, **what: int | str) -> Op:
        self.next_op += 1
        op = self.desks[desk].write(self.next_op, self.now, verb, **what)
        self.printed[op.id] = op
        return op

    def credit(self, desk: str, member: int, points: int, receipt: int, days: int = 30) -> None:
        self._did(desk, "credit", member=member, points=points, basis=receipt, expires=self.now // DAY_S + days)

    def credit_again(self, desk: str, member: int) -> None:
        self.credit(desk, member, 20, self.receipts)
        self.slip_came_twice = True

    def next_receipt(self) -> int:
        self.receipts += 1
        return self.receipts

    def spend(self, desk: str, member: int, points: int, supersedes: int = 0) -> None:
        """Cut off, under limits. Raises Refused."""
        at = self.desks[desk]
        at.check_may_spend(member, points, self.now)
        licence = at.disk.licence
        assert licence is not None
        assert self.now <= licence.not_after, "spent under a licence that was over"
        assert desk in self.excused or abs(at.offset) <= CLOCK_OFF_S, "spent by a clock that was wrong"
        assert self.now - self.copy_made.get(desk, 0) <= self.limits.newest_copy_s, "spent from a copy that was too old"
        self._did(desk, "spend", member=member, points=points, right="limits", basis=supersedes)
        # By the log, whatever the desk itself has counted. (A restored hub makes settled ones unsettled again.)
        assert at.spent_unsettled() <= self.limits.per_desk, "F_k was passed"
        assert at.spent_unsettled(member) <= self.limits.per_member, "F_m was passed"

    def post(self, desk: str, hold: int) -> None:
        at = self.desks[desk]
        granted = at.may_post(hold, self.now)
        self._did(desk, "spend", member=granted.member, points=granted.points, right="online", basis=hold)
        del at.disk.granted[hold]

    def void(self, desk: str, hold: int) -> None:
        at = self.desks[desk]
        granted = at.disk.granted[hold]
        self._did(desk, "void", member=granted.member, basis=hold)
        del at.disk.granted[hold]

    def go_on_offline(self, desk: str, hold: int) -> None:
        """No answer came: what was asked for is done under limits, instead of the request."""
        member, points = self.desks[desk].disk.asked[hold]
        self.spend(desk, member, points, supersedes=hold)
        self.desks[desk].disk.asked.pop(hold)

    def lease(self, desk: str, member: int, points: int, seconds: int) -> None:
        given = self.hub.lease(desk, member, points, seconds)
        if given is not None:
            self.leased[given] = self.hub.ledger.leases[given]

    def spend_lease(self, desk: str, lease: int, points: int) -> None:
        """Raises Refused."""
        member = self.desks[desk].check_may_spend_lease(lease, points, self.now).member
        self._did(desk, "spend", member=member, points=points, right="lease", basis=lease)

    def return_lease(self, desk: str, lease: int) -> None:
        member = self.desks[desk].disk.leases[lease].member
        self._did(desk, "return", member=member, basis=lease)

    def reverse(self, desk: str) -> None:
        """What this desk did and the hub has not answered."""
        for op in reversed(self.desks[desk].unsettled):
            if op.verb == "spend" and op.id not in self.reversed:
                self._did(desk, "reverse", member=op.member, basis=op.id)
                self.reversed.add(op.id)
                return

    def issue_card(self, desk: str, member: int) -> None:
        disk = self.desks[desk].disk
        if disk.next_card < 5:  # the desk's own block
            number = self.desk_names.index(desk) * 5 + disk.next_card
            disk.next_card += 1
            self._did(desk, "card", member=member, basis=number)

    def receive(self, desk: str, pieces: int) -> None:
        self._did(desk, "receive", points=pieces)
        self.desks[desk].disk.stock += pieces

    def hand_out(self, desk: str) -> None:
        if self.desks[desk].disk.stock:
            self._did(desk, "hand_out", points=1)
            self.desks[desk].disk.stock -= 1

    # -- the wire ----------------------------------------------------------------------------------------------------

    def ask(self, desk: str, member: int, points: int) -> None:
        self.next_op += 1
        self.desks[desk].disk.asked[self.next_op] = (member, points)
        self.send_ask(desk, self.next_op)

    def send_ask(self, desk: str, hold: int) -> None:
        """Again with the same number, as often as no answer comes."""
        member, points = self.desks[desk].disk.asked[hold]
        self.wire.append(Message(desk, "ask", hold=hold, member=member, points=points, run=self.desks[desk].run))

    def send(self, desk: str, kind: str) -> None:
        at = self.desks[desk]
        self.wire.append({"hello": at.hello, "pull": at.pull}[kind](self.now) if kind != "push" else at.push())

    def deliver(self, message: Message, *, slow: bool = False) -> Message | None:
        """A request to the hub, which gives the reply; or a reply to its desk."""
        self.hub.now = self.now
        match message.kind:
            case "hello":
                return self.hub.hello(message)
            case "push":
                return self.hub.push(message, slow=slow)
            case "pull":
                return self.hub.pull(message)
            case "snapshot?":
                return self.hub.snapshot(message)
            case "ask":
                return self.hub.ask(message)
            case _:
                self._hear(message)
                return None

    def _hear(self, reply: Message) -> None:
        at = self.desks[reply.desk]
        before, copied = list(at.disk.ops), at.disk.copied_since_boot
        at.hear(reply, self.now)
        if at.disk.copied_since_boot != copied:
            self.copy_made[reply.desk] = reply.made_at
        kept = {op.id for op in at.disk.ops}
        if at.disk.epoch != (before[0].epoch if before else at.disk.epoch):
            self.at_risk |= {op.id for op in before} - kept

    def exchange(self, desk: str) -> None:
        """Everything goes through: hello, push, pull, until nothing is left to say."""
        at = self.desks[desk]
        for _ in range(MOST_EXCHANGES):
            for message in (at.hello(self.now), at.push(), at.pull(self.now)):
                reply = self.deliver(message)
                assert reply is not None
                self.hub.commit_slow_rows()
                if reply.re_enrol and self.hub.desks[desk].state != "lost":
                    self.hub.re_enrol(desk)
                self._hear(reply)
            if at.wiped or (not at.unsettled and at.disk.cursor == len(self.hub.feed) and not at.wants_snapshot):
                return
            if self.mutant is Mutant.LOSE_UNSENT:
                return
        raise AssertionError(f"{desk} and the hub never come to an end")

    # -- what happens ------------------------------------------------------------------------------------------------

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        self.hub.now = self.now
        self.hub.take_back_by_clock()

    def crash(self, desk: str) -> None:
        at = self.desks[desk]
        if at.offset and not at.disk.clock_suspect:
            self.excused.add(desk)
        at.crash(self.now)

    def copy_disk(self, desk: str) -> None:
        self.copies[desk] = Copy(copy.deepcopy(self.desks[desk].disk), self.copy_made.get(desk, 0))

    def restore_disk(self, desk: str) -> None:
        at, old = self.desks[desk], self.copies[desk]
        gone = {op.id for op in at.disk.ops} - {op.id for op in old.disk.ops}
        self.at_risk |= gone
        self.lost_by_desk = self.lost_by_desk or bool(gone)
        self.crash(desk)
        at.crash(self.now, old.disk)
        if at.offset and not at.disk.clock_suspect:  # the copy knows nothing of the doubt
            self.excused.add(desk)
        self.copy_made[desk] = old.copy_made
        self.put_back.add(desk)

    def back_up_hub(self) -> None:
        self.backup = copy.deepcopy(self.hub)

    def restore_hub(self) -> None:
        """To a backup since which no desk began a new count: a person's word of that would have to be entered again."""
        assert self.backup is not None
        if all(self.backup.desks[name].epoch == self.hub.desks[name].epoch for name in self.desk_names):
            self.hub = self.hub.restored_from(self.backup)
            self.lost_by_hub = True

    # -- the judge ---------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        ledger = self.hub.ledger
        effects = Counter((operation, account) for operation, account, _ in ledger.journal)
        assert all(count == 1 for (_, account), count in effects.items() if account != "house"), "took effect twice"
        assert sum(points for _, _, points in ledger.journal) == 0
        for member, account in ledger.accounts.items():
            booked = sum(points for _, name, points in ledger.journal if name == f"member {member}")
            assert booked == account.posted, "the balance is not the journal's"
        assert all(code != "refused" for _, code in self.hub.admitted.values()), "a fact was refused"
        self._judge_chains()
        self._judge_feed()
        self._judge_leases()
        for desk in self.desks.values():
            for member, image in desk.disk.images.items():
                judge_view(image, member, [op for op in desk.unsettled if op.member == member])
        # What the hub lost and the desk that did it lost as well is nowhere; which of two claims to one slip counts may
        # come out the other way for a restored hub. Spends may have stood on either.
        lost_desk = self.lost_by_desk or any(desk.state == "lost" for desk in self.hub.desks.values())
        if self.hub.is_settled and not (self.lost_by_hub and (lost_desk or self.slip_came_twice)):
            self._judge_bounds()

    def _judge_chains(self) -> None:
        heads: dict[str, tuple[int, int, int]] = {}
        for verb, done in self.hub.log:
            if verb == "op":
                (op,) = done
                assert isinstance(op, Op)
                epoch, sequence, digest = heads.get(op.desk, (1, 0, 0))
                follows = (op.epoch, op.sequence, op.prev) == (epoch, sequence + 1, digest)
                begins = op.epoch > epoch and (op.sequence, op.prev) == (1, 0)
                assert follows or begins, "a chain was let in that does not follow"
                heads[op.desk] = (op.epoch, op.sequence, op.digest)

    def _judge_feed(self) -> None:
        feed = self.hub.feed
        for name, desk in self.desks.items():
            if desk.disk.feed_epoch != self.hub.feed_epoch or desk.disk.cursor > len(feed):
                continue
            there: dict[int, Image] = {}
            for row in feed:
                if row.n <= desk.disk.cursor:
                    there.update(row.images)
            assert desk.disk.images == there, f"{name} has missed a row"

    def _judge_leases(self) -> None:
        """None is spent past its end or its amount, and what may still come of it is set aside or recorded."""
        spent: Counter[int] = Counter()
        for op, code in self.hub.admitted.values():
            if op.right == "lease":
                spent[op.basis] += op.points
                assert op.hlc <= self.leased[op.basis].until, "a lease was spent past its end"
                # What a hub that was put back had forgotten is no word of the desk's against it.
                assert code != "LEASE_GONE" or self.lost_by_hub, "spent of a lease that was not there any more"
        for lease, points in spent.items():
            assert points <= self.leased[lease].left, "a lease was spent past its amount"
        for name, at in self.desks.items():
            known = self.hub.desks[name]
            if known.state == "lost" or at.disk.epoch != known.epoch:
                if not self.lost_by_hub and name not in self.put_back:
                    mine = [op for op in at.disk.ops if (name, op.epoch, op.sequence) not in self.hub.admitted]
                    self._judge_pending_of_leases(mine, self.hub.ledger.exposed)
            elif self.hub.is_settled and self._is_next_of(name):
                left = {lease_id: lease.left for lease_id, lease in self.hub.ledger.leases.items()}
                self._judge_pending_of_leases(at.disk.ops[known.sequence :], left)

    @staticmethod
    def _judge_pending_of_leases(ops: list[Op], most: dict[int, int]) -> None:
        pending: Counter[int] = Counter()
        for op in ops:
            if op.right == "lease":
                pending[op.basis] += op.points
        for lease, points in pending.items():
            assert points <= most.get(lease, 0), "more is on its way than is set aside for it, or was written off"

    def _judge_bounds(self) -> None:
        """An overdraft is of spending; what a returned sale left owing is a debt of its own. Leases add nothing to the
        bound, but where a hub was put back and has forgotten them: then exactly what comes of those that it forgot."""
        licensed = sum(desk.licensed_since is not None for desk in self.hub.desks.values())
        if self.policy is Policy.BOUNDED:
            forgotten = Counter[int]()
            for op, code in self.hub.admitted.values():
                if code == "LEASE_GONE":
                    assert self.lost_by_hub, "spent of a lease that was not there any more"
                    forgotten[op.member] += op.points
            for member in self.members:
                most = licensed * self.limits.per_member + forgotten[member]
                assert -self._without_clawed(member) <= most, "overdrawn beyond K·F_m"
        else:
            for member in self.members:
                coming = sum(
                    op.points
                    for name, desk in self.desks.items()
                    for op in desk.disk.ops[self.hub.desks[name].sequence :]
                    if self.hub.desks[name].state != "lost"
                    and self._is_next_of(name)
                    and (op.verb, op.right, op.member) == ("spend", "limits", member)
                )
                assert self._without_clawed(member) >= coming, "overspent, or will be"

    def _is_next_of(self, desk: str) -> bool:
        """Will what this desk has not pushed be taken?"""
        known, ops = self.hub.desks[desk], self.desks[desk].disk.ops
        if self.desks[desk].disk.epoch != known.epoch or len(ops) < known.sequence:
            return False
        return known.sequence == 0 or ops[known.sequence - 1].digest == known.head

    def _without_clawed(self, member: int) -> int:
        return self.hub.ledger.usable(member) + self.hub.ledger.account(member).clawed

    def settle_and_judge(self) -> None:
        """Peace: everybody comes back, and everything that was printed is there, once."""
        self.wire.clear()
        for name in (*self.desk_names, *self.desk_names):
            self.exchange(name)
            self.judge()
        self._settle_leases()
        admitted = {op.id for op, _ in self.hub.admitted.values()}
        lost = {name for name, desk in self.hub.desks.items() if desk.state == "lost"}
        for op in self.printed.values():
            assert op.id in admitted or op.id in self.at_risk or op.desk in lost, f"lost: {op}"
        again = Ledger()
        for verb, done in self.hub.log:
            play(again, verb, done)
        assert again.summary() == self.hub.ledger.summary(), "replay from operation 1 differs"
        for name, at in self.desks.items():
            if name not in lost:
                for member, image in at.disk.images.items():
                    assert at.usable(member) == image.usable == self.hub.ledger.usable(member), (
                        "a view is not the hub's"
                    )

    def became_of_leases(self) -> Counter[str]:
        """How often the hub's log says what of leases: a history that never has any proves nothing of them."""
        became: Counter[str] = Counter()
        for verb, done in self.hub.log:
            if verb == "lease":
                became["given"] += 1
            elif verb == "end_lease":
                became["written off" if done[-1] else "lapsed"] += 1
            elif verb == "op" and isinstance(done[0], Op):
                op = done[0]
                became["spent"] += op.right == "lease"
                became["returned"] += op.verb == "return"
        return became

    def _settle_leases(self) -> None:
        """The first desk gives back what is left, of the others it ends: in both cases their own logs say so."""
        if not self.hub.ledger.leases:
            return
        for lease in list(self.desks[self.desk_names[0]].disk.leases):
            self.return_lease(self.desk_names[0], lease)
        self.pass_time(max(lease.until for lease in self.hub.ledger.leases.values()) - self.now + 1)
        for name, known in self.hub.desks.items():
            if known.state != "lost":
                self.receive(name, 1)
        for name in (*self.desk_names, *self.desk_names):
            self.exchange(name)
            self.judge()
        assert not self.hub.ledger.leases, "points stay set aside"
        assert not any(at.disk.leases for at in self.desks.values() if not at.wiped), (
            "a desk counts on points that are not"
        )
