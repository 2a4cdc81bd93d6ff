"""A mall at work: desks and two hubs as processes of their own on a real PostgreSQL, TLS between them through cables
that may misbehave, and clerks who never tire. What a desk has answered is written down the moment it is answered."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import threading
import time
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from app.composition.following import enrol_desk
from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.domain.offline_rules import OfflineRules
from app.operations.base import Operation
from app.operations.issue_card import IssueCard
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.sign_in import SignIn
from app.ports.authority import Submission
from app.settings import Home
from db.store import Store
from tests.faults.sync.newer import Versions, become
from tests.faults.sync.processes import Running, Starter
from tests.faults.sync.proxy import FaultProxy
from tests.faults.sync.served import Present, a_free_port, a_sale
from tests.support.certificates import Authority
from tests.support.hub import HubMall
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR, Mall
from tests.support.one_server import OneServer

CUP = 100  # points
FIRST_POINTS = 1_000
HUBS_OWN = 6  # members whom the hub knew before there were desks
MOST_MEMBERS = 60
DESK_MIB, PG_MIB = 2_048, 4_096  # of a disk; they take only as much memory as is written on them
_MS_REMOUNT = 32
OWN_CARD = "one of this desk's own"
CARDS = 100_000  # of one desk's stock
HEAL_S = 120.0
RESTART_S = 0.5  # as `Restart=on-failure` of systemd, only sooner
ENDINGS = 40  # of a desk's program in a row, without one answer in between: it cannot start any more


class World:
    """`close` it; a world that cannot be made leaves nothing behind."""

    def __init__(self, folder: Path, *, seed: int, desks: int, hubs: int, rules: OfflineRules) -> None:
        self.folder, self.seed, self.rules = folder, seed, rules
        self.ended = threading.Event()
        self.done: Tally[str] = Tally()  # what the nemesis did, what the clerks did
        self.keep = False  # whoever looks for what went wrong finds all disks in the folder "kept"
        self.no_disks = ""  # why not
        self.clerks: list[Clerk] = []
        self.members: list[tuple[UUID, str]] = []
        self.lost_cards: list[str] = []
        self._mounted: dict[Path, int] = {}
        self._clerk: UUID | None = None  # the session of whoever serves at the hub
        self._numbers = count(1)
        self._closed = threading.Event()
        self.began, self.told = time.monotonic(), 0  # and how many minutes of it were told
        with ExitStack() as made:
            made.callback(become, folder, ())
            made.callback(self._put_disks_away)
            self.server = OneServer(self.disk("pg", PG_MIB))
            made.callback(self._stop_the_server)
            self.server.start()
            self.store = Store.open(self.server.url, None)
            made.callback(self.store.close)
            self.mall = HubMall(self.store, url=self.server.url, clock=Present())
            made.callback(self.mall.close)
            self.mall.by_two(SetOfflineRules(rules=rules))
            self.authority = Authority(folder)
            self._pair = self.authority.issue("hub")
            self.starter = Starter(folder)
            made.callback(self.starter.close)
            self.ports = [a_free_port() for _ in range(hubs)]
            self.clocks = [folder / f"hub{at}.clock" for at in range(hubs)]
            self.versions = Versions(folder / "newer")
            self.hub_versions = [0] * hubs  # how many of them this hub's program knows
            self.hubs = [self._hub(at) for at in range(hubs)]
            made.callback(self._end_hubs)
            for keep in (self._keep_hubs, self._keep_postgres):
                keeper = threading.Thread(target=keep, daemon=True)
                keeper.start()
                made.callback(keeper.join)
            made.callback(self._closed.set)
            for _ in range(HUBS_OWN):
                enrol, number = self.mall.enrolment("李静"), self.mall.new_card()
                self.mall.hub.authority.submit_as_system(
                    enrol, IssueCard(member=enrol.member, number=number), a_sale(enrol.member, FIRST_POINTS)
                )
                self.members.append((enrol.member, number))
            made.callback(self._send_clerks_home)
            for _ in range(desks):
                self.new_clerk()
            self._made = made.pop_all()

    def close(self) -> None:
        self._made.close()

    def new_clerk(self) -> Clerk:
        at = next(self._numbers)
        clerk = Clerk(self, f"K{at}", at, random.Random(self.seed * 100 + at))
        self.clerks.append(clerk)
        return clerk

    @property
    def at_work(self) -> list[Clerk]:
        return [clerk for clerk in self.clerks if not clerk.is_stolen]

    def _hub(self, at: int) -> Running:
        if not self.clocks[at].exists():
            self.clocks[at].write_text("0")
        return self.starter.start(
            kind="hub",
            database=self.server.url,
            mall=self.mall.name,
            port=str(self.ports[at]),
            certificate=str(self._pair.certificate),
            key=str(self._pair.key),
            clock=str(self.clocks[at]),
            **self.version(self.hub_versions[at]),
        )

    def version(self, known: int) -> dict[str, str]:
        return {"newer": str(self.versions.folder), "versions": " ".join(self.versions.made[:known])}

    def _keep_postgres(self) -> None:
        while not self._closed.wait(RESTART_S):
            if not self.server.is_up() and self.server.again():
                self.done["PostgreSQL was started again"] += 1

    def _keep_hubs(self) -> None:
        """A hub that has ended, for whatever reason, is started again, as its service manager would."""
        while not self._closed.wait(RESTART_S):
            for at, hub in enumerate(self.hubs):
                if not hub.lives():
                    hub.close()
                    self.done["a hub was started again"] += 1
                    self.hubs[at] = self._hub(at)

    # -- disks -------------------------------------------------------------------------------------------------------

    def disk(self, name: str, mib: int) -> Path:
        """A folder; where this machine lets us, on a disk of its own of that size."""
        folder = self.folder / name
        folder.mkdir()
        try:
            _mount(folder, mib << 20)
            self._mounted[folder] = mib << 20
        except OSError as problem:
            self.no_disks = str(problem)
        return folder

    def fill(self, folder: Path, leave: int) -> bool:
        """So that `leave` bytes are free. False where it is no disk of its own."""
        if folder not in self._mounted:
            return False
        for _ in range(100):
            disk = os.statvfs(folder)
            try:
                _mount(folder, (disk.f_blocks - disk.f_bfree) * disk.f_frsize + leave, _MS_REMOUNT)
            except OSError:  # more is on it by now
                continue
            return True
        raise AssertionError(f"{folder} does not get full")

    def empty(self, folder: Path) -> None:
        _mount(folder, self._mounted[folder], _MS_REMOUNT)

    def used(self) -> dict[str, int]:
        """Bytes on each disk of its own."""
        disks = {folder.name: os.statvfs(folder) for folder in self._mounted}
        return {name: (disk.f_blocks - disk.f_bfree) * disk.f_frsize for name, disk in disks.items()}

    # -- at the hub's own desk -----------------------------------------------------------------------------------------

    def decide(self, operation: Operation) -> None:
        """By the administrator and a supervisor."""
        self.again(lambda: self.mall.by_two(operation))

    def serve(self, *operations: Operation) -> None:
        """By a clerk."""
        if self._clerk is None:
            signs_in = SignIn(staff=CLERK)
            self.again(lambda: self.mall.hub.authority.submit(Submission((signs_in,), None, pin=PINS[CLERK])))
            self._clerk = signs_in.id
        self.again(lambda: self.mall.hub.authority.submit(Submission(operations, self._clerk)))

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

    # -- putting away ------------------------------------------------------------------------------------------------

    def _send_clerks_home(self) -> None:
        self.ended.set()
        for clerk in self.clerks:
            clerk.close()

    def _end_hubs(self) -> None:
        for hub in self.hubs:
            with suppress(AssertionError):
                hub.kill()
            hub.close()

    def _stop_the_server(self) -> None:
        if self.keep:
            with suppress(FileNotFoundError, psutil.NoSuchProcess):
                self.server.kill_the_leader()
        else:
            self.server.stop()

    def _put_disks_away(self) -> None:
        for folder in self._mounted:
            if self.keep:
                shutil.copytree(folder, self.folder / "kept" / folder.name)
            _unmount(folder)


def _mount(folder: Path, size: int, flags: int = 0) -> None:
    """Memory that looks like a disk. Raises OSError where that may not be."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "umount2"):
        raise OSError(0, "no such disks on this system")
    if libc.mount(b"none", str(folder).encode(), b"tmpfs", flags, f"size={size},mode=0755".encode()):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _unmount(folder: Path) -> None:
    ctypes.CDLL(None).umount2(str(folder).encode(), 2)  # MNT_DETACH: also where somebody still looks into it


