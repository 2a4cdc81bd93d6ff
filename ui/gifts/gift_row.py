"""One gift as a line: what it costs, and whether it lies here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.queries.rows import GiftRow
from ui.counter.row_list import write
from ui.locale import number, tr
from ui.theme import Radius, Space, fill_rounded, paint_icon, theme

LOW_STOCK = 5


def stock_words(gift: GiftRow) -> tuple[str, str]:
    """(what is said of the stock, a role of `Colours`)."""
    if gift.free > 0:
        return tr("{n} in stock", n=number(gift.free)), "warning_text" if gift.free <= LOW_STOCK else "text_muted"
    other = next(((desk, pieces) for desk, pieces in gift.elsewhere if pieces > 0), None)
    if other is not None:
        return tr("None here · {n} at {desk}", n=number(other[1]), desk=other[0]), "warning_text"
    return tr("Out of stock"), "danger_text"


def said(gift: GiftRow) -> str:
    return f"{gift.name} {tr('{n} points', n=number(gift.points))} {stock_words(gift)[0]}"


def painter_of(usable: Callable[[], int]) -> Callable[[QPainter, QRectF, GiftRow, bool], None]:
    """Paints gifts as a member with `usable()` points sees them."""

    def paint(painter: QPainter, rect: QRectF, gift: GiftRow, chosen: bool) -> None:
        inner = rect.adjusted(Space.S, 0, -Space.M, 0)
        side = theme().px(36)
        tile = QRectF(inner.left(), rect.center().y() - side / 2, side, side)
        gone = gift.free <= 0
        fill_rounded(painter, tile, Radius.SMALL, theme().colour("sunken" if not chosen else "surface"))
        icon = tile.adjusted(8, 8, -8, -8)
        paint_icon(painter, icon, "gift", theme().colour("text_muted" if gone else "accent_text"))
        points_width = min(theme().px(132), inner.width() * 0.24)
        words = QRectF(tile.right() + Space.M, 0, inner.right() - tile.right() - Space.M - points_width, 0)
        half = rect.height() / 2
        name_area = QRectF(words.left(), rect.top() + 6, words.width(), half - 6)
        write(painter, name_area, gift.name, "strong", "text_muted" if gone else "text")
        text, tone = stock_words(gift)
        code_area = QRectF(words.left(), rect.top() + half - 1, words.width(), half - 6)
        width = write(painter, code_area, gift.gift, "small", "text_muted")
        write(painter, code_area.adjusted(width + Space.M, 0, 0, 0), text, "small", tone)
        right = QRectF(inner.right() - points_width, rect.top(), points_width, rect.height())
        missing = gift.points - usable()
        if missing > 0 and not gone:
            top = QRectF(right.left(), name_area.top(), right.width(), name_area.height())
            write(painter, top, number(gift.points), "title", "text_muted", right=True)
            below = QRectF(right.left(), code_area.top(), right.width(), code_area.height())
            write(painter, below, tr("{n} short", n=number(missing)), "small", "text_muted", right=True)
        else:
            write(painter, right, number(gift.points), "title", "text_muted" if gone else "text", right=True)

    return paint
