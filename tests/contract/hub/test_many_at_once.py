"""Eight desks at once, some of whose transactions are rolled back: the feed loses nothing and nobody waits for ever."""

from __future__ import annotations

import contextlib
import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from app.operations.receive_stock import ReceiveStock, StockLine
from app.sync.hub import HubTransaction
from app.sync.protocol import FeedPlace, SentOperation
from tests.support.hub import DeskOfHub, a_hub
from tests.support.mall import SUPERVISOR


class PowerCut(Exception):
    pass


def test_eight_writers_with_rollbacks_lose_no_row_of_the_feed(fresh_postgres: str) -> None:
    with a_hub(fresh_postgres, connections=9) as mall:
        desks = [mall.hub_desk() for _ in range(8)]
        shared = desks[0].member(300)
        for desk in desks:
            desk.do(ReceiveStock(lines=(StockLine("CUP", 1_000),)))
        seen: list[int] = []
        done: set[UUID] = set()

        def work(desk: DeskOfHub) -> None:
            chance = random.Random(desk.desk)
            for _ in range(12):
                kind = chance.random()
                operation = mall.redemption(shared) if kind < 0.4 else mall.slip(shared, 1_000)
                sent = desk.make(operation, approved_by=SUPERVISOR)
                if chance.random() < 0.3:
                    cut_off(desk, sent)
                for _ in range(1 + (chance.random() < 0.3)):  # the reply is lost, and it is sent again
                    (pushed,) = desk.push(sent).results
                    assert pushed.n is not None, pushed
                done.add(operation.id)

        def cut_off(desk: DeskOfHub, sent: SentOperation) -> None:
            from app.hub.admission import Desk, Read

            def half(transaction: HubTransaction) -> None:
                Desk(mall.name, desk.desk).admit(transaction, Read.of(sent))
                transaction.finish()
                raise PowerCut

            with contextlib.suppress(PowerCut):
                mall.hub_store.transact(desk.desk, half)

        def read() -> None:
            """As a desk does: only the very next row, as soon as it is there."""
            place = FeedPlace(mall.hub_store.head().epoch, 0, bytes(32))
            while not all(future.done() for future in futures) or place.n < mall.hub_store.head().n:
                for row in mall.hub.pull(place.epoch, place.n, 500).rows:
                    assert row.follows(place)
                    place = FeedPlace(place.epoch, row.n, row.h)
                    seen.append(row.n)

        with ThreadPoolExecutor(9) as pool:
            futures = [pool.submit(work, desk) for desk in desks]
            reading = pool.submit(read)
            for future in futures:
                future.result()
            reading.result()
        rows = mall.rows()
        assert seen == [row.n for row in rows] == list(range(1, len(rows) + 1))
        assert done <= {row.operation for row in rows}
        assert len({row.operation for row in rows}) == len(rows)
        account = mall.points(shared)
        assert account.posted == sum(account.lots) - account.owed
        mall.checked()
