"""Whether every promise is kept: a witness who reads along while everybody works, and a judge at the end.

Both go by the operations, the feed and the desks' own words; neither asks the code under test what is right, but for
`verify`, which is one opinion of several."""

from __future__ import annotations

import json
import re
import threading
import time
from bisect import bisect_right
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.composition.desk import Desk, open_desk
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused, Unavailable
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.hub.service import ACKNOWLEDGED_WITHIN_S
from app.sync.envelope import Envelope, decoded
from db.connection import Connection, Row
from db.store import Store
from db.verify import verify
from db.verify.copies import verify_copy
from tests.faults.sync.served import until
from tests.faults.sync.world import CUP, Clerk, World
from tests.support.mall import CHEAP_PINS

LOOKS_EVERY_S = 1.0
MOST_FINDINGS = 40
# A crash report of one of these is what the program was told by the world: a full disk, a server that is away.
WORLDLY = frozenset({"Refused", "Unavailable"})


class Ledger:
    """A second opinion on points and pieces, of the operations alone and by other code than the program's; and on what
    desks may do while they are cut off (docs/adr/0012), for every operation and every state that the feed tells."""

    def __init__(self, rules: OfflineRules) -> None:
        self.rules = rules
        self.desks = 0  # K: licensed by now
        self.found: list[str] = []
        self.n = 0
        self.there: dict[str, int] = {}  # operation: its place in the feed
        self.lost_at: dict[str, int] = {}  # desk: since when it is lost
        self.cards: dict[str, tuple[str, str]] = {}  # number: member, state
        self.verdicts: Tally[str] = Tally()
        self.points: Tally[UUID] = Tally()
        self.pieces: Tally[str] = Tally()
        self.worst = 0  # overdraft of one member
        self.within_limits = 0  # redemptions
        self.outstanding = 0  # at most, of one desk: within limits and not settled
        self._redeemed: dict[UUID, tuple[UUID, int, int]] = {}
        self._within_limits: dict[str, list[tuple[int, str, int]]] = defaultdict(list)  # desk: place, member, points
        self._shares: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))  # member: places, shares

    def wrong(self, what: str) -> None:
        if len(self.found) < MOST_FINDINGS:
            self.found.append(what)

    def take(self, n: int, operation: UUID | None, encoded: bytes | None, result: bytes) -> None:
        if n != self.n + 1:
            self.wrong(f"the feed goes from {self.n} to {n}")
        self.n = n
        said = json.loads(result)
        for image in said.get("images", ()):
            if image["of"] == "account" and image["state"] is not None:
                self._account(n, image["key"], image["state"])
        if operation is None or encoded is None:
            return
        if str(operation) in self.there:
            self.wrong(f"{operation} is in the feed twice: {self.there[str(operation)]} and {n}")
        self.there[str(operation)] = n
        envelope = decoded(bytes(encoded))
        if envelope.desk in self.lost_at:
            self.wrong(f"{envelope.desk} was lost at {self.lost_at[envelope.desk]}; {operation} counts at {n}")
        if said["verdict"] != "ok":
            self.verdicts[said["code"]] += 1
        self._book(envelope, said["facts"])
        self._card(envelope, said["verdict"] == "ok")
        if envelope.verb == "redeem" and (envelope.basis or {}).get("right") == "floor":
            self._limits(n, envelope)

    def _account(self, n: int, member: str, state: dict[str, Any]) -> None:
        """At no moment is anybody overdrawn beyond the bound; strict: at none at all."""
        left = state["posted"] - state["held"]
        self.worst = max(self.worst, -state["posted"])
        bound = 0 if self.rules.policy is OfflinePolicy.STRICT else self.rules.per_member * self.desks
        if min(state["posted"], left) < -bound:
            self.wrong(f"at {n}, {member} is at {state['posted']} with {state['held']} held; the bound is {bound}")
        if self.rules.policy is OfflinePolicy.STRICT and state["owed"]:
            self.wrong(f"at {n}, {member} owes {state['owed']}")
        places, shares = self._shares[member]
        places.append(n)
        shares.append(state.get("share", 0))

    def _limits(self, n: int, envelope: Envelope) -> None:
        """When it was done, this desk had read the feed to `read` at least: what it had done within limits and not
        found there yet, and this, are within what the licence allows."""
        self.within_limits += 1
        read, member = (envelope.basis or {})["feed"], envelope.body["member"]
        points = sum(line["quantity"] * line["points_each"] for line in envelope.body["lines"])
        done = [*self._within_limits[envelope.desk], (n, member, points)]
        unsettled = [(of, worth) for place, of, worth in done if place > read]
        of_desk, of_member = sum(worth for _, worth in unsettled), sum(w for of, w in unsettled if of == member)
        self._within_limits[envelope.desk] = [one for one in done if one[0] > self.n - 5_000]
        self.outstanding = max(self.outstanding, of_desk)
        allowed = self.rules.per_member
        if self.rules.policy is OfflinePolicy.STRICT:
            places, shares = self._shares[member]
            at = bisect_right(places, read)  # or a later one: whoever was looked up stood as it was then
            allowed = min(allowed, max(shares[max(0, at - 1) :], default=0))
        for what, used, limit in (
            ("redemption", points, self.rules.per_redemption),
            ("member", of_member, allowed),
            ("desk", of_desk, self.rules.per_desk),
        ):
            if used > limit:
                self.wrong(f"{envelope.id} of {envelope.desk} at {n}, read to {read}: {used} of {limit} per {what}")

    def _book(self, operation: Envelope, facts: dict[str, Any]) -> None:
        body = operation.body
        match operation.verb:
            case "credit_sale":
                self.points[UUID(body["member"])] += facts.get("points", 0)
            case "redeem" if "points" in facts:
                quantity = sum(line["quantity"] for line in body["lines"])
                self.points[UUID(body["member"])] -= quantity * CUP
                self._redeemed[operation.id] = (UUID(body["member"]), quantity * CUP, quantity)
            case "reverse" if UUID(body["reverses"]) in self._redeemed and "points" in facts:
                member, worth, _ = self._redeemed[UUID(body["reverses"])]
                self.points[member] += worth
            case "hand_out" if "pieces" in facts:
                self.pieces[operation.desk] -= self._redeemed[UUID(body["redemption"])][2]
            case "receive_stock":
                self.pieces[operation.desk] += sum(line["quantity"] for line in body["lines"] if line["gift"] == "CUP")

    def _card(self, operation: Envelope, is_done: bool) -> None:
        """The first who had a number keeps it, a member has one card at a time, and lost is lost."""
        body = operation.body
        match operation.verb:
            case "issue_card":
                has_one = (body["member"], "issued") in self.cards.values()
                should = body["number"] not in self.cards and not has_one
                after = "issued"
            case "report_card_lost":  # twice is once
                should = self.cards.get(body["number"]) in ((body["member"], "issued"), (body["member"], "lost"))
                after = "lost"
            case "report_desk_lost":
                self.lost_at[body["desk"]] = self.n
                return
            case _:
                return
        if is_done != should:
            self.wrong(f"{operation.verb} {operation.id} of {operation.desk} at {self.n} counts: {is_done}")
        if is_done:
            self.cards[body["number"]] = (body["member"], after)

    def compare(self, accounts: Iterable[Row], shelves: Iterable[Row], desks: Iterable[str]) -> None:
        for account, posted in accounts:
            if self.points[account] != posted:
                self.wrong(f"at {self.n}, {account} is at {posted}; its operations say {self.points[account]}")
        on_hand: dict[str, int] = dict(shelves)
        for desk in desks:
            if self.pieces[desk] != on_hand.get(desk, 0):
                self.wrong(f"{desk} has {on_hand.get(desk, 0)} cups; its operations say {self.pieces[desk]}")


