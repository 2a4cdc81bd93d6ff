"""Strict: what each desk may spend of a member while it is cut off, so that never more is spent than there is.

The rules of docs/adr/0012, with its names: each row of the feed that touches a member tells the desks a *share*; what a
desk may have spent under the shares it may go by, and has not sent, is its *exposure*. The sum of all exposures is
never above what is usable, and the hub itself takes only what lies above the sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """Of row `n` of the feed, worked out for the desks that were licensed in licence epoch `licence`."""

    n: int
    points: int
    licence: int


@dataclass(frozen=True)
class ShareSpend:
    """A redemption that stood on a share, admitted as row `n`."""

    desk: str
    n: int
    points: int


@dataclass(frozen=True)
class SharingDesk:
    """How the hub stands with a desk. `acked`: it holds the feed to there, and all that it had done before is admitted.
    `spans`: the licence epochs in which it was among the licensed, the last one excluded; None: it still is.
    `is_settled`: it has acknowledged a place in this feed, which is a new one after the hub was restored."""

    desk: str
    acked: int
    spans: tuple[tuple[int, int | None], ...] = ()
    is_settled: bool = True

    @property
    def is_licensed(self) -> bool:
        return any(until is None for _, until in self.spans)

    def was_licensed_in(self, licence: int) -> bool:
        return any(since <= licence and (until is None or licence < until) for since, until in self.spans)


def exposure(desk: SharingDesk, shares: Sequence[Share], spends: Iterable[ShareSpend]) -> int:
    """The most that `desk` may have spent of a member, or may yet spend, that the hub has not seen.

    For each share that it may hold: what is left of it after what came since. It may hold the one in force where it was
    last known to be, and every one made since, sent or not."""
    in_force = max((share.n for share in shares if share.n <= desk.acked), default=0)
    own = [spend for spend in spends if spend.desk == desk.desk]
    left = (
        share.points - sum(spend.points for spend in own if spend.n > max(share.n, desk.acked))
        for share in shares
        if share.n >= in_force and desk.was_licensed_in(share.licence)
    )
    return max(0, max(left, default=0))


def exposures(desks: Iterable[SharingDesk], shares: Sequence[Share], spends: Sequence[ShareSpend]) -> dict[str, int]:
    """Of each desk that may have spent, or may yet spend, anything."""
    found = {desk.desk: exposure(desk, shares, spends) for desk in desks}
    return {desk: points for desk, points in found.items() if points}


def largest_share(
    usable: int, most: int, desks: Sequence[SharingDesk], shares: Sequence[Share], spends: Sequence[ShareSpend]
) -> int:
    """The largest share up to `most` that all licensed desks can have at once, beside what they and others may hold
    already. 0 while some desk has yet to say what a restored hub may have forgotten."""
    licensed = [desk.desk for desk in desks if desk.is_licensed]
    if not licensed or not all(desk.is_settled for desk in desks):
        return 0
    held = exposures(desks, shares, spends)
    others = sum(points for desk, points in held.items() if desk not in licensed)

    def fits(share: int) -> bool:
        return others + sum(max(held.get(desk, 0), share) for desk in licensed) <= usable

    low, high = 0, max(0, min(most, usable // len(licensed)))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def no_longer_counted(
    desks: Sequence[SharingDesk], shares: Sequence[Share], spends: Iterable[ShareSpend]
) -> tuple[int, list[ShareSpend]]:
    """Shares of rows before the first figure, and the spends, that no desk's exposure looks at any more."""
    oldest = min((desk.acked for desk in desks), default=0)
    first = max((share.n for share in shares if share.n <= oldest), default=0)
    acked = {desk.desk: desk.acked for desk in desks}
    return first, [spend for spend in spends if spend.n <= acked.get(spend.desk, 0)]
