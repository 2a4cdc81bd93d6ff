"""A hub behind TLS in this process, and desks as they are installed that talk to it through a line of ours."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import uvicorn

from app.composition.desk import Desk
from app.composition.following import enrol_desk
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.hub.http import make_app
from app.operations.credit_sale import CreditSale
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import SystemClock
from app.settings import Home
from db.verify.copies import verify_copy
from tests.support.certificates import Authority, Pair
from tests.support.hub import HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR

PATIENT_S = 60.0
_SLIPS = count(1)


def until(happened: Callable[[], bool], what: str = "it") -> None:
    end = time.monotonic() + PATIENT_S
    while not happened():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


def a_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Serving:
    """The hub's process, as far as a desk can tell."""

    def __init__(self, mall: HubMall, pair: Pair, *, host: str = "127.0.0.1") -> None:
        self.port = a_free_port()
        config = uvicorn.Config(
            make_app(mall.hub),
            host=host,
            port=self.port,
            log_level="critical",
            timeout_graceful_shutdown=1,
            ssl_certfile=str(pair.certificate),
            ssl_keyfile=str(pair.key),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started, "the hub's start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class Present(SystemClock):
    """What tests ask of their clock, of the real one."""

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall_ms() / 1000, UTC)


@contextmanager
def a_mall(database: str) -> Iterator[HubMall]:
    with a_hub(database, connections=4, clock=Present()) as mall:
        yield mall


class Served:
    """`url` is where desks are told that the hub is."""

    def __init__(self, mall: HubMall, folder: Path, authority: Authority, url: str) -> None:
        self.mall, self.folder, self.authority, self.url = mall, folder, authority, url
        self._numbers = count(10)  # up to 99

    def code(self) -> tuple[str, str]:
        """For a new desk: its name, and the code that it enrols with."""
        number = next(self._numbers)
        return f"K{number}", self.mall.code(f"K{number}", number)

    def enrol(self, name: str, code: str) -> Desk:
        home = Home(self.folder / name)
        return enrol_desk(home, self.url, code, ca=self.authority.file, keys_kind="file", pins=CHEAP_PINS)

    def counter(self) -> Counter:
        return Counter(self, self.enrol(*self.code()))

    def member(self, points: int) -> UUID:
        """Whom no desk has seen yet."""
        enrol = self.mall.enrolment("李静")
        self.mall.hub.authority.submit_as_system(enrol, a_sale(enrol.member, points))
        return enrol.member


def a_sale(member: UUID, points: int) -> CreditSale:
    sold_at = datetime.now(UTC) - timedelta(hours=1)
    return CreditSale(
        member=member, shop="S1", slip_number=f"T{next(_SLIPS)}", sold_at=sold_at, amount_fen=points * 100
    )


class Counter:
    """A desk without threads of its own: `talk` is one round with the hub."""

    def __init__(self, served: Served, desk: Desk) -> None:
        self.served, self.desk = served, desk
        assert desk.link is not None
        self.link = desk.link
        self.bugs: list[Exception] = []
        self.link.report = self.bugs.append
        self.talk()
        signed_in = SignIn(staff=CLERK)
        self.desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
        self.session = signed_in.id
        self.desk.authority.submit(Submission((ReceiveStock(lines=(StockLine("CUP", 500),)),), self.session))
        self.talk()

    def talk(self, rounds: int = 1) -> str | None:
        """None, or the code of what went wrong; the agent's own thread would go on from there."""
        try:
            for _ in range(rounds):
                self.link.agent.once()
        except (Unavailable, Refused) as problem:
            self.link.agent.no_answer()
            return problem.code
        return None

    def credit(self, member: UUID, points: int) -> UUID:
        sale = a_sale(member, points)
        self.desk.authority.submit(Submission((sale,), self.session))
        return sale.id

    def redemption(self, member: UUID) -> Redeem:
        return Redeem(member=member, lines=(RedemptionLine("CUP", 1, 100),))

    def do(self, redeem: Redeem) -> None:
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        self.desk.authority.submit(Submission((redeem,), self.session, approval))

    def usable(self, member: UUID) -> int:
        return self.desk.queries.member_page(member).usable

    def settle(self) -> None:
        """Until nothing is left to be said."""
        head = self.served.mall.hub_store.head
        self.link.agent.no_answer()

        def settled() -> bool:
            self.talk()
            feed = self.link.following.feed()
            status = self.link.status()
            return status.mode is Mode.ONLINE and not status.unsent and feed is not None and feed.n == head().n

        until(settled, "settling")

    def checked(self) -> None:
        assert self.bugs == []
        found = verify_copy(self.desk.store, self.served.mall.name, self.desk.settings.desk)
        assert found == [], [str(finding) for finding in found]

    def close(self) -> None:
        with contextlib.suppress(Unavailable):
            self.desk.close()
