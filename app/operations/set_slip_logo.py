"""The mall's logo on top of every slip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from annotated_types import Ge, Le, MaxLen

from app.domain.errors import Refused
from app.domain.slip_look import LOGO_LONGEST_TEXT, LOGO_WIDEST_DOTS, Logo
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work

LOGO = "slip_logo"


@dataclass(frozen=True)
class SlipLogoSet(Result):
    width_dots: int
    height_dots: int


@dataclass(frozen=True, kw_only=True)
class SetSlipLogo(Operation):
    """`rows`: base64 of packed bits, 1 is black, `width_dots` / 8 bytes a row. Both left out: no logo any more.

    The dots themselves are in the log, not a picture file: so every desk prints the same, and none has to trust a
    picture of unknown origin."""

    width_dots: Annotated[int, Ge(0), Le(LOGO_WIDEST_DOTS)] = 0
    rows: Annotated[str, MaxLen(LOGO_LONGEST_TEXT)] = ""

    verb = "set_slip_logo"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        self._logo()
        return self

    def apply(self, work: Work) -> SlipLogoSet:
        logo = self._logo()
        work.house.set_text(LOGO, f"{logo.width_dots} {logo.base64}" if logo is not None else "")
        return SlipLogoSet(logo.width_dots if logo else 0, logo.height_dots if logo else 0)

    def _logo(self) -> Logo | None:
        if not self.width_dots and not self.rows:
            return None
        try:
            return Logo(self.width_dots, self.rows)
        except ValueError:  # of base64 too
            raise Refused("logo.bad_rows") from None
