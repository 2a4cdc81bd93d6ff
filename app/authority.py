"""The authority of a desk that decides for itself: every write goes through `submit`.

In one transaction the operations take effect and are appended, signed and chained, to this desk's log. PINs are checked
before that transaction (Argon2id takes a quarter of a second on purpose), everything else within it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NoReturn
from uuid import UUID

from app.domain.calendar import business_day
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.domain.staff import Right, Role, Staff, checked_pin
from app.operations.base import ApprovalRequirement, Operation
from app.operations.confirm_clock import ConfirmClock
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.enrol_member import EnrolMember
from app.operations.forget_wrong_pins import ForgetWrongPins
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.present_member_code import PresentMemberCode
from app.operations.redeem import Redeem
from app.operations.set_member_pin import SetMemberPin
from app.operations.set_staff_pin import SetStaffPin
from app.operations.set_up import AddStaff
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import Answer, ApprovalGiven, Requirements, Submission
from app.ports.clock import Clock
from app.ports.keys import PinHasher
from app.ports.storage import Act, Credential, StoredOperation, Work
from app.sync import codec
from app.sync.approvals import digest_to_approve, new_approval_key, opened_key
from app.sync.earlier import brought_up
from app.sync.effect import NEEDS_TRUE_CLOCK, take_effect
from app.sync.envelope import (
    DeskKey,
    Envelope,
    Head,
    canonical,
    clock_is_suspect,
    decoded,
    instant,
    next_hlc,
    operation_hash,
)
from app.sync.gate import TO_SEE, AskFirst, Asking, Gate, hub_decides
from app.sync.protocol import Asked
from app.sync.store import ImportRows, Opening, OperationStore, Transaction

SYSTEM = Staff("system", "MemberDesk", Role.SYSTEM)
WRONG_PINS_BEFORE_LOCK = 5
_LOOKS = 3  # at whether the hub is there, before it is said that it does not answer
WITH_A_DOUBTFUL_CARD = frozenset({None, Right.LOOK_UP, Right.REVEAL, Right.CARDS})


@dataclass(frozen=True)
class Proofs:
    """What was checked before the transaction."""

    approver: str | None = None
    own_pin: bool = False
    member: UUID | None = None  # who typed their PIN: it agrees to what is done with this member's points, no other's
    approver_key: DeskKey | None = field(default=None, repr=False)  # opened by their card and PIN


@dataclass(frozen=True)
class PinsAsked:
    """Whose PINs have to be checked; None where nobody's."""

    own: str | None
    approver: str | None
    member: UUID | None


