"""Two transactions at once, one of which decides on the desk of the other: each finds the other done or not begun, and
none waits for one that waits for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest

from app.domain.offline_rules import OfflineRules
from app.operations.base import Operation
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.resume_desk import ResumeDesk
from app.operations.retire_desk import RetireDesk
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.set_up import AddGift
from app.operations.suspend_desk import SuspendDesk
from app.sync.envelope import DeskKey
from app.sync.hub import HUB_DESK
from app.sync.protocol import DeskState, Enrol
from db import failures
from db.hub.transactions import SqlHubTransaction
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall, a_hub
from tests.support.mall import SUPERVISOR, refused

PATIENT_S = 30.0
WHO_WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
DECISIONS = ("lost", "retired", "suspended", "enrolled anew")


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres, connections=6) as made:
        yield made


@pytest.fixture
def deadlocks(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Those that PostgreSQL had to break up. Nothing is lost by one, but a second."""
    known, found = failures.may_be_repeated, list[Exception]()

    def noted(problem: Exception) -> bool:
        if type(problem).__name__ == "DeadlockDetected":
            found.append(problem)
        return known(problem)

    monkeypatch.setattr(failures, "may_be_repeated", noted)
    return found


class Held:
    """The first transaction on the chain of `desk` that has something to say stops before it commits, until `go_on`."""

    def __init__(self, desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there, self.go_on = Event(), Event()
        finish = SqlHubTransaction.finish

        def held(transaction: SqlHubTransaction) -> None:
            if transaction._desk == desk and transaction._rows and not self.there.is_set():
                transaction._connection.flush()
                self.there.set()
                assert self.go_on.wait(PATIENT_S)
            finish(transaction)

        monkeypatch.setattr(SqlHubTransaction, "finish", held)


@contextmanager
def threads(count: int) -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(count) as pool:
        yield pool.submit


def waits(mall: HubMall, future: Future[Any]) -> bool:
    """For a lock of somebody else's; False: it did not have to."""
    end = time.monotonic() + PATIENT_S
    while not future.done():
        if mall.store.read(lambda connection: connection.row(WHO_WAITS)):
            return True
        assert time.monotonic() < end
        time.sleep(0.01)
    return False


def decided(mall: HubMall, desk: DeskOfHub, decision: str) -> Callable[[], object]:
    """By the hub itself, as on its command line."""
    if decision == "enrolled anew":
        code = mall.code(desk.desk, desk.enrolled.number)
        return lambda: mall.hub.enrol(Enrol(code, DeskKey(os.urandom(32)).public, "1.0"))
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())  # it is there, and has sent everything
    kinds: dict[str, type[Any]] = {"lost": ReportDeskLost, "retired": RetireDesk, "suspended": SuspendDesk}
    return lambda: mall.by_two(kinds[decision](desk=desk.desk))


