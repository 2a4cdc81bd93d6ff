"""The program cannot start: why, what is kept, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.jobs import QtJobs
from ui.locale import LANGUAGES, language, set_language, tr
from ui.shell.brand import Brand
from ui.theme import Space, theme
from ui.widgets import Banner, Button, EmptyState, ProgressLine, SegmentedControl, show_if

SIZE = QSize(760, 520)


class StartProblem(QWidget):
    """`why()` is the sentence in the language in force. `restore`, where there is a backup, puts it in place; it is
    a job, and `again` is emitted when it is done."""

    again = Signal()

    def __init__(
        self,
        why: Callable[[], str],
        jobs: QtJobs,
        restore: Callable[[], object] | None,
        told: Callable[[Exception], str],
    ) -> None:
        super().__init__()
        self._why = why
        self._jobs = jobs
        self._restore = restore
        self._told = told
        self.resize(SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        self._brand = Brand()
        self._languages = SegmentedControl(tuple(LANGUAGES.items()), language())
        top.addWidget(self._brand)
        top.addStretch(1)
        top.addWidget(self._languages)
        column.addLayout(top)
        self._state = EmptyState("warning", "", "")
        column.addWidget(self._state, 1)
        self._problem = Banner("", "danger")
        self._problem.hide()
        column.addWidget(self._problem)
        self._progress = ProgressLine()
        column.addWidget(self._progress)
        buttons = QHBoxLayout()
        self.close_button = Button("", "secondary", key="Esc")
        self.restore_button = Button("", "primary", large=True)
        buttons.addWidget(self.close_button)
        buttons.addStretch(1)
        buttons.addWidget(self.restore_button)
        column.addLayout(buttons)
        show_if(self.restore_button, restore is not None)
        self._languages.changed.connect(self._on_language)
        self.close_button.clicked.connect(self.close)
        self.restore_button.clicked.connect(self._on_restore)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("MemberDesk"))
        self._brand.retranslate()
        self._state.set(tr("This desk cannot start"), self._why())
        self.close_button.setText(tr("Close"))
        self.restore_button.setText(tr("Restore the newest backup"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    def _on_language(self, name: str) -> None:
        set_language(name)
        self.retranslate()

    def _on_restore(self) -> None:
        if self._restore is None:
            return
        self.restore_button.setEnabled(False)
        self._progress.start(tr("The backup is put in place …"))
        self._jobs.run(self._restore, self._restored, self._failed)

    def _restored(self, _kept: object) -> None:
        self._progress.finish()
        self.again.emit()
        self.close()

    def _failed(self, problem: Exception) -> None:
        self._progress.finish()
        self.restore_button.setEnabled(True)
        self._problem.set(self._told(problem), "danger")
        self._problem.show()
