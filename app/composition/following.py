"""A desk that follows a hub: enrolment, the link that runs beside the desk, and queries that know the thin copy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal
from uuid import UUID

from app.composition import desk as desks
from app.domain.card_code import PresentedCard, looks_like_member_code
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.domain.signed_code import is_signed_code
from app.domain.staff import Staff
from app.keys import best_kind, keys_for
from app.pins import Argon2Pins
from app.ports.clock import Clock, SystemClock
from app.ports.hub import HubStatus, SyncTask
from app.ports.keys import KeyStore
from app.queries.rows import CardHolder, Found, FoundMember, MemberPage
from app.settings import DeskSettings, Home
from app.sync.agent import LICENCE, Hub, SyncAgent
from app.sync.envelope import DeskKey, canonical
from app.sync.gate import Gate
from app.sync.http import HubClient
from app.sync.http import enrol as enrol_at
from app.sync.protocol import Ask, Asked, Enrol, Enrolled, Looked, Lookup, from_json, to_json
from db.connection import Connection
from db.engines import KEY_BYTES
from db.following.place import SEARCH_KEY, SqlFollowing
from db.founding import Root, found
from db.queries.counter import SqlQueries
from db.store import Store

PROGRAM = "0.1.0"
HUB_KEY = "hub_key"
NEXT_DESK_KEY = "desk-next"  # a key that the hub was told, until the desk stands
ENROLLED = "enrolled"  # and what the hub answered


class Link:
    """`app.ports.hub.HubLink` of this desk. Nothing of it waits for the network but `look_up`."""

    def __init__(
        self,
        home: Home,
        settings: DeskSettings,
        store: Store,
        key: DeskKey,
        keys: KeyStore,
        clock: Clock,
        *,
        hub: Hub | None = None,
    ) -> None:
        self.following = SqlFollowing(store, settings.mall, settings.desk, clock)
        hub_key = bytes.fromhex(self.following.get(HUB_KEY) or "")
        self._client: Hub = hub or HubClient(
            settings.hub,
            mall=settings.mall,
            desk=settings.desk,
            key=key,
            hub_key=hub_key,
            clock=clock,
            ca=Path(settings.hub_ca) if settings.hub_ca else None,
        )
        self._keys = keys
        self._session: tuple[str, UUID] | None = None
        self.clock_is_in_doubt: Callable[[], bool] = lambda: False
        self.report: Callable[[Exception], None] = lambda _problem: None
        self.agent = SyncAgent(
            self.following,
            self._client,
            hub_key=hub_key,
            clock=clock,
            program=PROGRAM,
            folder=home.folder,
            report=self._report,
            destroy=self._destroy,
            clock_is_in_doubt=self._clock_is_in_doubt,
        )
        self.gate = Gate(self.agent.standing, self._ask, no_answer=self.agent.no_answer, pull_now=self.agent.hurry)

    # -- HubLink -----------------------------------------------------------------------------------------------------

    def status(self) -> HubStatus:
        return self.agent.status()

    def tasks(self) -> tuple[SyncTask, ...]:
        return self.following.tasks()

    def hurry(self) -> None:
        self.agent.hurry()

    # -- for the desk ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.agent.start()

    def stop(self) -> None:
        self.agent.stop()

    def signed_in(self, staff: Staff, session: UUID) -> None:
        self._session = staff.staff, session

    @property
    def is_online(self) -> bool:
        return self.gate.mode() is Mode.ONLINE

    def look_up(
        self,
        *,
        member: UUID | None = None,
        card: str | None = None,
        phone: str | None = None,
        name: str | None = None,
    ) -> Looked | None:
        """None where the hub cannot be asked now, or does not know; whoever comes back in full is held from now on."""
        if self._session is None or not self.is_online:
            return None
        actor, session = self._session
        try:
            looked = self._client.lookup(Lookup(actor, session, member, card, phone, name))
        except Refused:
            return None
        except Unavailable:
            self.agent.no_answer()
            return None
        if looked.full is not None:
            self.following.take_full(looked.n, looked.full)
        return looked

    def check_may_leave(self) -> None:
        """Raises Refused("hub.unsent", count=…) while anything is unsent: then this desk must not be given up."""
        waiting = self.following.waiting()
        if waiting.count:
            raise Refused("hub.unsent", count=waiting.count)

    def _ask(self, wish: Ask) -> Asked:
        return self._client.request(wish)

    def _report(self, problem: Exception) -> None:
        self.report(problem)

    def _clock_is_in_doubt(self) -> bool:
        return self.clock_is_in_doubt()

    def _destroy(self) -> None:
        """A lost desk: nobody opens its store again."""
        for name in (desks.STORE_KEY, desks.DESK_KEY):
            self._keys.forget(name)


class FollowingQueries(SqlQueries):
    """The desk's queries, and behind them the hub (in full) or the thin copy (masked) for whoever is not held here."""

    def __init__(self, store: Store, mall: str, desk: str, clock: Clock, link: Link) -> None:
        super().__init__(store, mall, desk, clock)
        self._link = link

    def card_holder(self, seen: PresentedCard) -> CardHolder:
        if looks_like_member_code(seen.number) or is_signed_code(seen.number):
            return super().card_holder(seen)
        link = self._link
        try:
            holder = super().card_holder(seen)
        except Refused as unknown:
            if unknown.code != "card.unknown":
                raise
            if link.look_up(card=seen.number) is None or not self._knows(seen.number):
                member = link.following.member_of_card(seen.number)
                if member is None or not link.following.promote(member, seen.number):
                    raise
            return super().card_holder(seen)
        return holder

    def _knows(self, number: str) -> bool:
        try:
            self.member_by_card_here(number)
        except Refused as problem:
            return problem.code != "card.unknown"
        return True

    def member_by_card_here(self, number: str) -> UUID:
        return super().card_holder(PresentedCard(number)).member

    def find_members(self, typed: str) -> Found:
        here = super().find_members(typed)
        if here.rows:
            return here
        text = "".join(typed.split())
        link = self._link
        if len(text) < 2:
            return here
        is_number = text.isdigit()
        looked = link.look_up(phone=text) if is_number and len(text) in (4, 11) else None
        if looked is None and not is_number:
            looked = link.look_up(name=text)
        if looked is not None and looked.rows:
            rows = tuple(
                FoundMember(row.member, row.member_no, row.name, row.phone, row.tier, row.state, row.usable, "hub")
                for row in looked.rows
            )
            return replace(here, rows=rows, more=looked.more)
        if looked is not None and looked.full is not None:
            return super().find_members(typed)
        if is_number and len(text) == 11:
            member = link.following.member_of_phone(text)
            if member is not None and link.following.promote(member):
                page = super().member_page(member)
                row = FoundMember(
                    member, page.member_no, "", f"{text[:3]}****{text[-4:]}", page.tier, page.state, page.usable, "thin"
                )
                return replace(here, rows=(row,))
        return here

    def member_page(self, member: UUID) -> MemberPage:
        following = self._link.following
        if not following.is_full(member) and self._link.look_up(member=member) is None:
            following.promote(member)
        return super().member_page(member)


