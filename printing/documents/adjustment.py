"""The slip of an adjustment. The clerk's note stays in the log: it is not written for the member."""

from __future__ import annotations

from typing import Final

from app.queries.slips import AdjustmentSlip
from printing.document import Document, Pair, Rule
from printing.documents.parts import Labels, about_member, about_operation, bottom, top, words

_LABELS: Final[Labels] = {
    "title": ("积分调整", "Points adjustment"),
    "change": ("调整积分", "Adjustment"),
    "reason": ("调整原因", "Reason"),
    "before": ("调整前积分", "Points before"),
    "after": ("调整后积分", "Points after"),
    "goodwill": ("服务补偿", "Goodwill"),
    "missing_points": ("补记漏记积分", "Points were missing"),
    "wrong_points": ("更正误记积分", "Points were wrong"),
    "campaign": ("活动奖励", "Campaign"),
    "other": ("其他", "Other"),
}


def adjustment_slip(slip: AdjustmentSlip, language: str) -> Document:
    word = words(_LABELS, language)
    return (
        *top(slip, word),
        *about_member(slip, word),
        Pair(word("change"), f"{slip.change:+,}", bold=True),
        Pair(word("reason"), word(slip.reason)),
        Rule(),
        *([Pair(word("before"), f"{slip.usable_before:,}")] if slip.look.shows("points_before") else []),
        Pair(word("after"), f"{slip.usable_after:,}", bold=True),
        Rule(),
        *about_operation(slip, word),
        *bottom(slip, word),
    )
