"""The member's view on two lines of twenty: a line display, whose Chinese may be missing."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.money import yuan
from app.ports.devices import CustomerDisplay
from ui.counter.words import TIERS
from ui.locale import number, tr
from ui.member_side.presenter import Seen, SeenStep

COLUMNS = 20


class LineDisplay:
    """`display` answers None where the desk has none at the moment."""

    def __init__(self, display: Callable[[], CustomerDisplay | None]) -> None:
        self._display = display

    def show_seen(self, seen: Seen) -> None:
        display = self._display()
        if display is None:
            return
        if seen.step is SeenStep.IDLE:
            display.show(tr("Welcome"), latin=("Welcome", ""))
            return
        upper, lower, latin = _lines(seen)
        display.show(upper, lower, latin=latin)
        if seen.amount_fen is not None:
            display.show_amount(seen.amount_fen)


def _lines(seen: Seen) -> tuple[str, str, tuple[str, str]]:
    if seen.before is not None and seen.after is not None:
        upper, latin_upper = _what(seen)
        figures = _moving(seen.before, seen.after, "→"), _moving(seen.before, seen.after, "->")
        return upper, figures[0], (latin_upper, figures[1])
    points = number(seen.points)
    lower = tr("Points {n}", n=points)
    if seen.step is SeenStep.DONE:
        return tr("Thank you"), lower, ("Thank you", f"Points {points}")
    upper = f"{seen.name} {tr(TIERS[seen.tier])}" if seen.tier in TIERS else seen.name
    return upper, lower, ("Welcome", f"Points {points}")


def _what(seen: Seen) -> tuple[str, str]:
    if seen.step is SeenStep.PIN:
        return tr("Your PIN, please"), "Your PIN, please"
    if seen.step is SeenStep.AGREE:
        return tr("Do you agree?"), "Do you agree?"
    if seen.amount_fen is not None:
        amount = yuan(seen.amount_fen)
        return tr("Amount {yuan}", yuan=amount), f"Amount {amount.removeprefix('￥')}"
    return tr(seen.title), "Points"


def _moving(before: int, after: int, arrow: str) -> str:
    """Whole figures whatever happens: separators go first, then the spaces."""
    full = f"{number(before)} {arrow} {number(after)}"
    if len(full) + (arrow == "→") <= COLUMNS:
        return full
    return f"{before}{arrow}{after}"
