"""Desks at work, and whoever breaks everything under their hands; afterwards a judge (RELIABILITY.md 9.3).

Desks are real processes with an encrypted file each, two hubs are real processes on a real PostgreSQL, TLS between them
goes through cables that misbehave. What a desk has answered is written down the moment it is answered."""

from __future__ import annotations

import json
import os
import random
import shutil
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.composition.desk import open_desk
from app.composition.following import enrol_desk, renew
from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.operations.issue_card import IssueCard
from app.settings import Home
from app.sync.envelope import decoded
from db.connection import Row
from db.store import Store
from db.verify import verify
from db.verify.copies import verify_copy
from tests.faults.sync.processes import Running, Starter
from tests.faults.sync.proxy import Fault, FaultProxy
from tests.faults.sync.served import Present, a_free_port, a_sale, until
from tests.support.certificates import Authority
from tests.support.hub import HubMall
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR, Mall
from tests.support.one_server import OneServer

PER_MEMBER = 2_000  # F_m of the licence that the hub gives where nobody has changed it
CUP = 100  # points
HUBS_OWN = 6  # members whom the hub knew before there were desks
HEAL_S = 120.0
# As a cable knows them. "Doubled" bytes break TLS, as they should; a doubled request is in `test_every_call`.
CABLE_FAULTS = (Fault.LATE, Fault.CUT, Fault.HALF_OPEN, Fault.REPLY_DROPPED, Fault.DOUBLED, Fault.DRIP, Fault.GARBAGE)


@dataclass
class Written:
    """One line of what a desk's clerk has in hand."""

    id: str
    verb: str
    desk: str
    at_s: float


class World:
    def __init__(self, folder: Path, *, seed: int, desks: int, hubs: int) -> None:
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)
        self.ended = threading.Event()
        self.done: Tally[str] = Tally()  # what the nemesis did, what the clerks did
        (folder / "pg").mkdir()
        self.server = OneServer(folder / "pg")
        self.server.start()
        self.store = Store.open(self.server.url, None)
        self.mall = HubMall(self.store, url=self.server.url, clock=Present())
        self.authority = Authority(folder)
        self.starter = Starter(folder)
        self._pair = self.authority.issue("hub")
        self._clock = folder / "hub.clock"
        self._clock.write_text("0")
        self.ports = [a_free_port() for _ in range(hubs)]
        self.hubs: list[Running | None] = [None] * hubs
        for at in range(hubs):
            self.start_hub(at)
        self.members: list[tuple[UUID, str]] = []
        for _ in range(HUBS_OWN):
            enrol, number = self.mall.enrolment("李静"), self.mall.new_card()
            self.mall.hub.authority.submit_as_system(
                enrol, IssueCard(member=enrol.member, number=number), a_sale(enrol.member, 1_000)
            )
            self.members.append((enrol.member, number))
        self.clerks = [Clerk(self, f"K{at}", at, random.Random(seed * 100 + at)) for at in range(1, desks + 1)]

    def start_hub(self, at: int) -> None:
        self.hubs[at] = self.starter.start(
            kind="hub",
            database=self.server.url,
            mall=self.mall.name,
            port=str(self.ports[at]),
            certificate=str(self._pair.certificate),
            key=str(self._pair.key),
            clock=str(self._clock),
        )

    def again(self, work: Callable[[], Any]) -> Any:
        """As a person would: once more, until it is possible."""
        end = time.monotonic() + HEAL_S
        while True:
            try:
                return work()
            except Unavailable as problem:
                self.done[f"again after {problem.code}"] += 1
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        self.ended.set()
        for clerk in self.clerks:
            clerk.close()
        for hub in self.hubs:
            if hub is not None:
                with suppress(AssertionError):
                    hub.kill()
                hub.close()
        self.starter.close()
        self.mall.close()
        self.store.close()
        self.server.stop()


