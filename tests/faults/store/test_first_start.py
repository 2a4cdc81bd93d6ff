"""A first start is whole or has not been: refused, stopped in the middle, begun twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.composition.desk import Desk, open_desk, set_up
from app.domain.errors import Refused, Unavailable
from app.ports.first_start import FirstStartAnswers
from app.settings import Home
from db.store import Store
from db.work import SqlTransaction
from tests.support.mall import CHEAP_PINS

KEY = bytes(range(32))


def answers(**other: Any) -> FirstStartAnswers:
    usual = {
        "mall_name": "测试广场",
        "desk_name": "一号台",
        "desk_number": 1,
        "administrator_staff": "9001",
        "administrator_name": "孙管理",
        "administrator_pin": "468024",
    }
    return FirstStartAnswers(**{**usual, **other})


def first_start(home: Home, store_url: str = "", **other: Any) -> Desk:
    return set_up(home, answers(**other), keys_kind="file", store_url=store_url, pins=CHEAP_PINS)


def works(home: Home) -> bool:
    desk = open_desk(home)
    try:
        return [tile.staff for tile in desk.queries.staff()] == ["9001"]
    finally:
        desk.close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.mark.parametrize(
    "wrong", [{"administrator_staff": "a b"}, {"zone": "Mars/Phobos"}, {"desk_number": 0}, {"administrator_name": " "}]
)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_was_refused_can_be_done_right_afterwards(
    home: Home, engine: str, wrong: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres") if engine == "postgresql" else ""
    with pytest.raises(Refused):
        first_start(home, url, **wrong)
    first_start(home, url).close()
    assert works(home)


def test_a_store_on_postgres_has_no_mall_without_an_administrator(
    home: Home, empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def network_lost(*_: object) -> None:
        raise Unavailable("store.unreachable")

    with monkeypatch.context() as broken:
        broken.setattr(SqlTransaction, "append", network_lost)
        with pytest.raises(Unavailable):
            first_start(home, empty_postgres)
    first_start(home, empty_postgres).close()
    assert works(home)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("at", ["Store.open", "app.composition.desk._found", "Home.save"])
def test_killed_in_the_middle_it_begins_anew(home: Home, at: str) -> None:
    program = (
        "import os, signal, app.composition.desk\n"
        "from pathlib import Path\n"
        "from tests.faults.store.test_first_start import *\n"
        f"{at} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"first_start(Home(Path({str(home.folder)!r})))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not home.is_set_up()
    first_start(home).close()
    assert works(home)


def test_begun_twice_at_once_the_second_is_refused_and_the_first_unharmed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    real = Store.open

    def second_comes_first(*args: Any, **options: Any) -> Store:
        monkeypatch.setattr(Store, "open", real)
        try:
            first_start(home).close()
        except Unavailable as problem:
            said.append(problem.code)
        return real(*args, **options)

    monkeypatch.setattr(Store, "open", second_comes_first)
    first_start(home).close()
    assert said == ["store.in_use"]
    assert works(home)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_keys_that_were_there_survive_a_first_start_that_fails(
    home: Home, engine: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_postgres") if engine == "postgresql" else f"sqlite:///{home.store_file}"
    first_start(home, url).close()
    settings = home.settings_file.read_bytes()
    home.settings_file.unlink()
    with pytest.raises((Refused, Unavailable)):
        first_start(home, url)
    home.settings_file.write_bytes(settings)
    assert works(home)


def test_a_link_to_a_store_is_that_store(tmp_path: Path) -> None:
    file, link = tmp_path / "store.db", tmp_path / "elsewhere.db"
    store = Store.open(f"sqlite:///{file}", KEY, create=True)
    link.symlink_to(file)
    with pytest.raises(Unavailable, match=r"store\.in_use"):
        Store.open(f"sqlite:///{link}", KEY)
    store.close()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Unavailable, match=r"store\.no_rights"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'store.db'}", KEY, create=True)
    with pytest.raises(Unavailable, match=r"store\.no_rights"):
        first_start(Home(tmp_path / "file" / "home"))
    file = tmp_path / "store.db"
    (tmp_path / "store.db.lock").mkdir()
    with pytest.raises(Unavailable, match=r"store\.no_rights"):
        Store.open(f"sqlite:///{file}", KEY, create=True)
