"""A desk: its keys, its store, the authority that decides and the queries that answer."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import UUID

from app.authority import LocalAuthority
from app.crash import CrashLog
from app.domain import mode
from app.domain.calendar import DEFAULT_ZONE, business_day
from app.domain.errors import Refused, Unavailable
from app.domain.staff import Role, checked_pin
from app.keys import best_kind, keys_for
from app.operations.confirm_clock import ConfirmClock
from app.operations.expire_points import ExpirePoints
from app.operations.set_up import AddCardBatch, AddDesk, AddStaff, ChangeSetting, OpenMall
from app.operations.sign_in import SignIn
from app.pins import Argon2Pins
from app.ports.clock import Clock, SystemClock
from app.ports.first_start import FirstStartAnswers
from app.ports.keys import KeyStore
from app.settings import DeskSettings, Home, write_whole
from app.sync import codec
from app.sync.envelope import DeskKey, instant
from app.sync.store import Transaction
from db import backup
from db.connection import Connection
from db.engines import KEY_BYTES, engine_kind, sqlite_file, with_password, without_password
from db.founding import Root, Roots, found, roots_of
from db.lock import only_one_process
from db.queries.counter import SqlQueries
from db.queries.reports import SqlReports
from db.queries.slips import SqlSlips
from db.spool import SqlSpool
from db.store import Store
from db.work import PolicyCache, SqlOperationStore, SqlTransaction

if TYPE_CHECKING:
    from app.composition.following import Link

T = TypeVar("T")

STORE_KEY = "store"
STORE_PASSWORD = "store-password"  # noqa: S105 - the name of a secret, not one
DESK_KEY = "desk"
NEXT_DESK_KEY = "desk-next"  # a key that the hub was told, until the desk stands
ENROLLED = "enrolled"  # and what the hub answered, to which code
HALF_MADE = "setup.half"  # there while a first start is under way; names the store file it makes
FIRST_CARDS = 10_000  # numbers in the stock that first start makes


@dataclass
class Desk:
    """One desk with its store open. `close` it when done."""

    home: Home
    settings: DeskSettings
    store: Store
    authority: LocalAuthority
    queries: SqlQueries
    spool: SqlSpool
    slips: SqlSlips
    reports: SqlReports
    clock: Clock
    crashes: CrashLog
    link: Link | None = None  # to the hub, where the desk follows one

    @cached_property
    def zone(self) -> str:
        """The mall's, which never changes. Reads the store."""
        return roots(self).zone or DEFAULT_ZONE

    def close(self) -> None:
        if self.link is not None:
            self.link.stop()
        self.store.close()


def open_desk(home: Home, *, clock: Clock | None = None, pins: Argon2Pins | None = None) -> Desk:
    """The desk that was set up in `home`. Raises Unavailable with what is missing or broken."""
    if home.wiped_file.exists():
        from app.composition.wiping import wiped

        if wiped(home) is not None:
            raise Unavailable("desk.wiped")
    settings = home.settings()
    (home.folder / HALF_MADE).unlink(missing_ok=True)
    keys = keys_for(home.folder, settings.keys)
    url = _store_url(home, settings, keys)
    signing = keys.get(DESK_KEY)
    if signing is None:
        raise Unavailable("keys.missing", desk=settings.desk)
    store = Store.open(url, keys.get(STORE_KEY), mall=settings.mall, whole=not settings.hub)
    key, clock, pins = DeskKey(signing), clock or SystemClock(), pins or Argon2Pins()
    if not settings.hub:
        return assembled(home, settings, store, key, clock, pins)
    from app.composition.following import Link  # httpx: no desk that stands alone waits for it

    try:
        return assembled(home, settings, store, key, clock, pins, Link(home, settings, store, key, keys, clock))
    except BaseException:
        store.close()
        raise


def _store_url(home: Home, settings: DeskSettings, keys: KeyStore) -> str:
    url, password = home.store_url(settings), keys.get(STORE_PASSWORD)
    return with_password(url, password.decode()) if password is not None else url


