"""A mall with a hub, and a desk of it with fifty cups, in one process; the network is cut on demand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.operations.receive_stock import ReceiveStock, StockLine
from tests.support.following_desks import FollowingDesk
from tests.support.hub import HubMall, a_hub


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres) as made:
        yield made


@pytest.fixture
def desk(mall: HubMall, tmp_path: Path) -> Iterator[FollowingDesk]:
    made = FollowingDesk(mall, "K1", 11, tmp_path)
    made.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
    made.sync()
    yield made
    made.desk.close()
