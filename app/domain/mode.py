"""How a desk with a hub stands, and what it may do then (RELIABILITY.md 4.6 and 4.14): pure functions of facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.domain.offline_rules import Figures


class Mode(Enum):
    ONLINE = "online"  # the hub decides
    FRESH = "fresh"  # cut off; redemption within limits
    STALE = "stale"  # cut off for longer than the copy counts, or the licence has ended: no redemption
    CLOCK = "clock"  # the clock is in doubt: crediting only
    UNREADABLE = "unreadable"  # the feed says what this program does not understand: crediting only
    NOT_TAKEN = "not_taken"  # the hub does not understand what this desk sent: crediting only, and it waits here
    DISK_LOW = "disk_low"  # nothing new; what there is can be sent and exported
    REVOKED = "revoked"  # suspended, retired or lost


LEAST_DISK = 200 * 1024 * 1024  # bytes; below it nothing new is begun


@dataclass(frozen=True)
class Limits:
    """What the hub's licence allows while cut off, in points and seconds; `shares_of`: strict, the first and
    the last licence epoch whose shares count for this desk (docs/adr/0012)."""

    per_redemption: int
    per_member: int
    per_desk: int
    newest_copy_s: int
    not_after_ms: int
    contact_timeout_s: int
    kiosk: bool = False
    shares_of: tuple[int, int] | None = None


@dataclass(frozen=True)
class Standing:
    """The facts. Times in milliseconds; `silent_ms` since the hub last answered (None: never in this run), counted by
    a clock that nobody can set; `copy_age_ms` since the feed was last known to be read to its end; `has_spoken`: since
    this program opened the store, the hub has welcomed it and the feed was read to its end: the store may be an older
    copy of itself, with a share that was given back long ago."""

    in_contact: bool
    silent_ms: int | None
    copy_age_ms: int | None
    now_ms: int  # the later of wall clock and the chain's clock
    limits: Limits | None
    clock_suspect: bool = False
    disk_free: int | None = None
    revoked: bool = False
    unreadable: bool = False
    not_taken: bool = False
    has_spoken: bool = False


def mode_of(facts: Standing) -> Mode:
    """The gravest first."""
    if facts.revoked:
        return Mode.REVOKED
    if facts.disk_free is not None and facts.disk_free < LEAST_DISK:
        return Mode.DISK_LOW
    if facts.unreadable:
        return Mode.UNREADABLE
    if facts.not_taken:
        return Mode.NOT_TAKEN  # whatever the hub grants, what is done with it would not come to it in time
    if facts.in_contact:
        return Mode.ONLINE  # the hub knows the time, and the account
    if facts.clock_suspect:
        return Mode.CLOCK
    limits = facts.limits
    if limits is None or facts.now_ms > limits.not_after_ms:
        return Mode.STALE
    if facts.copy_age_ms is None or facts.copy_age_ms > limits.newest_copy_s * 1000:
        return Mode.STALE
    return Mode.FRESH


@dataclass(frozen=True)
class Unsettled:
    """Points redeemed here within limits whose central result has not been read back yet. Nothing else brings these
    figures down: neither being in contact again nor having sent them."""

    of_member: int = 0
    of_desk: int = 0


@dataclass(frozen=True)
class Wish:
    """A redemption as the limits see it. `usable` is what the copy says, own redemptions taken off and own credits
    that are not settled left out; `share` of licence epoch `share_licence`: strict, what the hub last told."""

    points: int
    usable: int
    used: Unsettled
    owes: bool = False
    share: int = 0
    share_licence: int = 0


def why_not(wish: Wish, facts: Standing) -> tuple[str, int] | None:
    """A sentence's code and the figure that was passed, or None: it may go on without the hub."""
    limits = facts.limits
    mode = mode_of(facts)
    if mode is Mode.CLOCK:
        return "offline.clock", 0
    if mode is not Mode.FRESH or limits is None:
        return "offline.copy_too_old", 0
    if limits.per_redemption == 0 or limits.per_desk == 0:
        return "offline.no_redemption", 0
    if limits.shares_of is not None:
        if not facts.has_spoken or facts.silent_ms is None:
            return "offline.not_spoken", 0
        if facts.silent_ms < limits.contact_timeout_s * 1000:  # the hub decides what it can: courtesy, not safety
            return "offline.not_yet", limits.contact_timeout_s
    if wish.owes:
        return "offline.member_owes", 0
    of_member = limits.per_member
    if limits.shares_of is not None:
        first, last = limits.shares_of
        if not first <= wish.share_licence <= last:
            return "offline.no_share", 0
        of_member = min(of_member, wish.share)
    figures = Figures(limits.per_redemption, of_member, limits.per_desk)
    passed = figures.passed_by(wish.points, wish.used.of_member, wish.used.of_desk)
    if passed is not None:
        return passed
    if wish.points > wish.usable:
        return "offline.not_settled", max(0, wish.usable)
    return None
