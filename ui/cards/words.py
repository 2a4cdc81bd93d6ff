"""Words that the card task and the enrolment form share."""

from __future__ import annotations

from ui.locale import tr


def number_hint(*, may_make: bool) -> str:
    """Below the field for a card's number; `may_make`: the desk has an encoder."""
    if may_make:
        return tr("Only for a card that is printed already: swipe, scan or type it.")
    return tr("Swipe, scan or type it; the next free one is filled in.")
