"""A desk that follows a hub: enrolment, the link that runs beside the desk, and queries that know the thin copy."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal
from uuid import UUID

from app.composition import desk as desks
from app.composition.desk import ENROLLED, NEXT_DESK_KEY
from app.composition.wiping import destroy, wipe_out
from app.domain.card import CARD_DIGITS
from app.domain.card_code import PresentedCard, looks_like_member_code
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.domain.phone import MAINLAND_DIGITS
from app.domain.signed_code import is_signed_code
from app.domain.staff import Right, Staff
from app.keys import best_kind, keys_for
from app.pins import Argon2Pins
from app.ports.clock import Clock, SystemClock
from app.ports.hub import AllDesks, BundleRead, HubStatus, SyncTask
from app.ports.keys import KeyStore
from app.queries.reports import DailyReport
from app.queries.rows import CardHolder, Found, FoundMember, Guest, MemberPage, Searched
from app.settings import DeskSettings, Home, write_whole
from app.sync.agent import LICENCE, Hub, SyncAgent
from app.sync.by_file import ByFile
from app.sync.desk_certificate import desk_certificate
from app.sync.envelope import DeskKey, canonical, instant
from app.sync.following import FeedUnreadable
from app.sync.gate import Gate
from app.sync.http import HubClient, check_hub, checked_address, unknown_certificate
from app.sync.http import enrol as enrol_at
from app.sync.protocol import (
    MOST_OPERATIONS,
    Ask,
    AskDesks,
    Asked,
    AskReport,
    Enrol,
    Enrolled,
    FeedPlace,
    Looked,
    Lookup,
    Push,
    Reported,
    SnapshotLine,
    from_json,
    stopped_by,
    to_json,
)
from db.connection import Connection
from db.engines import KEY_BYTES
from db.following.place import SqlFollowing
from db.founding import Root, found
from db.lock import only_one_process
from db.queries.counter import SqlQueries
from db.queries.reports import SqlReports
from db.queries.search import MOST_ROWS
from db.repositories.cards import TOLD_SEARCH_KEY
from db.store import Store

PROGRAM = "0.1.0"
_SEPARATORS = re.compile(r"[\s-]")  # of typed numbers
HUB_KEY = "hub_key"
TELL_EVERY = 5_000  # entries of the first copy


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
        self.hub: Hub = hub or HubClient(
            settings.hub,
            mall=settings.mall,
            desk=settings.desk,
            key=key,
            hub_key=hub_key,
            clock=clock,
            ca=Path(settings.hub_ca) if settings.hub_ca else None,
            own=Path(settings.hub_certificate) if settings.hub_certificate else None,
        )
        self._home = home
        self._settings = settings
        self._key = key
        self._store = store
        self._clock = clock
        self._session: tuple[str, UUID] | None = None
        self.clock_is_in_doubt: Callable[[], bool] = lambda: False
        self.confirm_clock: Callable[[int], object] = lambda _server_ms: None
        self.check_person: Callable[[str, str, Right], None] = _nobody_may
        self.report: Callable[[Exception], None] = lambda _problem: None
        self.gone: Callable[[], None] = lambda: None  # this desk was wiped; told on the agent's thread
        self.agent = SyncAgent(
            self.following,
            self.hub,
            hub_key=hub_key,
            clock=clock,
            program=PROGRAM,
            folder=home.folder,
            report=self._report,
            destroy=self._destroy,
            clock_is_in_doubt=self._clock_is_in_doubt,
            confirm_clock=self._confirm_clock,
        )
        self.gate = Gate(
            self.agent.standing,
            self._ask,
            no_answer=self.agent.no_answer,
            pull_now=self.agent.hurry,
            takes=self.agent.hub_takes,
        )

    # -- HubLink -----------------------------------------------------------------------------------------------------

    def status(self) -> HubStatus:
        return self.agent.status()

    def tasks(self) -> tuple[SyncTask, ...]:
        return self.following.tasks()

    def hurry(self) -> None:
        self.agent.hurry()

    def renew(self, code: str) -> int:
        """The chain begins its next epoch, under a new key. Whatever stops it in between: the same code goes on."""
        settings, keys = self._settings, keys_for(self._home.folder, self._settings.keys)
        self._hand_in()
        seed = keys.get(NEXT_DESK_KEY) or os.urandom(32)
        keys.put(NEXT_DESK_KEY, seed)
        ca = Path(settings.hub_ca) if settings.hub_ca else None
        own = Path(settings.hub_certificate) if settings.hub_certificate else None
        told = enrol_at(settings.hub, ca, Enrol(code, DeskKey(seed).public, PROGRAM, is_desk=True), own)
        _check_is_a_desk(told)
        if told.desk != settings.desk:
            raise Refused("desk.other_home", desk=told.desk, home_desk=settings.desk)
        lost = self.following.begin_epoch(told.epoch, told.head, DeskKey(seed).public)
        keys.put(desks.DESK_KEY, seed)
        # What it had sent and not read yet is in no figure of the new epoch: it redeems when it has read the hub again.
        self.following.put(re_enrol="", state="active", read_at="")
        keys.forget(NEXT_DESK_KEY)
        return lost

    def _hand_in(self) -> None:
        """What follows on what the hub has is not lost with the epoch, and what it has already is not lost at all
        (RELIABILITY.md 4.13): it is sent under the key that is still the desk's. Raises Unavailable where no hub is."""
        try:
            while operations := self.following.outbox(MOST_OPERATIONS):
                reply = self.hub.push(Push(operations))
                self.following.note_pushed(reply.results)
                if reply.fork or stopped_by(reply.results):
                    return
                if reply.gap or not reply.results:  # a hub that was put back lacks what it had answered
                    self.following.resend_after(reply.head)
                if not reply.results:
                    return
        except Unavailable as problem:
            if problem.code != "hub.not_recognised":  # it knows another key by now; else it is only not there today
                raise
        except Refused:
            return  # it takes nothing of this desk any more

    def write_bundle(self, file: Path) -> int:
        """All that is unsent, for whoever goes to the hub. Returns how many operations. Raises Unavailable."""
        count, content = self._by_file().operations()
        try:
            write_whole(file, content)
        except OSError as problem:
            raise Unavailable("bundle.not_written", file=str(file), why=problem.strerror or "") from None
        return count

    def read_bundle(self, file: Path) -> BundleRead:
        """What the hub has answered. Raises Refused("bundle.…"), Unavailable."""
        try:
            content = file.read_bytes()
        except OSError as problem:
            raise Unavailable("bundle.not_read", file=str(file), why=problem.strerror or "") from None
        try:
            return self._by_file().take_answers(content)
        finally:
            self.agent.read_again()

    def _by_file(self) -> ByFile:
        return ByFile(
            self.following,
            mall=self._settings.mall,
            desk=self._settings.desk,
            key=self._key,
            hub_key=bytes.fromhex(self.following.get(HUB_KEY) or ""),
            clock=self._clock,
            program=PROGRAM,
        )

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
        """None where the hub cannot be asked now, empty where it knows nobody; whoever comes back in full is held from
        now on."""
        if self._session is None or not self.is_online:
            return None
        actor, session = self._session
        try:
            looked = self.hub.lookup(Lookup(actor, session, member, card, phone, name))
        except Refused as no:
            if no.code.startswith("group.") or no.code == "lookup.quota":
                raise  # of another mall of the group, that cannot be asked now; or no more today: that is no stranger
            return Looked(0) if no.code == "member.unknown" else None
        except Unavailable:
            self.agent.no_answer()
            return None
        if looked.full is not None:
            self.following.take_full(looked.n, looked.full)
        return looked

    def report_of(self, day: date) -> DailyReport | None:
        """The whole mall's; None where the hub cannot be asked now. Raises Refused where it says no."""
        if self._session is None or not self.is_online:
            return None
        actor, session = self._session
        try:
            return self.hub.report(AskReport(actor, session, day)).report
        except Unavailable:
            self.agent.no_answer()
            return None

    def desks(self) -> AllDesks:
        """As the hub says; where it cannot be asked, what they are called."""
        if self._session is None or not self.is_online:
            return AllDesks(self.following.known_desks())
        return self.hub.desks(AskDesks(*self._session))

    def slim(self) -> None:
        """Only while the hub can be asked: who comes to the counter after it is held in full again at once."""
        if self.is_online:
            self.following.slim()

    def check_may_leave(self, staff: str, pin: str) -> None:
        self.check_all_is_sent()
        self.check_person(staff, pin, Right.DESKS)
        self.check_all_is_sent()  # the hub has to hear of each wrong PIN, and that it is forgotten

    def check_all_is_sent(self) -> None:
        """Raises Refused("hub.unsent", count=…)."""
        waiting = self.following.waiting()
        if waiting.count:
            raise Refused("hub.unsent", count=waiting.count)

    def _ask(self, wish: Ask) -> Asked:
        return self.hub.request(wish)

    def _report(self, problem: Exception) -> None:
        self.report(problem)

    def _confirm_clock(self, server_ms: int) -> None:
        self.confirm_clock(server_ms)

    def _clock_is_in_doubt(self) -> bool:
        return self.clock_is_in_doubt()

    def _destroy(self) -> None:
        """A lost desk: nobody opens its store again."""
        self._store.close()
        try:
            wipe_out(self._home, instant(self._clock.wall_ms()))
        finally:
            self.gone()


