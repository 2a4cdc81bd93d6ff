"""Another mall of the group: its members may redeem here, and ours there. Two people decide it, at the hub."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.operations.begin_feed import HUB
from app.ports.storage import Work


@dataclass(frozen=True)
class PartnerAdded(Result):
    partner: str


@dataclass(frozen=True, kw_only=True)
class AddPartner(Operation):
    """Or what is known of it changes. `public_key`: Ed25519 of its hub, hexadecimal; `url`: where that answers."""

    partner: Annotated[str, Len(1, 20)]
    name: str
    url: Annotated[str, Len(8, 200)]
    public_key: Annotated[str, Len(64, 64)]

    verb = "add_partner"
    needs = Right.DESKS
    offline = Offline.NEVER
    asks_own_pin = True

    def normalised(self) -> Self:
        """Raises Refused("group.public_key_unreadable")."""
        try:
            key = bytes.fromhex(self.public_key)
        except ValueError:
            raise Refused("group.public_key_unreadable") from None
        return replace(self, name=clean(self.name, field="name", longest=30, shortest=1), public_key=key.hex())

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.partner")

    def apply(self, work: Work) -> PartnerAdded:
        """Raises Refused("group.only_at_hub" | "group.own_mall")."""
        if work.act.is_fact or work.act.desk != HUB:
            raise Refused("group.only_at_hub")
        if self.partner == work.act.mall:
            raise Refused("group.own_mall")
        work.house.add_partner(self.partner, self.name, self.url, bytes.fromhex(self.public_key))
        return PartnerAdded(self.partner)
