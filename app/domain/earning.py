"""What a sale earns."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.policy import Policy
from app.domain.tier import EARNING_TENTHS


@dataclass(frozen=True)
class Earned:
    points: int
    steps: tuple[str, ...]  # why, line by line


def points_for(amount_fen: int, tier: str, policy: Policy) -> Earned:
    """Points a sale earns at the member's tier *before* this sale; fractions are dropped once, at the end."""
    tenths = EARNING_TENTHS[tier]
    points = amount_fen * policy.points_per_yuan * tenths // 1000
    steps = ["base"] if tenths == 10 else ["base", f"tier {tier} ×{tenths / 10:g}"]
    return Earned(points, tuple(steps))
