"""Plays the machine's side of a transcript: waits for what the program must say, and answers as the machine did."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from devices.simulators.line import Place, line_at
from devices.transcripts import Step, Way


@dataclass(frozen=True)
class Mismatch:
    """The program said something else: at which step of the transcript, the first one being 1, and at which byte."""

    step: int
    byte: int
    expected: str
    got: str


class TranscriptPlayer:
    """The machine of `steps` at `place`; begins with `start`, so that a machine that speaks first is not unheard.

    It keeps the pauses of the transcript times `speed_of_time` (0: none). `wait` ends with the last step or the first
    mismatch; whatever the program says after the last step is let be.
    """

    def __init__(self, place: Place, steps: Sequence[Step], *, speed_of_time: float = 1.0) -> None:
        self._steps = steps
        self._speed_of_time = speed_of_time
        self._at = 0
        self._got = bytearray()
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self.mismatch: Mismatch | None = None
        self.line = line_at(place, self._received)
        self._thread = threading.Thread(target=self._play, name="transcript", daemon=True)

    @property
    def steps_done(self) -> int:
        return self._at

    def start(self) -> None:
        self._thread.start()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Was everything played as it is written? False also after `timeout_s`."""
        self._ended.wait(timeout_s)
        return self._at == len(self._steps)

    def close(self) -> None:
        self._ended.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(2)
        self.line.close()

    def _received(self, data: bytes) -> bytes:
        with self._changed:
            self._got += data
            self._changed.notify_all()
        return b""

    def _play(self) -> None:
        before_s = 0.0
        for number, step in enumerate(self._steps, 1):
            if step.way is Way.FROM_MACHINE:
                self._ended.wait(max(0.0, step.at_s - before_s) * self._speed_of_time)
                if self._ended.is_set():
                    return
                self.line.send(step.to_send())
            elif not self._heard(number, step):
                break
            self._at += 1
            before_s = step.at_s
        self._ended.set()

    def _heard(self, number: int, step: Step) -> bool:
        with self._changed:
            while not self._ended.is_set():
                got = bytes(self._got[: len(step.data)])
                if not step.agrees(got):
                    self.mismatch = _mismatch(number, step, got)
                    return False
                if len(got) == len(step.data):
                    del self._got[: len(got)]
                    return True
                self._changed.wait()
        return False


def _mismatch(number: int, step: Step, got: bytes) -> Mismatch:
    at = next(at for at, byte in enumerate(got) if not step.agrees(got[: at + 1]))
    expected = " ".join("**" if byte is None else f"{byte:02X}" for byte in step.data[at : at + 8])
    return Mismatch(number, at + 1, expected, got[at : at + 8].hex(" ").upper())
