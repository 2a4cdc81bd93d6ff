"""Names to touch on the left, a keypad on the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from app.queries.rows import StaffTile
from ui.locale import LANGUAGES, language, tr
from ui.shell.brand import Brand
from ui.shell.roles import role_name, surname_of
from ui.shell.sign_in.presenter import SignInPresenter
from ui.theme import Radius, Space, fill_rounded, theme
from ui.widgets import Avatar, EmptyState, PinField, ScrollColumn, SegmentedControl, Text, TextField, Tile, clear


class SignInView(QWidget):
    """`language_chosen(str)` asks the window to switch."""

    language_chosen = Signal(str)

    def __init__(self, make_presenter: Callable[[SignInView], SignInPresenter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[str, Tile] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        top = QHBoxLayout()
        self.brand = Brand()
        self._languages = SegmentedControl(tuple(LANGUAGES.items()), language())
        self._languages.changed.connect(self.language_chosen)
        top.addWidget(self.brand, 1)
        top.addWidget(self._languages)
        outer.addLayout(top)
        outer.addStretch(1)
        middle = QHBoxLayout()
        middle.addStretch(1)
        self._panel = _Panel()
        middle.addWidget(self._panel, 100)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)

        columns = QHBoxLayout(self._panel)
        columns.setContentsMargins(Space.XXL, Space.XXL, Space.XXL, Space.XXL)
        columns.setSpacing(Space.XXL)
        left = QVBoxLayout()
        left.setSpacing(Space.L)
        self._question = Text(role="headline")
        left.addWidget(self._question)
        self._list = ScrollColumn()
        self._grid = QGridLayout()
        self._grid.setSpacing(Space.M)
        self._list.column.addLayout(self._grid)
        left.addWidget(self._list, 1)
        self._number = TextField("", digits=True, max_length=20)
        left.addWidget(self._number)
        columns.addLayout(left, 1)
        self._right = QWidget()
        self._right.setFixedWidth(theme().px(300))
        self._stack = QStackedLayout(self._right)
        self._invite = EmptyState("lock", "", "")
        self._stack.addWidget(self._invite)
        pin_side = QWidget()
        pin_column = QVBoxLayout(pin_side)
        pin_column.setContentsMargins(0, 0, 0, 0)
        pin_column.setSpacing(Space.XS)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._avatar = Avatar(size=56)
        self._name = Text(role="title", align=centre)
        self._role = Text(role="small", tone="muted", align=centre)
        self.pin = PinField()
        pin_column.addWidget(self._avatar, 0, centre)
        pin_column.addWidget(self._name)
        pin_column.addWidget(self._role)
        pin_column.addWidget(self.pin, 1)
        self._stack.addWidget(pin_side)
        columns.addWidget(self._right)

        self._presenter = make_presenter(self)
        self.pin.entered.connect(self._presenter.enter)
        self._number.submitted.connect(self._on_number)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._on_second)
        self.retranslate()

    @property
    def presenter(self) -> SignInPresenter:
        return self._presenter

    @property
    def problem(self) -> str:
        return self.pin.problem.text() or self._number.problem

    def set_where(self, where: str) -> None:
        self.brand.set_where(where)

    def open(self) -> None:
        self._number.set_value("")
        self._presenter.open()
        self.setFocus()

    def retranslate(self) -> None:
        self.brand.retranslate()
        self._languages.set_value(language())
        self._question.setText(tr("Who is at the counter?"))
        self._number.set_label(tr("Staff number"))
        self._number.set_placeholder(tr("Or type your number and press Enter"))
        self._invite.set(tr("Choose your name"), tr("Then enter your PIN."))
        self.pin.retranslate()
        self._presenter.retranslate()

    # SignInScreen

    def show_staff(self, staff: tuple[StaffTile, ...]) -> None:
        clear(self._grid)
        self._tiles.clear()
        for at, person in enumerate(staff):
            avatar = Avatar(surname_of(person.name), size=44)
            tile = Tile(person.name, f"{person.staff} {role_name(person.role)}", leading=avatar)
            tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            tile.chosen.connect(partial(self._presenter_choose, person))
            self._tiles[person.staff] = tile
            self._grid.addWidget(tile, at // 3, at % 3)

    def show_chosen(self, staff: StaffTile | None) -> None:
        for number, tile in self._tiles.items():
            tile.set_selected(staff is not None and number == staff.staff)
        self.pin.clear()
        if staff is None:
            self._stack.setCurrentIndex(0)
            return
        self._avatar.set_surname(surname_of(staff.name))
        self._name.setText(staff.name)
        self._role.setText(f"{role_name(staff.role)} {staff.staff}")
        self._number.set_problem("")
        self._stack.setCurrentIndex(1)
        self.pin.setFocus()

    def show_busy(self, busy: bool) -> None:
        self.pin.set_busy(busy)
        if not busy and self._stack.currentIndex() == 1:
            self.pin.setFocus()

    def show_problem(self, sentence: str) -> None:
        if self._stack.currentIndex() == 1:
            self.pin.set_problem(sentence)
        else:
            self.pin.set_problem("")
            self._number.set_problem(sentence)
        if self._presenter_locked():
            self.pin.set_busy(True)
            self._second.start()
        else:
            if self._second.isActive():
                self.pin.set_busy(False)
            self._second.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Digits that are typed before anything has the keyboard are a staff number.
        if len(event.text()) == 1 and event.text() in "0123456789":
            self._number.edit.setFocus()
            self._number.edit.insert(event.text())
            event.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self._presenter.choose(None)
            self.setFocus()
            event.accept()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    def _presenter_choose(self, person: StaffTile) -> None:
        self._presenter.choose(person)

    def _presenter_locked(self) -> bool:
        return hasattr(self, "_presenter") and self._presenter.locked_s > 0

    def _on_number(self) -> None:
        self._presenter.choose_number(self._number.value)

    def _on_second(self) -> None:
        self._presenter.tick()


class _Panel(QFrame):
    def __init__(self) -> None:
        super().__init__()
        # Its size where there is room; less in a small window or with large text.
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(900), theme().px(540))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, Radius.PANEL, theme().colour("surface"), theme().colour("line"))
