"""Many at once: what there is once is given once (RELIABILITY.md P3, P7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Refused
from app.operations.adjust_points import AdjustPoints
from app.operations.credit_sale import CreditSale
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.hand_out import HandOut
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.reverse import Reverse
from app.operations.set_up import AddGift, ChangeSetting
from app.ports.authority import Submission
from app.ports.storage import Person
from db.store import Store
from db.verify import verify
from tests.support.mall import CLERK, GIFTS, OTHER_SUPERVISOR, SUPERVISOR, Mall
from tests.support.stores import KEY, a_database

DESKS = 4


@pytest.fixture(scope="module")
def race_url(postgres_url: str, newest_schema: str) -> str:
    return a_database(postgres_url, newest_schema)


class Counter4:
    """One mall and the threads that serve in it: on SQLite all at one desk, as it must be; on PostgreSQL at four, each
    with a store of its own, as four programs would have."""

    def __init__(self, mall: Mall, desks: Sequence[str]) -> None:
        self.mall = mall
        self.desks = desks

    def at_once(self, count: int, submission: Callable[[int, str], Submission]) -> Counter[str]:
        """How often each outcome came: "ok", or the code of the refusal."""
        prepared = [
            (self.desks[number % len(self.desks)], submission(number, self.desks[number % len(self.desks)]))
            for number in range(count)
        ]

        def one(desk: str, asked: Submission) -> str:
            try:
                self.mall.authority(desk).submit(asked)
            except Refused as refused:
                return refused.code
            return "ok"

        with ThreadPoolExecutor(count) as threads:
            return Counter(threads.map(lambda pair: one(*pair), prepared))

    def sound(self) -> bool:
        return verify(self.mall.store, self.mall.name) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def counter(request: pytest.FixtureRequest) -> Iterator[Counter4]:
    if request.param == "sqlite":
        yield Counter4(Mall(request.getfixturevalue("sqlite_store")), ["D1"])
        return
    url: str = request.getfixturevalue("race_url")
    stores = [Store.open(url, KEY) for _ in range(DESKS)]
    mall = Mall(stores[0])
    desks = [f"D{number}" for number in range(1, DESKS + 1)]
    for number, desk in enumerate(desks[1:], start=2):
        mall.add_desk(desk, number)
        mall.use(desk, stores[number - 1])
        mall.do(ReceiveStock(lines=tuple(StockLine(gift, 100) for gift, *_ in GIFTS)), desk=desk)
    yield Counter4(mall, desks)
    for store in stores:
        store.close()


def test_an_account_worth_seven_redemptions_gives_seven(counter: Counter4) -> None:
    mall = counter.mall
    member = mall.member(700)
    outcome = counter.at_once(20, lambda _, desk: mall.submission(mall.redemption(member), desk=desk))
    assert outcome == {"ok": 7, "points.not_enough": 13}
    assert mall.points(member).posted == 0
    assert counter.sound()


def test_one_slip_counts_once_whoever_enters_it(counter: Counter4) -> None:
    mall = counter.mall
    members = [mall.member() for _ in range(4)]
    slip = mall.slip(members[0], 12_300)

    def entered(number: int, desk: str) -> Submission:
        again = CreditSale(
            member=members[number % 4],
            shop=slip.shop,
            slip_number=slip.slip_number,
            sold_at=slip.sold_at,
            amount_fen=slip.amount_fen,
        )
        return mall.submission(again, desk=desk)

    assert counter.at_once(12, entered) == {"ok": 1, "sale.slip_used": 11}
    assert sum(mall.points(member).posted for member in members) == 123


def test_the_same_submission_from_everywhere_takes_effect_once(counter: Counter4) -> None:
    """A retry can reach another thread while the first is still under way."""
    mall = counter.mall
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    asked = mall.submission(redeem)
    assert Counter4(mall, ["D1"]).at_once(10, lambda _, __: asked) == {"ok": 10}
    assert mall.points(member).posted == 900


def test_the_last_piece_goes_to_one(counter: Counter4) -> None:
    mall = counter.mall
    members = [mall.member(600) for _ in range(10)]
    at_one_desk = Counter4(mall, ["D1"])
    outcome = at_one_desk.at_once(10, lambda number, desk: mall.submission(mall.redemption(members[number], "BOX")))
    assert outcome == {"ok": 3, "gift.out_of_stock": 7}
    assert mall.stock("BOX") == (3, 3)


def test_one_phone_number_becomes_one_member(counter: Counter4) -> None:
    mall = counter.mall
    phone = f"139{uuid4().int % 10**8:08d}"

    def enrol(_: int, desk: str) -> Submission:
        return mall.submission(
            EnrolMember(
                member=uuid4(), person=Person("同号", phone), confirmed_adult=True, consents=(Consent("service"),)
            ),
            desk=desk,
        )

    assert counter.at_once(8, enrol) == {"ok": 1, "member.phone_in_use": 7}


def test_one_card_number_is_issued_once(counter: Counter4) -> None:
    mall = counter.mall
    members = [mall.bare_member() for _ in range(8)]
    number = mall.new_card()
    outcome = counter.at_once(
        8, lambda who, desk: mall.submission(IssueCard(member=members[who], number=number), desk=desk)
    )
    assert outcome == {"ok": 1, "card.issued_before": 7}


def test_an_operation_is_reversed_once(counter: Counter4) -> None:
    mall = counter.mall
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.do(redeem)
    outcome = counter.at_once(
        8,
        lambda _, desk: mall.submission(
            Reverse(reverses=redeem.id, reason="mistake", member=member), by=SUPERVISOR, desk=desk
        ),
    )
    assert outcome == {"ok": 1, "reverse.already": 7}
    assert mall.points(member).posted == 1_000
    assert counter.sound()


def test_a_gift_is_handed_out_or_its_redemption_reversed_never_both(counter: Counter4) -> None:
    mall = counter.mall
    for _ in range(6):
        member = mall.member(100)
        redeem = mall.redemption(member)
        mall.do(redeem)

        def asked(number: int, desk: str, member: UUID = member, redemption: UUID = redeem.id) -> Submission:
            if number == 0:
                return mall.submission(HandOut(member=member, redemption=redemption, lines=(0,)))
            back = Reverse(reverses=redemption, reason="mistake", member=member)
            return mall.submission(back, by=SUPERVISOR, desk=desk)

        outcome = counter.at_once(2, asked)
        assert outcome["ok"] == 1, outcome
    assert counter.sound()


def test_a_daily_limit_is_one_persons_at_however_many_desks(counter: Counter4) -> None:
    mall = counter.mall
    members = [mall.member() for _ in range(4)]

    def adjust(number: int, desk: str) -> Submission:
        return mall.submission(
            AdjustPoints(member=members[number % 4], change=9_000, reason="goodwill", note="致歉"),
            by=SUPERVISOR,
            approved_by=OTHER_SUPERVISOR,
            desk=desk,
        )

    assert counter.at_once(4, adjust) == {"ok": 2, "points.adjust_cap": 2}


def test_a_day_at_all_desks_can_be_replayed(counter: Counter4) -> None:
    """Sales, redemptions and reversals of the same few members, while prices and rules change: the operations' clocks
    order them as they took effect."""
    mall = counter.mall
    members = [mall.member(2_000) for _ in range(3)]

    def anything(number: int, desk: str) -> Submission:
        member = members[number % 3]
        match number % 5:
            case 0:
                return mall.submission(mall.slip(member, 190_000), desk=desk)
            case 1 | 2:
                return mall.submission(mall.redemption(member), desk=desk)
            case 3:
                setting = ChangeSetting(name="points_per_yuan", value=str(1 + number % 3))
                return mall.submission(setting, by="3001", desk=desk)
            case _:
                gift = AddGift(gift="CUP", name="保温杯", points=100, value_fen=2_000 + number)
                return mall.submission(gift, by="3001", desk=desk)

    for _ in range(3):
        outcome = counter.at_once(20, anything)
        assert outcome["ok"] == 20, outcome
    assert counter.sound()
    assert mall.session(CLERK)
