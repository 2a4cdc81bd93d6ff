"""A headless desk on a real store, driven as another program would drive it."""

from __future__ import annotations

import io
import json
from typing import Any

from argon2 import PasswordHasher

from app.authority import LocalAuthority
from app.domain.card import card_number
from app.domain.staff import Role
from app.headless import run
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.set_up import AddCardBatch, AddGift, AddShop, AddStaff, OpenMall
from app.pins import Argon2Pins
from app.sync.envelope import DeskKey
from db.founding import Root, found
from db.queries.counter import SqlQueries
from db.store import Store
from db.work import SqlOperationStore

MALL, DESK, PREFIX = "M01", "D1", "9900"
CARD_KEY = b"k" * 32  # fixed, so that the cards of the documented examples are always the same
CLERK, SUPERVISOR, ADMINISTRATOR = ("1001", "135790"), ("2001", "246801"), ("9001", "864209")
CARDS = tuple(card_number(serial, PREFIX, CARD_KEY) for serial in range(1, 6))
NOON_MS = 1_793_851_200_000  # 2026-11-05 12:00 in Shanghai


class ClockThatTicks:
    """One second passes whenever somebody sends a line; nothing depends on how fast a test runs."""

    def __init__(self) -> None:
        self.now_ms = NOON_MS

    def wall_ms(self) -> int:
        return self.now_ms

    def since_boot_ms(self) -> int:
        return self.now_ms - NOON_MS + 60_000

    def boot(self) -> str:
        return "test"


class Counter:
    """The mall of the examples: two gifts, one shop, a clerk, a supervisor, an administrator and five blank cards."""

    def __init__(self, url: str) -> None:
        self.store = Store.open(url, bytes(32), create=True)
        self.clock = ClockThatTicks()
        self.crashes: list[BaseException] = []
        self.slips = 0
        key = DeskKey(b"d" * 32)
        root = Root(DESK, 1, "1 号服务台", key.public)
        self.store.write(lambda connection: found(connection, MALL, PREFIX, "Asia/Shanghai", CARD_KEY, root))
        self.authority = LocalAuthority(
            SqlOperationStore(self.store, MALL, DESK),
            mall=MALL,
            desk=DESK,
            key=key,
            clock=self.clock,
            hasher=Argon2Pins(PasswordHasher(1, 8, 1)),
        )
        self.queries = SqlQueries(self.store, MALL, DESK, self.clock)
        verifier = self.authority.pin_verifier
        self.authority.submit_as_system(
            OpenMall(name="星河汇", zone="Asia/Shanghai", card_prefix=PREFIX),
            AddStaff(staff=CLERK[0], name="张丽", role=Role.CLERK, pin_verifier=verifier(CLERK[1])),
            AddStaff(staff=SUPERVISOR[0], name="李静", role=Role.SUPERVISOR, pin_verifier=verifier(SUPERVISOR[1])),
            AddStaff(
                staff=ADMINISTRATOR[0],
                name="王强",
                role=Role.ADMINISTRATOR,
                pin_verifier=verifier(ADMINISTRATOR[1]),
            ),
            AddShop(shop="S001", name="逐风运动", category="运动户外"),
            AddGift(gift="G-CUP", name="保温杯", points=800, value_fen=4_900),
            AddGift(gift="G-DRYER", name="电吹风", points=6_000, value_fen=29_900),
            ReceiveStock(lines=(StockLine("G-CUP", 3), StockLine("G-DRYER", 1))),
            AddCardBatch(first_serial=1, count=5),
        )

    def send(self, data: bytes) -> list[dict[str, Any]]:
        """What comes back for these bytes, one answer for each line."""
        self.clock.now_ms += 1_000
        stdout = io.BytesIO()
        code = run(
            self.authority, self.queries, io.BytesIO(data), stdout, wrote=self._slip_may_wait, crashed=self._crashed
        )
        assert code == 0
        return [json.loads(line) for line in stdout.getvalue().splitlines()]

    def ask(self, **request: Any) -> dict[str, Any]:
        (answer,) = self.send(json.dumps(request, ensure_ascii=False).encode() + b"\n")
        return answer

    def operations(self) -> int:
        return self.queries.desk_status().operations

    def everything(self) -> dict[str, list[str]]:
        """All rows that a request could change."""
        tables = "operation journal lot account stock card member person session staff redemption print_job".split()
        return self.store.read(
            lambda connection: {
                name: sorted(repr(row) for row in connection.rows(f"SELECT * FROM {name}")) for name in tables
            }
        )

    def close(self) -> None:
        self.store.close()

    def _slip_may_wait(self) -> None:
        self.slips += 1

    def _crashed(self, problem: BaseException) -> str:
        self.crashes.append(problem)
        return "c0ffee00"
