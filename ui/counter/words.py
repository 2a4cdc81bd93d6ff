"""What the domain's codes are called on the counter's screens."""

from __future__ import annotations

from app.queries.rows import MemberPage, TimelineEntry
from ui.locale import mark, tr

TIERS = {
    "bronze": mark("Bronze"),
    "silver": mark("Silver"),
    "gold": mark("Gold"),
    "platinum": mark("Platinum"),
}
KINDS = {
    "credited": mark("Slip credited"),
    "redeemed": mark("Redeemed"),
    "handed_out": mark("Handed out"),
    "reversed": mark("Reversed"),
    "adjusted": mark("Adjusted"),
    "expired": mark("Expired"),
    "enrolled": mark("Joined"),
    "card_issued": mark("Card issued"),
    "card_lost": mark("Card reported lost"),
    "card_replaced": mark("Card replaced"),
    "revealed": mark("Personal data shown"),
    "received": mark("Stock received"),
    "held": mark("Points frozen"),
    "released": mark("Points released"),
}
KIND_ICONS = {
    "credited": "slip",
    "redeemed": "gift",
    "handed_out": "hand_out",
    "reversed": "undo",
    "adjusted": "points",
    "expired": "clock",
    "enrolled": "member",
    "card_issued": "card",
    "card_lost": "warning",
    "card_replaced": "card",
    "revealed": "eye",
    "received": "stock",
    "held": "lock",
    "released": "undo",
}
CARD_STATES = {
    "in_stock": (mark("In stock"), "neutral"),
    "issued": (mark("Active"), "success"),
    "lost": (mark("Lost"), "danger"),
    "replaced": (mark("Replaced"), "neutral"),
    "void": (mark("Void"), "neutral"),
}
CARD_KINDS = {"physical": mark("Plastic card"), "virtual": mark("Virtual card")}
MEMBER_STATES = {
    "pending": (mark("Pending"), "info"),
    "active": (mark("Active"), "success"),
    "frozen": (mark("Frozen"), "danger"),
    "closed": (mark("Closed"), "neutral"),
}
REVERSE_REASONS = {
    "mistake": mark("Entered by mistake"),
    "gift_faulty": mark("Gift is faulty"),
    "member_changed_mind": mark("Member changed their mind"),
    "sale_returned": mark("Goods returned to the shop"),
    "wrong_member": mark("Wrong member"),
    "other": mark("Other"),
}
ADJUST_REASONS = {
    "goodwill": mark("Goodwill"),
    "missing_points": mark("Points missing"),
    "wrong_points": mark("Points wrong"),
    "campaign": mark("Campaign"),
    "other": mark("Other"),
}
REVEAL_REASONS = {
    "call_member": mark("Call the member"),
    "verify_identity": mark("Check identity"),
    "member_asked": mark("Member asked"),
    "complaint": mark("Complaint"),
    "other": mark("Other"),
}
REVEAL_FIELDS = {"name": mark("Name"), "phone": mark("Phone"), "birthday": mark("Birthday")}
VERBS = {
    "redeem": mark("Redeemed"),
    "hand_out": mark("Handed out"),
    "credit_sale": mark("Slip credited"),
    "reverse": mark("Reversed"),
    "adjust_points": mark("Adjusted"),
    "enrol_member": mark("Joined"),
    "issue_card": mark("Card issued"),
    "report_card_lost": mark("Card reported lost"),
    "replace_card": mark("Card replaced"),
    "receive_stock": mark("Stock received"),
    "reveal": mark("Personal data shown"),
    "end_approval_card": mark("Approval card ended"),
    "give_approval_card": mark("Approval card given"),
    "lift_lockout": mark("Lockout lifted"),
    "hold_points": mark("Points frozen"),
    "release_hold": mark("Points released"),
    "set_member_pin": mark("Member PIN set"),
    "set_staff_pin": mark("Staff PIN set"),
    "add_staff": mark("Person added"),
    "close_staff": mark("Staff account closed"),
    "reopen_staff": mark("Staff account open again"),
    "add_gift": mark("Gift kept"),
    "add_shop": mark("Shop kept"),
    "change_setting": mark("Rule changed"),
}


def tier(code: str) -> str:
    return tr(TIERS.get(code, code))


def kind(code: str) -> str:
    return tr(KINDS.get(code, code))


def verb(code: str) -> str:
    return tr(VERBS.get(code, code))


def label(entry: TimelineEntry) -> str:
    """What a timeline entry is about; codes among the labels are put into words."""
    known = ADJUST_REASONS.get(entry.label) or REVERSE_REASONS.get(entry.label)
    known = known or REVEAL_FIELDS.get(entry.label) or CARD_KINDS.get(entry.label)
    return tr(known) if known else entry.label


def about(summary: str) -> str:
    """The summary of an operation; a reason's code is put into words."""
    known = ADJUST_REASONS.get(summary) or REVERSE_REASONS.get(summary) or REVEAL_REASONS.get(summary)
    return tr(known) if known else summary


def step(code: str) -> str:
    """Why a sale earns what it earns: "base", "tier gold ×2"."""
    if code == "base":
        return tr("1 point per yuan")
    words = code.split()
    if len(words) == 3 and words[0] == "tier":
        return f"{tier(words[1])} {words[2]}"
    return code


def share_to_next(page: MemberPage) -> float:
    """How much of the spending for the next tier is there, 0 to 1."""
    whole = page.spend_12_months_fen + page.to_next_tier_fen
    return page.spend_12_months_fen / whole if page.next_tier and whole else 1.0
