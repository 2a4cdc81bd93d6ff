"""What keeps a store from being opened or written, and what is said of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from app.domain.errors import Unavailable
from db.store import Store
from db.verify import verify
from tests.support.mall import Mall
from tests.support.stores import KEY, raw_engine


def unavailable(code: str, work: Callable[[], object]) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        work()
    assert caught.value.code == code, str(caught.value)
    return caught.value


def test_a_sqlite_that_can_corrupt_its_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlcipher3.dbapi2.sqlite_version", "3.51.2")
    problem = unavailable(
        "store.sqlite_too_old", lambda: Store.open(f"sqlite:///{tmp_path / 'a.db'}", KEY, create=True)
    )
    assert problem.facts["version"] == "3.51.2"


@pytest.mark.parametrize("key", [None, b"", b"short", bytes(31)])
def test_without_its_key_a_file_is_not_opened(tmp_path: Path, key: bytes | None) -> None:
    unavailable("store.no_key", lambda: Store.open(f"sqlite:///{tmp_path / 'a.db'}", key, create=True))


def test_a_store_that_is_not_there_is_not_made_by_chance(tmp_path: Path) -> None:
    unavailable("store.missing", lambda: Store.open(f"sqlite:///{tmp_path / 'a.db'}", KEY))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/x", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    unavailable("store.bad_url", lambda: Store.open(url, KEY))


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    unavailable("store.unreachable", lambda: Store.open(f"postgresql://u@/x?host={tmp_path}", None))


def test_whoever_gives_up_reading_while_the_server_is_gone_hears_of_nothing(fresh_postgres: str) -> None:
    """A desk's first copy is a generator that is closed when the desk went: nothing was written that would have to be
    taken back, and nobody is there to be told."""
    store = Store.open(fresh_postgres, None)

    def lines() -> Generator[int]:
        with store.snapshot() as connection:
            (row,) = connection.rows("SELECT pg_backend_pid()")
            yield row[0]

    reading = lines()
    backend = next(reading)
    with raw_engine(fresh_postgres).connect() as other:
        other.execute(sqlalchemy.text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
    reading.close()
    store.close()


def test_a_store_of_a_newer_program_is_refused_and_left_alone(own_url: str) -> None:
    Store.open(own_url, KEY, create=True).close()
    with raw_engine(own_url).connect() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    problem = unavailable("store.newer", lambda: Store.open(own_url, KEY))
    assert problem.facts["version"] == "9999"
    with raw_engine(own_url).connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_second_store_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    store = Store.open(url, KEY, create=True)
    unavailable("store.in_use", lambda: Store.open(url, KEY))
    store.close()
    Store.open(url, KEY).close()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_on_a_full_disk_nothing_is_half_done_and_nothing_acknowledged_is_lost(tiny_disk: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tiny_disk / 'mall.db'}"
    store = Store.open(url, KEY, create=True)
    mall = Mall(store)
    member = mall.member()
    acknowledged = []

    def until_it_is_full() -> None:
        for _ in range(20_000):
            sale = mall.slip(member, 100)
            mall.do(sale)
            acknowledged.append(sale.id)

    problem = unavailable("store.full", until_it_is_full)
    assert "file" in problem.facts
    unavailable("store.full", until_it_is_full)
    assert len(acknowledged) > 20
    assert mall.points(member).posted == len(acknowledged)
    store.close()
    again = Store.open(url, KEY)
    kept = {row[0] for row in again.read(lambda c: c.rows("SELECT operation_id FROM operation"))}
    assert set(acknowledged) <= kept
    assert verify(again, mall.name, folder=tmp_path) == []
    again.close()
