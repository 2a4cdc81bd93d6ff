"""The words of the offline protocol's model: what desks and hub say to each other, and the faults that can be planted.

The model is the executable form of the offline protocol: no Qt, no SQL, no sockets. Times are whole seconds of one
true time, which desks see through clocks of their own; points are few, so that every limit is met often."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Policy(Enum):
    BOUNDED = "bounded"
    STRICT = "strict"


class Mutant(Enum):
    """One rule left out, each. The model has to notice every one of them."""

    NONE = "none"
    APPLY_TWICE = "an operation that comes again takes effect again"
    ACCEPT_FORK = "another operation at a place that is taken is let in"
    RESET_LIMITS = "limits start anew on reconnect, not when results were pulled"
    RECLAIM_EARLY = "the hub takes a hold back by its own clock"
    REFUSE_FACT = "what happened is refused for want of points"
    READ_FEED_BY_ID = "feed places are given before commit, and read by 'greater than the last'"
    SETTLED_BY_NUMBER = "a desk takes whatever the hub has at a place of its chain for its own"
    NO_DESK_LIMIT = "nobody adds up what a desk has spent of all members"
    TRUST_RESTORED_HUB = "a hub restored from a backup grants before every desk has pushed again"
    LOSE_UNSENT = "what was sent counts as done, answered or not"
    CLOCK_IGNORED = "a clock in doubt stops nothing"
    AGE_FROM_REPLY = "a copy's age counts from when the reply came, not from when it was asked for"
    GRANT_BY_TIMEOUT = "strict as first drafted: only desks beyond the contact time-out have their share set aside"
    FORGET_LARGER_SHARE = "the hub remembers only the newest share it has sent"
    ACK_BEFORE_PUSH = "an acknowledged share counts before what was spent under the old one has arrived"
    SHARE_OF_ALL = "the share is a part of the balance, not of what other desks' shares leave"
    LICENSED_TOO_EARLY = "a newly licensed desk spends from shares that were worked out without it"
    SHARE_AFTER_LICENCE = "a desk spends from shares of a licence epoch that it has no licence of"
    SPEND_AFTER_RESTART = "a desk spends before it has spoken to the hub since its store was opened"
    EXPIRE_WHAT_IS_SHARED = "points expire that stand behind a share"
    LEASE_BY_HUB_CLOCK = "the hub takes back what it set aside for a desk by its own clock"
    LEASE_PAST_END = "a desk spends what was set aside for it past its end"
    LEASE_AFTER_RESTART = "a desk spends what was set aside for it before it has spoken to the hub since it was started"
    LEASE_COUNTED_TWICE = "a desk that begins a new count has what was set aside for it once more"


@dataclass(frozen=True)
class Limits:
    per_redemption: int = 15  # F_op
    per_member: int = 20  # F_m
    per_desk: int = 30  # F_k
    newest_copy_s: int = 3_600  # T
    contact_timeout_s: int = 15


@dataclass(frozen=True)
class Licence:
    """Shares count from rows made in the licence epochs `since` to `number`: then this desk was among the licensed."""

    number: int
    since: int
    not_after: int


@dataclass(frozen=True)
class Lease:
    """Points set aside for one desk, which spends them also while it is cut off; `until` by that desk's own clock."""

    desk: str
    member: int
    left: int
    until: int


@dataclass(frozen=True)
class Op:
    """An operation: a fact once its desk has written it. `digest` covers everything, `prev` chains it."""

    id: int
    desk: str
    epoch: int
    sequence: int
    prev: int
    hlc: int
    verb: str  # enrol, credit, spend, reverse, void, card, receive, hand_out, return
    member: int = 0
    points: int = 0
    right: str = ""  # of a spend: online | limits | lease
    basis: int = 0  # the hold or lease it stands on, or supersedes, or returns; what it reverses; a card; a receipt
    expires: int = 0  # day of a credited lot

    @property
    def digest(self) -> int:
        return hash((self.id, self.desk, self.epoch, self.sequence, self.prev, self.verb, self.member, self.points))


@dataclass(frozen=True)
class Image:
    """A member's account after a row. `share`: what each licensed desk may spend of it, by the sums of `licence`."""

    usable: int
    lots: tuple[tuple[int, int, int], ...]  # (day of expiry, points left, the operation that made it)
    owed: int
    held: int
    share: int
    licence: int


@dataclass(frozen=True)
class Row:
    """One line of the feed: what an operation, or the hub by itself, made of the accounts it touched."""

    n: int
    prev: int
    h: int
    operation: int
    place: tuple[str, int, int]
    images: tuple[tuple[int, Image], ...]
    leases: tuple[tuple[int, Lease | None], ...] = ()  # None: it has ended


@dataclass(frozen=True)
class Ack:
    """ "I hold the feed up to `n`, and had written `sequence` operations of `epoch` when I did." """

    feed_epoch: int
    n: int
    epoch: int
    sequence: int


@dataclass(frozen=True)
class Message:
    """On the wire: may be lost, come twice, come late. `asked_at`: the desk's time when it asked."""

    desk: str
    kind: str  # hello, push, pull, ask and their replies
    asked_at: int = 0
    asked_since_boot: int = 0
    ops: tuple[Op, ...] = ()
    ack: Ack | None = None
    head: tuple[int, int, int] = (0, 0, 0)
    rows: tuple[Row, ...] = ()
    feed_epoch: int = 0
    made_at: int = 0  # true time of a reply; only the judge looks
    licence: Licence | None = None
    re_enrol: bool = False
    lost: bool = False
    hold: int = 0
    member: int = 0
    points: int = 0
    until: int = 0
    granted: bool = False
    new_epoch: int = 0
    snapshot: tuple[tuple[int, Image], ...] = ()
    leases: tuple[tuple[int, Lease], ...] = ()  # of a snapshot: what is set aside for this desk
    settled: int = 0  # of this desk's operations, how many the snapshot knows
    h: int = 0  # of the snapshot's last row
    run: int = 0  # of the desk's process: a reply reaches only the one that asked
