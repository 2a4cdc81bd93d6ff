"""A hub works under a role of its own, in one mall; and nothing is written beside the feed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from app.domain.errors import Unavailable
from app.hub.service import Hub
from app.operations.receive_stock import ReceiveStock, StockLine
from app.sync.protocol import Void
from db.hub.store import SqlHubStore
from db.roles import grant_to
from db.store import Store
from tests.support.hub import PROGRAM, HubMall, a_hub
from tests.support.mall import CHEAP_PINS


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    """Founded by the owner of the tables, who let a role in that sees this mall and no other."""
    with a_hub(fresh_postgres) as made:
        role = f"hub_{uuid4().hex[:8]}"
        made.store.write(lambda connection: connection.run(f"CREATE ROLE {role} LOGIN"))
        made.store.write(lambda connection: grant_to(connection, role, hub=True))
        url = make_url(fresh_postgres).set(username=role).render_as_string(hide_password=False)
        own = Store.open(url, None, mall=made.name)
        made.hub_store = SqlHubStore([own], made.name, made.clock)
        made.hub = Hub(made.hub_store, made.name, made.clock, CHEAP_PINS, PROGRAM)
        made.restricted = own
        yield made
        own.close()


def test_a_hub_does_its_work_under_its_own_role(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member(500)
    desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
    redeem = mall.redemption(member)
    assert mall.hub.request(desk.desk, desk.ask(redeem)).verdict == "granted"
    mall.hub.void(desk.desk, Void(redeem.id))
    assert desk.do(redeem).verdict == "ok"
    assert mall.hub.nonce_is_new(desk.desk, "n" * 16)
    mall.hub.forget_nonces()
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert list(mall.hub.snapshot(desk.desk))
    mall.checked()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET amount = 0",
        "DELETE FROM feed",
        "UPDATE feed SET result = ''",
        "TRUNCATE operation",
        "UPDATE desk SET public_key = ''",
        "DELETE FROM exception_task",
    ],
)
def test_it_can_change_no_history(mall: HubMall, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        mall.restricted.write(lambda connection: connection.run(statement))


def test_it_sees_the_mall_that_it_was_started_for_and_no_other(mall: HubMall, fresh_postgres: str) -> None:
    """Nothing but `--hub` was said when its rights were given."""
    other = HubMall(mall.store)
    ((role,),) = mall.restricted.read(lambda connection: connection.rows("SELECT current_user"))
    url = make_url(fresh_postgres).set(username=role).render_as_string(hide_password=False)
    for wanted, sees in ((mall.name, [(mall.name,)]), (other.name, [(other.name,)]), ("M99", []), ("", [])):
        store = Store.open(url, None, mall=wanted)
        assert store.read(lambda connection: connection.rows("SELECT mall_id FROM mall")) == sees
        assert store.read(lambda connection: connection.rows("SELECT DISTINCT mall_id FROM operation")) == sees
        store.close()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        mall.restricted.write(
            lambda connection: connection.run("INSERT INTO secret (mall_id, name, value) VALUES ('M99', 'x', '')")
        )


def test_nothing_is_written_beside_the_feed(mall: HubMall) -> None:
    """The desk that founded the mall on the hub's own store has to enrol, like every other."""
    with pytest.raises(Unavailable, match=r"store\.has_hub"):
        mall.as_system(ReceiveStock(lines=(StockLine("CUP", 1),)))
    mall.checked()
