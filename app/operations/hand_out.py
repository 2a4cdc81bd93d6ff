"""The moment a redeemed gift leaves the counter, with who took it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Self
from uuid import UUID

from annotated_types import Ge, Len

from app.domain.errors import Refused
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class HandedOut(Result):
    pieces: int


@dataclass(frozen=True, kw_only=True)
class HandOut(Operation):
    """`proxy` is the name of who collects for the member; empty when the member is here."""

    member: UUID
    redemption: UUID
    lines: Annotated[tuple[Annotated[int, Ge(0)], ...], Len(1, 30)]
    proxy: str = ""

    verb = "hand_out"
    needs = Right.HAND_OUT
    offline = Offline.ALWAYS
    sealed = ("proxy",)

    def normalised(self) -> Self:
        return replace(self, proxy=clean(self.proxy, field="proxy", longest=60), lines=tuple(sorted(set(self.lines))))

    def apply(self, work: Work) -> HandedOut:
        redemption = work.redemptions.get(self.redemption)
        if redemption.member != self.member:
            raise Refused("redemption.not_this_member")
        if redemption.reversed:
            raise Refused("redemption.reversed")
        if redemption.desk != work.act.desk:
            raise Refused("redemption.other_desk", desk=redemption.desk)
        open_lines = {line.line: line for line in redemption.lines if not line.handed_out}
        if any(number not in open_lines for number in self.lines):
            raise Refused("redemption.already_handed_out")
        for number in self.lines:
            work.stock.take(open_lines[number].gift, open_lines[number].quantity)
        work.redemptions.hand_out(self.redemption, self.lines, "proxy" if self.proxy else "member")
        return HandedOut(sum(open_lines[number].quantity for number in self.lines))
