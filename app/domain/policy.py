"""The figures the programme manager sets; these are the defaults to start from (PROGRAMME.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from app.domain.errors import Refused


@dataclass(frozen=True)
class Policy:
    redeem_approval_points: int = 5_000  # above it a supervisor approves
    redeem_approval_gift_fen: int = 20_000
    member_pin_points: int = 1_000  # above it the member types their PIN
    credit_approval_days: int = 3
    credit_approval_fen: int = 200_000
    points_per_yuan: int = 1
    points_live_months: int = 24
    returned_points_live_days: int = 30  # what a reversal gives back from a lot that has expired meanwhile
    adjust_cap_points: int = 20_000
    undo_minutes: int = 10
    expiring_soon_days: int = 30
    reveal_seconds: int = 30
    reveals_per_day: int = 60
    lookups_per_day: int = 500  # members whose data one desk gets in full from the hub
    desk_copy_days: int = 30  # a desk with a hub holds whom it served within them in full
    desk_copy_everybody: int = 1  # 1: and of everybody else keyed hashes, tier and points, to serve them while cut off
    offline_approval_card: int = 0  # 1: cut off from the hub, nobody approves by PIN alone
    tier_silver_fen: int = 500_000
    tier_gold_fen: int = 2_000_000
    tier_platinum_fen: int = 5_000_000

    def with_settings(self, settings: dict[str, str]) -> Policy:
        """These figures, with what `change setting` operations have set; names of other settings are left alone."""
        known = {field.name for field in fields(self)}
        return replace(self, **{name: int(value) for name, value in settings.items() if name in known})


MOST_FEN = 10_000_000_00
# The lowest and the highest that a person may set; a figure outside would shut the counter or open the till.
RANGES: Mapping[str, tuple[int, int]] = {
    "redeem_approval_points": (0, 10_000_000),
    "redeem_approval_gift_fen": (0, MOST_FEN),
    "member_pin_points": (0, 10_000_000),
    "credit_approval_days": (0, 366),
    "credit_approval_fen": (0, MOST_FEN),
    "points_per_yuan": (1, 100),
    "points_live_months": (1, 120),
    "returned_points_live_days": (1, 366),
    "adjust_cap_points": (0, 10_000_000),
    "undo_minutes": (0, 1_440),
    "expiring_soon_days": (1, 366),
    "reveal_seconds": (5, 300),
    "reveals_per_day": (0, 1_000),
    "lookups_per_day": (50, 100_000),
    "desk_copy_days": (7, 366),  # a hub that was put back has the keys of what it lacks sent again from desks
    "desk_copy_everybody": (0, 1),
    "offline_approval_card": (0, 1),
    "tier_silver_fen": (1, MOST_FEN),
    "tier_gold_fen": (1, MOST_FEN),
    "tier_platinum_fen": (1, MOST_FEN),
}
POLICY_NAMES = frozenset(field.name for field in fields(Policy))


def checked_setting(name: str, value: str) -> str:
    """A policy figure as text, in range. Raises Refused."""
    if name in POLICY_NAMES:
        if not (value.isascii() and value.isdigit() and len(value) <= 10):
            raise Refused("setting.not_a_number", name=name)
        lowest, highest = RANGES[name]
        if not lowest <= int(value) <= highest:
            raise Refused("setting.out_of_range", lowest=lowest, highest=highest)
        return str(int(value))
    raise Refused("setting.unknown", name=name)