def enrol_desk(
    home: Home,
    hub_url: str,
    code: str,
    *,
    ca: Path | None = None,
    desk_settings: DeskSettings | None = None,
    keys_kind: Literal["system", "file"] | None = None,
    clock: Clock | None = None,
    pins: Argon2Pins | None = None,
) -> desks.Desk:
    """Make this machine a desk of the hub's mall: keys, an encrypted store, the first copy. All or nothing. A code
    serves once, so that what it brought is kept until the desk stands, whatever stops it in between.

    Raises Refused or Unavailable."""
    if home.is_set_up():
        raise Refused("setup.done_already", file=str(home.settings_file))
    clock = clock or SystemClock()
    kind = keys_kind or best_kind()
    keys = keys_for(home.folder, kind)
    seed = keys.get(NEXT_DESK_KEY) or os.urandom(32)
    keys.put(NEXT_DESK_KEY, seed)  # before the hub is told of it
    key = DeskKey(seed)
    file = home.store_file
    if file.exists():
        raise Unavailable("store.exists", file=str(file))
    told = _enrolled_before(keys) or enrol_at(hub_url, ca, Enrol(code, key.public, PROGRAM))
    told.licence.checked(told.hub_key)
    keys.put(ENROLLED, canonical(to_json(told)))
    plain = (desk_settings or DeskSettings(store="")).model_copy(
        update={
            "mall": told.mall,
            "desk": told.desk,
            "keys": kind,
            "hub": hub_url,
            "hub_ca": str(ca.resolve()) if ca else "",
        }
    )
    store_key = os.urandom(KEY_BYTES)
    keys.put(desks.STORE_KEY, store_key)
    keys.put(desks.DESK_KEY, seed)
    store = Store.open(home.store_url(plain), store_key, create=True, whole=False)
    try:
        store.write(lambda connection: found_copy(connection, told, key))
        link = Link(home, plain, store, key, keys, clock)
        try:
            link.agent.once()  # the first copy: without it nobody could sign in
        finally:
            link.agent.stop()
        home.save(plain)
    except BaseException:
        store.close()
        desks.remove_store(file)
        raise
    store.close()
    keys.forget(NEXT_DESK_KEY)
    keys.forget(ENROLLED)
    return desks.open_desk(home, clock=clock, pins=pins)


