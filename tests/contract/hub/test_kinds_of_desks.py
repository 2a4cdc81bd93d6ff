"""What a desk is for is chosen with its code: a counter, a kiosk where nobody stands, a till that only tells sales."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.desk_kind import DeskKind
from app.domain.offline_rules import OfflineRules
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.settle_task import SettleTask
from app.operations.suspend_desk import SuspendDesk
from app.sync.envelope import DeskKey
from app.sync.protocol import DeskState, Enrol, Licence, TillSale
from tests.support.following_desks import FollowingDesk
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall
from tests.support.mall import SUPERVISOR, refused

REVIEW = "conflict.pending_review"
FLOOR = {"right": "floor", "feed": 0}


def a_sale(mall: HubMall, **changed: Any) -> TillSale:
    plain: dict[str, Any] = {"transaction": "T-1", "shop": "S1", "slip_number": "T-1", "amount_fen": 10_000}
    return TillSale(**{**plain, "sold_ms": mall.clock.wall_ms() - 60_000, **changed})


def licence(mall: HubMall, desk: DeskOfHub) -> Licence:
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert reply.licence is not None
    return reply.licence.checked(desk.enrolled.hub_key)


# -- tills


def test_a_till_tells_sales_and_a_desk_does_not(mall: HubMall) -> None:
    desk, till = mall.hub_desk(), mall.till()
    member = desk.member()
    assert [taken.points for taken in till.tell(a_sale(mall, member=member))] == [100]
    for other in (desk, mall.hub_desk(kind=DeskKind.KIOSK)):
        with refused("hub.not_a_till"):
            other.tell(a_sale(mall, member=member, transaction="T-2", slip_number="T-2"))
    assert mall.usable(member) == 100
    mall.checked()


def test_a_tills_code_that_is_typed_at_a_service_desk_still_serves_the_till(mall: HubMall) -> None:
    code = mall.code("T01", 41, DeskKind.TILL)
    with refused("hub.till_only_sells"):
        mall.hub.enrol(Enrol(code, DeskKey(os.urandom(32)).public, "1.0", is_desk=True))
    assert mall.hub.enrol(Enrol(code, DeskKey(os.urandom(32)).public, "1.0")).licence is None
    with refused("hub.code_used"):
        mall.hub.enrol(Enrol(code, DeskKey(os.urandom(32)).public, "1.0"))


@pytest.mark.parametrize("ended", [SuspendDesk, ReportDeskLost])
def test_a_till_that_is_stopped_tells_nothing(mall: HubMall, ended: Callable[..., Any]) -> None:
    till = mall.till()
    member = mall.hub_desk().member()
    mall.by_two(ended(desk=till.desk))
    with refused("hub.revoked"):
        till.tell(a_sale(mall, member=member))
    assert mall.usable(member) == 0


def test_a_till_has_no_licence_and_none_of_its_operations_counts(mall: HubMall) -> None:
    desk, till = mall.hub_desk(), mall.till()
    assert till.enrolled.licence is None
    assert licence(mall, desk).desks == 1
    enrol = desk.enrolment("王芳")
    sent = till.push(till.make(enrol), till.make(mall.slip(desk.member(), 10_000), approved_by=SUPERVISOR))
    assert [(each.verdict, each.code) for each in sent.results] == [("quarantined", "hub.till_only_sells")] * 2
    mall.checked()


def test_a_counter_that_becomes_a_till_is_none_of_the_licensed(mall: HubMall) -> None:
    desk, other = mall.hub_desk("K1"), mall.hub_desk("K2")
    licence(mall, other)
    assert licence(mall, desk).desks == 2
    mall.hub.enrol(Enrol(mall.code("K2", 12, DeskKind.TILL), other.key.public, "1.0"))
    assert licence(mall, desk).desks == 1


def test_what_a_till_tells_beyond_a_days_figure_is_held_until_a_supervisor_has_looked(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=1_000)))
    desk, till, other = mall.hub_desk(), mall.till(), mall.till("T02")
    member = desk.member()

    def sells(till: DeskOfHub, name: str, points: int) -> str | None:
        (taken,) = till.tell(a_sale(mall, member=member, transaction=name, slip_number=name, amount_fen=points * 100))
        return taken.verdict

    assert [sells(till, "1", 1_000), sells(other, "2", 600)] == ["ok", "ok"], "each has its own figure"
    assert (mall.usable(member), mall.tasks()) == (1_600, [])
    assert sells(till, "3", 500) == "ok"
    assert (mall.points(member).posted, mall.usable(member), mall.tasks()) == (2_100, 1_600, [REVIEW])
    held = next(row.operation for row in mall.rows() if row.result["code"] == REVIEW)
    desk.sign_in("2002")
    assert desk.do(SettleTask(settles=held, code=REVIEW, outcome="confirmed"), by="2002").verdict == "ok"
    assert (mall.usable(member), mall.tasks()) == (2_100, [])
    assert sells(till, "4", 600) == "ok"
    assert mall.hub.known_desk(till.desk).state is DeskState.SUSPENDED, "twice as much: somebody may have its key"
    with refused("hub.revoked"):
        sells(till, "5", 1)
    mall.checked()


def test_every_desk_shows_what_waits_of_a_till(mall: HubMall, tmp_path: Path) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=50)))
    member = mall.hub_desk().member()
    before = FollowingDesk(mall, "Z1", 31, tmp_path)
    mall.till().tell(a_sale(mall, member=member))
    before.sync()
    after = FollowingDesk(mall, "Z2", 32, tmp_path)
    for desk in (before, after):
        (task,) = desk.link.tasks()
        assert (task.code, task.facts["till"], desk.link.status().open_tasks) == (REVIEW, "T01", 1)
        desk.desk.close()


def test_a_refund_of_what_waits_for_a_review_takes_it_back(mall: HubMall) -> None:
    mall.by_two(SetOfflineRules(rules=OfflineRules(credit_per_day=50)))
    till, member = mall.till(), mall.hub_desk().member()
    till.tell(a_sale(mall, member=member), a_sale(mall, member=member, transaction="T-2", refund_of="T-1"))
    points = mall.points(member)
    assert (points.posted, points.held, points.owed) == (0, 0, 0)
    mall.checked()


# -- kiosks


def test_a_kiosk_has_a_licence_of_its_own_kind_and_is_one_of_the_licensed(mall: HubMall) -> None:
    counter, kiosk = mall.hub_desk(), mall.hub_desk(kind=DeskKind.KIOSK)
    licence(mall, counter)
    given = licence(mall, kiosk)
    assert (given.kiosk, given.per_redemption, given.per_member, given.desks) == (True, 200, 2_000, 2)
    plain = licence(mall, counter)
    assert (plain.kiosk, plain.per_redemption) == (False, 1_000)
    mall.by_two(SetOfflineRules(rules=OfflineRules(per_redemption=100, kiosk_per_redemption=300)))
    assert licence(mall, kiosk).per_redemption == 100, "never more than at a counter"


def redeemed(mall: HubMall, desk: DeskOfHub, **how: Any) -> str | None:
    desk.do(ReceiveStock(lines=(StockLine("CUP", 5),)))
    return desk.do(mall.redemption(desk.member(500)), basis=FLOOR, **how).code


def test_the_hub_wants_no_approval_of_a_kiosk_that_was_cut_off_but_the_member(mall: HubMall) -> None:
    kiosk = mall.hub_desk(kind=DeskKind.KIOSK)
    assert redeemed(mall, kiosk, approved_by=None, member_proof="pin") is None
    assert redeemed(mall, kiosk, approved_by=None) == "conflict.no_member_proof"
    mall.checked()


def test_what_a_counter_did_is_judged_as_a_counters_when_it_has_become_a_kiosk(mall: HubMall) -> None:
    desk = mall.hub_desk("K1")
    assert redeemed(mall, desk, approved_by=None, member_proof="pin") == "conflict.approver_invalid"
    again = DeskOfHub(mall, "K1", 11, DeskKind.KIOSK)
    again.sign_in()
    assert redeemed(mall, again, approved_by=None, member_proof="pin") is None
    mall.checked()


def test_whoever_keeps_desks_sees_what_each_is_for(mall: HubMall) -> None:
    mall.hub_desk(), mall.hub_desk(kind=DeskKind.KIOSK), mall.till()
    stand = mall.hub_store.desks(ADMINISTRATOR, mall.clock.now)
    assert [row.kind for row in stand.rows] == ["counter", "kiosk", "till"]
