"""A desk in a network of its own: packets are lost, and the hub's answers vanish, as only a kernel can do it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.domain.ids import new_id
from app.operations.credit_sale import CreditSale
from app.sync.codec import body_of
from tests.faults.sync.processes import Running, Starter
from tests.faults.sync.served import Served, Serving, a_mall, a_sale, until
from tests.support.certificates import Authority
from tests.support.hub import HubMall
from tests.support.mall import CLERK, PINS, SUPERVISOR


class Network:
    """The hub at `.1`, the desk in a namespace at `.2`; between them a pair of virtual cards."""

    def __init__(self) -> None:
        number = os.getpid() % 250
        self.name, self.card = f"md-{os.getpid()}", f"md{os.getpid() % 100_000}a"
        self.hub, self.desk = f"10.213.{number}.1", f"10.213.{number}.2"
        self.peer = peer = self.card[:-1] + "b"
        self._ip("netns", "add", self.name)
        self._ip("link", "add", self.card, "type", "veth", "peer", "name", peer)
        self._ip("link", "set", peer, "netns", self.name)
        self._ip("addr", "add", f"{self.hub}/24", "dev", self.card)
        self._ip("link", "set", self.card, "up")
        for words in (("addr", "add", f"{self.desk}/24", "dev", peer), ("link", "set", peer, "up")):
            self._ip("-n", self.name, *words)

    @property
    def within(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def lose_packets(self) -> None:
        """What does not fit into a line that is far too thin is dropped, and has to be sent again."""
        for side in self._sides():
            self._run(*side, "root", "tbf", *"rate 200kbit burst 1600 limit 1600".split())

    def lost(self) -> int:
        """Packets, in both directions."""
        there = json.loads(self._run("tc", "-s", "-j", "qdisc", "show", "dev", self.card))
        back = json.loads(self._run("tc", "-n", self.name, "-s", "-j", "qdisc", "show", "dev", self.peer))
        return int(there[0]["drops"]) + int(back[0]["drops"])

    def stop_losing(self) -> None:
        for side in self._sides("del"):
            self._run(*side, "root")

    def _sides(self, do: str = "add") -> tuple[tuple[str, ...], ...]:
        return (
            ("tc", "qdisc", do, "dev", self.card),
            ("tc", "-n", self.name, "qdisc", do, "dev", self.peer),
        )

    def let_answers_vanish(self) -> None:
        """The desk's packets arrive; what the hub says goes nowhere, and nobody is told."""
        self._ip("route", "add", "blackhole", f"{self.desk}/32")

    def heal(self) -> None:
        self._ip("route", "del", "blackhole", f"{self.desk}/32")

    def close(self) -> None:
        for words in (("link", "del", self.card), ("netns", "del", self.name)):
            with suppress(subprocess.CalledProcessError):
                self._ip(*words)

    def _ip(self, *words: str) -> None:
        self._run("ip", *words)

    @staticmethod
    def _run(*command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def network() -> Iterator[Network]:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("tc"):
        pytest.skip("needs root, ip and tc for a network of its own")
    try:
        made = Network()
    except subprocess.CalledProcessError as problem:
        pytest.skip(f"this kernel gives no network of its own: {problem.stderr.strip()}")
    try:
        made.lose_packets()
        made.stop_losing()
    except subprocess.CalledProcessError as problem:
        made.close()
        pytest.skip(f"this kernel loses no packets: {problem.stderr.strip()}")
    yield made
    made.close()


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_mall(fresh_postgres) as made:
        yield made


class Headless:
    def __init__(self, process: Running) -> None:
        self._process = process
        self._session: str | None = None
        self._session = self.ask(op="sign_in", body={"staff": CLERK, "pin": PINS[CLERK]})["facts"]["session"]

    def ask(self, operation: str = "", **request: Any) -> dict[str, Any]:
        whole = {"id": operation or str(new_id()), **request}
        answer = self._process.ask({**whole, "session": self._session} if self._session else whole)
        assert answer is not None
        return answer

    def credit(self, member: UUID, points: int) -> CreditSale:
        sale = a_sale(member, points)
        body = {**body_of(sale), "sold_at": sale.sold_at.isoformat()}
        assert self.ask(str(sale.id), op="credit_sale", body=body)["result"] == "ok"
        return sale

    def usable(self, member: UUID) -> int:
        answer = self.ask(query="member", args={"member": str(member)})
        usable: int = answer["facts"]["rows"][0]["usable"]
        return usable

    def redeem(self, operation: str, member: UUID) -> dict[str, Any]:
        lines = [{"gift": "CUP", "quantity": 1, "points_each": 100}]
        approval = {"staff": SUPERVISOR, "pin": PINS[SUPERVISOR]}
        return self.ask(operation, op="redeem", body={"member": str(member), "lines": lines}, approval=approval)


def test_lost_packets_are_sent_again_and_answers_that_vanish_stop_nobody(
    network: Network, mall: HubMall, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    hub = Serving(mall, authority.issue("hub", hosts=(network.hub,)), host=network.hub)
    served = Served(mall, tmp_path, authority, f"https://{network.hub}:{hub.port}")
    member = served.member(1_000)
    counter = served.counter()
    home = counter.desk.home
    counter.usable(member)
    counter.close()
    clock = tmp_path / "clock"
    clock.write_text("0")
    starter = Starter(tmp_path, within=network.within)
    process = starter.start(kind="desk", home=str(home.folder), clock=str(clock), patience_s="1.5")
    try:
        desk = Headless(process)
        network.lose_packets()
        for _ in range(15):
            desk.credit(member, 10)
        until(lambda: mall.usable(member) == 1_150, "the arrival of what was credited")
        assert network.lost() > 0
        network.stop_losing()

        network.let_answers_vanish()
        operation = str(new_id())
        answer = desk.redeem(operation, member)
        if answer["result"] != "ok":  # it was in contact still: the hub was asked, and nobody heard what it said
            assert answer["code"] == "hub.no_answer_go_on"
            assert desk.redeem(operation, member)["result"] == "ok"
        desk.credit(member, 5)
        assert desk.usable(member) == 1_055
        network.heal()
        until(
            lambda: mall.points(member).held == 0 and mall.usable(member) == 1_055, "the arrival of what was redeemed"
        )
        assert desk.usable(member) == 1_055
    finally:
        process.kill()
        process.close()
        starter.close()
        hub.stop()
    mall.checked()
