"""This desk was reported lost and has destroyed what it held: said calmly, with the way back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.locale import LANGUAGES, language, set_language, tr
from ui.shell.brand import Brand
from ui.theme import Space, theme
from ui.widgets import Button, EmptyState, SegmentedControl

SIZE = QSize(760, 520)


class WipedWindow(QWidget):
    """`again` when somebody wants to set this computer up anew. `when` is said as it is given."""

    again = Signal()

    def __init__(self, desk: str, when: str) -> None:
        super().__init__()
        self._desk, self._when = desk, when
        self.resize(theme().px(SIZE.width()), theme().px(SIZE.height()))
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
        self.state = EmptyState("lock", "", "")
        column.addWidget(self.state, 1)
        buttons = QHBoxLayout()
        self.close_button = Button("", "secondary", key="Esc")
        self.again_button = Button("", "primary", large=True)
        buttons.addWidget(self.close_button)
        buttons.addStretch(1)
        buttons.addWidget(self.again_button)
        column.addLayout(buttons)
        self._languages.changed.connect(self._on_language)
        self.close_button.clicked.connect(self.close)
        self.again_button.clicked.connect(self._on_again)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("MemberDesk"))
        self._brand.retranslate()
        self.state.set(
            tr("This desk was reported lost"),
            tr(
                "On {when} desk {desk} was told to destroy its data and its keys, and has done so. Nothing of members "
                "can be read here any more; what it had sent before is safe at the hub. To use this computer again, "
                "ask an administrator for an enrolment code.",
                desk=self._desk,
                when=self._when,
            ),
        )
        self.close_button.setText(tr("Close"))
        self.again_button.setText(tr("Set this computer up again"))

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

    def _on_again(self) -> None:
        self.again.emit()
        self.close()
