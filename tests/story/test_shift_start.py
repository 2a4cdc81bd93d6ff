"""A shift begins: the self-test over simulated machines on real serial lines, with what is wrong named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from app.composition.desk import Desk, back_up, set_up
from app.composition.machines import Machines, with_simulated
from app.composition.self_test import DeskSelfTest
from app.domain.self_test import Check
from app.ports.devices import DeviceHealth, DeviceKind, DeviceState
from app.ports.first_start import FirstStartAnswers
from app.ports.self_test import SelfTestStep
from app.settings import Home
from devices.simulators.counter import SimulatedCounterMachines
from tests.support.mall import CHEAP_PINS

CARD = "9900010000000019"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    answers = FirstStartAnswers("海棠广场", "1 号服务台", 1, "9001", "周敏", "924680")
    made = set_up(Home(tmp_path / "home"), answers, keys_kind="file", pins=CHEAP_PINS)
    yield made
    made.close()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    (tmp_path / "lines").mkdir()
    made = SimulatedCounterMachines(tmp_path / "lines")
    yield made
    made.stop()


@pytest.fixture
def health() -> Queue[DeviceHealth]:
    return Queue()


@pytest.fixture
def machines(desk: Desk, counter: SimulatedCounterMachines, health: Queue[DeviceHealth]) -> Iterator[Machines]:
    made = Machines(
        desk,
        with_simulated(desk.settings, counter),
        language=lambda: "zh_CN",
        report=lambda problem: pytest.fail(repr(problem)),
    )
    made.devices.listen(lambda event: health.put(event) if isinstance(event, DeviceHealth) else None)
    made.start()
    waiting = {each.name for each in made.current()}
    while waiting:
        event = health.get(timeout=20)
        if event.state is DeviceState.ONLINE:
            waiting.discard(event.name)
    yield made
    made.stop()


def checked(desk: Desk, machines: Machines, step: Callable[[SelfTestStep], None]) -> dict[str, Check]:
    test = DeskSelfTest(desk, machines, swipe_s=20)
    checks = test.run("zh_CN", step, lambda: False, lambda: False)
    return {check.name or check.what: check for check in checks}


def test_a_counter_that_is_well_is_told_so_line_by_line(
    desk: Desk, machines: Machines, counter: SimulatedCounterMachines
) -> None:
    back_up(desk.home)
    steps: list[SelfTestStep] = []

    def step(now: SelfTestStep) -> None:
        steps.append(now)
        if now.swipe:
            counter.swipe(CARD)

    found = checked(desk, machines, step)
    assert {name: check.code for name, check in found.items() if check.outcome == "bad"} == {}
    assert found["store"].code == "self_test.store_well"
    assert found["backup"].facts == {"hours": 1}
    assert found["clock"].outcome == "good"
    assert found["reader"].code == "self_test.card_read"
    assert found["printer"].code == "setup.printed"
    assert found["display"].code == "device.look_at_display"
    assert found["encoder"].outcome == found["dispenser"].outcome == "good"
    assert counter.printer.lines()
    assert [step.number for step in steps if not step.swipe] == list(range(1, len(found) + 1))
    assert CARD[-4:] not in repr(found)


def test_what_is_wrong_is_named_and_the_rest_is_tested_all_the_same(
    desk: Desk, machines: Machines, counter: SimulatedCounterMachines, health: Queue[DeviceHealth]
) -> None:
    counter.set_paper("out")
    counter.set_plugged(DeviceKind.READER, False)
    wanted = {("reader", DeviceState.OFFLINE), ("printer", DeviceState.DEGRADED)}
    while wanted:
        event = health.get(timeout=20)
        wanted.discard((event.name, event.state))
    found = checked(desk, machines, lambda _step: None)
    assert (found["reader"].outcome, found["reader"].code) == ("bad", "device.unplugged")
    assert (found["printer"].outcome, found["printer"].code) == ("bad", "printer.paper_end")
    assert found["backup"].code == "self_test.no_backup"
    assert found["dispenser"].outcome == "good"
    assert counter.printer.lines() == []
    counter.set_plugged(DeviceKind.READER, True)
    while (event := health.get(timeout=20)).name != "reader" or event.state is not DeviceState.ONLINE:
        pass
    assert event.reconnects == 1


def test_without_a_card_at_hand_the_reader_is_passed_over(desk: Desk, machines: Machines) -> None:
    checks = DeskSelfTest(desk, machines).run("zh_CN", lambda _step: None, lambda: True, lambda: False)
    (reader,) = [check for check in checks if check.what == "reader"]
    assert (reader.outcome, reader.code) == ("doubtful", "self_test.not_swiped")


def test_a_cancelled_one_stops_at_once(desk: Desk, machines: Machines) -> None:
    assert DeskSelfTest(desk, machines).run("zh_CN", lambda _step: None, lambda: False, lambda: True) == ()