@pytest.mark.parametrize("decision", DECISIONS)
def test_who_decides_on_a_desk_waits_for_what_is_just_being_taken_of_it(
    mall: HubMall, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    desk = mall.hub_desk()
    decide, sent = decided(mall, desk, decision), desk.make(desk.enrolment())
    held = Held(desk.desk, monkeypatch)
    with threads(2) as start:
        taken = start(desk.push, sent)
        assert held.there.wait(PATIENT_S)
        decision_taken = start(decide)
        waited = waits(mall, decision_taken)
        held.go_on.set()
        assert taken.result(PATIENT_S).results[0].verdict == "ok"
        decision_taken.result(PATIENT_S)
    assert waited
    mall.checked()


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_comes_while_somebody_decides_on_its_desk_finds_the_decision(
    mall: HubMall, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    desk = mall.hub_desk()
    decide, sent = decided(mall, desk, decision), desk.make(desk.enrolment())
    held = Held(HUB_DESK, monkeypatch)
    with threads(2) as start:
        decision_taken = start(decide)
        assert held.there.wait(PATIENT_S)
        taken = start(desk.push, sent)
        waited = waits(mall, taken)
        held.go_on.set()
        decision_taken.result(PATIENT_S)
        (pushed,) = taken.result(PATIENT_S).results
    assert waited
    assert (pushed.verdict, pushed.code) == {
        "lost": ("quarantined", "hub.revoked"),
        "retired": ("quarantined", "hub.revoked"),
        "suspended": ("ok", None),  # it is still believed
        "enrolled anew": ("quarantined", "hub.found_fork"),
    }[decision]
    mall.checked()


def test_two_desks_that_stop_each_other_at_once_never_wait_for_each_other(
    mall: HubMall, deadlocks: list[Exception]
) -> None:
    """Whatever their names are, and whatever the hub, or who sets a price, needs of both of them meanwhile."""
    first, last = mall.hub_desk("A1"), mall.hub_desk("Z9")
    for desk in (first, last):
        desk.sign_in(ADMINISTRATOR)
    together, rounds = Barrier(4), 6

    def stops(desk: DeskOfHub, other: DeskOfHub) -> None:
        for kind in (SuspendDesk, ResumeDesk) * (rounds // 2):
            operation: Operation = kind(desk=other.desk)
            together.wait(PATIENT_S)
            mall.hub.request(desk.desk, desk.ask(operation, by=ADMINISTRATOR, approver=SUPERVISOR))
            assert desk.do(operation, by=ADMINISTRATOR, approved_by=SUPERVISOR).n is not None

    def sets_prices() -> None:
        for price in range(rounds):
            together.wait(PATIENT_S)
            mall.hub.authority.submit_as_system(AddGift(gift="CUP", name="保温杯", points=100 + price, value_fen=1_000))

    def serves(desk: DeskOfHub) -> None:
        for _ in range(rounds):
            together.wait(PATIENT_S)
            assert desk.do(desk.enrolment()).n is not None

    with threads(4) as start:
        serving = start(serves, mall.hub_desk())
        working = [start(stops, first, last), start(stops, last, first), start(sets_prices), serving]
        for each in as_completed(working, PATIENT_S):
            each.result()
    assert deadlocks == []
    mall.checked()


def test_who_comes_with_an_older_store_after_it_was_called_lost_is_wiped_all_the_same(mall: HubMall) -> None:
    """Whatever is found out about its store then, an order to wipe is not taken back by it."""
    desk = mall.hub_desk()
    older = desk.head
    desk.member()
    mall.by_two(ReportDeskLost(desk=desk.desk))
    for head in (older, desk.head):
        reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello(head=head))
        assert (reply.state, reply.wipe) == (DeskState.LOST, True)


def test_a_hello_that_was_on_its_way_while_the_desk_enrolled_anew_suspends_nobody(mall: HubMall) -> None:
    desk = mall.hub_desk()
    older, known = desk.head, mall.hub.known_desk(desk.desk)
    desk.member()
    again = DeskOfHub(mall, desk.desk, desk.enrolled.number)
    mall.hub.hello(known, desk.hello(head=older))  # it was let in under the key that it had then
    assert mall.hub.known_desk(desk.desk).state is DeskState.ACTIVE
    again.sign_in()


def test_a_hello_that_what_was_done_after_it_has_overtaken_is_no_older_store(mall: HubMall) -> None:
    """It was given up and hung somewhere on the way; the next one, and what the desk did then, came first."""
    desk = mall.hub_desk()
    overtaken = desk.hello()
    mall.clock.advance(timedelta(seconds=9))
    desk.member()
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), overtaken)
    assert (reply.state, reply.re_enrol) == (DeskState.ACTIVE, False)
    said_now = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello(head=overtaken.head))
    assert (said_now.state, said_now.re_enrol) == (DeskState.SUSPENDED, True)


def test_what_else_is_found_out_about_a_copied_store_does_not_excuse_it_from_enrolling(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=1_000)))
    desk = mall.hub_desk()
    older, member = desk.head, desk.member()
    assert mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello(head=older)).re_enrol
    assert desk.do(mall.slip(member, 900_000), approved_by=SUPERVISOR).code == "conflict.pending_review"
    with refused("desk.must_enrol"):
        mall.by_two(ResumeDesk(desk=desk.desk))
