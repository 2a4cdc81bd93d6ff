"""A desk whose clock is wrong, while it is cut off and when the hub tells it what time it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.composition.following import PROGRAM, Link
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.keys import FileKeys
from app.operations.receive_stock import ReceiveStock, StockLine
from app.ports.clock import SystemClock
from app.settings import DeskSettings
from app.sync.envelope import DeskKey
from app.sync.http import HubClient
from app.sync.protocol import PROTOCOL, Hello
from tests.story.test_desk_and_hub_over_http import Served
from tests.support.clocks import SetClock
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall, a_hub

A_DAY, A_YEAR = timedelta(days=1), timedelta(days=365)


class Elsewhere(HubMall):
    """The mall as a desk meets it whose clock is its own; time passes at the hub by `HubMall.clock`."""

    def __init__(self, mall: HubMall, clock: SetClock) -> None:
        self.name, self.hub, self.clock, self._mall = mall.name, mall.hub, clock, mall

    def code(self, desk: str, number: int, kind: DeskKind = DeskKind.COUNTER) -> str:
        return self._mall.code(desk, number, kind)


class Counter:
    """One desk with a clock that somebody sets."""

    def __init__(self, mall: HubMall, folder: Path, *, off_by: timedelta = timedelta()) -> None:
        self.mall = mall
        self.clock = SetClock(mall.clock.now + off_by)
        self.desk = FollowingDesk(Elsewhere(mall, self.clock), "K1", 11, folder)
        self.desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
        self.desk.sync()
        self.member, card = a_member(mall, 1_000)
        self.desk.sync()
        self.desk.swipe(card)

    @property
    def mode(self) -> Mode:
        self.desk.link.agent.look()
        return self.desk.link.status().mode

    @property
    def trouble(self) -> str | None:
        return self.desk.link.status().trouble

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.mall.clock.advance(by)

    def mend(self) -> None:
        self.desk.wire.is_cut = False
        self.pass_time(timedelta(seconds=11))
        self.desk.sync()

    def refused(self) -> str:
        with pytest.raises(Refused) as why:
            self.desk.redeem(self.member, 1)
        return why.value.code

    def settled(self) -> None:
        self.desk.sync()
        assert self.mall.tasks() == []
        self.mall.checked()


@pytest.fixture
def counter(mall: HubMall, tmp_path: Path) -> Iterator[Counter]:
    made = Counter(mall, tmp_path)
    yield made
    made.desk.desk.close()


@pytest.mark.parametrize("off_by", [-A_DAY, A_YEAR, timedelta(minutes=-10)], ids=["a day back", "a year on", "minutes"])
def test_a_clock_that_is_set_while_cut_off_stops_redeeming_until_the_hub_confirms_it(
    counter: Counter, off_by: timedelta
) -> None:
    desk = counter.desk
    desk.cut()
    desk.redeem(counter.member, 1)
    counter.clock.jump(off_by)
    assert counter.mode is Mode.CLOCK
    assert counter.refused() == "offline.clock"
    desk.do(ReceiveStock(lines=(StockLine("CUP", 1),)))  # other work goes on, and is marked
    counter.clock.jump(-off_by)
    assert counter.mode is Mode.CLOCK, "what was in doubt stays so until somebody who knows has said"
    assert counter.refused() == "offline.clock"
    counter.mend()
    assert (counter.mode, counter.trouble) == (Mode.ONLINE, None)
    desk.cut()
    assert counter.mode is Mode.FRESH
    desk.redeem(counter.member, 1)
    counter.mend()
    assert desk.usable(counter.member) == counter.mall.usable(counter.member) == 800
    counter.settled()


def test_the_hub_finds_a_wrong_clock_that_nothing_here_could_tell(mall: HubMall, tmp_path: Path) -> None:
    counter = Counter(mall, tmp_path, off_by=timedelta(minutes=3))
    desk = counter.desk
    assert desk.desk.authority.clock_is_in_doubt()
    assert (counter.mode, counter.trouble) == (Mode.ONLINE, "hub.clock_wrong")
    desk.redeem(counter.member, 1)  # with the supervisor who confirms it
    desk.sync()
    desk.cut()
    assert counter.mode is Mode.CLOCK
    assert counter.refused() == "offline.clock"
    counter.clock.jump(timedelta(minutes=-3))
    counter.mend()
    assert (counter.mode, counter.trouble) == (Mode.ONLINE, None)
    assert not desk.desk.authority.clock_is_in_doubt()
    counter.settled()
    desk.desk.close()


def test_a_computer_that_forgot_the_time_starts_in_doubt_and_the_licence_is_no_longer_for_it(counter: Counter) -> None:
    desk, clock = counter.desk, counter.clock
    desk.cut()
    clock.reboot()
    clock.jump(datetime(2000, 1, 1, tzinfo=UTC) - clock.now)
    key, home = DeskKey(bytes(32)), desk.home
    settings = DeskSettings(mall=counter.mall.name, desk="K1", store="", hub="https://hub.test")
    link = Link(home, settings, desk.store, key, FileKeys(home.folder / "keys"), clock)
    assert link.agent.clock_is_right() is None, "this run has not heard from the hub"
    standing = link.agent.standing()
    assert standing.now_ms >= counter.mall.clock.wall_ms() - 60_000, "not before the hub last said the time"
    link.stop()
    assert counter.mode is Mode.CLOCK
    assert counter.refused() == "offline.clock"
    clock.jump(counter.mall.clock.now - clock.now)
    counter.mend()
    assert (counter.mode, counter.trouble) == (Mode.ONLINE, None)
    counter.settled()


class OffClock(SystemClock):
    def __init__(self, ahead: timedelta) -> None:
        super().__init__()
        self.ahead_ms = ahead // timedelta(milliseconds=1)

    def wall_ms(self) -> int:
        return super().wall_ms() + self.ahead_ms


@pytest.mark.parametrize("ahead", [A_YEAR, -A_DAY, timedelta(minutes=6)])
def test_a_desk_hours_off_still_talks_to_its_hub_which_says_the_time_and_signs_it(
    fresh_postgres: str, ahead: timedelta
) -> None:
    with a_hub(fresh_postgres, clock=SystemClock()) as mall:
        served = Served(mall)
        try:
            _talks(served, mall, ahead)
        finally:
            served.stop()


def _talks(served: Served, mall: HubMall, ahead: timedelta) -> None:
    made = mall.hub_desk("K1")
    clock = OffClock(ahead)

    def client(hub_key: bytes) -> HubClient:
        return HubClient(served.url, mall=mall.name, desk="K1", key=made.key, hub_key=hub_key, clock=clock, ca=None)

    head = mall.hub_store.head_of("K1")
    hello = Hello(head, None, PROGRAM, PROTOCOL, clock.wall_ms(), clock.boot(), clock.since_boot_ms(), unsent=0)
    talking = client(made.enrolled.hub_key)
    reply = talking.hello(hello)
    assert abs(reply.server_ms - SystemClock().wall_ms()) < 60_000
    assert talking.hello(hello).head == head
    clock.ahead_ms = 0  # somebody sets it
    assert talking.hello(hello).head == head
    talking.close()
    clock.ahead_ms = ahead // timedelta(milliseconds=1)
    talking = client(bytes(range(32)))
    with pytest.raises(Unavailable, match=r"hub\.stale_request"):  # said by nobody who may say it
        talking.hello(hello)
    talking.close()
