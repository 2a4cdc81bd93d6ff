"""Other ports while the desk works: on real threads and real serial lines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from pytestqt.qtbot import QtBot

from app.composition.machine_list import machines_of
from app.composition.machines import Machines, settings_of_devices, with_simulated
from app.composition.printer_kinds import printer_in_use
from app.domain.errors import Refused, Unavailable
from app.operations.base import Operation
from app.operations.change_machines import ChangeMachines
from app.ports.authority import Answer, Requirements, Submission
from app.ports.devices import (
    CardSeen,
    DeviceEvent,
    DeviceHealth,
    DeviceKind,
    DeviceState,
    Machine,
    PrinterProbe,
    UnreadableSeen,
)
from app.settings import DeskSettings
from devices import listing
from devices.drivers.profiles import Completion
from devices.simulators.counter import SimulatedCounterMachines

CARD = "9900000000000019"


class NoSlips:
    """A spool's store in which nothing waits."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_kwargs: ()


@pytest.fixture
def before(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    folder = tmp_path / "before"
    folder.mkdir()
    machines = SimulatedCounterMachines(folder)
    yield machines
    machines.stop()


@pytest.fixture
def after(tmp_path: Path) -> Iterator[SimulatedCounterMachines]:
    folder = tmp_path / "after"
    folder.mkdir()
    machines = SimulatedCounterMachines(folder)
    yield machines
    machines.stop()


class Heard:
    """What a listener that was there from the start hears."""

    def __init__(self, machines: Machines) -> None:
        self.events: Queue[DeviceEvent] = Queue()
        machines.devices.listen(self.events.put)

    def until(self, wanted: Any) -> DeviceEvent:
        while True:
            event = self.events.get(timeout=20)
            if wanted(event):
                return event


def online(kind: DeviceKind, url: str) -> Any:
    return lambda event: (
        isinstance(event, DeviceHealth)
        and event.kind is kind
        and event.state is DeviceState.ONLINE
        and event.url == url
    )


@pytest.fixture
def kept() -> list[DeskSettings]:
    return []


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def machines(before: SimulatedCounterMachines, kept: list[DeskSettings], log: Log) -> Iterator[Machines]:
    desk: Any = SimpleNamespace(
        zone="Asia/Shanghai", spool=NoSlips(), slips=NoSlips(), queries=NoSlips(), authority=log
    )
    made = Machines(
        desk,
        with_simulated(DeskSettings(store=""), before),
        language=lambda: "zh_CN",
        report=lambda problem: pytest.fail(repr(problem)),
        keep=kept.append,
    )
    yield made
    made.devices.stop()


class Log:
    """An authority that lets administrators through; `fails` is raised when it is to write."""

    def __init__(self) -> None:
        self.written: list[Operation] = []
        self.right: bool = True
        self.fails: Exception | None = None

    def requirements(self, submission: Submission) -> Requirements:
        if not self.right:
            raise Refused("staff.no_right", right="desks", role="clerk")
        return Requirements(None, False)

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        self.requirements(submission)
        if self.fails is not None:
            raise self.fails
        self.written += submission.operations
        return ()


SESSION = uuid4()


def test_listeners_hear_the_new_reader_and_the_choice_is_kept(
    machines: Machines,
    log: Log,
    before: SimulatedCounterMachines,
    after: SimulatedCounterMachines,
    kept: list[DeskSettings],
) -> None:
    heard = Heard(machines)
    machines.devices.start()
    heard.until(online(DeviceKind.READER, before.reader_url))
    machines.spool.wake = lambda: None  # type: ignore[method-assign] # its thread is not part of this
    reader, *_others = machines.current()
    machines.apply((replace(reader, url=after.reader_url),), SESSION)
    gone = heard.until(lambda event: isinstance(event, DeviceHealth) and event.state is DeviceState.DISABLED)
    assert isinstance(gone, DeviceHealth)
    assert gone.kind is DeviceKind.PRINTER
    heard.until(online(DeviceKind.READER, after.reader_url))
    after.swipe(CARD)
    seen = heard.until(lambda event: not isinstance(event, DeviceHealth))
    assert isinstance(seen, CardSeen | UnreadableSeen)
    assert [settings.reader_url for settings in kept] == [after.reader_url]
    assert machines.devices.printer is None
    assert machines.trial("printer", "zh_CN").code == "device.switched_off"
    (written,) = log.written
    assert isinstance(written, ChangeMachines)
    assert written.before == ("reader", "printer", "encoder", "dispenser", "display")


def test_several_readers_of_any_kind_and_one_that_is_switched_off_survive_the_settings(machines: Machines) -> None:
    machines.spool.wake = lambda: None  # type: ignore[method-assign] # its thread is not part of this
    wanted = (
        Machine("reader", DeviceKind.READER, "/dev/ttyUSB7", "pn532", 115200),
        Machine("reader-2", DeviceKind.READER, "socket://10.0.0.7:4000", "gm65", 0, True, "~", "#"),
        Machine("reader-3", DeviceKind.READER, "/dev/ttyUSB7", "line", enabled=False),
        Machine("keyboard", DeviceKind.READER, "", "keyboard", scan_prefix="F12"),
        Machine("printer", DeviceKind.PRINTER, "/dev/ttyUSB8", "generic-58", 19200),
        Machine("encoder", DeviceKind.ENCODER, "/dev/ttyUSB9", "msr605"),
        Machine("dispenser", DeviceKind.DISPENSER, "/dev/ttyUSB10", "crt-531", enabled=False),
        Machine("display", DeviceKind.DISPLAY, "COM3" if os.name == "nt" else "/dev/ttyS1", "led8", 2400),
    )
    machines.apply(wanted, SESSION)
    assert machines.current() == wanted
    settings = DeskSettings.model_validate_json(machines._settings.model_dump_json())
    assert machines_of(settings) == wanted
    assert [(each.name, each.enabled) for each in settings_of_devices(settings)] == [
        ("reader", True), ("reader-2", True), ("reader-3", False), ("keyboard", True), ("printer", True),
        ("encoder", True), ("dispenser", False), ("display", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "/dev/ttyUSB8"}, "device.same_port"),
        ({"url": "ttyUSB0"}, "device.bad_url"),
        ({"url": "gopher://somewhere"}, "device.bad_url"),
        ({"url": ""}, "device.port_missing"),
        ({"driver": "crystal-ball"}, "device.driver_unknown"),
        ({"name": "Printer"}, "device.name_twice"),
        ({"name": ""}, "text.missing"),
        ({"kind": DeviceKind.PRINTER, "driver": "generic-80"}, "device.one_of_a_kind"),
    ],
)
def test_a_list_that_cannot_be_is_refused_and_nothing_changes(
    machines: Machines, log: Log, kept: list[DeskSettings], change: dict[str, Any], code: str
) -> None:
    known = machines.current()
    reader = Machine("reader-2", DeviceKind.READER, "/dev/ttyUSB9", "line")
    printer = Machine("printer", DeviceKind.PRINTER, "/dev/ttyUSB8", "generic-80")
    with pytest.raises(Refused) as no:
        machines.apply((replace(reader, **change), printer), SESSION)
    assert no.value.code == code
    assert (machines.current(), kept, log.written) == (known, [], [])


