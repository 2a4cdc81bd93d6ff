"""A new card for a lost, worn or exchanged one; the old number is finished."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domain.errors import Refused
from app.domain.masking import masked_card
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class CardReplaced(Result):
    old: str  # masked
    new: str  # masked


@dataclass(frozen=True, kw_only=True)
class ReplaceCard(Operation):
    member: UUID
    old_number: str
    new_number: str

    verb = "replace_card"
    needs = Right.CARDS
    offline = Offline.NEVER

    def apply(self, work: Work) -> CardReplaced:
        work.members.active(self.member)
        old = work.cards.get(self.old_number)
        if old.member != self.member:
            raise Refused("card.not_this_member")
        if old.state not in {"issued", "lost"}:
            raise Refused("card.not_active", state=old.state)
        work.cards.check_is_ours_and_new(self.new_number, old.kind)
        active = work.cards.active_of(self.member, old.kind)
        if active is not None and active.number != old.number:
            raise Refused("card.has_active")
        work.cards.set_state(self.old_number, "replaced")
        work.cards.issue(self.new_number, self.member, old.kind)
        if old.kind == "virtual":
            work.print_slip("card")  # with its code, as when it was issued
        return CardReplaced(masked_card(self.old_number), masked_card(self.new_number))
