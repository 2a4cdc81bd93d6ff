"""Levels of a member. They look at spending only: redeeming points never demotes (ARCHITECTURE.md 8)."""

from __future__ import annotations

from app.domain.policy import Policy

TIERS = ("bronze", "silver", "gold", "platinum")

# Tenths, so that points stay whole numbers: gold earns 2.0 points where bronze earns 1.0.
EARNING_TENTHS = {"bronze": 10, "silver": 14, "gold": 20, "platinum": 28}


def thresholds_fen(policy: Policy) -> dict[str, int]:
    """Spending over the last 12 months from which each tier is reached."""
    return {
        "bronze": 0,
        "silver": policy.tier_silver_fen,
        "gold": policy.tier_gold_fen,
        "platinum": policy.tier_platinum_fen,
    }


def tier_for(spend_fen: int, policy: Policy) -> str:
    reached = [tier for tier, from_fen in thresholds_fen(policy).items() if spend_fen >= from_fen]
    return reached[-1]


def next_tier(tier: str, spend_fen: int, policy: Policy) -> tuple[str | None, int]:
    """The tier above and how much spending (fen) is missing; (None, 0) at the top."""
    place = TIERS.index(tier)
    if place + 1 == len(TIERS):
        return None, 0
    above = TIERS[place + 1]
    return above, max(0, thresholds_fen(policy)[above] - spend_fen)


def higher(one: str, other: str) -> str:
    return max(one, other, key=TIERS.index)
