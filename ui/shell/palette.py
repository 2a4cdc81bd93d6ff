"""Ctrl+K: any command, by word, by pinyin initials or by its English name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QWidget

from ui.locale import tr
from ui.shell.finding import fitting
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import ListRow, Overlay, ScrollColumn, SearchField, Text


class Palette(Overlay):
    """Runs one command and goes."""

    def __init__(self, host: QWidget, commands: Sequence[Command]) -> None:
        super().__init__(host, width=560)
        self._commands = tuple(commands)
        self._found: list[Command] = []
        self._rows: list[ListRow] = []
        self._at = 0
        self.body.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        self.body.setSpacing(Space.S)
        self.field = SearchField(tr("What do you want to do?"), key="Esc")
        self.body.addWidget(self.field)
        self._list = ScrollColumn(spacing=2)
        self._list.setFixedHeight(theme().px(400))
        self.body.addWidget(self._list)
        self._nothing = Text(role="body", tone="muted")
        self._nothing.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        self._list.column.addWidget(self._nothing)
        self.field.typed.connect(self.show_fitting)
        self.field.moved.connect(self._move)
        self.field.chosen.connect(self._choose_current)
        self.setFocusProxy(self.field)
        self.setAccessibleName(tr("Any command"))
        self.show_fitting("")

    @property
    def found(self) -> tuple[Command, ...]:
        return tuple(self._found)

    def show_fitting(self, typed: str) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self._found = fitting(self._commands, typed)
        for at, command in enumerate(self._found):
            row = ListRow(command.title(), icon=command.icon or "command", key=command.key)
            row.chosen.connect(partial(self._run, command))
            self._list.column.insertWidget(at, row)
            self._rows.append(row)
        self._nothing.setText(tr("No command fits “{typed}”", typed=typed))
        self._nothing.setVisible(not self._found)
        self._at = 0
        self._show_current()

    def _move(self, step: int) -> None:
        if self._rows:
            self._at = (self._at + step) % len(self._rows)
            self._show_current()

    def _show_current(self) -> None:
        for at, row in enumerate(self._rows):
            row.set_selected(at == self._at)
        if self._rows and self.isVisible():
            self._list.ensureWidgetVisible(self._rows[self._at], 0, 0)

    def _choose_current(self) -> None:
        if self._found:
            self._run(self._found[self._at])

    def _run(self, command: Command) -> None:
        self.close_overlay()
        command.run()
