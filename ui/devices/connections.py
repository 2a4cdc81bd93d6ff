"""Where printer and reader are plugged in, and a try of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ports.devices import DeviceChoice
from ui.locale import mark, tr
from ui.theme import Space
from ui.widgets import Banner, Button, Card, ProgressLine, SelectField, show_if

PROFILE_NAMES = {
    "generic-58": mark("58 mm paper, common"),
    "generic-80": mark("80 mm paper, common"),
}
BUSY_WORDS = {
    "apply": mark("Connecting anew …"),
    "print": mark("Printing a test slip"),
}


class Connections(Card):
    """`wanted(DeviceChoice)` when it is to be kept. What a person is choosing is not overwritten by a refresh."""

    wanted = Signal(object)
    print_wanted = Signal()
    swipe_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._choice: DeviceChoice | None = None
        self._ports: tuple[tuple[str, str], ...] = ()
        self._profiles: Sequence[str] = ()
        self._busy = ""
        self.printer = SelectField("", editable=True)
        self.profile = SelectField("")
        self.reader = SelectField("", editable=True)
        for field in (self.printer, self.profile, self.reader):
            self.body.addWidget(field)
            field.changed.connect(self._on_changed)
        self.progress = ProgressLine()
        self.result = Banner("", "info")
        self.result.hide()
        self.body.addWidget(self.progress)
        self.body.addWidget(self.result)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.print = Button("", "secondary", icon="printer")
        self.swipe = Button("", "secondary", icon="card")
        self.save = Button("", "primary", icon="save")
        row.addWidget(self.print)
        row.addWidget(self.swipe)
        row.addStretch(1)
        self.body.addLayout(row)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self.save)
        self.body.addLayout(last)
        self.print.clicked.connect(self.print_wanted)
        self.swipe.clicked.connect(self.swipe_wanted)
        self.save.clicked.connect(lambda: self.wanted.emit(self.chosen()))
        self.retranslate()

    def chosen(self) -> DeviceChoice:
        return DeviceChoice(self.printer.value, self.profile.value or "generic-80", self.reader.value)

    def show_choice(self, choice: DeviceChoice, ports: tuple[tuple[str, str], ...], profiles: Sequence[str]) -> None:
        unsaved = self._choice is not None and self.chosen() != self._choice
        kept = self.chosen() if unsaved else choice
        self._choice, self._ports, self._profiles = choice, ports, profiles
        self._fill(kept)

    def show_busy(self, what: str) -> None:
        self._busy = what
        if what in BUSY_WORDS:
            self.progress.start(tr(BUSY_WORDS[what]))
        else:
            self.progress.finish()
        if what:
            show_if(self.result, what == "swipe")
        if what == "swipe":
            self.result.set(tr("Swipe any card now. It brings up nobody."), "info")
        elif not what and self.result.text.text() == tr("Swipe any card now. It brings up nobody."):
            self.result.hide()
        self.retranslate()

    def say(self, sentence: str, *, good: bool) -> None:
        self.result.set(sentence, "success" if good else "warning")
        self.result.show()

    def retranslate(self) -> None:
        self.set_title(tr("Connections"))
        self.printer.set_label(tr("Port of the printer"))
        self.profile.set_label(tr("Kind of printer"))
        self.reader.set_label(tr("Port of the reader"))
        self.print.setText(tr("Print a test slip"))
        self.swipe.setText(tr("Stop waiting") if self._busy == "swipe" else tr("Swipe a test card"))
        self.save.setText(tr("Save and connect"))
        if self._choice is not None:
            self._fill(self.chosen())
        self._show_buttons()

    def _fill(self, choice: DeviceChoice) -> None:
        plain = [(url, f"{what}  {url}" if what != url else url) for url, what in self._ports]
        known = {url for url, _ in plain}
        for field, none, url in (
            (self.printer, tr("No printer at this counter"), choice.printer_url),
            (self.reader, tr("No reader at this counter"), choice.reader_url),
        ):
            extra = [(url, url)] if url and url not in known else []
            field.set_options((("", none), *plain, *extra), url)
            field.set_value(url)
        names = [(name, tr(PROFILE_NAMES[name]) if name in PROFILE_NAMES else name) for name in self._profiles]
        self.profile.set_options(names, choice.printer_profile)
        self._show_buttons()

    def _show_buttons(self) -> None:
        choice = self._choice
        unsaved = choice is not None and self.chosen() != choice
        self.save.setEnabled(unsaved and not self._busy)
        self.print.setEnabled(not unsaved and not self._busy and choice is not None and bool(choice.printer_url))
        waiting = self._busy == "swipe"
        reader = choice is not None and bool(choice.reader_url)
        self.swipe.setEnabled(waiting or (not unsaved and not self._busy and reader))

    def _on_changed(self, _value: str) -> None:
        self._show_buttons()
