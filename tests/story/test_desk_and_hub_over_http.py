"""Desks as they are installed, their threads running, and a hub behind uvicorn that goes away and comes back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn

from app.composition.desk import Desk, open_desk
from app.composition.following import enrol_desk, forget, renew
from app.domain.card_code import PresentedCard
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.hub.http import make_app
from app.operations.credit_sale import CreditSale
from app.operations.issue_card import IssueCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.sign_in import SignIn
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import SystemClock
from app.settings import Home
from db.verify.copies import verify_copy
from tests.support.hub import ADMINISTRATOR, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR, refused

WITHIN_S = 30.0


class Served:
    """The hub's process, as far as a desk can tell."""

    def __init__(self, mall: HubMall) -> None:
        self.mall = mall
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        config = uvicorn.Config(
            make_app(self.mall.hub), host="127.0.0.1", port=self.port, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Counter:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        assert desk.link is not None
        self.link = desk.link
        self.link.start()
        until(lambda: self.link.status().mode is Mode.ONLINE)
        signed_in = SignIn(staff=CLERK)
        desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
        self.session = signed_in.id
        desk.authority.submit(Submission((ReceiveStock(lines=(StockLine("CUP", 50),)),), self.session))

    def redeem(self, member: UUID, cups: int) -> None:
        operation = Redeem(member=member, lines=(RedemptionLine("CUP", cups, 100),))
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        self.desk.authority.submit(Submission((operation,), self.session, approval))

    @property
    def place(self) -> int:
        """How far it has read the hub's feed."""
        known = self.link.following.feed()
        return known.n if known else 0

    def usable(self, member: UUID) -> int:
        return self.desk.queries.member_page(member).usable


@pytest.fixture
def served(fresh_postgres: str) -> Iterator[Served]:
    with a_hub(fresh_postgres, clock=SystemClock()) as mall:
        made = Served(mall)
        yield made
        made.stop()


def enrolled(served: Served, name: str, number: int, folder: Path) -> Desk:
    home = Home(folder / name)
    return enrol_desk(home, served.url, served.mall.code(name, number), keys_kind="file", pins=CHEAP_PINS)


def a_member(mall: HubMall, points: int) -> tuple[UUID, str]:
    enrol, number = mall.enrolment("李静"), mall.new_card()
    mall.hub.authority.submit_as_system(enrol, IssueCard(member=enrol.member, number=number))
    sold_at = datetime.now(UTC) - timedelta(hours=1)
    mall.hub.authority.submit_as_system(
        CreditSale(member=enrol.member, shop="S1", slip_number="A1", sold_at=sold_at, amount_fen=points * 100)
    )
    return enrol.member, number


def test_the_hub_goes_away_in_the_middle_and_the_desks_carry_on(served: Served, tmp_path: Path) -> None:
    one, other = (Counter(enrolled(served, name, at, tmp_path)) for name, at in (("K1", 11), ("K2", 12)))
    member, card = a_member(served.mall, 1_000)
    for counter in (one, other):
        assert counter.desk.queries.card_holder(PresentedCard(card)).member == member
        assert counter.desk.queries.member_page(member).surname == "李"
    one.redeem(member, 1)
    until(lambda: other.usable(member) == 900)
    until(lambda: one.place >= other.place)  # in between, what the hub set aside and the spending itself both count
    served.stop()
    until(lambda: one.link.status().mode is Mode.FRESH)
    one.redeem(member, 3)
    assert one.usable(member) == 600
    served.start()
    one.link.hurry()
    other.link.hurry()
    until(lambda: one.link.status().unsent == 0 and one.link.status().floor_used == 0)
    until(lambda: other.usable(member) == 600 == served.mall.account(member).posted)
    for counter in (one, other):
        began = time.monotonic()
        counter.desk.close()
        assert time.monotonic() - began < 10
    served.mall.checked()


def test_a_code_serves_once_and_a_desk_is_given_up_only_when_all_is_sent(served: Served, tmp_path: Path) -> None:
    code = served.mall.code("K1", 11)
    desk = enrol_desk(Home(tmp_path / "one"), served.url, code, keys_kind="file", pins=CHEAP_PINS)
    with pytest.raises(Refused) as used:
        enrol_desk(Home(tmp_path / "two"), served.url, code, keys_kind="file", pins=CHEAP_PINS)
    assert used.value.code == "hub.code_used"
    signed_in = SignIn(staff=CLERK)
    desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
    home = desk.home
    desk.close()
    with pytest.raises(Refused) as unsent:
        forget(home, ADMINISTRATOR, PINS[ADMINISTRATOR], pins=CHEAP_PINS)
    assert unsent.value.code == "hub.unsent"
    again = open_desk(home, pins=CHEAP_PINS)
    assert again.link is not None
    again.link.agent.once()
    again.close()
    with refused("staff.no_right"):
        forget(home, CLERK, PINS[CLERK], pins=CHEAP_PINS)
    assert home.is_set_up()
    forget(home, ADMINISTRATOR, PINS[ADMINISTRATOR], pins=CHEAP_PINS)
    assert not home.is_set_up()
    assert not home.store_file.exists()


def test_a_store_that_was_put_back_is_found_out_and_enrolled_anew(served: Served, tmp_path: Path) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    home = desk.home
    desk.close()
    old = home.store_file.read_bytes()
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    signed_in = SignIn(staff=CLERK)
    desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
    desk.link.agent.once()
    desk.close()
    for suffix in ("-wal", "-shm"):
        home.store_file.with_name(home.store_file.name + suffix).unlink(missing_ok=True)
    home.store_file.write_bytes(old)
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    desk.link.agent.once()
    assert desk.link.status().mode is Mode.REVOKED
    assert desk.link.status().trouble == "hub.re_enrol"
    desk.close()
    assert renew(home, served.mall.code("K1", 11)) == 0
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    again = SignIn(staff=CLERK)
    desk.authority.submit(Submission((again,), None, pin=PINS[CLERK]))
    desk.link.agent.once()
    assert desk.link.status().unsent == 0
    assert verify_copy(desk.store, desk.settings.mall, "K1") == []
    desk.close()
    served.mall.checked()


def test_what_an_older_store_still_had_to_send_is_not_lost_with_its_epoch(served: Served, tmp_path: Path) -> None:
    """Of three operations in it the hub has one already, and the others follow on it."""
    desk = enrolled(served, "K1", 11, tmp_path)
    home, link = desk.home, desk.link
    assert link is not None
    signed_in = SignIn(staff=CLERK)
    desk.authority.submit(Submission((signed_in,), None, pin=PINS[CLERK]))
    link.agent.once()
    for _ in range(2):
        desk.authority.submit(Submission((ReceiveStock(lines=(StockLine("CUP", 5),)),), signed_in.id))
    desk.store.write(lambda connection: connection.run("DELETE FROM operation_result"))  # as in a copy from before
    desk.close()
    assert renew(home, served.mall.code("K1", 11)) == 0
    desk = open_desk(home, pins=CHEAP_PINS)
    assert verify_copy(desk.store, desk.settings.mall, "K1") == []
    desk.close()
    assert served.mall.stock("CUP", "K1")[0] == 10
    served.mall.checked()


def test_an_address_where_no_hub_is_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "desk")
    with pytest.raises(Unavailable) as nobody:
        enrol_desk(home, "http://127.0.0.1:9", "AAAA-BBBB-CCCC", keys_kind="file")
    assert nobody.value.code == "enrol.unreachable"
    assert not home.is_set_up()
    assert not home.store_file.exists()
