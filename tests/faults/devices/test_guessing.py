"""Each kind of machine is recognised over its serial line, and no question is an order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.ports.devices import Certainty, DeviceKind, Guess, GuessStep
from devices.guessing import guess
from devices.simulators.dispenser import DispenserModel
from devices.simulators.er302 import ER302Model
from devices.simulators.machines import SimulatedPrinter, SimulatedReader
from devices.simulators.msr605 import MSR605Model
from devices.simulators.pn532 import PN532Model
from devices.simulators.printer import PrinterModel
from devices.simulators.pty import PtyLine
from devices.simulators.readers import SimulatedMachine, SimulatedTagReader
from devices.simulators.scanner import GM65Model

CARD = "9900010000000019"


SOON_S = 0.05  # where nobody will answer


def found_at(link: Path, *, steps: list[GuessStep] | None = None, answer_s: float = 1.0) -> Guess:
    step = (steps if steps is not None else []).append
    return guess(str(link), step, lambda: False, settle_s=0.0, answer_s=answer_s)


@pytest.mark.parametrize(
    ("model", "driver", "baudrate", "says"),
    [
        (PN532Model, "pn532", 115200, "PN532 1.6"),
        (ER302Model, "er302", 115200, "ER302"),
        (GM65Model, "gm65", 9600, ""),
        (MSR605Model, "msr605", 9600, "REV?X1.00"),
    ],
)
def test_a_reader_that_answers_is_certain(
    tmp_path: Path, model: Callable[[], Any], driver: str, baudrate: int, says: str
) -> None:
    with closing(SimulatedMachine(tmp_path / "line", model())):
        found = found_at(tmp_path / "line", answer_s=0.3)
    assert found == Guess(Certainty.CERTAIN, DeviceKind.READER, driver, baudrate, says)


def test_a_printer_is_known_by_its_status_and_nothing_is_printed(tmp_path: Path) -> None:
    steps: list[GuessStep] = []
    with closing(SimulatedPrinter(tmp_path / "line", PrinterModel())) as printer:
        found = found_at(tmp_path / "line", steps=steps)
        assert (found.certainty, found.kind, found.says) == (Certainty.CERTAIN, DeviceKind.PRINTER, "MD-80")
        assert found.driver == ""  # the width of its paper is for a person to say
        assert printer.lines() == []
    assert [step.what for step in steps] == ["printer"]


def test_a_printer_without_paper_or_with_its_cover_open_is_a_printer_too(tmp_path: Path) -> None:
    with closing(SimulatedPrinter(tmp_path / "line", PrinterModel())) as printer:
        printer.set_paper("out")
        printer.set_cover(True)
        assert found_at(tmp_path / "line").kind is DeviceKind.PRINTER


def test_a_mute_printer_prints_nothing_of_what_it_was_asked(tmp_path: Path) -> None:
    model = PrinterModel()
    model.mute = True
    with closing(SimulatedPrinter(tmp_path / "line", model)) as printer:
        assert found_at(tmp_path / "line", answer_s=SOON_S) == Guess(Certainty.SILENT)
        assert printer.lines() == []
        assert not model.cuts
        assert not model.drawer_kicks


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_dispenser_is_only_asked_how_it_is(tmp_path: Path, is_empty: bool) -> None:
    model = DispenserModel()
    if is_empty:
        model.empty_hopper()
    before = (len(model.hopper), model.at_mouth)
    with closing(SimulatedMachine(tmp_path / "line", model)):
        assert found_at(tmp_path / "line", answer_s=0.3) == Guess(Certainty.CERTAIN, DeviceKind.DISPENSER, "", 9600)
    assert (len(model.hopper), model.at_mouth) == before


def test_a_silent_tag_reader_is_known_once_something_is_tapped(tmp_path: Path) -> None:
    steps: list[GuessStep] = []
    with closing(SimulatedTagReader(tmp_path / "line")) as reader:

        def step(now: GuessStep) -> None:
            steps.append(now)
            if now.what == "swipe":
                reader.put("4A00B1C2D3")

        found = guess(str(tmp_path / "line"), step, lambda: False, swipe_s=5, settle_s=0.0, answer_s=SOON_S)
    assert found == Guess(Certainty.LIKELY, DeviceKind.READER, "line", 9600)
    assert (steps[-1].number, steps[-1].of) == (len(steps), len(steps))


def test_a_swipe_reader_is_known_once_a_card_is_swiped_and_the_number_goes_nowhere(tmp_path: Path) -> None:
    with closing(SimulatedReader(tmp_path / "line")) as reader:

        def step(now: GuessStep) -> None:
            if now.what == "swipe":
                reader.swipe(CARD)

        found = guess(str(tmp_path / "line"), step, lambda: False, swipe_s=5, settle_s=0.0, answer_s=SOON_S)
    assert found.driver == "line"
    assert CARD[-4:] not in repr(found)


def test_a_line_on_which_nothing_speaks_is_silent_and_one_that_babbles_unknown(tmp_path: Path) -> None:
    with closing(PtyLine(tmp_path / "line", lambda _: b"")):
        assert found_at(tmp_path / "line", answer_s=SOON_S) == Guess(Certainty.SILENT)
    with closing(PtyLine(tmp_path / "line", lambda _: b"\xff\xfe!")):
        assert found_at(tmp_path / "line", answer_s=SOON_S) == Guess(Certainty.UNKNOWN)


def test_it_can_be_cancelled_between_questions(tmp_path: Path) -> None:
    steps: list[GuessStep] = []
    cancelled = threading.Event()

    def step(now: GuessStep) -> None:
        steps.append(now)
        cancelled.set()

    with closing(PtyLine(tmp_path / "line", lambda _: b"")):
        assert guess(str(tmp_path / "line"), step, cancelled.is_set, settle_s=0.0) == Guess(Certainty.SILENT)
    assert len(steps) == 1


def test_a_port_that_is_not_there_is_said_to_be_unplugged(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as no:
        found_at(tmp_path / "nothing")
    assert no.value.code == "device.unplugged"