def _nobody_may(_staff: str, _pin: str, right: Right) -> None:
    raise Refused("staff.no_right", right=right.value, role="")


class FollowingQueries(SqlQueries):
    """The desk's queries, and behind them the hub (in full) or the thin copy (masked) for whoever is not held here."""

    def __init__(self, store: Store, mall: str, desk: str, clock: Clock, link: Link) -> None:
        super().__init__(store, mall, desk, clock)
        self._link = link

    def guest(self, digits: str) -> Guest:
        looked = self._link.look_up(phone=digits) if len(digits) == MAINLAND_DIGITS else self._link.look_up(card=digits)
        if looked is None:
            raise Refused("offline.not_possible")
        if looked.guest is None:
            raise Refused("member.unknown")
        return looked.guest

    def card_holder(self, seen: PresentedCard) -> CardHolder | Guest:
        if looks_like_member_code(seen.number) or is_signed_code(seen.number):
            return self.own_card_holder(seen)
        link = self._link
        try:
            holder = self.own_card_holder(seen)
        except Refused as unknown:
            if unknown.code != "card.unknown":
                raise
            looked = link.look_up(card=seen.number)
            if looked is not None and looked.guest is not None:
                return looked.guest
            if looked is None or not self._knows(seen.number):
                member = link.following.member_of_card(seen.number)
                if member is None or not link.following.promote(member, seen.number):
                    raise
            return self.own_card_holder(seen)
        return holder

    def free_card_number(self, kind: str = "physical") -> str:
        try:
            return super().free_card_number(kind)
        except Refused as none:
            if none.code != "card.none_left":
                raise
            raise Refused("card.none_left_of_hub") from None

    def _knows(self, number: str) -> bool:
        try:
            self.member_by_card_here(number)
        except Refused as problem:
            return problem.code != "card.unknown"
        return True

    def member_by_card_here(self, number: str) -> UUID:
        return self.own_card_holder(PresentedCard(number)).member

    def find_here(self, typed: str) -> Found:
        here = super().find_here(typed)
        text = _SEPARATORS.sub("", typed)
        if here.hint is not None or len(text) < 2:
            return here
        if text.isdigit() and (len(text) == CARD_DIGITS or (here.rows and len(text) == MAINLAND_DIGITS)):
            return here  # one person's, or read as a swipe
        asks = self._link.is_online or (text.isdigit() and len(text) == MAINLAND_DIGITS)
        return replace(here, searched=Searched.HERE_FIRST if asks else Searched.HERE)

    def find_members(self, typed: str) -> Found:
        here = self.find_here(typed)
        if here.searched is not Searched.HERE_FIRST:
            return here
        text = _SEPARATORS.sub("", typed)
        link = self._link
        looked = link.look_up(phone=text) if text.isdigit() else link.look_up(name=" ".join(typed.split()))
        if looked is not None and looked.full is not None:
            return super().find_here(typed)
        if looked is not None and looked.guest is not None:
            return replace(here, searched=Searched.EVERYWHERE, guest=looked.guest)
        if looked is not None and looked.rows:
            return _and_from_hub(here, looked)
        if text.isdigit() and len(text) == MAINLAND_DIGITS:
            member = link.following.member_of_phone(text)
            if member is not None and link.following.promote(member):
                page = super().member_page(member)
                row = FoundMember(
                    member, page.member_no, "", f"{text[:3]}****{text[-4:]}", page.tier, page.state, page.usable, "thin"
                )
                return Found((row,))
        return replace(here, searched=Searched.HERE if looked is None else Searched.EVERYWHERE)

    def member_page(self, member: UUID, slip: UUID | None = None) -> MemberPage:
        following = self._link.following
        if not following.is_full(member):
            looked = self._link.look_up(member=member)
            if looked is None or looked.full is None:
                following.promote(member)
        return super().member_page(member, slip)


