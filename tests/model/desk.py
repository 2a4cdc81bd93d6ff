"""A desk: what it keeps on its disk, what it decides by itself, and what it makes of the hub's replies.

`Disk` survives a crash and can be restored from a copy; what stands beside it in `Desk` dies with the process."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from tests.model.words import Ack, Image, Lease, Licence, Limits, Message, Mutant, Op, Policy

CLOCK_OFF_S = 90  # by more than this against the time since boot, a clock is in doubt


@dataclass(frozen=True)
class Granted:
    member: int
    points: int
    until: int


@dataclass
class Disk:
    epoch: int = 1
    ops: list[Op] = field(default_factory=list)  # of this epoch
    settled: int = 0  # so many of them are in what was pulled
    feed_epoch: int = 1
    cursor: int = 0
    last_h: int = 0
    images: dict[int, Image] = field(default_factory=dict)
    copied_at: int = -1_000_000  # by this desk's clock, when what it holds was asked for …
    copied_since_boot: int = -1_000_000  # … and by the time since it was started, which nobody can set
    licence: Licence | None = None
    hlc: int = 0
    clock_suspect: bool = False
    stock: int = 0
    next_card: int = 0
    last_card: int = -1
    granted: dict[int, Granted] = field(default_factory=dict)
    leases: dict[int, Lease] = field(default_factory=dict)  # as the hub last said
    asked: dict[int, tuple[int, int]] = field(default_factory=dict)  # requests without an answer: member, points
    forgot: int = 0  # RESET_LIMITS: spends before this one are no longer counted
    sent: int = 0  # LOSE_UNSENT: these are not sent again


class Refused(Exception):
    """A rule said no; nothing happened."""


class Desk:
    def __init__(self, name: str, policy: Policy, limits: Limits, mutant: Mutant, now: int) -> None:
        self.name = name
        self.policy = policy
        self.limits = limits
        self.mutant = mutant
        self.disk = Disk()
        self.offset = 0  # of its wall clock against the true time
        self.run = 1
        self.hello_was_good = False  # in this run of the program
        self.spoke_since_start = False  # … and everything was pulled that the hub had then
        self.last_answered = now
        self.wants_snapshot = False
        self.wiped = False
        self._looked_at = (now, now)  # wall, since boot

    # -- time --------------------------------------------------------------------------------------------------------

    def clock(self, now: int) -> int:
        """The hybrid logical clock: never goes back. Notices a wall clock that was set meanwhile."""
        wall, since_boot = now + self.offset, now
        before_wall, before_boot = self._looked_at
        if abs((wall - before_wall) - (since_boot - before_boot)) > CLOCK_OFF_S or wall < self.disk.hlc - 300:
            self.disk.clock_suspect = True
        self._looked_at = (wall, since_boot)
        self.disk.hlc = max(self.disk.hlc, wall)
        return self.disk.hlc

    # -- what it knows -----------------------------------------------------------------------------------------------

    @property
    def unsettled(self) -> list[Op]:
        return self.disk.ops[self.disk.settled :]

    def spent_unsettled(self, member: int | None = None) -> int:
        """Under limits, and not in what was pulled. Reversed or not: an operation is settled or it is not."""
        return sum(
            op.points
            for op in self.unsettled
            if op.verb == "spend" and op.right == "limits" and (member is None or op.member == member)
        )

    def usable(self, member: int) -> int:
        """The hub's image less what was spent here since; what was earned here since is not to be spent yet."""
        image = self.disk.images.get(member)
        gone = sum(op.points for op in self.unsettled if op.verb == "spend" and op.member == member)
        was_held = sum(op.points for op in self.unsettled if op.right in ("online", "lease") and op.member == member)
        return (image.usable if image else 0) - gone + was_held  # what was held is off in the image already

    def left_of(self, lease: int) -> int:
        """Of what is set aside for this desk: the hub's word of it, and what was done here since."""
        if lease not in self.disk.leases or any(op.verb == "return" and op.basis == lease for op in self.unsettled):
            return 0
        spent = sum(op.points for op in self.unsettled if op.right == "lease" and op.basis == lease)
        return self.disk.leases[lease].left - spent

    # -- what it decides ---------------------------------------------------------------------------------------------

    def check_may_spend(self, member: int, points: int, now: int) -> None:
        """Raises Refused. Every limit of RELIABILITY.md 4.6, and the share where no point may be overspent."""
        disk, limits, at = self.disk, self.limits, self.clock(now)
        used_of_member, used = self.spent_unsettled(member), self.spent_unsettled()
        if self.mutant is Mutant.RESET_LIMITS:
            young = [op for op in disk.ops[max(disk.settled, disk.forgot) :] if op.right == "limits"]
            used = sum(op.points for op in young)
            used_of_member = sum(op.points for op in young if op.member == member)
        if self.mutant is Mutant.NO_DESK_LIMIT:
            used = 0
        licence = disk.licence
        if licence is None or self.wiped:
            raise Refused("licence.none")
        if disk.clock_suspect and self.mutant is not Mutant.CLOCK_IGNORED:
            raise Refused("clock.suspect")
        if at > licence.not_after:
            raise Refused("licence.over")
        if max(at - disk.copied_at, now - disk.copied_since_boot) > limits.newest_copy_s:
            raise Refused("copy.too_old")
        if points > limits.per_redemption:
            raise Refused("F_op")
        if used_of_member + points > limits.per_member or used + points > limits.per_desk:
            raise Refused("F_m or F_k")
        if points > self.usable(member):
            raise Refused("points.not_enough")
        if self.policy is Policy.STRICT:
            self._check_share(member, points, used_of_member, licence, now)

    def _check_share(self, member: int, points: int, used: int, licence: Licence, now: int) -> None:
        if not self.spoke_since_start and self.mutant is not Mutant.SPEND_AFTER_RESTART:
            raise Refused("strict.not_spoken")  # this store may be an old copy of itself
        if now - self.last_answered < self.limits.contact_timeout_s:
            raise Refused("strict.connected")  # the hub decides; safety does not rest on this
        image = self.disk.images.get(member)
        first = 0 if self.mutant is Mutant.LICENSED_TOO_EARLY else licence.since
        last = 1_000_000 if self.mutant is Mutant.SHARE_AFTER_LICENCE else licence.number
        if image is None or not first <= image.licence <= last:
            raise Refused("strict.no_share")
        if used + points > image.share:
            raise Refused("strict.share")

    def write(self, op_id: int, now: int, verb: str, **what: int | str) -> Op:
        """One operation, durable when this returns."""
        disk = self.disk
        if self.wiped:
            raise Refused("wiped")
        disk.hlc = self.clock(now) + 1
        prev = disk.ops[-1].digest if disk.ops else 0
        op = Op(op_id, self.name, disk.epoch, len(disk.ops) + 1, prev, disk.hlc, verb, **what)  # type: ignore[arg-type]
        disk.ops.append(op)
        return op

    def may_post(self, hold: int, now: int) -> Granted:
        granted = self.disk.granted.get(hold)
        if granted is None or self.clock(now) + 1 > granted.until:
            raise Refused("hold.over")  # by our own clock, which the hub waits for
        return granted

    def check_may_spend_lease(self, lease: int, points: int, now: int) -> Lease:
        """Raises Refused. No limit, no share, no licence: these points are nobody else's. Past the end by the later of
        wall and chain clock never: then the hub knows by this desk's log that nothing comes any more."""
        if self.wiped or not 0 < points <= self.left_of(lease):
            raise Refused("lease.not_enough")
        if not self.spoke_since_start and self.mutant is not Mutant.LEASE_AFTER_RESTART:
            raise Refused("lease.not_spoken")  # this store may be an old copy, and the hub not the one that gave it
        if self.clock(now) + 1 > self.disk.leases[lease].until and self.mutant is not Mutant.LEASE_PAST_END:
            raise Refused("lease.over")
        return self.disk.leases[lease]

    # -- what it says ------------------------------------------------------------------------------------------------

    def hello(self, now: int) -> Message:
        disk = self.disk
        head = (disk.epoch, len(disk.ops), disk.ops[-1].digest if disk.ops else 0)
        return Message(self.name, "hello", head=head, run=self.run)

    def push(self, most: int = 4) -> Message:
        """From the first without a result on; also what was sent before, because nobody knows that it arrived."""
        first = self.disk.settled
        if self.mutant is Mutant.LOSE_UNSENT:
            first = max(first, self.disk.sent)
            self.disk.sent = min(len(self.disk.ops), first + most)
        return Message(self.name, "push", ops=tuple(self.disk.ops[first : first + most]), run=self.run)

    def pull(self, now: int) -> Message:
        disk = self.disk
        kind = "snapshot?" if self.wants_snapshot else "pull"
        ack = Ack(disk.feed_epoch, disk.cursor, disk.epoch, len(disk.ops))
        return Message(self.name, kind, asked_at=self.clock(now), asked_since_boot=now, ack=ack, run=self.run)

    # -- what it hears -----------------------------------------------------------------------------------------------

    def hear(self, reply: Message, now: int) -> None:
        if self.wiped or reply.run != self.run:
            return
        if reply.lost:
            self.wiped = True
            return
        disk = self.disk
        if reply.feed_epoch != disk.feed_epoch or reply.kind == "gone":
            self.wants_snapshot = self.wants_snapshot or reply.feed_epoch > disk.feed_epoch
            if reply.kind != "snapshot":
                return
        self.last_answered = now
        self._compare_head(reply)
        match reply.kind:
            case "welcome":
                if reply.re_enrol:
                    self.wants_snapshot, self.hello_was_good = True, False
                    return
                self.hello_was_good = True
                self.offset, disk.clock_suspect = 0, False
                self.clock(now)
                self._looked_at = (now, now)
                self._take_licence(reply.licence)
                if self.mutant is Mutant.RESET_LIMITS:
                    disk.forgot = len(disk.ops)
            case "pushed":
                self.wants_snapshot = self.wants_snapshot or reply.re_enrol
            case "rows":
                self._take_rows(reply, now)
            case "snapshot":
                self._take_snapshot(reply)
            case "asked":
                member, points = disk.asked.pop(reply.hold, (0, 0))
                if member and reply.granted:
                    disk.granted[reply.hold] = Granted(member, points, reply.until)

    def _compare_head(self, reply: Message) -> None:
        """Where the hub has another operation at a place of ours, it is sent, and the fork is found out."""
        epoch, sequence, digest = reply.head
        if epoch != self.disk.epoch or not 0 < sequence <= len(self.disk.ops):
            return
        if self.disk.ops[sequence - 1].digest != digest and self.mutant is not Mutant.SETTLED_BY_NUMBER:
            self.disk.settled = min(self.disk.settled, sequence - 1)

    def _take_licence(self, licence: Licence | None) -> None:
        """Only ever a newer one: replies come late."""
        if licence is not None and (self.disk.licence is None or licence.number >= self.disk.licence.number):
            self.disk.licence = licence

    def _take_rows(self, reply: Message, now: int) -> None:
        """The very next row or none; result, images and cursor in one transaction."""
        disk = self.disk
        for row in reply.rows:
            by_id = self.mutant is Mutant.READ_FEED_BY_ID and row.n > disk.cursor
            if not by_id and not (row.n == disk.cursor + 1 and row.prev == disk.last_h):
                if row.n > disk.cursor:
                    self.wants_snapshot = True
                continue
            disk.cursor, disk.last_h = row.n, row.h
            disk.images.update(row.images)
            for lease_id, lease in row.leases:
                if lease is None:
                    disk.leases.pop(lease_id, None)
                elif lease.desk == self.name:
                    disk.leases[lease_id] = lease
            desk, epoch, sequence = row.place
            if (desk, epoch) == (self.name, disk.epoch):
                is_ours = sequence <= len(disk.ops) and disk.ops[sequence - 1].id == row.operation
                if is_ours or self.mutant is Mutant.SETTLED_BY_NUMBER:
                    disk.settled = max(disk.settled, sequence)
        assert reply.ack is not None
        if disk.cursor >= reply.ack.n:  # all that there was
            asked_at, since_boot = reply.asked_at, reply.asked_since_boot
            if self.mutant is Mutant.AGE_FROM_REPLY:
                asked_at, since_boot = self.clock(now), now
            disk.copied_at = max(disk.copied_at, asked_at)
            disk.copied_since_boot = max(disk.copied_since_boot, since_boot)
            self.spoke_since_start = self.hello_was_good  # what it may have forgotten, it has been told again

    def _take_snapshot(self, reply: Message) -> None:
        disk = self.disk
        assert reply.ack is not None
        newer = (reply.feed_epoch, reply.new_epoch) > (disk.feed_epoch, disk.epoch)
        if not self.wants_snapshot or not (newer or reply.ack.n >= disk.cursor) or reply.new_epoch < disk.epoch:
            return
        if reply.new_epoch > disk.epoch:  # what was not admitted of the old count is lost, and was counted
            disk.epoch, disk.ops, disk.forgot, disk.sent = reply.new_epoch, [], 0, 0
            disk.granted.clear()
            disk.asked.clear()
            disk.licence = None
        if reply.feed_epoch > disk.feed_epoch:
            disk.granted.clear()  # the hub that set these points aside may have forgotten it
        before = disk.leases if self.mutant is Mutant.LEASE_COUNTED_TWICE else {}
        disk.leases = {**before, **dict(reply.leases)}
        disk.settled = min(reply.settled, len(disk.ops))
        disk.sent = disk.settled
        disk.feed_epoch, disk.cursor, disk.last_h = reply.feed_epoch, reply.ack.n, reply.h
        disk.images = dict(reply.snapshot)
        disk.copied_at, disk.copied_since_boot = reply.asked_at, reply.asked_since_boot
        self._take_licence(reply.licence)
        self.wants_snapshot = False

    # -- what happens to it ------------------------------------------------------------------------------------------

    def crash(self, now: int, onto: Disk | None = None) -> None:
        """The process is gone; the disk holds all that was acknowledged, or `onto`: an older copy of it."""
        if onto is not None:
            self.disk = copy.deepcopy(onto)
        self.run += 1
        self.hello_was_good = self.spoke_since_start = False
        self.wants_snapshot = False
        self.last_answered = now
        wall = now + self.offset
        if wall < self.disk.hlc:
            self.disk.clock_suspect = True
        self._looked_at = (wall, now)
