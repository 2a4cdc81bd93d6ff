"""Listens in on a machine's line: between the program and its port, or alone with a machine that speaks by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TextIO

from devices.ports import LineSettings, SerialPort
from devices.simulators.line import Place, line_at
from devices.transcripts import Step, Way, lines_of, masked, write_header

SILENCE_S = 0.03
"""Bytes with less than this between them are one step: a frame, as far as the line tells."""


class Recorder:
    """Writes each step as soon as the line turns or falls silent. Not to be called from two threads at once."""

    def __init__(self, out: TextIO, *, raw: bool, seconds: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._raw = raw
        self._seconds = seconds
        self._began_s = seconds()
        self._way: Way | None = None
        self._data = bytearray()
        self._at_s = 0.0
        self._last_s = 0.0
        self.steps = 0

    def heard(self, way: Way, data: bytes) -> None:
        now_s = self._seconds() - self._began_s
        if self._data and (way is not self._way or now_s - self._last_s >= SILENCE_S):
            self.finish()
        if not self._data:
            self._way, self._at_s = way, now_s
        self._data += data
        self._last_s = now_s

    def silence(self) -> None:
        if self._data and self._seconds() - self._began_s - self._last_s >= SILENCE_S:
            self.finish()

    def finish(self) -> None:
        if not self._data or self._way is None:
            return
        data = tuple(self._data) if self._raw else masked(bytes(self._data))
        for line in lines_of(Step(self._at_s, self._way, data)):
            self._out.write(line.rstrip() + "\n")
        self._out.flush()
        self._data.clear()
        self.steps += 1


def record(
    settings: LineSettings,
    place: Place | None,
    out: TextIO,
    *,
    raw: bool,
    ended: threading.Event,
    there: Callable[[str], None] = lambda _: None,
) -> int:
    """Carry bytes between the port of `settings` and whoever opens `place` until `ended` is set, and write them down.
    Returns the number of steps; `there` is told the address that the program may open. Without a place only the machine
    is heard. Raises Unavailable as the port does."""
    write_header(out, settings.url, settings.baudrate)
    recorder = Recorder(out, raw=raw)
    port = SerialPort(settings)
    port.open()
    lock = threading.Lock()
    asked = bytearray()

    def received(data: bytes) -> bytes:
        with lock:
            asked.extend(data)
        port.wake()
        return b""

    line = line_at(place, received) if place is not None else None
    there(line.address if line is not None else settings.url)
    try:
        while not ended.is_set():
            with lock:
                outgoing = bytes(asked)
            done = port.exchange(outgoing, SILENCE_S)
            if done.accepted:
                with lock:
                    del asked[: done.accepted]
                recorder.heard(Way.TO_MACHINE, outgoing[: done.accepted])
            if done.received:
                recorder.heard(Way.FROM_MACHINE, done.received)
                if line is not None:
                    line.send(done.received)
            recorder.silence()
    finally:
        recorder.finish()
        if line is not None:
            line.close()
        port.dispose()
    return recorder.steps
