"""An invented mall on a real store, and short words for what tests do in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher

from app.authority import LocalAuthority
from app.domain.card import card_number
from app.domain.errors import Fact, Refused
from app.domain.ids import new_id
from app.domain.points import Account, spending_order
from app.domain.staff import Role
from app.operations.base import Operation
from app.operations.credit_sale import CreditSale
from app.operations.enrol_member import Consent, EnrolMember
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_up import AddCardBatch, AddGift, AddShop, AddStaff, OpenMall
from app.operations.sign_in import SignIn
from app.pins import Argon2Pins
from app.ports.authority import Answer, ApprovalGiven, Submission
from app.ports.clock import Clock
from app.ports.storage import Person
from app.sync.envelope import DeskKey
from db.founding import Root, found
from db.repositories.points import SqlPoints
from db.store import Store
from db.work import SqlOperationStore
from tests.support.clocks import SetClock

ZONE = "Asia/Shanghai"
PREFIX = "9901"
MEMBER_PIN = "908172"
CHEAP_PINS = Argon2Pins(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

# Who works here: number, name, role, PIN.
STAFF = (
    ("1001", "张丽", Role.CLERK, "135790"),
    ("1002", "王强", Role.CLERK, "135791"),
    ("2001", "李静", Role.SUPERVISOR, "246801"),
    ("2002", "赵敏", Role.SUPERVISOR, "246802"),
    ("3001", "陈经理", Role.MANAGER, "357911"),
    ("9001", "孙管理", Role.ADMINISTRATOR, "468024"),
)
PINS = {staff: pin for staff, _, _, pin in STAFF}
CLERK, OTHER_CLERK, SUPERVISOR, OTHER_SUPERVISOR = "1001", "1002", "2001", "2002"

# Gift, name, points, worth in fen, pieces at the first desk.
GIFTS = (
    ("CUP", "保温杯", 100, 2_000, 1_000),
    ("BOX", "收纳箱", 600, 9_900, 3),
    ("POT", "锅具套装", 300, 30_000, 50),
    ("TV", "电视", 6_000, 19_000, 5),
)
_PHONES = count(13_800_000_000)


@dataclass(frozen=True)
class Points:
    posted: int
    held: int
    owed: int
    lots: tuple[int, ...]  # what is left of each, earliest expiry first


class Mall:
    """One mall, founded in `store`, with a clock that stands still until it is moved."""

    def __init__(self, store: Store, clock: Clock | None = None, *, furnished: bool = True) -> None:
        self.store = store
        self.clock: Any = clock or SetClock()
        self.name = f"M{uuid4().hex[:12]}"
        self.card_key = os.urandom(32)
        self.keys: dict[str, DeskKey] = {}
        self._authorities: dict[str, LocalAuthority] = {}
        self._sessions: dict[tuple[str, str], UUID] = {}
        self._serials = count(1)
        self._slips = count(1)
        self.add_desk("D1", 1)
        if furnished:
            self._furnish()

    def add_desk(self, desk: str, number: int) -> LocalAuthority:
        self.keys[desk] = DeskKey(os.urandom(32))
        root = Root(desk, number, f"{number} 号台", self.keys[desk].public)
        self.store.write(lambda connection: found(connection, self.name, PREFIX, ZONE, self.card_key, root))
        self._authorities[desk] = self.authority_on(self.store, desk)
        return self._authorities[desk]

    def use(self, desk: str, store: Store) -> None:
        """From now on `desk` works through `store`, as a program of its own would."""
        self._authorities[desk] = self.authority_on(store, desk)

    def authority_on(self, store: Store, desk: str) -> LocalAuthority:
        return LocalAuthority(
            SqlOperationStore(store, self.name, desk),
            mall=self.name,
            desk=desk,
            key=self.keys[desk],
            clock=self.clock,
            hasher=CHEAP_PINS,
        )

    def _furnish(self) -> None:
        self.as_system(
            OpenMall(name="测试广场", zone=ZONE, card_prefix=PREFIX),
            *(
                AddStaff(staff=staff, name=name, role=role, pin_verifier=CHEAP_PINS.hash(pin))
                for staff, name, role, pin in STAFF
            ),
            AddShop(shop="S1", name="优衣"),
            AddShop(shop="S2", name="面馆"),
            *(AddGift(gift=gift, name=name, points=points, value_fen=fen) for gift, name, points, fen, _ in GIFTS),
            ReceiveStock(lines=tuple(StockLine(gift, pieces) for gift, _, _, _, pieces in GIFTS)),
            AddCardBatch(first_serial=1, count=10_000),
        )

    # -- doing -------------------------------------------------------------------------------------------------------

    def authority(self, desk: str = "D1") -> LocalAuthority:
        return self._authorities[desk]

    def as_system(self, *operations: Operation, desk: str = "D1") -> tuple[Answer, ...]:
        return self.authority(desk).submit_as_system(*operations)

    def session(self, staff: str = CLERK, desk: str = "D1") -> UUID:
        """Of somebody who signs in when they are first wanted."""
        if (staff, desk) not in self._sessions:
            self._sessions[staff, desk] = self.sign_in(staff, desk)
        return self._sessions[staff, desk]

    def sign_in(self, staff: str = CLERK, desk: str = "D1") -> UUID:
        operation = SignIn(staff=staff)
        self.authority(desk).submit(Submission((operation,), None, pin=PINS[staff]))
        return operation.id

    def submission(
        self,
        *operations: Operation,
        by: str = CLERK,
        desk: str = "D1",
        approved_by: str | None = None,
        pin: str | None = None,
        member_pin: str | None = None,
        new_pin: str | None = None,
    ) -> Submission:
        approval = ApprovalGiven(approved_by, PINS[approved_by]) if approved_by else None
        return Submission(operations, self.session(by, desk), approval, pin, member_pin, new_pin)

    def do(self, *operations: Operation, desk: str = "D1", **how: Any) -> dict[str, Any]:
        """The facts of the last answer."""
        answers = self.authority(desk).submit(self.submission(*operations, desk=desk, **how))
        return dict(answers[-1].facts)

    # -- short words -------------------------------------------------------------------------------------------------

    def member(self, points: int = 0, *, name: str = "李𬭚", pin: str | None = None, desk: str = "D1") -> UUID:
        """A new member with a card and, in one lot, `points`."""
        enrol = self.enrolment(name)
        self.do(enrol, IssueCard(member=enrol.member, number=self.new_card()), new_pin=pin, desk=desk)
        if points:
            self.earn(enrol.member, points)
        return enrol.member

    def bare_member(self) -> UUID:
        """Without a card."""
        enrol = self.enrolment("王小明")
        self.do(enrol)
        return enrol.member

    @staticmethod
    def enrolment(name: str, phone: str | None = None) -> EnrolMember:
        return EnrolMember(
            member=new_id(),
            person=Person(name, phone or str(next(_PHONES))),
            confirmed_adult=True,
            consents=(Consent("service"),),
        )

    def new_card(self) -> str:
        return card_number(next(self._serials), PREFIX, self.card_key)

    def slip(
        self, member: UUID, amount_fen: int, *, age: timedelta = timedelta(hours=1), shop: str = "S1"
    ) -> CreditSale:
        return CreditSale(
            member=member,
            shop=shop,
            slip_number=f"A{next(self._slips)}",
            sold_at=self.clock.now - age,
            amount_fen=amount_fen,
        )

    def earn(self, member: UUID, points: int) -> CreditSale:
        """One slip worth `points` to a bronze member, whatever its size."""
        sale = self.slip(member, points * 100)
        self.as_system(sale)
        return sale

    @staticmethod
    def redemption(member: UUID, gift: str = "CUP", quantity: int = 1) -> Redeem:
        points = next(price for name, _, price, _, _ in GIFTS if name == gift)
        return Redeem(member=member, lines=(RedemptionLine(gift, quantity, points),))

    # -- looking -----------------------------------------------------------------------------------------------------

    def points(self, member: UUID) -> Points:
        account = self.account(member)
        return Points(
            account.posted, account.held, account.owed, tuple(lot.remaining for lot in spending_order(account.lots))
        )

    def account(self, member: UUID) -> Account:
        class Where:
            mall = self.name

        return self.store.write(lambda connection: SqlPoints(connection, Where()).lock(member))  # type: ignore[arg-type]

    def usable(self, member: UUID) -> int:
        from app.domain.calendar import business_day

        return self.account(member).usable(business_day(self.clock.now, ZONE))

    def stock(self, gift: str, desk: str = "D1") -> tuple[int, int]:
        """(on hand, reserved)"""
        found = self.one(
            "SELECT on_hand, reserved FROM stock WHERE mall_id = :mall AND desk = :desk AND gift = :gift",
            desk=desk,
            gift=gift,
        )
        return (found[0], found[1])

    def one(self, sql: str, **values: Any) -> tuple[Any, ...]:
        found = self.store.read(lambda connection: connection.row(sql, mall=self.name, **values))
        assert found is not None
        return found

    def count(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table} WHERE mall_id = :mall")[0])


@contextmanager
def refused(code: str, **facts: Fact) -> Iterator[None]:
    """`code` is raised, with at least these facts."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code, str(caught.value)
    assert {name: caught.value.facts.get(name) for name in facts} == facts
