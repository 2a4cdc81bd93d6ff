"""The search field, and who is signed in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QWidget

from ui.locale import LANGUAGES, language, tr, trn
from ui.shell.roles import role_name, surname_of
from ui.shell.session import Session
from ui.theme import Radius, Space, as_qicon, dress, fill_rounded, focus_ring, paint_icon, stylesheet, theme
from ui.theme.tokens import TEXT_SCALES
from ui.widgets import Button, Chip, IconButton, SearchField

NEXT_CARD_KEY = "Ctrl+J"


class TopBar(QWidget):
    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    scale_chosen = Signal(float)
    lock_wanted = Signal()
    own_pin_wanted = Signal()
    sign_out_wanted = Signal()
    palette_wanted = Signal()
    help_wanted = Signal()
    next_card_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme().px(64))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.S)
        self.search = SearchField()
        self.search.setMinimumWidth(theme().px(280))
        self.search.setMaximumWidth(theme().px(720))
        self.card_waits = Chip(tone="accent", icon="card")
        self.card_waits.hide()
        self.next_card = Button("", "secondary", icon="card", key=NEXT_CARD_KEY)
        self.next_card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.next_card.hide()
        self._cards_waiting = 0
        self._palette = IconButton("command", "")
        self._help = IconButton("help", "")
        self.person = PersonButton()
        row.addWidget(self.search, 10)
        row.addWidget(self.card_waits)
        row.addWidget(self.next_card)
        row.addStretch(1)
        row.addWidget(self._palette)
        row.addWidget(self._help)
        row.addWidget(self.person)
        self._palette.clicked.connect(self.palette_wanted)
        self._help.clicked.connect(self.help_wanted)
        self.person.clicked.connect(self._open_menu)
        self.next_card.clicked.connect(self.next_card_wanted)
        self.retranslate()

    def set_session(self, session: Session | None) -> None:
        self.person.set_session(session)

    def show_search(self, shown: bool) -> None:
        """Only where somebody may look members up."""
        self.search.setVisible(shown)

    def show_cards_waiting(self, count: int, *, confirming: bool) -> None:
        """While something is being confirmed a card can only wait; otherwise the next one can be fetched."""
        self._cards_waiting = count
        self.card_waits.setVisible(count > 0 and confirming)
        self.next_card.setVisible(count > 0 and not confirming)
        self._write_next_card()

    def retranslate(self) -> None:
        self.search.set_placeholder(tr("Swipe a card, or type phone, name, pinyin, member number"))
        self.card_waits.set(tr("A card waits: finish this first"))
        self._write_next_card()
        self._palette.set_name(f"{tr('Any command')}  Ctrl+K")
        self._help.set_name(f"{tr('Help')}  F1")
        self.person.retranslate()

    def menu(self) -> QMenu:
        """Made anew each time, so that it says what holds now."""
        menu = RoundMenu(self)
        for name, text in LANGUAGES.items():
            action = menu.addAction(self._icon("check" if name == language() else ""), text)
            action.triggered.connect(lambda _checked=False, chosen=name: self.language_chosen.emit(chosen))
        menu.addSeparator()
        other = "light" if theme().is_dark else "dark"
        look = menu.addAction(
            self._icon("sun" if theme().is_dark else "moon"),
            tr("Light colours") if theme().is_dark else tr("Dark colours"),
        )
        look.triggered.connect(lambda _checked=False: self.theme_chosen.emit(other))
        at = min(range(len(TEXT_SCALES)), key=lambda i: abs(TEXT_SCALES[i] - theme().scale))
        for text, step, icon in ((tr("Larger text"), 1, "plus"), (tr("Smaller text"), -1, "minus")):
            size = menu.addAction(self._icon(icon), text)
            possible = 0 <= at + step < len(TEXT_SCALES)
            size.setEnabled(possible)
            scale = TEXT_SCALES[at + step] if possible else theme().scale
            size.triggered.connect(lambda _checked=False, chosen=scale: self.scale_chosen.emit(chosen))
        menu.addSeparator()
        own_pin = menu.addAction(self._icon("keyboard"), tr("Change my PIN"))
        own_pin.triggered.connect(lambda _checked=False: self.own_pin_wanted.emit())
        lock = menu.addAction(self._icon("lock"), f"{tr('Lock')}　Ctrl+L")
        lock.triggered.connect(lambda _checked=False: self.lock_wanted.emit())
        leave = menu.addAction(self._icon("sign_out"), tr("Sign out"))
        leave.triggered.connect(lambda _checked=False: self.sign_out_wanted.emit())
        return menu

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedHeight(theme().px(64))
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    def _write_next_card(self) -> None:
        self.next_card.setText(trn("{n} more card waits", "{n} more cards wait", self._cards_waiting))

    def _icon(self, name: str) -> QIcon:
        return as_qicon(name, theme().colour("text_muted"), theme().px(20), self.devicePixelRatioF())

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = self.person.mapToGlobal(QPoint(self.person.width() - menu.sizeHint().width(), self.person.height() + 4))
        menu.popup(at)


class RoundMenu(QMenu):
    """A menu with the corners of the house."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        dress(self, stylesheet.round_menu)


class PersonButton(QAbstractButton):
    """Avatar, name and role, and an arrow."""

    def __init__(self) -> None:
        super().__init__()
        self._session: Session | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_session(self, session: Session | None) -> None:
        self._session = session
        self.retranslate()

    def retranslate(self) -> None:
        name = self._session.name if self._session else ""
        self.setAccessibleName(f"{name} {self._role()}".strip())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        t = theme()
        name = self._session.name if self._session else ""
        words = max(t.metrics("strong").horizontalAdvance(name), t.metrics("caption").horizontalAdvance(self._role()))
        return QSize(t.px(36) + words + t.px(20) + 4 * Space.S, t.px(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._session is None:
            return
        with QPainter(self) as painter:
            t = theme()
            rect = QRectF(self.rect())
            if self.isDown() or self.underMouse():
                fill_rounded(painter, rect, Radius.CONTROL, t.colour("sunken"))
            side = t.px(36)
            disc = QRectF(Space.S, (rect.height() - side) / 2, side, side)
            fill_rounded(painter, disc, side / 2, t.colour("accent_soft"))
            painter.setFont(t.font("strong"))
            painter.setPen(t.colour("accent_text"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, surname_of(self._session.name))
            left = disc.right() + Space.S
            middle = rect.center().y()
            words = QRectF(left, middle - t.px(22), rect.width() - left, t.px(24))
            painter.setPen(t.colour("text"))
            painter.drawText(words, Qt.AlignmentFlag.AlignBottom, self._session.name)
            painter.setFont(t.font("caption"))
            painter.setPen(t.colour("text_muted"))
            below = QRectF(left, middle + t.px(1), rect.width() - left, t.px(20))
            painter.drawText(below, Qt.AlignmentFlag.AlignTop, self._role())
            arrow = t.px(16)
            at = QRectF(rect.right() - arrow - Space.S, middle - arrow / 2, arrow, arrow)
            paint_icon(painter, at, "chevron_down", t.colour("text_muted"))
            if self.hasFocus():
                focus_ring(painter, rect, Radius.CONTROL)

    def _role(self) -> str:
        return role_name(self._session.role) if self._session else ""
