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


def role_name(role: str) -> str:
    return tr(ROLE_NAMES.get(role, role))


def surname_of(name: str) -> str:
    """What stands on a staff avatar: the first Hanzi, or the first letter of a foreign name."""
    return name[:1]
