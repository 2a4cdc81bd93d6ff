"""The guided tour of a desk with a hub: the network is cut, the desk carries on within its limits, and what it did
counts when the line is back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.composition.demo_hub import FollowingDemo
from app.composition.desk import Desk, open_desk
from app.composition.tour import Report, Tour, play_in, told
from app.demo import mall
from app.domain.mode import Mode
from app.ports.hub import HubStatus
from app.ports.paper import PrintState
from db.verify.copies import verify_copy
from ui.counter.sending import Step
from ui.devices.demo_panel import DemoPanel
from ui.sync.view import SyncView

MEMBER, SUPERVISOR = "李娜", mall.STAFF[2]
BACK_WITHIN_S = 90.0  # a desk waits a minute at most before it tries again


def play_cut_off(demo: FollowingDemo, out: Path, *, pictures: bool = True) -> int:
    """Play it and write `out`. Returns the exit code."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    return told(cut_off_report(demo, out, pictures=pictures), out)


def cut_off_report(demo: FollowingDemo, out: Path, *, pictures: bool = True) -> Report:
    make = partial(CutOffTour, demo)
    return play_in(open_desk(demo.home), out, pictures=pictures, make=make, line=demo, cards=demo.cards)


class CutOffTour(Tour):
    def __init__(self, demo: FollowingDemo, *how: Any, **more: Any) -> None:
        super().__init__(*how, **more)
        self._demo = demo

    def story(self) -> tuple[Callable[[], None], ...]:
        return (
            self.arrive,
            self.the_hub_is_there,
            self.sign_in,
            self.swipe,
            self.redeem,
            self.the_network_is_cut,
            self.redeem_all_the_same,
            self.a_supervisor_approves_with_their_card,
            self.meanwhile_at_another_desk,
            self.the_network_is_back,
            self.it_counts,
            self.what_has_to_be_looked_after,
            self.everything_adds_up,
        )

    def the_hub_is_there(self) -> None:
        self._until(lambda: self._hub().mode is Mode.ONLINE, "the desk is online")

    def swipe(self) -> None:
        self._take_card_of(MEMBER)
        self._until(lambda: self._page() is not None and self._page_of().surname == MEMBER[:1], "their page is shown")

    def redeem(self) -> None:
        """The hub decides."""
        super().redeem()
        self._keep_slip(self._slip_ends(PrintState.CONFIRMED))
        self._until(lambda: not self._hub().unsent, "it is at the hub")

    def the_network_is_cut(self) -> None:
        self._demo.turn("cut")
        self._until(lambda: self._hub().mode is Mode.FRESH, "the desk goes on by itself")
        self._settle(0.2)

    def redeem_all_the_same(self) -> None:
        self._press(Qt.Key.Key_Return)
        self._choose_gift("G-TISSUE")
        self._press(Qt.Key.Key_Return)
        self._until(lambda: self._sending() is Step.APPROVAL, "cut off, a supervisor is asked for")

    def a_supervisor_approves_with_their_card(self) -> None:
        self._take_card_of(SUPERVISOR.name)
        self._until(lambda: bool(self._counter.redeem.presenter.sending.state.card_of), "the card was read")
        self._picture_now("approval_card")
        self._keys(SUPERVISOR.pin)
        self._press(Qt.Key.Key_Return)
        self._until(self._redeemed, "redeemed without the hub")
        self._keep_slip(self._slip_ends(PrintState.CONFIRMED))
        self._until(lambda: bool(self._hub().unsent), "it waits to be sent")

    def meanwhile_at_another_desk(self) -> None:
        """Where the line is up, the same member takes gifts for all the hub knows of."""
        spent: list[str] = []
        panel = self._found(DemoPanel)
        panel.used.connect(spent.append)
        panel.spend_elsewhere()
        self._until(lambda: "elsewhere" in spent, "spent elsewhere", patience_s=60)

    def the_network_is_back(self) -> None:
        self._demo.turn("fair")
        self._until(lambda: self._hub().mode is Mode.ONLINE, "it is back by itself", patience_s=BACK_WITHIN_S)
        self._until(lambda: not self._hub().unsent, "all is sent")

    def it_counts(self) -> None:
        """Here as at the hub: what was redeemed while cut off is owed now."""
        self._press(Qt.Key.Key_Return)
        self._take_card_of(MEMBER)
        usable = self._demo.hub.usable(self._cards[MEMBER])
        self._until(lambda: self._page_of().usable == usable, f"the page shows the hub's balance, {usable}")

    def what_has_to_be_looked_after(self) -> None:
        self._until(lambda: bool(self._hub().open_tasks), "a task came back")
        self._window.go("sync")
        sync = self._found(SyncView)
        self._until(lambda: bool(sync.presenter.state.tasks), "it is listed")
        self._settle(0.3)

    def verified(self, desk: Desk) -> Sequence[object]:
        return verify_copy(desk.store, desk.settings.mall, desk.settings.desk)

    def _take_card_of(self, name: str) -> None:
        self._found(DemoPanel).take_card(next(card for card in self._demo.cards if card.name == name))

    def _hub(self) -> HubStatus:
        link = self._running.desk.link
        assert link is not None
        return link.status()
