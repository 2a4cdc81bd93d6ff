"""What a printer is and how it is spoken to, for whoever has its manual: paper, cutter, proof, drawer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.ports.devices import PrinterKind
from ui.locale import mark, tr
from ui.theme import Space, theme
from ui.widgets import Button, CheckBox, Overlay, ScrollColumn, SelectField, Text, TextField, show_if

CHROME_PX = 300  # what the panel shows besides
SPEEDS = (9600, 19200, 38400, 57600, 115200, 1200, 2400, 4800, 230400, 460800, 921600)
COMPLETIONS = {
    "gs_h": mark("Says when each slip is printed (GS ( H)"),
    "gs_r": mark("Answers once it has worked off a slip (GS r)"),
    "eot": mark("Only tells its state: somebody looks at each slip"),
    "none": mark("Cannot answer: somebody looks at each slip"),
}
CUTS = {
    "feed": mark("Feeds and cuts by one command"),
    "partial": mark("Is fed, then cuts almost through"),
    "full": mark("Is fed, then cuts through"),
    "none": mark("No cutter: torn off"),
}
FLOWS = {
    "none": mark("None"),
    "xonxoff": mark("XON/XOFF"),
    "rtscts": mark("RTS/CTS"),
    "dsr": mark("DTR/DSR"),
}
TICKS: Mapping[str, str] = {
    "native_qr": mark("Draws QR codes itself"),
    "auto_status": mark("Tells its state by itself"),
    "beyond_gbk": mark("Knows characters of two bytes outside GBK"),
    "hanzi_size": mark("Needs FS ! for large Chinese characters"),
}


class PrinterKindPanel(Overlay):
    """`save` is called with the kind as it was filled in."""

    def __init__(
        self,
        host: QWidget,
        kind: PrinterKind,
        save: Callable[[PrinterKind], None],
    ) -> None:
        super().__init__(host, width=640)
        self._kind = kind
        self._save_kind = save
        self.body.addWidget(Text(tr("Kind of printer"), "title"))
        hint = tr(
            "Made of the kind that was chosen; kept under a name of its own. The printer's manual says all of this."
        )
        self.body.addWidget(Text(hint, "small", tone="muted", wrap=True))
        page = ScrollColumn(margins=2)
        page.setMinimumHeight(max(200, min(560, host.height() - theme().px(CHROME_PX))))
        self.body.addWidget(page, 1)
        self.name = TextField(tr("Name of this kind"), max_length=40)
        self.name.set_value(kind.name)
        page.column.addWidget(self.name)
        self.columns = TextField(tr("Characters a line"), digits=True, max_length=2)
        self.columns.set_value(str(kind.columns))
        self.dots = TextField(tr("Dots across"), digits=True, max_length=4)
        self.dots.set_value(str(kind.dots))
        self.baudrate = SelectField(tr("Speed"), [(str(n), f"{n} Bd") for n in sorted(SPEEDS)], str(kind.baudrate))
        self.flow = SelectField(tr("Flow control"), _told(FLOWS), kind.flow)
        self.cut = SelectField(tr("Cutter"), _told(CUTS), kind.cut)
        self.drawer = SelectField(tr("Drawer's pin"), (("2", "2"), ("5", "5")), str(kind.drawer_pin))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.S)
        for at, field in enumerate((self.columns, self.dots, self.baudrate, self.flow, self.cut, self.drawer)):
            grid.addWidget(field, at // 2, at % 2)
        page.column.addLayout(grid)
        self.completion = SelectField(tr("How it proves that it has printed"), _told(COMPLETIONS), kind.completion)
        page.column.addWidget(self.completion)
        self.ticks = {name: CheckBox(tr(words), bool(getattr(kind, name))) for name, words in TICKS.items()}
        for tick in self.ticks.values():
            page.column.addWidget(tick)
        self.problem = Text("", "small", tone="danger", wrap=True)
        self.problem.hide()
        self.body.addWidget(self.problem)
        buttons = QHBoxLayout()
        cancel = Button(tr("Cancel"), "secondary", key="Esc")
        self.save = Button(tr("Save and connect"), "primary")
        buttons.addWidget(cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        self.body.addLayout(buttons)
        cancel.clicked.connect(self.cancel)
        self.save.clicked.connect(self._on_save)
        self.setAccessibleName(tr("Kind of printer"))

    def open(self) -> None:
        super().open()
        self.name.setFocus()
        self.name.edit.selectAll()

    @property
    def filled(self) -> PrinterKind:
        completion = self.completion.value
        return replace(
            self._kind,
            name=self.name.value,
            columns=int(self.columns.value or 0),
            dots=int(self.dots.value or 0),
            completion=completion,
            answers=completion != "none",
            cut=self.cut.value,
            baudrate=int(self.baudrate.value),
            flow=self.flow.value,
            drawer_pin=int(self.drawer.value),
            native_qr=self.ticks["native_qr"].isChecked(),
            auto_status=self.ticks["auto_status"].isChecked(),
            beyond_gbk=self.ticks["beyond_gbk"].isChecked(),
            hanzi_size=self.ticks["hanzi_size"].isChecked(),
        )

    def set_busy(self, busy: bool) -> None:
        self.save.setEnabled(not busy)

    def set_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        show_if(self.problem, bool(sentence))

    def _on_save(self) -> None:
        self.set_problem("")
        self._save_kind(self.filled)


def _told(choices: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(name, tr(words)) for name, words in choices.items()]
