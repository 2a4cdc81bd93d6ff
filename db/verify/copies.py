"""The copy of a desk that follows a hub: its own chain byte by byte, and every account = the hub's image ⊕ what is
pending. Whether the hub's own books are right is the hub's `verify`; here most of them are not."""

from __future__ import annotations

from app.ports.verify import Finding, Progress
from db.connection import Connection
from db.following.images import Images
from db.store import Store
from db.verify.chains import Chains
from db.verify.report import Report

# Where an epoch begins after an enrolment, what came before it lies at the hub, and may be lost here.
_AT_A_BEGINNING = frozenset({"verify.chain_gap", "verify.chain_broken", "verify.clock_backwards"})


def verify_copy(store: Store, mall: str, desk: str, *, progress: Progress | None = None) -> list[Finding]:
    """Everything that is wrong; an empty list when nothing is. Raises Unavailable("store.broken")."""
    store.check()
    report = Report(progress)
    with store.snapshot() as here:
        for _link in Chains(here, mall, report).links():
            pass  # reading them is what checks them
        _check_accounts(here, mall, desk, report)
    return [found for found in report.findings if not _of_a_beginning(found)]


def _of_a_beginning(found: Finding) -> bool:
    if found.code == "verify.desk_head":
        return found.facts["stands"] == 0  # an epoch has begun, and nothing was done in it yet
    return found.code in _AT_A_BEGINNING and found.facts["sequence"] == 1


def _check_accounts(here: Connection, mall: str, desk: str, report: Report) -> None:
    images = Images(here, mall, desk, b"")
    rows = here.rows(
        "SELECT a.account, a.posted, a.owed FROM account a JOIN member m ON m.mall_id = a.mall_id "
        "AND m.member = a.account WHERE a.mall_id = :mall",
        mall=mall,
    )
    for number, (member, posted, owed) in enumerate(rows):
        report.tick("sums", number, len(rows))
        shown = images.shown(member)
        if shown is not None and (shown.posted, shown.owed) != (posted, owed):
            report.add("verify.balance", where=str(member), stands=posted, should=shown.posted)
        lots = here.row(
            "SELECT coalesce(sum(remaining), 0) FROM lot WHERE mall_id = :mall AND account = :member AND remaining > 0",
            mall=mall,
            member=member,
        )
        if lots is not None and int(lots[0]) - owed != posted:
            report.add("verify.balance_of_lots", where=str(member), stands=posted, should=int(lots[0]) - owed)
