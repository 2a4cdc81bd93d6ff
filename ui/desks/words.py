"""How desks stand, in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.desk_kind import DeskKind
from app.domain.versions import version_parts
from app.ports.hub import AllDesks, DeskStands
from ui.desks.presenter import Exposure, clock_is_wrong, is_till
from ui.locale import day, mark, moment, number, tr, trn
from ui.sync.view import age

IN_CONTACT = timedelta(seconds=30)  # three heartbeats
STATES = {
    "active": mark("In use"),
    "suspended": mark("Suspended"),
    "retired": mark("Retired"),
    "lost": mark("Lost desk"),
}
KINDS = {DeskKind.COUNTER: mark("Counter"), DeskKind.KIOSK: mark("Kiosk"), DeskKind.TILL: mark("Till")}
WHY = {
    "hub.found_fork": mark("The hub found a second history of this desk: its store was restored or copied."),
    "hub.credited_too_much": mark("In one day it credited more than twice of what one desk may."),
    "conflict.over_licence": mark("Cut off, it redeemed more than its licence allows."),
    "conflict.approver_invalid": mark("It used an approval of somebody whose right had ended, and knew it."),
}


def is_in_contact(row: DeskStands, at: datetime) -> bool:
    return row.last_seen is not None and at - row.last_seen <= IN_CONTACT


def state_words(row: DeskStands, all_desks: AllDesks) -> str:
    """One word for the list: what is wrong first, then whether it is heard of."""
    if not row.state:
        return "—"
    if row.must_enrol:
        return tr("Copied store")
    if row.state != "active" or is_till(row):
        return tr(STATES[row.state])
    if all_desks.at is None or row.last_seen is None:
        return tr("Never seen")
    return tr("Connected") if is_in_contact(row, all_desks.at) else tr("Cut off")


def kind_words(row: DeskStands) -> str:
    return tr(KINDS[DeskKind(row.kind)]) if row.state else "—"


def state_tone(row: DeskStands, all_desks: AllDesks) -> str:
    if not row.state or row.state == "retired":
        return "text_muted"
    if row.state != "active":
        return "warning_text"
    if is_till(row):
        return ""
    return "" if all_desks.at is not None and is_in_contact(row, all_desks.at) else "text_muted"


def seen_words(row: DeskStands, all_desks: AllDesks) -> str:
    if row.last_seen is None or all_desks.at is None:
        return "—"
    if is_in_contact(row, all_desks.at):
        return tr("Now")
    return tr("{age} ago", age=age(all_desks.at, row.last_seen))


def what_the_hub_has(all_desks: AllDesks) -> tuple[str, str]:
    """What somebody has to look at who keeps the hub, and its tone; empty where there is nothing."""
    found: list[str] = []
    if all_desks.findings and all_desks.reconciled_on is not None:
        found += (
            trn(
                "Checked on {day}: the books do not add up in {n} place.",
                "Checked on {day}: the books do not add up in {n} places.",
                all_desks.findings,
                day=day(all_desks.reconciled_on),
            ),
            tr("At the hub, memberdesk verify names them all."),
        )
    if all_desks.late:
        found.append(tr("What the hub does by itself every day is late; its log says why."))
    return " ".join(found), "danger" if all_desks.findings else "warning"


def bound_words(found: Exposure) -> str:
    """How the largest figure comes about."""
    if not found.desks or not found.per_desk:
        return tr("no desk redeems offline")
    if found.strict:
        return trn("{n} desk, with its share", "{n} desks, each with its share", found.desks)
    each = number(found.per_desk)
    return trn("{n} desk × {each} points", "{n} desks × {each} points", found.desks, each=each)


def clock_words(row: DeskStands) -> str:
    if row.clock_skew_ms is None:
        return "—"
    seconds = round(abs(row.clock_skew_ms) / 1000)
    if not clock_is_wrong(row):
        return tr("Right")
    minutes = number(seconds // 60)
    return tr("{n} min fast", n=minutes) if row.clock_skew_ms > 0 else tr("{n} min slow", n=minutes)


def program_words(row: DeskStands, all_desks: AllDesks) -> str:
    if not row.program:
        return "—"
    if all_desks.oldest_program and version_parts(row.program) < version_parts(all_desks.oldest_program):
        return tr("{version}, too old", version=row.program)
    if all_desks.program and version_parts(row.program) > version_parts(all_desks.program):
        return tr("{version}, newer than the hub", version=row.program)
    return row.program


def licence_words(row: DeskStands, all_desks: AllDesks) -> str:
    if row.state != "active" or row.licence_until is None or all_desks.at is None:
        return tr("None")
    return tr("until {when}", when=moment(row.licence_until)) if row.licence_until > all_desks.at else tr("Ended")


def what_is_to_know(row: DeskStands, all_desks: AllDesks) -> tuple[str, str]:
    """(sentence, tone) on top of a desk's page; "" where nothing is out of the ordinary."""
    if row.must_enrol:
        return tr(
            "Its store was restored or copied, so that the hub takes nothing of it any more. Make a code and enrol it "
            "again; what it never sent is counted there."
        ), "warning"
    if row.state == "lost":
        if row.last_seen is not None and row.since is not None and row.last_seen > row.since:
            return tr("It was told to destroy what it holds, {when}.", when=moment(row.last_seen)), "info"
        return tr("At its next contact it is told to destroy what it holds."), "warning"
    if row.state == "retired" and is_till(row):
        return tr("Given up. The hub takes no sale of it."), "info"
    if row.state == "retired":
        return tr("Given up. Its card numbers are never given out any more."), "info"
    if row.state == "suspended" and is_till(row):
        return tr("The hub takes no sale of it."), "warning"
    if row.state == "suspended":
        why = WHY.get(row.why or "")
        text = tr("What it has done is still taken; it may begin nothing new.")
        return f"{tr(why)} {text}" if why else text, "warning"
    if clock_is_wrong(row):
        return tr("Its clock is wrong: cut off from the hub it would only credit."), "warning"
    if row.aside and row.unsent:
        return tr("The hub cannot read what this desk sends: it waits there. Compare the two programs."), "warning"
    if all_desks.at is not None and not is_in_contact(row, all_desks.at) and row.unsent:
        return tr("When it was last heard of, {n} operations were not sent.", n=number(row.unsent)), "info"
    return "", ""