class Witness(threading.Thread):
    """Reads the hub's books along with the work: what was wrong for a moment is found as well."""

    def __init__(self, world: World) -> None:
        super().__init__(name="witness", daemon=True)
        self.world = world
        self.ledger = Ledger(world.rules)
        self.looks = 0
        self.problem: BaseException | None = None
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(LOOKS_EVERY_S):
            try:
                self.look()
            except Unavailable:  # no PostgreSQL at this moment
                continue
            except BaseException as problem:
                self.problem = problem
                return

    def check(self) -> None:
        """Whoever waits for hours wants to know at once."""
        if self.problem is not None:
            raise self.problem
        assert not self.ledger.found, "\n".join(self.ledger.found)

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def look(self) -> None:
        """All at one moment: the feed's new rows, the balances and shelves as they stand then."""
        mall, ledger = self.world.mall.name, self.ledger
        ledger.desks = len(self.world.clerks)
        with self.world.store.snapshot() as connection:
            for n, operation, encoded, result in connection.rows(
                "SELECT f.n, f.operation_id, o.encoded, f.result FROM feed f LEFT JOIN operation o "
                "ON o.mall_id = f.mall_id AND o.operation_id = f.operation_id "
                "WHERE f.mall_id = :mall AND f.n > :after ORDER BY f.n",
                mall=mall,
                after=ledger.n,
            ):
                ledger.take(n, operation, encoded, bytes(result))
            accounts = connection.rows(
                "SELECT account, posted FROM account WHERE mall_id = :mall AND kind = 'member'", mall=mall
            )
            shelves = connection.rows(
                "SELECT desk, on_hand FROM stock WHERE mall_id = :mall AND gift = 'CUP'", mall=mall
            )
            ledger.compare(accounts, shelves, [clerk.desk for clerk in self.world.clerks])
            self._exposure(connection)
        self.looks += 1

    def _exposure(self, connection: Connection) -> None:
        """What the supervisor's screen shows of each desk."""
        for desk, used in connection.rows(
            "SELECT desk, floor_used FROM hub_desk WHERE mall_id = :mall AND floor_used IS NOT NULL",
            mall=self.world.mall.name,
        ):
            if used > self.world.rules.per_desk:
                self.ledger.wrong(f"{desk} says that it has used {used} of {self.world.rules.per_desk}")
        for (desk,) in connection.rows(
            "SELECT DISTINCT desk FROM exception_task WHERE mall_id = :mall AND code = 'conflict.over_licence'",
            mall=self.world.mall.name,
        ):
            self.ledger.wrong(f"{desk} keeps to its licence, and the hub says that it does not")


