"""What goes wrong on a line (DEVICES.md 5.1), done to what a simulated machine says."""

from __future__ import annotations

import threading
import time

from devices.simulators.line import Line

LINE_FAULTS = (
    "slow",  # a byte at a time, 5 ms between
    "cut",  # a frame breaks off in the middle
    "garbage",  # noise before and behind a frame, and a byte too many inside
    "checksum",  # one bit is wrong
    "glued",  # a frame waits and comes together with the next
    "duplicate",  # a frame comes twice
    "late",  # an answer comes after whoever asked has given up
    "previous",  # the answer to the question before
    "mute",  # no answer at all
    "unplug",  # the adapter comes off in the middle of a frame, and back under the same name
)
PORT_FAULTS = (
    "busy",  # another program has the port
    "no-rights",  # this program may not open the port (a path only)
)

BYTE_GAP_S = 0.005
LATE_S = 0.8
GOES_WRONG_EVERY = 7
UNPLUGGED_S = 0.5
_NOISE = bytes.fromhex("FF 00 55 AA 1B 02 7E")


class FaultyVoice:
    """Sends on `line` what the machine says; now and then something goes wrong ("slow", "late" and "mute": each time;
    "unplug": once)."""

    def __init__(self, line: Line, fault: str | None = None) -> None:
        self.line = line
        self.set_fault(fault)
        self._lock = threading.Lock()

    def set_fault(self, fault: str | None) -> None:
        """From now on. Raises ValueError for a fault that does not exist."""
        if fault is not None and fault not in LINE_FAULTS + PORT_FAULTS:
            raise ValueError(fault)
        self.line.forbid(fault == "no-rights")
        self.line.hold(fault == "busy")
        self.fault = fault
        self._turn = 0
        self._previous = b""
        self._waiting = b""

    def say(self, data: bytes) -> None:
        if not data:
            return
        with self._lock:
            self._say(data)

    def _say(self, data: bytes) -> None:
        self._turn += 1
        previous, self._previous = self._previous, data
        if self.fault == "mute":
            return
        if self.fault == "slow":
            self.line.send(data, gap_s=BYTE_GAP_S)
            return
        if self.fault == "late":
            time.sleep(LATE_S)
        goes_wrong = self._turn in (2, 3) or self._turn % GOES_WRONG_EVERY == 0  # soon, twice in a row, and then rarely
        if not goes_wrong and self.fault != "unplug":
            self.line.send(self._waiting + data)
            self._waiting = b""
            return
        self._say_wrongly(data, previous)

    def _say_wrongly(self, data: bytes, previous: bytes) -> None:
        middle = len(data) // 2
        match self.fault:
            case "cut":
                self.line.send(data[:middle])
            case "garbage":
                self.line.send(_NOISE + data[:middle] + b"\xff" + data[middle:] + _NOISE)
            case "checksum":
                self.line.send(data[:middle] + bytes((data[middle] ^ 0x04,)) + data[middle + 1 :])
            case "glued":
                self._waiting += data
            case "duplicate":
                self.line.send(data + data)
            case "previous":
                self.line.send(previous)
            case "unplug":
                self.fault = None
                self.line.send(data[:middle])
                self.line.unplug()
                threading.Timer(UNPLUGGED_S, self.line.plug).start()
            case _:
                self.line.send(data)
