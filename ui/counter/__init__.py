"""The counter's screens. `counter_screen(services)` and its neighbours are what the composition adds to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.approvals.view import ApprovalsView
    from ui.counter.services import CounterServices
    from ui.counter.view import CounterView
    from ui.gifts.shelf.view import ShelfView

# Imported when they are made: presenters of this package are used, and tested, without Qt.


def counter_screen(services: CounterServices) -> CounterView:
    from ui.counter.view import CounterView

    return CounterView(services)


def gifts_screen(services: CounterServices) -> ShelfView:
    from ui.gifts.shelf.view import ShelfView

    return ShelfView(services)


def approvals_screen(services: CounterServices) -> ApprovalsView:
    from ui.approvals.view import ApprovalsView

    return ApprovalsView(services)