class Judge:
    """After everything was mended: is every promise kept?"""

    def __init__(self, world: World, witness: Witness) -> None:
        self.world, self.witness = world, witness
        self.found: list[str] = []
        self.took: dict[str, float] = {}

    def all(self) -> list[str]:
        began = time.monotonic()
        self.desks = [(clerk, open_desk(clerk.home, pins=CHEAP_PINS)) for clerk in self.world.at_work]
        try:
            if (
                self.world.rules.policy is OfflinePolicy.STRICT
            ):  # a hub may still wait for shares, whoever asked is gone
                time.sleep(ACKNOWLEDGED_WITHIN_S)
            told = -1
            while told != (told := self.world.mall.hub_store.head().n):  # once more: what the others had to say last
                for clerk, desk in self.desks:
                    self._settle(clerk, desk)
            self._took("settling", began)
            self.witness.look()
            self.found += self.witness.ledger.found
            self.world.done.update({f"verdict {code}": n for code, n in self.witness.ledger.verdicts.items()})
            self._nothing_is_lost()
            self._books()
            for clerk, desk in self.desks:
                self._copy(clerk, desk.store)
                self._cards(clerk, desk)
        finally:
            for _, desk in self.desks:
                desk.close()
        began = time.monotonic()
        for finding in verify(self.world.store, self.world.mall.name):
            self.found.append(f"hub: {finding}")
        self._took("verify", began)
        self._stderr()
        self._crashes()
        return self.found

    def _took(self, what: str, began: float) -> None:
        self.took[what] = time.monotonic() - began

    def _settle(self, clerk: Clerk, desk: Any) -> None:
        link = desk.link
        link.agent.no_answer()
        why: list[str] = []

        def settled() -> bool:
            try:
                link.agent.once()
            except (Unavailable, Refused) as problem:
                why[:] = [problem.code]
                return False
            feed = link.following.feed()
            status = link.status()
            why[:] = [f"{status}"]
            return status.unsent == 0 and feed is not None and feed.n == self.world.mall.hub_store.head().n

        try:
            until(settled, f"{clerk.desk} settles")
        except AssertionError:
            self.found.append(f"{clerk.desk} does not settle: {why}")

    def _rows(self, sql: str, **values: Any) -> list[Row]:
        name = self.world.mall.name
        return self.world.store.read(lambda connection: connection.rows(sql, mall=name, **values))

    def _nothing_is_lost(self) -> None:
        there = self.witness.ledger.there
        for clerk in self.world.clerks:
            answered = [operation for operation in clerk.answered if operation not in clerk.lost]
            if clerk.is_stolen:  # what it had not sent is gone with it, and nothing else
                sent = max((at for at, operation in enumerate(answered) if operation in there), default=-1) + 1
                self.world.done["gone with a stolen desk"] += len(answered) - sent
                answered = answered[:sent]
                left = [file for file in clerk.home.folder.rglob("*") if file.name.startswith("store.db")]
                left += [file for file in (clerk.home.folder / "keys").glob("*") if file.is_file()]
                for file in left:
                    if not file.name.endswith(".lock"):
                        self.found.append(f"{clerk.desk} was lost, and {file} is still there")
            for operation in answered:
                if operation not in there:
                    self.found.append(f"{clerk.desk} had answered {operation}, and the hub never got it")

    def _books(self) -> None:
        ((total,),) = self._rows("SELECT coalesce(sum(amount), 0) FROM journal WHERE mall_id = :mall")
        if total:
            self.found.append(f"the journal adds up to {total}")
        cards = {number: (str(member), state) for number, member, state in self._rows(_CARDS)}
        if cards != self.witness.ledger.cards:
            self.found.append(
                f"the cards are not whose they should be: {cards.items() ^ self.witness.ledger.cards.items()}"
            )

    def _cards(self, clerk: Clerk, desk: Desk) -> None:
        """Whoever comes with a lost card is not served with it, here either."""
        for number in self.world.lost_cards:
            try:
                desk.queries.card_holder(PresentedCard(number))
            except Refused:
                continue
            self.found.append(f"{clerk.desk} takes the lost card {number}")

    def _copy(self, clerk: Clerk, store: Store) -> None:
        """What the desk shows is what the hub says."""
        name = self.world.mall.name
        for finding in verify_copy(store, name, clerk.desk):
            self.found.append(f"{clerk.desk}: {finding}")

        def here(sql: str) -> list[Row]:
            return store.read(lambda connection: connection.rows(sql, mall=name))

        for operation, verdict in here(_SLIPS):
            counted = verdict == "quarantined" and clerk.was_put_back  # lost with the newer file: two histories
            if not (str(operation) in self.witness.ledger.there or str(operation) in clerk.lost or counted):
                self.found.append(f"{clerk.desk} has a slip of {operation}, and the hub never got it")
        hub = {row[0]: tuple(row[1:]) for row in self._rows(_ACCOUNTS)}
        full = {member for (member,) in here("SELECT member FROM person WHERE mall_id = :mall")}
        for member, *stands in here(_ACCOUNTS):
            if member not in hub:  # enrolled by an operation that is lost and counted
                if not clerk.lost:
                    self.found.append(f"{clerk.desk} knows {member}, the hub does not")
                continue
            in_short = (_usable(*hub[member]), 0, 0)  # all that it may have been told of whom it does not hold in full
            if tuple(stands) != hub[member] and (member in full or tuple(stands) != in_short):
                self.found.append(f"{clerk.desk} shows {stands} for {member}, the hub {hub[member]}")
        thin = {row[0]: row[1] for row in here("SELECT member, usable FROM member_thin WHERE mall_id = :mall")}
        for member, at_hub in hub.items():
            if thin.get(member) != _usable(*at_hub):
                self.found.append(f"{clerk.desk} has {thin.get(member)} for {member} in short, the hub {at_hub}")
        for what, sql in _OF_DESK.items():
            known = {row[0]: row[1:] for row in self._rows(sql.format(desk=clerk.desk))}
            for key, *stands in here(sql.format(desk=clerk.desk)):
                if key not in known:
                    if not {str(key), str(stands[0])} & clerk.lost:
                        self.found.append(f"{clerk.desk} has {what} {key} {stands}, the hub has not")
                elif tuple(stands) != tuple(known[key]):
                    self.found.append(f"{clerk.desk} has {what} {key} {stands}, the hub {known[key]}")
        shelf = f"SELECT gift, on_hand, reserved FROM stock WHERE mall_id = :mall AND desk = '{clerk.desk}'"
        if sorted(here(shelf)) != sorted(self._rows(shelf)):
            self.found.append(f"{clerk.desk} shows {here(shelf)} on its shelf, the hub {self._rows(shelf)}")
        tasks = (
            "SELECT operation_id, code FROM exception_task WHERE mall_id = :mall AND state = 'open' "
            f"AND desk = '{clerk.desk}'"
        )
        if set(here(tasks)) != set(self._rows(tasks)):
            self.found.append(f"{clerk.desk} has other tasks than the hub")

    def _stderr(self) -> None:
        """A process that ended by itself says why; a hub's bug is in its log."""
        said = self.world.starter.log.read_text(encoding="utf-8", errors="replace")
        unwritten = re.compile(rf"crash \w+: ({'|'.join(sorted(WORLDLY))}), not written: OSError")  # the disk was full
        bad = [line for line in said.splitlines() if "Traceback" in line or "bug" in line or "crash" in line]
        self.found += [line for line in bad if not unwritten.fullmatch(line)]

    def _crashes(self) -> None:
        for clerk in self.world.clerks:
            for report in clerk.home.logs.glob("*crash*"):
                kind = (report.read_text(encoding="utf-8").splitlines() + [""] * 3)[2]
                if kind not in WORLDLY:
                    self.found.append(f"{clerk.desk}: {report}: {kind}")