def test_a_display_behind_the_printer_shares_its_port_and_no_other_machine_does(machines: Machines) -> None:
    printer = Machine("printer", DeviceKind.PRINTER, "/dev/ttyUSB8", "generic-80")
    display = Machine("display", DeviceKind.DISPLAY, "/dev/ttyUSB8", "cd5220-behind-printer")
    with pytest.raises(Refused) as no:
        machines.apply((printer, replace(display, driver="cd5220")), SESSION)
    assert no.value.code == "device.same_port"
    with pytest.raises(Refused) as no:
        machines.apply((replace(printer, name="reader", kind=DeviceKind.READER, driver="line"), display), SESSION)
    assert no.value.code == "device.same_port"
    machines.apply((printer, display), SESSION)
    assert machines.current() == (printer, display)


def test_one_port_under_two_names_is_one_port(machines: Machines, tmp_path: Path) -> None:
    (tmp_path / "port").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "port")
    one = Machine("reader", DeviceKind.READER, str(tmp_path / "port"), "line")
    with pytest.raises(Refused) as no:
        machines.apply((one, replace(one, name="reader-2", url=str(tmp_path / "by-id"))), SESSION)
    assert no.value.code == "device.same_port"


def test_whoever_may_not_change_machines_does_not_even_touch_the_file(
    machines: Machines, log: Log, kept: list[DeskSettings]
) -> None:
    log.right = False
    with pytest.raises(Refused) as no:
        machines.apply((), SESSION)
    assert no.value.code == "staff.no_right"
    assert kept == []


