"""Print the document of a past operation: for the first time, or as a copy that says so (重打 n)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Self
from uuid import UUID, uuid5

from annotated_types import MaxLen

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

# The papers that belong to a verb, the one that it always has first; `printing.composing` knows what stands on them.
DOCUMENTS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "adjust_points": ("adjustment",),
        "credit_sale": ("credit",),
        "enrol_member": ("consent",),
        "hand_out": ("hand_out",),
        "issue_card": ("card",),
        "print_report": ("daily_report",),
        "print_statement": ("statement",),
        "receive_stock": ("stock_receipt",),
        "record_self_test": ("self_test",),
        "redeem": ("redemption", "coupon"),
        "redeem_as_guest": ("guest_redemption",),
        "replace_card": ("card",),
        "reverse": ("reversal",),
    }
)
# Papers that are not for everybody at the counter: who may not make them may not have a copy either.
RIGHT_FOR: Mapping[str, Right] = MappingProxyType({"daily_report": Right.REPORTS})


@dataclass(frozen=True)
class Reprinted(Result):
    """Which number the copy has is the spool's to say: whether paper came out is not part of the books."""


@dataclass(frozen=True, kw_only=True)
class ReprintSlip(Operation):
    """`instead_of` is the print job that a person says did not come out; the copy takes its place in the queue."""

    reprints: UUID
    document: Annotated[str, MaxLen(20)]
    instead_of: UUID | None = None

    verb = "reprint_slip"
    needs = Right.LOOK_UP
    offline = Offline.ALWAYS

    @classmethod
    def of_uncertain(cls, job: UUID, operation: UUID, document: str) -> Self:
        """The same operation however often and on whichever screen it is asked for: one slip, one copy."""
        return cls(id=uuid5(job, cls.verb), reprints=operation, document=document, instead_of=job)

    def apply(self, work: Work) -> Reprinted:
        past = work.log.past(self.reprints)
        known = self.document in DOCUMENTS_OF.get(past.verb, ())
        if not known or (self.document == "coupon" and not work.redemptions.gave_coupons(self.reprints)):
            raise Refused("print.document_unknown", document=self.document)
        if self.document in RIGHT_FOR:
            work.act.actor.must(RIGHT_FOR[self.document])
        work.print_again(self.reprints, self.document, self.instead_of)
        return Reprinted()
