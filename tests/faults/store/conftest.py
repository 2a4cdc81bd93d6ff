"""Stores on both engines (see `tests.support.stores`), and servers that follow one another."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.stores import mall, own_store, own_url, postgres_store, sqlite_store, store

if TYPE_CHECKING:
    from tests.support.cluster import Cluster

__all__ = ["mall", "own_store", "own_url", "postgres_store", "sqlite_store", "store"]


@pytest.fixture
def cluster(postgres_url: str) -> Iterator[Cluster]:
    """`postgres_url`: it has prepared the wheel."""
    from tests.support.cluster import Cluster  # not on every system

    made = Cluster(Path(tempfile.mkdtemp(prefix="md-ha-")))
    try:
        made.start()
        yield made
    finally:
        made.stop()
