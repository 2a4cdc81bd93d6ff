"""What a hub does for its desks, without HTTP: `app.hub.http` carries it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Protocol
from uuid import UUID, uuid5

import structlog

from app.authority import SYSTEM, LocalAuthority
from app.domain.calendar import business_day
from app.domain.desk_kind import DeskKind
from app.domain.enrolment_code import code_hash
from app.domain.errors import Refused, Unavailable
from app.domain.offline_rules import OfflinePolicy
from app.domain.points import GRACE
from app.domain.versions import version_parts
from app.hub.admission import Admission, Desk, Read, Stop
from app.hub.bundles import TakenIn, take_in
from app.hub.group import Group
from app.hub.tills import Tills
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.close_day import CloseDay
from app.operations.end_lease import EndLease
from app.operations.end_request import EndRequest
from app.operations.enrol_desk import EnrolDesk
from app.operations.expire_points import ExpirePoints
from app.operations.grant_card_block import GrantCardBlock
from app.operations.grant_request import GrantRequest
from app.operations.hold_points import HoldPoints
from app.operations.lease_points import LeasePoints
from app.operations.record_lookup import RecordLookup
from app.operations.redeem import Redeem
from app.operations.redeem_as_guest import RedeemAsGuest
from app.operations.return_expired import ReturnExpired
from app.operations.tell_shares import MOST_MEMBERS, TellShares
from app.operations.void_card_batch import VoidCardBatch
from app.ports.clock import Clock
from app.ports.hub import AllDesks
from app.ports.keys import PinHasher
from app.ports.storage import Act
from app.sync import codec
from app.sync.earlier import readable
from app.sync.effect import doubts, nobody, rules_for
from app.sync.envelope import DeskKey, Envelope, instant
from app.sync.hub import HUB_DESK, Expected, Heard, HubDesk, HubStore, HubTransaction, NotTogether, Requested
from app.sync.protocol import (
    MOST_ROWS,
    PROTOCOL,
    SIGNED_WITHIN_MS,
    Ask,
    AskDesks,
    Asked,
    AskReport,
    DeskState,
    Enrol,
    Enrolled,
    FeedPlace,
    FullMember,
    Health,
    Hello,
    HelloReply,
    Licence,
    Looked,
    Lookup,
    Place,
    PullReply,
    Push,
    Pushed,
    PushReply,
    Reported,
    Sales,
    SalesReply,
    SignedLicence,
    Void,
    name_of,
    time_digest,
)

log = structlog.get_logger("memberdesk.hub")
_GRANTS = UUID("0c6a7a1e-9d0c-5b1c-8b0d-6875622e7265")  # names of what the hub does for a request of a desk
ACKNOWLEDGED_WITHIN_S = 3.0  # how long a request waits for shares to come back; the desk waits eight
HEARD_WITHIN_S = 30  # three heartbeats
SERVED_WITHIN = timedelta(days=30)
_LOOK_EVERY_S = 0.02
# A push goes in by parts, each in one transaction: who has to do with one of its members waits no longer than this.
MOST_TOGETHER, LONGEST_TOGETHER_S = 50, 0.04
NONCE_LIVES_MS = 2 * SIGNED_WITHIN_MS + 60_000  # longer than a signed request counts, either way


@dataclass(frozen=True)
class Program:
    """`oldest`: the oldest program of a desk that this hub speaks with."""

    version: str
    oldest: str


class Watched(Protocol):
    """`app.hub.schedule.Duties`"""

    @property
    def looked_ms(self) -> int | None: ...
    @property
    def late(self) -> tuple[str, ...]: ...


class Hub:
    """One mall's. Every method may be called by several threads at once; each raises Refused or Unavailable."""

    def __init__(
        self,
        store: HubStore,
        mall: str,
        clock: Clock,
        hasher: PinHasher,
        program: Program,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._pause = pause
        self.mall = mall
        self._clock = clock
        self._program = program
        self._key = DeskKey(store.begin().hub_seed)
        self.authority = LocalAuthority(
            store.own_operations(), mall=mall, desk=HUB_DESK, key=self._key, clock=clock, hasher=hasher
        )
        self._tills = Tills(self.authority, store, mall, clock)
        self.group: Group | None = None  # set where this hub is told of its group
        self.duties: Watched | None = None  # set where this process does what the hub does by itself

    @property
    def key(self) -> DeskKey:
        """Under which this hub signs, also what it asks of other hubs."""
        return self._key

    def _of_group(self) -> Group:
        if self.group is None:
            raise Refused("group.none")
        return self.group

    def settle_guests(self) -> None:
        if self.group is not None:
            now = instant(self._clock.wall_ms())
            self.group.settle(now)
            self.group.refresh(now)

    @property
    def public_key(self) -> bytes:
        return self._key.public

    # -- desks -------------------------------------------------------------------------------------------------------

    def known_desk(self, desk: str) -> HubDesk:
        """Raises Refused("hub.desk_unknown")."""
        found = self._store.desk(desk)
        if found is None:
            raise Refused("hub.desk_unknown")
        return found

    def hears(self, desk: str, nonce: str) -> HubDesk | None:
        """The desk as it stands; None where it has sent this nonce before. Raises Refused("hub.desk_unknown")."""
        is_new, known = self._store.hears(desk, nonce, instant(self._clock.wall_ms()))
        if known is None:
            raise Refused("hub.desk_unknown")
        return known if is_new else None

    def nonce_is_new(self, desk: str, nonce: str) -> bool:
        return self._store.nonce_is_new(desk, nonce, instant(self._clock.wall_ms()))

    def now_ms(self) -> int:
        return self._clock.wall_ms()

    def time_for(self, nonce: str) -> dict[str, Any]:
        """What time it is, signed for the one request that came with another time."""
        server_ms = self.now_ms()
        return {"server_ms": server_ms, "signature": self._key.sign(time_digest(nonce, server_ms)).hex()}

    def enrol(self, asked: Enrol) -> Enrolled:
        """The same code with the same key again is answered again: the first reply may have been lost."""
        if self._is_too_old(asked.program):
            raise Refused("hub.program_old", oldest=self._program.oldest)
        digest = code_hash(asked.code)
        if asked.is_desk and self._store.code_kind(digest) is DeskKind.TILL:
            raise Refused("hub.till_only_sells")  # the till that it was made for can still use it
        (answer,) = self.authority.submit_as_system(
            EnrolDesk(
                id=uuid5(_GRANTS, f"enrol {digest} {asked.desk_key.hex()}"),
                code_hash=digest,
                public_key=asked.desk_key.hex(),
            )
        )
        desk, number, epoch = answer.facts["desk"], answer.facts["number"], answer.facts["epoch"]
        if not answer.replayed:
            self._store.enrolled(desk)
        # Before it is told anything, and so before its copy of the mall: what it will hold names them no more.
        self._end_leases()
        secrets = self._store.begin()
        known = self.known_desk(desk)
        return Enrolled(
            mall=self.mall,
            desk=desk,
            number=number,
            epoch=epoch,
            head=self._store.head_of(desk),
            hub_key=self.public_key,
            card_key=secrets.card_key,
            search_key=secrets.search_key,
            licence=None if known.kind is DeskKind.TILL else self.licence_of(known),
        )

    def sales(self, till: HubDesk, told: Sales) -> SalesReply:
        """Raises Refused("hub.not_a_till" | "hub.revoked")."""
        if till.kind is not DeskKind.TILL:
            raise Refused("hub.not_a_till")
        if till.state is not DeskState.ACTIVE:
            raise Refused("hub.revoked")
        return self._tills.take(till.desk, told)

    def hello(self, desk: HubDesk, said: Hello) -> HelloReply:
        head = self._store.head_of(desk.desk)
        feed = self._store.head()
        at_ms = self._clock.wall_ms()
        read = said.feed if said.feed is not None and said.feed.epoch == feed.epoch else None
        if read is not None and self._store.feed_hash(read.n) != read.h:
            # A desk that was put back has read less of the feed, never another one: so it was the hub.
            raise Refused("hub.put_back")
        re_enrol = desk.must_enrol or not self._can_be(desk, said, head)
        if re_enrol and not desk.must_enrol:
            desk, re_enrol = self._store.transact(desk.desk, partial(self._stopped_for_fork, known=desk, said=said))
        licence = None
        if desk.state is DeskState.ACTIVE and not self._is_too_old(said.program):
            if desk.last_seen is None:
                self._store.says_hello(desk.desk, instant(at_ms))  # from now on it is one of the K
            licence = self.licence_of(desk)
        self._store.saw(
            desk.desk,
            Heard(
                at=instant(at_ms),
                program=said.program,
                feed=said.feed,
                unsent=said.unsent,
                oldest=instant(said.oldest_unsent_ms) if said.oldest_unsent_ms else None,
                clock_skew_ms=said.wall_ms - at_ms,
                licence_until=instant(licence.terms.not_after_ms) if licence is not None else None,
                floor_used=said.floor_used,
            ),
        )
        reply = HelloReply(
            server_ms=at_ms,
            state=desk.state,
            head=head,
            feed=feed,
            oldest_program=self._program.oldest,
            licence=licence,
            re_enrol=re_enrol,
            wipe=desk.state is DeskState.LOST,
            program=self._program.version,
            takes=None if said.program == self._program.version else readable(),
            mall=self.mall,
            desk=desk.desk,
            answers=name_of(said),
        )
        return reply.signed(self._key)

    def take_bundle(self, file: bytes) -> TakenIn:
        """What a desk without a network has sent by hand. Raises Refused("bundle.…")."""
        return take_in(self, self._key, file)

    def hello_by_file(self, desk: HubDesk) -> HelloReply:
        """How the hub stands with a desk that it does not hear: whoever carries a file proves nothing of now, so that
        nothing is noted of the desk, and a licence of shares (docs/adr/0012) is not given."""
        at_ms = self._clock.wall_ms()
        strict = self._is_strict()
        if desk.last_seen is None and not strict:
            self._store.says_hello(desk.desk, instant(at_ms))  # it redeems within limits, and is one of the K
        return HelloReply(
            server_ms=at_ms,
            state=desk.state,
            head=self._store.head_of(desk.desk),
            feed=self._store.head(),
            oldest_program=self._program.oldest,
            licence=self.licence_of(desk) if desk.state is DeskState.ACTIVE and not strict else None,
            re_enrol=desk.must_enrol,
            program=self._program.version,
            takes=readable(),
            mall=self.mall,
            desk=desk.desk,
        )

    def has_row(self, place: FeedPlace) -> bool:
        """Was this place read from the feed as it is?"""
        return self._store.head().epoch == place.epoch and self._store.feed_hash(place.n) == place.h

    def _is_too_old(self, program: str) -> bool:
        return version_parts(program) < version_parts(self._program.oldest)

    def desks(self, desk: HubDesk, asked: AskDesks) -> AllDesks:
        if desk.state is not DeskState.ACTIVE:
            raise Refused("hub.revoked")
        stand = self._store.desks(asked.actor, instant(self._clock.wall_ms()))
        late = self.duties.late if self.duties is not None else ()
        return replace(stand, program=self._program.version, oldest_program=self._program.oldest, late=late)

    def _stopped_for_fork(self, transaction: HubTransaction, known: HubDesk, said: Hello) -> tuple[HubDesk, bool]:
        """It looked as if its store were an older one: looked at again now that nothing else happens to it. Must it
        enrol anew? Who is gone stays gone; who enrolled meanwhile is not stopped for what the old store says."""
        head = transaction.opening(None, ()).head
        now = transaction.hub_desk() or known
        was_overtaken = said.boot == head.boot and said.since_boot_ms < head.since_boot_ms  # said before that was done
        if was_overtaken or self._can_be(now, said, Place(head.epoch, head.sequence, head.hash)):
            return now, now.must_enrol
        if now.keys == known.keys and now.state in (DeskState.ACTIVE, DeskState.SUSPENDED):
            transaction.set_state(DeskState.SUSPENDED, must_enrol=True, why="hub.found_fork")
            now = replace(now, state=DeskState.SUSPENDED, must_enrol=True)
        return now, True

    @staticmethod
    def _can_be(desk: HubDesk, said: Hello, head: Place) -> bool:
        """What the desk says of its chain agrees with what is known of it; what is ahead is yet to be pushed."""
        there = (said.head.epoch, said.head.sequence)
        if said.head.epoch != max(desk.keys) and said.head.epoch != head.epoch:
            return False
        if there < (head.epoch, head.sequence):
            return False  # an older state of its store
        return there != (head.epoch, head.sequence) or not said.head.sequence or said.head.hash == head.hash

    def licence_of(self, desk: HubDesk) -> SignedLicence:
        terms = self._store.licence_terms(desk.desk)
        rules = terms.rules
        if terms.since is None:  # not one of the K until it has said hello: no bound counts it yet
            rules = replace(rules, per_redemption=0, per_member=0, per_desk=0)
        at_kiosk = desk.kind is DeskKind.KIOSK
        figures = rules.figures(at_kiosk=at_kiosk)
        licence = Licence(
            mall=self.mall,
            desk=desk.desk,
            number=terms.number,
            since=terms.since or terms.number + 1,
            policy=rules.policy,
            desks=max(1, terms.desks),
            per_redemption=figures.per_redemption,
            per_member=figures.per_member,
            per_desk=figures.per_desk,
            newest_copy_s=rules.newest_copy_s,
            credit_per_day=rules.credit_per_day,
            contact_timeout_s=rules.contact_timeout_s,
            not_after_ms=self._clock.wall_ms() + rules.licence_s * 1000,
            kiosk=at_kiosk,
        )
        return SignedLicence.by(self._key, licence)

    # -- operations --------------------------------------------------------------------------------------------------

    def push(self, desk: str, pushed: Push) -> PushReply:
        admitting = Desk(self.mall, desk)
        results: list[Pushed] = []
        head: Place | None = None  # of the desk's chain, after what was done last
        waiting = deque(Read.of(sent) for sent in pushed.operations)
        singly = 0  # of those that wait: they did not go in together
        while waiting:
            some = [] if singly else self._some_together(waiting)
            if len(some) > 1:
                admitted, now = self._admitted_together(admitting, desk, some)
                singly = 0 if admitted else len(some)
                for outcome in admitted:
                    waiting.popleft()
                    results.append(outcome)
            else:
                singly = max(0, singly - 1)
                stop, now = self._admitted(admitting, desk, waiting.popleft(), results)
                if stop is not None:
                    head = now or self._store.head_of(desk)
                    return PushReply(tuple(results), head, gap=stop.gap, fork=stop.fork)
            head = now or head
        return PushReply(tuple(results), head or self._store.head_of(desk))

    def _admitted(
        self, admitting: Desk, desk: str, read: Read, results: list[Pushed]
    ) -> tuple[Stop | None, Place | None]:
        """One operation: why nothing after it can be taken now, and where the desk's chain ends, if that was read."""
        self._bring_back_what_was_good(read)

        def one(transaction: HubTransaction) -> tuple[Admission | Stop, HubTransaction]:
            return admitting.admit(transaction, read), transaction

        outcome, transaction = self._store.transact(desk, one)
        if isinstance(outcome, Stop):
            if outcome.pushed is not None:
                results.append(outcome.pushed)
            return None if outcome.goes_on else outcome, transaction.head
        results.append(_pushed(outcome, transaction))
        return None, transaction.head

    def _some_together(self, waiting: Sequence[Read]) -> list[Read]:
        """The first of them, as long as each is what a counter does all day, in one session."""
        some: list[Read] = []
        for read in islice(waiting, MOST_TOGETHER):
            envelope = read.envelope
            if envelope is None or read.member is None or self._is_past_grace(envelope):
                break
            if some and some[0].envelope is not None and envelope.session != some[0].envelope.session:
                break
            some.append(read)
        return some

    def _admitted_together(self, admitting: Desk, desk: str, some: Sequence[Read]) -> tuple[list[Pushed], Place | None]:
        """And where the desk's chain ends. None of them where they have to go in one after the other."""

        def several(transaction: HubTransaction) -> tuple[list[Admission], HubTransaction]:
            end = time.monotonic() + LONGEST_TOGETHER_S
            return admitting.admit_together(transaction, some, go_on=lambda: time.monotonic() < end), transaction

        try:
            admitted, transaction = self._store.transact(desk, several)
        except NotTogether:
            return [], None
        except Unavailable:
            raise
        except Exception:
            log.exception("together", desk=desk)  # a bug; alone, it is one operation's
            return [], None
        return [_pushed(outcome, transaction) for outcome in admitted], transaction.head

    def _is_past_grace(self, envelope: Envelope) -> bool:
        try:
            return envelope.verb == Redeem.verb and instant(self._clock.wall_ms()) - envelope.at >= GRACE
        except (ValueError, OverflowError):
            return False  # whoever takes it says what is wrong with it

    def _bring_back_what_was_good(self, read: Read) -> None:
        """A desk that was cut off for longer than points are kept past their last day may have redeemed some."""
        envelope = read.envelope
        if envelope is None or not self._is_past_grace(envelope):
            return
        try:
            redeem = codec.operation_as_sent(envelope.verb, envelope.version, envelope.id, envelope.body)
        except (ValueError, KeyError, Refused):
            return  # whoever takes it says what is wrong with it
        assert isinstance(redeem, Redeem)
        day = business_day(envelope.at, self._store.zone())
        if self._store.answer(envelope.id) is None and self._store.expired_since(redeem.member, day):
            operation = ReturnExpired(
                id=uuid5(_GRANTS, f"return {envelope.id}"),
                member=redeem.member,
                redemption=envelope.id,
                points=redeem.points,
                on=day,
            )
            self.authority.submit_as_system(operation)

    def acknowledged(self, desk: str, feed: UUID, n: int, epoch: int, sequence: int) -> None:
        """Said with each pull (docs/adr/0012, rule 4): what a desk holds of the feed, and had done by then."""
        self._store.acknowledged(desk, feed, n, epoch, sequence)

    def pull(self, epoch: UUID, after: int, limit: int) -> PullReply:
        """Raises Refused("hub.feed_epoch"): the feed was begun anew, or is shorter than the desk has read."""
        head = self._store.head()
        if epoch != head.epoch or after > head.n:
            raise Refused("hub.feed_epoch")
        rows = self._store.rows(after, max(1, min(limit, MOST_ROWS))) if after < head.n else ()
        return PullReply(rows, self._store.head() if rows else head)

    def feed_length(self) -> int:
        return self._store.head().n

    def health(self) -> Health:
        self._store.head()
        duties_ms, late = (self.duties.looked_ms, self.duties.late) if self.duties is not None else (None, ())
        replica, behind_ms = self._store.replica_state()
        return Health(
            *(self._program.version, PROTOCOL, self._clock.wall_ms()),
            ok=True,
            duties_ms=duties_ms,
            late=late,
            replica=replica,
            replica_behind_ms=behind_ms,
        )

    def look_at_replica(self) -> None:
        """So that `health` says how the server for reports stands, also where nobody asks for one."""
        self._store.look_at_replica(instant(self._clock.wall_ms()))

    # -- what the hub decides before it happens ------------------------------------------------------------------

    def request(self, desk: str, ask: Ask) -> Asked:
        """Would this operation be allowed now? What it needs is held for it. Nothing else has happened yet."""
        try:
            operation = codec.checked(_wanted(ask))
            points = points_taken(operation)
            grant = GrantRequest(
                id=uuid5(_GRANTS, f"grant {ask.operation}"),
                asked=operation.id,
                desk=desk,
                asked_verb=operation.verb,
                member=operation.subject(),
                points=points,
            )
            while (before := self._tried(desk, operation, ask)) is not None and before.state != "void":
                if (before.desk, before.verb, before.member, before.points) == (
                    *(desk, operation.verb, operation.subject(), points),
                ):
                    return self._granted(before.granted_by, points, self._store.answer(before.granted_by) or {})
                if before.desk != desk or before.state == "done":
                    raise Refused("request.id_reused")
                self._end(operation.id, before, "void")  # the form was changed since: what it says now counts
            if before is not None:
                grant = replace(grant, id=uuid5(_GRANTS, f"grant {ask.operation} after {before.granted_by}"))
            if isinstance(operation, RedeemAsGuest):
                self._of_group().request(operation, instant(self._clock.wall_ms()))
            facts = self._grant(grant)
        except Refused as refused:
            return Asked("refused", code=refused.code, facts=refused.facts)
        return self._granted(grant.id, points, facts)

    def _grant(self, grant: GrantRequest) -> Mapping[str, Any]:
        """Strict: where the points are there and desks have shares of them, the shares are asked back first."""
        try:
            (answer,) = self.authority.submit_as_system(grant)
            return answer.facts
        except Refused as refused:
            if refused.code != "points.set_aside" or grant.member is None:
                raise
        self.authority.submit_as_system(TellShares(members=(grant.member,), recall=True))
        self._wait_for_shares(grant.member, grant.points)
        try:
            (answer,) = self.authority.submit_as_system(grant)
        except Refused:
            self.authority.submit_as_system(TellShares(members=(grant.member,)))  # nothing came of it: as it was
            raise
        return answer.facts

    def _wait_for_shares(self, member: UUID, points: int) -> None:
        """For the desks that were heard of lately, and not for long: one that is cut off keeps its share."""
        heard_since = instant(self._clock.wall_ms() - HEARD_WITHIN_S * 1000)
        for _ in range(round(ACKNOWLEDGED_WITHIN_S / _LOOK_EVERY_S)):
            free = self._store.free(member, heard_since)
            if free.points >= points or not free.near:
                return
            self._pause(_LOOK_EVERY_S)

    def _granted(self, grant: UUID, points: int, facts: Mapping[str, Any]) -> Asked:
        until = round(datetime.fromisoformat(facts["until"]).timestamp() * 1000)
        return Asked("granted", grant if points else None, until, facts["usable_before"])

    def _tried(self, desk: str, operation: Operation, ask: Ask) -> Requested | None:
        """It is done, looked at and taken back. Raises Refused where it would be. Where something stands granted under
        its id, that, and nothing is tried; what was and no longer stands is returned, too."""

        def look(transaction: HubTransaction) -> Requested | None:
            return self._would_do(transaction, desk, operation, ask)

        return self._store.try_out(desk, look)

    def _would_do(self, transaction: HubTransaction, desk: str, operation: Operation, ask: Ask) -> Requested | None:
        at_ms = self._clock.wall_ms()
        at = instant(at_ms)
        transaction.stop_desks(type(operation), vars(operation))
        transaction.expect(Expected(ask.operation, ask.verb, ask.body, ask.actor, ask.approver, at))
        opening = transaction.opening(ask.session, [operation.id])
        before = transaction.request(operation.id)
        if before is not None and before.state != "void":
            return before
        known = transaction.hub_desk()
        if known is None or known.state is not DeskState.ACTIVE:
            raise Refused("hub.revoked")
        if known.program and self._is_too_old(known.program):
            raise Refused("hub.program_old", oldest=self._program.oldest)
        if operation.by_system_only:
            raise Refused("request.not_from_outside", verb=operation.verb)
        policy, _ = rules_for(str(opening.policy_version), at, transaction.rules(opening.policy_version))
        try:
            actor = transaction.staff(ask.actor)
            approver = transaction.staff(ask.approver) if ask.approver else None
        except Refused:
            actor, approver = nobody(ask.actor), None
        act = Act(
            operation=operation.id,
            mall=self.mall,
            desk=desk,
            epoch=opening.head.epoch,
            sequence=opening.head.sequence + 1,
            wall_ms=at_ms,
            at=at,
            business_day=business_day(at, opening.zone),
            zone=opening.zone,
            actor=actor,
            approver=approver,
            session=ask.session,
            member_proof=ask.member_proof,
        )
        if actor == SYSTEM:
            raise Refused("request.not_from_outside", verb=operation.verb)
        work = transaction.work(act, policy)
        # The desk has checked its session and whose code was shown; its sign-in may not have been pushed yet.
        for doubt in doubts(operation, work, session=opening.session, was_suspect=False, showed=operation.subject()):
            if doubt.code != "verify.no_session" or opening.session is not None:
                raise Refused("hub.not_allowed", why=doubt.conflict.value)
        operation.apply(work)
        return before

    def void(self, desk: str, void: Void) -> None:
        """Of another desk's request, or of one that was never made, nothing comes."""
        request = self._store.request(void.operation)
        if request is not None and request.desk == desk and request.state == "granted":
            self._end(void.operation, request, "void")

    def _end(self, asked: UUID, request: Requested, why: Any) -> bool:
        end = EndRequest(id=uuid5(_GRANTS, f"end {asked} of {request.granted_by}"), asked=asked, why=why)
        (answer,) = self.authority.submit_as_system(end)
        return bool(answer.facts["ended"])

    def end_lapsed(self) -> int:
        """What was granted and not done in time; returns how many."""
        self._end_leases()
        lapsed = self._store.lapsed_requests(instant(self._clock.wall_ms()))
        requests = ((asked, self._store.request(asked)) for asked in lapsed)
        return sum(self._end(asked, request, "lapsed") for asked, request in requests if request is not None)

    def _end_leases(self) -> None:
        """Of which nothing can come any more."""
        while lapsed := self._store.lapsed_leases():
            for lease, gone in lapsed:
                why: Any = "desk_gone" if gone else "lapsed"
                self.authority.submit_as_system(EndLease(id=uuid5(_GRANTS, f"end lease {lease}"), lease=lease, why=why))

    # -- strict ------------------------------------------------------------------------------------------------------

    def tell_shares(self) -> int:
        """To whom was served lately and has none of this licence epoch; returns to how many."""
        told, after = 0, None
        since = instant(self._clock.wall_ms()) - SERVED_WITHIN
        while self._is_strict() and (members := self._store.without_share(since, after, MOST_MEMBERS)):
            self.authority.submit_as_system(TellShares(members=members))
            told, after = told + len(members), members[-1]
        return told

    def _is_strict(self) -> bool:
        return self._store.licence_terms(HUB_DESK).rules.policy is OfflinePolicy.STRICT

    def expire(self, through: date) -> int:
        """Points whose last day is `through` or before; returns how many. Strict: of members whose points stand behind
        a desk's share these are asked back, and expire another day."""
        points, after = 0, None
        strict = self._is_strict()
        while strict and (page := self._store.members_expiring(through, after, MOST_MEMBERS)):
            after = page[-1]
            now = instant(self._clock.wall_ms())
            free = tuple(member for member in page if self._store.free(member, now).points >= 0)
            if free:
                (answer,) = self.authority.submit_as_system(ExpirePoints(through=through, members=free))
                points += int(answer.facts["points"])
            if len(free) < len(page):
                asked_back = tuple(member for member in page if member not in free)
                self.authority.submit_as_system(TellShares(members=asked_back, recall=True))
        while not strict:
            (answer,) = self.authority.submit_as_system(ExpirePoints(through=through))
            points += int(answer.facts["points"])
            if not answer.facts["more"]:
                break
        return points

    def lookup(self, desk: HubDesk, asked: Lookup) -> Looked:
        if desk.state is not DeskState.ACTIVE:
            raise Refused("hub.revoked")
        try:
            found = self._store.looked_up(desk.desk, asked, instant(self._clock.wall_ms()))
        except Refused as unknown:
            guest = self.group.look_for(asked) if self.group is not None else None
            if unknown.code != "member.unknown" or guest is None:
                raise
            found = Looked(0, guest=guest)
        if found.full is not None:
            self._check_lookups(desk.desk, asked.actor, found.full.member)
        if found.full is not None and self._wants_share(found.full):  # who is served may want to be served cut off
            self.authority.submit_as_system(TellShares(members=(found.full.member,)))
            found = self._store.looked_up(desk.desk, asked, instant(self._clock.wall_ms()))
        named: dict[Any, Any] = {
            "member": asked.member,
            "card": asked.card,
            "phone": asked.phone,
            "name": asked.name,
        }
        self.authority.submit_as_system(
            RecordLookup(
                desk=desk.desk,
                staff=asked.actor[:20],
                by=next(by for by, value in named.items() if value is not None),
                rows=len(found.rows),
                shown=found.full.member if found.full else None,
            )
        )
        return found

    def _check_lookups(self, desk: str, actor: str, member: UUID) -> None:
        """Whoever takes a desk may ask for one member after the other: not for more in a day than a counter serves.
        Raises Refused("lookup.quota"), and tells a supervisor of the first."""
        day = business_day(instant(self._clock.wall_ms()), self._store.zone())
        most = self._store.may_show(desk, member, day)
        if most is None:
            return
        told = uuid5(_GRANTS, f"looked up much {desk} {day.isoformat()}")
        if self._store.answer(told) is None:
            record = RecordLookup(id=told, desk=desk, staff=actor[:20], by="member", refused=True)
            with suppress(Refused):  # another process of this hub has told it just now
                self.authority.submit_as_system(record)
        raise Refused("lookup.quota", quota=most)

    def _wants_share(self, full: FullMember) -> bool:
        terms = self._store.licence_terms(HUB_DESK)
        (account,) = (image.state for image in full.images if image.of == "account")
        is_strict = terms.rules.policy is OfflinePolicy.STRICT
        return is_strict and account is not None and account["licence"] != terms.number

    def report(self, desk: HubDesk, asked: AskReport) -> Reported:
        if desk.state is not DeskState.ACTIVE:
            raise Refused("hub.revoked")
        return Reported(self._store.report(asked.actor, asked.day, instant(self._clock.wall_ms())))

    def close_day(self, day: date) -> None:
        """And every day before it that is still open."""
        feed = self._store.head()
        self.authority.submit_as_system(
            CloseDay(
                id=uuid5(_GRANTS, f"close {self.mall} {day.isoformat()}"),
                day=day,
                feed=feed.epoch,
                n=feed.n,
                h=feed.h.hex(),
            )
        )

    def snapshot(self, desk: str) -> Iterator[bytes]:
        return self._store.snapshot_lines(desk, instant(self._clock.wall_ms()))

    def burn_cards(self) -> int:
        """Numbers in the stock of desks that are gone are never given out (RELIABILITY.md 4.8); returns how many."""
        burnt = 0
        for first_serial in self._store.batches_of_gone_desks():
            with suppress(Refused):  # every number of it became a card
                operation = VoidCardBatch(first_serial=first_serial, reason="desk_gone")
                (answer,) = self.authority.submit_as_system(operation)
                burnt += int(answer.facts["numbers"])
        return burnt

    def deal_cards(self) -> int:
        """Desks that have few card numbers left are given more; returns how many numbers."""
        dealt = 0
        for desk, first_serial, count in self._store.short_of_cards():
            with suppress(Refused):  # another process has just done it
                self.authority.submit_as_system(GrantCardBlock(desk=desk, first_serial=first_serial, count=count))
                dealt += count
        return dealt

    def forget_nonces(self) -> None:
        self._store.forget_nonces(instant(self._clock.wall_ms() - NONCE_LIVES_MS))


def _wanted(ask: Ask) -> Operation:
    """Raises Refused, also where this hub does not read that version of the verb."""
    try:
        return codec.operation_as_sent(ask.verb, ask.version, ask.operation, ask.body)
    except ValueError:
        raise Refused("hub.program_older", verb=ask.verb[:40]) from None


def _pushed(admission: Admission, transaction: HubTransaction) -> Pushed:
    verdict: Any = admission.verdict
    n = transaction.place_of(admission.id) if admission.n is None else admission.n
    return Pushed(admission.id, verdict, n or None, admission.code, admission.facts)


def points_taken(operation: Operation) -> int:
    """What an operation that the hub grants will take of its member's points: held for it until it comes."""
    if isinstance(operation, AdjustPoints):
        return max(0, -operation.change)
    return operation.points if isinstance(operation, Redeem | HoldPoints | LeasePoints) else 0
