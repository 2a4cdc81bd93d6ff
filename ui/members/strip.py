"""The member in one line, where the window is too small for page and task side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.queries.rows import Guest, MemberPage
from ui.counter import words
from ui.locale import number, tr
from ui.theme import Space
from ui.widgets import Button, Card, Chip, ElidedText, Text


class MemberStrip(Card):
    """`toggled`: show the whole page, or the task again."""

    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=Space.S, parent=parent)
        row = QHBoxLayout()
        row.setContentsMargins(Space.S, 0, 0, 0)
        row.setSpacing(Space.M)
        self.name = ElidedText("", "title")
        self.tier = Chip("", "bronze")
        self.points = Text("", "title")
        self.more = Button("", "quiet", icon="member")
        row.addWidget(self.name, 1)
        row.addWidget(self.tier)
        row.addWidget(self.points)
        row.addWidget(self.more)
        self.body.addLayout(row)
        self.more.clicked.connect(self.toggled)

    def show_page(self, page: MemberPage | Guest | None, *, open_: bool) -> None:
        self.more.setText(tr("Back to the task") if open_ else tr("Member page"))
        if page is not None:
            self.name.setText(page.name)
            self.tier.set(words.tier(page.tier), page.tier)
            self.points.setText(tr("{n} points", n=number(page.usable)))
