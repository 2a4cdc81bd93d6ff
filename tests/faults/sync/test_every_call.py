"""Each thing that can go wrong on the line, at each thing that a desk says: the books are right afterwards, nothing
counts twice, and the clerk reads a calm sentence meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

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
CALM = {"hub.unreachable", "hub.no_answer", "hub.no_answer_go_on", "hub.stale_request", "hub.other_program", "hub.busy"}
HUNG = (Fault.HALF_OPEN, Fault.DRIP)
every_fault = pytest.mark.parametrize("fault", Fault, ids=[fault.value for fault in Fault])
# Their order still matters now and then (one fixture for a whole file); `make full` runs them.
pytestmark = pytest.mark.full


@pytest.fixture(scope="module", autouse=True)
def _no_pull_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(agent, "WAIT_S", 0.0)
        yield


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


@pytest.fixture(scope="module")
def of_the_file(served: Served) -> Iterator[Counter]:
    made = served.counter()
    yield made
    made.checked()
    made.close()


@pytest.fixture
def counter(of_the_file: Counter, line: FaultProxy) -> Iterator[Counter]:
    """Online, and settled after each test."""
    of_the_file.settle()
    yield of_the_file
    line.mend()
    of_the_file.settle()
    assert of_the_file.bugs == []
    assert of_the_file.link.status().mode is Mode.ONLINE
    assert of_the_file.link.status().floor_used == 0


@pytest.fixture
def broken(line: FaultProxy, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> Callable[[str], None]:
    def break_(path: str) -> None:
        if fault in HUNG:  # eight seconds are a long time in a test
            for name in ("CONNECT_S", "TOTAL_S", "LONG_S"):
                monkeypatch.setattr(http, name, 0.4)
        line.met = 0
        line.break_(fault, path)

    return break_


@pytest.fixture
def mend(line: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def mended() -> None:
        line.mend()
        monkeypatch.undo()  # as patient as ever

    return mended


def calm(counter: Counter, code: str | None, fault: Fault) -> None:
    """What the clerk reads: a sentence, in a mode in which work goes on."""
    assert (code is None) == (fault is Fault.LATE), code
    assert code is None or (code in CALM and code in SENTENCES)
    assert counter.link.status().mode in (Mode.ONLINE, Mode.FRESH)


@every_fault
def test_a_hello_that_goes_wrong_is_said_again(
    counter: Counter, line: FaultProxy, fault: Fault, broken: Callable[[str], None], mend: Callable[[], None]
) -> None:
    counter.link.agent.no_answer()
    broken("/v1/hello")
    calm(counter, counter.talk(), fault)
    assert line.met == 1


@every_fault
def test_a_push_that_goes_wrong_is_sent_again_and_counts_once(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(100)
    counter.settle()
    counter.usable(member)
    operation = counter.credit(member, 50)
    broken("/v1/push")
    calm(counter, counter.talk(), fault)
    assert line.met == 1
    mend()
    counter.settle()
    assert served.mall.usable(member) == counter.usable(member) == 150
    assert at_the_hub(served, operation) == 1


@every_fault
def test_rows_that_do_not_arrive_are_read_later_and_in_order(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(100)
    counter.usable(member)
    counter.settle()
    served.mall.hub.authority.submit_as_system(a_sale(member, 25))
    broken("/v1/pull")
    calm(counter, counter.talk(), fault)
    assert line.met == 1
    mend()
    counter.settle()
    assert counter.usable(member) == 125


@every_fault
def test_a_copy_that_breaks_off_is_taken_again_and_a_part_never_passes_for_the_whole(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(100)
    counter.settle()
    counter.usable(member)
    counter.credit(member, 10)
    counter.link.following.forget_place()
    broken("/v1/snapshot")
    calm(counter, counter.talk(), fault)
    assert line.met == 1
    if fault is not Fault.LATE:
        assert counter.link.following.feed() is None
    mend()
    counter.settle()
    assert counter.usable(member) == served.mall.usable(member) == 110


@every_fault
def test_a_redemption_whose_request_goes_wrong_is_done_once_when_it_is_sent_again(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(100)
    counter.settle()
    counter.usable(member)
    redeem = counter.redemption(member)
    broken("/v1/request")
    code = None
    try:
        counter.do(redeem)
    except Unavailable as problem:
        code = problem.code
    calm(counter, code, fault)
    mend()
    counter.do(redeem)  # once more: within limits, or its first answer
    counter.settle()
    assert (served.mall.points(member).held, served.mall.usable(member), counter.usable(member)) == (0, 0, 0)
    assert at_the_hub(served, redeem.id) == 1


@every_fault
def test_what_was_granted_is_given_back_though_giving_up_goes_wrong(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(100)
    counter.settle()
    redeem = counter.redemption(member)
    asked = Ask(redeem.id, redeem.verb, codec.body_of(redeem), CLERK, counter.session)
    hub = counter.link.hub
    assert hub.request(asked).verdict == "granted", hub.request(asked)
    assert served.mall.points(member).held == 100
    broken("/v1/void")
    code = None
    try:
        hub.void(redeem.id)
    except Unavailable as problem:
        code = problem.code
    calm(counter, code, fault)
    mend()
    hub.void(redeem.id)
    assert served.mall.points(member).held == 0


@every_fault
def test_who_cannot_be_looked_up_is_served_from_the_thin_copy(
    served: Served,
    counter: Counter,
    line: FaultProxy,
    fault: Fault,
    broken: Callable[[str], None],
    mend: Callable[[], None],
) -> None:
    member = served.member(300)
    counter.settle()
    broken("/v1/lookup")
    page = counter.desk.queries.member_page(member)
    assert line.met == 1
    assert (page.usable, page.surname) == (300, "李" if fault is Fault.LATE else "")
    calm(counter, None if fault is Fault.LATE else "hub.no_answer", fault)
    mend()
    counter.settle()
    assert counter.usable(member) == 300


@every_fault
def test_a_desk_whose_enrolment_goes_wrong_enrols_with_the_same_code(
    served: Served, line: FaultProxy, fault: Fault, broken: Callable[[str], None], mend: Callable[[], None]
) -> None:
    name, code = served.code()
    broken("/v1/enrol")
    if fault in (Fault.LATE, Fault.DOUBLED):  # the same code from the same desk is answered again
        desk = served.enrol(name, code)
    else:
        with pytest.raises(Unavailable) as problem:
            served.enrol(name, code)
        assert problem.value.code in CALM | {"enrol.unreachable"}
        assert problem.value.code in SENTENCES
        mend()
        desk = served.enrol(name, code)
    mend()
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