def assembled(
    home: Home,
    settings: DeskSettings,
    store: Store,
    key: DeskKey,
    clock: Clock,
    pins: Argon2Pins,
    link: Link | None = None,
) -> Desk:
    crashes = CrashLog(home.logs)
    queries = SqlQueries(store, settings.mall, settings.desk, clock)
    reports = SqlReports(store, settings.mall, clock, queries.session_staff)
    if link is not None:
        from app.composition.following import FollowingQueries, FollowingReports

        queries = FollowingQueries(store, settings.mall, settings.desk, clock, link)
        reports = FollowingReports(store, settings.mall, clock, queries.session_staff, link.following, link)

    def did(verb: str, operation: UUID) -> None:
        crashes.did(verb, operation)
        if link is not None:
            if verb == SignIn.verb:
                link.signed_in(queries.session_staff(operation), operation)  # a session has the id of its sign-in
            link.hurry()

    authority = LocalAuthority(
        SqlOperationStore(store, settings.mall, settings.desk),
        mall=settings.mall,
        desk=settings.desk,
        key=key,
        clock=clock,
        hasher=pins,
        did=did,
        gate=link.gate if link is not None else None,
        clock_is_right=link.agent.clock_is_right if link is not None else lambda: None,
        has_room=lambda: link is not None or store.file is None or free_bytes(home.folder) >= mode.LEAST_DISK,
    )
    if link is not None:
        link.clock_is_in_doubt = authority.clock_is_in_doubt
        link.check_person = authority.check_person
        link.confirm_clock = lambda server_ms: authority.submit_as_system(ConfirmClock(server_ms=server_ms))
        link.report = crashes.note
    return Desk(
        home=home,
        settings=settings,
        store=store,
        authority=authority,
        queries=queries,
        spool=SqlSpool(store, settings.mall, settings.desk),
        slips=SqlSlips(store, settings.mall, settings.desk),
        reports=reports,
        clock=clock,
        crashes=crashes,
        link=link,
    )


def free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return sys.maxsize  # nobody can tell: a write will


def set_up(
    home: Home,
    answers: FirstStartAnswers,
    *,
    mall_id: str = "M01",
    desk: str = "D1",
    store_url: str = "",
    keys_kind: Literal["system", "file"] | None = None,
    clock: Clock | None = None,
    pins: Argon2Pins | None = None,
) -> Desk:
    """First start: keys, store, mall or a further desk of it, administrator, card numbers. All or nothing.

    On a PostgreSQL store that holds the mall already, the desk joins it and the administrator stays who it was.
    Raises Refused or Unavailable; then nothing of it is left."""
    try:
        home.folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Unavailable("store.no_rights", file=str(home.folder)) from None
    with only_one_process(home.folder / "setup"):
        return _set_up(home, answers, mall_id, desk, store_url, keys_kind, clock or SystemClock(), pins or Argon2Pins())


def _set_up(
    home: Home,
    answers: FirstStartAnswers,
    mall_id: str,
    desk: str,
    store_url: str,
    keys_kind: Literal["system", "file"] | None,
    clock: Clock,
    pins: Argon2Pins,
) -> Desk:
    if home.is_set_up():
        raise Refused("setup.done_already", file=str(home.settings_file))
    signing = os.urandom(32)
    key = DeskKey(signing)
    checked_pin(answers.administrator_pin)
    for operation in _first_operations(answers, desk, key, pin_verifier=""):
        codec.checked(operation)  # before anything is touched: what it refuses leaves nothing to undo
    plain_url, password = without_password(store_url) if store_url else ("", None)
    settings = DeskSettings(
        mall=mall_id,
        desk=desk,
        store=plain_url,
        keys=keys_kind or best_kind(),
        printer_url=answers.printer_url,
        printer_profile=f"generic-{answers.paper_width_mm}",
        reader_url=answers.reader_url,
        card_prefix=answers.card_prefix,
    )
    keys = keys_for(home.folder, settings.keys)
    url = home.store_url(settings)
    file = sqlite_file(url) if engine_kind(url) == "sqlite" else None
    half_made = home.folder / HALF_MADE
    if file is not None:
        if half_made.exists() and half_made.read_text(encoding="utf-8") == str(file):
            remove_store(file)  # an earlier first start was stopped in the middle: nobody has worked in this store
        if file.exists():
            raise Unavailable("store.exists", file=str(file))
    before = {name: keys.get(name) for name in (STORE_KEY, DESK_KEY, STORE_PASSWORD)}
    store_key = os.urandom(KEY_BYTES) if file is not None else None
    write_whole(half_made, str(file or ""))
    try:
        if store_key is not None:
            keys.put(STORE_KEY, store_key)
        keys.put(DESK_KEY, signing)
        if password is not None:
            keys.put(STORE_PASSWORD, password.encode())
        store = Store.open(_store_url(home, settings, keys), store_key, create=True, mall=mall_id)
        try:
            made = assembled(home, settings, store, key, clock, pins)
            _found(made, answers, key)
            home.save(settings)
        except BaseException:
            store.close()
            raise
    except BaseException:
        _put_back(keys, before)
        if file is not None:
            remove_store(file)
        half_made.unlink()
        raise
    half_made.unlink()
    return made


