"""A hub of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.hub import HubMall, a_hub


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres) as made:
        yield made