class LocalAuthority:
    """`did` is told (verb, id) of each operation that took effect: what led to a crash is written down with it. With a
    `gate` the desk follows a hub, which decides what needs the whole picture; without one it decides all by itself.
    `clock_is_right`: what a hub has said of this computer's clock in this run, if anything. `has_room`: is there
    so much left on the disk that no write fails for a while? With a gate, that is one of its modes."""

    def __init__(
        self,
        store: OperationStore,
        *,
        mall: str,
        desk: str,
        key: DeskKey,
        clock: Clock,
        hasher: PinHasher,
        did: Callable[[str, UUID], None] = lambda _verb, _operation: None,
        gate: Gate | None = None,
        clock_is_right: Callable[[], bool | None] = lambda: None,
        has_room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._has_room = has_room
        self._clock_is_right = clock_is_right
        self._did = did
        self._gate = gate
        self._store = store
        self._mall = mall
        self._desk = desk
        self._key = key
        self._clock = clock
        self._hasher = hasher
        self._pins = threading.Lock()

    # -- what screens and outside programs call ---------------------------------------------------------------------

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        operations = self._prepared(submission)
        proofs = self._proofs(submission, operations)
        for _ in range(_LOOKS):
            try:
                answers = self._asked_and_decided(submission, operations, proofs)
            except AskFirst:
                continue
            for answer in answers:
                self._did(answer.verb, answer.operation_id)
            return answers
        raise Unavailable("hub.no_answer_go_on")  # a line that comes and goes faster than anybody can ask

    def _asked_and_decided(
        self, submission: Submission, operations: Sequence[Operation], proofs: Proofs
    ) -> tuple[Answer, ...]:
        granted = self._granted(submission, operations, proofs)
        try:
            return self._store.transact(
                lambda transaction: self._decide(transaction, submission, operations, proofs, granted=granted)
            )
        except Refused:
            self.give_up(tuple(granted))
            raise

    def _granted(self, submission: Submission, operations: Sequence[Operation], proofs: Proofs) -> Mapping[UUID, Asked]:
        """What the hub has agreed to, where there is one and it answers; asked outside the transaction, after this
        desk's own checks: what would be refused or approved first here does not have to be asked there."""
        gate = self._gate
        if gate is None or submission.session is None or gate.mode() is not Mode.ONLINE:
            return {}

        def look(transaction: Transaction) -> tuple[str, frozenset[UUID]]:
            opening = transaction.opening(submission.session, [operation.id for operation in operations])
            actor = self._actor(transaction, opening, submission, operations)
            asked = {
                operation.id
                for operation in operations
                if operation.id not in opening.answered
                and hub_decides(operation, transaction.was_sent)
                and gate.lease(operation, transaction, self._now(opening.head)) is None
            }
            approver = self._approver(transaction, proofs)
            for operation in operations:
                if operation.id in asked:
                    if submission.session is not None:
                        transaction.note_asked(operation.id, submission.session)
                    self._check_right(operation, actor)
                    self._check_not_self(operation, actor, approver)
                    act = self._act(opening, operation, actor, opening.head, approver)
                    if self._stands_alone(operation, operations):
                        self._check_approval(operation, transaction.work(act, opening.policy), opening.head)
            return actor.staff, frozenset(asked)

        actor, asked = self._store.transact(look)
        if not asked:
            return {}
        proof = "pin" if proofs.member is not None else None
        return gate.granted(
            operations,
            lambda operation: operation.id in asked,
            Asking(actor, submission.session, proofs.approver, proof),
        )

    def requirements(self, submission: Submission) -> Requirements:
        operations = self._prepared(submission, hash_new_pin=False)

        def look(transaction: Transaction) -> Requirements:
            opening = transaction.opening(submission.session, ())
            actor = self._actor(transaction, opening, submission, operations)
            approval, member_pin = None, False
            shown: UUID | None = None
            for operation in operations:
                self._check_right(operation, actor)
                if not self._stands_alone(operation, operations):
                    continue
                agreed = shown is not None and shown == operation.subject()
                act = self._act(opening, operation, actor, opening.head, None, "qr" if agreed else None)
                work = transaction.work(act, opening.policy)
                self._check_card(submission.card, operation, work)
                approval = approval or self._approval_needed(operation, work, opening.head)
                at_kiosk = self._gate is not None and self._gate.wants_member(operation)
                wanted = operation.member_pin_needed(work) or at_kiosk
                member_pin = member_pin or (wanted and not agreed)
                shown = operation.member if isinstance(operation, PresentMemberCode) else shown
            return Requirements(approval, member_pin)

        return self._store.transact(look)

    def give_up(self, operations: Sequence[UUID]) -> None:
        if self._gate is None or not operations:
            return
        self._store.transact(lambda transaction: transaction.give_up(operations=operations))
        self._gate.hurry()

    def check_pin(self, session: UUID, pin: str) -> None:
        def look(transaction: Transaction) -> Staff:
            return self._actor(transaction, transaction.opening(session, ()), Submission((), session), ())

        self._check_staff_pin(self._store.transact(look).staff, pin, "unlock")

    def check_person(self, staff: str, pin: str, right: Right) -> None:
        """Somebody who may, by number and PIN, whoever is signed in. Raises Refused("staff.no_right" | "pin.wrong" …);
        failures are counted."""
        self._store.transact(lambda transaction: transaction.staff(staff)).must(right)
        self._check_staff_pin(staff, pin, "step_up")

    def clock_is_in_doubt(self) -> bool:
        """Would an operation that depends on what day it is have to be confirmed now?"""
        return self._store.transact(lambda transaction: self._suspect(transaction.opening(None, ()).head))

    # -- what the program itself does --------------------------------------------------------------------------------

    def submit_as_system(
        self, *operations: Operation, rows: ImportRows | None = None, till: str | None = None
    ) -> tuple[Answer, ...]:
        """First start, scheduled expiry, imports, what `till` told: the program acts in its own name. Never reachable
        from outside."""
        prepared = tuple(codec.checked(operation) for operation in operations)
        submission = Submission(prepared, None)
        return self._store.transact(
            lambda transaction: self._decide(
                transaction, submission, prepared, Proofs(), actor=SYSTEM, rows=rows, till=till
            )
        )

    def pin_verifier(self, pin: str) -> str:
        """What is stored of a PIN. Raises Refused where it may not be set."""
        return self._hasher.hash(checked_pin(pin))

    # -- how it is done ----------------------------------------------------------------------------------------------

    def _prepared(self, submission: Submission, *, hash_new_pin: bool = True) -> tuple[Operation, ...]:
        if not submission.operations:
            raise Refused("request.empty")
        if len({operation.id for operation in submission.operations}) != len(submission.operations):
            raise Refused("request.same_id_twice")
        prepared = []
        for asked in submission.operations:
            operation = asked
            if asked.by_system_only:
                raise Refused("request.not_from_outside", verb=asked.verb)
            if isinstance(asked, GiveApprovalCard):
                operation = self._with_new_key(asked, submission, made=hash_new_pin)
            if isinstance(asked, EnrolMember | SetMemberPin | SetStaffPin | AddStaff):
                if asked.pin_verifier is not None:
                    raise Refused("request.not_from_outside", verb=asked.verb)
                if submission.new_pin and hash_new_pin:
                    operation = replace(asked, pin_verifier=self.pin_verifier(submission.new_pin))
            prepared.append(codec.checked(operation))
        return tuple(prepared)

    def _with_new_key(self, asked: GiveApprovalCard, submission: Submission, *, made: bool) -> GiveApprovalCard:
        if asked.public_key is not None or asked.sealed_key is not None:
            raise Refused("request.not_from_outside", verb=asked.verb)
        holder = submission.approval
        if not made or holder is None or submission.new_card is None:
            return asked
        key = new_approval_key(self._hasher, asked.staff, holder.pin, submission.new_card)
        return replace(asked, public_key=key.public.hex(), sealed_key=key.sealed.hex())

    @staticmethod
    def _stands_alone(operation: Operation, operations: Sequence[Operation]) -> bool:
        """Nothing that comes before it in the same submission is what it is about (a hand-out of a new redemption)."""
        about = getattr(operation, "redemption", None)
        return about is None or about not in {other.id for other in operations}

    def _proofs(self, submission: Submission, operations: Sequence[Operation]) -> Proofs:
        """Check the PINs that were typed. A wrong one is counted, in a transaction of its own, and refused."""
        asks_own_pin = any(operation.asks_own_pin for operation in operations)
        member_pin = submission.member_pin
        if asks_own_pin and not submission.pin:
            raise Refused("pin.required")
        if not (asks_own_pin or submission.approval or member_pin):
            return Proofs()
        member = next((subject for operation in operations if (subject := operation.subject())), None)

        def look(transaction: Transaction) -> PinsAsked | None:
            opening = transaction.opening(submission.session, [operation.id for operation in operations])
            if len(opening.answered) == len(operations):
                return None  # it has taken effect already: the first answer comes back, whatever is typed now
            actor = self._actor(transaction, opening, submission, operations)
            for operation in operations:
                self._check_right(operation, actor)
            if submission.approval is not None:
                self._check_approver(transaction, submission.approval, actor, operations)
            agrees = member is not None and member_pin and transaction.member_credential(member) is not None
            return PinsAsked(
                own=actor.staff if asks_own_pin else None,
                approver=submission.approval.staff if submission.approval is not None else None,
                member=member if agrees else None,
            )

        asked = self._store.transact(look)
        if asked is None:
            return Proofs()
        if asked.own is not None:
            purpose: Literal["sign_in", "step_up"] = "sign_in" if submission.session is None else "step_up"
            self._check_staff_pin(asked.own, submission.pin or "", purpose)
        approver_key = None
        if submission.approval is not None:
            self._check_staff_pin(submission.approval.staff, submission.approval.pin, "approval")
            approver_key = self._approver_key(submission.approval)
        if asked.member is not None:
            self._check_member_pin(asked.member, member_pin or "")
        return Proofs(asked.approver, asked.own is not None, asked.member, approver_key)

    def _approver_key(self, given: ApprovalGiven) -> DeskKey | None:
        """Raises Refused("approval_card.none" | "approval_card.wrong")."""
        if given.card is None:
            return None
        sealed = self._store.transact(lambda transaction: transaction.sealed_approval_key(given.staff))
        if sealed is None:
            raise Refused("approval_card.none", staff=given.staff[:20])
        return opened_key(self._hasher, given.staff, given.pin, given.card, sealed)

    def _decide(
        self,
        transaction: Transaction,
        submission: Submission,
        operations: Sequence[Operation],
        proofs: Proofs,
        *,
        actor: Staff | None = None,
        rows: ImportRows | None = None,
        till: str | None = None,
        granted: Mapping[UUID, Asked] = MappingProxyType({}),
    ) -> tuple[Answer, ...]:
        for operation in operations:
            transaction.stop_desks(type(operation), vars(operation))
        opening = transaction.opening(submission.session, [operation.id for operation in operations])
        if actor is None:
            actor = self._actor(transaction, opening, submission, operations)
        approver = self._approver(transaction, proofs)
        answers: list[Answer] = []
        shown: UUID | None = None  # whose code was presented with this submission
        head = replace(opening.head, clock_suspect=self._suspect(opening.head))
        for operation in operations:
            stored = opening.answered.get(operation.id)
            if stored is not None:
                answers.append(self._first_answer(transaction, operation, stored))
                shown = operation.member if isinstance(operation, PresentMemberCode) else shown
                continue
            if operation.asks_own_pin and not proofs.own_pin and actor.role is not Role.SYSTEM:
                raise Refused("pin.required")
            if operation.id in granted and not transaction.is_asked(operation.id):
                raise AskFirst  # the hub that granted it may know nothing of that any more
            proof = self._member_proof(operation, proofs, shown)
            act = replace(self._act(opening, operation, actor, head, approver, proof), till=till)
            if self._gate is not None and operation.id not in granted:
                act = replace(act, lease=self._gate.lease(operation, transaction, self._now(head)))
            work = transaction.work(act, opening.policy, rows)
            subject = operation.subject()
            if self._gate is not None and subject is not None:
                transaction.use_hold(operation.id, subject)
            self._check_right(operation, actor)
            self._check_room(operation, actor)
            self._check_card(submission.card, operation, work)
            self._check_not_self(operation, actor, approver)
            requirement = self._check_approval(operation, work, head)
            if operation.member_pin_needed(work) and proof is None:
                raise Refused("member.pin_required", above=work.policy.member_pin_points)
            if requirement is not None and approver is not None and proofs.approver_key is None:
                self._check_card_is_not_needed(transaction, work, approver)
            if requirement is not None and requirement.why == "approval.clock":
                head = replace(head, clock_suspect=False)  # a second person has confirmed it
            if isinstance(operation, ConfirmClock):
                head = replace(head, clock_suspect=False)  # the hub has
            basis: dict[str, Any] | None = {"till": till} if till is not None else None
            if self._gate is not None and actor.role is not Role.SYSTEM:
                basis = self._gate.check(operation, work, transaction, granted.get(operation.id))
                if basis is not None and basis["right"] == "floor" and isinstance(operation, Redeem):
                    transaction.note_floor_use(operation.id, operation.member, operation.points)
            facts = take_effect(operation, work)
            if self._gate is not None and isinstance(operation, SignOut):
                transaction.give_up(session=act.session)
            shown = operation.member if isinstance(operation, PresentMemberCode) else shown
            entry = submission.card.entry if submission.card is not None and operation.subject() else None
            head = self._append(transaction, opening, operation, act, head, facts, entry, basis, proofs.approver_key)
            if self._gate is not None:
                transaction.stand()
            answers.append(Answer(operation.id, operation.verb, facts))
        return tuple(answers)

    def _append(
        self,
        transaction: Transaction,
        opening: Opening,
        operation: Operation,
        act: Act,
        head: Head,
        facts: dict[str, Any],
        entry: str | None,
        basis: Mapping[str, Any] | None,
        approver_key: DeskKey | None,
    ) -> Head:
        """Sign and store the operation; returns the new end of this desk's chain."""
        member = operation.subject()
        body = codec.body_of(operation)
        if member is not None and any(body[name] for name in operation.sealed):
            key = transaction.subject_key(member)
            if key is None:
                key = codec.new_subject_key()
                transaction.add_subject_key(member, key)
            body = codec.sealed_body(operation, body, key)
        envelope = Envelope(
            id=operation.id,
            mall=self._mall,
            desk=self._desk,
            epoch=head.epoch,
            sequence=act.sequence,
            prev=head.hash,
            hlc=next_hlc(max(head.hlc, transaction.latest_hlc()), act.wall_ms),
            wall_ms=act.wall_ms,
            boot=self._clock.boot(),
            since_boot_ms=self._clock.since_boot_ms(),
            verb=operation.verb,
            version=operation.version,
            policy=str(opening.policy_version),
            actor=act.actor.staff,
            session=act.session,
            approver=act.approver.staff if act.approver else None,
            member_proof=act.member_proof,
            clock_suspect=head.clock_suspect,
            body=body,
            entry=entry,
            basis=basis,
        )
        if approver_key is not None:
            envelope = replace(envelope, approval_signature=approver_key.sign(digest_to_approve(envelope)))
        encoded = envelope.encoded()
        digest = operation_hash(encoded)
        transaction.append(envelope, StoredOperation(encoded, digest, self._key.sign(digest), canonical(facts)), member)
        return envelope.as_head(digest)

    def _act(
        self,
        opening: Opening,
        operation: Operation,
        actor: Staff,
        head: Head,
        approver: Staff | None,
        member_proof: str | None = None,
    ) -> Act:
        wall_ms = self._clock.wall_ms()
        at = instant(wall_ms)
        return Act(
            operation=operation.id,
            mall=self._mall,
            desk=self._desk,
            epoch=head.epoch,
            sequence=head.sequence + 1,
            wall_ms=wall_ms,
            at=at,
            business_day=business_day(at, opening.zone),
            zone=opening.zone,
            actor=actor,
            approver=approver,
            session=opening.session.session if opening.session else None,
            member_proof=member_proof,
        )

    def _actor(
        self, transaction: Transaction, opening: Opening, submission: Submission, operations: Sequence[Operation]
    ) -> Staff:
        if submission.session is None:
            if len(operations) == 1 and isinstance(operations[0], SignIn):
                return self._open(transaction.staff(operations[0].staff))
            raise Refused("session.none")
        session = opening.session
        if session is None or session.desk != self._desk:
            raise Refused("session.unknown")
        if not session.is_open:
            # A sign-out that is sent again is answered from the log.
            repeated = len(operations) == 1 and isinstance(operations[0], SignOut) and opening.answered
            if not repeated:
                raise Refused("session.ended")
        if any(isinstance(operation, SignIn) for operation in operations):
            raise Refused("session.already")
        leaves = len(operations) == 1 and isinstance(operations[0], SignOut)
        return session.actor if leaves else self._open(session.actor)

    @staticmethod
    def _open(actor: Staff) -> Staff:
        """Raises Refused("staff.closed")."""
        if actor.closed:
            raise Refused("staff.closed", name=actor.name)
        return actor

    @staticmethod
    def _approver(transaction: Transaction, proofs: Proofs) -> Staff | None:
        """Looked up again within the transaction: rights may have changed since the PIN was checked."""
        if proofs.approver is None:
            return None
        approver = transaction.staff(proofs.approver)
        if Right.APPROVE not in approver.rights or approver.disabled:
            raise Refused("approval.no_right", staff=approver.staff)
        return approver

    @staticmethod
    def _member_proof(operation: Operation, proofs: Proofs, shown: UUID | None) -> str | None:
        """How the member agreed to this operation; to another member's nobody has."""
        member = operation.subject()
        if member is None:
            return None
        return "pin" if proofs.member == member else "qr" if shown == member else None

    @staticmethod
    def _check_card(card: PresentedCard | None, operation: Operation, work: Work) -> None:
        """The card that was read belongs to the member whom the operation is about; where its stripe says otherwise
        than it should, the member is looked at, and their cards can be blocked, but nothing else is done."""
        member = operation.subject()
        if card is None or member is None:
            return
        if work.cards.get(card.number).member != member:
            raise Refused("card.not_this_member")
        if operation.needs not in WITH_A_DOUBTFUL_CARD and work.cards.code_is_wrong(card):
            raise Refused("card.code_wrong")

    @staticmethod
    def _check_right(operation: Operation, actor: Staff) -> None:
        if operation.needs is not None:
            actor.must(operation.needs)

    def _check_room(self, operation: Operation, actor: Staff) -> None:
        if actor.role is not Role.SYSTEM and operation.verb not in TO_SEE and not self._has_room():
            raise Refused("disk.low")

    @staticmethod
    def _check_not_self(operation: Operation, actor: Staff, approver: Staff | None) -> None:
        """Nobody serves, or approves for, their own membership, or approves their own request under another number."""
        if approver is not None and approver.member is not None and approver.member == actor.member:
            raise Refused("approval.same_person")
        member = operation.subject()
        if member is not None and member in (actor.member, approver.member if approver else None):
            raise Refused("staff.own_account")

    def _check_approver(
        self, transaction: Transaction, given: ApprovalGiven, actor: Staff, operations: Sequence[Operation]
    ) -> None:
        if given.staff == actor.staff:
            raise Refused("approval.same_person")
        approver = transaction.staff(given.staff)
        if Right.APPROVE not in approver.rights:
            raise Refused("approval.no_right", staff=approver.staff)
        for operation in operations:
            self._check_not_self(operation, actor, approver)

    def _approval_needed(self, operation: Operation, work: Work, head: Head) -> ApprovalRequirement | None:
        if operation.verb in NEEDS_TRUE_CLOCK and self._suspect(head):
            return ApprovalRequirement("approval.clock")
        own = operation.approval_needed(work)
        return self._gate.approval(operation) if own is None and self._gate is not None else own

    def _check_approval(self, operation: Operation, work: Work, head: Head) -> ApprovalRequirement | None:
        """What a second person has approved. Raises Refused("approval.required", why=…, limit=…)."""
        requirement = self._approval_needed(operation, work, head)
        if work.act.actor.role is Role.SYSTEM:
            if requirement is not None and requirement.why == "approval.clock":
                raise Refused("clock.suspect")
            return None
        if requirement is None:
            return None
        if work.act.approver is None:
            raise Refused("approval.required", why=requirement.why, limit=requirement.limit)
        if work.act.approver.staff == work.act.actor.staff:
            raise Refused("approval.same_person")
        return requirement

    def _check_card_is_not_needed(self, transaction: Transaction, work: Work, approver: Staff) -> None:
        """Raises Refused("approval_card.needed"): this approval will have to be proved to the hub."""
        has_card = transaction.sealed_approval_key(approver.staff) is not None
        if self._gate is not None and self._gate.wants_card(work, has_card=has_card):
            raise Refused("approval_card.needed", name=approver.name)

    def _now(self, head: Head) -> datetime:
        """By the later of wall clock and the chain's: neither is put back to spend what has ended."""
        return instant(max(self._clock.wall_ms(), int(head.hlc[:13])))

    def _suspect(self, head: Head) -> bool:
        if self._clock_is_right() is False:
            return True
        return clock_is_suspect(head, self._clock.wall_ms(), self._clock.boot(), self._clock.since_boot_ms())

    def _first_answer(self, transaction: Transaction, operation: Operation, stored: StoredOperation) -> Answer:
        """The same id again is the same request, or a mistake: then nothing is done and it is said."""
        envelope = decoded(stored.encoded)
        member = operation.subject()
        asked = codec.body_of(operation)
        try:
            body = codec.opened_body(envelope.id, envelope.body, transaction.subject_key(member) if member else None)
        except codec.Erased:
            body = {**envelope.body, **{name: asked.get(name) for name in operation.sealed}}
        body = dict(brought_up(envelope.verb, envelope.version, body))
        if body.get("pin_verifier") and asked.get("pin_verifier"):
            asked["pin_verifier"] = body["pin_verifier"]  # salted anew each time
        if isinstance(operation, GiveApprovalCard):
            asked |= {name: body[name] for name in ("public_key", "sealed_key")}  # made anew each time
        if envelope.verb != operation.verb or body != asked:
            raise Refused("request.id_reused")
        return Answer(operation.id, operation.verb, json.loads(stored.result), replayed=True)

    # -- PINs --------------------------------------------------------------------------------------------------------

    def _check_staff_pin(
        self, staff: str, pin: str, purpose: Literal["sign_in", "unlock", "approval", "step_up"]
    ) -> None:
        # One at a time: guesses that run side by side would all begin before the first of them is counted.
        with self._pins:
            credential = self._store.transact(lambda transaction: transaction.staff_credential(staff))
            self._refuse_locked(credential, "staff")
            if not self._hasher.verify(credential.verifier, pin):
                self._count_wrong_pin(CountWrongPin(purpose=purpose, staff=staff), "staff")
            if credential.failures and purpose != "sign_in":  # signing in forgets them itself
                self.submit_as_system(ForgetWrongPins(staff=staff))

    def _check_member_pin(self, member: UUID, pin: str) -> None:
        with self._pins:
            credential = self._store.transact(lambda transaction: transaction.member_credential(member))
            if credential is None:
                raise Refused("pin.required")
            self._refuse_locked(credential, "member")
            if not self._hasher.verify(credential.verifier, pin):
                self._count_wrong_pin(CountWrongPin(purpose="member", member=member), "member")
            if credential.failures:
                self.submit_as_system(ForgetWrongPins(member=member))

    def _refuse_locked(self, credential: Credential, whose: Literal["staff", "member"]) -> None:
        if credential.closed:
            raise Refused("staff.closed")
        if credential.disabled:
            raise Refused(f"{whose}.pin_locked_until_lifted")
        if credential.locked_until is not None:
            left = (credential.locked_until - instant(self._clock.wall_ms())).total_seconds()
            if left > 0:
                raise Refused(f"{whose}.pin_locked", seconds=int(left) + 1)

    def _count_wrong_pin(self, counted: CountWrongPin, whose: Literal["staff", "member"]) -> NoReturn:
        (answer,) = self.submit_as_system(counted)
        seconds = answer.facts["locked_seconds"]
        if seconds is None:
            raise Refused(f"{whose}.pin_locked_until_lifted")
        if seconds:
            raise Refused(f"{whose}.pin_locked", seconds=seconds)
        # Two people may have typed one: the screen asks the one whose it was.
        left = WRONG_PINS_BEFORE_LOCK - answer.facts["failures"]
        raise Refused("pin.wrong", left=left, whose=whose, staff=counted.staff)
