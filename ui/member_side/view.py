"""The screen that faces the member: read from a metre away, so everything grows with the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import MEMBER_PIN_DIGITS
from ui.counter.services import CounterServices
from ui.counter.words import TIERS
from ui.locale import number, on_language_changed, tr
from ui.member_side.presenter import NOBODY, MemberSidePresenter, Seen, SeenStep
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Button, PinField

MOST_LINES = 5
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class MemberWindow(QWidget):
    """Goes to the second screen where there is one, and is a window of its own where there is not.

    It never takes the keyboard from the clerk by itself. `closed`: somebody closed it by hand."""

    closed = Signal()

    def __init__(self, services: CounterServices, clerk: QWidget) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAutoFillBackground(True)
        self.setMinimumSize(480, 480)
        self.resize(800, 600)
        self._services = services
        self._clerk = clerk
        self._seen = NOBODY
        self._answer: MemberSidePresenter | None = None
        self.page = _Page()
        self.pin = PinField(shortest=MEMBER_PIN_DIGITS, longest=MEMBER_PIN_DIGITS)
        self.pin.setMinimumSize(theme().px(300), theme().px(300))
        self.pin.setMaximumWidth(theme().px(520))
        self.pin.entered.connect(self._on_pin)
        self.yes = Button("", "primary", key="Enter", large=True, icon="check")
        self.no = Button("", "secondary", key="Esc", large=True)
        self.yes.clicked.connect(self._on_yes)
        self.no.clicked.connect(self._on_no)
        self.answers = QWidget()
        keys = QHBoxLayout(self.answers)
        keys.setContentsMargins(0, 0, 0, 0)
        keys.setSpacing(Space.L)
        keys.addStretch(1)
        for key in (self.no, self.yes):
            key.setFixedHeight(theme().px(80))
            key.setMaximumWidth(theme().px(420))
            keys.addWidget(key, 3)
        keys.addStretch(1)
        self.answers.hide()
        self.pin.hide()
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._across.setSpacing(Space.XL)
        self._across.addWidget(self.page, 3)
        self._across.addWidget(self.pin, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.L)
        column.addLayout(self._across, 1)
        column.addWidget(self.answers)
        self._no_more_languages = on_language_changed(self.retranslate)
        self.retranslate()

    def answer_to(self, presenter: MemberSidePresenter) -> None:
        self._answer = presenter

    def set_mall(self, name: str) -> None:
        self.page.set_mall(name)

    def open(self) -> None:
        """Onto the second screen, filling it; a window where there is one screen only."""
        screens = QGuiApplication.screens()
        others = [screen for screen in screens if screen is not self._clerk.screen()]
        if others:
            self.setGeometry(others[0].geometry())
            self.showFullScreen()
        else:
            self.show()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("For the member"))
        self.yes.setText(tr("Yes, I agree"))
        self.no.setText(tr("No"))
        self.pin.retranslate()
        self.page.update()

    def show_seen(self, seen: Seen) -> None:
        if seen.step not in {SeenStep.PIN, SeenStep.AGREE} and self.isActiveWindow():
            self._clerk.activateWindow()
        if seen.step is not self._seen.step:
            self.pin.clear()
        self._seen = seen
        self.page.show_seen(seen)
        problem = seen.problem
        self.pin.set_problem(self._services.sentence(problem.code, problem.facts) if problem else "")
        self.pin.setVisible(seen.step is SeenStep.PIN)
        self.answers.setVisible(seen.step is SeenStep.AGREE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The keypad stands beside what it is for, below it where the screen is upright."""
        super().resizeEvent(event)
        wide = self.width() > self.height()
        self._across.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self._seen.step is SeenStep.AGREE and enter and not event.isAutoRepeat():
            self._on_yes()
        elif event.key() == Qt.Key.Key_Escape:
            self._on_no()
        elif self._seen.step is SeenStep.PIN:
            self.pin.keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._no_more_languages()
        self.closed.emit()
        super().closeEvent(event)

    def _on_yes(self) -> None:
        if self._answer is not None:
            self._answer.agree()

    def _on_no(self) -> None:
        if self._answer is not None:
            self._answer.refuse()

    def _on_pin(self, pin: str) -> None:
        if self._answer is not None:
            self._answer.give_pin(pin)


