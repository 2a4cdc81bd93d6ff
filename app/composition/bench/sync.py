"""The suite `sync`: a hub in processes of its own on a real PostgreSQL, and desks that talk to it over HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from app.composition.bench import applying, asking, copying, cutting, pushing
from app.composition.bench.crowd import add_crowd
from app.composition.bench.figures import Figure, Say, not_measured
from app.composition.bench.hub_ground import found_mall, mall_of, running_hubs
from app.composition.postgres_wheel import NoServer, running_server
from app.composition.trial_hub import certificate_for_here

MEMBERS = 5_000  # of each mall but the one that is copied
SALES = 5  # of each of them
FOUNDED = 1_000  # of the mall that is copied; the others are a crowd


def figures(members: int, _keep: Path | None, say: Say) -> Iterator[Figure]:
    few = min(members, MEMBERS)
    try:
        with running_server() as server, TemporaryDirectory(prefix="memberdesk-bench-") as made:
            folder = Path(made)
            tls = certificate_for_here(folder)
            malls = server.new_database("malls")
            for number in range(1, applying.MALLS + 1):
                found_mall(malls, folder, mall_of(number), few, SALES, say)
            server.tidy(malls)
            yield from applying.figures(server, malls, tls, few, say)
            with running_hubs(malls, [mall_of(1)] * applying.HUBS, tls) as hubs:
                yield from pushing.figures(hubs[0], folder, few, say)
                yield from asking.figures(hubs, partial(server.tidy, malls), few, say)
                yield from cutting.figures(hubs[0], folder, few, say)
            large = server.new_database("large")
            founded = min(members // 2, FOUNDED)
            found_mall(large, folder / "large", mall_of(1), founded, 1, say)
            add_crowd(large, mall_of(1), founded, members - founded, say)
            server.tidy(large)
            yield from copying.figures(large, tls, folder, range(founded, members), say)
    except NoServer as missing:
        yield not_measured("hub and desks", str(missing), unit="1/s")
