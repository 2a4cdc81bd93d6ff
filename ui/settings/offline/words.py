"""The offline rules in words: what each figure is, and what all of them together bound."""

from __future__ import annotations

from app.domain.offline_rules import OfflinePolicy, OfflineRules
from ui.locale import mark, number, tr
from ui.settings.offline.presenter import HOURS, PERCENT, SECONDS, shown

NAMES = {
    "policy": mark("Policy"),
    "per_redemption": mark("One redemption, at most"),
    "kiosk_per_redemption": mark("One redemption at a kiosk, at most"),
    "per_member": mark("One member at one desk, at most"),
    "per_desk": mark("One desk, at most"),
    "newest_copy_s": mark("Redeem for (hours cut off)"),
    "licence_s": mark("Licence (hours, at most 24)"),
    "contact_timeout_s": mark("Cut off after (silent seconds)"),
    "credit_per_day": mark("Credited per desk and day"),
    "share_percent": mark("Never overdrawn: shares (%)"),
}
SHORT = {
    "policy": mark("Policy"),
    "per_redemption": mark("One redemption"),
    "kiosk_per_redemption": mark("One redemption at a kiosk"),
    "per_member": mark("One member at one desk"),
    "per_desk": mark("One desk"),
    "newest_copy_s": mark("Redeem for"),
    "licence_s": mark("Licence"),
    "contact_timeout_s": mark("Cut off after"),
    "credit_per_day": mark("Credited per day"),
    "share_percent": mark("Shares"),
}
POLICIES = {
    OfflinePolicy.BOUNDED: (
        mark("Within limits"),
        mark("A member may be overdrawn, by no more than the limits allow."),
    ),
    OfflinePolicy.STRICT: (
        mark("Never overdrawn"),
        mark("Each desk may spend only its share of a member's points; larger redemptions wait for the hub."),
    ),
}


def said(name: str, rules: OfflineRules) -> str:
    """A figure with its unit."""
    if name == "policy":
        return tr(POLICIES[rules.policy][0])
    value = shown(name, getattr(rules, name))
    if name in HOURS:
        return tr("{n} h", n=value)
    if name in PERCENT:
        return f"{value} %"
    return tr("{n} s", n=value) if name in SECONDS else tr("{n} points", n=number(int(value)))


def what_it_means(rules: OfflineRules, licensed: int) -> list[str]:
    """Sentences for a person who has to answer for it. `licensed`: how many desks redeem offline; 0: not known."""
    if 0 in (rules.per_redemption, rules.per_member, rules.per_desk):
        found = [tr("Cut off, desks redeem nothing. Crediting, enrolling and looking up go on.")]
    else:
        found = _limits(rules, licensed)
    found.append(
        tr("More than {n} points that one desk credits in a day wait for a review before they can be spent.",
           n=number(rules.credit_per_day))
    )  # fmt: skip
    return found


def _limits(rules: OfflineRules, licensed: int) -> list[str]:
    found = [
        tr("Cut off, a desk redeems {n} points in all, at most {one} at a time; a supervisor approves each.",
           n=number(rules.per_desk), one=number(rules.per_redemption)),
        tr("At a kiosk at most {n} at a time; the member's PIN or code stands in for the supervisor.",
           n=number(min(rules.per_redemption, rules.kiosk_per_redemption)))
        if rules.kiosk_per_redemption
        else tr("Cut off, a kiosk redeems nothing."),
    ]  # fmt: skip
    if rules.policy is OfflinePolicy.STRICT:
        found.append(
            tr("No member is ever overdrawn: of a member's points each desk has a share, never more than {n}.",
               n=number(rules.per_member))
        )  # fmt: skip
        found.append(
            tr("All shares together are {n} % of a member's points; the hub gives the rest without asking desks first.",
               n=rules.share_percent)
        )  # fmt: skip
    elif licensed:
        found += [
            tr("A member can be overdrawn by at most {desks} × {each} = {all} points, one time for each desk.",
               desks=number(licensed), each=number(rules.per_member), all=number(licensed * rules.per_member)),
            tr("All desks together: at most {desks} × {each} = {all} points are on their way to the hub at any moment.",
               desks=number(licensed), each=number(rules.per_desk), all=number(licensed * rules.per_desk)),
        ]  # fmt: skip
    else:
        found.append(
            tr("A member can be overdrawn by at most {each} points for each desk that is cut off.",
               each=number(rules.per_member))
        )  # fmt: skip
    hours = min(rules.newest_copy_s, rules.licence_s)
    found.append(
        tr("After {hours} h without the hub a desk redeems nothing; crediting goes on for as long as it takes.",
           hours=shown("licence_s", hours))
    )  # fmt: skip
    return found
