"""Open the cash drawer outside a sale: nobody does that without a reason, and never unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

DrawerReason = Literal["card_fee", "change", "count", "test", "other"]
DRAWER_REASONS: Final[tuple[DrawerReason, ...]] = get_args(DrawerReason)


@dataclass(frozen=True)
class DrawerOpened(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class OpenDrawer(Operation):
    """What is written down is that it was asked for; the pulse follows, and no printer says whether it opened."""

    reason: DrawerReason

    verb = "open_drawer"
    needs = Right.CARDS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> DrawerOpened:
        return DrawerOpened()
