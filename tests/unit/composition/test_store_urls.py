"""What of a store's URL may be written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from app.domain.errors import Unavailable
from app.settings import home_of_store
from db.engines import engine_kind, with_password, without_password

URL = "postgresql+psycopg://desk:geheim@db.example:5433/mall?sslmode=require"


def test_the_password_is_taken_out_of_the_url_and_can_be_put_back() -> None:
    plain, password = without_password(URL)
    assert "geheim" not in plain
    assert password == "geheim"
    assert with_password(plain, password) == URL


def test_a_password_among_the_options_is_taken_out_too() -> None:
    plain, password = without_password("postgresql+psycopg://desk@db.example/mall?password=geheim")
    assert ("geheim" in plain, password) == (False, "geheim")


@pytest.mark.parametrize("url", ["sqlite:////srv/desk/store.db", "postgresql+psycopg://desk@db.example/mall"])
def test_a_url_without_a_password_stays_as_it_is(url: str) -> None:
    assert without_password(url) == (url, None)


def test_desks_that_only_name_their_store_keep_apart() -> None:
    one, other = home_of_store(URL, "D1"), home_of_store(URL, "D2")
    assert one.folder != other.folder
    assert home_of_store(URL.replace("geheim", "anders"), "D1").folder == one.folder


def test_a_desk_on_a_file_lives_beside_it(tmp_path: Path) -> None:
    assert home_of_store(f"sqlite:///{tmp_path / 'store.db'}", "D1").folder == tmp_path.resolve()


CLUSTER = "postgresql://desk:geheim@pg1:5432,[fd00::2]:5433,pg3/mall?sslmode=require"


def test_the_servers_of_a_cluster_are_named_as_postgres_does() -> None:
    plain, password = without_password(CLUSTER)
    assert ("geheim" in plain, password) == (False, "geheim")
    again = make_url(with_password(plain, "geheim"))
    assert (again.username, again.password, again.host, again.database) == ("desk", "geheim", None, "mall")
    assert again.query == {"host": "pg1,fd00::2,pg3", "port": "5432,5433,5432", "sslmode": "require"}
    assert without_password(plain) == (plain, None)


@pytest.mark.parametrize("url", ["postgresql://u@a:1,:2/m", "postgresql://u@a:one,b/m", "postgresql://u@a,,b/m"])
def test_a_cluster_that_is_named_wrongly_is_told(url: str) -> None:
    with pytest.raises(Unavailable, match=r"store\.bad_url"):
        engine_kind(url)
