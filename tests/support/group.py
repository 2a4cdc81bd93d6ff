"""Two malls of a group, each with its own database and hub behind uvicorn; the line between them is cut on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.errors import Unavailable
from app.hub.group import Group
from app.operations.add_partner import AddPartner
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import RedemptionLine
from app.operations.redeem_as_guest import RedeemAsGuest
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.sync.group import Calls, Partner, PartnerClient
from app.sync.http import HubClient
from app.sync.hub import HUB_DESK
from app.sync.protocol import Asked
from db.hub.group import SqlGroup
from tests.story.test_desk_and_hub_over_http import Served
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall, a_hub
from tests.support.mall import PINS, SUPERVISOR, refused

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


@contextmanager
def two_malls(home_url: str, guest_url: str) -> Iterator[Malls]:
    with (
        a_hub(home_url) as one,
        a_hub(guest_url, clock=one.clock) as other,
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
