"""What `screens` starts in processes of their own. Each says what it found as one line of JSON.

Nothing is imported before it is needed: what a start costs is being measured."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLineEdit

SWIPES = 150
PATIENCE_S = 30.0
FAULT_S = 1.0
WEATHER_S = 4.0


def first_window(folder: str) -> dict[str, Any]:
    """As `memberdesk` starts, until somebody can type: sign-in is shown and nothing is left to do."""
    from app.composition.desk import open_desk  # noqa: I001 - in the order of app.cli
    from PySide6.QtCore import QTimer

    from app.composition.window import Running, application
    from app.settings import FilePreferences, Home

    home = Home(Path(folder))
    preferences = FilePreferences(home.preferences_file)
    qt = application(preferences)
    desk = open_desk(home)
    running = Running(desk, desk.settings, preferences)
    told: dict[str, Any] = {}

    def look() -> None:
        if running.jobs.is_idle and running.window.isVisible():
            told["ready_at"] = time.monotonic()
            qt.quit()

    timer = QTimer()
    timer.setInterval(1)
    timer.timeout.connect(look)
    running.start()
    running.window.show()
    timer.start()
    qt.exec()
    timer.stop()
    running.stop()
    desk.close()
    return told


def paints(folder: str, members: str) -> dict[str, Any]:
    """Milliseconds from the swipe at the reader, and from each key in the search field, until the answer is painted."""
    from app.composition.bench.ground import SEED
    from app.composition.bench.searching import TYPED
    from app.composition.desk import open_desk, roots
    from app.composition.machines import with_simulated
    from app.composition.tour import SIZE, Tour
    from app.composition.window import Running, application
    from app.demo import load, mall
    from app.domain.card import card_number
    from app.domain.errors import Refused
    from app.ports.preferences import PreferencesInMemory
    from app.settings import Home
    from devices.simulators.counter import SimulatedCounterMachines
    from ui.counter.view import CounterView
    from ui.responsiveness import GuiWatch

    preferences = PreferencesInMemory()
    qt = application(preferences)
    desk = open_desk(Home(Path(folder)))
    machines = SimulatedCounterMachines()
    running = Running(desk, with_simulated(desk.settings, machines), preferences, simulated=machines)
    running.window.resize(SIZE)
    running.start()
    running.window.show()
    running.build_screens()
    counter = running.window.findChild(CounterView)
    assert counter is not None

    def painted_after(act: Callable[[], object], is_shown: Callable[[], bool]) -> float:
        started = time.perf_counter()
        act()
        while not is_shown():
            if time.perf_counter() - started > PATIENCE_S:
                raise TimeoutError("the screen did not change")
            qt.processEvents()
            time.sleep(0.0002)
        qt.processEvents()  # what was shown is painted with the next event
        return (time.perf_counter() - started) * 1000

    def at_rest() -> None:
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until or not running.jobs.is_idle:
            qt.processEvents()
            time.sleep(0.002)

    tour = Tour(qt, running, machines, Path(folder), pictures=False, watch=GuiWatch())
    tour.arrive()
    tour.sign_in()
    chance = random.Random(SEED)  # noqa: S311 - no secret
    key = roots(desk).card_key
    swipes: list[float] = []
    while len(swipes) < SWIPES:
        index = chance.randrange(int(members))
        number, member = card_number(index + 1, mall.CARD_PREFIX, key), load.member_id(SEED, index)
        try:
            desk.queries.member_by_card(number)
        except Refused:
            continue  # one of the few without a card

        def is_their_page(member: object = member) -> bool:
            page = counter.member_view.presenter.state.page
            return page is not None and page.member == member

        if is_their_page():
            continue
        swipes.append(painted_after(partial(machines.swipe, number), is_their_page))
        at_rest()
    field = running.window.search
    keystrokes: list[float] = []
    for text in TYPED:
        field.setFocus()
        field.clear()
        counter.finding.clear()
        at_rest()
        for end, character in enumerate(text, 1):

            def is_answered(typed: str = text[:end]) -> bool:
                state = counter.finding.state
                return state.typed == typed and not state.asking

            keystrokes.append(painted_after(partial(_type, field, character), is_answered))
            at_rest()
    running.stop()
    machines.stop()
    desk.close()
    return {"swipes": swipes, "keystrokes": keystrokes}


def _type(field: QLineEdit, character: str) -> None:
    from PySide6.QtGui import QInputMethodEvent
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    if character.isascii():
        QTest.keyClicks(field, character)
        return
    event = QInputMethodEvent()  # as a Hanzi comes: it has no key of its own
    event.setCommitString(character)
    QApplication.sendEvent(field, event)


def tour(folder: str) -> dict[str, Any]:
    from tempfile import TemporaryDirectory

    from app.composition.desk import open_desk
    from app.composition.tour import play_in
    from app.settings import Home

    with TemporaryDirectory(prefix="memberdesk-bench-") as out:
        report = play_in(open_desk(Home(Path(folder))), Path(out), pictures=False)
    failed = "; ".join(f"{step.name}: {step.problem}" for step in report.steps if not step.ok)
    return {"failed": failed, "longest_block_ms": report.longest_block_ms, "resident_mib": report.resident_mib}


def faults(folder: str) -> dict[str, Any]:
    """The longest block of the GUI thread while everything that can break at reader and printer breaks, one by one,
    with a swipe and a slip in the middle of it; and during which."""
    from app.composition.desk import open_desk
    from app.composition.machines import printed_test, with_simulated
    from app.composition.tour import SIZE, Tour
    from app.composition.window import Running, application
    from app.ports.preferences import PreferencesInMemory
    from app.settings import Home
    from devices.drivers.profiles import PROFILES
    from devices.simulators.counter import SimulatedCounterMachines
    from devices.simulators.faults import LINE_FAULTS
    from devices.simulators.machines import PRINTER_FAULTS
    from ui.responsiveness import GuiWatch

    preferences = PreferencesInMemory()
    qt = application(preferences)
    desk = open_desk(Home(Path(folder)))
    machines = SimulatedCounterMachines()
    running = Running(desk, with_simulated(desk.settings, machines), preferences, simulated=machines)
    running.window.resize(SIZE)
    running.start()
    running.window.show()
    running.build_screens()
    watch = GuiWatch()
    tour = Tour(qt, running, machines, Path(folder), pictures=False, watch=watch)
    tour.arrive()
    tour.sign_in()

    def goes_on(seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            qt.processEvents()
            time.sleep(0.001)

    printer = running.machines.devices.printer
    assert printer is not None

    def print_one() -> None:
        test = partial(printed_test, printer, PROFILES["generic-80"], "zh_CN")
        running.jobs.run(test, lambda _result: None, lambda _problem: None)

    def swipe() -> None:
        """On a thread of its own: a slow or late machine takes its time there."""
        threading.Thread(target=machines.swipe, args=("9900010000000019",), daemon=True).start()

    goes_on(1.0)
    watch.start()
    for device, names in (("printer", PRINTER_FAULTS), ("reader", LINE_FAULTS)):
        machine = machines.printer if device == "printer" else machines.reader.voice
        for fault in names:
            watch.mark(f"{device}: {fault}")
            machine.set_fault(f"{fault}@200" if device == "printer" and fault not in LINE_FAULTS else fault)
            print_one()
            swipe()
            goes_on(FAULT_S)
            machine.set_fault(None)
            swipe()
            goes_on(FAULT_S / 2)
    watch.stop()
    worst = max(watch.blocks, key=lambda block: block.duration_ms, default=None)
    running.stop()
    machines.stop()
    desk.close()
    return {"longest_block_ms": watch.longest_ms, "during": worst.doing if worst is not None else ""}


def in_all_weathers(folder: str, control: str, members: str) -> dict[str, Any]:
    """The longest block of the GUI thread of a desk with a hub while the line to it is late, cut and silent, with cards
    swiped and names typed all the while; and during which."""
    from app.composition.bench.ground import SEED
    from app.composition.desk import open_desk, roots
    from app.composition.machines import with_simulated
    from app.composition.tour import SIZE, Tour
    from app.composition.weather import WEATHERS
    from app.composition.window import Running, application
    from app.demo import mall
    from app.domain.card import card_number
    from app.ports.preferences import PreferencesInMemory
    from app.settings import Home
    from devices.simulators.counter import SimulatedCounterMachines
    from ui.responsiveness import GuiWatch

    preferences = PreferencesInMemory()
    qt = application(preferences)
    desk = open_desk(Home(Path(folder)))
    machines = SimulatedCounterMachines()
    running = Running(desk, with_simulated(desk.settings, machines), preferences, simulated=machines)
    running.window.resize(SIZE)
    running.start()
    running.window.show()
    running.build_screens()
    watch = GuiWatch()
    tour = Tour(qt, running, machines, Path(folder), pictures=False, watch=watch)
    tour.arrive()
    tour.sign_in()
    chance = random.Random(SEED)  # noqa: S311 - no secret
    key = roots(desk).card_key

    def goes_on(seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            qt.processEvents()
            time.sleep(0.001)

    field = running.window.search
    goes_on(1.0)
    watch.start()
    for weather in (*WEATHERS, "fair"):
        watch.mark(weather)
        Path(control).write_text(weather, encoding="utf-8")
        until = time.perf_counter() + WEATHER_S
        while time.perf_counter() < until:
            number = card_number(chance.randrange(int(members)) + 1, mall.CARD_PREFIX, key)
            threading.Thread(target=machines.swipe, args=(number,), daemon=True).start()
            goes_on(0.4)
            field.setFocus()
            field.clear()
            for character in chance.choice(("李娜", "ouyang", "13812345678")):
                _type(field, character)
                goes_on(0.03)
            goes_on(0.4)
    watch.stop()
    worst = max(watch.blocks, key=lambda block: block.duration_ms, default=None)
    running.stop()
    machines.stop()
    desk.close()
    return {"longest_block_ms": watch.longest_ms, "during": worst.doing if worst is not None else ""}


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    commands: dict[str, Callable[..., dict[str, Any]]] = {
        "first_window": first_window,
        "paints": paints,
        "tour": tour,
        "faults": faults,
        "in_all_weathers": in_all_weathers,
    }
    found = commands[what](*words)
    print(json.dumps(found))
