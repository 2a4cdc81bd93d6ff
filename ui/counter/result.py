"""What became of it: large, calm, with what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ports.paper import PrintJob, PrintState
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import Banner, BeforeAfter, Button, Card, Divider, Text, clear

LONG_PX = 180  # of a value: it goes on below


class _Done(QWidget):
    """A tick on a disc."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(theme().px(56), theme().px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, rect.width() / 2, theme().colour("success_soft"))
            inner = rect.adjusted(14, 14, -14, -14)
            paint_icon(painter, inner, "check", theme().colour("success_text"), 2.4)


class ResultPanel(QWidget):
    """`finished` on Enter, `undone` when the person wants it taken back; an uncertain slip is settled by a person."""

    finished = Signal()
    undone = Signal()
    also = Signal()
    slip_settled = Signal(bool)

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = Card(padding=Space.XL)
        card.setMaximumWidth(theme().px(680))
        outer.addStretch(1)
        outer.addWidget(card, 100)
        outer.addStretch(1)
        column = card.body
        column.setSpacing(Space.M)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(_Done(), 0, centre)
        self.title = Text("", "headline", align=centre, wrap=True)
        self.text = Text("", "body", tone="muted", align=centre, wrap=True)
        column.addWidget(self.title)
        column.addWidget(self.text)
        self.figures = BeforeAfter(unit=tr("points"))
        column.addWidget(self.figures)
        self._lines = QVBoxLayout()
        self._shown: tuple[tuple[str, str], ...] = ()
        self._lines.setSpacing(Space.S)
        column.addLayout(self._lines)
        self.slip = Banner()
        self.slip.hide()
        column.addWidget(self.slip)
        settle = QHBoxLayout()
        self.came_out = Button(tr("It was printed"))
        self.again = Button(tr("Print again"))
        settle.addStretch(1)
        settle.addWidget(self.came_out)
        settle.addWidget(self.again)
        column.addLayout(settle)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        self.undo = Button(tr("Undo"), "secondary", key="F10", icon="undo")
        self.extra = Button("", "secondary")
        self.extra.hide()
        self.done = Button(tr("Done"), "primary", key="Enter", large=True)
        buttons.addWidget(self.undo)
        buttons.addWidget(self.extra)
        buttons.addStretch(1)
        buttons.addWidget(self.done)
        column.addLayout(buttons)
        self.done.clicked.connect(self.finished)
        self.undo.clicked.connect(self.undone)
        self.extra.clicked.connect(self.also)
        self.came_out.clicked.connect(lambda: self.slip_settled.emit(True))
        self.again.clicked.connect(lambda: self.slip_settled.emit(False))
        self.show_slip(None)

    def say(
        self,
        title: str,
        text: str = "",
        *,
        points: tuple[int, int] | None = None,
        lines: Sequence[tuple[str, str]] = (),
        undo: bool = True,
        also: str = "",
    ) -> None:
        """`points` are (before, after); `also` is one more thing that can be done now."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.figures.setVisible(points is not None)
        if points is not None:
            self.figures.set(*points, label=tr("Usable points"))
        self._show_lines(lines)
        self.undo.setVisible(undo)
        self.extra.setText(also)
        self.extra.setVisible(bool(also))
        self.setAccessibleName(title)

    def show_slip(self, job: PrintJob | None) -> None:
        """The state of the slip, said so that nobody thinks the redemption is in doubt."""
        uncertain = job is not None and job.state is PrintState.UNCERTAIN
        self.came_out.setVisible(uncertain)
        self.again.setVisible(uncertain)
        self.slip.setVisible(job is not None)
        if job is None:
            return
        cause = self._services.sentence(job.cause, {}) if job.cause else ""
        match job.state:
            case PrintState.QUEUED | PrintState.SENDING:
                self.slip.set(tr("The slip is being printed."), "info")
            case PrintState.WAITING:
                waits = tr("The slip waits in line and prints by itself; the redemption is complete.")
                self.slip.set(f"{waits} {cause}".strip(), "warning")
            case PrintState.CONFIRMED:
                self.slip.set(tr("The slip is printed."), "success")
            case PrintState.UNCERTAIN:
                self.slip.set(tr("Nobody can tell whether the slip came out. Please look at the printer."), "warning")
            case PrintState.FAILED:
                stands = tr("The slip was not printed; the redemption is complete.")
                self.slip.set(f"{stands} {cause}".strip(), "warning")

    def _show_lines(self, lines: Sequence[tuple[str, str]]) -> None:
        if tuple(lines) == self._shown:
            return  # what is built anew is gone for a moment
        self._shown = tuple(lines)
        clear(self._lines)
        for at, (name, value) in enumerate(lines):
            if at:
                self._lines.addWidget(Divider())
            self._lines.addWidget(TwoSides(name, value))


class TwoSides(QWidget):
    """A label at the left, its value at the right."""

    def __init__(self, name: str, value: str, detail: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(Space.M)
        right = Qt.AlignmentFlag.AlignRight
        if detail:
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(Text(name, "strong", wrap=True))
            words.addWidget(Text(value, "small", tone="muted"))
            row.addLayout(words, 1)
            row.addWidget(Text(detail, "strong", align=right))
        else:
            row.addWidget(Text(name, "body", tone="muted", wrap=True), 1)
            is_long = theme().metrics("strong").horizontalAdvance(value) > theme().px(LONG_PX)
            row.addWidget(Text(value, "strong", align=right, wrap=is_long), 2 if is_long else 0)
