"""The counter's screens. What the composition adds to the window beside `CounterView`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.approvals.view import ApprovalsView
    from ui.counter.services import CounterServices
    from ui.gifts.shelf.view import ShelfView

# Imported when they are made: presenters of this package are used, and tested, without Qt.


def gifts_screen(services: CounterServices) -> ShelfView:
    from ui.gifts.shelf.view import ShelfView

    return ShelfView(services)


def approvals_screen(services: CounterServices) -> ApprovalsView:
    from ui.approvals.view import ApprovalsView

    return ApprovalsView(services)
