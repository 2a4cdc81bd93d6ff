"""The frame of every task on the right: its form, then the questions that are still open, then what became of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from app.operations.base import Offline, Operation
from ui.approvals.panel import ApprovalPanel
from ui.cards.making import MakingState, Phase
from ui.cards.making_panel import MakingPanel
from ui.counter.result import ResultPanel
from ui.counter.sending import SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Task
from ui.locale import tr
from ui.members.agree_panel import MemberAgreesPanel
from ui.members.pin_panel import MemberPinPanel
from ui.theme import Space
from ui.widgets import Banner, Button, ProgressLine, TextField, clear, show_if
from ui.widgets.pages import Pages

_FORM_STEPS = {Step.FORM, Step.CHECKING, Step.SENDING}
_QUESTIONS = {Step.MEMBER_PIN, Step.MEMBER_AGREES, Step.APPROVAL}


class TaskPane(QWidget):
    """Views of tasks fill `make_form` and say what Enter does; texts are built anew when the language changes.

    What presenters show to a pane that is not `awake` is left alone: it asks again when it comes to the front."""

    presenter: Task

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.on_escape: Callable[[], None] = lambda: None  # set by the counter: Esc where nothing is open
        self.awake = False
        self._built = False
        self._result: ResultPanel | None = None
        self._member_pin: MemberPinPanel | None = None
        self._member_agrees: MemberAgreesPanel | None = None
        self._approval: ApprovalPanel | None = None
        self._making: MakingPanel | None = None
        self._made_before = MakingState()
        self._step = Step.FORM
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        services.contact.listen(self._show_contact)

    # A pane is built when it comes to the front, its questions when they are asked: seven tasks with their keypads
    # would make every change of language or colours a visible pause.

    def wake(self) -> None:
        """It comes to the front: from now on it shows what its presenter says."""
        if self.awake:
            return
        self.awake = True
        if not self._built:
            self._build()
        self.presenter.render()

    def sleep(self) -> None:
        self.awake = False

    def retranslate(self) -> None:
        self._built = False
        if self.awake:
            self.awake = False
            self.wake()

    def _build(self) -> None:
        self._built = True
        self._step = Step.FORM
        clear(self._column)
        self.problem = Banner(tone="warning")
        self.problem.hide()
        self.problem.acted.connect(self.act_on_problem)
        self.progress = ProgressLine()
        self.only_hub = Banner()
        self.only_hub.hide()
        self._foot = QWidget()
        self._primary: Button | None = None
        self._result = None
        self._member_pin = None
        self._member_agrees = None
        self._approval = None
        self._making = None
        self.stack = Pages()
        self.form = self.make_form()
        self.stack.addWidget(self.form)
        self._column.addWidget(self.only_hub)
        self._column.addWidget(self.stack, 1)

    @property
    def result(self) -> ResultPanel:
        if self._result is None:
            self._result = ResultPanel(self.services)
            self._result.finished.connect(self.presenter.finish)
            self.connect_result(self._result)
            self.stack.addWidget(self._result)
        return self._result

    @property
    def member_pin(self) -> MemberPinPanel:
        if self._member_pin is None:
            self._member_pin = MemberPinPanel(self.services)
            self._member_pin.entered.connect(self.presenter.sending.give_member_pin)
            self._member_pin.cancelled.connect(self.presenter.cancel)
            self.stack.addWidget(self._member_pin)
        return self._member_pin

    @property
    def member_agrees(self) -> MemberAgreesPanel:
        if self._member_agrees is None:
            self._member_agrees = MemberAgreesPanel()
            self._member_agrees.agreed.connect(self.presenter.sending.member_agrees)
            self._member_agrees.cancelled.connect(self.presenter.cancel)
            self.stack.addWidget(self._member_agrees)
        return self._member_agrees

    @property
    def making(self) -> MakingPanel:
        if self._making is None:
            self._making = MakingPanel(self.services)
            self._making.cancelled.connect(self.presenter.cancel)
            self._making.again.connect(self.primary)
            self.stack.addWidget(self._making)
        return self._making

    def show_making(self, state: MakingState) -> None:
        """A card that is being made stands before the form. To be called before `show_sending`."""
        before, self._made_before = self._made_before, state
        if state.is_shown:
            self.making.show_state(state)
            self.stack.setCurrentWidget(self.making)
            if not before.is_shown or state.phase is not before.phase:
                (self.making.retry if state.phase is Phase.STOPPED else self.making).setFocus()
        elif before.is_shown:
            self.stack.setCurrentWidget(self.form)
            self.focus_form()

    @property
    def approval(self) -> ApprovalPanel:
        if self._approval is None:
            self._approval = ApprovalPanel(self.services)
            self._approval.approved.connect(self.presenter.sending.approve)
            self._approval.cancelled.connect(self.presenter.cancel)
            self.stack.addWidget(self._approval)
        return self._approval

    def connect_result(self, result: ResultPanel) -> None:
        """What the result's other buttons do."""

    def make_form(self) -> QWidget:
        raise NotImplementedError

    def primary(self) -> None:
        """What Enter does in the form."""
        raise NotImplementedError

    def focus_form(self) -> None:
        """Take the keyboard, in the first field that wants something."""

    def says_it_itself(self) -> bool:
        """The form shows this problem at its field."""
        return False

    def does(self) -> type[Operation] | None:
        """What the form's button asks for, where that may be for the hub alone (`Offline.NEVER`)."""
        return None

    def act_on_problem(self) -> None:
        """The button beside a problem: try again."""
        self.primary()

    def show_sending(self, state: SendingState) -> None:
        """Which of the pages is in front, why it did not work, and that something is under way."""
        waits = state.step in {Step.CHECKING, Step.SENDING}
        came_from_question = self._step in _QUESTIONS
        if state.step is Step.MEMBER_PIN:
            self.member_pin.show_state(state, self.presenter.summary())
            self.stack.setCurrentWidget(self.member_pin)
        elif state.step is Step.MEMBER_AGREES:
            self.member_agrees.show_summary(self.presenter.summary())
            self.stack.setCurrentWidget(self.member_agrees)
        elif state.step is Step.APPROVAL:
            self.approval.show_state(state, self.presenter.summary())
            self.stack.setCurrentWidget(self.approval)
        elif state.step is Step.DONE:
            self.stack.setCurrentWidget(self.result)
        elif not (waits and came_from_question) and not self._made_before.is_shown:
            self.stack.setCurrentWidget(self.form)
        for question in (self._member_pin, self._approval):
            if question is not None:
                question.pin.set_busy(state.step is Step.SENDING)
        self._show_problem(state)
        self._show_contact()
        if not waits:
            self.progress.finish()
        if state.step is not self._step:
            if waits:
                self.progress.start(tr("Writing it down …"))
            before, self._step = self._step, state.step
            if not (waits and before in _QUESTIONS):
                self._focus_step(state.step)
            elif waits:
                self._step = before  # the question stays in front until it is answered

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            event.accept()  # a finger that rests on Enter must not confirm what it has not seen
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.window().focusWidget()
            if self._step is Step.DONE:
                self.presenter.finish()
            elif isinstance(focused, QAbstractButton) and not focused.isCheckable() and self.isAncestorOf(focused):
                focused.click()
            elif self._step is Step.FORM and not self._why_not():
                self.primary()
        elif event.key() == Qt.Key.Key_Escape:
            self.escape()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def escape(self) -> None:
        state = self.presenter.sending.state
        if self.presenter.done:
            self.presenter.finish()
        elif self.presenter.busy or state.unsure or state.problem is not None:
            self.presenter.cancel()
        else:
            self.on_escape()

    def foot(self, primary: Button, *others: QWidget) -> QVBoxLayout:
        """Progress, problem, and the buttons: the same place in every form."""
        column = QVBoxLayout()
        column.setSpacing(Space.S)
        column.addWidget(self.progress)
        column.addWidget(self.problem)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for other in others:
            row.addWidget(other)
        row.addStretch(1)
        self._foot = QWidget()  # enabled by itself: the form says of its button what it says
        alone = QHBoxLayout(self._foot)
        alone.setContentsMargins(0, 0, 0, 0)
        alone.addWidget(primary)
        row.addWidget(self._foot)
        self._primary = primary
        column.addLayout(row)
        primary.clicked.connect(self.primary)
        return column

    def _why_not(self) -> str:
        does = self.does()
        return self.services.contact.why_not if does is not None and does.offline is Offline.NEVER else ""

    def _show_contact(self) -> None:
        """Before the form is filled in, and gone without a click when the line is back."""
        if not self._built:
            return
        why_not = self._why_not()
        offered = self._primary is not None and not self._primary.isHidden()
        shown = bool(why_not) and offered and self.presenter.sending.state.step in _FORM_STEPS
        if shown:
            self.only_hub.set(self.services.sentence(why_not, {}), "info")
        show_if(self.only_hub, shown)
        self._foot.setEnabled(not why_not)

    def sentence_of(self, state: SendingState) -> str:
        problem = state.problem
        return self.services.sentence(problem.code, problem.facts) if problem is not None else ""

    def _show_problem(self, state: SendingState) -> None:
        shown = state.problem is not None and state.step in _FORM_STEPS and not self.says_it_itself()
        self.problem.setVisible(shown)
        if shown and state.problem is not None:
            text = self.sentence_of(state)
            if state.unsure:
                text += " " + tr("Enter asks again; nothing is counted twice. Esc gives up.")
            self.problem.set(text, "warning", tr("Try again") if state.problem.again else "")

    def _focus_step(self, step: Step) -> None:
        if not self.isVisible():
            return
        match step:
            case Step.FORM:
                self.focus_form()
            case Step.MEMBER_PIN:
                self.member_pin.pin.setFocus()
            case Step.MEMBER_AGREES:
                self.member_agrees.setFocus()
            case Step.APPROVAL:
                self.approval.pin.setFocus()
            case Step.DONE:
                self.setFocus()
                self.result.done.setFocus()
            case _:
                pass


def put(field: TextField, text: str) -> None:
    """Show `text` without moving the cursor of somebody who is typing it."""
    if field.edit.text() != text:
        field.edit.setText(text)
