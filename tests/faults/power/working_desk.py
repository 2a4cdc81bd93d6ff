"""A real desk, without a window, at work while its writes are written down."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.composition.desk import STORE_KEY, roots, set_up
from app.domain.card import card_number
from app.domain.ids import new_id
from app.domain.staff import Role
from app.keys import keys_for
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.set_up import AddGift, AddShop, AddStaff
from app.ports.first_start import FirstStartAnswers
from app.settings import Home
from tests.faults.power.images import Journal
from tests.support.mall import CHEAP_PINS

ROOT = Path(__file__).resolve().parents[3]
CLERK, PIN = "1001", "135790"
FIRST_SERIAL = 10**9  # before the cards that a first start of desk number 1 makes

_DESK = (
    "import sys; sys.argv = ['memberdesk', 'desk', '--headless', '--home', {home!r}]; from app.__main__ import main; "
)
AS_IT_IS = _DESK + "main()"
# The control: the same desk, if somebody saved on syncs.
SYNCING_LESS = _DESK + (
    "import db.engines as engines; connect = engines._connect_sqlite; "
    "engines._connect_sqlite = lambda *file, **how: [raw := connect(*file, **how), "
    "raw.execute('PRAGMA synchronous = NORMAL')][0]; main()"
)


@dataclass(frozen=True)
class Day:
    """What is left of a day's work."""

    home: Home
    key: bytes
    mall: str
    journal: Journal


def work(folder: Path, shim: Path, desk: str, *, seed: int, requests: int) -> Day:
    """Serve some members at a desk in `folder`, under the eyes of `shim`; `desk` is AS_IT_IS or SYNCING_LESS."""
    home = Home(folder)
    opened = set_up(home, _answers(), keys_kind="file", pins=CHEAP_PINS)
    opened.authority.submit_as_system(
        AddStaff(staff=CLERK, name="张丽", role=Role.CLERK, pin_verifier=CHEAP_PINS.hash(PIN)),
        AddShop(shop="S1", name="优衣"),
        AddGift(gift="CUP", name="保温杯", points=100, value_fen=2_000),
        ReceiveStock(lines=(StockLine("CUP", 100_000),)),
    )
    known = roots(opened)
    opened.close()
    key = keys_for(home.folder, "file").get(STORE_KEY)
    assert key is not None
    before = {"": home.store_file.read_bytes()}
    assert not home.store_file.with_name("store.db-wal").exists()
    log = folder / "journal"
    watched = {"LD_PRELOAD": str(shim), "POWER_STORE": str(home.store_file.resolve()), "POWER_JOURNAL": str(log)}
    said = subprocess.run(
        [sys.executable, "-c", desk.format(home=str(folder))],
        cwd=ROOT,
        env={**os.environ, **watched},
        input=b"".join(_requests(known.card_prefix, known.card_key, random.Random(seed), requests)),
        stdout=subprocess.PIPE,
        check=True,
    )
    refused = [line for line in said.stdout.splitlines() if json.loads(line)["result"] != "ok"]
    assert not refused, refused[:3]
    return Day(home, key, known.mall, Journal.read(before, log))


def _answers() -> FirstStartAnswers:
    return FirstStartAnswers(
        mall_name="测试广场",
        desk_name="一号台",
        desk_number=1,
        administrator_staff="9001",
        administrator_name="孙管理",
        administrator_pin="468024",
    )


def _requests(prefix: str, card_key: bytes, chance: random.Random, count: int) -> list[bytes]:
    session = new_id()
    lines = [_line(session, None, "sign_in", {"staff": CLERK, "pin": PIN})]
    sold_at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    members: list[UUID] = []
    redeemed: list[tuple[UUID, UUID]] = []
    for number in range(count):
        kind = chance.choice(("enrol", "credit", "redeem", "reverse", "receive")) if members else "enrol"
        member = chance.choice(members) if members else new_id()
        if kind == "enrol":
            member = new_id()
            members.append(member)
            person = {"name": "李𬭚", "phone": str(13_800_000_000 + number)}
            enrol = {"person": person, "confirmed_adult": True, "consents": [{"purpose": "service"}]}
            card = {"number": card_number(FIRST_SERIAL + len(members), prefix, card_key)}
            lines.append(_lines(session, ("enrol_member", enrol), ("issue_card", card), member=member))
            lines.append(_credit(session, member, number, 200_000, sold_at))
        elif kind == "credit":
            lines.append(_credit(session, member, number, chance.randrange(10_000, 90_000), sold_at))
        elif kind == "redeem":
            lines.append(_credit(session, member, number, 10_000, sold_at))  # enough, whatever went before
            redemption = new_id()
            body = {"lines": [{"gift": "CUP", "quantity": 1, "points_each": 100}], "member": str(member)}
            lines.append(_line(redemption, session, "redeem", body))
            redeemed.append((redemption, member))
        elif kind == "reverse" and redeemed:
            undone, whose = redeemed.pop()
            body = {"reverses": str(undone), "reason": "mistake", "member": str(whose)}
            lines.append(_line(new_id(), session, "reverse", body))
        else:
            body = {"lines": [{"gift": "CUP", "quantity": 3}]}
            lines.append(_line(new_id(), session, "receive_stock", body))
    return lines


def _credit(session: UUID, member: UUID, number: int, fen: int, sold_at: str) -> bytes:
    body = {"member": str(member), "shop": "S1", "slip_number": f"A{number}", "sold_at": sold_at, "amount_fen": fen}
    return _line(new_id(), session, "credit_sale", body)


def _line(request: UUID, session: UUID | None, verb: str, body: dict[str, Any]) -> bytes:
    who = {"session": str(session)} if session else {}
    return _encoded({"id": str(request), **who, "op": verb, "body": body})


def _lines(session: UUID, *operations: tuple[str, dict[str, Any]], member: UUID) -> bytes:
    ops = [{"id": str(new_id()), "op": verb, "body": {"member": str(member), **body}} for verb, body in operations]
    return _encoded({"id": str(new_id()), "session": str(session), "ops": ops})


def _encoded(request: dict[str, Any]) -> bytes:
    return json.dumps(request, ensure_ascii=False).encode() + b"\n"
