"""The first start: where you are on the left, one question on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.domain.errors import Fact
from app.ports.first_start import SerialPort, TimeZone
from ui.locale import LANGUAGES, language, mark, number, set_language, tr
from ui.setup.presenter import FIELDS, ITS_OWN, QUESTIONS, STEPS, SetupPresenter, Step
from ui.shell.brand import Brand
from ui.theme import Space, fill_rounded, paint_icon, theme
from ui.widgets import (
    Banner,
    Button,
    ProgressLine,
    ScrollColumn,
    SegmentedControl,
    SelectField,
    Text,
    TextField,
    show_if,
)

LOOK_EVERY_MS = 200  # at how far the first copy is

NAMES = {
    Step.MALL: mark("Mall"),
    Step.DESK: mark("Counter"),
    Step.ADMINISTRATOR: mark("Administrator"),
    Step.PRINTER: mark("Printer"),
    Step.READER: mark("Card reader"),
    Step.CARDS: mark("Card numbers"),
    Step.HUB: mark("The mall's hub"),
    Step.TRIAL: mark("Try it out"),
}
TITLES = {
    Step.MALL: mark("What is the mall called?"),
    Step.DESK: mark("Which counter is this?"),
    Step.ADMINISTRATOR: mark("Who looks after the program?"),
    Step.PRINTER: mark("Where is the slip printer?"),
    Step.READER: mark("Where is the card reader?"),
    Step.CARDS: mark("How do card numbers begin?"),
    Step.HUB: mark("Where is the mall's hub?"),
    Step.TRIAL: mark("Everything is ready. Try it out!"),
}
TEXTS = {
    Step.MALL: mark(
        "The name stands on every slip and on the sign-in screen. "
        "Days begin, and slips are timed, by the mall's own clock."
    ),
    Step.DESK: mark("Each counter has its own gifts and its own member numbers."),
    Step.ADMINISTRATOR: mark("The administrator adds staff and counters. Clerks get their own PINs later."),
    Step.PRINTER: mark("Choose the port that the printer is plugged into. You can also go on without one."),
    Step.READER: mark("Choose the port that the reader is plugged into. You can also go on without one."),
    Step.CARDS: mark("Four digits that all cards of this mall begin with; not 3 to 6 first, as bank cards have."),
    Step.HUB: mark(
        "Address and enrolment code come from whoever runs the hub. The code serves once, for ten minutes. "
        "People, gifts and rules come from there by themselves."
    ),
    Step.TRIAL: mark("Print a slip and swipe a card once. What is not right yet can be changed later under Devices."),
}


class SetupView(QWidget):
    """`finished` fires when the wizard is done."""

    finished = Signal()

    def __init__(self, make_presenter: Callable[[SetupView], SetupPresenter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(1024, 768)
        self._fields: dict[str, TextField | SelectField | SegmentedControl] = {}
        self._titles: dict[Step, tuple[Text, Text]] = {}
        self._trials: dict[str, list[Banner]] = {"printer": [], "reader": []}
        self._tries: dict[str, list[Button]] = {"printer": [], "reader": []}
        self._ports: tuple[SerialPort, ...] = ()
        self._step = Step.MALL
        self._busy = ""
        self._focus_before: QWidget | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_side())
        right = QVBoxLayout()
        right.setContentsMargins(Space.XXL * 2, Space.XL, Space.XXL * 2, Space.XL)
        right.setSpacing(Space.L)
        top = QHBoxLayout()
        top.addStretch(1)
        self._languages = SegmentedControl(tuple(LANGUAGES.items()), language())
        self._languages.changed.connect(self._on_language)
        top.addWidget(self._languages)
        right.addLayout(top)
        self._to_hub = Button("", "quiet", icon="online")
        self._wants_own = Button("", "quiet", icon="lock")
        self._file_rows: dict[str, QWidget] = {}
        self._choose = {name: Button("", "secondary", icon="note") for name in FILES}
        self._certificate = Banner("", "warning")
        self._certificate.setMaximumWidth(theme().px(560))
        self._fingerprint = Text("", "strong", selectable=True)
        for part in (self._certificate, self._fingerprint):
            part.hide()
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_EVERY_MS)
        self._pages = QStackedWidget()
        for step in Step:
            self._pages.addWidget(self._make_page(step))
        right.addWidget(self._pages, 1)
        self._problem = Banner("", "danger")
        self._problem.hide()
        right.addWidget(self._problem)
        self._progress = ProgressLine()
        right.addWidget(self._progress)
        buttons = QHBoxLayout()
        self._back = Button("", "quiet", key="Esc", icon="arrow_left")
        self._next = Button("", "primary", key="Enter", large=True)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        buttons.addWidget(self._next)
        right.addLayout(buttons)
        row.addLayout(right, 1)
        self._presenter = make_presenter(self)
        self._back.clicked.connect(self._presenter.back)
        self._next.clicked.connect(self._presenter.next)
        self._to_hub.clicked.connect(self._presenter.to_hub)
        self._wants_own.clicked.connect(self._on_wants_own)
        for name, button in self._choose.items():
            button.clicked.connect(partial(self._on_choose_file, name))
        self._looking.timeout.connect(self._presenter.look)
        self._progress.cancelled.connect(self._presenter.cancel)
        for name, field in self._fields.items():
            value = self._presenter.typed.get(name, "")
            field.set_value(value)
            field.changed.connect(partial(self._on_changed, name))
        self.retranslate()

    @property
    def presenter(self) -> SetupPresenter:
        return self._presenter

    def field(self, name: str) -> TextField | SelectField | SegmentedControl:
        return self._fields[name]

    def open(self) -> None:
        self._presenter.open()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("MemberDesk"))
        self._brand.retranslate()
        self._languages.set_value(language())
        self._to_hub.setText(tr("This mall already has a hub"))
        self._wants_own.setText(tr("The hub asks for a certificate of this computer"))
        for name, button in self._choose.items():
            button.setText(tr("Choose the file…"))
            button.setAccessibleDescription(tr(LABELS[name]))
        self._certificate.set(
            tr(
                "This computer does not know the hub's certificate yet. Compare this fingerprint with the one that the "
                "hub shows when it starts (certificate_sha256); go on only if every sign is the same."
            )
        )
        for step, (title, text) in self._titles.items():
            title.setText(tr(TITLES[step]))
            text.setText(tr(TEXTS[step]))
        for name, label in LABELS.items():
            field = self._fields[name]
            if isinstance(field, TextField | SelectField):
                field.set_label(tr(label))
            else:
                field.setAccessibleName(tr(label))
        for name, hint in HINTS.items():
            field = self._fields[name]
            if isinstance(field, TextField):
                field.set_placeholder(tr(hint))
        self._paper_label.setText(tr("Paper width"))
        width = self._fields["paper_width_mm"]
        if isinstance(width, SegmentedControl):
            width.set_options((("58", tr("58 mm")), ("80", tr("80 mm"))))
        for button in self._tries["printer"]:
            button.setText(tr("Print a test slip"))
        for button in self._tries["reader"]:
            button.setText(tr("Swipe a test card"))
        self._steps.retranslate()
        self._show_ports_in_fields()
        self._show_buttons()

    # SetupScreen

    def show_step(self, step: Step) -> None:
        self._step = step
        self._pages.setCurrentIndex(tuple(Step).index(step))
        self._steps.set_current(self._presenter.steps, step)
        self._show_buttons()
        first = FIELDS[step][0] if FIELDS[step] else ""
        (self._fields[first] if first else self._next).setFocus()

    def show_ports(self, ports: tuple[SerialPort, ...]) -> None:
        self._ports = ports
        self._show_ports_in_fields()

    def show_zones(self, zones: tuple[TimeZone, ...]) -> None:
        field = self._fields["zone"]
        if isinstance(field, SelectField):
            options = tuple((zone.name, f"{zone.name}  {zone.offset}") for zone in zones)
            field.set_options(options, self._presenter.typed["zone"])

    def show_problem(self, field: str, sentence: str) -> None:
        if field in self._fields:
            widget = self._fields[field]
            if isinstance(widget, TextField):
                widget.set_problem(sentence)
                return
        self._problem.set(sentence)
        self._problem.setVisible(bool(sentence))

    def show_refused(self, field: str) -> None:
        self._fields[field].setFocus()

    def show_busy(self, what: str) -> None:
        if what:
            self._focus_before = self.focusWidget()  # a button that is disabled loses the focus to some other widget
        self._busy = what
        doing = {
            "create": tr("Making the store and the desk's key"),
            "join": tr("Asking the hub"),
            "print": tr("Printing a test slip"),
            "swipe": tr("Swipe a card now"),
        }
        if what:
            self._progress.start(doing[what], can_cancel=what == "join")
        else:
            self._progress.finish()
        if what == "join":
            self._looking.start()
        else:
            self._looking.stop()
        if what == "swipe":
            self._say("reader", tr("Swipe a card now"), "info")
        self._show_buttons()
        if not what and self._focus_before is not None:
            self._focus_before.setFocus()
            self._focus_before = None

    def show_copied(self, lines: int) -> None:
        if lines:
            self._progress.say(tr("Copying what this desk needs: {n} entries", n=number(lines)))

    def show_certificate(self, fingerprint: str) -> None:
        parts = fingerprint.split(":")
        rows = (":".join(parts[at : at + 16]) for at in range(0, len(parts), 16))
        self._fingerprint.setText("\n".join(rows))
        for told in (self._certificate, self._fingerprint):
            show_if(told, bool(fingerprint))
        show_if(self._file_rows["hub_certificate"], not fingerprint)  # the other way to vouch for it
        self._show_buttons()

    def ask_own_certificate(self) -> None:
        self._wants_own.hide()
        for name in ITS_OWN:
            show_if(self._file_rows[name], True)

    def show_trial(self, device: str, code: str, facts: Mapping[str, Fact], *, good: bool) -> None:
        self._say(device, self._presenter.sentence(code, facts), "success" if good else "warning")

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._presenter.next()
        elif event.key() == Qt.Key.Key_Escape:
            self._presenter.back()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("window"))

    # Inside

    def _make_side(self) -> QWidget:
        side = _Side()
        column = QVBoxLayout(side)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.XXL)
        self._brand = Brand()
        self._brand.set_where("")
        self._steps = _Steps()
        column.addWidget(self._brand)
        column.addWidget(self._steps)
        column.addStretch(1)
        return side

    def _make_page(self, step: Step) -> QWidget:
        page = ScrollColumn(spacing=Space.L)
        title = Text(role="headline", wrap=True)
        text = Text(role="body", tone="muted", wrap=True)
        self._titles[step] = (title, text)
        page.column.addWidget(title)
        page.column.addWidget(text)
        page.column.addSpacing(Space.S)
        for name in FIELDS[step]:
            page.column.addLayout(self._make_field(name))
            if name in ITS_OWN:
                self._file_rows[name].hide()
        if step is Step.MALL:
            page.column.addSpacing(Space.M)
            page.column.addWidget(self._to_hub, 0, Qt.AlignmentFlag.AlignLeft)
        if step is Step.HUB:
            page.column.addWidget(self._wants_own, 0, Qt.AlignmentFlag.AlignLeft)
            page.column.addWidget(self._certificate)
            page.column.addWidget(self._fingerprint)
        if step in (Step.PRINTER, Step.TRIAL):
            page.column.addLayout(self._make_trial("printer"))
        if step in (Step.READER, Step.TRIAL):
            page.column.addLayout(self._make_trial("reader"))
        return page

    def _make_field(self, name: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        field: TextField | SelectField | SegmentedControl
        if name in ("printer_url", "reader_url", "zone"):
            field = SelectField("", editable=True)
        elif name == "paper_width_mm":
            self._paper_label = Text(role="label")
            column.addWidget(self._paper_label)
            field = SegmentedControl((("58", "58"), ("80", "80")), "80")
        else:
            secret = name in ("pin", "pin_again")
            digits = secret or name in ("desk_number", "administrator_staff", "card_prefix")
            field = TextField("", secret=secret, digits=digits, max_length=LONGEST.get(name, 40))
        if not isinstance(field, SegmentedControl):
            field.setMaximumWidth(theme().px(480))
        if isinstance(field, TextField) and name in FILES:
            self._file_rows[name] = self._beside(field, self._choose[name])
            column.addWidget(self._file_rows[name])
        else:
            column.addWidget(field)
        self._fields[name] = field
        return column

    def _beside(self, field: TextField, button: Button) -> QWidget:
        """The button stands beside the field itself, also when there is a sentence below that."""
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(field, 1)
        below_label = QVBoxLayout()
        below_label.addSpacing(field.label.sizeHint().height() + 6)
        below_label.addWidget(button)
        below_label.addStretch(1)
        row.addLayout(below_label)
        row.addStretch(0)
        return part

    def _make_trial(self, device: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(Space.S)
        button = Button("", "secondary", icon="printer" if device == "printer" else "card")
        button.clicked.connect(partial(self._on_try, device))
        line = QHBoxLayout()
        line.addWidget(button)
        line.addStretch(1)
        column.addLayout(line)
        banner = Banner("", "info")
        banner.setMaximumWidth(theme().px(560))
        banner.hide()
        column.addWidget(banner)
        self._tries[device].append(button)
        self._trials[device].append(banner)
        return column

    def _on_changed(self, name: str, value: str) -> None:
        self._presenter.put(name, value)
        self._show_buttons()

    def _on_try(self, device: str) -> None:
        if device == "printer":
            self._presenter.try_printer()
        else:
            self._presenter.try_reader()

    def _on_wants_own(self) -> None:
        self.ask_own_certificate()
        self._fields[ITS_OWN[0]].setFocus()

    def _on_choose_file(self, name: str) -> None:
        kinds = f"{tr('Certificates and keys')} (*.pem *.crt *.cer *.key)"
        chosen, _filter = QFileDialog.getOpenFileName(self, tr(FILES[name]), "", kinds)
        if chosen:
            self._fields[name].set_value(chosen)
            self._on_changed(name, chosen)

    def _say(self, device: str, sentence: str, tone: str) -> None:
        for banner in self._trials[device]:
            banner.set(sentence, tone)
            banner.show()

    def _on_language(self, name: str) -> None:
        set_language(name)
        self.retranslate()

    def _show_ports_in_fields(self) -> None:
        for name in ("printer_url", "reader_url"):
            field = self._fields[name]
            if isinstance(field, SelectField):
                none = tr("No printer at this counter") if name == "printer_url" else tr("No reader at this counter")
                options = (("", none), *((port.url, f"{port.description}  {port.url}") for port in self._ports))
                field.set_options(options, self._presenter.typed.get(name, ""))

    def _show_buttons(self) -> None:
        self._back.setText(tr("Back"))
        self._back.setVisible(self._presenter.may_go_back)
        last = {QUESTIONS[-1]: tr("Set up"), Step.HUB: tr("Join"), Step.TRIAL: tr("Start working")}
        if self._fingerprint.text():
            last[Step.HUB] = tr("The fingerprints are the same: join")
        self._next.setText(last.get(self._step, tr("Next")))
        for button in (self._back, self._next):
            button.setEnabled(not self._busy)
        for device, url in (("printer", "printer_url"), ("reader", "reader_url")):
            for button in self._tries[device]:
                button.setEnabled(not self._busy and bool(self._presenter.typed.get(url)))


LABELS = {
    "mall_name": mark("Name of the mall"),
    "zone": mark("Time zone of the mall"),
    "desk_name": mark("Name of the counter"),
    "desk_number": mark("Number of the counter (1 to 99)"),
    "administrator_staff": mark("Staff number"),
    "administrator_name": mark("Name"),
    "pin": mark("PIN (six digits)"),
    "pin_again": mark("The same PIN again"),
    "printer_url": mark("Port of the printer"),
    "reader_url": mark("Port of the reader"),
    "paper_width_mm": mark("Paper width"),
    "card_prefix": mark("First four digits"),
    "hub_address": mark("Address of the hub"),
    "hub_code": mark("Enrolment code"),
    "hub_certificate": mark("Certificate of the hub, if you were given one"),
    "desk_certificate": mark("Certificate of this computer"),
    "desk_key": mark("Its private key, where it is a file of its own"),
}
FILES = {
    "hub_certificate": mark("Certificate of the hub"),
    "desk_certificate": mark("Certificate of this computer"),
    "desk_key": mark("Private key of this computer"),
}
LONGEST = {
    "pin": 6,
    "pin_again": 6,
    "desk_number": 2,
    "administrator_staff": 8,
    "card_prefix": 4,
    "hub_address": 200,
    "hub_certificate": 400,
    "desk_certificate": 400,
    "desk_key": 400,
}
HINTS = {
    "mall_name": mark("For example: Galaxy Mall"),
    "desk_name": mark("For example: Service desk 1"),
    "administrator_name": mark("For example: Li Ming"),
    "hub_address": mark("For example: 10.0.0.5 or hub.example:8443"),
    "hub_code": mark("Twelve letters and digits"),
}


class _Side(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(theme().px(280))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(self.width() - 1, 0, 1, self.height(), theme().colour("line"))


class _Steps(QWidget):
    """Where you are: done, here, to come."""

    def __init__(self) -> None:
        super().__init__()
        self._all = STEPS
        self._current = Step.MALL
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme().px(52) * len(STEPS))

    def set_current(self, steps: tuple[Step, ...], step: Step) -> None:
        self._all, self._current = steps, step
        self.retranslate()

    def retranslate(self) -> None:
        at, of = self._all.index(self._current) + 1, len(self._all)
        self.setAccessibleName(tr("Step {at} of {of}: {name}", at=at, of=of, name=tr(NAMES[self._current])))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            for at, step in enumerate(self._all):
                self._paint_step(painter, at, step)

    def _paint_step(self, painter: QPainter, at: int, step: Step) -> None:
        t = theme()
        here = self._all.index(self._current)
        top, side = at * t.px(52), t.px(32)
        disc = QRectF(0, top + 4, side, side)
        if at < len(self._all) - 1:
            line = t.colour("accent" if at < here else "line")
            painter.fillRect(QRectF(side / 2 - 1, disc.bottom() + 3, 2, t.px(52) - side - 6), line)
        painter.setFont(t.font("label"))
        if at < here:
            fill_rounded(painter, disc, side / 2, t.colour("accent_soft"))
            paint_icon(painter, disc.adjusted(7, 7, -7, -7), "check", t.colour("accent_text"), 2.5)
        else:
            fill_rounded(painter, disc, side / 2, t.colour("accent" if at == here else "sunken"))
            painter.setPen(t.colour("on_accent" if at == here else "text_muted"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(at + 1))
        painter.setFont(t.font("strong" if at == here else "body"))
        painter.setPen(t.colour("text" if at == here else "text_muted"))
        words = QRectF(side + Space.M, disc.top(), self.width() - side - Space.M, side)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, tr(NAMES[step]))
