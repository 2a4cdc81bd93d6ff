"""Whom a desk has not served for long it no longer knows by name: not in its tables, and not in its file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.sync.envelope import instant
from app.sync.protocol import FullMember, Image, to_json
from db.connection import Connection
from db.verify.copies import verify_copy
from tests.contract.store.test_following import KEY, Following

_PAGE, _IV, _TAIL = 4_096, 16, 80  # SQLCipher 4: of each page the last 80 bytes are its IV and its HMAC
_WAL_HEADER, _FRAME_HEADER = 32, 24


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Following]:
    made = Following(tmp_path)
    yield made
    made.store.close()


def whole_file(file: Path) -> bytes:
    """The store and its WAL as whoever has the key can read them, free pages and all."""
    data, wal = file.read_bytes(), file.with_name(file.name + "-wal")
    pages = [data[at : at + _PAGE] for at in range(0, len(data), _PAGE)]
    if wal.exists():
        frames = wal.read_bytes()[_WAL_HEADER:]
        pages += [
            frames[at + _FRAME_HEADER : at + _FRAME_HEADER + _PAGE]
            for at in range(0, len(frames), _PAGE + _FRAME_HEADER)
        ]
    return b"".join(clear(page, first=page[:_IV] == data[:_IV]) for page in pages if len(page) == _PAGE)


def clear(page: bytes, *, first: bool) -> bytes:
    opened = Cipher(algorithms.AES(KEY), modes.CBC(page[-_TAIL : -_TAIL + _IV])).decryptor()
    return opened.update(page[_IV if first else 0 : -_TAIL])  # the first page begins with the salt


def told_of(desk: Following, member: UUID) -> list[bytes]:
    """Everything that says who the member is, in each form in which the store has it."""
    row = desk.store.read(
        lambda c: c.row(
            "SELECT p.name, p.phone, k.key FROM person p JOIN subject_key k ON k.subject = p.member "
            "WHERE p.member = :member",
            member=member,
        )
    )
    assert row is not None
    name, phone, key = row
    indexed = " ".join(f"u{ord(character):x}" for character in name)
    return [name.encode(), phone.encode(), phone[::-1].encode(), bytes(key), indexed.encode()]


def _run(sql: str, mall: str, member: UUID, connection: Connection) -> None:
    connection.run(sql, mall=mall, member=member)


def settled(desk: Following, name: str) -> UUID:
    member = desk.mall.member(500, name=name)
    desk.agent.once()
    desk.hub.add([desk.image(member, desk.account(member))])
    desk.agent.once()
    return member


def pass_days(desk: Following, days: int) -> None:
    desk.mall.clock.advance(timedelta(days=days))
    desk.agent.once()


def test_after_the_days_that_the_mall_wants_nothing_in_the_file_says_who_it_was(desk: Following) -> None:
    member = settled(desk, "欧阳婧涵")
    told = told_of(desk, member)
    before = whole_file(desk.file)
    assert all(each in before for each in told)  # the search finds what is there
    pass_days(desk, 29)
    assert desk.following.slim() == 0
    pass_days(desk, 2)
    assert desk.following.slim() == 1
    after = whole_file(desk.file)
    assert [each for each in told if each in after] == []
    assert not desk.following.is_full(member)
    assert desk.figures(member) == (500, 0, 0)
    assert verify_copy(desk.store, desk.mall.name, "D1") == []


def test_whoever_has_something_unsent_stays(desk: Following) -> None:
    member = settled(desk, "欧阳婧涵")
    desk.cut()
    desk.redeem(member, 100)
    desk.mall.clock.advance(timedelta(days=40))
    assert desk.following.slim() == 0
    desk.hub.down = False
    desk.agent.once()
    assert desk.following.waiting().count == 0
    assert desk.following.slim() == 0  # arrived; but the gift waits here to be handed out
    assert desk.following.is_full(member)


def test_who_comes_again_is_held_in_full_again_and_who_was_looked_at_stays(desk: Following) -> None:
    member = settled(desk, "欧阳婧涵")
    pass_days(desk, 31)
    assert desk.following.slim() == 1
    place = desk.following.feed()
    assert place is not None
    joined = instant(desk.mall.clock.wall_ms()).date().isoformat()
    state = {"member_no": "0100000018", "state": "active", "tier": "gold", "joined_on": joined}
    images = (Image("member", str(member), state), Image("account", str(member), to_json(desk.account(member))))
    full = FullMember(member, "欧阳婧涵", "13800000000", subject_key=bytes(32), images=images)
    desk.following.take_full(place.n, full)
    assert desk.following.is_full(member)
    assert desk.figures(member) == (500, 0, 0)
    assert desk.following.slim() == 0
    pass_days(desk, 31)
    assert desk.following.slim() == 1


def test_a_mall_may_choose_that_desks_hold_nothing_of_those_they_did_not_serve(desk: Following) -> None:
    member = settled(desk, "欧阳婧涵")
    row = "INSERT INTO member_thin (mall_id, member, tier, state, usable) VALUES (:mall, :member, 'gold', 'active', 1)"
    stranger = UUID(int=7)
    for each in (member, stranger):
        desk.store.write(partial(_run, row + " ON CONFLICT DO NOTHING", desk.mall.name, each))
    setting = Image("setting", "desk_copy_everybody", {"value": "0"})
    desk.hub.add([setting])
    desk.agent.once()
    assert desk.following.slim() == 0
    thin = desk.store.read(lambda c: c.rows("SELECT member FROM member_thin"))
    assert thin == [(member,)]
    desk.hub.add([Image("setting", "desk_copy_everybody", {"value": "1"})])
    desk.agent.once()
    desk.following.put(copied="0")
    assert desk.following.slim() == 0
    assert desk.following.feed() is None  # a snapshot brings everybody
