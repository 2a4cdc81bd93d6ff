"""Covers everything: nothing of the member who stood here is left on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from ui.locale import tr
from ui.shell.brand import Brand
from ui.shell.lock.presenter import LockPresenter
from ui.shell.roles import role_name, surname_of
from ui.shell.session import Session
from ui.theme import Radius, Space, fill_rounded, theme
from ui.widgets import Avatar, Button, PinField, Text


class LockView(QWidget):
    """`switch_person` asks the window for the sign-in screen."""

    switch_person = Signal()

    def __init__(self, host: QWidget, make_presenter: Callable[[LockView], LockPresenter]) -> None:
        super().__init__(host)
        self._host = host
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.XL)
        self.brand = Brand()
        outer.addWidget(self.brand)
        outer.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        panel = _Panel()
        outer.addWidget(panel, 0, centre)
        outer.addStretch(1)
        column = QVBoxLayout(panel)
        column.setContentsMargins(Space.XXL, Space.XL, Space.XXL, Space.L)
        column.setSpacing(Space.XS)
        self._avatar = Avatar(size=56)
        self._name = Text(role="title", align=centre)
        self._hint = Text(role="small", tone="muted", align=centre, wrap=True)
        self.pin = PinField()
        self._switch = Button(kind="quiet", icon="members")
        column.addWidget(self._avatar, 0, centre)
        column.addWidget(self._name)
        column.addWidget(self._hint)
        column.addWidget(self.pin, 1)
        column.addWidget(self._switch)
        self._switch.clicked.connect(self.switch_person)
        self._presenter = make_presenter(self)
        self.pin.entered.connect(self._presenter.enter)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._on_second)
        self._role = ""
        host.installEventFilter(self)
        self.hide()
        self.retranslate()

    @property
    def presenter(self) -> LockPresenter:
        return self._presenter

    @property
    def is_locked(self) -> bool:
        return not self.isHidden()

    def lock(self, session: Session) -> None:
        self.setGeometry(self._host.rect())
        self.pin.clear()
        self._presenter.lock(session)
        self.show()
        self.raise_()
        self.pin.setFocus()

    def release(self) -> None:
        self._second.stop()
        self.pin.clear()
        self.hide()

    def retranslate(self) -> None:
        self.brand.retranslate()
        self._hint.setText(tr("Locked. Enter your PIN to go on."))
        self._switch.setText(tr("Somebody else signs in"))
        self.pin.retranslate()
        self._presenter.retranslate()

    # LockScreen

    def show_person(self, name: str, role: str) -> None:
        self._avatar.set_surname(surname_of(name))
        self._name.setText(f"{name}  {role_name(role)}")

    def show_busy(self, busy: bool) -> None:
        self.pin.set_busy(busy)
        if not busy and self.isVisible():
            self.pin.setFocus()

    def show_problem(self, sentence: str) -> None:
        self.pin.set_problem(sentence)
        waits = hasattr(self, "_presenter") and self._presenter.locked_s > 0
        if waits:
            self.pin.set_busy(True)
            self._second.start()
        elif hasattr(self, "_second"):
            if self._second.isActive():
                self.pin.set_busy(False)
            self._second.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes between the keypad and the way out, never behind the lock."""
        (self._switch if self.pin.hasFocus() else self.pin).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    def _on_second(self) -> None:
        self._presenter.tick()


class _Panel(QFrame):
    def __init__(self) -> None:
        super().__init__()
        # Its size where there is room; less in a small window or with large text.
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(380), theme().px(560))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            rect = QRectF(self.rect())
            fill_rounded(painter, rect, Radius.PANEL, theme().colour("surface"), theme().colour("line"))
