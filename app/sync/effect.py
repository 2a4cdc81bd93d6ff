"""How an operation takes effect, and whether it was allowed: asked by the hub when it comes, by `verify` ever after.

An intent that a rule forbids raises Refused and nothing is stored. A fact (`act.is_fact`) happened: what cannot be
honoured becomes a conflict with one outcome (`app.domain.conflicts`), noted by the same code wherever it is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.conflicts import OF_REFUSAL, Conflict
from app.domain.desk_kind import DeskKind
from app.domain.errors import Fact, Refused
from app.domain.policy import Policy
from app.domain.staff import Right, Role, Staff
from app.operations.base import Offline, Operation
from app.operations.present_member_code import PresentMemberCode
from app.operations.redeem import Redeem
from app.ports.storage import Act, SessionState, Work
from app.sync import codec
from app.sync.approvals import Approved
from app.sync.envelope import Envelope

_FURTHEST = 2**53  # rows of a feed
# These depend on what day it is: with a clock in doubt a second person confirms it (RELIABILITY.md 4.11).
NEEDS_TRUE_CLOCK = frozenset({"close_day", "expire_points", "redeem"})


@dataclass(frozen=True)
class Doubt:
    """Why an operation should not have been made. `code` is the finding of `verify`, `conflict` what a hub makes of it
    in a fact."""

    code: str
    conflict: Conflict
    facts: dict[str, Fact] = field(default_factory=dict)


_BY_PIN = Approved()


def doubts(
    operation: Operation,
    work: Work,
    *,
    session: SessionState | None,
    was_suspect: bool,
    showed: UUID | None,
    approved: Approved = _BY_PIN,
) -> list[Doubt]:
    """Was it allowed? `session` is the one that the operation names; `was_suspect`: the desk's clock was in doubt when
    it was decided; `showed`: whose code was presented last at that desk."""
    act = work.act
    found: list[Doubt] = []

    def doubt(code: str, conflict: Conflict, **facts: Fact) -> None:
        found.append(Doubt(code, conflict, facts))

    if act.actor.role is Role.SYSTEM:
        if act.is_fact and not operation.by_system_only:
            doubt("verify.no_right", Conflict.ACTOR_INVALID, actor=act.actor.staff)
        return found
    if operation.by_system_only or (operation.needs is not None and operation.needs not in act.actor.rights):
        doubt("verify.no_right", Conflict.ACTOR_INVALID, actor=act.actor.staff)
    if act.actor.closed and operation.verb != "sign_out":  # whoever is gone may still be signed out
        doubt("verify.actor_closed", Conflict.ACTOR_INVALID, actor=act.actor.staff)
    if not _session_is_good(operation, act, session):
        doubt("verify.no_session", Conflict.ACTOR_INVALID, actor=act.actor.staff)
    approver = act.approver
    needed = was_suspect and operation.verb in NEEDS_TRUE_CLOCK
    pin_needed = False
    try:
        needed = needed or operation.approval_needed(work) is not None
        pin_needed = operation.member_pin_needed(work)
    except Refused:
        if not act.is_fact:
            raise  # of a fact, `apply` will say so again, and that has its outcome
    # Nobody stands at a kiosk who could agree: the member proves themself. Which desks are kiosks the hub knows.
    at_kiosk = act.kind is DeskKind.KIOSK
    if (needed or (approved.cut_off and not at_kiosk)) and approver is None:
        doubt("verify.not_approved", Conflict.APPROVER_INVALID, operation=str(act.operation))
    if approver is not None and (Right.APPROVE not in approver.rights or (act.is_fact and approver.disabled)):
        doubt("verify.approver_no_right", Conflict.APPROVER_INVALID, approver=approver.staff)
    if approver is not None and approved.signed is False:
        doubt("verify.approval_forged", Conflict.APPROVER_INVALID, approver=approver.staff)
    only_card = approved.has_card or bool(work.policy.offline_approval_card)
    if approver is not None and approved.cut_off and approved.signed is None and only_card:
        doubt("verify.approval_by_pin", Conflict.APPROVER_INVALID, approver=approver.staff)
    member = operation.subject()
    if member is not None and member in (act.actor.member, approver.member if approver else None):
        doubt("verify.own_membership", Conflict.ACTOR_INVALID, operation=str(act.operation))
    forged = act.member_proof == "qr" and showed != member
    if forged or ((pin_needed or (approved.cut_off and at_kiosk)) and act.member_proof is None):
        doubt("verify.no_member_pin", Conflict.NO_MEMBER_PROOF, operation=str(act.operation))
    return found


def was_cut_off(operation: Operation, work: Work, envelope: Envelope) -> bool:
    """Did the desk redeem without the hub, or more than the hub had granted, whatever it says of it? What was granted
    stands in the hub's log."""
    if not work.act.is_fact or not isinstance(operation, Redeem):
        return False
    lease = work.act.lease
    if lease is not None and work.leases.covers(lease, operation.member, operation.points):
        return False  # a supervisor had set the points aside for this desk
    return says_cut_off(envelope) or not work.requests.was_granted(operation.points)


