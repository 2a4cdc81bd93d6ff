"""An operation from a desk becomes part of the mall's history, once (RELIABILITY.md 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any
from uuid import UUID

from app.authority import SYSTEM
from app.domain.calendar import business_day
from app.domain.conflicts import Conflict
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.domain.offline_rules import LONGEST_LICENCE, Figures, OfflinePolicy, OfflineRules
from app.domain.staff import Staff
from app.operations import VERBS
from app.operations.base import Operation
from app.operations.redeem import Redeem
from app.ports.storage import Act, StoredOperation
from app.sync import codec
from app.sync.approvals import approved
from app.sync.earlier import reads
from app.sync.effect import (
    Doubt,
    doubts,
    lease_of,
    nobody,
    place_read,
    rules_for,
    take_effect,
    was_cut_off,
)
from app.sync.envelope import Envelope, canonical, clock_is_suspect, decoded, operation_hash, signature_is_good
from app.sync.hub import TOGETHER, Admitted, HubDesk, HubTransaction, NotTogether
from app.sync.protocol import DeskState, Pushed, SentOperation
from app.sync.store import Opening


@dataclass(frozen=True)
class Stop:
    """Nothing after this operation can be taken now. `pushed`: what became of it, where it was kept aside; `goes_on`:
    so will be what comes after it."""

    pushed: Pushed | None = None
    gap: bool = False
    fork: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Admission:
    """What became of it. `n` is its place in the feed if it had one before; otherwise the transaction knows it, once it
    has ended; 0: none."""

    id: UUID
    verdict: str
    code: str | None
    facts: dict[str, Any]
    n: int | None = None


@dataclass(frozen=True)
class Read:
    """An operation that was sent, as far as it can be read. `envelope`: None where it cannot."""

    sent: SentOperation
    digest: bytes
    envelope: Envelope | None
    member: UUID | None = None  # of an operation that may go in together with others of its desk (`TOGETHER`)

    @classmethod
    def of(cls, sent: SentOperation) -> Read:
        try:
            envelope = decoded(sent.encoded)
        except ValueError:
            envelope = None
        member = None
        if envelope is not None and envelope.verb in TOGETHER:
            with suppress(KeyError, TypeError, ValueError, AttributeError):
                member = UUID(envelope.body["member"])
        return cls(sent, operation_hash(sent.encoded), envelope, member)


class Desk:
    """Admits operations that `desk` of `mall` has sent."""

    def __init__(self, mall: str, desk: str) -> None:
        self._mall = mall
        self._desk = desk

    def admit(self, transaction: HubTransaction, read: Read) -> Admission | Stop:
        """One operation, in one transaction; call `transaction.finish` after it."""
        if read.envelope is None:
            return self._aside(transaction, "hub.unreadable", read.sent, UUID(int=0))
        if read.envelope.verb in VERBS:
            transaction.stop_desks(VERBS[read.envelope.verb], read.envelope.body)
        transaction.expect(read.envelope)
        opening = transaction.opening(read.envelope.session, [read.envelope.id])
        return self._admit(transaction, opening, read, read.envelope)

    def admit_together(
        self, transaction: HubTransaction, several: Sequence[Read], *, go_on: Callable[[], bool]
    ) -> list[Admission]:
        """The first of `several`, and as many of the rest as `go_on` has time for, in one transaction: operations that
        name one session and each a member (`Read.member`), in the order of the chain. Raises NotTogether where anything
        is out of the ordinary: then the transaction is taken back, and each is admitted by itself."""
        named = [read.envelope for read in several if read.envelope is not None]
        transaction.several()
        opening = transaction.opening(named[0].session, [envelope.id for envelope in named])
        if opening.answered or (opening.head.epoch, opening.head.sequence + 1) != (named[0].epoch, named[0].sequence):
            raise NotTogether
        transaction.lock_members({read.member for read in several if read.member is not None})
        transaction.expect(named[0])
        admitted: list[Admission] = []
        for number, (read, envelope) in enumerate(zip(several, named, strict=True)):
            if admitted and not go_on():
                break
            for following in named[number + 1 : number + 2]:
                transaction.expect_next(following)
            outcome = self._admit(transaction, opening, read, envelope)
            if isinstance(outcome, Stop):
                raise NotTogether
            admitted.append(outcome)
            opening = replace(opening, head=envelope.as_head(read.digest))
        return admitted

    def _admit(self, transaction: HubTransaction, opening: Opening, read: Read, envelope: Envelope) -> Admission | Stop:
        sent, digest = read.sent, read.digest
        desk = transaction.hub_desk()
        if desk is None:
            raise Refused("hub.desk_unknown")
        if (envelope.mall, envelope.desk) != (self._mall, self._desk):
            return self._aside(transaction, "hub.other_desk", sent, envelope.id)
        known = self._known(transaction, opening, envelope, digest)
        if known is not None:
            return known if isinstance(known, Stop) else _again(known)
        head = opening.head
        place = (envelope.epoch, envelope.sequence)
        follows = place == (head.epoch, head.sequence + 1)
        begins = envelope.epoch > head.epoch and envelope.sequence == 1  # one between may have done nothing
        if envelope.epoch not in desk.keys:
            return Stop(gap=True)
        if not signature_is_good(desk.keys[envelope.epoch], digest, sent.signature):
            return self._aside(transaction, "hub.signature", sent, envelope.id)
        if desk.state in (DeskState.LOST, DeskState.RETIRED):
            return replace(self._aside(transaction, "hub.revoked", sent, envelope.id), goes_on=True)
        if desk.kind is DeskKind.TILL:
            return replace(self._aside(transaction, "hub.till_only_sells", sent, envelope.id), goes_on=True)
        if envelope.epoch < max(desk.keys):
            return self._fork(transaction, desk, sent, envelope)  # an epoch that has ended: the store it left behind
        if place > (head.epoch, head.sequence) and not (follows or begins):
            return Stop(gap=True)
        if not (follows or begins) or envelope.prev != head.hash:
            return self._fork(transaction, desk, sent, envelope)
        backwards = follows and envelope.hlc <= head.hlc
        if backwards or (envelope.approver is not None and envelope.approver == envelope.actor):
            return self._aside(transaction, "hub.unreadable", sent, envelope.id)
        if envelope.id in opening.answered:  # its id stands at another place, or at another desk
            return self._fork(transaction, desk, sent, envelope)
        return self._take(transaction, opening, envelope, sent, digest, desk.kind)

    def _known(
        self, transaction: HubTransaction, opening: Opening, envelope: Envelope, digest: bytes
    ) -> Admitted | Stop | None:
        """What is at its place already: itself, then the first answer comes back; or another, then it is a fork."""
        stored = opening.answered.get(envelope.id)
        if stored is None or stored.hash != digest:
            return None
        found = transaction.at(envelope.epoch, envelope.sequence)
        return found if found is not None and found.hash == digest else None

    def _aside(self, transaction: HubTransaction, why: str, sent: SentOperation, operation: UUID) -> Stop:
        transaction.quarantine(why, sent.encoded, sent.signature)
        return Stop(Pushed(operation, "quarantined", code=why))

    def _fork(self, transaction: HubTransaction, desk: HubDesk, sent: SentOperation, envelope: Envelope) -> Stop:
        """Two histories of one desk: neither overwrites the other; a person enrols it anew."""
        transaction.quarantine("hub.found_fork", sent.encoded, sent.signature)
        ended = envelope.epoch < max(desk.keys)  # what an old copy of its store says concerns the desk no more
        if desk.state is DeskState.ACTIVE and not ended:
            transaction.set_state(DeskState.SUSPENDED, must_enrol=True, why="hub.found_fork")
        return Stop(Pushed(envelope.id, "quarantined", code="hub.found_fork"), fork=True)

    def _take(
        self,
        transaction: HubTransaction,
        opening: Opening,
        envelope: Envelope,
        sent: SentOperation,
        digest: bytes,
        kind: DeskKind,
    ) -> Admission | Stop:
        try:
            operation = self._operation(transaction, envelope, sent.subject_key)
        except (Refused, ValueError, codec.Erased, KeyError):
            return self._aside(transaction, "hub.unreadable", sent, envelope.id)
        act = self._act(transaction, opening, envelope, kind)
        policy, stale = rules_for(envelope.policy, envelope.at, transaction.rules(opening.policy_version))
        work = transaction.work(act, policy)
        suspect = clock_is_suspect(opening.head, envelope.wall_ms, envelope.boot, envelope.since_boot_ms)
        showed = transaction.member_who_showed() if envelope.member_proof == "qr" else None
        keys = transaction.approval_keys(envelope.approver, envelope.at) if envelope.approver else ()
        cut_off = was_cut_off(operation, work, envelope)
        noted = doubts(
            operation,
            work,
            session=opening.session,
            was_suspect=suspect,
            showed=showed,
            approved=approved(envelope, keys, cut_off=cut_off),
        )
        if cut_off and isinstance(operation, Redeem) and self._is_over_licence(transaction, operation, envelope, kind):
            noted.append(Doubt(Conflict.OVER_LICENCE.value, Conflict.OVER_LICENCE))
            self._stop(transaction, Conflict.OVER_LICENCE.value)
        if stale:
            noted.append(Doubt("verify.unknown_rules", Conflict.POLICY_STALE))
        facts = take_effect(operation, work, noted)
        for conflict, said in work.conflicts:
            if conflict is Conflict.PENDING_REVIEW and 0 < 2 * int(said["limit"] or 0) < int(said["today"] or 0):
                self._stop(transaction, "hub.credited_too_much")
        verdict = "exception" if work.conflicts else "ok"
        code = work.conflicts[0][0].value if work.conflicts else None
        stored = StoredOperation(sent.encoded, digest, sent.signature, canonical(facts))
        member = operation.subject()
        transaction.admit(envelope, stored, member, {"verdict": verdict, "code": code, "facts": facts})
        if self._is_dishonest(transaction, envelope, {doubt.code for doubt in noted}):
            self._stop(transaction, Conflict.APPROVER_INVALID.value)
        return Admission(envelope.id, verdict, code, facts)

    @staticmethod
    def _stop(transaction: HubTransaction, why: str) -> None:
        """One that was stopped already stays so for its first reason, which may ask for more to be done."""
        known = transaction.hub_desk()
        if known is not None and known.state is DeskState.ACTIVE:
            transaction.set_state(DeskState.SUSPENDED, must_enrol=False, why=why)

    @staticmethod
    def _is_over_licence(transaction: HubTransaction, redeem: Redeem, envelope: Envelope, kind: DeskKind) -> bool:
        """Has the desk redeemed what no licence that it could still have had allowed it (RELIABILITY.md 8.6)? It counts
        what it had done before, but for what it says it had read the results of; where nobody can tell, it has not. A
        licence that still counted then, by the desk's clock, was given within its longest life before, by the hub's."""
        read_to = place_read(envelope)
        before = transaction.spent_cut_off(redeem.member, read_to)
        if before is None:
            return False
        transaction.note_cut_off(redeem.member, read_to, redeem.points)
        if not before.could_read:
            return True
        at_kiosk = kind is DeskKind.KIOSK

        def is_over(rules: Iterable[OfflineRules]) -> bool:
            most = reduce(Figures.or_more, (each.figures(at_kiosk=at_kiosk) for each in rules))
            return most.passed_by(redeem.points, before.used.of_member, before.used.of_desk) is not None

        def lacks_share(rules: Iterable[OfflineRules]) -> bool:
            strict = all(each.policy is OfflinePolicy.STRICT for each in rules)
            return strict and before.share is not None and redeem.points > before.share

        now = [transaction.offline_rules()]
        if not (is_over(now) or lacks_share(now)):
            return False
        could_be = [*now, *transaction.offline_rules_since(envelope.at - LONGEST_LICENCE)]
        return is_over(could_be) or lacks_share(could_be)

    @staticmethod
    def _is_dishonest(transaction: HubTransaction, envelope: Envelope, noted: set[str]) -> bool:
        """It made up an approval, or used one although it had read that the approver's right had ended (4.9)."""
        if "verify.approval_forged" in noted:
            return True
        if "verify.approver_no_right" not in noted or envelope.approver is None:
            return False
        return transaction.had_read_the_end_of(envelope.approver, place_read(envelope))

    def _operation(self, transaction: HubTransaction, envelope: Envelope, sent_key: bytes | None) -> Operation:
        if not reads(envelope.verb, envelope.version):
            raise ValueError(f"{envelope.verb} {envelope.version}")
        told = envelope.body.get("member")
        subject = UUID(told) if isinstance(told, str) else None
        key = None
        if subject is not None and _has_sealed(envelope):
            own = transaction.subject_key(subject)
            key = sent_key or own
            if sent_key is not None and own is None:
                transaction.add_subject_key(subject, sent_key)
            elif sent_key is not None and sent_key != own:
                transaction.note_operation_key(envelope.id, subject, sent_key)
        body = codec.opened_body(envelope.id, envelope.body, key)
        return codec.operation_as_sent(envelope.verb, envelope.version, envelope.id, body)

    def _act(self, transaction: HubTransaction, opening: Opening, envelope: Envelope, kind: DeskKind) -> Act:
        return Act(
            operation=envelope.id,
            mall=self._mall,
            desk=self._desk,
            epoch=envelope.epoch,
            sequence=envelope.sequence,
            wall_ms=envelope.wall_ms,
            at=envelope.at,
            business_day=business_day(envelope.at, opening.zone),
            zone=opening.zone,
            actor=staff_or_nobody(transaction, envelope.actor, envelope),
            approver=staff_or_nobody(transaction, envelope.approver, envelope) if envelope.approver else None,
            session=envelope.session,
            member_proof=envelope.member_proof,
            lease=lease_of(envelope),
            is_fact=True,
            kind=kind,
        )


def staff_or_nobody(transaction: HubTransaction, staff: str, envelope: Envelope) -> Staff:
    """Whoever it says; where nobody has that number, somebody without any right."""
    if staff == SYSTEM.staff:
        return SYSTEM
    try:
        return transaction.staff_at(staff, envelope.at)
    except Refused:
        return nobody(staff)


def _has_sealed(envelope: Envelope) -> bool:
    return any(isinstance(value, dict) and value.keys() == {"sealed"} for value in envelope.body.values())


def _again(found: Admitted) -> Admission:
    result = found.result
    return Admission(found.operation, result["verdict"], result.get("code"), dict(result.get("facts", {})), found.n)
