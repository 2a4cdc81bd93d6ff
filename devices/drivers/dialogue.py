"""A conversation with a machine that answers when asked, written down as one script from its first question to its
result."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from devices.drivers.asking import Questions


@dataclass(frozen=True)
class Ask:
    """Send `question` and hear one frame, or None `wait_s` after its last byte went out. An empty question listens on.

    `forget`: what was said before the question is no part of the answer.
    """

    question: bytes
    wait_s: float
    forget: bool = True


class Cancelled(Exception):
    """Thrown into a script when a person gives up; it may still ask what it needs to leave the machine in order.

    `unheard`: nothing of the present question had gone out.
    """

    def __init__(self, unheard: bool) -> None:
        super().__init__()
        self.unheard = unheard


FrameT_co = TypeVar("FrameT_co", covariant=True)
ResultT = TypeVar("ResultT")

# What a script is sent depends on the machine it speaks with.
Script = Generator[Ask, Any, ResultT]


class Frames(Protocol[FrameT_co]):
    def feed(self, data: bytes) -> Sequence[FrameT_co]: ...
    def tick(self) -> Sequence[FrameT_co]: ...
    def clear(self) -> None: ...


class Dialogue(Generic[ResultT]):
    """Runs a script on bytes. `heard` counts the bytes that came since `start`; `result` stands once it has ended."""

    def __init__(
        self, script: Script[ResultT], frames: Frames[object], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._script = script
        self._frames = frames
        self._questions = Questions(clock=clock)
        self._question = b""
        self._forgets = True
        self._cancelled = False
        self.heard = 0
        self.result: ResultT | None = None

    def start(self) -> None:
        self._go_on(lambda: next(self._script))

    @property
    def outgoing(self) -> bytes:
        return self._questions.outgoing

    def accepted(self, count: int) -> None:
        self._questions.accepted(count)

    def lost_count(self) -> None:
        """Nobody knows how much of the question went out: as if it had not been answered."""
        self._questions.clear()
        self._answer(None)

    def feed(self, data: bytes) -> None:
        self.heard += len(data)
        self._take(self._frames.feed(data))

    def tick(self) -> None:
        self._take(self._frames.tick())
        if self.result is None and self._questions.is_overdue:
            self._answer(None)

    def cancel(self) -> None:
        if self.result is None and not self._cancelled:
            self._cancelled = True
            unheard = bool(self._question) and self._questions.outgoing == self._question
            self._questions.clear()
            self._go_on(lambda: self._script.throw(Cancelled(unheard)))

    def _take(self, frames: Sequence[object]) -> None:
        for frame in frames:
            if self.result is not None or (self._forgets and self._questions.outgoing):
                return  # said before the present question was heard
            self._answer(frame)

    def _answer(self, frame: object) -> None:
        self._go_on(lambda: self._script.send(frame))

    def _go_on(self, step: Callable[[], Ask]) -> None:
        try:
            asks = step()
        except StopIteration as ended:
            self._questions.clear()
            self.result = ended.value
            return
        self._question, self._forgets = asks.question, asks.forget
        if asks.question and asks.forget:
            self._frames.clear()
        self._questions.ask(asks.question, asks.wait_s)
