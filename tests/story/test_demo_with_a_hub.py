"""The demo as a desk of a hub: a process of its own, a line that is cut with a switch, and the tour of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import psutil
import pytest
from argon2 import PasswordHasher

from app.composition import demo_hub
from app.composition.demo_hub import demo_with_hub
from app.composition.postgres_wheel import NoServer, Server
from app.composition.tour_cut_off import play_cut_off
from app.demo import mall
from app.domain.errors import Refused, Unavailable
from db.store import Store
from db.verify import verify
from tests.support.mall import Mall

demo = partial(demo_with_hub, members=40, seed=1, today=date(2026, 11, 22))


@pytest.fixture(autouse=True)
def cheap_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("app.pins.PasswordHasher", cheap)


@pytest.mark.long
def test_a_network_that_is_cut_with_the_switch_stops_nobody_and_afterwards_all_of_it_counts(
    fresh_postgres: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with demo(database=fresh_postgres) as made:
        assert play_cut_off(made, out, pictures=False) == 0
    story = json.loads((out / "tour.json").read_text(encoding="utf-8"))
    assert [step["name"] for step in story["steps"] if not step["ok"]] == []
    assert len(list(out.glob("*.escpos"))) == 2
    store = Store.open(fresh_postgres, None, mall=mall.MALL_ID)
    try:
        redeemed = store.read(
            lambda connection: connection.rows(
                "SELECT desk FROM operation WHERE mall_id = :mall AND verb = 'redeem' ORDER BY at", mall=mall.MALL_ID
            )
        )
        assert sorted(desk for (desk,) in redeemed) == ["D1", "D1", "D2"]
        assert verify(store, mall.MALL_ID) == []
    finally:
        store.close()
    assert not made.home.folder.parent.exists()
    assert not [each for each in psutil.Process().children() if str(made.hub.port) in " ".join(each.cmdline())]


def test_a_database_with_another_mall_is_left_alone(fresh_postgres: str) -> None:
    store = Store.open(fresh_postgres, None)
    Mall(store)
    store.close()
    with pytest.raises(Refused, match=r"demo\.other_mall"), demo(database=fresh_postgres):
        pass


def test_without_any_postgres_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def none_here() -> Iterator[Server]:
        raise NoServer("there is none")
        yield

    monkeypatch.setattr(demo_hub, "running_server", none_here)
    with pytest.raises(Unavailable, match=r"demo\.no_postgres"), demo():
        pass
