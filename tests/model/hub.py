"""The hub: the one authority over every account. All that it knows is durable; each method is one transaction."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from tests.model.ledger import Hold, Ledger
from tests.model.words import Ack, Image, Lease, Licence, Limits, Message, Mutant, Op, Policy, Row

HOLD_S = 900
LICENCE_S = 86_400
GRACE_DAYS = 3  # points expire this long after their day: what desks spent on it may still be on its way


@dataclass
class DeskAtHub:
    state: str = "active"  # active, suspended, lost
    epoch: int = 1
    sequence: int = 0
    head: int = 0
    licensed_since: int | None = None  # licence epoch
    licensed_until: int | None = None  # the first licence epoch without it
    acked: int = 0  # the feed position it is known to hold, everything it did before being here
    waiting_acks: tuple[Ack, ...] = ()
    last_heard: int = -1_000_000
    settled_in: int = 1  # the feed epoch that it holds, everything it did before being here


@dataclass
class Hub:
    """`now` is the hub's clock, which in this model is right; no rule of safety reads it (RECLAIM_EARLY does)."""

    policy: Policy
    limits: Limits
    mutant: Mutant = Mutant.NONE
    now: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    desks: dict[str, DeskAtHub] = field(default_factory=dict)
    log: list[tuple[str, tuple[object, ...]]] = field(
        default_factory=list
    )  # everything that took effect, to be replayed
    admitted: dict[tuple[str, int, int], tuple[Op, str]] = field(default_factory=dict)
    quarantine: list[Op] = field(default_factory=list)
    feed: list[Row] = field(default_factory=list)
    invisible: list[Row] = field(default_factory=list)  # READ_FEED_BY_ID: placed and not yet committed
    feed_epoch: int = 1
    licence_epoch: int = 1
    answers: dict[int, bool] = field(default_factory=dict)  # requests that were decided
    shares: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)  # member: (n, share, licence epoch)
    spent: dict[tuple[str, int], list[tuple[int, int]]] = field(default_factory=dict)  # under limits: (n, points)
    next_id: int = 1_000_000

    # -- desks -------------------------------------------------------------------------------------------------------

    def enrol(self, desk: str) -> None:
        self.desks[desk] = DeskAtHub(settled_in=self.feed_epoch)

    def license(self, desk: str) -> None:
        """K changes: from this licence epoch on, shares are worked out with this desk among them."""
        known = self.desks[desk]
        if known.state != "active" or (known.licensed_since is not None and known.licensed_until is None):
            return
        if known.licensed_until is not None and self._rows_of_old_licence_may_count(desk):
            return
        self.licence_epoch += 1
        known.licensed_since, known.licensed_until = self.licence_epoch, None

    def withdraw_licence(self, desk: str) -> None:
        """From this licence epoch on it has no share; what it may hold of earlier ones stays set aside."""
        known = self.desks[desk]
        if known.licensed_since is not None and known.licensed_until is None:
            self.licence_epoch += 1
            known.licensed_until = self.licence_epoch

    def declare_lost(self, desk: str) -> None:
        """A person's word: nothing of it will count any more."""
        self.withdraw_licence(desk)
        self.desks[desk].state = "lost"
        for hold_id, hold in list(self.ledger.holds.items()):
            if hold.desk == desk:
                self._system("release", hold_id)
        self._write_off_leases(desk)

    def suspend(self, desk: str) -> None:
        """It may push, and gets no licence until it is enrolled again."""
        self.withdraw_licence(desk)
        self.desks[desk].state = "suspended"

    def _rows_of_old_licence_may_count(self, desk: str) -> bool:
        return any(self.exposure(desk, member) for member in self.shares)

    @property
    def licensed(self) -> list[str]:
        return [
            name for name, desk in self.desks.items() if desk.licensed_since is not None and desk.licensed_until is None
        ]

    @property
    def is_settled(self) -> bool:
        """Has every desk that may have worked pushed what a restored hub may have forgotten?"""
        return all(desk.settled_in == self.feed_epoch or desk.state == "lost" for desk in self.desks.values())

    # -- the strict scheme -------------------------------------------------------------------------------------------

    def exposure(self, desk: str, member: int) -> int:
        """E: the most that `desk` may have spent of `member`, or may yet spend, that the hub has not seen.

        For each share that it may hold: what is left of it after what came since. It may hold the one in force where it
        was last known to be, and every one made since."""
        known = self.desks[desk]
        if known.licensed_since is None or known.state == "lost":
            return 0
        until = known.licensed_until if known.licensed_until is not None else self.licence_epoch + 1
        rows = self.shares.get(member, [])
        in_force = max((n for n, _, _ in rows if n <= known.acked), default=0)
        spent = self.spent.get((desk, member), [])
        left = [
            share - sum(points for place, points in spent if place > max(n, known.acked))
            for n, share, licence in rows
            if n >= in_force and known.licensed_since <= licence < until
        ]
        if self.mutant is Mutant.FORGET_LARGER_SHARE:
            left = left[-1:]
        if self.mutant is Mutant.GRANT_BY_TIMEOUT and self.now - known.last_heard <= self.limits.contact_timeout_s:
            return 0
        return max([0, *left])

    def set_aside(self, member: int) -> int:
        if self.policy is Policy.BOUNDED:
            return 0
        return sum(self.exposure(desk, member) for desk in self.desks)

    def free(self, member: int) -> int:
        """What the hub itself may give away now."""
        return self.ledger.usable(member) - self.set_aside(member)

    def _share(self, member: int, most: int) -> int:
        """The largest share that all licensed desks can have at once, beside what they and others may hold already."""
        licensed = self.licensed
        if self.policy is Policy.BOUNDED or not licensed or not self.is_settled:
            return 0
        usable = self.ledger.usable(member)
        target = min(self.limits.per_member, max(0, usable) // len(licensed), most)
        if self.mutant is Mutant.SHARE_OF_ALL:
            return target
        held = {desk: self.exposure(desk, member) for desk in self.desks}
        for share in range(target, 0, -1):
            if sum(max(held[desk], share) if desk in licensed else held[desk] for desk in held) <= usable:
                return share
        return 0

    def recall(self, member: int) -> None:
        """Ask for all shares of a member back: they are free when they have been acknowledged."""
        if self.policy is Policy.STRICT:
            self._system("recall", member, most=0)

    # -- push --------------------------------------------------------------------------------------------------------

    def push(self, message: Message, *, slow: bool = False) -> Message:
        """Take the operations that follow; the reply names the head they led to. Results come by the feed."""
        known = self.desks[message.desk]
        known.last_heard = self.now
        re_enrol = False
        for op in message.ops:
            taken = self.admitted.get((op.desk, op.epoch, op.sequence))
            if taken is not None and (taken[0].digest == op.digest or self.mutant is Mutant.ACCEPT_FORK):
                if self.mutant is Mutant.APPLY_TWICE or (taken[0].digest != op.digest):
                    self._admit(op, slow=slow)
                continue
            if taken is not None or known.state == "lost" or op.epoch < known.epoch:
                self.quarantine.append(op)
                re_enrol = taken is not None or op.epoch < known.epoch
                break
            follows = (op.epoch, op.sequence, op.prev) == (known.epoch, known.sequence + 1, known.head)
            if self.mutant is Mutant.ACCEPT_FORK:
                follows = op.sequence == known.sequence + 1
            if not follows:
                break  # a gap, or another chain: by our head in the reply the desk sees which
            self._admit(op, slow=slow)
        return self._reply(message, "pushed", re_enrol=re_enrol)

    def _admit(self, op: Op, *, slow: bool) -> None:
        known = self.desks[op.desk]
        if self.policy is Policy.STRICT and op.verb == "spend" and op.right == "limits":
            self.spent.setdefault((op.desk, op.member), []).append(
                (len(self.feed) + len(self.invisible) + 1, op.points)
            )
        code = self.ledger.apply(op, may_refuse=self.mutant is Mutant.REFUSE_FACT)
        self.log.append(("op", (op,)))
        self.admitted[op.desk, op.epoch, op.sequence] = (op, code)
        known.sequence, known.head = op.sequence, op.digest
        leases = (op.basis,) if op.right == "lease" or op.verb == "return" else ()
        members = (op.member,) if op.member else ()
        self._append(op.id, (op.desk, op.epoch, op.sequence), members, slow=slow, leases=leases)
        for hold_id, hold in list(self.ledger.holds.items()):
            # A desk does not post after the hold's time by its own clock, and its log is in order: it never will.
            if hold.desk == op.desk and op.hlc > hold.until:
                self._system("release", hold_id, hold.member)
        for lease_id, lease in list(self.ledger.leases.items()):
            if lease.desk == op.desk and op.hlc > lease.until:
                self._system("end_lease", lease_id)
        self._weigh_acks(op.desk)

    # -- pull --------------------------------------------------------------------------------------------------------

    def pull(self, message: Message) -> Message:
        assert message.ack is not None
        known = self.desks[message.desk]
        known.last_heard = self.now
        if message.ack.feed_epoch != self.feed_epoch or known.state == "lost":
            return self._reply(message, "gone")
        if message.ack.epoch < known.epoch:  # signed with a key that has ended: it is told nothing of its successor
            return self._reply(message, "gone")
        known.waiting_acks = (*known.waiting_acks[-8:], message.ack)
        self._weigh_acks(message.desk)
        rows = tuple(row for row in self.feed if row.n > message.ack.n)
        return self._reply(message, "rows", rows=rows[:5])

    def _weigh_acks(self, desk: str) -> None:
        """An acknowledged place counts when all that the desk had done before it is here."""
        known = self.desks[desk]
        for ack in known.waiting_acks:
            is_here = ack.epoch < known.epoch or (ack.epoch == known.epoch and ack.sequence <= known.sequence)
            if ack.feed_epoch == self.feed_epoch and (is_here or self.mutant is Mutant.ACK_BEFORE_PUSH):
                known.acked = max(known.acked, ack.n)
                known.settled_in = self.feed_epoch

    # -- hello, snapshot ---------------------------------------------------------------------------------------------

    def hello(self, message: Message) -> Message:
        """`head` is the desk's; a chain that cannot be ours, or is behind us, is one that was restored or cloned."""
        known = self.desks[message.desk]
        known.last_heard = self.now
        epoch, sequence, digest = message.head
        if known.state == "lost":
            return self._reply(message, "welcome", lost=True)
        taken = self.admitted.get((message.desk, epoch, sequence))
        behind = (epoch, sequence) < (known.epoch, known.sequence)
        other = taken is not None and taken[0].digest != digest
        if (behind or other) and self.mutant is not Mutant.ACCEPT_FORK:
            return self._reply(message, "welcome", re_enrol=True)
        return self._reply(message, "welcome")

    def re_enrol(self, desk: str) -> None:
        """A person's word that this desk begins a new count. Nothing of the old one is taken any more."""
        known = self.desks[desk]
        known.epoch, known.sequence, known.head = known.epoch + 1, 0, 0
        known.acked = max(known.acked, len(self.feed))  # it will hold a snapshot of now, or later
        known.state = "active"
        known.waiting_acks = ()
        for hold_id, hold in list(self.ledger.holds.items()):
            if hold.desk == desk:
                self._system("release", hold_id, hold.member)
        self._write_off_leases(desk)

    def snapshot(self, message: Message) -> Message:
        known = self.desks[message.desk]
        images = {member: image for row in self.feed for member, image in row.images}
        return self._reply(
            message,
            "snapshot",
            snapshot=tuple(sorted(images.items())),
            leases=tuple(each for each in self.ledger.leases.items() if each[1].desk == message.desk),
            new_epoch=known.epoch,
            settled=known.sequence,
            h=self.feed[-1].h if self.feed else 0,
        )

    # -- requests ----------------------------------------------------------------------------------------------------

    def ask(self, message: Message) -> Message:
        """Set points aside for a redemption; asked again, the answer is the same."""
        known = self.desks[message.desk]
        known.last_heard = self.now
        granted = self.answers.get(message.hold)
        until = self.now + HOLD_S
        if granted is None:
            may_grant = known.state == "active" and (self.is_settled or self.mutant is Mutant.TRUST_RESTORED_HUB)
            granted = may_grant and 0 < message.points <= self.free(message.member)
            self.answers[message.hold] = granted
            if granted:
                hold = Hold(message.member, message.points, message.desk, until)
                self._system("hold", message.hold, message.member, hold=hold)
        elif message.hold in self.ledger.holds:
            until = self.ledger.holds[message.hold].until
        else:
            granted = False  # posted, voided or taken back meanwhile
        return self._reply(
            message,
            "asked",
            hold=message.hold,
            member=message.member,
            points=message.points,
            granted=granted,
            until=until,
        )

    # -- leases ------------------------------------------------------------------------------------------------------

    def lease(self, desk: str, member: int, points: int, seconds: int) -> int | None:
        """Set points aside for a desk, of what the hub may give itself. It counts on them once it has read of it."""
        if self.desks[desk].state != "active" or not self.is_settled or not 0 < points <= self.free(member):
            return None
        self._system("lease", lease=Lease(desk, member, points, self.now + seconds))
        return self.next_id

    def _write_off_leases(self, desk: str) -> None:
        """A person's word that nothing of this desk, or of its old count, will come: what was set aside for it is free
        again, and what it may have spent of that is recorded."""
        for lease_id, lease in list(self.ledger.leases.items()):
            if lease.desk == desk:
                self._system("end_lease", lease_id, by_a_person=True)

    # -- by itself ---------------------------------------------------------------------------------------------------

    def expire(self, member: int, today: int) -> None:
        most = max(0, self.free(member))
        if self.mutant is Mutant.EXPIRE_WHAT_IS_SHARED:
            most = 1_000_000
        if self.is_settled:
            self._system("expire", member, today - GRACE_DAYS, most, member=member)

    def sale_returned(self, member: int, points: int) -> None:
        if self.is_settled:
            self._system("claw_back", member, points, max(0, self.free(member)), member=member)

    def take_back_by_clock(self) -> None:
        """Only mutants do: who may still post or spend is not known to a clock."""
        if self.mutant is Mutant.LEASE_BY_HUB_CLOCK:
            for lease_id, lease in list(self.ledger.leases.items()):
                if self.now > lease.until:
                    self._system("end_lease", lease_id)
        if self.mutant is Mutant.RECLAIM_EARLY:
            for hold_id, hold in list(self.ledger.holds.items()):
                if self.now > hold.until:
                    self._system("release", hold_id, hold.member)

    def restored_from(self, backup: Hub) -> Hub:
        """Point-in-time recovery: what came after the backup is forgotten, and a new count of the feed begins."""
        restored = copy.deepcopy(backup)
        restored.now = self.now
        restored.feed_epoch = self.feed_epoch + 1
        restored.licence_epoch = self.licence_epoch + 1  # never a number that was given before
        restored.next_id = self.next_id
        for name, known in restored.desks.items():
            known.acked, known.waiting_acks = 0, ()
            if known.licensed_since is not None:
                known.licensed_since = restored.licence_epoch  # shares of rows before this moment count no more
            # People's words are entered again: who was declared lost, who began a new count.
            if self.desks[name].state == "lost":
                restored.declare_lost(name)
        return restored

    # -- the log and the feed ----------------------------------------------------------------------------------------

    def _system(
        self,
        verb: str,
        *what: int,
        member: int = 0,
        hold: Hold | None = None,
        most: int = 1_000_000,
        lease: Lease | None = None,
        by_a_person: bool = False,
    ) -> None:
        """What the hub does by itself is an operation in the same log."""
        self.next_id += 1
        touched: tuple[int, ...] = (member,) if member else ()
        done: tuple[object, ...] = (self.next_id, *what)
        leases: tuple[int, ...] = ()
        if verb == "hold":
            assert hold is not None
            done, touched = (what[0], hold), (what[1],)
        elif verb == "release":
            touched = (self.ledger.holds[what[0]].member,)
        elif verb == "lease":
            assert lease is not None
            done, touched, leases = (self.next_id, lease), (lease.member,), (self.next_id,)
        elif verb == "end_lease":
            done, touched, leases = (*done, by_a_person), (self.ledger.leases[what[0]].member,), (what[0],)
        elif verb == "recall":
            touched = (what[0],)
        self.log.append((verb, done))
        play(self.ledger, verb, done)
        self._append(self.next_id, ("hub", 0, self.next_id), touched, most=most, leases=leases)

    def _append(
        self,
        operation: int,
        place: tuple[str, int, int],
        members: tuple[int, ...],
        *,
        slow: bool = False,
        most: int = 1_000_000,
        leases: tuple[int, ...] = (),
    ) -> None:
        """The feed's row, last of the transaction: numbered under the head's lock, so that rows are seen in order."""
        n = len(self.feed) + len(self.invisible) + 1
        images = []
        for member in members:
            share = self._share(member, most)
            self.shares.setdefault(member, []).append((n, share, self.licence_epoch))
            account, usable = self.ledger.account(member), self.ledger.usable(member)
            held = account.posted - usable
            image = Image(usable, self.ledger.lots(member), account.owed, held, share, self.licence_epoch)
            images.append((member, image))
        prev = self.feed[-1].h if self.feed else 0
        now_leased = tuple((lease, self.ledger.leases.get(lease)) for lease in leases)
        row = Row(n, prev, hash((prev, n, operation)), operation, place, tuple(images), now_leased)
        if slow and self.mutant is Mutant.READ_FEED_BY_ID:
            self.invisible.append(row)
            return
        self.feed.append(row)

    def commit_slow_rows(self) -> None:
        self.feed.extend(self.invisible)
        self.feed.sort(key=lambda row: row.n)
        self.invisible.clear()

    def _reply(self, asked: Message, kind: str, **more: object) -> Message:
        known = self.desks[asked.desk]
        licence = None
        if known.state == "active" and known.licensed_since is not None and known.licensed_until is None:
            licence = Licence(self.licence_epoch, known.licensed_since, self.now + LICENCE_S)
        told: dict[str, object] = {
            "head": (known.epoch, known.sequence, known.head),
            "feed_epoch": self.feed_epoch,
            "made_at": self.now,
            "asked_at": asked.asked_at,
            "asked_since_boot": asked.asked_since_boot,
            "run": asked.run,
            "licence": licence,
            "lost": known.state == "lost",
            "ack": Ack(self.feed_epoch, len(self.feed), known.epoch, known.sequence),
            **more,
        }
        return Message(asked.desk, kind, **told)  # type: ignore[arg-type]


def play(ledger: Ledger, verb: str, done: tuple[object, ...]) -> None:
    """One entry of the log; the judge plays all of them into an empty ledger."""
    match verb, done:
        case "op", (Op() as op,):
            ledger.apply(op)
        case "hold", (int() as hold_id, Hold() as hold):
            ledger.hold(hold_id, hold)
        case "release", (int(), int() as hold_id, *_):
            ledger.release(hold_id)
        case "lease", (int() as lease_id, Lease() as lease):
            ledger.lease(lease_id, lease)
        case "end_lease", (int(), int() as lease_id, bool() as by_a_person):
            ledger.end_lease(lease_id, by_a_person=by_a_person)
        case "expire", (int() as operation, int() as member, int() as through, int() as most):
            ledger.expire(operation, member, through, most)
        case "claw_back", (int() as operation, int() as member, int() as points, int() as most):
            ledger.claw_back(operation, member, points, most)
        case "recall", _:
            pass
        case _:
            raise AssertionError(verb)
