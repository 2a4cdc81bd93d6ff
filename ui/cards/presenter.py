"""A member's cards: report one lost, give another for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.domain.masking import masked_card
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.print_card_face import PrintCardFace
from app.operations.reissue_card import ReissueCard
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.ports.authority import Answer, Submission
from app.queries.rows import CardRow
from ui.cards.making import CardFor, Making, MakingState
from ui.counter.sending import AT_REST, SendingState, Step
from ui.counter.services import CounterServices
from ui.counter.task import Summary, SummaryLine, Task
from ui.locale import mark

NOT_MAKING = MakingState()
LOSE, REPLACE, ISSUE, REWRITE, VIRTUAL = "lose", "replace", "issue", "rewrite", "virtual"


@dataclass(frozen=True)
class CardsResult:
    did: str
    old: str  # masked
    new: str = ""  # masked


@dataclass(frozen=True)
class CardsState:
    """`doing` is "lose", "replace", "issue", "rewrite", "virtual" or "" while a card is only looked at. `may_make`:
    this desk has an encoder."""

    cards: tuple[CardRow, ...] = ()
    selected: int = 0
    doing: str = ""
    new_number: str = field(default="", repr=False)
    sending: SendingState = AT_REST
    result: CardsResult | None = None
    making: MakingState = NOT_MAKING
    may_make: bool = False
    can_print: bool = False
    printing: bool = False
    is_made: bool = False  # the card is written; its operation has not been answered yet
    printed: str = ""  # name of the file that the card's two sides stand in

    @property
    def card(self) -> CardRow | None:
        return self.cards[self.selected] if 0 <= self.selected < len(self.cards) else None

    @property
    def may_lose(self) -> bool:
        return self.card is not None and self.card.state == "issued"

    @property
    def may_replace(self) -> bool:
        """By its number: at a desk that does not know it, the hub has to be asked first who the member is."""
        return self.card is not None and self.card.state in {"issued", "lost"} and not self.card.in_short

    @property
    def is_virtual(self) -> bool:
        """What is given has no plastic."""
        return self.doing == VIRTUAL or (
            self.doing == REPLACE and self.card is not None and self.card.kind == "virtual"
        )

    @property
    def writes(self) -> bool:
        """Enter makes a card first."""
        if self.doing == REWRITE:
            return not self.is_made
        if self.is_virtual:
            return False
        return self.may_make and self.doing in {REPLACE, ISSUE} and not self.new_number.strip()

    @property
    def may_print(self) -> bool:
        """A card that is in use can be printed for a card printer."""
        return self.can_print and self.may_replace and self.may_lose and self._is_plastic

    @property
    def may_rewrite(self) -> bool:
        """The same number on a new stripe; the old one no longer counts."""
        return self.may_make and self.may_replace and self.may_lose and self._is_plastic

    @property
    def _is_plastic(self) -> bool:
        return self.card is not None and self.card.kind == "physical"

    @property
    def may_issue(self) -> bool:
        """A member without a working or lost plastic card can be given one."""
        return not any(card.state in {"issued", "lost"} and card.kind == "physical" for card in self.cards)

    @property
    def may_issue_virtual(self) -> bool:
        return not any(card.state in {"issued", "lost"} and card.kind == "virtual" for card in self.cards)


class CardsScreen(Protocol):
    def show_cards(self, state: CardsState) -> None: ...


class CardsPresenter(Task):
    name = "cards"

    def __init__(self, screen: CardsScreen, services: CounterServices) -> None:
        super().__init__(services)
        self.screen = screen
        self._selected = 0
        self._doing = ""
        self._new_number = ""
        self._typed = False
        self._operation = new_id()
        self._result: CardsResult | None = None
        self._issue = 0
        self._printing, self._printed = False, ""
        self.making = Making(services, self._making_changed, self._made)

    @property
    def busy(self) -> bool:
        return super().busy or self.making.state.is_busy

    @property
    def state(self) -> CardsState:
        cards = self.page.cards if self.page is not None else ()
        result = self._result if self.done else None
        return CardsState(
            cards,
            self._selected,
            self._doing,
            self._new_number,
            self.sending.state,
            result,
            self.making.state,
            self.making.is_possible,
            self.services.card_pdf is not None,
            self._printing,
            bool(self._issue),
            self._printed,
        )

    def member_left(self) -> None:
        self.making.rest()
        self._restart()
        super().member_left()

    def lock(self) -> None:
        if self.making.state.is_busy:
            self.making.cancel()
        super().lock()

    def opened(self) -> None:
        if self.done:
            self._restart()
            self.sending.cancel()
        super().opened()

    def select(self, place: int) -> None:
        if self.busy or self.page is None:
            return
        if self.sending.state.editable and 0 <= place < len(self.page.cards):
            self._selected = place
            self._doing = ""
            self.sending.cancel()

    def move(self, step: int) -> None:
        if self.page is not None and self.page.cards:
            self.select((self._selected + step) % len(self.page.cards))

    def begin(self, doing: str) -> None:
        """Choose what is done with the marked card; Enter then does it."""
        if not self.sending.state.editable:
            return
        state = self.state
        may = {
            LOSE: state.may_lose,
            REPLACE: state.may_replace,
            ISSUE: state.may_issue,
            REWRITE: state.may_rewrite,
            VIRTUAL: state.may_issue_virtual,
        }
        if may.get(doing, False) and not self.making.state.is_busy:
            self.making.rest()
            self._doing, self._operation, self._issue, self._printed = doing, new_id(), 0, ""
            virtual = doing == VIRTUAL or (doing == REPLACE and state.card is not None and state.card.kind == "virtual")
            if virtual:
                self._new_number, self._typed = "", False
            # At an encoder the number comes with the card that is written, or with the printed one that is swiped.
            by_encoder = self.making.is_possible and not virtual
            if doing in {REPLACE, ISSUE, VIRTUAL} and not self._typed and not by_encoder:
                kind = "virtual" if virtual else "physical"
                ask = partial(self.services.queries.free_card_number, kind)
                self.services.jobs.run(ask, self._prefill, self._no_card)
            self.sending.cancel()

    def make(self) -> None:
        """Write the card at the encoder; once it is good, what was chosen is done with it."""
        page, card = self.page, self.state.card
        if page is None or self.sending.state.step is not Step.FORM or self._issue:
            return
        if self._doing == REWRITE and card is not None:
            self.making.start(CardFor(page.member, reissued=card.card))
        elif self._doing in {REPLACE, ISSUE}:
            self.making.start(CardFor(page.member))

    def print_face(self, path: Path) -> None:
        """Both sides of the marked card into a file for a card printer; who asked for it is on record first."""
        page, card, person, draw = self.page, self.state.card, self.services.who(), self.services.card_pdf
        if page is None or card is None or person is None or draw is None or self._printing:
            return
        wanted = PrintCardFace(member=page.member, number=card.card)
        submission = Submission((wanted,), person.session, card=self.sending.card)
        language = self.services.language()
        self._printing, self._printed = True, ""
        self.render()

        def work() -> None:
            self.services.authority.submit(submission)
            file = draw(self.services.queries.card_face(wanted.id, person.staff), language)
            try:
                path.write_bytes(file)
            except OSError as problem:
                raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None

        def done(_: None) -> None:
            self._printing, self._printed = False, path.name
            self.render()

        def failed(failure: Exception) -> None:
            self._printing = False
            self.sending.fail(self.services.problem(failure))
            self.render()

        self.services.jobs.run(work, done, failed)

    def type_number(self, number: str) -> None:
        if self.sending.state.editable:
            self._new_number, self._typed = number, True
            if self.sending.state.problem is not None:
                self.sending.clear_problem()
            else:
                self.render()

    def take_card(self, number: str) -> bool:
        if self._doing not in {REPLACE, ISSUE} or not self.sending.state.editable:
            return False
        self.type_number(number)
        return True

    def confirm(self) -> None:
        page, card = self.page, self.state.card
        if self.done:
            self.finish()
            return
        if page is None or not self._doing or self.sending.state.step is not Step.FORM:
            return
        number = self._new_number.replace(" ", "")
        if self.state.writes:
            self.make()
            return
        if self._doing in {REPLACE, ISSUE, VIRTUAL} and not number:
            self.fail("card.no_number")
            return
        operation: Operation
        if self._doing == ISSUE:
            operation = IssueCard(id=self._operation, member=page.member, number=number)
        elif self._doing == VIRTUAL:
            operation = IssueCard(id=self._operation, member=page.member, number=number, kind="virtual")
        else:
            assert card is not None
            if self._doing == REWRITE:
                operation = ReissueCard(id=self._operation, member=page.member, number=card.card, issue=self._issue)
            elif self._doing == LOSE:
                operation = ReportCardLost(id=self._operation, member=page.member, number=card.card)
            else:
                operation = ReplaceCard(id=self._operation, member=page.member, old_number=card.card, new_number=number)
        self.sending.start((operation,))

    def answered(self, answers: tuple[Answer, ...]) -> None:
        facts = answers[0].facts
        if self._doing == VIRTUAL:
            self.services.paper.wake()
        if self._doing == REPLACE:
            self._result = CardsResult(REPLACE, str(facts["old"]), str(facts["new"]))
        else:
            self._result = CardsResult(self._doing, str(facts["card"]))
        self._new_number, self._typed, self._operation, self._issue = "", False, new_id(), 0
        self.making.rest()

    def replace_now(self) -> None:
        """After a card was reported lost: the new one, straight away."""
        if self.done and self._result is not None and self._result.did == LOSE:
            self._result = None
            self.sending.cancel()
            self.begin(REPLACE)

    def finish(self) -> None:
        if self.done:
            self._restart()
        super().finish()

    def cancel(self) -> None:
        if self.making.state.is_shown:
            self.making.cancel()
            return
        if self.sending.state.step is Step.FORM and not self.sending.state.unsure:
            self._doing = ""
        super().cancel()

    def mint(self) -> None:
        self._operation = new_id()

    def summary(self) -> Summary:
        card = self.state.card
        titles = {
            LOSE: mark("Report card lost"),
            REPLACE: mark("Replace card"),
            ISSUE: mark("Issue card"),
            REWRITE: mark("Write card anew"),
            VIRTUAL: mark("Issue a virtual card"),
        }
        title = titles.get(self._doing, mark("Cards"))
        lines = (
            [SummaryLine(mark("Card"), card.number)] if card is not None and self._doing not in {ISSUE, VIRTUAL} else []
        )
        if self._doing in {REPLACE, ISSUE, VIRTUAL}:
            lines.append(SummaryLine(mark("New card"), masked_card(self._new_number)))
        return Summary(title, self.page.name if self.page else "", tuple(lines))

    def render(self) -> None:
        if self.page is not None and self._selected >= len(self.page.cards):
            self._selected = 0
        self.screen.show_cards(self.state)

    def _prefill(self, number: str) -> None:
        if not self._typed and self._doing in {REPLACE, ISSUE, VIRTUAL} and self.sending.state.editable:
            self._new_number = number
            self.render()

    def _no_card(self, failure: Exception) -> None:
        self.sending.fail(self.services.problem(failure))

    def _made(self, number: str, issue: int) -> None:
        """The card in the clerk's hand is good: on record with it, at once."""
        if self._doing == REWRITE:
            self._issue = issue
        else:
            self._new_number, self._typed = number, True
        self.confirm()

    def _making_changed(self) -> None:
        self.render()
        self.shows()
        if not self.making.state.is_busy and self.host is not None:
            self.host.settled()

    def _restart(self) -> None:
        self._issue, self._printed = 0, ""
        self._selected, self._doing, self._new_number, self._typed = 0, "", "", False
        self._operation, self._result = new_id(), None
