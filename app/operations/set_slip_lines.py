"""Which lines stand on the mall's slips: on all of them, or on one document alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self

from annotated_types import Len

from app.domain.errors import Refused
from app.domain.slip_look import OPTIONAL_LINES, DocumentName, OptionalLine, in_order
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

LEFT_OUT = "slip_left_out"
AS_ALL = "as_all"  # a setting is never deleted


@dataclass(frozen=True)
class SlipLinesSet(Result):
    left_out: int


@dataclass(frozen=True, kw_only=True)
class SetSlipLines(Operation):
    """`left_out` replaces what was left out before; whatever it does not name stands on the slips. With a `document`
    only that one changes; None then makes it as all the others again."""

    left_out: Annotated[tuple[OptionalLine, ...], Len(0, len(OPTIONAL_LINES))] | None
    document: DocumentName | None = None

    verb = "set_slip_lines"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        if self.left_out is None:
            if self.document is None:
                raise Refused("slip.no_document")
            return self
        return replace(self, left_out=in_order(self.left_out))

    def apply(self, work: Work) -> SlipLinesSet:
        value = AS_ALL if self.left_out is None else " ".join(self.left_out)
        work.house.set_text(left_out_setting(self.document), value)
        return SlipLinesSet(len(self.left_out or ()))


def left_out_setting(document: DocumentName | None) -> str:
    return LEFT_OUT if document is None else f"{LEFT_OUT}_{document}"