def _usable(posted: int, held: int, _owed: int) -> int:
    return max(0, posted - held)


_SLIPS = (  # printed, or waiting for a printer
    "SELECT DISTINCT p.operation_id, r.verdict FROM print_job p LEFT JOIN operation_result r "
    "ON r.mall_id = p.mall_id AND r.operation_id = p.operation_id WHERE p.mall_id = :mall"
)
_OF_DESK = {
    "card": "SELECT number, member, state FROM card WHERE mall_id = :mall AND state <> 'unknown' "
    "AND number NOT LIKE '~%'",  # known in short only
    "redemption": "SELECT r.operation_id, r.member, r.points, l.handed_out_by, l.taken_by FROM redemption r "
    "JOIN redemption_line l ON l.mall_id = r.mall_id AND l.operation_id = r.operation_id "
    "WHERE r.mall_id = :mall AND r.desk = '{desk}' AND l.line = 0",
    "reversal": "SELECT v.reverses, v.operation_id FROM reversal v WHERE v.mall_id = :mall",
}
_CARDS = "SELECT number, member, state FROM card WHERE mall_id = :mall"
_ACCOUNTS = (
    "SELECT a.account, a.posted, a.held, a.owed FROM account a JOIN member m ON m.mall_id = a.mall_id "
    "AND m.member = a.account WHERE a.mall_id = :mall"
)
