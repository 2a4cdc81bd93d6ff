"""The simulated machines as programs of their own: what `memberdesk simulate` runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import Refused
from app.ports.devices import CardSeen, DeviceEvent, DeviceHealth, DeviceKind, DeviceState, PrintOutcome, PrintResult
from devices.drivers.dispenser import DISPENSERS
from devices.drivers.display import DISPLAYS
from devices.simulators.commands import KINDS, faults_of, simulate
from devices.simulators.network import Listen
from devices.supervisor import DeskDevices, DeviceSettings

PATIENT_S = 20.0
ROOT = Path(__file__).resolve().parents[3]


class Simulation:
    """A simulator in a process of its own, spoken to on its standard input."""

    def __init__(self, kind: str, link: Path, extra: str = "") -> None:
        program = (
            "import sys; from pathlib import Path; from devices.simulators import commands; "
            f"commands.simulate('{kind}', Path(sys.argv[1]), sys.stdin, sys.stdout{extra})"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(link)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        self.until(str(link))

    def says(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def until(self, wanted: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if wanted in line:
                return
        raise AssertionError(wanted)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENT_S)


class Waiter:
    def __init__(self) -> None:
        self.events: list[DeviceEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: DeviceEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeviceEvent], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: any(wanted(event) for event in self.events), PATIENT_S), self.events


def is_online(event: DeviceEvent) -> bool:
    return isinstance(event, DeviceHealth) and event.state is DeviceState.ONLINE


def reports_nothing(error: BaseException) -> None:
    raise AssertionError from error


def test_a_reader_in_another_process_swipes_scans_and_leaves_no_link_behind(tmp_path: Path) -> None:
    link = tmp_path / "reader"
    simulation = Simulation("reader", link)
    devices = DeskDevices([DeviceSettings("reader", DeviceKind.READER, str(link), settle_s=0)], report=reports_nothing)
    heard = Waiter()
    devices.listen(heard)
    devices.start()
    heard.until(is_online)
    for line in ("9900010000000019 0012345", "scan 优惠券", "tap 4A00B1C2D3", "?", "raw zz"):
        simulation.says(line)
    heard.until(lambda event: event == CardSeen("9900010000000019", card_code="0012345"))
    heard.until(lambda event: event == CardSeen("优惠券", entry="scan"))
    heard.until(lambda event: event == CardSeen("4A00B1C2D3", entry="tap"))
    devices.stop()
    simulation.end()
    assert not link.is_symlink()


def test_a_printer_in_another_process_starts_without_paper_and_prints_when_it_gets_some(tmp_path: Path) -> None:
    link = tmp_path / "printer"
    simulation = Simulation("printer", link, ", fault='paper'")
    settings = DeviceSettings("printer", DeviceKind.PRINTER, str(link), settle_s=0)
    devices = DeskDevices([settings], report=reports_nothing)
    devices.start()
    assert devices.printer is not None
    waits, done = threading.Event(), threading.Event()
    results: list[PrintResult] = []

    def ended(result: PrintResult) -> None:
        results.append(result)
        done.set()

    devices.printer.submit("slip", ["会员\n".encode("gb18030")], waiting=lambda _: waits.set(), done=ended)
    assert waits.wait(PATIENT_S)
    simulation.says("paper ok")
    simulation.until("会员")
    assert done.wait(PATIENT_S)
    assert results == [PrintResult(PrintOutcome.CONFIRMED)]
    devices.stop()
    simulation.end()
    assert not link.is_symlink()


@pytest.mark.parametrize("kind", ["printer", "msr605", "cd-720m", "led8"])
def test_every_fault_that_is_offered_exists_and_can_be_mended(kind: str, tmp_path: Path) -> None:
    commands, output = (tmp_path / "commands"), (tmp_path / "output")
    faults = [fault for fault in faults_of(kind) if fault != "xoff"]  # ten seconds
    told = "\n".join(f"fault {fault}\nfault none" for fault in faults)
    commands.write_text(f"{told}\nfault {faults[0]}@9\nfault flood\nnonsense\nquit\n")
    for fault in faults:
        with commands.open() as read, output.open("w") as write:
            assert simulate(kind, tmp_path / "machine", read, write, fault=fault) == 0
    said = [line for line in output.read_text().splitlines() if line.startswith("? ")]
    assert said[-2:] == ["? fault flood: flood", "? nonsense: nonsense"]
    assert len(said) == (2 if kind == "printer" else 3)  # only a printer's faults come at a byte


def test_a_kind_or_a_fault_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w+") as both:
        for kind, fault, code in (
            ("abacus", None, "simulate.unknown_kind"),
            ("printer", "flood", "simulate.unknown_fault"),
            ("pn532", "paper", "simulate.unknown_fault"),
        ):
            with pytest.raises(Refused) as refused:
                simulate(kind, tmp_path / "machine", both, both, fault=fault)
            assert refused.value.code == code


COMMANDS = {
    "reader": "9900010000000019 0012345\nscan 优惠券\ntap 4A00B1C2D3\n%B1^A^2?",
    "printer": "paper out\npaper ok\ncover open\ncover closed\ncutter jam\ncutter free\nerror on\nerror off\n"
    "mute on\nmute off\nstall on\nstall off\npower cycle\nbaud 9600\nbaud 0\nshow",
    "msr605": "card 9900010000000019 0012345\nshow\nlo-co\nhi-co\nswipe\nblank\ntracks |;12345?|\nshow",
    "gm65": "scan 优惠券\npower",
    "rdm6300": "tag 4A00B1C2D3\naway",
    "id-12la": "tag 4A00B1C2D3\naway",
    **dict.fromkeys(DISPENSERS, "show\ntake\nfill 3\npower\nfault jam\nfault none\nshow"),
    **dict.fromkeys(DISPLAYS, "show\npower"),
}


@pytest.mark.parametrize("place", ["link", "rfc2217", "socket"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_machine_that_is_offered_obeys_its_commands_wherever_it_is(kind: str, place: str, tmp_path: Path) -> None:
    said = COMMANDS.get(kind, "tag 11649747" if kind.startswith("wiegand") else "card 04A1B2C3 worn\nshow\naway\npower")
    commands, output = (tmp_path / "commands"), (tmp_path / "output")
    fault = faults_of(kind)[0]
    commands.write_text(f"{said}\nraw 1B79\nline\nfault {fault}\nfault none\nunplug\nplug\nraw zz\nfault flood\nquit\n")
    at = tmp_path / "machine" if place == "link" else Listen("127.0.0.1", 0, place == "rfc2217")
    with commands.open() as read, output.open("w") as write:
        assert simulate(kind, at, read, write, fault=fault) == 0
    answers = [line for line in output.read_text().splitlines() if line.startswith("? ")]
    assert [answer.partition(":")[0] for answer in answers] == ["? raw zz", "? fault flood"]
    if kind == "msr605":
        assert ";9900010000000019=30121010012345? | -" in output.read_text()
        assert "- | ;12345? | -" in output.read_text()
    assert not (tmp_path / "machine").is_symlink()
