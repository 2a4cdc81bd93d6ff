"""A desk with an invented mall in it."""

from __future__ import annotations

import os
import shutil
from datetime import date

from app.authority import LocalAuthority
from app.composition.desk import Desk, open_desk, roots, set_up
from app.demo import load, mall
from app.demo.history import Plan, demo_plan
from app.domain.errors import Unavailable
from app.domain.staff import Role
from app.operations.set_up import AddDesk
from app.pins import Argon2Pins
from app.ports.first_start import FirstStartAnswers
from app.settings import Home, write_whole
from app.sync.envelope import DeskKey
from db.founding import Root, found
from db.work import SqlOperationStore


def demo_desk(home: Home, *, members: int, seed: int, today: date, progress: load.Progress | None = None) -> Desk:
    """The demo's desk, made on the first call and opened again on later ones.

    A store that was left half made (the program was stopped) is made anew: it holds nothing but invention."""
    wanted = f"{members}/{seed}"
    made, half_made = home.folder / "demo.txt", home.folder / "demo.half"
    if made.exists() and home.is_set_up() and made.read_text(encoding="utf-8").strip() == wanted:
        return open_desk(home)
    ours = made.exists() or half_made.exists()
    if not ours and home.folder.exists() and any(home.folder.iterdir()):
        raise Unavailable("demo.not_a_demo", folder=str(home.folder))
    shutil.rmtree(home.folder, ignore_errors=True)
    home.folder.mkdir(parents=True)
    half_made.touch()
    desk = make_demo(home, demo_plan(today, members=members, seed=seed), progress=progress)
    write_whole(made, wanted + "\n")
    half_made.unlink()
    return desk


def make_demo(
    home: Home,
    plan: Plan,
    *,
    pins: Argon2Pins | None = None,
    progress: load.Progress | None = None,
    store_url: str = "",
) -> Desk:
    """A store in `home`, or the PostgreSQL of `store_url`, with an invented mall: three desks with stock, six people,
    members and their history."""
    first = mall.DESKS[0]
    administrator = next(person for person in mall.STAFF if person.role is Role.ADMINISTRATOR)
    desk = set_up(
        home,
        FirstStartAnswers(
            mall_name=mall.MALL_NAME,
            desk_name=first.name,
            desk_number=first.number,
            administrator_staff=administrator.staff,
            administrator_name=administrator.name,
            administrator_pin=administrator.pin,
            card_prefix=mall.CARD_PREFIX,
        ),
        mall_id=mall.MALL_ID,
        desk=first.desk,
        store_url=store_url,
        keys_kind="file",  # invented people need no key store, and the tour plays on a copy of the folder
        pins=pins,
    )
    load.load_staff(desk.authority)
    load.load_shelf(desk.authority, first.desk)
    for other in mall.DESKS[1:]:
        _stock_other_desk(desk, other)
    load.load_history(desk.authority, plan, roots(desk).card_key, progress)
    return desk


def _stock_other_desk(desk: Desk, other: mall.DemoDesk) -> None:
    """A desk writes only its own stock, so the other counters' desks receive theirs under their own keys."""
    key = DeskKey(os.urandom(32))
    root = Root(other.desk, other.number, other.name, key.public)
    known = roots(desk)
    desk.store.write(
        lambda connection: found(connection, known.mall, known.card_prefix, known.zone, known.card_key, root)
    )
    authority = LocalAuthority(
        SqlOperationStore(desk.store, known.mall, other.desk),
        mall=known.mall,
        desk=other.desk,
        key=key,
        clock=desk.clock,
        hasher=Argon2Pins(),
    )
    authority.submit_as_system(
        AddDesk(desk=other.desk, name=other.name, number=other.number, public_key=key.public.hex())
    )
    load.load_shelf(authority, other.desk)
