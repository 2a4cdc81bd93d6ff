"""Which lines stand on the mall's slips."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Len

from app.domain.slip_look import OPTIONAL_LINES, OptionalLine, in_order
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

LEFT_OUT = "slip_left_out"


@dataclass(frozen=True)
class SlipLinesSet(Result):
    left_out: int


@dataclass(frozen=True, kw_only=True)
class SetSlipLines(Operation):
    """`left_out` replaces what was left out before; whatever it does not name stands on the slips."""

    left_out: Annotated[tuple[OptionalLine, ...], Len(0, len(OPTIONAL_LINES))]

    verb = "set_slip_lines"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        return replace(self, left_out=in_order(self.left_out))

    def apply(self, work: Work) -> SlipLinesSet:
        work.house.set_text(LEFT_OUT, " ".join(self.left_out))
        return SlipLinesSet(len(self.left_out))
