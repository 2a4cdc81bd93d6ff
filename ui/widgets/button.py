"""Buttons: one look, four kinds, the key on the face."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QEvent, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QEnterEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QWidget

from ui.theme import TARGET_PX, Motion, Radius, Space, fill_rounded, focus_ring, paint_icon, theme
from ui.widgets.keys import keycap_size, paint_keycap

KINDS = ("primary", "secondary", "quiet", "danger")


class Button(QPushButton):
    """A push button. `key` is shown as a keycap; with `binds` it also presses the button.

    Commands of a screen are bound by the shell, so `binds` is only for panels and dialogs.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "secondary",
        *,
        key: str = "",
        icon: str = "",
        binds: bool = False,
        large: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._key = key
        self._icon = icon
        self._large = large
        self._glow = 0.0
        self._fade = QVariantAnimation(self)
        self._fade.valueChanged.connect(self._on_glow)
        self.setText(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        if binds and key:
            self.setShortcut(QKeySequence(key))

    @property
    def kind(self) -> str:
        return self._kind

    def set_kind(self, kind: str) -> None:
        self._kind = kind
        self.update()

    def set_key(self, key: str) -> None:
        self._key = key
        self.updateGeometry()
        self.update()

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.updateGeometry()
        self.update()

    def setText(self, text: str) -> None:
        # Qt would take "&" for a mnemonic and underline the next letter.
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        height = theme().px(TARGET_PX + (8 if self._large else 0))
        width = theme().metrics("strong").horizontalAdvance(self.accessibleName())
        gaps = 0
        if self._icon:
            width += theme().px(20)
            gaps += 1 if self.accessibleName() else 0
        if self._key:
            width += keycap_size(self._key).width()
            gaps += 1
        width += gaps * Space.S + 2 * self._padding()
        return QSize(max(width, height), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill, line, ink = self._look()
            fill_rounded(painter, rect, Radius.CONTROL, fill, line)
            self._paint_face(painter, rect, ink)
            if self.hasFocus() and self.isEnabled():
                if self._kind in ("primary", "danger"):
                    fill_rounded(painter, rect, Radius.CONTROL, None, theme().colour("surface"), 4.0)
                focus_ring(painter, rect, Radius.CONTROL)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._glow_to(1.0)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._glow_to(0.0)
        super().leaveEvent(event)

    def _padding(self) -> int:
        return theme().px(Space.L if self.accessibleName() else 10)

    def _paint_face(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        text = self.accessibleName()
        metrics = theme().metrics("strong")
        icon_px = theme().px(20) if self._icon else 0
        cap = keycap_size(self._key) if self._key else QSize(0, 0)
        room = rect.width() - 2 * self._padding()
        text_room = room - icon_px - cap.width() - Space.S * (bool(self._icon and text) + bool(self._key))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, round(text_room)) + 1)
        text_width = metrics.horizontalAdvance(shown)
        used = icon_px + (Space.S if icon_px and text else 0) + text_width
        left = rect.left() + (rect.width() - used - (cap.width() + Space.S if self._key else 0)) / 2
        if icon_px:
            paint_icon(painter, QRectF(left, rect.center().y() - icon_px / 2, icon_px, icon_px), self._icon, ink)
            left += icon_px + Space.S
        painter.setFont(theme().font("strong"))
        painter.setPen(ink)
        painter.drawText(QRectF(left, rect.top(), text_width + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if self._key:
            x = left + text_width + Space.S
            paint_keycap(painter, QPointF(x, rect.center().y() - cap.height() / 2), self._key, ink)

    def _look(self) -> tuple[QColor | None, QColor | None, QColor]:
        t = theme()
        if not self.isEnabled():
            if self._kind == "quiet":
                return None, None, t.colour("text_disabled")
            return t.colour("sunken"), t.colour("line"), t.colour("text_disabled")
        if self._kind in ("primary", "danger"):
            base = "accent" if self._kind == "primary" else "danger"
            if self.isDown():
                return t.colour(f"{base}_pressed"), None, t.colour(f"on_{base}")
            return _mix(t.colour(base), t.colour(f"{base}_hover"), self._glow), None, t.colour(f"on_{base}")
        ink = t.colour("text") if self._kind == "secondary" else t.colour("accent_text")
        rest = t.colour("surface")
        if self._kind == "quiet":
            rest = QColor(t.colour("hover"))
            rest.setAlphaF(0.0)
        fill = t.colour("sunken") if self.isDown() else _mix(rest, t.colour("hover"), self._glow)
        if self.isChecked():
            fill, ink = t.colour("accent_soft"), t.colour("accent_text")
        line = None if self._kind == "quiet" else t.colour("line_strong" if self._glow > 0.5 else "line")
        return fill, line, ink

    def _glow_to(self, target: float) -> None:
        if theme().motion_ms(Motion.FAST) == 0 or not self.isEnabled():
            self._fade.stop()
            self._on_glow(target)
            return
        self._fade.stop()
        self._fade.setDuration(Motion.FAST)
        self._fade.setStartValue(self._glow)
        self._fade.setEndValue(target)
        self._fade.start(QAbstractAnimation.DeletionPolicy.KeepWhenStopped)

    def _on_glow(self, value: float) -> None:
        self._glow = float(value)
        self.update()


class IconButton(QToolButton):
    """A square button with only an icon; `name` is its accessible name and tool tip."""

    def __init__(self, icon: str, name: str, *, size: int = TARGET_PX, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._size = size
        self.set_name(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_name(self, name: str) -> None:
        self.setAccessibleName(name)
        self.setToolTip(name)

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._size), theme().px(self._size))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            if self.isDown() or self.underMouse():
                fill_rounded(painter, rect, Radius.CONTROL, theme().colour("sunken" if self.isDown() else "hover"))
            ink = theme().colour("text_muted" if self.isEnabled() else "text_disabled")
            side = theme().px(22)
            paint_icon(
                painter,
                QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side),
                self._icon,
                ink,
            )
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)


def _mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` 0 gives `one`, 1 gives `other`."""
    keep = 1.0 - share
    return QColor.fromRgbF(
        one.redF() * keep + other.redF() * share,
        one.greenF() * keep + other.greenF() * share,
        one.blueF() * keep + other.blueF() * share,
        one.alphaF() * keep + other.alphaF() * share,
    )
