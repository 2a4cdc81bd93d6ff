"""What a hub meets when it applies what happened at a desk that was cut off (RELIABILITY.md 4.9).

A fact is never refused: each of these has one outcome, which the operation and its docstring here say, and leaves a
task at the desk where it happened."""

from __future__ import annotations

from enum import Enum


class Conflict(Enum):
    """The value is the code of the sentence that says it, of the task and of the operation's result."""

    LOOKED_UP_MUCH = "conflict.looked_up_much"  # not shown: so many members no counter serves in a day
    OVER_LICENCE = "conflict.over_licence"  # posted; cut off, a desk may not redeem so much: it is suspended
    OVERDRAWN = "conflict.overdrawn"  # posted in full; what was not there is owed
    DUP_RECEIPT = "conflict.dup_receipt"  # credited and taken back again
    CARD_CONFLICT = "conflict.card"  # the first who had the number keeps it: no card came of this
    MERGE_CANDIDATE = "conflict.merge_candidate"  # both members stand
    MEMBER_CLOSED = "conflict.member_closed"  # posted all the same
    STOCK_SHORT = "conflict.stock_short"  # posted; the count was wrong, and is put right by what was handed out
    APPROVER_INVALID = "conflict.approver_invalid"  # posted; nobody who may had approved
    ACTOR_INVALID = "conflict.actor_invalid"  # posted; who did it had no right to
    NO_MEMBER_PROOF = "conflict.no_member_proof"  # posted; the member had not agreed
    POLICY_STALE = "conflict.policy_stale"  # posted by the rules in force then, or at the price that was shown
    CLOCK = "conflict.clock"  # posted; the desk's clock cannot have been right
    ALREADY_REVERSED = "conflict.already_reversed"  # no effect
    PENDING_REVIEW = "conflict.pending_review"  # credited; the points are held until a supervisor has looked
    NOT_GRANTED = "conflict.not_granted"  # no effect: only the hub decides this, and was not asked
    NOT_APPLIED = "conflict.not_applied"  # no effect, for the reason in `why`


# What an operation refuses on a hub that has no outcome of its own above.
OF_REFUSAL = {
    "card.has_active": Conflict.CARD_CONFLICT,
    "card.issued_before": Conflict.CARD_CONFLICT,
    "card.not_in_stock": Conflict.CARD_CONFLICT,
    "card.other_kind": Conflict.CARD_CONFLICT,
    "card.void": Conflict.CARD_CONFLICT,
    "conflict.not_granted": Conflict.NOT_GRANTED,
    "reverse.already": Conflict.ALREADY_REVERSED,
}
# Somebody did what they might not, or without whom it takes: a supervisor looks into it, and not whoever did it.
ASKS_SUPERVISOR = frozenset(
    conflict.value
    for conflict in (
        *(Conflict.ACTOR_INVALID, Conflict.APPROVER_INVALID, Conflict.CLOCK),
        *(Conflict.LOOKED_UP_MUCH, Conflict.MEMBER_CLOSED, Conflict.NO_MEMBER_PROOF),
        *(Conflict.OVER_LICENCE, Conflict.PENDING_REVIEW),
    )
)
# An operation with one of these in its result changed nothing that could be undone.
WITHOUT_EFFECT = frozenset(
    conflict.value
    for conflict in (
        *(Conflict.ALREADY_REVERSED, Conflict.CARD_CONFLICT, Conflict.DUP_RECEIPT),
        *(Conflict.NOT_APPLIED, Conflict.NOT_GRANTED),
    )
)
