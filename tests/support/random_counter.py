"""A counter that does one random thing after another. As a program of its own it is what gets killed."""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta
from uuid import UUID

from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.release_hold import ReleaseHold
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reverse import Reverse
from db.store import Store
from tests.support.mall import CLERK, GIFTS, MEMBER_PIN, OTHER_SUPERVISOR, SUPERVISOR, Mall


class RandomCounter:
    """Asks for anything, sensible or not; a refusal is an answer, too."""

    def __init__(self, mall: Mall, seed: int) -> None:
        self.mall = mall
        self._chance = random.Random(seed)
        self._members: list[UUID] = []
        self._done: list[tuple[UUID, UUID | None]] = []  # what could be reversed: operation, member
        self._redeemed: list[tuple[UUID, UUID]] = []
        self._holds: list[tuple[UUID, UUID]] = []

    def step(self) -> tuple[UUID, ...]:
        """One submission; the ids of what was acknowledged, or nothing when it was refused."""
        if len(self._members) < 3 or self._chance.random() < 0.03:
            pin = MEMBER_PIN if self._chance.random() < 0.5 else None
            self._members.append(self.mall.member(self._chance.choice((0, 500, 3_000)), pin=pin))
            return ()
        member = self._chance.choice(self._members)
        by, operations = self._anything(member)
        other = OTHER_SUPERVISOR if by == SUPERVISOR else SUPERVISOR
        approver = other if self._chance.random() < 0.7 else None
        pin = MEMBER_PIN if self._chance.random() < 0.9 else None
        try:
            self.mall.do(*operations, by=by, approved_by=approver, member_pin=pin)
        except Refused:
            return ()
        for operation in operations:
            self._remember(operation, member)
        return tuple(operation.id for operation in operations)

    def _remember(self, operation: Operation, member: UUID) -> None:
        if operation.verb in {"redeem", "credit_sale", "adjust_points", "hand_out"}:
            self._done.append((operation.id, member))
        if operation.verb == "receive_stock":
            self._done.append((operation.id, None))
        if operation.verb == "redeem":
            self._redeemed.append((operation.id, member))
        if operation.verb == "hold_points":
            self._holds.append((operation.id, member))

    def _anything(self, member: UUID) -> tuple[str, tuple[Operation, ...]]:
        chance, mall = self._chance, self.mall
        if chance.random() < 0.05:
            mall.clock.advance(timedelta(days=chance.choice((1, 40, 200))))
        gift = chance.choice(GIFTS)[0]
        match chance.randrange(12):
            case 0 | 1 | 2:
                return CLERK, (mall.slip(member, chance.randrange(1, 400_000)),)
            case 3 | 4:
                redeem = mall.redemption(member, gift, chance.randrange(1, 4))
                hand_out = HandOut(member=member, redemption=redeem.id, lines=(0,))
                return CLERK, (redeem, hand_out) if chance.random() < 0.5 else (redeem,)
            case 5 if self._redeemed:
                redemption, whose = chance.choice(self._redeemed)
                return CLERK, (HandOut(member=whose, redemption=redemption, lines=(0,)),)
            case 6 | 7 if self._done:
                undone, whose_or_none = chance.choice(self._done)
                back = chance.random() < 0.7
                by = chance.choice((CLERK, SUPERVISOR))
                return by, (Reverse(reverses=undone, reason="mistake", member=whose_or_none, goods_back=back),)
            case 8:
                change = chance.choice((-700, -30, 25, 900))
                return SUPERVISOR, (AdjustPoints(member=member, change=change, reason="other", note="更正"),)
            case 9:
                return SUPERVISOR, (HoldPoints(member=member, points=chance.randrange(1, 800), note="争议"),)
            case 10 if self._holds:
                hold, whose = chance.choice(self._holds)
                return SUPERVISOR, (ReleaseHold(member=whose, hold=hold),)
            case 11 if chance.random() < 0.5:
                through = (mall.clock.now + timedelta(hours=8)).date() - timedelta(days=1)
                return SUPERVISOR, (ExpirePoints(through=through, limit=2),)
            case 11:
                card = mall.store.read(
                    lambda c: c.row(
                        "SELECT number FROM card WHERE mall_id = :mall AND member = :member AND state = 'issued'",
                        mall=mall.name,
                        member=member,
                    )
                )
                if card is None:
                    return CLERK, (mall.slip(member, 100),)
                lost = ReportCardLost(member=member, number=card[0])
                return CLERK, (lost, ReplaceCard(member=member, old_number=card[0], new_number=mall.new_card()))
            case _:
                return CLERK, (ReceiveStock(lines=(StockLine(gift, chance.randrange(1, 9)),)),)


def work(url: str, key: str, seed: str, acknowledged: str) -> None:
    """Until it is killed. Each line of the file `acknowledged` is written when the operation had been answered."""
    store = Store.open(url, bytes.fromhex(key), create=True)
    counter = RandomCounter(Mall(store), int(seed))
    file = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, f"mall {counter.mall.name}\n".encode())
    while True:
        for operation in counter.step():
            os.write(file, f"{operation}\n".encode())


def main() -> None:
    """One program after another, as asked for by lines "url key seed acknowledged" on standard input. They are forked,
    so that each need not load its libraries first; its process id is said, and when it is gone."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(*line.split())
        print(child, flush=True)  # noqa: T201 - this is how it speaks
        _, status = os.waitpid(child, 0)
        print("gone" if os.WIFSIGNALED(status) else "failed", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