class Clerk(threading.Thread):
    """Works at one desk, and does again what was not answered: the same thing, under the same id."""

    def __init__(self, world: World, name: str, number: int, chance: random.Random) -> None:
        super().__init__(name=f"clerk-{name}", daemon=True)
        self.world, self.desk, self.number, self.chance = world, name, number, chance
        self.home = Home(world.disk(name, DESK_MIB))
        self.clock = world.folder / f"{name}.clock"
        self.clock.write_text("0")
        self.line = FaultProxy(world.ports, seed=number)
        self._code = ""
        world.again(self._enrol_the_desk)
        self._file = os.open(world.folder / f"{name}.written", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.version = len(world.versions.made)  # how many of them this desk's program knows
        self.process: Running | None = None
        self.session: str | None = None
        self.pen = threading.Lock()  # whoever holds it may stop the desk and change its file
        self.answered: dict[str, None] = {}  # all that this desk ever said yes to, in that order
        self.lost: set[str] = set()  # what was only in a file that somebody put an older one over: counted, and told
        self.was_put_back = False  # an older file of its store was, at least once
        self.is_stolen = False  # the desk was reported lost
        self.gone = False  # … and has wiped itself
        self.problem: BaseException | None = None
        self.redeemed: list[tuple[str, str]] = []  # of which the gift is still here
        self.slips = 0
        self.enrolled: list[tuple[UUID, str]] = []
        self.errands: deque[tuple[str, dict[str, Any]]] = deque()  # what somebody wants done here next
        self._has_cards = False
        self._endings = 0

    def _enrol_the_desk(self) -> None:
        """A reply may be lost: the same code goes on. One that no hub takes any more is replaced."""
        self._code = self._code or self.world.mall.code(self.desk, self.number + 10)
        url = f"https://127.0.0.1:{self.line.port}"
        try:
            enrol_desk(
                self.home, url, self._code, ca=self.world.authority.file, keys_kind="file", pins=CHEAP_PINS
            ).close()
        except Refused as problem:
            self._code = ""
            raise Unavailable(problem.code) from None

    # -- the desk's program ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Where it is not running, it is started and somebody signs in."""
        if self.process is not None and self.process.is_there:
            return
        if self.process is not None:
            self.process.close()
        self.process = self.world.starter.start(
            kind="desk", home=str(self.home.folder), clock=str(self.clock), **self.world.version(self.version)
        )
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

    def ask(self, request: dict[str, Any], *, session: str | None = None) -> dict[str, Any]:
        """Answered, however often the program has to be started for it; in the clerk's name, unless `session` is
        somebody else's, or "", nobody's. Raises Gone."""
        while True:
            with self.pen:
                if self.home.wiped_file.exists():
                    raise Gone
                self.open()
                assert self.process is not None
                if self.session is None and not self._sign_in(self.process):
                    continue
                if "op" in request:
                    self.write("asked", id=request["id"], verb=request["op"])
                answer = self._answer(
                    self.process, {**request, "session": self.session if session is None else session or None}
                )
                if answer is None:
                    continue
                if answer["result"] == "ok" and "op" in request:
                    self.write("answered", id=request["id"], verb=request["op"], body=request["body"])
                    self.answered[request["id"]] = None
                    self.world.done[request["op"]] += 1
            if answer["result"] != "ok":
                self._said(request["id"], answer)
                if answer["code"] == "internal":
                    raise AssertionError(f"a bug at {self.desk}: {answer} for {request}")
            if (
                answer["code"] == "session.unknown" and session is None
            ):  # an older file does not know who signed in since
                self.session = None
                continue
            if answer["code"] in ("hub.no_answer_go_on", "hub.no_answer"):  # once more goes on within limits
                if self.world.ended.is_set():
                    return answer
                continue
            if answer["code"] == "store.closed":  # it is wiping itself
                time.sleep(0.1)
                continue
            return answer

    def _answer(self, process: Running, request: dict[str, Any]) -> dict[str, Any] | None:
        """None: the program has ended, nobody knows how far it came."""
        answer = process.ask(request)
        if answer is not None:
            self._endings = 0
            return answer
        self.world.done["unanswered"] += 1
        self._endings += 1
        if self._endings > ENDINGS:
            raise AssertionError(f"{self.desk} does not start any more")
        if self._endings > 1:
            time.sleep(RESTART_S)
        return None

    def _said(self, request: str, answer: dict[str, Any]) -> None:
        self.write("said", id=request, code=answer["code"])
        self.world.done[str(answer["code"])] += 1

    def _sign_in(self, process: Running) -> bool:
        """False where the program has gone meanwhile."""
        session = str(new_id())
        answer = self._answer(process, {"id": session, "op": "sign_in", "body": {"staff": CLERK, "pin": PINS[CLERK]}})
        if answer is None:
            return False
        if answer["result"] != "ok":
            self._said(session, answer)
            time.sleep(0.1)
            return False
        self.write("answered", id=session, verb="sign_in")
        self.answered[session] = None
        self.session = session
        return True

    # -- the work ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        try:
            self._do("receive_stock", {"lines": [{"gift": "CUP", "quantity": 200}]})
            while not self.world.ended.wait(self.chance.uniform(0.0, 0.06)):
                self.step()
        except Gone:
            self.shut(kill=False)
            self.open()  # whatever stopped it half way: the next start goes on, and ends
            self.shut(kill=False)
            self.gone = True
        except BaseException as problem:
            if not self.world.ended.is_set():
                self.problem = problem

    def step(self) -> None:
        if self.errands:
            verb, body = self.errands.popleft()
            if body.get("number") == OWN_CARD:
                body = {**body, "number": self.free_card()}
            if body.get("number") != "":
                self._do(verb, body)
            return
        if not self._has_cards and self.chance.random() < 0.1:
            self._has_cards = self._fetch_cards()
        member, card = self._customer()
        match self.chance.randrange(15):
            case 0:
                self._enrol()
            case 14:
                self._give_a_card()
            case 1:
                self._do("receive_stock", {"lines": [{"gift": "CUP", "quantity": self.chance.randrange(1, 20)}]})
            case 2 | 3:
                self._credit(member)
            case 4 | 5 | 6 | 7 | 8 | 9:
                self._redeem(member, card)
            case 10 | 11:
                self._hand_out()
            case 12:
                self._undo()
            case _:
                self.ask({"id": str(new_id()), "query": "member", "args": {"card": card}})

    def _customer(self) -> tuple[UUID, str]:
        """Mostly one of the few whom everybody serves, else one of this desk's own; now and then anybody's, who may not
        have come round yet."""
        chance = self.chance.random()
        if chance < 0.6 or not self.enrolled:
            return self.chance.choice(self.world.members[:HUBS_OWN])
        return self.chance.choice(self.enrolled if chance < 0.9 else self.world.members)

    def _fetch_cards(self) -> bool:
        """Card stock of this desk's own: a supervisor brings it, and the hub has to agree."""
        session = str(new_id())
        signs_in = {"id": session, "op": "sign_in", "body": {"staff": SUPERVISOR, "pin": PINS[SUPERVISOR]}}
        if self.ask(signs_in, session="")["result"] != "ok":
            return False
        batch = {"first_serial": self.number * CARDS + 1, "count": CARDS}
        answer = self.ask({"id": str(new_id()), "op": "add_card_batch", "body": batch}, session=session)
        return bool(answer["result"] == "ok" or answer["code"] == "card.batch_overlaps")

    def _give_a_card(self) -> None:
        (member, _), number = self._customer(), self.free_card()
        if number and self._is_here(member):
            self._do("issue_card", {"member": str(member), "number": number})

    def free_card(self) -> str:
        """Of this desk's own, "" where it has none yet or cannot say now."""
        free = self.ask({"id": str(new_id()), "query": "card_number", "args": {}})
        return str(free["facts"]["rows"][0]["card"]) if free["result"] == "ok" else ""

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
        if len(self.world.members) < MOST_MEMBERS and self._do("enrol_member", body, approved=False) is not None:
            self.enrolled.append((enrol.member, ""))
            self.world.members.append((enrol.member, ""))

    def _credit(self, member: UUID) -> None:
        if not self._is_here(member):
            return
        self.slips += 1
        sold_at = datetime.now(UTC) - timedelta(hours=3)  # also where the clock was set back by one
        points = self.chance.randrange(20, 600)
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
            self._do("hand_out", {"member": member, "redemption": redemption, "lines": [0]})

    def _undo(self) -> None:
        if self.redeemed:
            redemption, member = self.redeemed.pop()
            self._do("reverse", {"reverses": redemption, "member": member, "reason": "mistake"})

    # -- what may happen to it ---------------------------------------------------------------------------------------

    def _store_files(self) -> list[Path]:
        """What was killed in the middle has its last writes beside the file."""
        return [self.home.store_file.with_name(f"store.db{suffix}") for suffix in ("", "-wal")]

    def copy_store(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file in self._store_files():
            if file.exists():
                shutil.copy(file, folder)

    def put_back(self, copy: Path) -> None:
        """An older file is put in the place of the store; whoever did it finds out when the hub is reached."""
        self.was_put_back = True
        for file in (*self._store_files(), self.home.store_file.with_name("store.db-shm")):
            file.unlink(missing_ok=True)
        for file in copy.iterdir():
            shutil.copy(file, self.home.folder)

    def close(self) -> None:
        with suppress(AssertionError):
            self.shut(kill=True)
        self.line.close()
        with suppress(OSError):
            os.close(self._file)


class Gone(Exception):
    """This desk is no desk any more: its clerk goes home."""