def test_what_cannot_be_written_down_is_taken_back(machines: Machines, log: Log, kept: list[DeskSettings]) -> None:
    known = machines.current()
    log.fails = Unavailable("store.full")
    with pytest.raises(Unavailable):
        machines.apply((), SESSION)
    assert machines.current() == known
    assert machines_of(kept[-1]) == known


def test_a_choice_that_cannot_be_kept_changes_nothing(machines: Machines, log: Log) -> None:
    def full(_settings: DeskSettings) -> None:
        raise OSError(28, "No space left on device")

    machines._keep = full
    known = machines.current()
    with pytest.raises(Unavailable) as no:
        machines.apply(known[:1], SESSION)
    assert no.value.code == "settings.not_kept"
    assert (machines.current(), log.written) == (known, [])


def test_a_port_that_the_desk_itself_uses_is_not_asked_what_it_is(machines: Machines) -> None:
    with pytest.raises(Refused) as no:
        machines.guess(machines.current()[0].url, lambda _: None, lambda: False)
    assert no.value.code == "device.port_in_use"


def test_the_ports_of_the_system_have_names_that_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    for name in ("ttyUSB0", "ttyUSB1", "ttyUSB2"):
        (tmp_path / name).touch()
    (by_id / "usb-1a86_USB_Serial").symlink_to(tmp_path / "ttyUSB0")

    def ports() -> list[SimpleNamespace]:
        return [
            SimpleNamespace(device=str(tmp_path / name), description=words, serial_number=serial, vid=vid, pid=pid)
            for name, words, serial, vid, pid in (
                ("ttyUSB2", "n/a", None, None, None),
                ("ttyUSB1", "POS58", "A50285BI", 0x1A86, 0x7523),
                ("ttyUSB0", "USB Serial", None, 0x1A86, 0x7523),
            )
        ]

    monkeypatch.setattr(listing, "BY_ID", by_id)
    monkeypatch.setattr("serial.tools.list_ports.comports", ports)
    found = listing.known_ports({str(tmp_path / "ttyUSB0"): "reader"})
    assert [(port.url, port.used_by, port.usb_id, port.forbidden) for port in found] == [
        (str(by_id / "usb-1a86_USB_Serial"), "reader", "1A86:7523", False),
        ("hwgrep://SER=A50285BI", "", "1A86:7523", False),
        (str(tmp_path / "ttyUSB2"), "", "", False),
    ]
    assert found[2].description == ""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells")
