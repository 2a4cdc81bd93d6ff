"""This mall among the others of its group: their members here, ours there (docs/adr/0015).

A redemption by a guest is a request to their home, then this mall's own operation, then a post to their home. Each step
can be repeated: the id is that of the operation. Nothing is decided here for another mall."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from app.authority import LocalAuthority
from app.domain.errors import Refused, Unavailable
from app.operations.end_request import EndRequest
from app.operations.grant_request import GrantRequest
from app.operations.post_guest_redemption import PostGuestRedemption
from app.operations.record_lookup import RecordLookup
from app.operations.redeem_as_guest import RedeemAsGuest
from app.queries.rows import Guest
from app.sync.group import (
    AskDirectory,
    AskGuest,
    Call,
    Calls,
    DirectoryPage,
    FindGuest,
    GroupStore,
    GuestPosted,
    Partner,
    PostGuest,
    VoidGuest,
    group_hash,
)
from app.sync.hub import HubStore, Requested
from app.sync.protocol import Asked, Lookup

_GROUP = UUID("7e1f3c52-5b0a-5f4e-9a4e-67726f757020")  # names of what a home does for another mall
NEVER_GRANTED = timedelta(minutes=1)  # a request that the home granted and this hub then did not: given up after that
READ_ANEW = timedelta(days=1)
MOST_PAGES = 50  # of a partner's directory at one look


class Group:
    """`connect` opens the line to a partner, which is kept."""

    def __init__(
        self,
        store: GroupStore,
        hub_store: HubStore,
        authority: LocalAuthority,
        connect: Callable[[Partner], Calls],
    ) -> None:
        self._store = store
        self._hub_store = hub_store
        self._authority = authority
        self._connect = connect
        self._lines: dict[Partner, Calls] = {}
        self._began: datetime | None = None
        self._read: dict[str, UUID | None] = {}  # how far each partner's directory was read by this process

    def close(self) -> None:
        for line in self._lines.values():
            line.close()

    def partner(self, mall: str) -> Partner | None:
        return self._store.partner(mall)

    def _line(self, partner: Partner) -> Calls:
        if partner not in self._lines:
            self._lines[partner] = self._connect(partner)
        return self._lines[partner]

    def _home(self, mall: str) -> tuple[Partner, Calls]:
        partner = self._store.partner(mall)
        if partner is None:
            raise Refused("group.unknown_mall", mall=mall[:20])
        return partner, self._line(partner)

    # -- asked by others: this is the home ------------------------------------------------------------------------

    def find(self, partner: Partner, asked: FindGuest) -> Guest:
        """Written down, like every look at a member. Raises Refused("member.unknown")."""
        found = self._store.own(asked.digits)
        desk = f"@{partner.mall}"
        self._authority.submit_as_system(
            RecordLookup(
                desk=desk, staff=asked.staff[:20], by="phone" if len(asked.digits) == 11 else "card", rows=1, shown=None
            )
        )
        return found

    def ask(self, partner: Partner, asked: AskGuest) -> Asked:
        before = self._hub_store.request(asked.operation)
        try:
            if before is not None:
                self._check_same(partner, asked, before)
                if before.state == "granted":
                    return _granted(before.granted_by, self._usable(before.granted_by))
            self._store.check_may_be_served(asked.member)
            after = before.granted_by if before else ""
            grant = GrantRequest(
                id=uuid5(_GROUP, f"grant {partner.mall} {asked.operation} {after}"),
                asked=asked.operation,
                desk=f"@{partner.mall}",
                asked_verb=RedeemAsGuest.verb,
                member=asked.member,
                points=asked.points,
            )
            (answer,) = self._authority.submit_as_system(grant)
        except Refused as refused:
            return Asked("refused", code=refused.code, facts=refused.facts)
        return _granted(grant.id, answer.facts["usable_before"])

    def _check_same(self, partner: Partner, asked: AskGuest, before: Requested) -> None:
        same = (before.desk, before.member, before.points) == (f"@{partner.mall}", asked.member, asked.points)
        if not same or before.state == "done":
            raise Refused("request.id_reused")

    def _usable(self, grant: UUID) -> int | None:
        usable: int | None = (self._hub_store.answer(grant) or {}).get("usable_before")
        return usable

    def post(self, partner: Partner, said: PostGuest) -> GuestPosted:
        (answer,) = self._authority.submit_as_system(
            PostGuestRedemption(
                id=uuid5(_GROUP, f"post {partner.mall} {said.operation}"),
                asked=said.operation,
                guest=partner.mall,
                member=said.member,
                points=said.points,
            )
        )
        return GuestPosted(said.operation, answer.facts["owed"], self._hub_store.head().epoch)

    def void(self, partner: Partner, said: VoidGuest) -> VoidGuest:
        before = self._hub_store.request(said.operation)
        if before is not None and before.desk == f"@{partner.mall}" and before.state == "granted":
            self._authority.submit_as_system(
                EndRequest(id=uuid5(_GROUP, f"void {before.granted_by}"), asked=said.operation, why="void")
            )
        return said

    def page(self, asked: AskDirectory) -> DirectoryPage:
        return replace(self._store.page(asked.after), feed=self._hub_store.head().epoch)

    # -- towards others: this is where the guest stands -----------------------------------------------------------

    def look_for(self, asked: Lookup) -> Guest | None:
        """Whose member has this card or telephone? None: nobody's of the group, as far as the directory knows. Raises
        Refused("group.unreachable") where it names a home that does not answer: who is there is no stranger."""
        key = self._store.key()
        digits = asked.card or asked.phone
        if key is None or digits is None:
            return None
        digest = group_hash(key, "card" if asked.card else "phone", digits)
        home = self._store.home_of(digest)
        if home is None:
            return None
        partner, line = self._home(home)
        try:
            found = line.find(FindGuest(digits, asked.actor))
        except Unavailable:
            raise Refused("group.unreachable", mall=partner.name) from None
        except Refused:
            return None  # the directory is old: they are not known there any more
        # That mall is called here what the two people called it who added it.
        return replace(found, home_name=partner.name, unposted=self._store.unposted(home, found.member))

    def request(self, operation: RedeemAsGuest, now: datetime) -> None:
        """Their home holds the points. Raises Refused with its reason, "group.unreachable" where it does not answer:
        a guest is served online or not at all."""
        partner, line = self._home(operation.home)
        call = Call(operation.id, operation.home, operation.guest, operation.points, done=False)
        self._store.note_call(call, now)  # before it is asked: whatever becomes of the answer, it is ended there
        try:
            asked = line.ask(AskGuest(operation.id, operation.guest, operation.points))
        except Unavailable:
            raise Refused("group.unreachable", mall=partner.name) from None
        if asked.verdict != "granted":
            raise Refused(asked.code or "hub.not_allowed", **dict(asked.facts))

    def settle(self, now: datetime) -> int:
        """Tell homes what became of what they hold; returns how many were told. What fails is due at the next look."""
        told = 0
        for call in self._store.open_calls(now - NEVER_GRANTED):
            with suppress(Unavailable, Refused):
                _, line = self._home(call.home)
                if call.done:
                    posted = line.post(PostGuest(call.operation, call.member, call.points))
                    self._store.end_call(call.operation, "posted", posted.feed)
                else:
                    line.void(VoidGuest(call.operation))
                    self._store.end_call(call.operation, "voided", None)
                told += 1
        return told

    def refresh(self, now: datetime) -> None:
        """Read on in the partners' directories; once a day from the beginning, for telephones and cards change."""
        if self._began is None or now - self._began >= READ_ANEW:
            self._read.clear()
            self._began = now
        for partner in self._store.partners():
            with suppress(Unavailable, Refused):
                line = self._line(partner)
                for _ in range(MOST_PAGES):
                    page = line.directory(AskDirectory(self._read.get(partner.mall)))
                    self._store.note_directory(partner.mall, page.hashes)
                    self._store.post_again(partner.mall, page.feed)
                    if page.last is None:
                        break
                    self._read[partner.mall] = page.last


def _granted(grant: UUID, usable: int | None) -> Asked:
    return Asked("granted", grant, None, usable)