class Clerk(threading.Thread):
    """Works at one desk, and does again what was not answered: the same thing, under the same id."""

    def __init__(self, world: World, name: str, number: int, chance: random.Random) -> None:
        super().__init__(name=f"clerk-{name}", daemon=True)
        self.world, self.desk, self.number, self.chance = world, name, number, chance
        self.home = Home(world.folder / name)
        self.clock = world.folder / f"{name}.clock"
        self.clock.write_text("0")
        self.line = FaultProxy(world.ports, seed=number)
        opened = world.again(
            lambda: enrol_desk(
                self.home,
                f"https://127.0.0.1:{self.line.port}",
                world.mall.code(name, number + 10),
                ca=world.authority.file,
                keys_kind="file",
                pins=CHEAP_PINS,
            )
        )
        opened.close()
        self.written = world.folder / f"{name}.written"
        self._file = os.open(self.written, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.process: Running | None = None
        self.session: str | None = None
        self.pen = threading.Lock()  # whoever holds it may stop the desk and change its file
        self.lost: set[str] = set()  # what was only in a file that somebody put an older one over: counted, and told
        self.problem: BaseException | None = None
        self.redeemed: list[tuple[str, str]] = []  # of which the gift is still here
        self.undoable: list[tuple[str, str]] = []
        self.slips = 0
        self.enrolled: list[tuple[UUID, str]] = []

    # -- the desk's program ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Where it is not running, it is started and somebody signs in."""
        if self.process is not None and self.process.is_there:
            return
        if self.process is not None:
            self.process.close()
        self.process = self.world.starter.start(kind="desk", home=str(self.home.folder), clock=str(self.clock))
        self.session = None

    def shut(self, *, kill: bool) -> None:
        if self.process is not None:
            if kill:
                self.process.kill()
            else:
                self.process.end()
            self.process.close()
            self.process = None

    def write(self, kind: str, **facts: Any) -> None:
        os.write(self._file, json.dumps({"kind": kind, **facts}).encode() + b"\n")

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answered, however often the program has to be started for it."""
        while True:
            with self.pen:
                self.open()
                assert self.process is not None
                if self.session is None and not self._sign_in(self.process):
                    continue
                if "op" in request:
                    self.write("asked", id=request["id"], verb=request["op"])
                answer = self.process.ask({**request, "session": self.session})
                if answer is None:
                    self.world.done["unanswered"] += 1
                    continue
                if answer["result"] == "ok" and "op" in request:
                    self.write("answered", id=request["id"], verb=request["op"], body=request["body"])
                    self.world.done[request["op"]] += 1
            if answer["result"] != "ok":
                self.write("said", id=request["id"], code=answer["code"])
                self.world.done[str(answer["code"])] += 1
                if answer["code"] == "internal":
                    raise AssertionError(f"a bug at {self.desk}: {answer} for {request}")
            if answer["code"] == "session.unknown":  # an older file does not know who signed in since
                self.session = None
                continue
            if answer["code"] in ("hub.no_answer_go_on", "hub.no_answer"):  # once more goes on within limits
                if self.world.ended.is_set():
                    return answer
                continue
            return answer

    def _sign_in(self, process: Running) -> bool:
        """False where the program has gone meanwhile."""
        session = str(new_id())
        answer = process.ask({"id": session, "op": "sign_in", "body": {"staff": CLERK, "pin": PINS[CLERK]}})
        if answer is None:
            return False
        if answer["result"] != "ok":
            self.write("said", id=session, code=answer["code"])
            self.world.done[str(answer["code"])] += 1
            time.sleep(0.1)
            return False
        self.write("answered", id=session, verb="sign_in")
        self.session = session
        return True

    # -- the work ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            self._do("receive_stock", {"lines": [{"gift": "CUP", "quantity": 200}]})
            while not self.world.ended.wait(self.chance.uniform(0.0, 0.06)):
                self.step()
        except BaseException as problem:
            if not self.world.ended.is_set():
                self.problem = problem

    def step(self) -> None:
        known = self.world.members if self.chance.random() < 0.1 else [*self.world.members[:HUBS_OWN], *self.enrolled]
        member, card = self.chance.choice(known)  # others' new members may not have come round yet
        match self.chance.randrange(14):
            case 0:
                self._enrol()
            case 1:
                self._do("receive_stock", {"lines": [{"gift": "CUP", "quantity": self.chance.randrange(1, 20)}]})
            case 2 | 3 | 4 | 5:
                self._credit(member)
            case 6 | 7 | 8 | 9:
                self._redeem(member, card)
            case 10 | 11:
                self._hand_out()
            case 12:
                self._undo()
            case _:
                self.ask({"id": str(new_id()), "query": "member", "args": {"card": card}})

    def _do(self, verb: str, body: dict[str, Any], *, approved: bool = True) -> dict[str, Any] | None:
        """Its facts; None where it was refused."""
        operation = str(new_id())
        request: dict[str, Any] = {"id": operation, "op": verb, "body": body}
        if approved:
            request["approval"] = {"staff": SUPERVISOR, "pin": PINS[SUPERVISOR]}
        answer = self.ask(request)
        return {**answer["facts"], "id": operation} if answer["result"] == "ok" else None

    def _enrol(self) -> None:
        enrol = Mall.enrolment("王芳")
        assert enrol.person is not None
        body = {
            "member": str(enrol.member),
            "person": {"name": "王芳", "phone": enrol.person.phone},
            "confirmed_adult": True,
            "consents": [{"purpose": "service"}],
        }
        if len(self.world.members) < 60 and self._do("enrol_member", body, approved=False) is not None:
            self.enrolled.append((enrol.member, ""))
            self.world.members.append((enrol.member, ""))

    def _credit(self, member: UUID) -> None:
        if not self._is_here(member):
            return
        self.slips += 1
        sold_at = datetime.now(UTC) - timedelta(hours=3)  # also where the clock was set back by one
        points = self.chance.randrange(20, 400)
        body = {
            "member": str(member),
            "shop": "S1",
            "slip_number": f"{self.desk}-{self.slips}",
            "sold_at": sold_at.isoformat(),
            "amount_fen": points * 100,
        }
        self._do("credit_sale", body)

    def _is_here(self, member: UUID) -> bool:
        found = self.ask({"id": str(new_id()), "query": "member", "args": {"member": str(member)}})
        return bool(found["result"] == "ok")

    def _redeem(self, member: UUID, card: str) -> None:
        by = {"card": card} if card and self.chance.random() < 0.5 else {"member": str(member)}
        if self.ask({"id": str(new_id()), "query": "member", "args": by})["result"] != "ok":
            return
        lines = [{"gift": "CUP", "quantity": self.chance.randrange(1, 4), "points_each": CUP}]
        done = self._do("redeem", {"member": str(member), "lines": lines})
        if done is not None:
            self.redeemed.append((done["id"], str(member)))

    def _hand_out(self) -> None:
        if self.redeemed:
            redemption, member = self.redeemed.pop(self.chance.randrange(len(self.redeemed)))
            if self._do("hand_out", {"member": member, "redemption": redemption, "lines": [0]}) is None:
                self.undoable.append((redemption, member))

    def _undo(self) -> None:
        if self.redeemed:
            redemption, member = self.redeemed.pop()
            self._do("reverse", {"reverses": redemption, "member": member, "reason": "mistake"})

    # -- what may happen to it ---------------------------------------------------------------------------------------

    def put_back(self, copy: Path) -> None:
        """An older file is put in the place of the store; whoever did it finds out when the hub is reached."""
        for suffix in ("", "-wal", "-shm"):
            self.home.store_file.with_name(self.home.store_file.name + suffix).unlink(missing_ok=True)
        shutil.copy(copy, self.home.store_file)

    def answered(self) -> set[str]:
        """All that it ever answered with yes."""
        return {line["id"] for line in self.lines() if line["kind"] == "answered"}

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.read_text().splitlines()]

    def close(self) -> None:
        with suppress(AssertionError):
            self.shut(kill=True)
        self.line.close()
        with suppress(OSError):
            os.close(self._file)


@dataclass
class Nemesis:
    """Breaks something, waits, mends it, and breaks the next thing."""

    world: World
    chance: random.Random
    diary: list[str] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        began = time.monotonic()
        deeds = (
            self.cut_a_link,
            self.cut_a_link,
            self.cut_all_links,
            self.kill_a_desk,
            self.kill_a_desk,
            self.kill_a_hub,
            self.kill_postgres,
            self.set_a_clock,
            self.put_an_older_file_back,
        )
        todo: list[Callable[[], None]] = []
        while time.monotonic() < began + seconds:
            if not todo:  # each of them once before any of them again
                todo = self.chance.sample(deeds, len(deeds))
            deed = todo.pop()
            self.diary.append(f"{time.monotonic() - began:7.2f} {deed.__name__}")
            self.world.done[f"nemesis {deed.__name__}"] += 1
            deed()
            time.sleep(self.chance.uniform(0.1, 0.5))
            for clerk in self.world.clerks:
                if clerk.problem is not None:
                    raise clerk.problem
        self.heal()

    def _somebody(self) -> Clerk:
        return self.chance.choice(self.world.clerks)

    def cut_a_link(self) -> None:
        clerk, fault = self._somebody(), self.chance.choice(CABLE_FAULTS)
        self.diary.append(f"        {clerk.desk} {fault.value}")
        clerk.line.break_(fault)
        time.sleep(self.chance.uniform(0.3, 1.5))
        clerk.line.mend()

    def cut_all_links(self) -> None:
        for clerk in self.world.clerks:
            clerk.line.unplug()
        time.sleep(self.chance.uniform(0.5, 2.0))
        for clerk in self.world.clerks:
            clerk.line.plug()

    def kill_a_desk(self) -> None:
        process = self._somebody().process
        if process is not None:
            process.kill()  # in the middle of whatever it does: its clerk notices

    def kill_a_hub(self) -> None:
        at = self.chance.randrange(len(self.world.hubs))
        hub = self.world.hubs[at]
        assert hub is not None
        hub.kill()
        hub.close()
        time.sleep(self.chance.uniform(0.0, 1.0))
        self.world.start_hub(at)

    def kill_postgres(self) -> None:
        self.world.server.kill_the_leader()
        time.sleep(self.chance.uniform(0.0, 1.0))
        self.world.server.again()

    def set_a_clock(self) -> None:
        clerk = self._somebody()
        hours = self.chance.choice((-1.0, 1.0, 0.1, -0.05))
        self.diary.append(f"        {clerk.desk} {hours:+} h")
        clerk.clock.write_text(str(int(hours * 3_600_000)))
        time.sleep(self.chance.uniform(0.5, 1.5))
        clerk.clock.write_text("0")

    def put_an_older_file_back(self) -> None:
        """The desk is stopped, copied, works on, is killed, and its file is the copy again. With what it had sent
        meanwhile, the hub finds it out; an administrator enrols it anew. What it had *not* sent is counted as lost."""
        clerk = self._somebody()
        self.diary.append(f"        {clerk.desk}")
        copy = self.world.folder / f"{clerk.desk}.copy"
        began = time.monotonic()
        with clerk.pen:
            held = time.monotonic()
            clerk.shut(kill=False)
            self.diary.append(f"        waited {held - began:.1f} s, ended in {time.monotonic() - held:.1f} s")
            before = clerk.answered()
            shutil.copy(clerk.home.store_file, copy)
        time.sleep(self.chance.uniform(0.2, 1.0))
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.put_back(copy)
        time.sleep(self.chance.uniform(0.2, 1.0))  # it may work on, where the hub has not found it out
        with clerk.pen:
            clerk.shut(kill=True)
            clerk.lost |= clerk.answered() - before
            began = time.monotonic()
            self.renew(clerk)
            self.diary.append(f"        enrolled anew in {time.monotonic() - began:.1f} s")
            clerk.redeemed.clear()

    def renew(self, clerk: Clerk) -> None:
        """With a code of the administrator, as soon as a hub is there."""
        began = time.monotonic()
        code = self.world.again(lambda: self.world.mall.code(clerk.desk, clerk.number + 10))
        self.diary.append(f"        a code after {time.monotonic() - began:.1f} s")
        self.world.again(lambda: renew(clerk.home, code))

    def heal(self) -> None:
        for clerk in self.world.clerks:
            clerk.line.mend()
            clerk.clock.write_text("0")
        self.world.ended.set()
        for clerk in self.world.clerks:
            clerk.join(HEAL_S)
            assert not clerk.is_alive(), f"{clerk.desk} hangs"
            clerk.shut(kill=False)
            if clerk.problem is not None:
                raise clerk.problem


class Judge:
    """After everything was mended: is every promise kept?"""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: list[str] = []

    def all(self) -> list[str]:
        self.desks = [(clerk, open_desk(clerk.home, pins=CHEAP_PINS)) for clerk in self.world.clerks]
        try:
            for clerk, desk in self.desks:
                self._settle(clerk, desk)
            for clerk, desk in self.desks:  # what the others had to say last
                self._settle(clerk, desk)
            self._nothing_is_lost()
            self._books()
            for clerk, desk in self.desks:
                self._copy(clerk, desk.store)
        finally:
            for _, desk in self.desks:
                desk.close()
        for finding in verify(self.world.store, self.world.mall.name):
            self.found.append(f"hub: {finding}")
        for problem in self._stderr():
            self.found.append(problem)
        for clerk in self.world.clerks:
            for report in clerk.home.logs.glob("*crash*"):
                self.found.append(f"{clerk.desk}: {report}")
        return self.found

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
        there = Tally(str(row[0]) for row in self._rows("SELECT operation_id FROM feed WHERE mall_id = :mall"))
        for operation, times in there.items():
            if times != 1:
                self.found.append(f"{operation} is in the feed {times} times")
        for clerk in self.world.clerks:
            for missing in clerk.answered() - clerk.lost - there.keys():
                self.found.append(f"{clerk.desk} had answered {missing}, and the hub never got it")

    def _books(self) -> None:
        ((total,),) = self._rows("SELECT coalesce(sum(amount), 0) FROM journal WHERE mall_id = :mall")
        if total:
            self.found.append(f"the journal adds up to {total}")
        bound = PER_MEMBER * len(self.world.clerks)
        for account, posted, held in self._rows(
            "SELECT account, posted, held FROM account WHERE mall_id = :mall AND kind = 'member'"
        ):
            if posted < -bound:
                self.found.append(f"{account} is at {posted}, beyond the bound of {bound}")
            if posted - held < -bound:
                self.found.append(f"{account} has {held} held of {posted}")
        self._points_and_pieces_again()

    def _points_and_pieces_again(self) -> None:
        """A second opinion, of the operations alone and by other code than the program's."""
        points: Tally[UUID] = Tally()
        pieces: Tally[str] = Tally()
        redeemed: dict[UUID, tuple[UUID, int, str, int]] = {}
        for encoded, result in self._rows(
            "SELECT o.encoded, f.result FROM operation o JOIN feed f ON f.mall_id = o.mall_id "
            "AND f.operation_id = o.operation_id WHERE o.mall_id = :mall ORDER BY f.n"
        ):
            operation, said = decoded(bytes(encoded)), json.loads(bytes(result))
            body, facts = operation.body, said["facts"]
            if said["verdict"] != "ok" and said["code"] != "conflict.overdrawn":
                self.world.done[f"verdict {said['code']}"] += 1
            match operation.verb:
                case "credit_sale":
                    points[UUID(body["member"])] += facts.get("points", 0)
                case "redeem" if "points" in facts:
                    quantity = sum(line["quantity"] for line in body["lines"])
                    points[UUID(body["member"])] -= quantity * CUP
                    redeemed[operation.id] = (UUID(body["member"]), quantity * CUP, operation.desk, quantity)
                case "reverse" if UUID(body["reverses"]) in redeemed and "points" in facts:
                    member, worth, _, _ = redeemed[UUID(body["reverses"])]
                    points[member] += worth
                case "hand_out" if "pieces" in facts:
                    pieces[operation.desk] -= redeemed[UUID(body["redemption"])][3]
                case "receive_stock":
                    pieces[operation.desk] += sum(line["quantity"] for line in body["lines"] if line["gift"] == "CUP")
        for account, posted in self._rows(
            "SELECT account, posted FROM account WHERE mall_id = :mall AND kind = 'member'"
        ):
            if points[account] != posted:
                self.found.append(f"{account} is at {posted}; its operations say {points[account]}")
        on_shelves: Tally[str] = Tally()
        for desk, on_hand in self._rows("SELECT desk, on_hand FROM stock WHERE mall_id = :mall AND gift = 'CUP'"):
            on_shelves[desk] = on_hand
        for clerk in self.world.clerks:
            desk = clerk.desk
            if pieces[desk] != on_shelves[desk]:
                self.found.append(f"{desk} has {on_shelves[desk]} cups; its operations say {pieces[desk]}")

    def _copy(self, clerk: Clerk, store: Store) -> None:
        """What the desk shows is what the hub says."""
        name = self.world.mall.name
        for finding in verify_copy(store, name, clerk.desk):
            self.found.append(f"{clerk.desk}: {finding}")

        def here(sql: str) -> list[Row]:
            return store.read(lambda connection: connection.rows(sql, mall=name))

        hub = {row[0]: row[1:] for row in self._rows(_ACCOUNTS)}
        for member, *stands in here(_ACCOUNTS):
            if member not in hub:  # enrolled by an operation that is lost and counted
                if not clerk.lost:
                    self.found.append(f"{clerk.desk} knows {member}, the hub does not")
            elif tuple(stands) != hub[member]:
                self.found.append(f"{clerk.desk} shows {stands} for {member}, the hub {hub[member]}")
        thin = {row[0]: row[1] for row in here("SELECT member, usable FROM member_thin WHERE mall_id = :mall")}
        for member, (posted, held, owed) in hub.items():
            usable = max(0, posted + owed - held - owed)
            if thin.get(member) != usable:
                self.found.append(f"{clerk.desk} has {thin.get(member)} for {member} in short, the hub {usable}")
        shelf = f"SELECT gift, on_hand, reserved FROM stock WHERE mall_id = :mall AND desk = '{clerk.desk}'"
        if sorted(here(shelf)) != sorted(self._rows(shelf)):
            self.found.append(f"{clerk.desk} shows {here(shelf)} on its shelf, the hub {self._rows(shelf)}")
        tasks = (
            "SELECT operation_id, code FROM exception_task WHERE mall_id = :mall AND state = 'open' "
            f"AND desk = '{clerk.desk}'"
        )
        if set(here(tasks)) != set(self._rows(tasks)):
            self.found.append(f"{clerk.desk} has other tasks than the hub")

    def _stderr(self) -> list[str]:
        """A process that ended by itself says why; a hub's bug is in its log."""
        said = self.world.starter.log.read_text(encoding="utf-8", errors="replace")
        return [line for line in said.splitlines() if "Traceback" in line or "bug" in line or "crash" in line]


_ACCOUNTS = (
    "SELECT a.account, a.posted, a.held, a.owed FROM account a JOIN member m ON m.mall_id = a.mall_id "
    "AND m.member = a.account WHERE a.mall_id = :mall"
)
