"""Stores on both engines (see `tests.support.stores`); here they begin with nothing in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.stores import mall, own_store, postgres_store, sqlite_store, store

__all__ = ["mall", "own_store", "own_url", "postgres_store", "sqlite_store", "store"]


@pytest.fixture(autouse=True)
def _migrated_once() -> None:
    """Here stores are migrated every time."""


@pytest.fixture(params=["sqlite", "postgresql"])
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that no other test sees, not made yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'own.db'}"
    url: str = request.getfixturevalue("empty_postgres")
    return url
