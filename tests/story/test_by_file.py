"""A desk that no network reaches: what it did is carried to the hub, and the hub's answers are carried back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composition.hub import take_bundle
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.operations.credit_sale import CreditSale
from app.operations.receive_stock import ReceiveStock, StockLine
from app.sync import earlier
from app.sync.bundle import head_of, opened, written
from app.sync.envelope import DeskKey
from app.sync.protocol import Pushed
from db.verify.copies import verify_copy
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall, a_hub

ONE, OTHER = DeskKey(bytes(range(32))), DeskKey(bytes(range(1, 33)))


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres, connections=2) as made:
        made.url = fresh_postgres  # type: ignore[attr-defined]
        yield made


def carried(desk: FollowingDesk, folder: Path, name: str = "out") -> Path:
    file = folder / f"{name}.mdbundle"
    desk.link.write_bundle(file)
    return file


def brought(mall: HubMall, file: Path) -> Path:
    answers = file.with_name(f"{file.stem}-back.mdbundle")
    answers.write_bytes(mall.hub.take_bundle(file.read_bytes()).answers)
    return answers


def a_day_cut_off(mall: HubMall, desk: FollowingDesk) -> UUID:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.cut()
    desk.redeem(member, 3)
    newcomer = mall.enrolment("欧阳静怡")
    desk.do(newcomer)
    desk.do(mall.slip(newcomer.member, 50_000))
    return member


def test_what_is_carried_counts_once_and_settles_the_desk(mall: HubMall, desk: FollowingDesk, tmp_path: Path) -> None:
    member = a_day_cut_off(mall, desk)
    file = tmp_path / "stick" / "k1.mdbundle"
    assert desk.link.write_bundle(file) == 3
    assert desk.link.following.waiting().count == 3, "written down is not sent"
    for open_words in ("欧阳静怡".encode(), b"\\u6b27", b"139", b"enrol_member", b"person"):
        assert open_words not in file.read_bytes()
    assert head_of(file.read_bytes()).desk == "K1"

    back = tmp_path / "stick" / "back.mdbundle"
    url: str = mall.url  # type: ignore[attr-defined]
    taken = take_bundle(url, mall.name, file, back)
    assert (taken.handed, taken.new, taken.exceptions, taken.aside, taken.gap) == (3, 3, 0, 0, False)
    assert mall.usable(member) == 700
    again = mall.hub.take_bundle(file.read_bytes())
    assert (again.handed, again.new) == (3, 0)
    assert mall.usable(member) == 700
    assert "欧阳静怡".encode() not in back.read_bytes()

    read = desk.link.read_bundle(back)
    assert (read.answers, read.news, read.gap) == (3, True, False)
    status = desk.link.status()
    assert (status.unsent, status.floor_used, status.mode) == (0, 0, Mode.FRESH)
    assert verify_copy(desk.store, mall.name, "K1") == []
    assert not desk.link.read_bundle(back).news
    desk.mend()
    assert desk.usable(member) == mall.usable(member) == 700
    mall.checked()


def test_what_the_hub_cannot_read_of_a_file_is_in_the_next_one_again(
    mall: HubMall, desk: FollowingDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.cut()
    desk.do(ReceiveStock(lines=(StockLine("CUP", 5),)))
    monkeypatch.setattr(CreditSale, "version", 2)
    desk.link.following.put(reads="")  # as if the hub had never said what it reads
    desk.restart()
    desk.do(mall.slip(member, 1_000))
    desk.do(ReceiveStock(lines=(StockLine("CUP", 6),)))
    monkeypatch.setattr(CreditSale, "version", 1)  # the hub's program
    mall.clock.advance(timedelta(seconds=1))
    desk.link.read_bundle(brought(mall, carried(desk, tmp_path, "first")))
    status = desk.link.status()
    assert (status.mode, status.trouble, status.unsent) == (Mode.NOT_TAKEN, "hub.unreadable", 2)
    assert not desk.link.agent.hub_takes("credit_sale", 2), "a file says it, too"

    monkeypatch.setattr(CreditSale, "version", 2)  # the hub is updated
    monkeypatch.setitem(earlier.STEPS, ("credit_sale", 1), lambda body: body)
    mall.clock.advance(timedelta(seconds=1))
    desk.link.read_bundle(brought(mall, carried(desk, tmp_path, "second")))
    status = desk.link.status()
    assert (status.mode, status.trouble, status.unsent) == (Mode.FRESH, None, 0)
    assert desk.usable(member) == mall.usable(member) == 1_010
    mall.checked()


def test_files_may_come_in_any_order_and_the_network_in_between(
    mall: HubMall, desk: FollowingDesk, tmp_path: Path
) -> None:
    member = a_day_cut_off(mall, desk)
    first = carried(desk, tmp_path, "first")
    desk.redeem(member, 1)
    second = carried(desk, tmp_path, "second")
    back = brought(mall, second)
    assert mall.hub.take_bundle(first.read_bytes()).new == 0
    old = brought(mall, first)
    assert mall.usable(member) == 600
    desk.link.read_bundle(back)
    desk.mend()
    desk.cut()
    desk.redeem(member, 2)
    for answers in (old, back):
        assert not desk.link.read_bundle(answers).news
    assert desk.link.status().unsent == 1
    desk.mend()
    assert desk.usable(member) == mall.usable(member) == 400
    mall.checked()


def test_a_file_that_lacks_what_came_before_says_so(mall: HubMall, desk: FollowingDesk, tmp_path: Path) -> None:
    member = a_day_cut_off(mall, desk)
    lost = desk.link.following.unsent()[0]
    operation = UUID(bytes=bytes.fromhex("00" * 16))
    ((operation,),) = desk.store.read(
        lambda c: c.rows("SELECT operation_id FROM operation WHERE encoded = :bytes", bytes=lost.encoded)
    )
    desk.link.following.note_pushed((Pushed(operation, "ok"),))
    taken = mall.hub.take_bundle(carried(desk, tmp_path).read_bytes())
    assert (taken.handed, taken.new, taken.gap) == (2, 0, True)
    assert mall.usable(member) == 1_000
    desk.mend()
    assert mall.usable(member) == 700
    mall.checked()


def test_a_desk_whose_copy_is_of_another_feed_is_given_a_new_one(
    mall: HubMall, desk: FollowingDesk, tmp_path: Path
) -> None:
    member = a_day_cut_off(mall, desk)
    desk.link.following.forget_place()
    back = brought(mall, carried(desk, tmp_path))
    assert desk.link.read_bundle(back).news
    assert (desk.usable(member), desk.link.status().unsent) == (700, 0)
    assert desk.link.following.feed() is not None
    assert verify_copy(desk.store, mall.name, "K1") == []


def test_a_file_for_somebody_else_changes_nothing_and_says_whose_it_is(
    mall: HubMall, desk: FollowingDesk, tmp_path: Path
) -> None:
    a_day_cut_off(mall, desk)
    other = FollowingDesk(mall, "K2", 12, tmp_path)
    mine, others = carried(desk, tmp_path, "mine"), carried(other, tmp_path, "others")
    mine_back, others_back = brought(mall, mine), brought(mall, others)
    for file, code in (
        (mine, "bundle.for_hub"),
        (others_back, "bundle.other_desk"),
        (tmp_path / "nothing", "bundle.not_read"),
    ):
        with pytest.raises((Refused, Unavailable), match=code):
            desk.link.read_bundle(file)
    with pytest.raises(Unavailable, match=r"bundle\.not_written"):
        desk.link.write_bundle(tmp_path)
    for content, code in (
        (mine_back.read_bytes(), "bundle.for_desk"),
        (mine.read_bytes()[:-1], "bundle.cut_off"),
        (mine.read_bytes() + b"x", "bundle.damaged"),
        (mine.read_bytes().replace(b'"desk":"K1"', b'"desk":"K2"'), "bundle.damaged"),
        (
            mine.read_bytes().replace(f'"{mall.name}"'.encode(), b'"' + b"X" * len(mall.name) + b'"'),
            "bundle.other_reader",
        ),
        (mine.read_bytes().replace(b'"format":1', b'"format":2'), "bundle.newer"),
    ):
        with pytest.raises(Refused, match=code):
            mall.hub.take_bundle(content)
    assert desk.link.status().unsent == 3
    other.desk.close()


def test_only_the_reader_opens_it() -> None:
    file = written("operations", "M01", "K1", 1, 0, [b"1"], to=ONE.public, by=OTHER)
    with pytest.raises(Refused, match=r"bundle\.other_reader"):
        opened(file, by=OTHER.public, key=OTHER)
    with pytest.raises(Refused, match=r"bundle\.damaged"):
        opened(file, by=ONE.public, key=ONE)
    assert list(opened(file, by=OTHER.public, key=ONE)) == [b"1"]


FILE = written("operations", "M01", "K1", 1, 0, [b'{"n":1}', b'{"n":2}'], to=ONE.public, by=OTHER)


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    changed = FILE[:at] + bytes([FILE[at] ^ by]) + FILE[at + 1 :]
    with pytest.raises(Refused, match=r"bundle\."):
        opened(changed, by=OTHER.public, key=ONE)


@given(st.binary(max_size=400) | st.integers(0, len(FILE)).map(lambda n: FILE[:n]))
@settings(max_examples=100)
def test_no_piece_of_a_file_is_taken_for_one(content: bytes) -> None:
    if content != FILE:
        with pytest.raises(Refused, match=r"bundle\."):
            opened(content, by=OTHER.public, key=ONE)
