"""Ports by URL on real pseudo terminals: exact counts, aborts, and why one does not open (DEVICES.md 5.1, 5.2)."""

from __future__ import annotations

import fcntl
import os
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from serial.tools import list_ports, list_ports_common, list_ports_posix

from app.domain.errors import Unavailable
from devices import ports
from devices.ports import LineSettings, SerialPort, presence


class Cable:
    """A pseudo terminal: `machine` is the other end's descriptor."""

    def __init__(self) -> None:
        self.machine, self._program = os.openpty()
        tty.setraw(self.machine)
        tty.setraw(self._program)
        self.url = os.ttyname(self._program)

    def pull(self) -> None:
        for end in (self.machine, self._program):
            if end >= 0:
                os.close(end)
        self.machine = self._program = -1


@pytest.fixture
def cable() -> Iterator[Cable]:
    cable = Cable()
    yield cable
    cable.pull()


@pytest.fixture
def port(cable: Cable) -> Iterator[SerialPort]:
    port = SerialPort(LineSettings(cable.url, settle_s=0))
    port.open()
    yield port
    port.dispose()


def received(port: SerialPort, count: int) -> bytes:
    data = b""
    for _ in range(50):
        data += port.exchange(b"", 0.2).received
        if len(data) >= count:
            break
    return data


