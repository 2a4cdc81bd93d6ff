"""What a document and the state of a print job are called."""

from __future__ import annotations

from app.ports.paper import PrintState
from ui.locale import mark, tr

DOCUMENTS = {
    "redemption": mark("Redemption slip"),
    "coupon": mark("Coupon"),
    "credit": mark("Credit slip"),
    "guest_redemption": mark("Redemption slip of a guest"),
    "hand_out": mark("Hand-out slip"),
    "card": mark("Card slip"),
    "reversal": mark("Reversal slip"),
    "adjustment": mark("Adjustment slip"),
    "stock_receipt": mark("Stock receipt"),
    "statement": mark("Statement of points"),
    "consent": mark("Consent form"),
    "daily_report": mark("Daily report"),
    "self_test": mark("Start-of-shift self-test"),
    "test": mark("Test slip"),
}
STATES = {
    PrintState.QUEUED: mark("waiting to print"),
    PrintState.SENDING: mark("printing"),
    PrintState.WAITING: mark("held by the printer"),
    PrintState.CONFIRMED: mark("printed"),
    PrintState.UNCERTAIN: mark("did it print?"),
    PrintState.FAILED: mark("not printed"),
    PrintState.REPLACED: mark("replaced by a copy"),
}
TONES = {
    PrintState.QUEUED: "info",
    PrintState.SENDING: "info",
    PrintState.WAITING: "warning",
    PrintState.CONFIRMED: "success",
    PrintState.UNCERTAIN: "warning",
    PrintState.FAILED: "danger",
    PrintState.REPLACED: "neutral",
}


def document_name(document: str, copy: int = 0) -> str:
    name = tr(DOCUMENTS.get(document, document))
    return f"{name} · {tr('copy {n}', n=copy)}" if copy else name
