"""The rights that `memberdesk grant` gives are enough for a desk's whole day, and no more (RELIABILITY.md 6)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.domain.staff import Role
from app.operations.hand_out import HandOut
from app.operations.reverse import Reverse
from app.operations.set_up import AddCardBatch, AddGift, AddStaff, ChangeSetting
from db.roles import grant_to
from db.store import Store
from db.verify import verify
from tests.support.mall import Mall, refused
from tests.support.random_counter import RandomCounter


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[Mall]:
    """Founded by the owner of the tables; its desk works under a role of its own."""
    role = f"desk_{uuid4().hex[:8]}"
    owner = Store.open(fresh_postgres, None)
    mall = Mall(owner)
    owner.write(lambda connection: connection.run(f"CREATE ROLE {role} LOGIN"))
    owner.write(lambda connection: grant_to(connection, role))
    owner.close()
    own = Store.open(make_url(fresh_postgres).set(username=role).render_as_string(hide_password=False), None)
    mall.store = own
    mall.use("D1", own)
    yield mall
    own.close()


def test_a_desk_does_its_whole_day_under_its_own_role(mall: Mall) -> None:
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.do(redeem)
    mall.do(HandOut(member=member, redemption=redeem.id, lines=(0,)))
    mall.do(Reverse(reverses=redeem.id, reason="mistake", member=member, goods_back=True))
    mall.do(ChangeSetting(name="undo_minutes", value="5"), by="3001")
    mall.do(AddGift(gift="NEW", name="新品", points=10, value_fen=100), by="3001")
    mall.do(AddCardBatch(first_serial=50_001, count=10), by="9001")
    counter = RandomCounter(mall, seed=7)
    for _ in range(150):
        counter.step()
    assert verify(mall.store, mall.name) == []


def test_a_wrong_pin_is_counted_under_it_too(mall: Mall) -> None:
    with refused("pin.wrong", left=4):
        mall.authority().check_pin(mall.session(), "730519")
    mall.do(AddStaff(staff="1999", name="新人", role=Role.CLERK), by="9001", new_pin="730519")


@pytest.mark.parametrize("statement", ["UPDATE journal SET amount = 0", "DELETE FROM stock", "TRUNCATE operation"])
def test_it_can_change_no_entry_and_delete_nothing(mall: Mall, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        mall.store.write(lambda connection: connection.run(statement))
