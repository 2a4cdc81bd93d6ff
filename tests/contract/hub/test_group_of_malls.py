"""Two malls of a group, each with its own database and hub: a member of one redeems at the other, once, whatever the
line between the hubs does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Unavailable
from app.hub.group import Group
from app.operations.add_partner import AddPartner
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import RedemptionLine
from app.operations.redeem_as_guest import RedeemAsGuest
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.sync.group import AskDirectory, Calls, Partner, PartnerClient
from app.sync.http import HubClient
from app.sync.hub import HUB_DESK
from app.sync.protocol import Asked, Lookup, Void
from db.hub.group import SqlGroup
from tests.story.test_desk_and_hub_over_http import Served
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall, a_hub
from tests.support.mall import CLERK, PINS, SUPERVISOR, refused
from tests.support.stores import a_database

PHONE = "13800001234"


@dataclass
class Line:
    """To a partner, over HTTP. `lost`: how many replies do not come back; `cut`: nothing goes through."""

    calls: Calls
    lost: int = 0
    cut: bool = False
    said: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        def call(message: Any) -> Any:
            if self.cut:
                raise Unavailable("hub.unreachable")
            self.said.append(name)
            answer = getattr(self.calls, name)(message)
            if self.lost and name != "directory":
                self.lost -= 1
                raise Unavailable("hub.no_answer")
            return answer

        return call

    def close(self) -> None:
        self.calls.close()


class MallOfGroup:
    """With its hub behind uvicorn."""

    def __init__(self, mall: HubMall) -> None:
        self.mall = mall
        self.lines: dict[str, Line] = {}
        self.store = SqlGroup(mall.hub_store)
        mall.hub.group = Group(self.store, mall.hub_store, mall.hub.authority, self._connect)
        self.served = Served(mall)

    def _connect(self, partner: Partner) -> Line:
        hub = self.mall.hub
        client = HubClient(
            partner.url,
            mall=self.mall.name,
            desk=HUB_DESK,
            key=hub.key,
            hub_key=partner.public_key,
            clock=self.mall.clock,
            ca=None,
        )
        self.lines[partner.mall] = Line(PartnerClient(client))
        return self.lines[partner.mall]

    def add(self, other: MallOfGroup) -> None:
        authority = self.mall.hub.authority
        signed_in = SignIn(staff=ADMINISTRATOR)
        authority.submit(Submission((signed_in,), None, pin=PINS[ADMINISTRATOR]))
        wish = AddPartner(
            partner=other.mall.name,
            name="北区店",
            url=other.served.url,
            public_key=other.mall.hub.public_key.hex(),
        )
        with refused("approval.required"):
            authority.submit(Submission((wish,), signed_in.id, None, PINS[ADMINISTRATOR]))
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        authority.submit(Submission((wish,), signed_in.id, approval, PINS[ADMINISTRATOR]))

    def of_mall(self, other: MallOfGroup) -> int:
        """What stands on the account of the other mall, over all desks."""
        found = self.mall.one(
            "SELECT coalesce(sum(posted), 0) FROM account WHERE mall_id = :mall AND kind = :kind",
            kind=f"mall {other.mall.name}",
        )
        return int(found[0])

    def settle(self) -> None:
        self.mall.hub.settle_guests()

    def close(self) -> None:
        for line in self.lines.values():
            line.close()
        self.served.stop()


@dataclass
class Malls:
    """`member` is at home with 500 points and stands at `desk` of the guest mall."""

    home: MallOfGroup
    guest: MallOfGroup
    desk: DeskOfHub
    member: UUID

    def redemption(self, cups: int = 1) -> RedeemAsGuest:
        return RedeemAsGuest(home=self.home.mall.name, guest=self.member, lines=(RedemptionLine("CUP", cups, 100),))

    def ask(self, operation: RedeemAsGuest) -> Asked:
        return self.guest.mall.hub.request(self.desk.desk, self.desk.ask(operation, approver=SUPERVISOR))

    @property
    def line(self) -> Line:
        return self.guest.lines[self.home.mall.name]

    def settle_both(self) -> None:
        for mall in (self.guest, self.home):
            mall.settle()

    def checked(self) -> None:
        """Both books follow from their operations, and what one owes is what the other is owed."""
        for mall in (self.home.mall, self.guest.mall):
            mall.checked()
        assert self.home.of_mall(self.guest) == -self.guest.of_mall(self.home)


@pytest.fixture
def malls(postgres_url: str, newest_schema: str, fresh_postgres: str) -> Iterator[Malls]:
    with (
        a_hub(fresh_postgres) as one,
        a_hub(a_database(postgres_url, newest_schema), clock=one.clock) as other,
    ):
        home, guest = MallOfGroup(one), MallOfGroup(other)
        key = os.urandom(32)
        for each in (home, guest):
            each.store.set_key(key)
        home.add(guest)
        guest.add(home)
        at_home, desk = one.hub_desk(), other.hub_desk()
        enrol = at_home.enrolment("李𬭚", PHONE)
        at_home.do(enrol)
        at_home.do(one.slip(enrol.member, 50_000), approved_by=SUPERVISOR)
        desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
        guest.settle()
        yield Malls(home, guest, desk, enrol.member)
        for each in (home, guest):
            each.close()


def test_a_member_of_another_mall_is_found_by_the_directory_and_shown_masked(malls: Malls) -> None:
    hub, desk = malls.guest.mall.hub, malls.desk
    assert desk.session is not None
    found = hub.lookup(hub.known_desk(desk.desk), Lookup(CLERK, desk.session, phone=PHONE))
    assert found.guest is not None
    guest = found.guest
    assert (guest.home, guest.member, guest.usable) == (malls.home.mall.name, malls.member, 500)
    assert (guest.name, guest.phone) == ("李*", "138****1234")
    with refused("member.unknown"):
        hub.lookup(hub.known_desk(desk.desk), Lookup(CLERK, desk.session, phone="13900009999"))
    assert malls.line.said.count("find") == 1, "whom the directory does not know, nobody is asked about"
    rows = [row.verb for row in malls.home.mall.rows()]
    assert rows[-1] == "record_lookup", "and their home has it on record"
    malls.checked()


def test_points_are_held_at_home_the_gift_leaves_here_and_both_books_say_the_same(malls: Malls) -> None:
    operation = malls.redemption(2)
    asked = malls.ask(operation)
    assert (asked.verdict, malls.home.mall.points(malls.member).held) == ("granted", 200)
    assert malls.desk.do(operation, approved_by=SUPERVISOR).verdict == "ok"
    assert malls.guest.mall.stock("CUP", malls.desk.desk) == (8, 0)
    malls.settle_both()
    account = malls.home.mall.points(malls.member)
    assert (account.posted, account.held, account.owed) == (300, 0, 0)
    assert malls.home.of_mall(malls.guest) == 200, "home owes the guest mall"
    assert malls.guest.of_mall(malls.home) == -200, "and the guest mall has it coming"
    malls.checked()


@pytest.mark.parametrize("lost", [1, 2])
def test_replies_that_are_lost_are_asked_for_again_and_count_once(malls: Malls, lost: int) -> None:
    operation = malls.redemption()
    malls.line.lost = lost
    for _ in range(lost):
        asked = malls.ask(operation)
        assert (asked.verdict, asked.code) == ("refused", "group.unreachable")
    assert malls.ask(operation).verdict == "granted"
    assert malls.home.mall.points(malls.member).held == 100
    malls.desk.do(operation, approved_by=SUPERVISOR)
    malls.line.lost = lost
    for _ in range(lost + 2):
        malls.guest.settle()
    assert malls.line.said.count("post") == lost + 1
    account = malls.home.mall.points(malls.member)
    assert (account.posted, account.held) == (400, 0)
    assert malls.home.of_mall(malls.guest) == 100
    malls.checked()


def test_what_is_given_up_is_free_again_at_home(malls: Malls) -> None:
    operation = malls.redemption()
    malls.ask(operation)
    malls.guest.mall.hub.void(malls.desk.desk, Void(operation.id))
    malls.line.lost = 1
    malls.guest.settle()
    malls.guest.settle()
    assert malls.home.mall.points(malls.member).held == 0
    assert malls.guest.mall.stock("CUP", malls.desk.desk) == (10, 0)
    assert malls.ask(operation).verdict == "granted", "asked anew under the same id, it is held anew"
    assert malls.home.mall.points(malls.member).held == 100
    malls.checked()


def test_a_guest_is_served_while_their_home_answers_and_with_what_they_have(malls: Malls) -> None:
    short = malls.ask(malls.redemption(6))
    assert (short.verdict, short.code, short.facts["missing"]) == ("refused", "points.not_enough", 100)
    malls.line.cut = True
    asked = malls.ask(malls.redemption())
    assert (asked.verdict, asked.code, asked.facts["mall"]) == ("refused", "group.unreachable", "北区店")
    cut_off = malls.redemption()
    pushed = malls.desk.do(cut_off, approved_by=SUPERVISOR)
    assert pushed.code == "conflict.not_granted", "a desk that does it all the same has done nothing"
    malls.line.cut = False
    malls.guest.settle()
    assert malls.home.mall.usable(malls.member) == 500
    malls.checked()


def test_a_home_that_was_put_back_is_told_again(malls: Malls) -> None:
    """What the guest mall had posted there in another epoch of its feed may be lost; the same post counts once."""
    operation = malls.redemption()
    malls.ask(operation)
    malls.desk.do(operation, approved_by=SUPERVISOR)
    malls.settle_both()
    malls.home.mall.store.write(
        lambda connection: connection.run(
            "UPDATE feed_head SET epoch = gen_random_uuid() WHERE mall_id = :mall", mall=malls.home.mall.name
        )
    )
    for _ in range(3):
        malls.guest.settle()
    assert malls.line.said.count("post") == 2
    assert malls.home.mall.points(malls.member).posted == 400
    malls.checked()


def test_only_the_hub_of_a_mall_that_was_added_is_heard(malls: Malls) -> None:
    stranger = HubClient(
        malls.home.served.url,
        mall="M-OTHER",
        desk=HUB_DESK,
        key=malls.guest.mall.hub.key,
        hub_key=bytes(32),
        clock=malls.guest.mall.clock,
        ca=None,
    )
    forged = HubClient(
        malls.home.served.url,
        mall=malls.guest.mall.name,
        desk=HUB_DESK,
        key=malls.home.mall.hub.key,
        hub_key=bytes(32),
        clock=malls.guest.mall.clock,
        ca=None,
    )
    for client in (stranger, forged):
        with pytest.raises(Unavailable) as not_heard:
            PartnerClient(client).directory(AskDirectory())
        assert not_heard.value.code == "hub.not_recognised"
        client.close()
