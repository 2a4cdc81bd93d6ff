"""The counter: the member on the left, what is being done on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.domain.staff import Right
from app.ports.devices import CardSeen
from app.queries.rows import Guest, TimelineEntry
from ui.cards.view import CardsView
from ui.counter.adjust.view import AdjustView
from ui.counter.credit.view import CreditView
from ui.counter.find.presenter import FindPresenter, FindState
from ui.counter.find.view import FoundView
from ui.counter.guest.presenter import GUEST
from ui.counter.guest.view import GuestView
from ui.counter.pane import TaskPane
from ui.counter.presenter import HOME, CounterPresenter, CounterState
from ui.counter.reverse.view import ReverseView
from ui.counter.services import CounterServices
from ui.counter.tabs import Tab, TaskTabs
from ui.gifts.hand_out.view import HandOutView
from ui.gifts.redeem.view import RedeemView
from ui.locale import mark, number, tr, trn
from ui.members.enrol.view import EnrolView
from ui.members.holds.view import HoldsView
from ui.members.new_pin.view import NewPinView
from ui.members.presenter import undo_of
from ui.members.scanned_slip import REPRINT_KEY
from ui.members.set_aside.view import SetAsideView
from ui.members.strip import MemberStrip
from ui.members.view import MemberView
from ui.shell.screen import Command
from ui.theme import Space, theme
from ui.widgets import Banner, Button, EmptyState, clear
from ui.widgets.pages import Pages

TABS: Final = (
    Tab("redeem", mark("Redeem"), "F6", "gift"),
    Tab("credit", mark("Credit"), "F4", "slip"),
    Tab("hand_out", mark("Hand out"), "F7", "hand_out"),
    Tab("cards", mark("Cards"), "F9", "card"),
    Tab("reverse", mark("Undo"), "F10", "undo"),
    Tab("adjust", mark("Adjust"), "F11", "points"),
    Tab("enrol", mark("Enrol"), "F3", "plus"),
)
# What is done now and then: from the member's menu or Ctrl+K, so that the row of tabs stays short.
RARE: Final = (
    Tab("new_pin", mark("Set a new member PIN"), "", "keyboard"),
    Tab("holds", mark("Freeze or release points"), "", "lock"),
    Tab("set_aside", mark("Set points aside for this desk"), "", "points"),
)
CONTINUE_KEY = "F12"
LEFT_SHARE = 0.36
LEFT_SMALLEST, LEFT_LARGEST = 352, 480
FORM_WIDEST = 860
TIGHT_PX = 780  # below it page and task take turns


class CounterView(QWidget):
    """A Screen of the shell (see ui.shell.screen): searches, cards, lock and person are its business too.

    `search_done`: the search field may be emptied, its member is open."""

    search_done = Signal()

    name = "counter"
    icon = "counter"
    key = "Ctrl+1"

    def __init__(self, services: CounterServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.services = services
        self.setMinimumHeight(1)  # a page that would like more room must not stretch the window
        self._state = CounterState()
        self._focus_owed = False
        self._shows_page = False  # in a tight window: the member's page instead of the task
        self.member_view = MemberView(services)
        self.redeem = RedeemView(services)
        self.guest = GuestView(services)
        self.reverse = ReverseView(services)
        self.credit = CreditView(services)
        self.hand_out = HandOutView(services)
        self.cards = CardsView(services)
        self.adjust = AdjustView(services)
        self.enrol = EnrolView(services)
        self.new_pin = NewPinView(services)
        self.holds = HoldsView(services)
        self.set_aside = SetAsideView(services)
        self.found = FoundView(services)
        self.finding = FindPresenter(self, services)
        others = (
            self.credit,
            self.hand_out,
            self.cards,
            self.adjust,
            self.enrol,
            self.new_pin,
            self.holds,
            self.set_aside,
        )
        self.panes: Mapping[str, TaskPane] = {
            pane.presenter.name: pane for pane in (self.redeem, self.guest, self.reverse, *others)
        }
        self._lay_out()
        self.presenter = CounterPresenter(
            self,
            services,
            self.member_view.presenter,
            self.redeem.presenter,
            self.guest.guests,
            self.reverse.presenter,
            [pane.presenter for pane in others],
        )
        self._connect()
        self.show_counter(self._state)

    # A Screen of the shell

    @property
    def widget(self) -> QWidget:
        return self

    def title(self) -> str:
        return tr("Counter")

    def help(self) -> str:
        return tr(
            "Swipe a card, or find a member with F2. The member stands on the left; on the right you redeem, credit, "
            "hand out, and undo. A swipe always brings up its member; an unfinished basket is kept."
        )

    def commands(self) -> Sequence[Command]:
        """One per task, and back to the basket that was left."""
        known = {
            "redeem": lambda: tr("Redeem points"),
            "credit": lambda: tr("Credit a till slip"),
            "hand_out": lambda: tr("Hand out gifts"),
            "cards": lambda: tr("Cards: lost, replace"),
            "reverse": lambda: tr("Undo an operation"),
            "adjust": lambda: tr("Adjust points"),
            "enrol": lambda: tr("New member"),
            "new_pin": lambda: tr("Set a new member PIN"),
            "holds": lambda: tr("Freeze or release points"),
            "set_aside": lambda: tr("Set points aside for this desk"),
        }
        tasks = tuple(
            Command(
                tab.task,
                known[tab.task],
                partial(self.start, tab.task),
                tab.key,
                tab.icon,
                is_possible=partial(self._may_start, tab.task),
            )
            for tab in (*TABS, *RARE)
        )
        going_on = Command(
            "continue",
            lambda: tr("Continue the unfinished redemption"),
            self._continue,
            CONTINUE_KEY,
            "gift",
            is_possible=lambda: bool(self._state.unfinished),
        )
        leave = Command(
            "next_person",
            lambda: tr("Next person"),
            self.next_person,
            "",
            "member",
            is_possible=lambda: self._state.somebody is not None,
        )
        reprint = Command(
            "reprint_scanned",
            lambda: tr("Reprint the scanned slip"),
            self.member_view.reprint,
            REPRINT_KEY,
            "printer",
            everywhere=False,
            is_possible=self._may_reprint,
            words="chongda cd",
        )
        return (*tasks, going_on, leave, reprint)

    def retranslate(self) -> None:
        self.member_view.retranslate()
        self.guest.page.retranslate()
        self.found.retranslate()
        for pane in self.panes.values():
            pane.retranslate()
        self._build_tabs()
        self._build_welcome()
        self.show_counter(self._state)

    def entered(self) -> None:
        """Ask again for what may be old; the keyboard goes where it is needed."""
        self.presenter.refresh()
        if self._state.somebody is not None:
            self._focus_task()

    def on_card(self, card: CardSeen) -> None:
        self.presenter.card_seen(card.number, card.entry, card.card_code)

    def search_typed(self, text: str) -> None:
        self.finding.typed(text)

    def search_chosen(self, text: str) -> None:
        if text.strip() != self.finding.state.typed and " ".join(text.split()) != self.finding.state.typed:
            self.finding.typed(text)
        self.finding.enter()

    def search_moved(self, step: int) -> None:
        self.finding.move(step)

    def person_changed(self) -> None:
        self.finding.clear()
        self.search_done.emit()
        self.presenter.signed_out()

    def blank(self) -> None:
        self.finding.clear()
        self.search_done.emit()
        self.presenter.lock()

    # What presenters show

    def show_found(self, state: FindState) -> None:
        self.found.show_found(state)
        self._arrange()

    def show_counter(self, state: CounterState) -> None:
        before, self._state = self._state, state
        self._show_notices(state)
        busy = self.presenter.task.busy if hasattr(self, "presenter") else False
        hidden = frozenset() if self.services.may(Right.ADJUST) else frozenset({"adjust"})
        if state.doubt is not None:
            hidden = frozenset(tab.task for tab in TABS if not self.presenter.may_start(tab.task))
        self.tabs.show_current(state.task, enabled=not busy, hidden=hidden)
        for task, pane in self.panes.items():
            if task != state.task:
                pane.sleep()
        self.panes[state.task].wake()
        self.panes_stack.setCurrentWidget(self.panes[state.task])
        other = (before.somebody, before.task) != (state.somebody, state.task)
        if other:
            self._shows_page = False
        self._arrange()
        if other or self._focus_owed:
            self._focus_owed = False
            self._focus_task()

    def come_to_front(self) -> None:
        """A swipe or a choice: the search is over, whatever stood in it."""
        self._focus_owed = True
        if self.finding.state.open:
            self.finding.clear()
        self.search_done.emit()

    def member_on_page(self) -> UUID | None:
        page = self.member_view.presenter.state.page
        return page.member if page is not None else None

    def open_member(self, member: UUID) -> None:
        self.presenter.open_member(member)

    def open_guest(self, guest: Guest, digits: str) -> None:
        self.presenter.open_guest(guest, digits)

    def card_typed(self, number: str) -> None:
        self.presenter.card_seen(number)

    # What people do

    def start(self, task: str) -> None:
        if self._may_start(task):
            self.presenter.start(task)
            self._focus_task()

    def next_person(self) -> None:
        self.presenter.leave_member()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._state.notice is not None:
            self.presenter.dismiss()
            event.accept()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Within

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        outer.setSpacing(Space.M)
        self.notice = Banner(tone="warning", dismissable=True)
        self.waiting = Banner(tone="info", dismissable=True)
        self.unfinished = Banner(tone="info")
        self.doubt = Banner(tone="danger")
        for banner in (self.doubt, self.notice, self.waiting, self.unfinished):
            banner.hide()
            outer.addWidget(banner)
        self.strip = MemberStrip()
        self.strip.hide()
        self.strip.toggled.connect(self._turn_page)
        outer.addWidget(self.strip)
        self.pages = Pages()
        outer.addWidget(self.pages, 1)
        self._work = QWidget()
        self._halves = row = QHBoxLayout(self._work)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        self.left = Pages()
        self.left.addWidget(self.member_view)
        self.left.addWidget(self.guest.page)
        self.left.addWidget(self.found)
        row.addWidget(self.left)
        right = QVBoxLayout()
        right.setSpacing(Space.M)
        self._tabs_place = QVBoxLayout()
        right.addLayout(self._tabs_place)
        self.panes_stack = Pages()
        for pane in self.panes.values():
            self.panes_stack.addWidget(pane)
            pane.on_escape = self._on_escape
        right.addWidget(self.panes_stack, 1)
        self.choose = EmptyState("member", "")
        right.addWidget(self.choose, 1)
        row.addLayout(right, 1)
        self.pages.addWidget(self._work)
        self._welcome_place = QWidget()
        place = QVBoxLayout(self._welcome_place)
        place.setContentsMargins(0, 0, 0, 0)
        self.pages.addWidget(self._welcome_place)
        self._build_tabs()
        self._build_welcome()

    def _build_tabs(self) -> None:
        clear(self._tabs_place)
        self.tabs = TaskTabs(TABS)
        self.tabs.chosen.connect(self.start)
        self._tabs_place.addWidget(self.tabs)

    def _build_welcome(self) -> None:
        place = self._welcome_place.layout()
        assert place is not None
        clear(place)
        new = Button(tr("New member"), "secondary", key="F3", icon="plus")
        new.clicked.connect(lambda: self.start("enrol"))
        hint = tr("Or press F2 and type a phone number, its last four digits, a name, pinyin or initials.")
        place.addWidget(EmptyState("card", tr("Swipe a member card"), hint, action=new))
        self.choose.set(tr("Who is it?"), tr("Choose on the left: ↑ ↓, then Enter. Or type on."))

    def _connect(self) -> None:
        self.found.chosen.connect(self._on_found)
        self.member_view.undo_wanted.connect(self._on_undo)
        self.member_view.hand_out_wanted.connect(lambda: self.start("hand_out"))
        self.member_view.cards_wanted.connect(lambda: self.start("cards"))
        self.member_view.task_wanted.connect(self.start)
        self.member_view.slip_put_away.connect(self.presenter.put_slip_away)
        self.notice.dismissed.connect(self.presenter.dismiss)
        self.waiting.acted.connect(self.presenter.open_waiting)
        self.waiting.dismissed.connect(self.presenter.drop_waiting)
        self.unfinished.acted.connect(self._continue)

    def _may_start(self, task: str) -> bool:
        if task == "enrol":
            return not self.presenter.task.busy
        if task == "holds" and not self.services.may(Right.ADJUST):
            return False
        if task == "set_aside" and not (self.services.has_hub and self.services.may(Right.LOOK_UP)):
            return False
        return self._state.somebody is not None and not self.presenter.task.busy and self.presenter.may_start(task)

    def _may_reprint(self) -> bool:
        scanned = self.member_view.presenter.state.scanned
        return scanned is not None and bool(scanned.document) and self.services.may(Right.LOOK_UP)

    def _on_found(self, place: int) -> None:
        self.finding.select(place)
        self.finding.enter()

    def _on_undo(self, entry: TimelineEntry) -> None:
        page = self.member_view.presenter.state.page
        if page is not None:
            self.presenter.undo(undo_of(page, entry))

    def _continue(self) -> None:
        self.presenter.continue_unfinished()

    def _on_escape(self) -> None:
        """Esc where nothing is open: back to redeeming, then on to the next person."""
        if self._state.notice is not None:
            self.presenter.dismiss()
        elif (
            self._state.task not in {HOME, GUEST} and self._state.member is not None and self.presenter.may_start(HOME)
        ):
            self.presenter.start(HOME)
        else:
            self.presenter.leave_member()

    def _focus_task(self) -> None:
        pane = self.panes[self._state.task]
        if self.isVisible() and not pane.presenter.busy and not pane.presenter.done and pane.isVisible():
            pane.focus_form()

    def _arrange(self) -> None:
        """Which halves are shown: nobody here, somebody here, or a list of who it may be."""
        searching = self.finding.state.open if hasattr(self, "finding") else False
        a_guest = self._state.guest is not None
        somebody = self._state.somebody is not None
        enrolling = self._state.task == "enrol"
        tight = self._is_tight
        with_page = somebody and not enrolling  # a new member is nobody who stands there yet
        left = searching or (with_page and (not tight or self._page_is_in_front))
        covered = tight and left
        self.left.setVisible(left)
        self._halves.setStretch(0, int(covered))
        self._halves.setStretch(1, int(not covered))
        self.left.setCurrentWidget(self.found if searching else self.guest.page if a_guest else self.member_view)
        self.panes_stack.setVisible((somebody or enrolling) and not covered)
        self.choose.setVisible(not somebody and not enrolling and not covered)
        self.tabs.setVisible((somebody or enrolling) and not covered and not a_guest)
        self.strip.setVisible(tight and with_page and not searching)
        page = self.guest.guests.guest if a_guest else self.member_view.presenter.state.page
        self.strip.show_page(page, open_=self._page_is_in_front)
        self.pages.setCurrentWidget(self._work if searching or somebody or enrolling else self._welcome_place)
        self._measure()

    @property
    def _is_tight(self) -> bool:
        return self.width() < theme().px(TIGHT_PX)

    @property
    def _page_is_in_front(self) -> bool:
        """In a tight window; a slip that somebody has brought along is on the page."""
        brought = self._state.task == HOME and self.member_view.presenter.state.scanned is not None
        return self._shows_page or brought

    def _turn_page(self) -> None:
        self._shows_page = not self._page_is_in_front
        if not self._shows_page:
            self.member_view.presenter.put_slip_away()
        self._arrange()
        if not self._shows_page:
            self._focus_task()

    def _measure(self) -> None:
        if self._is_tight:
            self.left.setMinimumWidth(0)
            self.left.setMaximumWidth(16_777_215)
            return
        width = max(theme().px(LEFT_SMALLEST), int(self.width() * LEFT_SHARE))
        self.left.setFixedWidth(min(theme().px(LEFT_LARGEST), width))

    def _show_notices(self, state: CounterState) -> None:
        self.notice.setVisible(state.notice is not None)
        if state.notice is not None:
            self.notice.set(self.services.sentence(state.notice.code, state.notice.facts), "warning")
        self.doubt.setVisible(state.doubt is not None)
        if state.doubt is not None:
            self.doubt.set(self.services.sentence(state.doubt.code, state.doubt.facts), "danger")
        self.waiting.setVisible(bool(state.waiting))
        if state.waiting:
            cards = "、".join(card.shown for card in state.waiting)
            self.waiting.set(tr("{card} was swiped and waits until you are done here.", card=cards), "info", tr("Open"))
        left = state.unfinished[-1] if state.unfinished else None
        self.unfinished.setVisible(left is not None)
        if left is not None:
            pieces = trn("{n} piece", "{n} pieces", left.pieces)
            text = tr("{name} has an unfinished redemption: {pieces}, {points} points",
                      name=left.name, pieces=pieces, points=number(left.points))  # fmt: skip
            self.unfinished.set(text, "info", tr("Continue") + f"  {CONTINUE_KEY}")
