"""The mall's own lines on every slip, for whoever keeps the rules."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.locale import tr
from ui.widgets import Button, Overlay, Text, TextField

Lines = tuple[str, ...]
LONGEST = 60


class SlipTextPanel(Overlay):
    """`save(heading, footer)` is called with what was typed; empty lines are left out."""

    def __init__(
        self, host: QWidget, texts: tuple[Lines, Lines], save: Callable[[Lines, Lines], None], *, title: str
    ) -> None:
        super().__init__(host, width=560)
        self._save_texts = save
        self.body.addWidget(Text(title, "title"))
        hint = tr("These lines stand on every slip from now on: an address, a phone number, opening hours, a greeting.")
        self.body.addWidget(Text(hint, "small", tone="muted", wrap=True))
        self.heading = self._fields(tr("Under the mall's name"), texts[0], fewest=1)
        self.footer = self._fields(tr("At the end of a slip"), texts[1], fewest=3)
        self.problem = Text("", "small", tone="danger", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        buttons = QHBoxLayout()
        cancel = Button(tr("Cancel"), "secondary", key="Esc")
        self.save = Button(tr("Save"), "primary")
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        self.body.addLayout(buttons)
        cancel.clicked.connect(self.cancel)
        self.save.clicked.connect(self._on_save)
        self.setAccessibleName(title)

    def open(self) -> None:
        super().open()
        self.heading[0].setFocus()

    def set_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.show()
        self.save.setEnabled(True)

    def _fields(self, label: str, lines: Lines, *, fewest: int) -> list[TextField]:
        fields = []
        for number in range(max(fewest, len(lines))):
            field = TextField(label if number == 0 else tr("Line {n}", n=number + 1), max_length=LONGEST)
            field.set_value(lines[number] if number < len(lines) else "")
            field.submitted.connect(self._on_save)
            self.body.addWidget(field)
            fields.append(field)
        return fields

    def _on_save(self) -> None:
        self.save.setEnabled(False)
        typed = [
            tuple(field.value for field in fields if field.value.strip()) for fields in (self.heading, self.footer)
        ]
        self._save_texts(typed[0], typed[1])
