"""The same counter on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.headless.counter import Counter


@pytest.fixture(params=["sqlite", "postgresql"])
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    url = f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    made = Counter(url)
    yield made
    made.close()


@pytest.fixture
def sqlite_counter(tmp_path: Path) -> Iterator[Counter]:
    """Where the engine does not matter: what is refused before it comes near the store."""
    made = Counter(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.close()
