"""The points that are kept back now, each with the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import Space
from ui.widgets import Button, Card, Text, clear, show_if


class KeptRow(NamedTuple):
    key: UUID
    what: str
    when: str


class KeptRows(Card):
    """`chosen(key)` when a row's button, called `back`, is pressed. Hidden while there are no rows."""

    chosen = Signal(object)

    def __init__(self, title: str, back: str) -> None:
        super().__init__(title, padding=Space.L)
        self._back = back
        self._rows: tuple[KeptRow, ...] = ()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.S)
        self.body.addLayout(self._lines)

    def show_rows(self, rows: Sequence[KeptRow]) -> None:
        show_if(self, bool(rows))
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        clear(self._lines)
        for row in rows:
            self._lines.addWidget(self._line(row))

    def _line(self, row: KeptRow) -> QWidget:
        part = QWidget()
        line = QHBoxLayout(part)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(Space.M)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(row.what, "body", wrap=True))
        words.addWidget(Text(row.when, "small", tone="muted"))
        line.addLayout(words, 1)
        back = Button(self._back, "secondary", icon="undo")
        back.clicked.connect(partial(self.chosen.emit, row.key))
        line.addWidget(back)
        return part
