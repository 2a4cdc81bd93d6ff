"""What a person sets for this desk's screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ports.preferences import AUTO_LOCK_MINUTES, MEMBER_SCREEN, SLIP_WIDTH_MM, Preferences
from ui.locale import LANGUAGES, language, mark, tr
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.theme.tokens import TEXT_SCALES
from ui.widgets import Card, Divider, ScrollColumn, SegmentedControl, Text

NARROW_PX = 700
AUTO_LOCK_CHOICES = ("1", "3", "5", "10", "0")


class SettingsView(QWidget):
    """A `Screen`. The window switches language, theme and size; what else changed is told by `changed(str key)`."""

    name = "settings"
    icon = "settings"

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    scale_chosen = Signal(float)
    changed = Signal(str)

    def __init__(self, preferences: Preferences, *, key: str = "Ctrl+6", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._preferences = preferences
        self._labels: list[tuple[Text, str]] = []
        self._rows: list[tuple[QHBoxLayout, SegmentedControl]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, 0, Space.L, Space.L)
        column.setSpacing(Space.M)
        self._title = Text(role="headline")
        column.addWidget(self._title)
        page = ScrollColumn()
        column.addWidget(page, 1)
        look = Card()
        look.setMaximumWidth(theme().px(820))
        page.column.addWidget(look)
        self.language = SegmentedControl(tuple(LANGUAGES.items()), language())
        self.theme = SegmentedControl((("light", ""), ("dark", "")), theme().name)
        self.scale = SegmentedControl([(str(s), f"{s:.0%}") for s in TEXT_SCALES], str(theme().scale))
        self.auto_lock = SegmentedControl([(m, "") for m in AUTO_LOCK_CHOICES], self._kept(AUTO_LOCK_MINUTES, "3"))
        self.slip_width = SegmentedControl((("58", ""), ("80", "")), self._kept(SLIP_WIDTH_MM, "80"))
        self.member_screen = SegmentedControl((("", ""), ("on", "")), self._kept(MEMBER_SCREEN, ""))
        rows = (
            (self.language, mark("Language"), mark("Also of the slips that are printed here.")),
            (self.theme, mark("Colours"), mark("Dark is easier on the eyes in dim light.")),
            (self.scale, mark("Text size"), mark("Everything grows with it.")),
            (self.auto_lock, mark("Lock by itself"), mark("After so many minutes without a touch.")),
            (self.slip_width, mark("Paper width"), mark("The width of the paper in the printer.")),
            (
                self.member_screen,
                mark("Screen for the member"),
                mark("Shows their points, and asks whether they agree: on the second screen, or in a window."),
            ),
        )
        for at, (control, label, hint) in enumerate(rows):
            if at:
                look.body.addWidget(Divider())
            row = self._row(control, label, hint)
            self._rows.append((row, control))
            look.body.addLayout(row)
        self.language.changed.connect(self.language_chosen)
        self.theme.changed.connect(self.theme_chosen)
        self.scale.changed.connect(self._on_scale)
        self.auto_lock.changed.connect(self._keeper(AUTO_LOCK_MINUTES))
        self.slip_width.changed.connect(self._keeper(SLIP_WIDTH_MM))
        self.member_screen.changed.connect(self._keeper(MEMBER_SCREEN))
        self.retranslate()

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Settings")

    def commands(self) -> Sequence[Command]:
        return ()

    def help(self) -> str:
        return tr("How this desk looks, when it locks, and how wide its paper is. Changes count at once.")

    def entered(self) -> None:
        """Show what holds: language and theme can also be changed elsewhere."""
        self.language.set_value(language())
        self.theme.set_value(theme().name)
        self.member_screen.set_value(self._kept(MEMBER_SCREEN, ""))
        self.scale.set_value(str(theme().scale))

    def retranslate(self) -> None:
        self._title.setText(tr("Settings"))
        for text, msgid in self._labels:
            text.setText(tr(msgid))
        self.theme.set_options((("light", tr("Light")), ("dark", tr("Dark"))))
        self.slip_width.set_options((("58", tr("58 mm")), ("80", tr("80 mm"))))
        self.member_screen.set_options((("", tr("Off")), ("on", tr("On"))))
        self.auto_lock.set_options([(m, tr("{n} min", n=m) if m != "0" else tr("Never")) for m in AUTO_LOCK_CHOICES])
        self.entered()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, or with large text, choices stand below their words."""
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW_PX)
        for row, control in self._rows:
            row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
            row.setSpacing(Space.S if narrow else Space.L)
            row.setAlignment(control, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag.AlignRight)

    def _row(self, control: SegmentedControl, label: str, hint: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        words = QVBoxLayout()
        words.setSpacing(0)
        for msgid, role, tone in ((label, "body", "normal"), (hint, "small", "muted")):
            text = Text("", role, tone=tone, wrap=True)
            self._labels.append((text, msgid))
            words.addWidget(text)
        control.setAccessibleName(label)
        row.addLayout(words, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignRight)
        return row

    def _kept(self, key: str, default: str) -> str:
        return self._preferences.get(key, default)

    def _keeper(self, key: str) -> Callable[[str], None]:
        def keep(value: str) -> None:
            self._preferences.set(key, value)
            self.changed.emit(key)

        return keep

    def _on_scale(self, value: str) -> None:
        self.scale_chosen.emit(float(value))
