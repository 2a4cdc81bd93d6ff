"""A kiosk whose line is cut: nobody stands there who could agree, the member does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.desk_kind import DeskKind
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.ports.authority import ApprovalGiven, Submission
from tests.support.following_desks import FollowingDesk
from tests.support.hub import HubMall
from tests.support.mall import CHEAP_PINS, PINS, SUPERVISOR, refused

PIN = "135790"


@pytest.fixture
def kiosk(mall: HubMall, tmp_path: Path) -> Iterator[FollowingDesk]:
    made = FollowingDesk(mall, "Z1", 11, tmp_path, DeskKind.KIOSK)
    made.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
    made.sync()
    yield made
    made.desk.close()


def a_member_with_pin(mall: HubMall, points: int) -> UUID:
    enrol = replace(mall.enrolment("李静"), pin_verifier=CHEAP_PINS.hash(PIN))
    mall.hub.authority.submit_as_system(enrol, mall.slip(enrol.member, points * 100))
    return enrol.member


def cups(member: UUID, quantity: int) -> Redeem:
    return Redeem(member=member, lines=(RedemptionLine("CUP", quantity, 100),))


def test_it_redeems_a_little_with_the_members_pin_and_the_hub_finds_nothing_wrong(
    mall: HubMall, kiosk: FollowingDesk
) -> None:
    member = a_member_with_pin(mall, 1_000)
    kiosk.sync()
    kiosk.desk.queries.member_page(member)
    kiosk.cut()
    authority = kiosk.desk.authority
    wants = authority.requirements(Submission((cups(member, 2),), kiosk.session))
    assert (wants.approval, wants.member_pin) == (None, True)
    with refused("offline.kiosk_needs_member"):
        authority.submit(Submission((cups(member, 2),), kiosk.session))
    with refused("offline.kiosk_needs_member"):  # a supervisor who comes by does not stand in for the member
        authority.submit(Submission((cups(member, 2),), kiosk.session, ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])))
    with refused("offline.over_operation"):
        authority.submit(Submission((cups(member, 3),), kiosk.session, member_pin=PIN))
    authority.submit(Submission((cups(member, 2),), kiosk.session, member_pin=PIN))
    kiosk.mend()
    assert (mall.usable(member), kiosk.usable(member), mall.tasks()) == (800, 800, [])
    mall.checked()


def test_in_contact_the_hub_decides_as_at_any_desk(mall: HubMall, kiosk: FollowingDesk) -> None:
    member = a_member_with_pin(mall, 1_000)
    kiosk.sync()
    kiosk.desk.queries.member_page(member)
    kiosk.desk.authority.submit(Submission((cups(member, 3),), kiosk.session))
    kiosk.sync()
    assert mall.usable(member) == 700
    mall.checked()
