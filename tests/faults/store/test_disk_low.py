"""The disk of a desk with a hub fills up: it says so before a write fails, goes on sending, and loses nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain import mode
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.operations.receive_stock import ReceiveStock, StockLine
from db.verify.copies import verify_copy
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall, a_hub

LEAST = 2_000_000  # bytes; of a disk of 12 MB what 200 MB are of a real one


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres) as made:
        yield made


def leave(disk: Path, bytes_free: int) -> None:
    """Somebody else's file takes the rest."""
    other = disk / "somebody-elses"
    other.unlink(missing_ok=True)
    here = os.statvfs(disk)
    with other.open("wb") as file:
        left = here.f_bavail * here.f_frsize - bytes_free
        while left > 0:
            try:
                left -= os.write(file.fileno(), bytes(min(left, 4_096)))
            except OSError:
                return


def test_a_desk_stops_in_time_sends_on_and_loses_nothing(
    mall: HubMall, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "LEAST_DISK", LEAST)
    desk = FollowingDesk(mall, "K1", 11, small_disk)
    desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.cut()
    desk.redeem(member, 1)
    desk.do(mall.slip(member, 10_000))

    leave(small_disk, LEAST - 200_000)
    assert desk.link.status().mode is Mode.DISK_LOW
    for operation in (mall.slip(member, 5_000), ReceiveStock(lines=(StockLine("CUP", 1),))):
        with pytest.raises(Refused, match=r"offline\.disk_low"):
            desk.do(operation)
    with pytest.raises(Refused, match=r"offline\.disk_low"):
        desk.redeem(member, 1)
    assert desk.link.following.waiting().count == 2
    desk.mend()
    assert desk.link.status().mode is Mode.DISK_LOW, "in contact or not"
    assert desk.link.following.waiting().count == 0, "sending goes on"
    assert mall.usable(member) == 1_000
    assert desk.usable(member) == 1_000

    leave(small_disk, 0)  # and now every write fails
    for _ in range(30):
        mall.hub.authority.submit_as_system(mall.slip(member, 10_000))
    mall.clock.advance(timedelta(seconds=11))
    with pytest.raises(Unavailable, match=r"store\.full"):
        for at in range(200):
            desk.link.following.put(filler=f"{at}" * 20_000)
            desk.link.agent.once()
    assert desk.link.status().mode is Mode.DISK_LOW
    (small_disk / "somebody-elses").unlink()
    desk.mend()
    assert desk.link.status().mode is Mode.ONLINE
    assert desk.usable(member) == mall.usable(member) == 4_000
    desk.redeem(member, 1)
    desk.sync()
    assert mall.usable(member) == 3_900
    assert verify_copy(desk.store, mall.name, "K1") == []
    mall.checked()
    desk.desk.close()