def _first_operations(
    answers: FirstStartAnswers, desk: str, key: DeskKey, pin_verifier: str
) -> tuple[OpenMall, AddDesk, AddStaff, AddCardBatch, ChangeSetting]:
    return (
        OpenMall(name=answers.mall_name, zone=answers.zone, card_prefix=answers.card_prefix),
        AddDesk(desk=desk, name=answers.desk_name, number=answers.desk_number, public_key=key.public.hex()),
        AddStaff(
            staff=answers.administrator_staff,
            name=answers.administrator_name,
            role=Role.ADMINISTRATOR,
            pin_verifier=pin_verifier,
        ),
        AddCardBatch(first_serial=answers.desk_number * 10**9 + 1, count=FIRST_CARDS),
        ChangeSetting(name="offline_approval_card", value="1"),  # never PIN alone (RELIABILITY.md 4.10)
    )


@dataclass(frozen=True)
class _Founding:
    """The roots and the operations that fill them in are one transaction: a store never has a desk without a first
    operation, or a mall without an administrator."""

    made: Desk
    found: Callable[[Connection], object]

    def transact(self, work: Callable[[Transaction], T]) -> T:
        settings = self.made.settings

        def both(connection: Connection) -> T:
            self.found(connection)
            return work(SqlTransaction(connection, settings.mall, settings.desk, PolicyCache(settings.mall)))

        return self.made.store.write(both)


def _found(made: Desk, answers: FirstStartAnswers, key: DeskKey) -> None:
    settings = made.settings
    root = Root(settings.desk, answers.desk_number, answers.desk_name, key.public)
    card_key = os.urandom(32)
    joins = made.store.read(
        lambda connection: connection.row("SELECT 1 FROM mall WHERE mall_id = :mall", mall=settings.mall) is not None
    )

    def roots_too(connection: Connection) -> None:
        if found(connection, settings.mall, answers.card_prefix, answers.zone, card_key, root) != joins:
            raise Unavailable("store.busy")  # another desk founds the mall at this moment

    verifier = "" if joins else made.authority.pin_verifier(answers.administrator_pin)
    mall, own_desk, administrator, cards, setting = _first_operations(answers, settings.desk, key, verifier)
    authority = LocalAuthority(
        _Founding(made, roots_too),
        mall=settings.mall,
        desk=settings.desk,
        key=key,
        clock=made.clock,
        hasher=Argon2Pins(),
        did=made.crashes.did,
    )
    authority.submit_as_system(*((own_desk, cards) if joins else (mall, own_desk, administrator, cards, setting)))


def _put_back(keys: KeyStore, before: Mapping[str, bytes | None]) -> None:
    """What was there already may open another store: it is never lost."""
    for name, secret in before.items():
        if secret is None:
            keys.forget(name)
        else:
            keys.put(name, secret)


def remove_store(file: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):  # and no other: what is kept beside a store has names like these
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def roots(desk: Desk) -> Roots:
    return desk.store.read(lambda connection: roots_of(connection, desk.settings.mall))


def back_up(home: Home) -> Path:
    """A checked copy of the local store, also while the desk works. Raises Unavailable."""
    file, key = _local_store(home)
    return backup.back_up(file, key).file


def restore_backup(home: Home, chosen: Path | None) -> tuple[Path | None, Path]:
    """Put `chosen`, or the newest backup, in the place of the store.

    Returns where the file that stood there is kept, and the backup that was used. Raises Unavailable."""
    file, key = _local_store(home)
    if chosen is None:
        known = backup.backups_of(file)
        if not known:
            raise Unavailable("backup.none", folder=str(home.backups))
        chosen = known[0].file
    return backup.restore(file, chosen, key), chosen


def _local_store(home: Home) -> tuple[Path, bytes]:
    settings = home.settings()
    url = home.store_url(settings)
    if engine_kind(url) != "sqlite":
        raise Refused("backup.not_local")
    key = keys_for(home.folder, settings.keys).get(STORE_KEY)
    if key is None:
        raise Unavailable("keys.missing", desk=settings.desk)
    return sqlite_file(url), key


def grant_to_role(store_url: str, role: str, *, mall: str = "", many_malls: bool = False, hub: bool = False) -> None:
    """See `db.roles`. `store_url` must be the owner's."""
    from db.roles import grant_to

    store = Store.open(store_url, None)
    try:
        store.write(lambda connection: grant_to(connection, role, mall=mall, many_malls=many_malls, hub=hub))
    finally:
        store.close()


def expire_until_done(desk: Desk, progress: Callable[[int], None] | None = None) -> int:
    """Expire what has expired up to the mall's yesterday, a few hundred members at a time. Returns the points."""
    yesterday = business_day(instant(desk.clock.wall_ms()), roots(desk).zone) - timedelta(days=1)
    total = 0
    while True:
        (answer,) = desk.authority.submit_as_system(ExpirePoints(through=yesterday))
        total += int(answer.facts["points"])
        if progress is not None:
            progress(total)
        if not answer.facts["more"]:
            return total
