"""The talk with an ESC/POS printer: connect, ask, print, wait, prove (DEVICES.md 1.4 to 1.6).

No port and no thread: whoever owns the port asks for `outgoing`, reports what was `accepted` and `received`, calls
`tick` now and then, and makes the calls in `take_calls`. Real-time commands go out between segments only.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Protocol

from app.ports.devices import DeviceState, PrinterProbe, PrintOutcome, PrintResult
from devices.drivers.escpos_status import (
    Answer,
    AutoStatus,
    Block,
    FlowControl,
    PrinterStatus,
    QueuedAnswer,
    StatusFrame,
    StatusStream,
)
from devices.drivers.profiles import Completion, PrinterProfile

INITIALISE = bytes.fromhex("1B 40 1C 26 1D 61 0F")  # reset, kanji mode on, automatic status on
QUEUED_STATUS = bytes.fromhex("1D 72 01")
RESTART_AFTER_JAM = bytes.fromhex("10 05 01")
CLEAR_AFTER_JAM = bytes.fromhex("10 05 02")
TO_DISPLAY = "bytes to the display behind it"  # in what is told of the line
PROCESS_ID = bytes.fromhex("1D 28 48 06 00 30 30")

_HEARTBEAT_S = 5.0
_CLOSE_LOOK_S = 1.0  # how often to ask while something is wrong or a job waits
_TRIES = 2
_QUIET_S = 0.5
_PROBE_EVERY_BYTES = 256
_RESCUES = 10
_RESCUE_BYTES = 8192


@dataclass(frozen=True)
class Timing:
    """Patience, in seconds; tests are less patient."""

    answer_s: float = 1.0
    confirmation_s: float = 15.0  # at least; twice the time on the wire if that is longer
    proofless_s: float = 2.0


@dataclass(frozen=True)
class Job:
    name: str
    segments: tuple[bytes, ...]
    waiting: Callable[[str], None]
    done: Callable[[PrintResult], None]


class Passenger(Protocol):
    """What hangs behind the printer and is reached through it: a customer display (`devices.drivers.display`)."""

    def opened(self) -> None: ...
    def closed(self, cause: str) -> None: ...
    def outgoing(self) -> bytes:
        """A whole message, with what turns to the display before it and back to the printer behind it."""

    def accepted(self, count: int) -> None: ...


class _Phase(Enum):
    CLOSED = "closed"
    CONNECTING = "connecting"
    SILENT = "silent"
    IDLE = "idle"
    SYNCING = "syncing"
    PREFLIGHT = "preflight"
    HOLDING = "holding"
    SENDING = "sending"
    COMPLETING = "completing"
    PROBING = "probing"


class PrinterTalk:
    """One printer on one line. A job's end is told once, through its `done`, by whoever makes the `take_calls`.

    Before the first byte of a job's own segments was accepted, every failure is FAILED; after it only the printer's
    own proof makes it CONFIRMED, and everything else is UNCERTAIN.
    """

    def __init__(
        self,
        profile: PrinterProfile,
        *,
        baudrate: int | None = None,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.behind: Passenger | None = None
        self.profile = profile
        self.needs_reopening = False
        self._baudrate = baudrate or profile.baudrate
        self._timing = timing or Timing()
        self._clock = clock
        self._stream = StatusStream(clock=clock)
        self._calls: list[Callable[[], None]] = []
        self._log: list[str] = []

        self._phase = _Phase.CLOSED
        self._status = PrinterStatus()
        self._closed_cause: str | None = None
        self._last_answers: dict[int, int] = {}
        self._queue: deque[Job] = deque()
        self._numbers = 0

        self._out = b""
        self._out_at = 0
        self._out_is_job = False
        self._out_after: Callable[[], None] | None = None
        self._urgent: deque[bytes] = deque()

        self._to_ask: deque[int] = deque()
        self._asking: int | None = None
        self._asked_at_s = 0.0
        self._tries = 0
        self._next_look_s = 0.0
        self._wire_free_at_s = 0.0
        self._settled_by_s: float | None = None
        self._bytes_since_probe = 0

        self._has_auto_status = False
        self._rescues = 0
        self._clears_when_opened = False
        self._fence_is_stale = False
        self._sync_answered = False
        self._deadline_s = 0.0

        self._job: Job | None = None
        self._segments: deque[bytes] = deque()
        self._job_bytes = 0
        self._job_bytes_accepted = 0
        self._job_number = b"0000"
        self._waiting_cause: str | None = None
        self._was_silent = False
        self._xoff_seen = False

        self._probes: deque[Callable[[PrinterProbe], None]] = deque()
        self._probed: Completion | None = None  # what is being tried now; None: whether it answers at all

    # What the outside sees

    @property
    def state(self) -> tuple[DeviceState, str | None]:
        if self._phase is _Phase.CLOSED:
            return DeviceState.OFFLINE, self._closed_cause
        if self._phase is _Phase.SILENT or self._was_silent:
            return DeviceState.DEGRADED, "printer.silent"
        if self._status.cause is not None:
            return DeviceState.DEGRADED, self._status.cause
        if self._phase is _Phase.CONNECTING:
            return DeviceState.OPENING, None
        return DeviceState.ONLINE, None

    @property
    def noise(self) -> int:
        """Bytes received that were nobody's answer."""
        return self._stream.noise

    @property
    def is_busy(self) -> bool:
        """Is something under way that wants the loop to come back soon?"""
        waits = self._out or self._urgent or self._asking or self._to_ask
        return bool(waits or self._job or self._queue or self._probes)

    def take_calls(self) -> list[Callable[[], None]]:
        calls, self._calls = self._calls, []
        return calls

    def take_log(self) -> list[str]:
        """What was said since last asked: status bytes and job sizes, never a slip's words."""
        log, self._log = self._log, []
        return log

    # What happens to it

    def submit(self, job: Job) -> None:
        """Queue a job. While the port is closed, or a printer that should answer is silent, it FAILS at once."""
        if self._phase is _Phase.CLOSED:
            self._tell(job, PrintOutcome.FAILED, self._closed_cause or "device.unplugged")
        elif self._phase is _Phase.SILENT:
            self._tell(job, PrintOutcome.FAILED, "printer.silent")
        else:
            self._queue.append(job)
            self._advance()

    def cancel(self, name: str) -> None:
        """Give up a job by choice: FAILED if nothing of it went out, else UNCERTAIN."""
        for job in [each for each in self._queue if each.name == name]:
            self._queue.remove(job)
            self._tell(job, PrintOutcome.FAILED, "printer.cancelled")
        if self._job is not None and self._job.name == name:
            self._break_off("printer.cancelled")

    def after_jam(self, *, restart: bool) -> None:
        """The operator has freed the cutter: go on at the failed line, or clear the buffers (DEVICES.md 1.6). What was
        on its way then ends: its rest, and the proof at its end, would make it look printed."""
        if restart:
            self._urgent.append(RESTART_AFTER_JAM)
        elif self._job is None or not self._job_bytes_accepted:
            self._urgent.append(CLEAR_AFTER_JAM + INITIALISE)
        elif self._out_is_job and self._out_at:
            self._clears_when_opened = True
            self._break_off("printer.cancelled")
        else:
            self._clear_output()
            self._end(PrintOutcome.UNCERTAIN, "printer.cancelled")
            self._urgent.append(CLEAR_AFTER_JAM)
            self._connect()
        self._look_soon()

    def open_drawer(self) -> None:
        """A pulse on the drawer's pin, ahead of every job that waits: in its turn where the printer works, in real
        time where it is stopped (DEVICES.md 1.1). Lost where the port is closed; nothing says whether it opened."""
        pin = self.profile.drawer_pin == 5
        if self._phase is _Phase.IDLE and self._status.holding_cause is None:
            self._send(bytes((0x1B, 0x70, pin, 0x19, 0xFA)), log="open the drawer")
        elif self._phase is not _Phase.CLOSED:
            self._send(bytes((0x10, 0x14, 0x01, pin, 0x02)), log="open the drawer now")
        self._advance()

    def probe(self, done: Callable[[PrinterProbe], None]) -> None:
        """Find out how this printer proves that it has printed, as soon as no job is under way: the best way first
        (DEVICES.md 1.5). Nothing is printed: what a printer may take for text is cleared again. Silence is "none" only
        from a cable that is known to be write-only: any other printer may merely be switched off."""
        if self._phase is _Phase.CLOSED:
            self._calls.append(partial(done, PrinterProbe(cause=self._closed_cause or "device.unplugged")))
        else:
            self._probes.append(done)
            self._advance()

    def opened(self) -> None:
        """The port was opened: the printer may be in any state."""
        self._closed_cause = None
        self._stream.clear()
        self._status = PrinterStatus()
        self._xoff_seen = False
        self.needs_reopening = False
        self._wire_free_at_s = 0.0
        self._clear_output()
        if self._clears_when_opened:
            self._clears_when_opened = False
            self._urgent.append(CLEAR_AFTER_JAM)
        self._connect()

    def closed(self, cause: str) -> None:
        """The port is gone; whatever was under way ends."""
        self._closed_cause = cause
        self._phase = _Phase.CLOSED
        self._clear_output()
        if self._job is not None:
            self._end(self._broken_off, cause)
        while self._queue:
            self._tell(self._queue.popleft(), PrintOutcome.FAILED, cause)
        self._end_probe(PrinterProbe(cause=cause))
        self._phase = _Phase.CLOSED
        if self.behind is not None:
            self.behind.closed(cause)

    def outgoing(self) -> bytes:
        """The rest of what is being sent; nothing else may be put between its bytes."""
        if not self._out:
            self._choose_output()
        return self._out[self._out_at :]

    def accepted(self, count: int, *, exact: bool = True) -> None:
        """The port took `count` bytes of `outgoing`, or, not `exact`, at least that many."""
        if count:
            self._out_at += count
            self.in_flight(count, more=True)
            if self._out_is_job:
                self._job_bytes_accepted += count
                self._bytes_since_probe += count
                self._deadline_s = self._clock() + self._patience_s
        if not exact:
            if self._out_is_job:
                self._job_bytes_accepted += 1
            self._break_off("printer.stalled")
        elif self._out and self._out_at >= len(self._out):
            self._out, self._out_at = b"", 0
            after, self._out_after = self._out_after, None
            if after is not None:
                after()
            self._advance()

    def in_flight(self, count: int, *, more: bool = False) -> None:
        """So many accepted bytes are still on their way to the printer, or so many `more`: answers take longer."""
        now_s = self._clock()
        start_s = max(now_s, self._wire_free_at_s) if more else now_s
        self._wire_free_at_s = max(self._wire_free_at_s, start_s + count * 10 / self._baudrate)

    def received(self, data: bytes) -> None:
        for frame in self._stream.feed(data):
            self._heard(frame)
        self._advance()

    def tick(self) -> None:
        """Let time pass. To be called at least every quarter second, and when nothing was received."""
        if self._phase is _Phase.CLOSED:
            return
        for frame in self._stream.tick():
            self._heard(frame)
        now_s = self._clock()
        answer_by_s = max(self._asked_at_s, self._wire_free_at_s) + self._timing.answer_s
        if self._asking is not None and now_s >= answer_by_s and not self._out:
            self._unanswered()
        if self._settled_by_s is not None and now_s >= self._settled_by_s:
            self._back_from_silence()
        if self.profile.answers and not self._to_ask and self._asking is None and now_s >= self._next_look_s:
            self._ask(*((1, 2, 4) if self._status.offline or self._phase is _Phase.HOLDING else (1,)))
            if not self._has_auto_status:
                self._to_ask.append(4)
        self._check_deadline(now_s)
        self._advance()

    # Asking

    def _ask(self, *questions: int) -> None:
        for question in questions:
            if question != self._asking and question not in self._to_ask:
                self._to_ask.append(question)

    def _look_soon(self) -> None:
        self._next_look_s = self._clock()

    def _unanswered(self) -> None:
        question, self._asking = self._asking, None
        if self._phase in (_Phase.SENDING, _Phase.COMPLETING):
            # Its buffer may be full and the line stand still: whether questions were lost shows when it talks again.
            self._was_silent = True
            self._schedule_look(_CLOSE_LOOK_S)
            return
        self._stream.forget_asked()
        if question is not None and self._tries < _TRIES:
            self._to_ask.appendleft(question)
            return
        self._tries = 0
        self._to_ask.clear()
        self._schedule_look(_CLOSE_LOOK_S)
        if self._phase is _Phase.PROBING and not self.profile.answers:
            self._phase = _Phase.IDLE
            self._end_probe(PrinterProbe(Completion.NONE.value, answers=False, auto_status=False))
            return
        if self._job is not None:
            self._end(PrintOutcome.FAILED, "printer.silent")
        while self._queue:
            self._tell(self._queue.popleft(), PrintOutcome.FAILED, "printer.silent")
        self._status = PrinterStatus()
        self._phase = _Phase.SILENT
        self._end_probe(PrinterProbe(cause="printer.silent"))

    def _schedule_look(self, in_s: float) -> None:
        self._next_look_s = self._clock() + in_s

    # Hearing

    def _heard(self, frame: StatusFrame) -> None:
        if not isinstance(frame, Answer) or self._last_answers.get(frame.question) != frame.status:
            self._log.append(f"< {_described(frame)}")  # a heartbeat that says nothing new is not worth a line
        if isinstance(frame, Answer):
            self._last_answers[frame.question] = frame.status
        if isinstance(frame, Answer):
            self._answered(frame)
        elif isinstance(frame, AutoStatus):
            self._has_auto_status = True
            self._status = frame.status
        elif isinstance(frame, Block):
            if self._phase is _Phase.COMPLETING and frame == Block(0x37, b"\x22" + self._job_number):
                self._proved()
            elif self._probed is Completion.GS_H and frame == Block(0x37, b"\x22" + self._job_number):
                self._found(Completion.GS_H)
        elif isinstance(frame, QueuedAnswer):
            self._heard_queued_answer()
        elif isinstance(frame, FlowControl):
            self._heard_flow_control(frame)

    def _answered(self, answer: Answer) -> None:
        if answer.question == self._asking:
            self._asking = None
            self._tries = 0
        if self._phase is _Phase.SILENT:
            self._back_from_silence()
            return
        if self._was_silent:
            self._settle()
        self._status = self._status.answered(answer.question, answer.status)
        if answer.question == 1 and self._status.offline:
            self._ask(2, 4)
        if answer.question == 2 and answer.status & 0x40:
            self._ask(3)
        troubled = self._status.holding_cause is not None or self._job is not None
        self._schedule_look(_CLOSE_LOOK_S if troubled else _HEARTBEAT_S)

    def _settle(self) -> None:
        """It talks again. Answers come in order: if all of them come, the line stood still and nothing was lost."""
        if self._stream.unanswered:
            self._settled_by_s = self._clock() + self._timing.answer_s
            return
        self._settled_by_s = None
        self._was_silent = False
        self._waiting_cause = self._waiting_cause and self._status.holding_cause
        self._deadline_s = self._clock() + self._patience_s

    def _back_from_silence(self) -> None:
        """It was off: modes and buffer are lost, and with them what was still to print."""
        if self._job is not None:
            self._end(self._broken_off, "printer.power_lost")
        self._fence_is_stale = False
        self._connect()

    def _heard_queued_answer(self) -> None:
        if self._probed is Completion.GS_R:
            self._found(Completion.GS_R)
        elif self._phase is _Phase.SYNCING:
            self._sync_answered = True
            self._deadline_s = self._clock() + _QUIET_S
        elif self._phase is _Phase.COMPLETING and self.profile.completion is Completion.GS_R:
            self._proved()

    def _proved(self) -> None:
        """The job's end was reached. But a question whose answer is missing was lost on the way, and with it perhaps
        a part of the job: the printer was off for a moment."""
        if self._stream.unanswered:
            self._end(PrintOutcome.UNCERTAIN, "printer.power_lost")
            self._connect()
        else:
            self._end(PrintOutcome.CONFIRMED, None)

    def _heard_flow_control(self, frame: FlowControl) -> None:
        if frame.may_send and not self._xoff_seen and self._phase is not _Phase.CONNECTING:
            # An XON that no XOFF came before is a printer that has just been switched on.
            if self._job is not None and self._job_bytes_accepted:
                self._break_off("printer.power_lost")
                self._fence_is_stale = False
            elif self._job is None:
                self._connect()
        self._xoff_seen = not frame.may_send

    # Connecting

    def _connect(self) -> None:
        self._phase = _Phase.CONNECTING
        self._probed = None
        self._stream.forget_asked()
        self._rescues = 0
        self._has_auto_status = False
        self._to_ask.clear()
        self._asking = None
        self._tries = 0
        self._deadline_s = self._clock() + self._timing.answer_s
        self._send(INITIALISE, log="initialise")
        if self.profile.answers:
            self._ask(1, 2, 4)
        if self.behind is not None:
            self.behind.opened()  # it has its power from the printer, as a rule

    def _go_on_connecting(self) -> None:
        if not self.profile.answers:
            self._phase = _Phase.IDLE
            return
        if self._asking is not None or self._to_ask:
            return
        if self._has_auto_status or not self.profile.auto_status or self._status.offline:
            self._phase = _Phase.IDLE
        elif self._clock() >= self._deadline_s:
            if self._rescues >= _RESCUES:
                self._phase = _Phase.IDLE  # it answers, but knows no automatic status: asking must do
                return
            # It answers at once but does not obey: it may take what it gets for the rest of a picture.
            self._rescues += 1
            self._deadline_s = self._clock() + self._timing.answer_s
            filler = bytes(min(_RESCUE_BYTES, int(self._baudrate / 10 * self._timing.answer_s * 0.8)))
            self._send(filler + INITIALISE, log=f"end an interrupted command, try {self._rescues}")

    # Printing

    @property
    def _wire_s(self) -> float:
        return self._job_bytes * 10 / self._baudrate

    @property
    def _patience_s(self) -> float:
        return max(self._timing.confirmation_s, 2 * self._wire_s)

    def _advance(self) -> None:
        if self._phase is _Phase.CONNECTING and not self._out:
            self._go_on_connecting()
        if self._phase is _Phase.IDLE and self._queue and not self.needs_reopening:
            self._start(self._queue.popleft())
        elif self._phase is _Phase.IDLE and self._probes and not self.needs_reopening:
            self._begin_probe()
        elif self._phase is _Phase.SILENT and self._probes:
            self._end_probe(PrinterProbe(cause="printer.silent"))
        elif self._phase is _Phase.PROBING and self._probed is None and self._asking is None and not self._to_ask:
            self._try_best()
        if self._phase is _Phase.PREFLIGHT and self._asking is None and not self._to_ask:
            self._judge_preflight()
        elif self._phase is _Phase.HOLDING:
            if self._status.holding_cause is None:
                self._preflight()
            else:
                self._hold(self._status.holding_cause)
        elif self._phase in (_Phase.SENDING, _Phase.COMPLETING):
            self._watch_the_printer()

    def _start(self, job: Job) -> None:
        self._job = job
        self._numbers = self._numbers % 9999 + 1
        self._job_number = b"%04d" % self._numbers
        self._job_bytes = sum(map(len, job.segments))
        self._job_bytes_accepted = 0
        self._waiting_cause = None
        if not self.profile.answers:
            self._begin_sending()
        elif self._fence_is_stale and self.profile.completion is Completion.GS_R:
            self._sync()
        else:
            self._preflight()

    def _sync(self) -> None:
        """The answer to an earlier job's fence may still come: have it come before this job is sent."""
        self._phase = _Phase.SYNCING
        self._sync_answered = False
        self._deadline_s = self._clock() + 3 * self._timing.answer_s
        self._stream.forget_queued()
        self._stream.asked_queued()
        self._stream.asked_queued()
        self._send(INITIALISE + QUEUED_STATUS, log="wait for answers to earlier questions")

    def _preflight(self) -> None:
        self._phase = _Phase.PREFLIGHT
        self._ask(1, 2, 4)

    def _judge_preflight(self) -> None:
        cause = self._status.holding_cause
        if self._status.unrecoverable:
            self._end(PrintOutcome.FAILED, cause)
        elif cause is not None:
            self._phase = _Phase.HOLDING
            self._hold(cause)
        else:
            self._begin_sending()

    def _hold(self, cause: str) -> None:
        if cause != self._waiting_cause and self._job is not None:
            self._waiting_cause = cause
            self._calls.append(partial(self._job.waiting, cause))

    def _begin_sending(self) -> None:
        if self._job is None:
            return
        self._phase = _Phase.SENDING
        self._waiting_cause = None
        self._segments = deque(self._job.segments)
        self._bytes_since_probe = 0
        self._deadline_s = self._clock() + self._patience_s
        self._log.append(f"> job of {self._job_bytes} bytes in {len(self._segments)} segments")
        self._send(INITIALISE, log="initialise")

    def _watch_the_printer(self) -> None:
        """In mid-job: tell why it waits, and give it its whole time again when it goes on."""
        cause = self._status.holding_cause
        if self._was_silent:
            if self._waiting_cause is not None:
                self._hold("printer.silent")
        elif self._status.unrecoverable:
            self._break_off("printer.error")
        elif cause is not None and cause != "printer.offline":
            self._hold(cause)
        elif cause is None and self._waiting_cause is not None:
            self._waiting_cause = None
            self._deadline_s = self._clock() + self._patience_s

    def _check_deadline(self, now_s: float) -> None:
        if self._phase is _Phase.PROBING and self._probed is not None and now_s >= self._deadline_s and not self._out:
            self._tried_in_vain()
        if self._phase is _Phase.SYNCING and now_s >= self._deadline_s:
            if self._sync_answered:
                self._fence_is_stale = False
                self._stream.forget_queued()
                self._preflight()
            elif self._status.holding_cause is not None:
                self._hold(self._status.holding_cause)
                self._deadline_s = now_s + 3 * self._timing.answer_s
            else:
                self._end(PrintOutcome.FAILED, "printer.silent")
        if self._phase not in (_Phase.SENDING, _Phase.COMPLETING) or now_s < self._deadline_s:
            return
        if self._waiting_cause is not None:
            return
        if self._phase is _Phase.SENDING or self._out:
            self._break_off("printer.silent" if self._was_silent else "printer.stalled")
        elif self.profile.completion is Completion.NONE or not self.profile.answers:
            self._end(PrintOutcome.UNCERTAIN, "printer.write_only")
        elif self.profile.completion is Completion.EOT:
            self._end(PrintOutcome.UNCERTAIN, "printer.silent" if self._was_silent else "printer.no_proof")
        else:
            cause = "printer.silent" if self._was_silent else "printer.no_confirmation"
            self._end(PrintOutcome.UNCERTAIN, cause)

    @property
    def _broken_off(self) -> PrintOutcome:
        return PrintOutcome.UNCERTAIN if self._job_bytes_accepted else PrintOutcome.FAILED

    def _break_off(self, cause: str) -> None:
        """Stop in the middle. Half a command may be on its way: only a fresh connection puts that right."""
        in_the_middle = bool(self._out) or bool(self._job_bytes_accepted)
        if self._job is not None:
            self._end(self._broken_off, cause)
        if in_the_middle:
            self.needs_reopening = True

    def _end(self, outcome: PrintOutcome, cause: str | None) -> None:
        job, self._job = self._job, None
        self._segments.clear()
        self._waiting_cause = None
        if self._phase is _Phase.COMPLETING and outcome is PrintOutcome.UNCERTAIN:
            self._fence_is_stale = True
        self._stream.forget_queued()
        self._stream.forget_asked()
        self._asking = None
        self._was_silent = False
        self._settled_by_s = None
        self._phase = _Phase.IDLE
        self._schedule_look(_CLOSE_LOOK_S)
        if job is not None:
            self._tell(job, outcome, cause)

    def _tell(self, job: Job, outcome: PrintOutcome, cause: str | None) -> None:
        self._log.append(f"= {outcome.value}{f' ({cause})' if cause else ''}")
        self._calls.append(partial(job.done, PrintResult(outcome, cause)))

    # Probing

    def _begin_probe(self) -> None:
        self._phase = _Phase.PROBING
        self._probed = None
        self._ask(1, 2, 4)

    def _try_best(self) -> None:
        """It answers. A printer that holds back proves nothing, whatever it could."""
        if self._status.holding_cause is not None:
            self._phase = _Phase.IDLE
            self._end_probe(PrinterProbe(cause=self._status.holding_cause))
            return
        self._numbers = self._numbers % 9999 + 1
        self._job_number = b"%04d" % self._numbers
        self._try(Completion.GS_H, PROCESS_ID + self._job_number)

    def _try(self, completion: Completion, question: bytes) -> None:
        self._probed = completion
        self._deadline_s = self._clock() + len(question) * 10 / self._baudrate + self._timing.answer_s
        if completion is Completion.GS_R:
            self._stream.asked_queued()
        self._send(question, log=f"can it prove by {completion.value}?")

    def _tried_in_vain(self) -> None:
        if self._probed is Completion.GS_H:
            # Whoever does not know the question may have taken its end for text: it must not stand on the next slip.
            self._try(Completion.GS_R, INITIALISE + QUEUED_STATUS)
        else:
            self._stream.forget_queued()
            self._fence_is_stale = True  # it may only have been slow
            self._found(Completion.EOT)

    def _found(self, completion: Completion) -> None:
        self._probed = None
        self._phase = _Phase.IDLE
        self._end_probe(PrinterProbe(completion.value, answers=True, auto_status=self._has_auto_status))

    def _end_probe(self, probe: PrinterProbe) -> None:
        self._probed = None
        if self._probes and probe.cause is None:
            # From now on; what is stored is for the next start.
            self.profile = replace(
                self.profile,
                completion=Completion(probe.completion),
                answers=probe.answers,
                auto_status=probe.auto_status,
            )
        if self._probes:
            self._log.append(f"= {probe.cause or f'proves by {probe.completion}'}")
        while self._probes:
            self._calls.append(partial(self._probes.popleft(), probe))

    # Sending

    def _clear_output(self) -> None:
        self._out, self._out_at, self._out_is_job, self._out_after = b"", 0, False, None
        self._urgent.clear()
        self._to_ask.clear()
        self._asking = None
        self._tries = 0

    def _send(self, data: bytes, *, log: str) -> None:
        self._urgent.append(data)
        self._log.append(f"> {log}")

    def _choose_output(self) -> None:
        self._out_is_job = False
        if self._phase is _Phase.CLOSED or self.needs_reopening:
            return
        if self._urgent:
            self._out = self._urgent.popleft()
        elif self._to_ask and self._asking is None:
            self._asking = self._to_ask.popleft()
            self._tries += 1
            self._out = bytes((0x10, 0x04, self._asking))
            self._out_after = partial(self._question_sent, self._asking)
            self._asked_at_s = self._clock()
        elif (
            self._phase is _Phase.SENDING
            and not self._xoff_seen
            and not self._was_silent
            and self._status.holding_cause in (None, "printer.offline")
        ):
            if self.profile.answers and self._bytes_since_probe >= _PROBE_EVERY_BYTES:
                self._probe()
            else:
                self._next_segment()
        elif self._phase is _Phase.IDLE and not self._xoff_seen and self._status.holding_cause is None:
            self._pass_on()

    def _pass_on(self) -> None:
        """A word for the display behind the printer, while no slip is under way: what it shows is never worth one."""
        message = self.behind.outgoing() if self.behind is not None else b""
        if self.behind is not None and message:
            self._out = message
            self._out_after = partial(self.behind.accepted, len(message))
            self._log.append(f"> {len(message)} {TO_DISPLAY}")

    def _question_sent(self, question: int) -> None:
        self._stream.asked(question)
        self._asked_at_s = self._clock()

    def _probe(self) -> None:
        """Ask in passing, without waiting: an answer that never comes tells that bytes were lost (see `_proved`)."""
        self._bytes_since_probe = 0
        self._out = bytes.fromhex("10 04 01")
        self._out_after = partial(self._stream.asked, 1)

    def _next_segment(self) -> None:
        while self._segments and not self._segments[0]:
            self._segments.popleft()
        if self._segments:
            self._out = self._segments.popleft()
            self._out_is_job = True
            return
        self._phase = _Phase.COMPLETING
        self._deadline_s = self._clock() + self._patience_s
        completion = self.profile.completion if self.profile.answers else Completion.NONE
        if completion is Completion.GS_H:
            self._out = PROCESS_ID + self._job_number
        elif completion is Completion.GS_R:
            self._out = QUEUED_STATUS
            self._stream.asked_queued()
        elif completion is Completion.EOT:
            self._deadline_s = self._clock() + self._wire_s + self._timing.proofless_s
            self._ask(2, 3, 4)
        else:
            self._deadline_s = self._clock() + self._wire_s


def _described(frame: StatusFrame) -> str:
    if isinstance(frame, Answer):
        return f"DLE EOT {frame.question}: {frame.status:02X}"
    if isinstance(frame, AutoStatus):
        return f"ASB {frame.data.hex(' ').upper()}"
    if isinstance(frame, Block):
        return f"block {frame.header:02X} {frame.payload.hex(' ').upper()}"
    if isinstance(frame, QueuedAnswer):
        return f"GS r: {frame.status:02X}"
    return "XON" if frame.may_send else "XOFF"


def segments_of(parts: Sequence[bytes]) -> tuple[bytes, ...]:
    """A job's segments as the talk keeps them: copied, so that the caller's list may change."""
    return tuple(bytes(part) for part in parts)
