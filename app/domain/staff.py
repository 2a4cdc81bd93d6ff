"""Who may do what. Roles are the programme's; a right is checked where the write happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from uuid import UUID

from app.domain.errors import Refused


class Right(Enum):
    ENROL = "enrol"
    CARDS = "cards"
    CARD_STOCK = "card_stock"
    CREDIT = "credit"
    REDEEM = "redeem"
    HAND_OUT = "hand_out"
    REVERSE = "reverse"
    LOOK_UP = "look_up"
    REVEAL = "reveal"
    RECEIVE_STOCK = "receive_stock"
    ADJUST = "adjust"
    APPROVE = "approve"
    EXPIRE = "expire"
    RULES = "rules"
    GIFTS = "gifts"
    STAFF = "staff"
    DESKS = "desks"
    IMPORT = "import"
    REPORTS = "reports"


class Role(Enum):
    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    KIOSK = "kiosk"
    SYSTEM = "system"  # the program itself: expiry, first start; nobody can sign in as it


_CLERK = frozenset(
    {
        Right.ENROL,
        Right.CARDS,
        Right.CREDIT,
        Right.REDEEM,
        Right.HAND_OUT,
        Right.REVERSE,
        Right.LOOK_UP,
        Right.REVEAL,
        Right.RECEIVE_STOCK,
    }
)

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CLERK: _CLERK,
    Role.SUPERVISOR: _CLERK | {Right.ADJUST, Right.APPROVE, Right.EXPIRE, Right.REPORTS, Right.CARD_STOCK},
    Role.MANAGER: frozenset({Right.LOOK_UP, Right.RULES, Right.GIFTS, Right.EXPIRE, Right.ADJUST, Right.REPORTS}),
    # The administrator has no ledger rights (RELIABILITY.md 8.2).
    Role.ADMINISTRATOR: frozenset({Right.STAFF, Right.DESKS, Right.REPORTS, Right.CARD_STOCK}),
    Role.KIOSK: frozenset({Right.LOOK_UP, Right.REDEEM, Right.HAND_OUT}),
    Role.SYSTEM: frozenset(Right),
}


@dataclass(frozen=True)
class Staff:
    staff: str
    name: str
    role: Role
    member: UUID | None = None  # their own membership: they may not serve themselves
    disabled: bool = False
    closed: bool = False  # they work here no more; then they are disabled, too

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self.role]

    def must(self, right: Right) -> None:
        if right not in self.rights:
            raise Refused("staff.no_right", right=right.value, role=self.role.value)


PIN_DIGITS = 6
MEMBER_PIN_DIGITS = 6


def weak_pin(pin: str) -> bool:
    """One digit repeated (111111), a run up or down (123456, 987654), or a pair repeated (121212)."""
    steps = {(ord(b) - ord(a)) % 10 for a, b in pairwise(pin)}
    return steps in ({0}, {1}, {9}) or pin == pin[:2] * (len(pin) // 2)


def checked_pin(pin: str) -> str:
    """A PIN that may be set: six ASCII digits, not one that is tried first. Raises Refused."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise Refused("pin.six_digits", digits=PIN_DIGITS)
    if weak_pin(pin):
        raise Refused("pin.too_simple")
    return pin


def lock_seconds(failures: int) -> int | None:
    """How long a person is locked out after so many wrong PINs in a row; None: until a supervisor lifts it.

    RELIABILITY.md 8.2: 5 failures lock for 1 minute, doubling up to 1 hour; 10 disable."""
    if failures < 5:
        return 0
    if failures >= 10:
        return None
    return min(60 << (failures - 5), 3600)