def test_a_port_that_another_program_holds_names_the_program(tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    with (
        port.open("w") as held,
        subprocess.Popen(["/bin/sh", "-c", "read line"], stdin=subprocess.PIPE, stdout=held) as other,
    ):
        assert list(listing._programs_with(str(port))) == ["sh"]
        other.communicate(b"\n")
    assert list(listing._programs_with(str(port))) == []


def printer_is(machines: Machines, state: DeviceState) -> bool:
    return any(each.kind is DeviceKind.PRINTER and each.state is state for each in machines.devices.health())


def test_the_first_test_print_finds_the_best_proof_and_keeps_it_for_this_port(
    machines: Machines, before: SimulatedCounterMachines, kept: list[DeskSettings], qtbot: QtBot
) -> None:
    machines.devices.start()
    qtbot.waitUntil(lambda: printer_is(machines, DeviceState.ONLINE), timeout=20_000)
    assert machines.probed() is None
    assert machines.trial("printer", "zh_CN").code == "setup.printed"
    found = machines.probed()
    assert found == PrinterProbe("gs_h", answers=True, auto_status=True)
    stored = DeskSettings.model_validate_json(kept[-1].model_dump_json())
    assert printer_in_use(stored).completion is Completion.GS_H
    assert printer_in_use(stored.model_copy(update={"printer_url": "/dev/elsewhere"})).completion is Completion.GS_R
    assert printer_in_use(stored.model_copy(update={"printer_profile": "generic-58"})).completion is Completion.GS_R
    assert len(kept) == 1
    assert machines.trial("printer", "en").code == "setup.printed"
    assert len(kept) == 1  # what is known is not asked again
    before.set_paper("out")
    qtbot.waitUntil(lambda: printer_is(machines, DeviceState.DEGRADED), timeout=20_000)
    assert machines.probe().cause == "printer.paper_end"
    assert machines.probed() == found
    assert "￥1,234.50".encode("gbk") in before.printed_bytes()
    assert "一二三四五六七八九十".encode("gbk") in before.printed_bytes()


def test_a_kind_of_ones_own_is_kept_under_its_name_and_used(
    machines: Machines, kept: list[DeskSettings], log: Log
) -> None:
    machines.spool.wake = lambda: None  # type: ignore[method-assign] # its thread is not part of this
    kind = machines.printer_kind()
    machines.keep_printer_kind(replace(kind, name=" 二楼 80 ", columns=42, dots=512, cut="partial"), SESSION)
    assert machines.printer_kind() == replace(kind, name="二楼 80", columns=42, dots=512, cut="partial")
    assert "二楼 80" in machines.drivers()[DeviceKind.PRINTER]
    assert machines.current()[1].driver == "二楼 80"
    machines.keep_printer_kind(replace(machines.printer_kind(), drawer_pin=5), SESSION)
    stored = DeskSettings.model_validate_json(kept[-1].model_dump_json())
    (own,) = stored.printer_kinds
    assert own.based_on == "generic-80"
    assert own.changes == {"columns": 42, "dots": 512, "cut": "partial", "drawer_pin": 5}
    assert printer_in_use(stored).columns == 42
    assert [operation.verb for operation in log.written] == ["change_machines", "change_machines"]


def test_a_kind_that_cannot_be_or_is_shipped_changes_nothing(
    machines: Machines, kept: list[DeskSettings], log: Log
) -> None:
    kind = machines.printer_kind()
    for wrong, code in (
        (replace(kind, columns=42), "printer.profile_shipped"),
        (replace(kind, name="x", dots=100), "printer.profile_wrong"),
        (replace(kind, name=" "), "text.missing"),
    ):
        with pytest.raises(Refused, match=code):
            machines.keep_printer_kind(wrong, SESSION)
    log.right = False
    with pytest.raises(Refused, match=r"staff\.no_right"):
        machines.keep_printer_kind(replace(kind, name="x"), SESSION)
    assert kept == []
    assert machines.printer_kind() == kind


def test_a_wrong_kind_in_the_settings_file_is_named() -> None:
    own = {"name": "x", "based_on": "generic-80", "changes": {"columns": 100}}
    settings = DeskSettings.model_validate({"store": "", "printer_kinds": [own]})
    with pytest.raises(Unavailable) as unavailable:
        printer_in_use(settings)
    assert unavailable.value.facts["field"] == "printer_kinds: x: columns"