def _and_from_hub(here: Found, looked: Looked) -> Found:
    """Those held here stand first and as they stand here: their rows know what is not sent yet."""
    held = {row.member for row in here.rows}
    further = [
        FoundMember(row.member, row.member_no, row.name, row.phone, row.tier, row.state, row.usable, "hub")
        for row in looked.rows
        if row.member not in held
    ]
    rows = (*here.rows, *further)
    return Found(rows[:MOST_ROWS], more=here.more or looked.more or len(rows) > MOST_ROWS)


class FollowingReports(SqlReports):
    """The whole mall's day, as the hub tells it; while the desk is cut off, its own day, and it says so."""

    def __init__(
        self, store: Store, mall: str, clock: Clock, whose: Callable[[UUID], Staff], following: SqlFollowing, link: Link
    ) -> None:
        super().__init__(store, mall, clock, whose)
        self._following = following
        self._link = link

    def daily(self, session: UUID, day: date) -> DailyReport:
        self._whose(session).must(Right.REPORTS)
        return self._link.report_of(day) or super().daily(session, day)

    def keep(self, report: DailyReport) -> None:
        if not report.desk_only:
            self._following.keep_report(report.day, canonical(to_json(Reported(report))))


def enrol_desk(
    home: Home,
    hub_url: str,
    code: str,
    *,
    ca: Path | None = None,
    fingerprint: str = "",
    own: Path | None = None,
    own_key: Path | None = None,
    desk_settings: DeskSettings | None = None,
    keys_kind: Literal["system", "file"] | None = None,
    clock: Clock | None = None,
    pins: Argon2Pins | None = None,
    copied: Callable[[int], None] = lambda _entries: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> desks.Desk:
    """Make this machine a desk of the hub's mall: keys, an encrypted store, the first copy. All or nothing: where the
    hub refuses, nothing is left. A code serves once, so that what it brought is kept until the desk stands, whatever
    stops it in between: the same code then goes on there.

    `ca`: a file with the certificate of the hub or of its authority. Without it the hub shows one that this computer
    trusts, or the one of `fingerprint`. `own`: this desk's own certificate, for a hub that wants to see one, with its
    key in the same file or in `own_key`; both are kept in the desk's folder. `copied` is told how many entries of the
    first copy there are, while they come.

    Raises Refused("enrol.certificate", fingerprint=…) where nobody has vouched for the hub's certificate yet, and else
    Refused or Unavailable."""
    if home.is_set_up():
        raise Refused("setup.done_already", file=str(home.settings_file))
    if home.store_file.exists():
        raise Unavailable("store.exists", file=str(home.store_file))
    url = checked_address(hub_url)
    was_there = home.folder.exists()
    try:
        home.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        raise Unavailable("store.no_rights", file=str(home.folder)) from None
    wanted = desk_settings or DeskSettings(store="")
    enrolling = _Enrolling(home, url, keys_kind or best_kind(), clock or SystemClock(), wanted)
    try:
        with only_one_process(home.folder / "setup"):
            enrolling.show(own, own_key)
            enrolling.trust(ca, fingerprint)
            enrolling.ask(code)
            enrolling.make(copied, cancelled)
    except BaseException:
        enrolling.put_away()
        if not was_there and not any(path.name != "setup.lock" for path in home.folder.iterdir()):
            shutil.rmtree(home.folder)
        raise
    return desks.open_desk(home, clock=clock, pins=pins)


class _Enrolling:
    """From a code to a desk that stands. What the code brought is in the key store until then."""

    def __init__(
        self, home: Home, url: str, keys_kind: Literal["system", "file"], clock: Clock, wanted: DeskSettings
    ) -> None:
        self._wanted = wanted
        self._own: Path | None = None
        self._home = home
        self._url = url
        self._kind = keys_kind
        self._clock = clock
        self._keys = keys_for(home.folder, keys_kind)
        self._certificate: Path | None = None
        self._told: Enrolled | None = None
        self._seed = b""

    def show(self, own: Path | None, own_key: Path | None) -> None:
        if own is not None:
            content = desk_certificate(own, own_key, instant(self._clock.wall_ms()))
            self._own = self._home.desk_certificate
            write_whole(self._own, content, secret=True)

    def trust(self, ca: Path | None, fingerprint: str) -> None:
        pem = ""
        if ca is not None:
            try:
                pem = ca.read_text(encoding="ascii")
            except (OSError, ValueError):
                raise Unavailable("hub.certificate_file", file=str(ca)) from None
        else:
            with _for_a_new_desk(self._url):
                shown = unknown_certificate(self._url, self._own)
            if shown is not None and shown.fingerprint != fingerprint.strip().upper():
                raise Refused("enrol.certificate", fingerprint=shown.fingerprint)
            pem = shown.pem if shown is not None else ""
        if pem:
            self._certificate = self._home.hub_certificate
            write_whole(self._certificate, pem)
            with _for_a_new_desk(self._url):
                check_hub(self._url, self._certificate, self._own)

    def ask(self, code: str) -> None:
        """The hub, unless it has answered before."""
        asked = sha256(f"{self._url} {code.strip().upper()}".encode()).hexdigest()
        kept = json.loads(self._keys.get(ENROLLED) or b"{}")
        if kept.get("asked") == asked:
            self._told = from_json(Enrolled, kept["told"])
            self._seed = self._keys.get(NEXT_DESK_KEY) or b""
            return
        self._keys.forget(ENROLLED)
        self._seed = self._keys.get(NEXT_DESK_KEY) or os.urandom(32)
        self._keys.put(NEXT_DESK_KEY, self._seed)  # before the hub is told of it
        with _for_a_new_desk(self._url):
            try:
                wish = Enrol(code, DeskKey(self._seed).public, PROGRAM, is_desk=True)
                told = enrol_at(self._url, self._certificate, wish, self._own)
                _check_is_a_desk(told)
            except Refused:
                self._keys.forget(NEXT_DESK_KEY)
                raise
        self._keys.put(ENROLLED, canonical({"asked": asked, "told": to_json(told)}))
        self._told = told

    def make(self, copied: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        told, key = self._told, DeskKey(self._seed)
        assert told is not None
        hub_ca = str(self._certificate) if self._certificate else ""
        hub = {"hub": self._url, "hub_ca": hub_ca, "hub_certificate": str(self._own) if self._own else ""}
        settings = self._wanted.model_copy(update={"mall": told.mall, "desk": told.desk, "keys": self._kind, **hub})
        store_key = os.urandom(KEY_BYTES)
        self._keys.put(desks.STORE_KEY, store_key)
        self._keys.put(desks.DESK_KEY, self._seed)
        store = Store.open(self._home.store_url(settings), store_key, create=True, whole=False)
        try:
            store.write(lambda connection: found_copy(connection, told, key))
            client = _FirstCopy(
                self._url,
                mall=told.mall,
                desk=told.desk,
                key=key,
                hub_key=told.hub_key,
                clock=self._clock,
                ca=self._certificate,
                own=self._own,
            )
            client.copied, client.cancelled = copied, cancelled
            link = Link(self._home, settings, store, key, self._keys, self._clock, hub=client)
            try:
                with _for_a_new_desk(self._url, accepted=True):
                    link.agent.once()  # the first copy: without it nobody could sign in
            finally:
                link.agent.stop()
            self._home.save(settings)
        finally:
            store.close()
        self._keys.forget(NEXT_DESK_KEY)
        self._keys.forget(ENROLLED)

    def put_away(self) -> None:
        """What stands of a desk that was not made. With its key the hub's answer is kept, where there was one."""
        if self._home.is_set_up():
            return
        file = self._home.store_file
        desks.remove_store(file)
        file.with_name(file.name + ".lock").unlink(missing_ok=True)  # nobody else works here: "setup" is locked
        self._home.hub_certificate.unlink(missing_ok=True)
        self._home.desk_certificate.unlink(missing_ok=True)
        for name in (desks.STORE_KEY, desks.DESK_KEY):
            self._keys.forget(name)
        if self._kind == "file":
            with suppress(OSError):  # not empty, or never made
                (self._home.folder / "keys").rmdir()


class _FirstCopy(HubClient):
    """Counts the first copy while it comes, and ends it when somebody wants that."""

    copied: Callable[[int], None]
    cancelled: Callable[[], bool]

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        with super().snapshot() as (at, lines):
            yield at, self._counted(lines)

    def _counted(self, lines: Iterator[SnapshotLine]) -> Iterator[SnapshotLine]:
        count = told = 0
        for line in lines:
            count += 1 if line.thin is None else len(line.thin)
            if count >= told + TELL_EVERY:
                told = count
                self.copied(count)
                if self.cancelled():
                    raise Refused("enrol.cancelled")
            yield line


@contextmanager
def _for_a_new_desk(url: str, *, accepted: bool = False) -> Iterator[None]:
    """The same troubles as at a desk that stands, in words for somebody who cannot go on without the hub."""
    try:
        yield
    except FeedUnreadable:
        raise Refused("hub.program_old") from None
    except Unavailable as problem:
        if accepted:
            raise Unavailable("enrol.copy_broken_off") from None
        if problem.code in ("hub.unreachable", "hub.no_answer"):
            raise Unavailable("enrol.unreachable", address=url.partition("://")[2]) from None
        if problem.code == "hub.trouble":
            raise Unavailable("enrol.hub_trouble") from None
        raise


def renew(home: Home, code: str) -> int:
    """A restored or copied store, or a desk that was suspended for it: enrolled anew with a code, its chain begins its
    next epoch. Returns how many operations the hub never had, or kept aside.

    The code is used then. That the line breaks afterwards changes nothing: the desk reads on when it is there again."""
    if not home.settings().hub:
        raise Refused("hub.none")
    opened = desks.open_desk(home)
    try:
        assert opened.link is not None
        lost = opened.link.renew(code)
    finally:
        opened.close()
    again = desks.open_desk(home)
    try:
        assert again.link is not None
        with suppress(Unavailable):
            again.link.agent.once()
    finally:
        again.close()
    return lost


def renew_certificate(home: Home, own: Path, own_key: Path | None, clock: Clock | None = None) -> None:
    """Another certificate for this desk, before the old one ends; the program shows it from its next start. What the
    hub does not take is put back. Raises as `desk_certificate`, Refused("hub.none"),
    Unavailable("enrol.certificate_not_taken")."""
    settings = home.settings()
    if not settings.hub:
        raise Refused("hub.none")
    kept = home.desk_certificate
    before = kept.read_bytes() if kept.exists() else None
    write_whole(kept, desk_certificate(own, own_key, instant((clock or SystemClock()).wall_ms())), secret=True)
    try:
        check_hub(settings.hub, Path(settings.hub_ca) if settings.hub_ca else None, kept)
    except Unavailable as problem:
        if problem.code == "enrol.certificate_not_taken":
            if before is None:
                kept.unlink()
            else:
                write_whole(kept, before, secret=True)
            raise  # anything else says nothing of the certificate
    home.save(settings.model_copy(update={"hub_certificate": str(kept)}))


def forget(home: Home, staff: str, pin: str, *, pins: Argon2Pins | None = None) -> None:
    """This desk is given up, from a terminal. Raises as `HubLink.check_may_leave`; afterwards nobody opens the store
    again."""
    _forget(home, lambda link: link.check_may_leave(staff, pin), pins)


def forget_as_agreed(home: Home) -> None:
    """The same from its window, which has asked `check_may_leave` and closed its store since. Raises
    Refused("hub.unsent") where something was done in between."""
    _forget(home, Link.check_all_is_sent, None)


def _forget(home: Home, check: Callable[[Link], None], pins: Argon2Pins | None) -> None:
    settings = home.settings()
    if not settings.hub:
        raise Refused("hub.none")
    opened = desks.open_desk(home, pins=pins)
    try:
        link = opened.link
        assert link is not None
        check(link)
    finally:
        opened.close()
    destroy(home, settings.keys)


def _check_is_a_desk(told: Enrolled) -> None:
    """Raises Refused("hub.till_only_sells" | "hub.licence_forged")."""
    if told.licence is None:
        raise Refused("hub.till_only_sells")
    told.licence.checked(told.hub_key)


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
    if told.epoch > 1:  # a desk of that name was there before, under another key, which its image says
        connection.run(
            "INSERT INTO desk_key (mall_id, desk, epoch, public_key, operation_id) "
            "VALUES (:mall, :desk, :epoch, :key, :nobody)",
            mall=told.mall,
            desk=told.desk,
            epoch=told.epoch,
            key=key.public,
            nobody=UUID(int=0),  # the hub has the operation
        )
    state = {
        HUB_KEY: told.hub_key.hex(),
        TOLD_SEARCH_KEY: told.search_key.hex(),
        LICENCE: json.dumps(to_json(told.licence)) if told.licence is not None else "",
    }
    for name, value in state.items():
        connection.run(
            "INSERT INTO sync_state (mall_id, name, value) VALUES (:mall, :name, :value)",
            mall=told.mall,
            name=name,
            value=value,
        )
