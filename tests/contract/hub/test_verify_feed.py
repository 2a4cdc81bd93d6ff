"""`verify` names what is wrong with a hub's feed."""

from __future__ import annotations

import psycopg
import pytest

from db.verify import verify
from tests.support.hub import HubMall

NEWEST = "n = (SELECT max(n) FROM feed WHERE mall_id = :mall)"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (f"UPDATE feed SET result = '{{}}' WHERE mall_id = :mall AND {NEWEST}", "verify.feed_hash"),
        (f"UPDATE feed SET op_hash = h WHERE mall_id = :mall AND {NEWEST}", "verify.feed_operation"),
        (f"UPDATE feed SET desk = 'D1' WHERE mall_id = :mall AND {NEWEST}", "verify.feed_operation"),
        (f"DELETE FROM feed WHERE mall_id = :mall AND {NEWEST}", "verify.feed_head"),
        ("DELETE FROM feed WHERE mall_id = :mall AND n = 3", "verify.feed_gap"),
        (f"DELETE FROM feed WHERE mall_id = :mall AND {NEWEST}", "verify.feed_missing"),
        ("DELETE FROM exception_task WHERE mall_id = :mall", "verify.row_missing"),
        ("UPDATE account SET posted = posted + 1 WHERE mall_id = :mall AND kind = 'member'", "verify.balance"),
    ],
)
def test_damage_of_a_hubs_store_is_named(mall: HubMall, fresh_postgres: str, damage: str, code: str) -> None:
    desk = mall.hub_desk()
    member = desk.member(100)
    assert desk.do(mall.redemption(member)).verdict == "exception", "there is no stock"
    mall.checked()
    with psycopg.connect(fresh_postgres.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # as the server's administrator could
        owner.execute(damage.replace(":mall", f"'{mall.name}'").encode())
    assert code in {finding.code for finding in verify(mall.store, mall.name)}
