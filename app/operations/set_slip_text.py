"""The mall's own lines on every slip: under its name, and at the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

from annotated_types import Len

from app.domain.slip_look import MOST_LINES
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

HEADING, FOOTER = "slip_heading", "slip_footer"


@dataclass(frozen=True)
class SlipTextSet(Result):
    lines: int


@dataclass(frozen=True, kw_only=True)
class SetSlipText(Operation):
    """`lines` replace those that stood in this place; none at all leaves it empty."""

    place: Literal["heading", "footer"]
    lines: Annotated[tuple[str, ...], Len(0, MOST_LINES)]

    verb = "set_slip_text"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        cleaned = (clean(line, field="slip_text", longest=60) for line in self.lines)
        return replace(self, lines=tuple(line for line in cleaned if line))

    def apply(self, work: Work) -> SlipTextSet:
        work.house.set_text(HEADING if self.place == "heading" else FOOTER, "\n".join(self.lines))
        return SlipTextSet(len(self.lines))
