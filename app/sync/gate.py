"""What a desk with a hub may do now: asked by its authority before and while an operation takes effect.

Where the hub can be asked, it decides what needs the whole picture (RELIABILITY.md 4.5); cut off, each verb's own word
counts (`Operation.offline`), and redemptions stay within the licence (4.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode, Standing, Wish, mode_of, why_not
from app.operations.base import ApprovalRequirement, Offline, Operation
from app.operations.issue_card import IssueCard
from app.operations.present_member_code import PresentMemberCode
from app.operations.redeem import Redeem
from app.operations.reverse import Reverse
from app.ports.storage import Work
from app.sync import codec
from app.sync.following import FloorFacts
from app.sync.protocol import Ask, Asked

TO_SEE = frozenset({"sign_in", "sign_out"})  # in every mode: somebody has to read what is wrong
# With a clock in doubt, or where desk and hub do not understand each other, these take no effect, whatever they say of
# being offline.
_CREDIT_ONLY = frozenset({"redeem", "reverse", "issue_card", "hand_out"})
_WHY_CREDIT_ONLY = {
    Mode.CLOCK: "offline.clock",
    Mode.UNREADABLE: "offline.unreadable",
    Mode.NOT_TAKEN: "offline.not_taken",
}


_SPENDS_LEASES = frozenset({Mode.ONLINE, Mode.FRESH, Mode.STALE})


class AskFirst(Exception):
    """The hub is there, only it may decide this, and it was not asked: it has come back since. Nothing has happened."""


class Local(Protocol):
    """What the transaction knows of this desk's own copy."""

    def floor_facts(self, member: UUID, today: date) -> FloorFacts: ...
    def was_sent(self, operation: UUID) -> bool: ...
    def is_own_card(self, number: str) -> bool: ...
    def lease_of(self, member: UUID, points: int, at: datetime) -> UUID | None: ...
    def read_to(self) -> int:
        """How far this desk has read the feed."""


@dataclass(frozen=True)
class Asking:
    """Who asks the hub for it, PINs already checked."""

    actor: str
    session: UUID
    approver: str | None
    member_proof: str | None


