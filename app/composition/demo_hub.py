"""The demo as a desk of a hub: the mall on a PostgreSQL of its own, its hub in a process of its own, and a line between
the two that a switch cuts. All of it is gone at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from uuid import UUID

from app.composition.demo import make_demo
from app.composition.desk import Desk, open_desk
from app.composition.following import enrol_desk
from app.composition.hub import open_hub
from app.composition.postgres_wheel import NoServer, running_server
from app.composition.trial_hub import certificate_for_here, free_port, hub_process, until_listening
from app.composition.weather import Weather
from app.composition.window import demo_cards
from app.demo import mall
from app.demo.history import demo_plan
from app.demo.load import Progress
from app.domain.approval_card import SECRET_BYTES, ApprovalCard
from app.domain.card_code import PresentedCard
from app.domain.enrolment_code import code_hash, new_enrolment_code
from app.domain.errors import Refused, Unavailable
from app.domain.staff import Role
from app.operations.base import Operation
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.open_enrolment import OpenEnrolment
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import ApprovalGiven, Authority, Submission
from app.ports.clock import SystemClock
from app.queries.rows import CardHolder
from app.settings import Home
from app.sync.hub import HUB_DESK
from db.queries.counter import SqlQueries
from db.store import Store
from ui.devices.demo_panel import DemoCard

MEMBERS = 2_000  # the mall is founded anew each time
ADMINISTRATOR = next(person for person in mall.STAFF if person.role is Role.ADMINISTRATOR)
MOST_LINES = 20
SUPERVISORS = tuple(person for person in mall.STAFF if person.role is Role.SUPERVISOR)


@dataclass(frozen=True)
class FollowingDemo:
    """`app.ports.devices.SimulatedNetwork` of the desk in `home`. `cards`: of members, whom this desk does not know by
    name before they are swiped, and of supervisors, who approve with theirs and their PIN while the line is cut."""

    home: Home
    cards: tuple[DemoCard, ...]
    hub: HubHere
    line: Weather
    other: OtherDesk

    def turn(self, weather: str) -> None:
        self.line.turn(weather)

    def weather(self) -> str:
        return self.line.weather()

    def spend_elsewhere(self, number: str) -> int:
        return self.other.spend(number)


@dataclass(frozen=True)
class HubHere:
    database: str
    port: int
    certificate: Path

    def enrol(self, home: Home, code: str, *, port: int = 0) -> None:
        """`port`: of a line to the hub's own."""
        url = f"https://127.0.0.1:{port or self.port}"
        enrol_desk(home, url, code, ca=self.certificate, keys_kind="file").close()

    def usable(self, number: str) -> int:
        """The points of whoever has this card, as the hub has them."""
        with self._queries() as queries:
            return queries.member_page(queries.member_by_card(number)).usable

    def cards_of_members(self) -> tuple[DemoCard, ...]:
        with self._queries() as queries:
            return demo_cards(queries)

    @contextmanager
    def _queries(self) -> Iterator[SqlQueries]:
        store = Store.open(self.database, None, mall=mall.MALL_ID)
        try:
            yield SqlQueries(store, mall.MALL_ID, HUB_DESK, SystemClock())
        finally:
            store.close()


class OtherDesk:
    """The mall's second desk, without a window, on a line of its own. It is enrolled when it is first wanted."""

    def __init__(self, home: Home, hub: HubHere) -> None:
        self._home = home
        self._hub = hub
        self._one = Lock()

    def spend(self, number: str) -> int:
        with self._one:
            if not self._home.is_set_up():
                with _at_the_hub(self._hub.database) as decided:
                    code = decided.code(mall.DESKS[1])
                self._hub.enrol(self._home, code)
            desk = open_desk(self._home)
            try:
                return _spend_all(desk, number)
            finally:
                desk.close()


