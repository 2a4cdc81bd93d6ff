"""Write down what the desk's machines and store were like at the start of a shift (班前自检)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Len, MaxLen

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

Outcome = Literal["good", "doubtful", "bad"]
MOST_CHECKS = 32


@dataclass(frozen=True)
class Check:
    """One line: `what` was looked at ("store", "space", "backup", "clock", or the kind of a machine), `name` the
    machine's own; `code` is the sentence that says how it was, with its `facts`. No line holds a card number."""

    what: Annotated[str, Len(1, 20)]
    outcome: Outcome
    code: Annotated[str, Len(1, 40)]
    name: Annotated[str, MaxLen(20)] = ""
    facts: dict[Annotated[str, MaxLen(20)], int | Annotated[str, MaxLen(200)]] = field(default_factory=dict)


@dataclass(frozen=True)
class SelfTestRecorded(Result):
    good: int
    doubtful: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class RecordSelfTest(Operation):
    """`took_ms` from the first check to the last."""

    checks: Annotated[tuple[Check, ...], Len(1, MOST_CHECKS)]
    took_ms: int = 0

    verb = "record_self_test"
    needs = None  # whoever opens the counter
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> SelfTestRecorded:
        outcomes = [check.outcome for check in self.checks]
        return SelfTestRecorded(outcomes.count("good"), outcomes.count("doubtful"), outcomes.count("bad"))
