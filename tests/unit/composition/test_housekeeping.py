"""What a desk does by itself goes on although a part of it cannot."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest

import app.composition.housekeeping as housekeeping_module
from app.composition import headless
from app.composition.desk import Desk, expire_until_done, set_up
from app.composition.housekeeping import Housekeeping
from app.domain import mode
from app.domain.errors import Refused, Unavailable
from app.domain.staff import Role
from app.operations.set_up import AddStaff
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.ports.first_start import FirstStartAnswers
from app.settings import Home
from db.backup import backups_of
from tests.support.clocks import SetClock
from tests.support.mall import CHEAP_PINS


def a_desk(folder: Path, clock: SetClock, zone: str) -> Desk:
    answers = FirstStartAnswers("测试广场", "一号台", 1, "9001", "孙管理", "468024", zone=zone)
    return set_up(Home(folder), answers, keys_kind="file", clock=clock, pins=CHEAP_PINS)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    desk = a_desk(tmp_path / "home", clock, "Asia/Shanghai")
    yield desk
    desk.close()


def test_backups_go_on_while_the_clock_is_in_doubt(desk: Desk, clock: SetClock) -> None:
    clock.jump(timedelta(days=2))
    told: Queue[Exception] = Queue()
    housekeeping = Housekeeping(desk, told.put, first_s=0, every_s=0)
    housekeeping.start()
    for _ in range(2):  # the second is told after the first round, backup and all
        assert str(told.get(timeout=60)) == "clock.suspect()"
    housekeeping.stop()
    assert desk.store.file is not None
    assert backups_of(desk.store.file)


def test_a_disk_that_fills_up_is_told_in_time_and_once_a_day(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping_module, "DISK_SOON_FULL", 2**62)
    told: Queue[Exception] = Queue()
    housekeeping = Housekeeping(desk, told.put, first_s=0, every_s=0)
    housekeeping.start()
    assert str(told.get(timeout=60)).startswith("disk.soon_full(free=")
    clock.advance(timedelta(days=1))
    assert str(told.get(timeout=60)).startswith("disk.soon_full(free=")
    housekeeping.stop()
    assert told.empty()


def test_below_the_least_nothing_new_is_begun_but_somebody_may_come_and_see(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "LEAST_DISK", 2**62)
    signed_in = SignIn(staff="9001")
    desk.authority.submit(Submission((signed_in,), None, pin="468024"))
    another = AddStaff(staff="1001", name="张丽", role=Role.CLERK)
    with pytest.raises(Refused, match=r"disk\.low"):
        desk.authority.submit(Submission((another,), signed_in.id, new_pin="914680"))
    monkeypatch.undo()
    desk.authority.submit(Submission((another,), signed_in.id, new_pin="914680"))
    assert [row.staff for row in desk.queries.staff_roll()] == ["1001", "9001"]


@pytest.mark.parametrize(("zone", "through"), [("Asia/Shanghai", "2026-11-21"), ("America/New_York", "2026-11-20")])
def test_what_expires_is_up_to_the_malls_yesterday(tmp_path: Path, clock: SetClock, zone: str, through: str) -> None:
    desk = a_desk(tmp_path / zone.replace("/", "-"), clock, zone)
    assert expire_until_done(desk) == 0
    ((encoded,),) = desk.store.read(
        lambda connection: connection.rows("SELECT encoded FROM operation WHERE verb = 'expire_points'")
    )
    desk.close()
    assert f'"through":"{through}"'.encode() in encoded


def test_without_a_window_it_says_so_on_the_standard_error_and_calls_it_no_crash(
    tmp_path: Path, clock: SetClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_desk(tmp_path / "home", clock, "Asia/Shanghai").close()
    told: list[Callable[[Unavailable], None]] = []

    class Idle:
        def __init__(self, _desk: Desk, tell: Callable[[Unavailable], None]) -> None:
            told.append(tell)

        def start(self) -> None: ...
        def stop(self) -> None: ...

    monkeypatch.setattr(headless, "Housekeeping", Idle)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert headless.run_headless(Home(tmp_path / "home"), language="en") == 0
    (tell,) = told
    tell(Unavailable("disk.soon_full", free="1.5 GB"))
    assert "1.5 GB" in capsys.readouterr().err
    assert list(Home(tmp_path / "home").logs.glob("crash*")) == []