def _spend_all(desk: Desk, number: str) -> int:
    assert desk.link is not None
    desk.link.agent.once()
    clerk, supervisor = mall.STAFF[1], SUPERVISORS[1]
    signed_in = SignIn(staff=clerk.staff)
    desk.authority.submit(Submission((signed_in,), None, pin=clerk.pin))
    card = PresentedCard(number)
    holder = desk.queries.card_holder(card)
    assert isinstance(holder, CardHolder)
    member = holder.member
    left = usable = desk.queries.member_page(member).usable
    lines: list[RedemptionLine] = []
    for gift in sorted(desk.queries.gifts(), key=lambda gift: gift.points, reverse=True):
        quantity = min(gift.free, left // gift.points)
        if quantity and len(lines) < MOST_LINES:
            lines.append(RedemptionLine(gift.gift, quantity, gift.points))
            left -= quantity * gift.points
    if not lines:
        raise Refused("points.not_enough", usable=usable)
    redeem = Redeem(member=member, lines=tuple(lines))
    approval = ApprovalGiven(supervisor.staff, supervisor.pin)
    desk.authority.submit(Submission((redeem,), signed_in.id, approval, member_pin=mall.MEMBER_PIN, card=card))
    desk.authority.submit(Submission((SignOut(),), signed_in.id))
    desk.link.agent.once()
    return usable - left


@contextmanager
def demo_with_hub(
    *, members: int, seed: int, today: date, database: str = "", progress: Progress | None = None
) -> Iterator[FollowingDemo]:
    """Desk D1 of the invented mall, enrolled at its hub. `database`: an empty one on a PostgreSQL that is there, which
    keeps the mall for the next time; without it, a server from the wheel that comes with the tests.

    Raises Unavailable("demo.no_postgres"), Refused("demo.other_mall") where the database holds another mall."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="memberdesk-demo-")))
        url = database or _database_of_our_own(stack)
        if not _is_founded(url):
            founder = Home(folder / "founder")
            make_demo(founder, demo_plan(today, members=members, seed=seed), progress=progress, store_url=url).close()
        tls = certificate_for_here(folder)
        hub = HubHere(url, free_port(), tls.certificate)
        process = stack.enter_context(hub_process(url, mall.MALL_ID, hub.port, tls, log=folder / "hub_log.txt"))
        with _at_the_hub(url) as decided:  # while it starts
            code = decided.code(mall.DESKS[0])
            approval_cards = [decided.approval_card(person) for person in SUPERVISORS]
        line = Weather(hub.port)
        stack.callback(line.close)
        until_listening(process, hub.port)
        home = Home(folder / "desk")
        hub.enrol(home, code, port=line.port)
        cards = (*approval_cards, *hub.cards_of_members())
        yield FollowingDemo(home, cards, hub, line, OtherDesk(Home(folder / "other"), hub))


def _database_of_our_own(stack: ExitStack) -> str:
    try:
        return stack.enter_context(running_server()).new_database("demo")
    except NoServer as why:
        raise Unavailable("demo.no_postgres") from why


def _is_founded(url: str) -> bool:
    store = Store.open(url, None, create=True)
    try:
        names = [name for (name,) in store.read(lambda connection: connection.rows("SELECT name FROM mall"))]
    finally:
        store.close()
    if names not in ([], [mall.MALL_NAME]):
        raise Refused("demo.other_mall")
    return bool(names)


@dataclass(frozen=True)
class _Deciding:
    """The administrator, signed in at the hub; what they decide, a supervisor approves."""

    authority: Authority
    session: UUID

    def code(self, desk: mall.DemoDesk) -> str:
        code = new_enrolment_code()
        wish = OpenEnrolment(desk=desk.desk, name=desk.name, number=desk.number, code_hash=code_hash(code))
        self._by_two(wish, SUPERVISORS[0])
        return code

    def approval_card(self, holder: mall.DemoStaff) -> DemoCard:
        card = ApprovalCard(holder.staff, os.urandom(SECRET_BYTES))
        self._by_two(GiveApprovalCard(staff=holder.staff), holder, card.secret)
        return DemoCard(card.text, holder.name, note="approval card", is_code=True)

    def _by_two(self, operation: Operation, second: mall.DemoStaff, new_card: bytes | None = None) -> None:
        approval = ApprovalGiven(second.staff, second.pin)
        self.authority.submit(
            Submission((operation,), self.session, approval, pin=ADMINISTRATOR.pin, new_card=new_card)
        )


@contextmanager
def _at_the_hub(url: str) -> Iterator[_Deciding]:
    with open_hub(url, mall.MALL_ID, connections=1) as opened:
        authority = opened.hub.authority
        signed_in = SignIn(staff=ADMINISTRATOR.staff)
        authority.submit(Submission((signed_in,), None, pin=ADMINISTRATOR.pin))
        yield _Deciding(authority, signed_in.id)
        authority.submit(Submission((SignOut(),), signed_in.id))
