"""The model's histories for the program itself: the hub on PostgreSQL, desks on stores of their own, and a judge who
adds up for himself.

Points and limits are small, so that every limit is met often. Each history has members of its own: the mall and its
desks are made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from app.domain.errors import Refused, Unavailable
from app.domain.offline_rules import OfflinePolicy, OfflineRules
from app.operations.credit_sale import CreditSale
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.set_up import AddGift
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import HubMall, a_hub

Choose: TypeAlias = Callable[[Sequence[Any]], Any]

RULES = OfflineRules(per_redemption=150, per_member=200, per_desk=300, share_percent=100)
POINTS = 300  # of a member, to begin with
_PENS = 100_000


class RealWorld:
    def __init__(self, mall: HubMall, policy: OfflinePolicy, folder: Path) -> None:
        self.mall = mall
        self.policy = policy
        mall.by_two(SetOfflineRules(rules=replace(RULES, policy=policy)))
        mall.hub.authority.submit_as_system(AddGift(gift="PEN", name="笔", points=10, value_fen=1_000))
        self.desks = tuple(FollowingDesk(mall, f"K{at}", 10 + at, folder) for at in (1, 2, 3))
        for desk in self.desks:
            desk.do(ReceiveStock(lines=(StockLine("PEN", _PENS),)))
        mall.waits_for(*self.desks)
        self.members: tuple[UUID, ...] = ()

    def begin(self) -> None:
        """Two members whom all desks know, and all desks in contact."""
        self.peace()
        cards = [a_member(self.mall, POINTS) for _ in range(2)]
        self.members = tuple(member for member, _ in cards)
        self._reach_all()
        for desk in self.desks:
            for _, card in cards:
                desk.swipe(card)
        self._reach_all()

    def close(self) -> None:
        for desk in self.desks:
            desk.desk.close()

    # -- what happens ------------------------------------------------------------------------------------------------

    def redeem(self, desk: FollowingDesk, member: UUID, pens: int) -> None:
        """However the desk stands: asked of the hub, or within limits. Raises Refused or Unavailable."""
        operation = Redeem(member=member, lines=(RedemptionLine("PEN", pens, 10),))
        desk.do(operation, approved=True)

    def credit(self, desk: FollowingDesk, member: UUID, points: int) -> None:
        slip = self.mall.slip(member, points * 100)
        desk.do(CreditSale(**{**vars(slip), "sold_at": self.mall.clock.now - timedelta(hours=1)}))

    def pass_time(self, seconds: int) -> None:
        self.mall.clock.advance(timedelta(seconds=seconds))

    def reach(self, desk: FollowingDesk) -> None:
        """One round of its thread, of which the wire may let only the beginning pass."""
        try:
            desk.link.agent.once()
        except Unavailable:
            desk.link.agent.no_answer()

    def acknowledge(self, desk: FollowingDesk) -> None:
        """A question for rows that has overtaken what the desk sent before it."""
        place, head = desk.link.following.feed(), desk.link.following.head()
        if place is not None and not desk.wire.is_cut:
            self.mall.hub.acknowledged(desk.wire.desk, place.epoch, place.n, head.epoch, head.sequence)

    def _reach_all(self) -> None:
        self.pass_time(11)
        for _ in range(2):
            for desk in self.desks:
                desk.sync()

    def peace(self) -> None:
        for desk in self.desks:
            desk.wire.is_cut = False
            desk.wire.loses.clear()
        self._reach_all()

    # -- the judge ---------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        for member in self.members:
            account = self.mall.points(member)
            usable = account.posted - account.held
            if self.policy is OfflinePolicy.STRICT:
                coming = sum(self._coming(desk, member) for desk in self.desks)
                assert usable >= coming, f"overspent, or will be: {usable} for {coming}"
            else:
                most = len(self.desks) * RULES.per_member
                assert usable >= -most, f"overdrawn beyond K·F_m: {usable}"
        for desk in self.desks:
            if self.policy is OfflinePolicy.BOUNDED:
                assert desk.link.following.unsettled_points() <= RULES.per_desk, "F_k was passed"

    def _coming(self, desk: FollowingDesk, member: UUID) -> int:
        """What it redeemed within limits, by its own log, and the hub does not have."""
        done = desk.store.read(
            lambda connection: connection.rows(
                "SELECT operation_id, points FROM floor_use WHERE mall_id = :mall AND member = :member",
                mall=self.mall.name,
                member=member,
            )
        )
        if not done:
            return 0
        there = self.mall.store.read(
            lambda connection: connection.rows(
                "SELECT operation_id FROM operation WHERE mall_id = :mall AND desk = :desk AND member = :member",
                mall=self.mall.name,
                desk=desk.wire.desk,
                member=member,
            )
        )
        admitted = {operation for (operation,) in there}
        return sum(points for operation, points in done if operation not in admitted)

    def settle_and_judge(self) -> None:
        """Peace: everybody comes back, and everybody says the same."""
        self.peace()
        self._reach_all()
        self.judge()
        for desk in self.desks:
            assert desk.link.following.waiting().count == 0
            for member in self.members:
                assert desk.usable(member) == self.mall.usable(member), "a desk shows another balance than the hub"
        if self.policy is OfflinePolicy.STRICT:
            assert "conflict.overdrawn" not in self.mall.tasks()


@contextmanager
def a_real_world(url: str, policy: OfflinePolicy, folder: Path) -> Iterator[RealWorld]:
    with a_hub(url) as mall:
        world = RealWorld(mall, policy, folder)
        try:
            yield world
        finally:
            world.close()


# -- happenings ------------------------------------------------------------------------------------------------------


def redeem(world: RealWorld, choose: Choose) -> None:
    desk, member = choose(world.desks), choose((*world.members, world.members[0]))
    if choose((True, False)):
        world.pass_time(16)
    for _ in range(choose((1, 2))):
        with suppress(Refused, Unavailable):
            world.redeem(desk, member, choose((3, 5, 10, 15)))


def redeem_much(world: RealWorld, choose: Choose) -> None:
    """Of a desk that reaches the hub, and more than its share."""
    desk, member = choose(world.desks), world.members[0]
    world.reach(desk)
    with suppress(Refused, Unavailable):
        world.redeem(desk, member, choose((15, 20, 30)))


def credit(world: RealWorld, choose: Choose) -> None:
    world.credit(choose(world.desks), choose(world.members), choose((20, 60)))


def cut(world: RealWorld, choose: Choose) -> None:
    choose(world.desks).cut()
    world.pass_time(choose((1, 16)))


def mend(world: RealWorld, choose: Choose) -> None:
    """Its line is back; of the first round, a reply may be lost."""
    desk = choose(world.desks)
    desk.wire.is_cut = False
    world.pass_time(11)
    desk.wire.loses.update(choose(((), (), ("push",), ("pull",), ("hello",), ("request",))))
    world.reach(desk)


def reach(world: RealWorld, choose: Choose) -> None:
    world.reach(choose(world.desks))


def acknowledge(world: RealWorld, choose: Choose) -> None:
    desk = choose(world.desks)
    was_cut, desk.wire.is_cut = desk.wire.is_cut, False
    world.acknowledge(desk)
    desk.wire.is_cut = was_cut


def restart(world: RealWorld, choose: Choose) -> None:
    choose(world.desks).restart()


HAPPENINGS: tuple[Callable[[RealWorld, Choose], None], ...] = (
    *(redeem,) * 6,
    *(redeem_much,) * 3,
    *(credit,) * 1,
    *(cut,) * 3,
    *(mend,) * 3,
    *(reach,) * 3,
    *(acknowledge,) * 1,
    *(restart,) * 1,
)
