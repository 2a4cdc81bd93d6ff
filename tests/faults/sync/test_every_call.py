"""Each thing that can go wrong on the line, at each thing that a desk says: the books are right afterwards, nothing
counts twice, and the clerk reads a calm sentence meanwhile.

Each fault and each call once or twice in CI, the two together that hurt most; every pair by `make full`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.domain.errors import Unavailable
from app.domain.mode import Mode
from app.domain.sentences import SENTENCES
from app.sync import agent, codec, http
from app.sync.protocol import Ask
from tests.faults.sync.proxy import Fault, FaultProxy, Tls
from tests.faults.sync.served import Counter, Served, Serving, a_mall, a_sale
from tests.support.certificates import Authority
from tests.support.hub import HubMall
from tests.support.mall import CLERK

# Another program's fault: to be told, for somebody has to do something about it. All others mend themselves.
CALM = {"hub.unreachable", "hub.no_answer", "hub.no_answer_go_on", "hub.stale_request", "hub.other_program"}
HUNG = (Fault.HALF_OPEN, Fault.DRIP)
IMPATIENT_S = 0.5


def every_fault(*in_ci: Fault) -> pytest.MarkDecorator:
    marks = {fault: () if fault in in_ci else pytest.mark.full for fault in Fault}
    return pytest.mark.parametrize("fault", [pytest.param(f, id=f.value, marks=marks[f]) for f in Fault])


class Impatience:
    """Nobody waits eight seconds in a test, and only for what is broken: all else may take the time it takes."""

    path: str | None = None

    def __call__(self, request: httpx.Request) -> None:
        if request.url.path == self.path:
            http._until.at = time.monotonic() + IMPATIENT_S


class Trouble:
    """One fault, and a desk that meets it wherever it is aimed at, until it is `over`."""

    def __init__(self, served: Served, line: FaultProxy, fault: Fault, impatience: Impatience) -> None:
        self.served, self.fault = served, fault
        self._line, self._impatience = line, impatience
        self.counter = served.counter()  # of this test: none before it has used anything up
        self.counter.settle()

    def member(self, points: int, *, at_the_counter: bool = True) -> UUID:
        """Served here before, or not yet."""
        member = self.served.member(points)
        self.counter.settle()
        if at_the_counter:
            self.counter.usable(member)
        return member

    def meets(self, path: str, work: Callable[[], Any]) -> str | None:
        """The code that `work` ended with; it has met the fault, and what the clerk reads of it is calm."""
        self.begin(path)
        code = code_of(work)
        assert self._line.met == 1
        assert (code is None) == (self.fault is Fault.LATE), code
        assert code is None or (code in CALM and code in SENTENCES)
        assert self.counter.link.status().mode in (Mode.ONLINE, Mode.FRESH)
        return code

    def begin(self, path: str) -> None:
        self._impatience.path = path if self.fault in HUNG else None
        self._line.met = 0
        self._line.break_(self.fault, path)

    def mend(self) -> None:
        self._line.mend()
        self._impatience.path = None

    def over(self) -> None:
        self.mend()
        self.counter.settle()
        assert self.counter.link.status().floor_used == 0


def code_of(work: Callable[[], Any]) -> str | None:
    """Of what it said, or raised."""
    try:
        said = work()
    except Unavailable as problem:
        return problem.code
    return said if isinstance(said, str) else None


@pytest.fixture(autouse=True)
def _no_pull_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "WAIT_S", 0.0)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> Impatience:
    made, plain = Impatience(), http.open_client

    def opened(url: str, ca: Path | None, own: Path | None = None) -> httpx.Client:
        client = plain(url, ca, own)
        client.event_hooks = {"request": [made]}
        return client

    monkeypatch.setattr(http, "open_client", opened)
    return made


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture(scope="module")
def mall(database: str) -> Iterator[HubMall]:
    with a_mall(database) as made:
        yield made
        made.checked()


@pytest.fixture(scope="module")
def line(mall: HubMall, authority: Authority) -> Iterator[FaultProxy]:
    hub = Serving(mall, authority.issue("hub"))
    proxy = FaultProxy([hub.port], tls=Tls(authority.server(authority.issue("balancer")), authority.client()))
    yield proxy
    proxy.close()
    hub.stop()


@pytest.fixture(scope="module")
def served(mall: HubMall, line: FaultProxy, authority: Authority, folder: Path) -> Served:
    return Served(mall, folder, authority, f"https://127.0.0.1:{line.port}")


@pytest.fixture
def trouble(served: Served, line: FaultProxy, fault: Fault, impatience: Impatience) -> Iterator[Trouble]:
    made = Trouble(served, line, fault, impatience)
    yield made
    made.over()
    made.counter.checked()
    made.counter.close()


@every_fault(Fault.GARBAGE)
def test_a_hello_that_goes_wrong_is_said_again(trouble: Trouble) -> None:
    trouble.counter.link.agent.no_answer()
    trouble.meets("/v1/hello", trouble.counter.talk)


@every_fault(Fault.REPLY_DROPPED, Fault.CUT)
def test_a_push_that_goes_wrong_is_sent_again_and_counts_once(trouble: Trouble) -> None:
    member, counter = trouble.member(100), trouble.counter
    operation = counter.credit(member, 50)
    trouble.meets("/v1/push", counter.talk)
    trouble.over()
    assert trouble.served.mall.usable(member) == counter.usable(member) == 150
    assert at_the_hub(trouble.served, operation) == 1


@every_fault(Fault.DOUBLED)
def test_rows_that_do_not_arrive_are_read_later_and_in_order(trouble: Trouble) -> None:
    member = trouble.member(100)
    trouble.served.mall.hub.authority.submit_as_system(a_sale(member, 25))
    trouble.meets("/v1/pull", trouble.counter.talk)
    trouble.over()
    assert trouble.counter.usable(member) == 125


@every_fault(Fault.REPLY_TORN)
def test_a_copy_that_breaks_off_is_taken_again_and_a_part_never_passes_for_the_whole(trouble: Trouble) -> None:
    member, counter = trouble.member(100), trouble.counter
    counter.credit(member, 10)
    counter.link.following.forget_place()
    code = trouble.meets("/v1/snapshot", counter.talk)
    assert (counter.link.following.feed() is None) == (code is not None)
    trouble.over()
    assert counter.usable(member) == trouble.served.mall.usable(member) == 110


@every_fault(Fault.REPLY_DROPPED, Fault.HALF_OPEN)
def test_a_redemption_whose_request_goes_wrong_is_done_once_when_it_is_sent_again(trouble: Trouble) -> None:
    member, counter = trouble.member(100), trouble.counter
    redeem = counter.redemption(member)
    trouble.meets("/v1/request", lambda: counter.do(redeem))
    trouble.mend()
    counter.do(redeem)  # once more: within limits, or its first answer
    trouble.over()
    at_hub = trouble.served.mall
    assert (at_hub.points(member).held, at_hub.usable(member), counter.usable(member)) == (0, 0, 0)
    assert at_the_hub(trouble.served, redeem.id) == 1


@every_fault(Fault.DRIP)
def test_what_was_granted_is_given_back_though_giving_up_goes_wrong(trouble: Trouble) -> None:
    member, counter = trouble.member(100, at_the_counter=False), trouble.counter
    redeem = counter.redemption(member)
    asked = Ask(redeem.id, redeem.verb, codec.body_of(redeem), CLERK, counter.session)
    assert counter.link.hub.request(asked).verdict == "granted"
    assert trouble.served.mall.points(member).held == 100
    trouble.meets("/v1/void", lambda: counter.link.hub.void(redeem.id))
    trouble.mend()
    counter.link.hub.void(redeem.id)
    assert trouble.served.mall.points(member).held == 0


@every_fault(Fault.PORTAL)
def test_who_cannot_be_looked_up_is_served_from_the_thin_copy(trouble: Trouble) -> None:
    member, counter = trouble.member(300, at_the_counter=False), trouble.counter

    def look_up() -> str | None:
        page = counter.desk.queries.member_page(member)
        assert page.usable == 300
        return None if page.surname else "hub.no_answer"

    trouble.meets("/v1/lookup", look_up)
    trouble.over()
    assert counter.usable(member) == 300


@every_fault(Fault.LATE, Fault.REPLY_DROPPED)
def test_a_desk_whose_enrolment_goes_wrong_enrols_with_the_same_code(trouble: Trouble) -> None:
    served, (name, code) = trouble.served, trouble.served.code()
    trouble.begin("/v1/enrol")
    if trouble.fault in (Fault.LATE, Fault.DOUBLED):  # the same code from the same desk is answered again
        desk = served.enrol(name, code)
    else:
        with pytest.raises(Unavailable) as problem:
            served.enrol(name, code)
        assert problem.value.code in CALM | {"enrol.unreachable"}
        assert problem.value.code in SENTENCES
        trouble.mend()
        desk = served.enrol(name, code)
    trouble.mend()
    counter = Counter(served, desk)
    counter.settle()
    counter.checked()
    assert counter.link.status().mode is Mode.ONLINE
    counter.close()


def at_the_hub(served: Served, operation: UUID) -> int:
    rows = served.mall.store.read(
        lambda connection: connection.rows(
            "SELECT f.n FROM operation o JOIN feed f ON f.mall_id = o.mall_id AND f.operation_id = o.operation_id "
            "WHERE o.mall_id = :mall AND o.operation_id = :operation",
            mall=served.mall.name,
            operation=operation,
        )
    )
    return len(rows)
