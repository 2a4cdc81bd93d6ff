"""Write down what the desk's machines and store were like at the start of a shift (班前自检)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len

from app.domain.self_test import Check
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

MOST_CHECKS = 32


@dataclass(frozen=True)
class SelfTestRecorded(Result):
    good: int
    doubtful: int
    bad: int


@dataclass(frozen=True, kw_only=True)
class RecordSelfTest(Operation):
    """`took_ms` from the first check to the last."""

    checks: Annotated[tuple[Check, ...], Len(1, MOST_CHECKS)]
    took_ms: Annotated[int, Ge(0), Le(86_400_000)] = 0

    verb = "record_self_test"
    needs = None  # whoever opens the counter
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> SelfTestRecorded:
        outcomes = [check.outcome for check in self.checks]
        return SelfTestRecorded(outcomes.count("good"), outcomes.count("doubtful"), outcomes.count("bad"))
