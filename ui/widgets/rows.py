"""Lines of lists."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import Radius, Space, fill_rounded, focus_ring, paint_icon, theme
from ui.widgets.keys import Keycap
from ui.widgets.surfaces import Avatar, Icon
from ui.widgets.text import ElidedText, Text
from ui.widgets.visibility import show_if


class ListRow(QWidget):
    """A row that can be chosen: icon or avatar, title over detail, something at the right. Enter or a click chooses."""

    chosen = Signal()

    def __init__(
        self,
        title: str = "",
        detail: str = "",
        *,
        trailing: str = "",
        icon: str = "",
        leading: QWidget | None = None,
        key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._selected = False
        self._leading = leading
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self.row.setSpacing(Space.M)
        if leading is not None:
            self.row.addWidget(leading)
        elif icon:
            self.row.addWidget(Icon(icon))
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = ElidedText(title, "body")
        self.detail = ElidedText(detail, "small", tone="muted")
        show_if(self.detail, bool(detail))
        words.addWidget(self.title)
        words.addWidget(self.detail)
        self.row.addLayout(words, 1)
        self.trailing = Text(trailing, "body", align=Qt.AlignmentFlag.AlignRight)
        show_if(self.trailing, bool(trailing))
        self.row.addWidget(self.trailing)
        if key:
            self.row.addWidget(Keycap(key))
        self.setMinimumHeight(theme().px(48))
        self.setAccessibleName(" ".join(part for part in (title, detail, trailing) if part))

    def set(self, title: str, detail: str = "", trailing: str = "") -> None:
        self.title.setText(title)
        self.detail.setText(detail)
        show_if(self.detail, bool(detail))
        self.trailing.setText(trailing)
        show_if(self.trailing, bool(trailing))
        self.setAccessibleName(" ".join(part for part in (title, detail, trailing) if part))

    @property
    def is_selected(self) -> bool:
        return self._selected

    def set_selected(self, selected: bool) -> None:
        self._selected = selected
        if isinstance(self._leading, Avatar):
            self._leading.set_ground("surface" if selected else "accent_soft")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            if self._selected:
                fill_rounded(painter, rect, Radius.CONTROL, theme().colour("accent_soft"))
            elif self.underMouse() and self.isEnabled():
                fill_rounded(painter, rect, Radius.CONTROL, theme().colour("hover"))
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)


class TimelineRow(QWidget):
    """What happened: when, what, and the change at the right. A thin line joins the rows."""

    def __init__(
        self,
        when: str,
        title: str,
        amount: str = "",
        *,
        detail: str = "",
        icon: str = "slip",
        tone: str = "normal",
        muted: bool = False,
        first: bool = False,
        last: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._first, self._last = icon, first, last
        row = QHBoxLayout(self)
        row.setContentsMargins(theme().px(40), Space.S, 0, Space.S)
        row.setSpacing(Space.M)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedText(title, "body", tone="muted" if muted else "normal"))
        words.addWidget(ElidedText(f"{when}  {detail}".strip(), "small", tone="muted"))
        row.addLayout(words, 1)
        self.amount = Text(amount, "strong", tone=tone, align=Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.amount)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(" ".join(part for part in (when, title, detail, amount) if part))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            side = theme().px(28)
            disc = QRectF(0, Space.S + 2, side, side)
            line = theme().colour("line")
            if not self._last:
                painter.fillRect(QRectF(side / 2 - 0.5, disc.bottom() + 2, 1, self.height() - disc.bottom()), line)
            if not self._first:
                painter.fillRect(QRectF(side / 2 - 0.5, 0, 1, Space.S), line)
            fill_rounded(painter, disc, side / 2, theme().colour("sunken"))
            icon = theme().px(16)
            at = QRectF(disc.center().x() - icon / 2, disc.center().y() - icon / 2, icon, icon)
            paint_icon(painter, at, self._icon, theme().colour("text_muted"))


class Tile(QWidget):
    """A large target with an icon or avatar over a name: staff at sign-in, gifts on a shelf."""

    chosen = Signal()

    def __init__(
        self, title: str, detail: str = "", *, leading: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._selected = False
        self._leading = leading
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.L, Space.M, Space.M)
        column.setSpacing(Space.XS)
        if leading is not None:
            column.addWidget(leading, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(Space.XS)
        self.title = ElidedText(title, "strong", align=Qt.AlignmentFlag.AlignHCenter)
        self.detail = ElidedText(detail, "small", tone="muted", align=Qt.AlignmentFlag.AlignHCenter)
        show_if(self.detail, bool(detail))
        column.addWidget(self.title)
        column.addWidget(self.detail)
        self.setAccessibleName(f"{title} {detail}".strip())

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(max(hint.width(), theme().px(128)), hint.height())

    @property
    def is_selected(self) -> bool:
        return self._selected

    def set_selected(self, selected: bool) -> None:
        self._selected = selected
        if isinstance(self._leading, Avatar):
            self._leading.set_ground("surface" if selected else "accent_soft")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            fill = "accent_soft" if self._selected else "hover" if self.underMouse() else "surface"
            fill_rounded(painter, rect, Radius.CARD, t.colour(fill), t.colour("accent" if self._selected else "line"))
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CARD)
