"""One figure: what was measured, what it is compared with, and what it should be."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal

Say = Callable[[str], None]
"""Told what is being measured now."""


@dataclass(frozen=True)
class Aim:
    """`of` a ratio counts in multiples of the baseline, of a value in the figure's unit."""

    relation: Literal["≥", "≤", "="]
    bound: float
    of: Literal["ratio", "value"] = "ratio"

    def is_met(self, figure: float) -> bool:
        if self.relation == "=":
            return figure == self.bound
        return figure >= self.bound if self.relation == "≥" else figure <= self.bound


@dataclass(frozen=True)
class Figure:
    """`value` is None where it could not be measured; `note` says why."""

    name: str
    value: float | None
    unit: str
    baseline: float | None = None
    aim: Aim | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.value is not None and self.baseline else None

    @property
    def met(self) -> bool | None:
        compared = self.value if self.aim and self.aim.of == "value" else self.ratio
        return self.aim.is_met(compared) if self.aim and compared is not None else None

    @property
    def aim_in_words(self) -> str:
        if self.aim is None:
            return ""
        unit = "×" if self.aim.of == "ratio" else self.unit
        return f"{self.aim.relation} {self.aim.bound:g} {unit}"

    def as_row(self, suite: str) -> dict[str, object]:
        row: dict[str, object] = {
            "suite": suite,
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "baseline": _short(self.baseline),
            "ratio": _short(self.ratio),
            "aim": self.aim_in_words,
            "met": self.met,
        }
        return {**row, "note": self.note} if self.note else row


def at_least(bound: float, of: Literal["ratio", "value"] = "ratio") -> Aim:
    return Aim("≥", bound, of)


def at_most(bound: float, of: Literal["ratio", "value"] = "ratio") -> Aim:
    return Aim("≤", bound, of)


def exactly(bound: float) -> Aim:
    return Aim("=", bound, "value")


def not_measured(name: str, why: str, aim: Aim | None = None, unit: str = "") -> Figure:
    return Figure(name, None, unit, aim=aim, note=why)


def p99(durations: Sequence[float]) -> float:
    return sorted(durations)[ceil(len(durations) * 0.99) - 1]


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def peak_mib(process: int | Literal["self"] = "self") -> float:
    """The most memory that it ever held; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if status.exists():  # `ru_maxrss` would start from what the parent held when it made this process
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        return int(found[1]) / 2**10 if found else 0.0
    if process != "self" or sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def _short(figure: float | None) -> float | None:
    """Four digits that mean something."""
    return None if figure is None else float(f"{figure:.4g}")