class Gate:
    """`ask` blocks for as long as the hub may take to answer; the rest looks at values and the open transaction."""

    def __init__(
        self,
        standing: Callable[[], Standing],
        ask: Callable[[Ask], Asked],
        *,
        no_answer: Callable[[], None] = lambda: None,
        pull_now: Callable[[], None] = lambda: None,
        takes: Callable[[str, int], bool] = lambda _verb, _version: True,
    ) -> None:
        self._standing = standing
        self._ask = ask
        self._no_answer = no_answer
        self._pull_now = pull_now
        self._takes = takes

    def mode(self) -> Mode:
        return mode_of(self._standing())

    def granted(
        self, operations: Sequence[Operation], needs_hub: Callable[[Operation], bool], asking: Asking
    ) -> Mapping[UUID, Asked]:
        """The hub's yes to each operation that it decides. Raises Refused with the hub's own reason, or
        Unavailable: the same request may be sent again, and after "hub.no_answer_go_on" goes on within limits if it
        may; "group.unreachable" is said of a guest's home."""
        if self.mode() is not Mode.ONLINE:
            return {}
        answers: dict[UUID, Asked] = {}
        for operation in operations:
            if not needs_hub(operation):
                continue
            self._check_takes(operation)
            wish = Ask(
                operation=operation.id,
                verb=operation.verb,
                body=codec.body_of(operation),
                actor=asking.actor,
                session=asking.session,
                approver=asking.approver,
                member_proof=asking.member_proof,
                version=operation.version,
            )
            try:
                answer = self._ask(wish)
            except Unavailable:
                self._no_answer()
                raise Unavailable("hub.no_answer_go_on") from None
            if answer.code == "group.unreachable":  # it may be held there: the same request may be sent again
                raise Unavailable(answer.code, **answer.facts)
            if answer.verdict == "refused":
                raise Refused(answer.code or "hub.refused", **answer.facts)
            answers[operation.id] = answer
        if answers:
            self._pull_now()  # what the hub decided on may have happened elsewhere a moment ago
        return answers

    def hurry(self) -> None:
        """Something that the hub should hear of was written."""
        self._pull_now()

    def approval(self, operation: Operation) -> ApprovalRequirement | None:
        """Cut off, a second person stands behind every redemption; nobody stands at a kiosk, whose limits are lower."""
        standing = self._standing()
        if not isinstance(operation, Redeem) or mode_of(standing) is Mode.ONLINE or self.wants_member(operation):
            return None
        return ApprovalRequirement("approval.offline")

    def wants_member(self, operation: Operation) -> bool:
        """Cut off, at a kiosk, it is the member who proves that they are there: by PIN or by their code."""
        standing = self._standing()
        at_kiosk = standing.limits is not None and standing.limits.kiosk
        return at_kiosk and isinstance(operation, Redeem) and mode_of(standing) is not Mode.ONLINE

    def lease(self, operation: Operation, local: Local, at: datetime) -> UUID | None:
        """What the hub has set aside for this desk is spent first, also in contact: that overspends nothing, whatever
        the limits, and nobody has to be asked. A desk that has just started speaks with its hub first: its store may be
        an older one, and the hub, too."""
        standing = self._standing()
        if not isinstance(operation, Redeem) or mode_of(standing) not in _SPENDS_LEASES or not standing.has_spoken:
            return None
        return local.lease_of(operation.member, operation.points, at)

    def wants_card(self, work: Work, *, has_card: bool) -> bool:
        """Cut off, an approval has to be proved to the hub afterwards: by the card of whoever has one, and of everybody
        where the mall wants it so."""
        return mode_of(self._standing()) is not Mode.ONLINE and (has_card or bool(work.policy.offline_approval_card))

    def check(self, operation: Operation, work: Work, local: Local, granted: Asked | None) -> dict[str, Any] | None:
        """What the operation stands on, for its envelope. Raises Refused with the reason why not without the hub, or
        AskFirst."""
        self._check_takes(operation)
        if granted is not None:
            return {"right": "online", **({"hold": str(granted.hold)} if granted.hold else {})}
        standing = self._standing()
        mode = mode_of(standing)
        if operation.verb in TO_SEE:
            return None
        if mode is Mode.REVOKED:
            raise Refused("hub.revoked")
        if mode is Mode.DISK_LOW:
            raise Refused("offline.disk_low")
        if mode is Mode.ONLINE and work.act.lease is None:
            if hub_decides(operation, local.was_sent):
                raise AskFirst
            return None  # it needs no hub
        if operation.offline is Offline.NEVER:
            raise Refused("offline.not_possible")
        if mode in _WHY_CREDIT_ONLY and operation.verb in _CREDIT_ONLY:
            raise Refused(_WHY_CREDIT_ONLY[mode])
        if isinstance(operation, Reverse) and local.was_sent(operation.reverses):
            raise Refused("offline.reverse_sent")
        if isinstance(operation, IssueCard) and not local.is_own_card(operation.number):
            raise Refused("offline.other_cards")
        if isinstance(operation, Redeem) and work.act.lease is None:
            self._check_floor(operation, work, local, standing)
        if self.wants_member(operation) and work.act.member_proof is None:
            raise Refused("offline.kiosk_needs_member")
        if work.act.lease is not None:
            return {"right": "lease", "lease": str(work.act.lease)}
        if isinstance(operation, Redeem):
            return {"right": "floor", "feed": local.read_to()}
        if work.act.approver is not None:  # whether that right had ended, and this desk could know, is the hub's to say
            return {"right": "local", "feed": local.read_to()}
        return None

    def _check_takes(self, operation: Operation) -> None:
        """What the hub cannot read would stop this desk's chain there. But somebody has to read that it is so."""
        if operation.verb not in TO_SEE and not self._takes(operation.verb, operation.version):
            raise Refused("hub.program_older", verb=operation.verb)

    @staticmethod
    def _check_floor(operation: Redeem, work: Work, local: Local, standing: Standing) -> None:
        facts = local.floor_facts(operation.member, work.act.business_day)
        usable = work.points.lock(operation.member).usable(work.act.business_day)
        wish = Wish(
            operation.points,
            usable - facts.unsettled_credit,
            facts.used,
            facts.owes,
            facts.share,
            facts.share_licence,
        )
        found = why_not(wish, standing)
        if found is not None:
            raise Refused(found[0], left=found[1])


def hub_decides(operation: Operation, was_sent: Callable[[UUID], bool]) -> bool:
    """What needs the whole picture: all that no desk may decide by itself, redemptions, and undoing what was sent."""
    if isinstance(operation, IssueCard | PresentMemberCode):
        return False  # a desk's own numbers; a code that the redemption with it is asked for
    if isinstance(operation, Reverse):
        return was_sent(operation.reverses)
    return isinstance(operation, Redeem) or operation.offline is Offline.NEVER
