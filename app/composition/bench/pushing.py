"""A desk that was cut off all day comes back: its operations go to the hub, what became of them comes back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from app.composition.bench.figures import Figure, Say, at_least, seconds_of
from app.composition.bench.ground import GIFT, SEED, lay_out_gifts
from app.composition.bench.hub_ground import CHEAP_PINS, CLERK, SUPERVISOR, RunningHub
from app.composition.desk import Desk, open_desk
from app.demo import load, mall
from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.operations.credit_sale import CreditSale
from app.operations.hand_out import HandOut
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission

OPERATIONS = 10_000
SERVED = 1_000  # members, each twice or so; fifty, two hundred times each, would be no counter's


def figures(hub: RunningHub, folder: Path, members: int, say: Say) -> Iterator[Figure]:
    home = hub.desk_at(folder / "pushing", 30)
    desk = open_desk(home, pins=CHEAP_PINS)
    try:
        say(f"a desk does {OPERATIONS:,} operations by itself")
        _a_day(desk, members)
        assert desk.link is not None
        agent, following = desk.link.agent, desk.link.following
        agent._hello()
        waiting = following.waiting().count
        say(f"it pushes {waiting:,} operations")
        seconds = seconds_of(lambda: _push_all(desk))
        yield Figure(
            f"a desk's push of {OPERATIONS:,} operations", waiting / seconds, "1/s", aim=at_least(1_000, "value")
        )
        say("and reads what became of them")
        seconds = seconds_of(lambda: _read_on(desk))
        yield Figure("reading the feed with the results of these", waiting / seconds, "rows/s")
    finally:
        desk.close()


def _a_day(desk: Desk, members: int) -> None:
    """Six slips of ten operations, two redemptions, two times handed out."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    signed_in = SignIn(staff=CLERK.staff)
    desk.authority.submit(Submission((signed_in,), None, pin=CLERK.pin))
    lay_out_gifts(desk.authority)
    known = [load.member_id(SEED, chance.randrange(members)) for _ in range(SERVED)]
    for member in known:
        desk.queries.member_page(member)  # whoever is cut off serves them from the thin copy
    approval = ApprovalGiven(SUPERVISOR.staff, SUPERVISOR.pin)
    done = 0
    while done < OPERATIONS:
        member = chance.choice(known)
        for _ in range(3):
            desk.authority.submit(Submission((_a_slip(member, chance),), signed_in.id))
        redeem = Redeem(member=member, lines=(RedemptionLine(GIFT, 1, 1),))
        taken = HandOut(redemption=redeem.id, lines=(0,), member=member)
        desk.authority.submit(Submission((redeem, taken), signed_in.id, approval))
        done += 5


def _a_slip(member: UUID, chance: random.Random) -> CreditSale:
    return CreditSale(
        member=member,
        shop=mall.SHOPS[0].shop,
        slip_number=new_id().hex,
        sold_at=datetime.now(UTC) - timedelta(minutes=1),
        amount_fen=chance.randrange(100, 1_000),  # of ten thousand in a day not so much that a person reviews it,
    )


def _push_all(desk: Desk) -> None:
    """As its thread does: what had no answer in time is sent again, less of it."""
    assert desk.link is not None
    agent, following = desk.link.agent, desk.link.following
    while following.waiting().count:
        with suppress(Unavailable):
            agent._push()


def _read_on(desk: Desk) -> None:
    assert desk.link is not None
    following = desk.link.following
    while following.unsettled_points():
        before = following.feed()
        desk.link.agent.hurry()
        desk.link.agent._pull()
        assert following.feed() != before, "the feed did not go on"
