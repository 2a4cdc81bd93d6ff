"""The suite `core`: the counter's store, its window, and the way into the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.composition.bench import generating, redeeming, screens, searching
from app.composition.bench.figures import Figure, Say
from app.composition.bench.ground import store_of


def figures(members: int, keep: Path | None, say: Say) -> Iterator[Figure]:
    yield from generating.figures(members, say)
    yield from redeeming.on_postgres(members, say)
    with store_of(members, keep, say) as home:
        yield from searching.figures(home, members, say)
        yield from screens.figures(home, members, say)
        yield from redeeming.on_sqlite(home, members, say)
