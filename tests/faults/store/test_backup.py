"""A damaged file is recognised, kept as it is, and the way back is a backup that was checked when it was made."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy

from app.domain.errors import Unavailable
from db import backup as backups
from db import schema
from db.store import Store
from db.verify import verify
from tests.support.mall import Mall
from tests.support.stores import KEY, raw_engine


def unavailable(code: str, work: Callable[[], object]) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        work()
    assert caught.value.code == code, str(caught.value)
    return caught.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mall.db"


def opened(file: Path, key: bytes = KEY, *, create: bool = False) -> Store:
    return Store.open(f"sqlite:///{file}", key, durable=False, create=create)


def a_lived_in(file: Path) -> Mall:
    """A store with one member of 500 points, closed again."""
    store = opened(file, create=True)
    mall = Mall(store)
    mall.member(500)
    store.close()
    return mall


def posted(store: Store) -> int:
    found = store.read(lambda connection: connection.row("SELECT sum(posted) FROM account WHERE kind = 'member'"))
    assert found is not None
    return int(found[0])


def test_a_backup_of_a_working_desk_is_a_whole_store(file: Path) -> None:
    store = opened(file, create=True)
    mall = Mall(store)
    mall.member(500)
    made = backups.back_up(file, KEY)
    mall.member(300)
    store.close()
    copy = Store.open(f"sqlite:///{made.file}", KEY)
    assert posted(copy) == 500
    assert verify(copy, mall.name) == []
    copy.close()


def test_a_backup_holds_nothing_in_the_clear(file: Path) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    stands = made.file.read_bytes()
    assert b"SQLite format 3" not in stands
    assert "李𬭚".encode() not in stands


def test_the_newest_seven_are_kept(file: Path) -> None:
    a_lived_in(file)
    made = [backups.back_up(file, KEY) for _ in range(9)]
    assert [kept.file for kept in backups.backups_of(file)] == [each.file for each in reversed(made[2:])]


def test_nothing_else_is_left_in_the_folder(file: Path) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    assert list(made.file.parent.iterdir()) == [made.file]


def overwritten(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 64)


def first_page_overwritten(file: Path) -> None:
    file.write_bytes(bytes(4096) + file.read_bytes()[4096:])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize("damage", [overwritten, first_page_overwritten, emptied, cut_short])
def test_a_broken_file_is_said_and_left_alone_and_the_backup_is_named(
    file: Path, damage: Callable[[Path], None]
) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    damage(file)
    before = sha256(file.read_bytes()).digest()
    problem = unavailable("store.broken", lambda: opened(file))
    assert problem.facts == {"file": str(file), "backup": str(made.file)}
    assert sha256(file.read_bytes()).digest() == before


def test_a_page_damaged_in_the_middle_is_said_when_it_is_read(file: Path) -> None:
    a_lived_in(file)
    stands = file.read_bytes()
    file.write_bytes(stands[:4096] + bytes(len(stands) - 4096))
    unavailable("store.broken", lambda: opened(file))


def test_with_the_wrong_key_nothing_is_read_and_nothing_changed(file: Path) -> None:
    a_lived_in(file)
    before = sha256(file.read_bytes()).digest()
    unavailable("store.broken", lambda: opened(file, bytes(32)))
    assert sha256(file.read_bytes()).digest() == before
    store = opened(file)
    assert posted(store) == 500
    store.close()


def test_restoring_keeps_the_broken_file_and_puts_the_backup_in_its_place(file: Path) -> None:
    mall = a_lived_in(file)
    made = backups.back_up(file, KEY)
    overwritten(file)
    broken = file.read_bytes()
    kept = backups.restore(file, made.file, KEY)
    assert kept is not None
    assert kept.read_bytes() == broken
    store = opened(file)
    assert posted(store) == 500
    assert verify(store, mall.name) == []
    store.close()


def test_what_the_old_files_log_still_held_does_not_flow_into_the_restored_one(file: Path) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    file.with_name(file.name + "-wal").write_bytes(b"what was not yet in the file")
    kept = backups.restore(file, made.file, KEY)
    assert kept is not None
    assert kept.with_name(kept.name + "-wal").exists()
    assert not file.with_name(file.name + "-wal").exists()


def test_a_damaged_backup_is_not_put_in_place(file: Path) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    stands = bytearray(made.file.read_bytes())
    stands[len(stands) // 2] ^= 1
    made.file.write_bytes(stands)
    before = file.read_bytes()
    unavailable("backup.broken", lambda: backups.restore(file, made.file, KEY))
    unavailable("backup.missing", lambda: backups.restore(file, file.with_name("none.db"), KEY))
    assert file.read_bytes() == before


def test_a_store_in_use_is_not_replaced(file: Path) -> None:
    a_lived_in(file)
    made = backups.back_up(file, KEY)
    store = opened(file)
    unavailable("store.in_use", lambda: backups.restore(file, made.file, KEY))
    store.close()


def test_a_change_of_schema_is_preceded_by_a_backup(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_lived_in(file)
    with raw_engine(f"sqlite:///{file}").connect() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '0000'"))

    def migrate(connection: sqlalchemy.Connection, target: str = "head") -> None:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '0001'"))

    monkeypatch.setattr(schema, "KNOWN", ("0000", *schema.KNOWN))
    monkeypatch.setattr(schema, "migrate", migrate)
    opened(file).close()
    (made,) = backups.backups_of(file)
    with raw_engine(f"sqlite:///{made.file}").connect() as connection:
        assert schema.version_of(connection) == "0000"


def test_a_new_store_needs_no_backup(file: Path) -> None:
    opened(file, create=True).close()
    assert backups.backups_of(file) == []
