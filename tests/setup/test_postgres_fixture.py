"""The tests' own PostgreSQL: real, empty for each test, and closed to its neighbours."""

import sqlalchemy as sa


def _tables(url: str) -> list[str]:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("create table mine (id int)"))
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_a_fresh_database_is_a_real_postgresql(empty_postgres: str) -> None:
    engine = sa.create_engine(empty_postgres)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("show server_version_num")) >= "180000"
    engine.dispose()


def test_what_one_test_made_no_other_test_sees(empty_postgres: str) -> None:
    assert _tables(empty_postgres) == ["mine"]


def test_nor_does_this_one(empty_postgres: str) -> None:
    assert _tables(empty_postgres) == ["mine"]