def says_cut_off(envelope: Envelope) -> bool:
    """The desk says that no grant of the hub stands behind it."""
    return (envelope.basis or {}).get("right") == "floor"


def names_no_grant(envelope: Envelope) -> bool:
    """Neither the hub's word nor points set aside."""
    return (envelope.basis or {}).get("right") not in ("online", "lease")


def place_read(envelope: Envelope) -> int:
    """The row of the feed to which the desk says it had read then; 0 where it says none."""
    said = (envelope.basis or {}).get("feed")
    return said if isinstance(said, int) and 0 < said <= _FURTHEST else 0


def lease_of(envelope: Envelope) -> UUID | None:
    """From which points set aside for its desk an operation says it is spent."""
    basis = envelope.basis or {}
    try:
        return UUID(str(basis["lease"])) if basis.get("right") == "lease" else None
    except (KeyError, ValueError):
        return None


def till_of(envelope: Envelope) -> str | None:
    """By which till the hub was told of what it did there itself."""
    till = (envelope.basis or {}).get("till")
    return till if isinstance(till, str) else None


def _session_is_good(operation: Operation, act: Act, session: SessionState | None) -> bool:
    if act.session is None:
        return operation.verb == "sign_in"
    return (
        session is not None and session.actor.staff == act.actor.staff and session.desk == act.desk and session.is_open
    )


def nobody(staff: str) -> Staff:
    """Who acts in a fact where no one has that number: somebody without any right but the kiosk's."""
    return Staff(staff, "?", Role.KIOSK, disabled=True)


def shown_by(operation: Operation, before: UUID | None) -> UUID | None:
    """Whose code was presented last at the desk, after `operation`."""
    return operation.member if isinstance(operation, PresentMemberCode) else before


def take_effect(operation: Operation, work: Work, noted: Sequence[Doubt] = ()) -> dict[str, Any]:
    """Apply it; returns the facts that are stored as its result. Of a fact, `noted` and whatever `apply` could not
    honour become conflicts of `work`. Raises Refused for an intent only."""
    if not work.act.is_fact:
        facts = codec.facts_of(operation.apply(work))
        _note_tasks(operation, work, facts)  # what tills tell is looked at, too
        return facts
    for conflict in dict.fromkeys(doubt.conflict for doubt in noted):
        work.conflict(conflict)
    facts = {}
    before = list(work.conflicts)
    try:
        with work.attempt():
            granted = operation.offline is not Offline.ALWAYS and work.requests.fulfil()
            if operation.offline is Offline.NEVER and not granted:
                raise Refused("conflict.not_granted")
            facts = codec.facts_of(operation.apply(work))
    except Refused as refused:
        work.conflicts[:] = before
        work.conflict(OF_REFUSAL.get(refused.code, Conflict.NOT_APPLIED), why=refused.code)
    _note_tasks(operation, work, facts)
    return facts


def _note_tasks(operation: Operation, work: Work, facts: dict[str, Any]) -> None:
    for conflict, said in work.conflicts:
        work.log.note_task(conflict, said, operation.verb, operation.subject())
    if work.conflicts:
        facts["conflicts"] = [conflict.value for conflict, _ in work.conflicts]


RULES_LIVE = timedelta(hours=24)  # after a change, a desk that was cut off may still have worked by the old ones


@dataclass(frozen=True)
class Rules:
    """The figures that came into force at `since`."""

    version: int
    since: datetime
    policy: Policy


def rules_for(named: str, at: datetime, history: Sequence[Rules]) -> tuple[Policy, bool]:
    """Which of `history`, oldest first, a fact of the moment `at` is judged by, and whether the version that it names
    was out of date by then."""
    for rules, later in zip(history, [*history[1:], None], strict=True):
        if str(rules.version) == named and (later is None or later.since >= at - RULES_LIVE):
            return rules.policy, False
    in_force = [rules for rules in history if rules.since <= at]
    return (in_force or history)[-1].policy, True
