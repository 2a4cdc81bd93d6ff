"""What screens, slips and outside programs ask. Blocks (database): call from a job, never on the GUI thread."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.domain.card_code import PresentedCard
from app.domain.offline_rules import OfflineRules
from app.domain.policy import Policy
from app.domain.staff import Staff
from app.ports.devices import CardContents
from app.queries.rows import (
    CardBatchRow,
    CardFace,
    CardHolder,
    CatalogueGift,
    DeskStatus,
    ExportedCard,
    Found,
    GiftRow,
    Guest,
    HoldRow,
    LeaseRow,
    MemberPage,
    OperationRow,
    ShopRow,
    StaffRow,
    StaffTile,
)
from app.queries.slips import RedemptionSlip


class Queries(Protocol):
    def staff(self) -> tuple[StaffTile, ...]:
        """Who can sign in here, by number; closed accounts are left out."""

    def staff_roll(self) -> tuple[StaffRow, ...]:
        """Everybody who works here, by number, with what keeps them from signing in."""

    def find_members(self, typed: str) -> Found:
        """At a desk of a hub: those of its own copy and those of the hub, as far as it can be asked now."""

    def find_here(self, typed: str) -> Found:
        """The same without waiting for a network: whom `find_members` may add is asked where HERE_FIRST is said."""

    def member_by_card(self, number: str) -> UUID:
        """Whose card this is, or whose receipt or coupon: their signed codes are scanned like cards. Raises
        Refused("card.unknown" | "card.lost" | "card.replaced" | "card.void" | "paper_code.foreign" | "coupon.expired"
        …)."""

    def member_page(self, member: UUID, slip: UUID | None = None) -> MemberPage:
        """With `slip`, that operation of the member stands in the timeline however old it is. Raises
        Refused("member.unknown")."""

    def revealed(self, operation: UUID, by: str | None = None) -> str:
        """The value that a `reveal` operation asked for; with `by`, only for the person who did. Raises
        Refused("reveal.over") after its seconds."""

    def session_staff(self, session: UUID) -> Staff:
        """Whose open session this is, at this desk. Raises Refused("session.unknown" | "session.ended" |
        "staff.closed")."""

    def gifts(self) -> tuple[GiftRow, ...]:
        """All gifts on offer with this desk's stock, those in stock first."""

    def catalogue(self) -> tuple[CatalogueGift, ...]:
        """All gifts by code, also those that are not on offer."""

    def leases(self, member: UUID) -> tuple[LeaseRow, ...]:
        """What is set aside for this desk, soonest to end first."""

    def holds(self, member: UUID) -> tuple[HoldRow, ...]:
        """The member's frozen points, the oldest first."""

    def shops(self) -> tuple[ShopRow, ...]: ...

    def recent_operations(self, limit: int = 50, verb: str | None = None) -> tuple[OperationRow, ...]:
        """This desk's operations, the newest first."""

    def desk_status(self) -> DeskStatus: ...

    def redemption_slip(self, operation: UUID) -> RedemptionSlip:
        """Raises Refused("operation.unknown")."""

    def free_card_number(self, kind: str = "physical") -> str:
        """The next number of this desk's card stock, to prefill the issue form. Raises Refused("card.none_left")."""

    def card_holder(self, seen: PresentedCard) -> CardHolder | Guest:
        """Whose card, or member QR, was read, and what speaks against it. Raises Refused("card.unknown" | "card.lost"
        … | "card.qr_false" | "card.qr_old" | "card.qr_used" | "group.unreachable")."""

    def guest(self, digits: str) -> Guest:
        """A member of another mall of the group, by their whole card or telephone number, as their home has them now.
        Waits for two hubs. Raises Refused("member.unknown" | "group.unreachable" | "offline.not_possible")."""

    def card_to_write(self, number: str, *, member: UUID | None = None, name: str = "") -> tuple[CardContents, int]:
        """What is to be written to the card `number`, and which issue of it that is: for `member`, or for somebody
        called `name` who is none yet."""

    def card_batches(self) -> tuple[CardBatchRow, ...]:
        """All card stock of the mall, by serial."""

    def next_card_serial(self) -> int:
        """Where a new batch of this desk begins."""

    def exported_cards(self, operation: UUID, by: str) -> tuple[ExportedCard, ...]:
        """What an `export_card_numbers` operation asked for, for the person who did. Some seconds for a large batch.
        Raises Refused("operation.unknown")."""

    def card_face(self, operation: UUID, by: str) -> CardFace:
        """What a `print_card_face` operation asked for, for the person who did. Raises
        Refused("operation.unknown")."""

    def policy(self) -> Policy:
        """The figures in force."""

    def offline_rules(self) -> OfflineRules:
        """What desks may do while they are cut off."""

    def setting(self, name: str) -> str | None: ...
