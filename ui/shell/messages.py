"""The one place that tells people something. Screens say it here; the window shows it; tests look at `shown`."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.errors import Fact, Refused, Unavailable

Sentence = Callable[[str, Mapping[str, Fact]], str]
"""The sentence for a code with its facts, in the language in force."""


@dataclass(frozen=True)
class Message:
    """`tone`: info, success, warning or danger. `undo` belongs to what was just done; `action` is its label."""

    text: str
    tone: str = "info"
    code: str | None = None
    action: str = ""
    act: Callable[[], None] | None = None
    key: str = ""


@dataclass(frozen=True)
class BugReport:
    """What a person can save or send. No personal data: frames and types, no values of variables."""

    kind: str
    trace: str

    @classmethod
    def of(cls, problem: BaseException) -> BugReport:
        frames = traceback.extract_tb(problem.__traceback__)
        lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        return cls(type(problem).__name__, "\n".join([*lines, type(problem).__name__]))


class Messages:
    """`on_message` and `on_bug` are set by the window; without one, what was said is only remembered."""

    REMEMBERED = 100

    def __init__(self, sentence: Sentence, record: Callable[[BaseException], object] = lambda _: None) -> None:
        self._sentence = sentence
        self._record = record
        self.shown: list[Message] = []
        self.bugs: list[BugReport] = []
        self.on_message: Callable[[Message], None] | None = None
        self.on_bug: Callable[[BugReport], None] | None = None

    def say(
        self, text: str, tone: str = "info", *, action: str = "", act: Callable[[], None] | None = None, key: str = ""
    ) -> None:
        self._show(Message(text, tone, action=action, act=act, key=key))

    def problem(self, problem: Exception) -> None:
        """A refusal or an unavailable thing as its sentence; anything else is a bug."""
        if isinstance(problem, Refused | Unavailable):
            self._show(Message(self._sentence(problem.code, problem.facts), "warning", code=problem.code))
        else:
            self.bug(problem)

    def bug(self, problem: BaseException) -> None:
        self._record(problem)
        report = BugReport.of(problem)
        self.bugs.append(report)
        if self.on_bug is not None:
            self.on_bug(report)

    def sentence(self, code: str, facts: Mapping[str, Fact]) -> str:
        return self._sentence(code, facts)

    def _show(self, message: Message) -> None:
        self.shown.append(message)
        del self.shown[: -self.REMEMBERED]
        if self.on_message is not None:
            self.on_message(message)