def taken(cable: Cable, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += os.read(cable.machine, 4096)
    return data


def test_bytes_go_both_ways_untouched(cable: Cable, port: SerialPort) -> None:
    every = bytes(range(256))
    os.write(cable.machine, every)
    assert received(port, 256) == every
    assert port.exchange(every, 5).accepted == 256
    assert taken(cable, 256) == every


def test_the_count_is_exact_when_the_line_takes_no_more(cable: Cable, port: SerialPort) -> None:
    block = bytes(1000)
    accepted = 0
    while (done := port.exchange(block, 0.05)).accepted:
        assert done.exact
        accepted += done.accepted
    assert accepted > 0
    assert port.counts_exactly
    assert len(taken(cable, accepted)) == accepted
    assert port.exchange(b"x", 5).accepted == 1


def test_the_count_is_exact_through_xoff_and_xon(cable: Cable) -> None:
    port = SerialPort(LineSettings(cable.url, flow="xonxoff", settle_s=0))
    port.open()
    os.write(cable.machine, b"\x13")
    port.exchange(b"", 0.1)
    assert port.exchange(b"held", 0.2).accepted == 0
    os.write(cable.machine, b"\x11")
    assert port.exchange(b"goes", 5).accepted == 4
    assert taken(cable, 4) == b"goes"
    port.dispose()


def test_waking_ends_a_wait_at_once(port: SerialPort) -> None:
    threading.Timer(0.05, port.wake).start()
    assert port.exchange(b"", 60).received == b""


def test_closing_does_not_wait_for_what_a_stalled_line_has_not_taken(port: SerialPort) -> None:
    while port.exchange(bytes(4000), 0.05).accepted:
        pass
    port.close()
    with pytest.raises(Unavailable, match=r"device\.unplugged"):
        port.exchange(b"x", 1)


def test_a_pulled_cable_is_noticed_while_reading_and_while_writing(cable: Cable, port: SerialPort) -> None:
    cable.pull()
    for outgoing in (b"", b"x"):
        with pytest.raises(Unavailable, match=r"device\.unplugged"):
            port.exchange(outgoing, 1)


def test_what_was_sent_before_opening_is_thrown_away(cable: Cable) -> None:
    os.write(cable.machine, b"boot message")
    port = SerialPort(LineSettings(cable.url, settle_s=0.05))
    port.open()
    os.write(cable.machine, b"card")
    assert received(port, 4) == b"card"
    port.dispose()


def opening(url: str) -> str:
    port = SerialPort(LineSettings(url, settle_s=0))
    try:
        port.open()
    except Unavailable as error:
        return error.code
    finally:
        port.dispose()
    return "open"


def test_a_port_that_somebody_else_has_is_busy(cable: Cable, port: SerialPort) -> None:
    assert opening(cable.url) == "device.busy"


def test_a_port_that_another_program_has_locked_is_busy(cable: Cable) -> None:
    other = os.open(cable.url, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert opening(cable.url) == "device.busy"
    os.close(other)
    assert opening(cable.url) == "open"


def test_a_port_that_is_not_there_is_unplugged(tmp_path: Path) -> None:
    assert opening(str(tmp_path / "reader")) == "device.unplugged"
    assert opening("hwgrep://0000:no-such-device") == "device.unplugged"
    assert opening("socket://127.0.0.1:1") == "device.unplugged"


def test_missing_rights_are_told_apart(cable: Cable) -> None:
    if os.geteuid() != 0:
        Path(cable.url).chmod(0)
        assert opening(cable.url) == "device.no_rights"
        return
    child = os.fork()  # root may open anything: ask as somebody who may not
    if child == 0:
        Path(cable.url).chmod(0o600)
        os.setuid(65534)
        os._exit(0 if opening(cable.url) == "device.no_rights" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("url", ["nonsense://x", "nonsense://"])
def test_an_address_that_is_none_is_called_so(url: str) -> None:
    assert opening(url) == "device.bad_url"


def test_a_file_that_is_no_port_is_a_bad_address(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a port")
    assert opening(str(tmp_path / "file")) == "device.bad_url"
    assert opening(str(tmp_path)) == "device.bad_url"


def test_a_loop_without_a_descriptor_works_too() -> None:
    port = SerialPort(LineSettings("loop://", settle_s=0))
    port.open()
    assert not port.counts_exactly
    done = port.exchange(b"echo", 1)
    assert (done.accepted, done.received or received(port, 4)) == (4, b"echo")
    threading.Timer(0.05, port.wake).start()
    assert port.exchange(b"", 60).received == b""
    port.dispose()


def test_presence_changes_with_every_new_device_under_the_same_name(tmp_path: Path) -> None:
    link = tmp_path / "reader"
    assert presence(str(link)) is None
    first, second = Cable(), Cable()
    link.symlink_to(first.url)
    before = presence(str(link))
    assert before is not None
    assert presence(str(link)) == before
    link.unlink()
    link.symlink_to(second.url)
    assert presence(str(link)) not in (None, before)
    second.pull()
    assert presence(str(link)) is None
    first.pull()


class WithoutDescriptor:
    """A port as on Windows: no descriptor to select on, and a write whose time-out says nothing about how much went."""

    is_open = True

    def __init__(self) -> None:
        self.out = bytearray()
        self.dtr = self.rts = False
        self.is_stalled = False

    in_waiting = 0

    def open(self) -> None: ...
    def close(self) -> None: ...
    def reset_input_buffer(self) -> None: ...
    def reset_output_buffer(self) -> None: ...

    def flush(self) -> None:
        raise AssertionError("flush waits for a stalled machine for ever")

    def write(self, data: bytes) -> int:
        if self.is_stalled:
            self.out += data[:3]
            raise serial.SerialTimeoutException("Write timeout")
        self.out += data
        return len(data)


def test_without_a_descriptor_a_write_that_times_out_leaves_the_count_uncertain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = WithoutDescriptor()
    monkeypatch.setattr(serial, "serial_for_url", lambda *_args, **_named: fake)
    port = SerialPort(LineSettings("COM3", settle_s=0))
    port.open()
    assert not port.counts_exactly
    assert (fake.dtr, fake.rts) == (True, True)  # before it was opened: opening with them down may reset a machine
    done = port.exchange(bytes(1000), 1)
    assert (done.accepted, done.exact) == (64, True)  # in small parts, so that a stall is noticed early
    fake.is_stalled = True
    done = port.exchange(bytes(1000), 1)
    assert (done.accepted, done.exact) == (0, False)
    port.dispose()


def test_nothing_ever_waits_for_a_line_to_drain(
    monkeypatch: pytest.MonkeyPatch, cable: Cable, port: SerialPort
) -> None:
    def waits(*_: object) -> None:
        raise AssertionError("tcdrain can block for ever (DEVICES.md 5.2)")

    monkeypatch.setattr(serial.Serial, "flush", waits)
    monkeypatch.setattr(termios, "tcdrain", waits)
    assert port.exchange(b"slip", 1).accepted == 4
    port.close()
    sources = [path for path in Path(ports.__file__).parent.rglob("*.py") if "simulators" not in path.parts]
    assert [path.name for path in sources if ".flush()" in path.read_text("utf-8")] == ["recording.py"]  # a file's


@pytest.mark.parametrize(
    ("flow", "flag"), [("none", 0), ("xonxoff", termios.IXON), ("rtscts", getattr(termios, "CRTSCTS", 0)), ("dsr", 0)]
)
def test_flow_control_is_the_kernels_where_it_has_one(cable: Cable, flow: str, flag: int) -> None:
    port = SerialPort(LineSettings(cable.url, flow=flow, settle_s=0))
    port.open()
    input_flags, _, control_flags, *_ = termios.tcgetattr(cable.machine)
    on = (input_flags & termios.IXON) | (control_flags & getattr(termios, "CRTSCTS", 0))
    assert on == flag
    port.dispose()


def test_without_modem_lines_a_printer_counts_as_ready_and_gets_small_parts(cable: Cable) -> None:
    port = SerialPort(LineSettings(cable.url, flow="dsr", settle_s=0))
    port.open()
    assert port.exchange(bytes(1000), 1).accepted == 64
    port.dispose()


@pytest.fixture
def adapter(cable: Cable, monkeypatch: pytest.MonkeyPatch) -> list_ports_common.ListPortInfo:
    """A USB adapter in the system's list whose port is the cable."""
    found = list_ports_common.ListPortInfo(cable.url)
    found.vid, found.pid, found.serial_number, found.location = 0x067B, 0x2303, "AB0123", "1-2"
    found.hwid = "USB VID:PID=067B:2303 SER=AB0123 LOCATION=1-2"
    for module in (list_ports, list_ports_posix):
        monkeypatch.setattr(module, "comports", lambda *_args, **_named: [found])
    return found


@pytest.mark.parametrize("url", ["hwgrep://067B:2303", "hwgrep://SER=AB0123"])
def test_an_adapter_is_found_by_maker_and_kind_or_by_its_serial_number(
    url: str, cable: Cable, adapter: list_ports_common.ListPortInfo
) -> None:
    assert opening(url) == "open"
    assert presence(url) == (cable.url,)
    adapter.hwid = "USB VID:PID=1A86:7523 SER=ZZ"
    assert opening(url) == "device.unplugged"
    assert presence(url) is None


def test_a_stable_name_leads_to_whatever_the_system_calls_the_port_today(cable: Cable, tmp_path: Path) -> None:
    by_id = tmp_path / "usb-Prolific_PL2303-if00-port0"
    by_id.symlink_to(cable.url)
    assert opening(str(by_id)) == "open"
