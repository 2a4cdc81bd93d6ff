"""The form for a new member: one page, one Enter."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import MEMBER_PIN_DIGITS
from ui.cards.words import number_hint
from ui.counter.pane import TaskPane, put
from ui.counter.services import CounterServices
from ui.locale import tr
from ui.members.enrol.presenter import EnrolPresenter, EnrolState
from ui.theme import Space, theme
from ui.widgets import Button, Card, CheckBox, ScrollColumn, SegmentedControl, Text, TextField

NARROW_PX = 760


class EnrolView(TaskPane):
    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self.presenter: EnrolPresenter = EnrolPresenter(self, services)

    def make_form(self) -> QWidget:
        scroll = ScrollColumn(spacing=Space.L)
        person = Card(tr("Person"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.M)
        self.fields = {
            "name": TextField(tr("Name"), max_length=60),
            "phone": TextField(tr("Mobile phone"), max_length=20),
            "birthday": TextField(tr("Birthday (optional)"), placeholder="1990-01-31", max_length=10),
            "card": TextField(tr("Card number"), number_hint(may_make=False), max_length=20),
            "pin": TextField(
                tr("Member PIN (optional)"), tr("Six digits, typed by the member."), secret=True, digits=True,
                max_length=MEMBER_PIN_DIGITS,
            ),
            "pin_again": TextField(tr("PIN once more"), secret=True, digits=True, max_length=MEMBER_PIN_DIGITS),
        }  # fmt: skip
        self.gender = SegmentedControl(
            (("", tr("Not said")), ("f", tr("Female")), ("m", tr("Male"))), name=tr("Gender (optional)")
        )
        gender = QVBoxLayout()
        gender.setSpacing(6)
        gender.addWidget(Text(tr("Gender (optional)"), "label"))
        gender.addWidget(self.gender)
        gender.addStretch(1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.fields["name"], 0, 0, top)
        grid.addWidget(self.fields["phone"], 1, 0, top)
        grid.addWidget(self.fields["birthday"], 2, 0, top)
        grid.addLayout(gender, 3, 0, top)
        person.body.addLayout(grid)
        self.ticks = {"adult": CheckBox(tr("I have confirmed that the person is 18 or over"))}
        person.body.addWidget(self.ticks["adult"])
        both = QHBoxLayout()
        both.setSpacing(Space.L)
        self._halves = both
        self._stack_or_not()
        scroll.column.addLayout(both)
        both.addWidget(person, 1)

        card = Card(tr("Card and PIN"))
        grid2 = QGridLayout()
        grid2.setHorizontalSpacing(Space.L)
        grid2.setVerticalSpacing(Space.M)
        grid2.addWidget(self.fields["card"], 0, 0, 1, 2, top)
        self.made = Text(tr("This card is written and waits for the member."), "small", tone="success")
        grid2.addWidget(self.made, 1, 0, 1, 2)
        grid2.addWidget(self.fields["pin"], 2, 0, top)
        grid2.addWidget(self.fields["pin_again"], 2, 1, top)
        card.body.addLayout(grid2)
        right = QVBoxLayout()
        right.setSpacing(Space.L)
        both.addLayout(right, 1)
        right.addWidget(card)

        agreed = Card(tr("The person agrees to"))
        agreed.body.setSpacing(0)
        self.ticks["service"] = CheckBox(tr("Running the membership (required)"))
        self.ticks["marketing"] = CheckBox(tr("News and offers (optional)"))
        self.ticks["profiling"] = CheckBox(tr("Offers that fit their purchases (optional)"))
        for name in ("service", "marketing", "profiling"):
            agreed.body.addWidget(self.ticks[name])
        right.addWidget(agreed)
        right.addStretch(1)
        person.body.addStretch(1)

        outer = QWidget()
        column = QVBoxLayout(outer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(scroll, 1)
        self.go = Button(tr("Enrol and issue card"), "primary", key="Enter", large=True, icon="member")
        self.without = Button(tr("Without a card"), "quiet")
        self.without.hide()
        self.without.clicked.connect(self.presenter.enrol)
        clear = Button(tr("Start over"), "quiet")
        clear.clicked.connect(self._start_over)
        column.addLayout(self.foot(self.go, clear, self.without))

        for name, field in self.fields.items():
            field.changed.connect(lambda text, which=name: self.presenter.edit(**{which: text}))
        for name, tick in self.ticks.items():
            tick.toggled.connect(lambda on, which=name: self.presenter.edit(**{which: on}))
        self.gender.changed.connect(lambda value: self.presenter.edit(gender=value))
        return outer

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._built:
            self._stack_or_not()

    def _stack_or_not(self) -> None:
        """Person and card beside each other, or below where there is no room for both."""
        narrow = self.width() < theme().px(NARROW_PX)
        self._halves.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def primary(self) -> None:
        if self.presenter.making.state.is_shown:
            self.presenter.making.again()
            return
        if self.presenter.writes:
            self.presenter.make()
        else:
            self.presenter.enrol()
        at = self.presenter.at
        if at in self.fields:
            self.fields[at].setFocus()
        elif at in self.ticks:
            self.ticks[at].setFocus()

    def escape(self) -> None:
        if self.presenter.making.state.is_shown:
            self.presenter.cancel()
        else:
            super().escape()

    def says_it_itself(self) -> bool:
        return self.presenter.at in self.fields and self.presenter.already is None

    def focus_form(self) -> None:
        self.fields["name"].setFocus()

    def act_on_problem(self) -> None:
        if self.presenter.already is not None:
            self.presenter.open_already()
        else:
            super().act_on_problem()

    def show_enrol(self, state: EnrolState) -> None:
        if not self.awake:
            return
        draft = state.draft
        sentence = self.sentence_of(state.sending)
        for name, field in self.fields.items():
            put(field, getattr(draft, name))
            wrong = sentence if state.at == name else ""
            if field.problem != wrong:
                field.set_problem(wrong)
            field.setEnabled(state.sending.editable)
        for name, tick in self.ticks.items():
            tick.blockSignals(True)
            tick.setChecked(getattr(draft, name))
            tick.blockSignals(False)
            tick.setEnabled(state.sending.editable)
        self.gender.set_value(draft.gender)
        self.gender.setEnabled(state.sending.editable)
        with_card = tr("Write the card and enrol") if state.writes else tr("Enrol and issue card")
        self.go.setText(with_card if draft.card or state.writes else tr("Enrol without a card"))
        self.go.setEnabled(not state.sending.asks)
        self.without.setVisible(state.writes)
        self.without.setEnabled(state.sending.editable)
        self.made.setVisible(state.card_is_made)
        self.fields["card"].set_hint(number_hint(may_make=state.may_make))
        self.show_making(state.making)
        self.show_sending(state.sending)
        if state.already is not None:
            self.problem.set(sentence, "info", tr("Open this member"))
        if state.result is not None:
            lines = [(tr("Member number"), state.result.member_no)]
            if state.result.card:
                lines.append((tr("Card"), state.result.card))
            self.result.say(tr("Welcome, {name}", name=state.result.name), lines=lines, undo=False)

    def _start_over(self) -> None:
        self.presenter.empty()
        self.focus_form()