class _Page(QWidget):
    """Drawn, not laid out: one figure must be as large as the room allows, whatever the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._mall_name = ""
        self._seen = NOBODY

    def set_mall(self, name: str) -> None:
        self._mall_name = name
        self.update()

    def show_seen(self, seen: Seen) -> None:
        self._seen = seen
        self.setAccessibleName(" ".join(text for text in (seen.name, tr(seen.title) if seen.title else "") if text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            seen = self._seen
            if seen.step is SeenStep.IDLE:
                self._paint_idle(painter)
            elif seen.before is not None and seen.after is not None:
                self._paint_figures(painter, seen, seen.before, seen.after)
            else:
                self._paint_points(painter, seen)

    def _paint_idle(self, painter: QPainter) -> None:
        area = _Column(QRectF(self.rect()), self.height() / 100)
        area.skip(22)
        side = area.unit * 16
        mark = QRectF(area.rect.center().x() - side / 2, area.top, side, side)
        fill_rounded(painter, mark, side * 0.28, theme().colour("accent"))
        paint_icon(
            painter, mark.adjusted(side * 0.2, side * 0.2, -side * 0.2, -side * 0.2), "brand",
            theme().colour("on_accent"), 2.4,
        )  # fmt: skip
        area.skip(21)
        _write(painter, area.take(12), tr("Welcome"), "headline", area.unit * 8, "text")
        _write(painter, area.take(8), self._mall_name, "body", area.unit * 4.5, "text_muted")

    def _paint_points(self, painter: QPainter, seen: Seen) -> None:
        area = _Column(QRectF(self.rect()), self.height() / 100)
        area.skip(14)
        done = seen.step is SeenStep.DONE
        words = tr("Thank you") if done else tr("Hello, {name}", name=seen.name)
        _write(painter, area.take(13), words, "headline", area.unit * 8, "text")
        self._paint_tier(painter, area.take(9), seen, area.unit)
        area.skip(6)
        _write(painter, area.take(7), tr("Points you can use"), "body", area.unit * 4.2, "text_muted")
        _write(painter, area.take(22), number(seen.points), "figure", area.unit * 17, "accent_text", whole=True)
        if seen.step is SeenStep.WAIT:
            _write(painter, area.take(10), tr("One moment, please"), "body", area.unit * 4.2, "text_muted")

    def _paint_tier(self, painter: QPainter, rect: QRectF, seen: Seen, unit: float) -> None:
        if seen.tier not in TIERS:
            return
        words = tr(TIERS[seen.tier])
        font = _font("title", unit * 3.6)
        width = QFontMetricsF(font).horizontalAdvance(words) + unit * 6
        chip = QRectF(rect.center().x() - width / 2, rect.center().y() - unit * 3.2, width, unit * 6.4)
        fill_rounded(painter, chip, chip.height() / 2, theme().colour(f"{seen.tier}_soft"))
        painter.setFont(font)
        painter.setPen(theme().colour(f"{seen.tier}_text"))
        painter.drawText(chip, _CENTRE, words)

    def _paint_figures(self, painter: QPainter, seen: Seen, before: int, after: int) -> None:
        rect = QRectF(self.rect())
        width = min(rect.width(), rect.height() * 1.7)
        rect = QRectF(rect.center().x() - width / 2, rect.top(), width, rect.height())
        lines = seen.lines[:MOST_LINES]
        more = len(seen.lines) - len(lines)
        by_height = rect.height() / (48 + 9 * max(3, len(lines) + (more > 0)))
        area = _Column(rect, min(by_height, rect.width() / 84))
        unit = area.unit
        heading = area.take(11)
        _write(painter, heading, tr(seen.title), "headline", unit * 6, "text", _LEFT, share=0.68)
        _write(painter, heading, seen.name, "body", unit * 4.5, "text_muted", _RIGHT, share=0.3)
        area.skip(2)
        for line in lines:
            row = area.take(9)
            painter.setPen(theme().colour("line"))
            painter.drawLine(row.bottomLeft(), row.bottomRight())
            value = f"{line.value}   {line.detail}".strip()
            right = _write(painter, row, value, "body", unit * 4, "text_muted", _RIGHT, share=0.5, whole=True)
            left = QRectF(row.left(), row.top(), row.width() - right - unit * 3, row.height())
            _write(painter, left, tr(line.label), "body", unit * 4.4, "text", _LEFT)
        if more > 0:
            _write(painter, area.take(9), tr("and {n} more", n=more), "body", unit * 4, "text_muted", _LEFT)
        area.top = max(area.top, rect.bottom() - 27 * unit)
        box = area.take(24)
        fill_rounded(painter, box, unit * 2, theme().colour("accent_soft"))
        inner = box.adjusted(unit * 3, unit * 1.5, -unit * 3, -unit * 1.5)
        label = QRectF(inner.left(), inner.top(), inner.width(), unit * 6)
        _write(painter, label, tr("Points"), "body", unit * 4, "text_muted", _LEFT)
        figures = QRectF(inner.left(), label.bottom(), inner.width(), inner.bottom() - label.bottom())
        share = figures.width() * 0.42
        was = QRectF(figures.left(), figures.top(), share, figures.height())
        becomes = QRectF(figures.right() - share, figures.top(), share, figures.height())
        _write(painter, was, number(before), "figure", unit * 9, "text_muted", _LEFT, whole=True)
        tone = "danger_text" if after < 0 else "accent_text"
        _write(painter, becomes, number(after), "figure", unit * 11, tone, _RIGHT, whole=True)
        side = unit * 6
        arrow = QRectF(figures.center().x() - side / 2, figures.center().y() - side / 2, side, side)
        paint_icon(painter, arrow, "arrow_right", theme().colour("text_muted"))


class _Column:
    """Takes strips off a rectangle from the top; `unit` is a hundredth or so of its height."""

    def __init__(self, rect: QRectF, unit: float) -> None:
        self.rect, self.unit, self.top = rect, unit, rect.top()

    def skip(self, units: float) -> None:
        self.top += units * self.unit

    def take(self, units: float) -> QRectF:
        strip = QRectF(self.rect.left(), self.top, self.rect.width(), units * self.unit)
        self.skip(units)
        return strip


def _font(role: str, pixels: float) -> QFont:
    font = QFont(theme().font(role))
    font.setPixelSize(max(8, round(pixels)))
    return font


def _write(
    painter: QPainter,
    rect: QRectF,
    words: str,
    role: str,
    pixels: float,
    colour: str,
    align: Qt.AlignmentFlag = _CENTRE,
    *,
    share: float = 1.0,
    whole: bool = False,
) -> float:
    """Write in that size, smaller where the width (its `share`) does not take it, cut short as a last resort:
    never what has to stay `whole`. Returns the width that was used."""
    room = rect.width() * share
    font = _font(role, pixels)
    width = QFontMetricsF(font).horizontalAdvance(words)
    if width > room:
        fitting = pixels * room / width
        font = _font(role, fitting if whole else max(fitting, pixels * 0.75))
        if not whole:
            words = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room)
        width = QFontMetricsF(font).horizontalAdvance(words)
    painter.setFont(font)
    painter.setPen(theme().colour(colour))
    painter.drawText(rect, align, words)
    return width


class MemberScreenSwitch:
    """Opens and closes the member's window as the setting says. `kept` is told when it was closed by hand."""

    def __init__(
        self,
        side: MemberSidePresenter,
        make: Callable[[], MemberWindow],
        kept: Callable[[bool], None],
    ) -> None:
        self._side = side
        self._make = make
        self._kept = kept
        self.window: MemberWindow | None = None

    @property
    def is_on(self) -> bool:
        return self.window is not None

    def set(self, on: bool) -> None:
        if on and self.window is None:
            window = self._make()
            window.answer_to(self._side)
            window.closed.connect(self._on_closed)
            self.window = window
            self._side.add(window)
            window.open()
        elif not on and self.window is not None:
            window, self.window = self.window, None
            self._side.remove(window)
            window.close()
            window.deleteLater()

    def _on_closed(self) -> None:
        if self.window is not None:
            self.set(False)
            self._kept(False)
