"""Several malls in one PostgreSQL database: a role that is fenced in works in its mall, and there is no other."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.operations.hand_out import HandOut
from app.operations.reverse import Reverse
from db.connection import Connection
from db.models import metadata
from db.roles import grant_to
from db.store import Store
from db.verify import verify
from tests.contract.store.test_verify import bring_history
from tests.support.mall import Mall, refused
from tests.support.random_counter import RandomCounter
from tests.support.stores import a_database


class TwoMalls:
    """Both with members, gifts and a morning's work; `owner` is whoever made the tables."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.owner = Store.open(url, None)
        self.ours, self.theirs = Mall(self.owner), Mall(self.owner)
        for mall in (self.ours, self.theirs):
            mall.do(mall.redemption(mall.member(1_000)))

    def role(self, **how: object) -> str:
        name = f"fenced_{uuid4().hex[:8]}"

        def make(connection: Connection) -> None:
            connection.run(f"CREATE ROLE {name} LOGIN")
            grant_to(connection, name, **how)  # type: ignore[arg-type]

        self.owner.write(make)
        return name

    def as_role(self, role: str, mall: str = "") -> Store:
        url = make_url(self.url).set(username=role).render_as_string(hide_password=False)
        return Store.open(url, None, mall=mall)


@pytest.fixture(scope="module")
def malls(postgres_url: str, newest_schema: str) -> Iterator[TwoMalls]:
    both = TwoMalls(a_database(postgres_url, newest_schema))
    yield both
    both.owner.close()


@pytest.fixture
def ours(malls: TwoMalls) -> Iterator[Store]:
    """The store of a role that is bound to our mall."""
    store = malls.as_role(malls.role(mall=malls.ours.name))
    yield store
    store.close()


def rows(store: Store, table: str, mall: str | None = None) -> int:
    where = "" if mall is None else "WHERE mall_id = :mall"
    values = {} if mall is None else {"mall": mall}
    found = store.read(lambda connection: connection.row(f"SELECT count(*) FROM {table} {where}", **values))
    assert found is not None
    return int(found[0])


def test_a_role_that_is_bound_to_a_mall_sees_all_of_it_and_nothing_else(malls: TwoMalls, ours: Store) -> None:
    for table in sorted(metadata.tables):
        assert rows(ours, table) == rows(malls.owner, table, malls.ours.name), table
    assert rows(ours, "journal") > 0


def test_it_writes_nothing_into_another_mall(malls: TwoMalls, ours: Store) -> None:
    theirs = malls.theirs.name
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ours.write(
            lambda connection: connection.run(
                "INSERT INTO setting (mall_id, name, value) VALUES (:mall, 'undo_minutes', '1')", mall=theirs
            )
        )
    assert (
        ours.write(lambda connection: connection.run("UPDATE account SET held = 1 WHERE mall_id = :m", m=theirs)) == 0
    )


def test_it_cannot_talk_its_way_out(malls: TwoMalls, ours: Store) -> None:
    """Whoever gets hold of its session may set what they like."""

    def look(connection: Connection) -> list[object]:
        connection.run("SET LOCAL row_security = off")
        connection.run(f"SET LOCAL memberdesk.mall = '{malls.theirs.name}'")
        return list(connection.rows("SELECT * FROM journal WHERE mall_id = :mall", mall=malls.theirs.name))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ours.write(look)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ours.write(lambda connection: connection.run('DROP POLICY "every mall" ON journal'))


def test_a_role_of_many_malls_sees_the_one_that_its_connection_names(malls: TwoMalls) -> None:
    role = malls.role(many_malls=True)
    for mall, other in ((malls.ours, malls.theirs), (malls.theirs, malls.ours)):
        store = malls.as_role(role, mall.name)
        assert rows(store, "operation") == rows(malls.owner, "operation", mall.name)
        assert rows(store, "operation", other.name) == 0
        store.close()


def test_a_connection_that_names_no_mall_sees_nothing_and_writes_nothing(malls: TwoMalls) -> None:
    store = malls.as_role(malls.role(many_malls=True))
    assert [table for table in sorted(metadata.tables) if rows(store, table)] == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        store.write(
            lambda connection: connection.run(
                "INSERT INTO setting (mall_id, name, value) VALUES (:mall, 'x', '1')", mall=malls.ours.name
            )
        )
    store.close()


def test_a_mall_may_be_called_anything(malls: TwoMalls) -> None:
    odd = "m 'x' \\ 商场"
    assert malls.owner.write(
        lambda connection: connection.run(
            "INSERT INTO setting (mall_id, name, value) VALUES (:mall, 'undo_minutes', '1')", mall=odd
        )
    )
    for role in (malls.role(mall=odd), malls.role(many_malls=True)):
        store = malls.as_role(role, odd)
        assert rows(store, "setting") == 1
        store.close()


def test_roles_without_a_fence_go_on_as_before(malls: TwoMalls, ours: Store) -> None:
    assert rows(ours, "mall") == 1
    store = malls.as_role(malls.role())
    assert rows(store, "operation") == rows(malls.owner, "operation")
    store.close()


def test_granting_again_takes_the_fence_away_or_moves_it(malls: TwoMalls) -> None:
    role = malls.role(mall=malls.ours.name)
    store = malls.as_role(role)
    malls.owner.write(lambda connection: grant_to(connection, role, mall=malls.theirs.name))
    assert rows(store, "mall", malls.ours.name) == 0
    malls.owner.write(lambda connection: grant_to(connection, role))
    assert rows(store, "mall") == rows(malls.owner, "mall")
    store.close()


def test_a_role_that_no_fence_holds_is_refused(malls: TwoMalls) -> None:
    def try_it(connection: Connection) -> None:
        (owner,) = connection.rows("SELECT current_user")[0]
        connection.run("CREATE ROLE deputy LOGIN")
        connection.run(f'GRANT "{owner}" TO deputy')
        connection.run("CREATE ROLE seer LOGIN BYPASSRLS")
        for role in (owner, "deputy", "seer"):
            with refused("database.passes_fences", role=role):
                grant_to(connection, role, mall=malls.ours.name)
        raise _TakeBack

    with pytest.raises(_TakeBack):
        malls.owner.write(try_it)


class _TakeBack(Exception):
    pass


def test_a_whole_day_within_the_fence(fresh_postgres: str) -> None:
    """Everything that desks do, imports among it; and the books are right afterwards, seen from within."""
    malls = TwoMalls(fresh_postgres)
    mall = malls.ours
    mall.store = malls.as_role(malls.role(many_malls=True), mall.name)
    mall.use("D1", mall.store)
    bring_history(mall)
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.do(redeem)
    mall.do(HandOut(member=member, redemption=redeem.id, lines=(0,)))
    mall.do(Reverse(reverses=redeem.id, reason="mistake", member=member, goods_back=True))
    counter = RandomCounter(mall, seed=11)
    for _ in range(100):
        counter.step()
    assert verify(mall.store, mall.name) == []
    assert verify(malls.owner, malls.theirs.name) == []
    mall.store.close()
    malls.owner.close()