def _enrolled_before(keys: KeyStore) -> Enrolled | None:
    kept = keys.get(ENROLLED)
    return from_json(Enrolled, kept) if kept else None


def renew(home: Home, code: str) -> int:
    """A restored or copied store, or a desk that was suspended for it: enrolled anew with a code, its chain begins its
    next epoch. Returns how many operations the hub never had."""
    settings = home.settings()
    if not settings.hub:
        raise Refused("hub.none")
    ca = Path(settings.hub_ca) if settings.hub_ca else None
    keys = keys_for(home.folder, settings.keys)
    seed = keys.get(NEXT_DESK_KEY) or os.urandom(32)
    keys.put(NEXT_DESK_KEY, seed)
    key = DeskKey(seed)
    clock = SystemClock()
    told = enrol_at(settings.hub, ca, Enrol(code, key.public, PROGRAM))
    if told.desk != settings.desk:
        raise Refused("desk.other_home", desk=told.desk, home_desk=settings.desk)
    store = Store.open(home.store_url(settings), keys.get(desks.STORE_KEY), whole=False)
    try:
        link = Link(home, settings, store, key, keys, clock)
        try:
            following = link.following
            lost = following.begin_epoch(told.epoch, told.head)
            keys.put(desks.DESK_KEY, seed)
            following.put(re_enrol="", state="active")
            link.agent.once()
        finally:
            link.agent.stop()
    finally:
        store.close()
    keys.forget(NEXT_DESK_KEY)
    return lost


def forget(home: Home) -> None:
    """Raises Refused("hub.unsent") while anything is unsent; afterwards nobody opens the store again."""
    settings = home.settings()
    if not settings.hub:
        raise Refused("hub.none")
    keys = keys_for(home.folder, settings.keys)
    opened = desks.open_desk(home)
    try:
        link = opened.link
        assert link is not None
        link.check_may_leave()
        link.following.wipe()
    finally:
        opened.close()
    for name in (desks.STORE_KEY, desks.DESK_KEY):
        keys.forget(name)
    desks.remove_store(home.store_file)
    home.settings_file.unlink()


def found_copy(connection: Connection, told: Enrolled, key: DeskKey) -> None:
    """The roots of an empty store: the desk as the hub has enrolled it, and the hub's keys."""
    root = Root(told.desk, told.number, told.desk, key.public)
    found(connection, told.mall, "", "", told.card_key, root)
    connection.run(
        "UPDATE desk SET epoch = :epoch, head = :head WHERE mall_id = :mall AND desk = :desk",
        mall=told.mall,
        desk=told.desk,
        epoch=told.epoch,
        head=told.head.hash,
    )
    state = {
        HUB_KEY: told.hub_key.hex(),
        SEARCH_KEY: told.search_key.hex(),
        LICENCE: json.dumps(to_json(told.licence)),
    }
    for name, value in state.items():
        connection.run(
            "INSERT INTO sync_state (mall_id, name, value) VALUES (:mall, :name, :value)",
            mall=told.mall,
            name=name,
            value=value,
        )
