"""How the making of a card goes on: what is done, what the clerk does now, and what comes then."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ports.devices import CardStep
from ui.cards.making import MakingState, Phase
from ui.counter.services import CounterServices
from ui.locale import mark, tr, trn
from ui.theme import Space, theme
from ui.widgets import Banner, Button, Card, Divider, Icon, ProgressLine, Text, show_if

NOW: Final = {
    CardStep.FEEDING: mark("A blank card is on its way …"),
    CardStep.WAITING_FOR_CARD: mark("Swipe a blank card through the encoder, or lay it on it"),
    CardStep.ONCE_MORE: mark("That did not take. The same card again, evenly and slowly"),
    CardStep.WRITING: mark("Writing. Leave the card where it is …"),
    CardStep.WAITING_FOR_CARD_AGAIN: mark("Swipe it once more, to check what was written"),
    CardStep.READING_BACK: mark("Checking what was written …"),
    CardStep.HANDING_OUT: mark("The card is coming out …"),
    CardStep.TO_THE_BIN: mark("That one did not take and goes into the bin …"),
}
STAGES: Final = (mark("Take a number"), mark("Write the card"), mark("Check it"), mark("Register it"))
_STAGE_OF: Final = {
    CardStep.WAITING_FOR_CARD_AGAIN: 2,
    CardStep.READING_BACK: 2,
    CardStep.HANDING_OUT: 2,
}


def stage_of(state: MakingState) -> int:
    """Which of `STAGES` is under way."""
    if state.phase is Phase.TAKING_NUMBER:
        return 0
    if state.phase is Phase.WRITTEN:
        return 3
    return _STAGE_OF.get(state.step, 1) if state.step is not None else 1


def instruction(state: MakingState) -> str:
    match state.phase:
        case Phase.TAKING_NUMBER:
            return tr("Taking the next number …")
        case Phase.VOIDING:
            return tr("This one did not take. Its number is voided …")
        case Phase.STOPPED:
            return tr("The card was not made")
        case _:
            return tr(NOW[state.step]) if state.step is not None else tr("Getting the encoder ready …")


class _Stage(QWidget):
    def __init__(self, text: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        self.icon = Icon("minus", size=18)
        self.text = Text(text, "body")
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)

    def show_state(self, *, done: bool, now: bool) -> None:
        if done:
            self.icon.set("check", tone="success_text")
        else:
            self.icon.set("arrow_right" if now else "minus", tone="accent" if now else "text_muted")
        self.text.set_role("strong" if now else "body")
        self.text.set_tone("normal" if now or done else "muted")


class MakingPanel(QWidget):
    again = Signal()
    cancelled = Signal()

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._busy_with: object = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        sheet = Card(padding=Space.L)
        sheet.body.setSpacing(Space.M)
        column.addWidget(sheet)
        self.card = Text("", "body", tone="muted")
        self.now = Text("", "headline", wrap=True)
        self.now.setMinimumHeight(theme().px(60))  # two lines: what stands below does not jump
        sheet.body.addWidget(self.card)
        sheet.body.addWidget(self.now)
        sheet.body.addWidget(Divider())
        self.stages = [_Stage(tr(text)) for text in STAGES]
        for stage in self.stages:
            sheet.body.addWidget(stage)
        self.progress = ProgressLine()
        sheet.body.addWidget(self.progress)
        self.aside = Banner("", "warning")
        self.problem = Banner("", "warning")
        for banner in (self.aside, self.problem):
            banner.hide()
            column.addWidget(banner)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self.back = Button(tr("Cancel"), "quiet", key="Esc")
        self.retry = Button(tr("Try again"), "primary", icon="refresh")
        self.back.clicked.connect(self.cancelled)
        self.retry.clicked.connect(self.again)
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.retry)
        column.addLayout(row)

    def show_state(self, state: MakingState) -> None:
        self.now.setText(instruction(state))
        self.card.setText(tr("Card {card}", card=state.card) if state.card else "")
        at = stage_of(state)
        for place, stage in enumerate(self.stages):
            stage.show_state(done=place < at, now=place == at and state.phase is not Phase.STOPPED)
        show_if(self.aside, state.spoilt > 0)
        if state.spoilt and not state.by_hand:
            self.aside.set(tr("What did not take is in the dispenser's bin: {n}.", n=state.spoilt), "warning")
        elif state.spoilt:
            self.aside.set(
                trn(
                    "{n} card is spoilt: put it aside, it must not be given away.",
                    "{n} cards are spoilt: put them aside, they must not be given away.",
                    state.spoilt,
                ),
                "warning",
            )
        show_if(self.problem, state.problem is not None)
        if state.problem is not None:
            self.problem.set(self._services.sentence(state.problem.code, state.problem.facts), "warning")
        if state.is_busy and (state.step, state.phase) != self._busy_with:
            self.progress.start("")
        elif not state.is_busy:
            self.progress.finish()
        self._busy_with = (state.step, state.phase)
        self.back.setText(tr("Go back") if state.phase is Phase.STOPPED else tr("Cancel"))
        self.back.setEnabled(not state.cancelling)
        show_if(self.retry, state.phase is Phase.STOPPED)
