"""A desk: its keys, its store, the authority that decides and the queries that answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from app.authority import LocalAuthority
from app.crash import CrashLog
from app.domain.card import checked_prefix
from app.domain.errors import Refused, Unavailable
from app.domain.staff import Role, checked_pin
from app.domain.text import clean
from app.keys import best_kind, keys_for
from app.operations.expire_points import ExpirePoints
from app.operations.set_up import AddCardBatch, AddDesk, AddStaff, OpenMall
from app.pins import Argon2Pins
from app.ports.clock import Clock, SystemClock
from app.ports.first_start import FirstStartAnswers
from app.ports.keys import KeyStore
from app.settings import DeskSettings, Home
from app.sync.envelope import DeskKey
from db import backup
from db.engines import KEY_BYTES, engine_kind, sqlite_file, with_password, without_password
from db.founding import Root, Roots, found, roots_of
from db.queries.counter import SqlQueries
from db.queries.slips import SqlSlips
from db.spool import SqlSpool
from db.store import Store
from db.work import SqlOperationStore

STORE_KEY = "store"
STORE_PASSWORD = "store-password"  # noqa: S105 - the name of a secret, not one
DESK_KEY = "desk"
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
    clock: Clock
    crashes: CrashLog

    def close(self) -> None:
        self.store.close()


def open_desk(home: Home, *, clock: Clock | None = None, pins: Argon2Pins | None = None) -> Desk:
    """The desk that was set up in `home`. Raises Unavailable with what is missing or broken."""
    settings = home.settings()
    keys = keys_for(home.folder, settings.keys)
    url = _store_url(home, settings, keys)
    signing = keys.get(DESK_KEY)
    if signing is None:
        raise Unavailable("keys.missing", desk=settings.desk)
    store = Store.open(url, keys.get(STORE_KEY))
    return _desk(home, settings, store, DeskKey(signing), clock or SystemClock(), pins or Argon2Pins())


def _store_url(home: Home, settings: DeskSettings, keys: KeyStore) -> str:
    url, password = home.store_url(settings), keys.get(STORE_PASSWORD)
    return with_password(url, password.decode()) if password is not None else url


def _desk(home: Home, settings: DeskSettings, store: Store, key: DeskKey, clock: Clock, pins: Argon2Pins) -> Desk:
    crashes = CrashLog(home.logs)
    authority = LocalAuthority(
        SqlOperationStore(store, settings.mall, settings.desk),
        mall=settings.mall,
        desk=settings.desk,
        key=key,
        clock=clock,
        hasher=pins,
        did=crashes.did,
    )
    return Desk(
        home=home,
        settings=settings,
        store=store,
        authority=authority,
        queries=SqlQueries(store, settings.mall, settings.desk, clock),
        spool=SqlSpool(store, settings.mall, settings.desk),
        slips=SqlSlips(store, settings.mall, settings.desk),
        clock=clock,
        crashes=crashes,
    )


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
    if home.is_set_up():
        raise Refused("setup.done_already", file=str(home.settings_file))
    checked_prefix(answers.card_prefix)
    clean(answers.mall_name, field="mall", longest=40, shortest=1)
    clean(answers.desk_name, field="desk", longest=30, shortest=1)
    checked_pin(answers.administrator_pin)
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
    signing = os.urandom(32)
    local = engine_kind(home.store_url(settings)) == "sqlite"
    if local and home.store_file.exists() and not store_url:
        raise Unavailable("store.exists", file=str(home.store_file))
    store_key = os.urandom(KEY_BYTES) if local else None
    try:
        if store_key is not None:
            keys.put(STORE_KEY, store_key)
        keys.put(DESK_KEY, signing)
        if password is not None:
            keys.put(STORE_PASSWORD, password.encode())
        store = Store.open(_store_url(home, settings, keys), store_key, create=True)
        try:
            made = _desk(home, settings, store, DeskKey(signing), clock or SystemClock(), pins or Argon2Pins())
            _found(made, answers, DeskKey(signing))
            home.save(settings)
        except BaseException:
            store.close()
            raise
    except BaseException:
        _undo_set_up(home, keys, local=local and not store_url)
        raise
    return made


def _found(made: Desk, answers: FirstStartAnswers, key: DeskKey) -> None:
    settings = made.settings
    root = Root(settings.desk, answers.desk_number, answers.desk_name, key.public)
    joins = made.store.write(
        lambda connection: found(connection, settings.mall, answers.card_prefix, answers.zone, os.urandom(32), root)
    )
    own_desk = AddDesk(
        desk=settings.desk, name=answers.desk_name, number=answers.desk_number, public_key=key.public.hex()
    )
    cards = AddCardBatch(first_serial=answers.desk_number * 10**9 + 1, count=FIRST_CARDS)
    if joins:
        made.authority.submit_as_system(own_desk, cards)
        return
    made.authority.submit_as_system(
        OpenMall(name=answers.mall_name, zone=answers.zone, card_prefix=answers.card_prefix),
        own_desk,
        AddStaff(
            staff=answers.administrator_staff,
            name=answers.administrator_name,
            role=Role.ADMINISTRATOR,
            pin_verifier=made.authority.pin_verifier(answers.administrator_pin),
        ),
        cards,
    )


def _undo_set_up(home: Home, keys: KeyStore, *, local: bool) -> None:
    for name in (STORE_KEY, DESK_KEY, STORE_PASSWORD):
        keys.forget(name)
    if local:
        for file in home.folder.glob(home.store_file.name + "*"):
            file.unlink(missing_ok=True)


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


def grant_to_role(store_url: str, role: str) -> None:
    """See `db.roles`. `store_url` must be the owner's."""
    from db.roles import grant_to

    store = Store.open(store_url, None)
    try:
        store.write(lambda connection: grant_to(connection, role))
    finally:
        store.close()


def expire_until_done(desk: Desk, progress: Callable[[int], None] | None = None) -> int:
    """Expire what has expired up to yesterday, a few hundred members at a time. Returns the points."""
    yesterday = date.fromordinal(datetime.now(UTC).date().toordinal() - 1)
    total = 0
    while True:
        (answer,) = desk.authority.submit_as_system(ExpirePoints(through=yesterday))
        total += int(answer.facts["points"])
        if progress is not None:
            progress(total)
        if not answer.facts["more"]:
            return total
