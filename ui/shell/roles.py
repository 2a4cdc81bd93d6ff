"""What roles, tiers and devices are called."""

from __future__ import annotations

from ui.locale import mark, tr

ROLE_NAMES = {
    "clerk": mark("Clerk"),
    "supervisor": mark("Supervisor"),
    "manager": mark("Programme manager"),
    "administrator": mark("Administrator"),
    "kiosk": mark("Kiosk"),
    "system": mark("System"),
}

TIER_NAMES = {
    "bronze": mark("Bronze"),
    "silver": mark("Silver"),
    "gold": mark("Gold"),
    "platinum": mark("Platinum"),
}


def tier_word(tier: str) -> str:
    """The message id for a tier; an unknown one stays as it is."""
    return TIER_NAMES.get(tier, tier)


def role_name(role: str) -> str:
    return tr(ROLE_NAMES.get(role, role))


def surname_of(name: str) -> str:
    """What stands on a staff avatar: the first Hanzi, or the first letter of a foreign name."""
    return name[:1]
