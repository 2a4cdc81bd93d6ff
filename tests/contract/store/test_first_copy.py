"""The copy that a desk begins with is there as a whole or not at all; a later one comes while people work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Unavailable
from app.sync.images import keyed
from app.sync.protocol import GENESIS, FeedPlace, SnapshotLine, ThinMembers
from tests.contract.store.test_following import SEARCH_KEY, Following

PLACE = FeedPlace(uuid4(), 7, bytes(31) + b"\1")
IN_A_LINE = 200


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Following]:
    made = Following(tmp_path)
    yield made
    made.store.close()


def phone(number: int) -> str:
    return f"100{number:08d}"


def line(number: int, tier: str = "gold") -> SnapshotLine:
    """Line `number`, from 0, of a copy."""
    members = range(number * IN_A_LINE, (number + 1) * IN_A_LINE)
    return SnapshotLine(
        thin=ThinMembers.of(
            [
                (
                    *(UUID(int=member + 1).bytes, tier, "active", 450, keyed(SEARCH_KEY, "phone", phone(member))),
                    [(keyed(SEARCH_KEY, "card", phone(member)), "issued")],
                )
                for member in members
            ]
        )
    )


def held(desk: Following) -> tuple[int, int]:
    """(members, cards) in short"""
    found = desk.store.read(
        lambda c: c.row("SELECT (SELECT count(*) FROM member_thin), (SELECT count(*) FROM card_thin)")
    )
    assert found is not None
    return found[0], found[1]


def indexes(desk: Following) -> list[str]:
    rows = desk.store.read(
        lambda c: c.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'member_thin'")
    )
    return [name for (name,) in rows]


def test_a_first_copy_that_breaks_off_leaves_nothing_and_is_taken_again(desk: Following) -> None:
    def broken() -> Iterator[SnapshotLine]:
        yield from (line(0), line(1))
        assert held(desk) == (0, 0), "nobody sees the half of it"
        raise Unavailable("hub.unreachable")

    before = indexes(desk)
    with pytest.raises(Unavailable, match=r"hub\.unreachable"):
        desk.following.take_snapshot(PLACE, broken())
    assert (held(desk), desk.following.feed(), indexes(desk)) == ((0, 0), None, before)

    desk.following.take_snapshot(PLACE, (line(number) for number in range(2)))
    assert (held(desk), desk.following.feed(), indexes(desk)) == ((400, 400), PLACE, before)
    assert desk.following.member_of_phone(phone(399)) == UUID(int=400)
    assert desk.following.member_of_card(phone(0)) == UUID(int=1)


def test_a_disk_that_fills_up_in_the_middle_is_told_and_the_copy_comes_when_there_is_room(desk: Following) -> None:
    def room_for(pages: int) -> None:
        desk.store.write(lambda c: c.rows(f"PRAGMA max_page_count = {pages}"))

    found = desk.store.read(lambda c: c.row("PRAGMA page_count"))
    assert found is not None
    room_for(found[0] + 100)
    with pytest.raises(Unavailable, match=r"store\.full"):
        desk.following.take_snapshot(PLACE, (line(number) for number in range(20)))
    assert (held(desk), desk.following.feed()) == ((0, 0), None)

    room_for(2**30)
    desk.following.take_snapshot(PLACE, (line(number) for number in range(20)))
    assert (held(desk), desk.following.feed()) == ((4_000, 4_000), PLACE)


def test_a_feed_that_begins_anew_while_the_copy_is_on_its_way_is_copied_once_more(desk: Following) -> None:
    desk.hub.snapshot_lines = [line(0)]
    desk.following.take_snapshot(FeedPlace(uuid4(), 0, GENESIS), [line(0)])  # of the feed that ended meanwhile
    desk.hub.snapshot_lines = [line(0, tier="bronze"), line(1)]
    for _ in range(2):
        desk.agent.once()
    assert desk.following.feed() == desk.hub.end()
    assert held(desk) == (400, 400)
    tiers = desk.store.read(
        lambda c: c.rows("SELECT DISTINCT tier FROM member_thin WHERE member <= :one", one=UUID(int=200))
    )
    assert tiers == [("bronze",)]


def test_a_later_copy_never_keeps_a_counter_waiting_also_where_nobody_was_held_in_short(desk: Following) -> None:
    """A mall that wants everybody held from now on: the desk is at work while they come."""
    desk.following.take_snapshot(PLACE, [])
    threads: set[str] = set()

    def lines() -> Iterator[SnapshotLine]:
        for number in range(5):
            threads.add(threading.current_thread().name)
            yield line(number)
        desk.following.put(something="written in between")  # would wait for itself in one transaction

    desk.following.take_snapshot(PLACE, lines())
    assert threads == {threading.current_thread().name}
    assert held(desk) == (1_000, 1_000)


def test_the_log_of_the_first_copy_does_not_stay_on_the_disk(desk: Following) -> None:
    desk.following.take_snapshot(PLACE, (line(number) for number in range(20)))
    log = desk.file.with_name(desk.file.name + "-wal")
    assert log.stat().st_size < desk.file.stat().st_size / 4
