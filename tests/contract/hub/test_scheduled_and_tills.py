"""What tills tell counts once; what is due is done once, however many processes of the hub there are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.composition.hub import reconciled
from app.domain.calendar import business_day
from app.hub.schedule import Duties
from app.sync.protocol import AskDesks, Lookup, Sales, SaleTaken, TillSale
from db.hub.schedule import SqlSchedule
from db.store import Store
from tests.support.hub import ADMINISTRATOR, HubMall
from tests.support.mall import ZONE, refused


def told(mall: HubMall, *sales: TillSale) -> list[SaleTaken]:
    till = mall.hub_store.desk("T01") or mall.hub.known_desk(mall.till().desk)
    return list(mall.hub.sales(till, Sales(sales)).results)


def a_sale(mall: HubMall, transaction: str = "T-1", **changed: Any) -> TillSale:
    plain: dict[str, Any] = {
        "transaction": transaction,
        "shop": "S1",
        "slip_number": transaction,
        "sold_ms": mall.clock.wall_ms() - 60_000,
        "amount_fen": 10_000,
    }
    return TillSale(**{**plain, **changed})


def test_a_transaction_counts_once_and_its_refund_too(mall: HubMall) -> None:
    member = mall.hub_desk().member()
    sale, back = a_sale(mall, member=member), a_sale(mall, "T-2", member=member, refund_of="T-1")
    (first,), (again,) = told(mall, sale), told(mall, sale)
    assert first == again
    assert (first.verdict, first.points, mall.usable(member)) == ("ok", 100, 100)
    (other,) = told(mall, a_sale(mall, member=member, amount_fen=20_000))
    assert (other.verdict, other.code) == ("refused", "request.id_reused")
    assert [told(mall, back)[0].points for _ in range(2)] == [-100, -100]
    assert mall.usable(member) == 0
    mall.checked()


def test_a_till_knows_people_by_card_or_telephone(mall: HubMall) -> None:
    desk = mall.hub_desk()
    enrol = desk.enrolment("王芳", "13800005678")
    desk.do(enrol)
    taken = told(mall, a_sale(mall, phone="138 0000 5678"), a_sale(mall, "T-2", card="9901000000000000"))
    assert [each.code for each in taken] == [None, "member.unknown"]
    assert mall.usable(enrol.member) == 100


def test_a_slip_that_a_clerk_credited_before_is_refused(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    slip = mall.slip(member, 10_000)
    desk.do(slip)
    sold_ms = round(slip.sold_at.timestamp() * 1000)
    (taken,) = told(mall, a_sale(mall, member=member, slip_number=slip.slip_number, sold_ms=sold_ms))
    assert (taken.verdict, taken.code) == ("refused", "sale.slip_used")
    assert mall.usable(member) == 100


def test_of_many_processes_one_does_it(mall: HubMall, fresh_postgres: str) -> None:
    member = mall.hub_desk().member(500)
    mall.clock.advance(timedelta(days=740))
    stores = [Store.open(fresh_postgres, None) for _ in range(4)]
    looked: list[int] = []

    def reconcile() -> int:
        looked.append(1)
        return 0

    duties = [Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, reconcile, _raise) for store in stores]
    together = [threading.Thread(target=each.look) for each in duties]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    for store in stores:
        store.close()
    assert len(looked) == 1
    assert [row.verb for row in mall.rows()].count("expire_points") == 1
    assert mall.points(member).posted == 0
    mall.checked()


def test_points_expire_after_three_days_of_grace_once(mall: HubMall, fresh_postgres: str) -> None:
    member = mall.hub_desk().member(500)
    store = Store.open(fresh_postgres, None)
    duties = Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, lambda: 0, _raise)
    for _ in range(15):  # no clock jumps further than two months
        mall.clock.advance(timedelta(days=50))
        duties.look()
    assert mall.points(member).posted == 0
    rows = [row for row in mall.rows() if row.verb == "expire_points"]
    assert sum(row.result["facts"]["points"] for row in rows) == 500
    assert {row.kind for row in rows} == {"system"}
    before = len(mall.rows())
    duties.look()
    assert len(mall.rows()) == before
    store.close()
    mall.checked()


def _raise(problem: Exception) -> None:
    raise problem


def test_a_job_that_fails_is_due_again(mall: HubMall, fresh_postgres: str) -> None:
    store = Store.open(fresh_postgres, None)
    schedule, day = SqlSchedule(store, mall.name), date(2026, 11, 22)
    with pytest.raises(ZeroDivisionError):
        schedule.once("job", day, lambda: mall.clock.now, lambda: {"never": 1 // 0})
    assert schedule.once("job", day, lambda: mall.clock.now, dict)
    assert not schedule.once("job", day, lambda: mall.clock.now, dict)
    store.close()


def test_a_duty_that_breaks_stops_no_other_and_is_called_late_until_it_is_done(
    mall: HubMall, fresh_postgres: str
) -> None:
    member = mall.hub_desk().member(500)
    mall.clock.advance(timedelta(days=740))
    told: list[Exception] = []
    answers: Iterator[Exception | int] = iter([ZeroDivisionError(), KeyError("x"), 0])

    def reconcile() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    store = Store.open(fresh_postgres, None)
    duties = mall.hub.duties = Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, reconcile, told.append)
    assert mall.hub.health().duties_ms is None
    duties.look()
    assert [type(problem) for problem in told] == [ZeroDivisionError]
    assert mall.points(member).posted == 0, "what comes after it, and before it, is done"
    assert (mall.hub.health().duties_ms, mall.hub.health().late) == (mall.clock.wall_ms(), ())
    mall.clock.advance(timedelta(minutes=16))
    assert {"expire", "reconcile"} <= set(mall.hub.health().late), "nobody has looked for so long"
    duties.look()
    assert mall.hub.health().late == ("reconcile",)
    assert mall.hub.desks(mall.hub.known_desk("K11"), AskDesks(ADMINISTRATOR, UUID(int=0))).late == ("reconcile",)
    duties.look()
    assert mall.hub.health().late == ()
    assert [type(problem) for problem in told] == [ZeroDivisionError, KeyError]
    store.close()


def test_the_thread_goes_on_after_a_duty_that_breaks_and_a_log_that_cannot_be_written(
    mall: HubMall, fresh_postgres: str
) -> None:
    again = threading.Event()
    calls: list[int] = []

    def reconcile() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        again.set()
        return 0

    def broken_log(problem: Exception) -> None:
        raise BrokenPipeError from problem

    store = Store.open(fresh_postgres, None)
    duties = Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, reconcile, broken_log, every_s=0.01)
    duties.start()
    assert again.wait(60)
    duties.stop()
    store.close()


def test_books_that_do_not_add_up_are_logged_and_told_to_who_keeps_desks(mall: HubMall, fresh_postgres: str) -> None:
    desk = mall.hub_desk()
    desk.member(500)

    def told() -> tuple[date | None, int]:
        stand = mall.hub_store.desks(ADMINISTRATOR, mall.clock.now)
        return stand.reconciled_on, stand.findings

    assert told() == (None, 0)
    store = Store.open(fresh_postgres, None)
    duties = Duties(mall.hub, SqlSchedule(store, mall.name), lambda: ZONE, lambda: reconciled(store, mall.name), _raise)
    with capture_logs() as logged:
        duties.look()
        today = business_day(mall.clock.now, ZONE)
        assert (told(), logged) == ((today, 0), [])
        store.write(lambda connection: connection.run("UPDATE account SET posted = posted + 1 WHERE posted = 500"))
        mall.clock.advance(timedelta(days=1))
        duties.look()
    assert told() == (today + timedelta(days=1), len(logged))
    assert {line["log_level"] for line in logged} == {"error"}
    assert any("account" in line["finding"] for line in logged)
    store.close()


def test_looking_up_shows_masked_rows_and_one_in_full(mall: HubMall) -> None:
    desk = mall.hub_desk()
    enrol = desk.enrolment("欧阳小明", "13800005678")
    desk.do(enrol)
    known = mall.hub.known_desk(desk.desk)
    assert desk.session is not None
    found = mall.hub.lookup(known, Lookup("1001", desk.session, name="欧阳"))
    assert [(row.name, row.phone) for row in found.rows] == [("欧阳*", "138****5678")]
    assert found.full is None
    one = mall.hub.lookup(known, Lookup("1001", desk.session, phone="13800005678"))
    assert one.full is not None
    assert (one.full.name, one.full.subject_key) == ("欧阳小明", desk.keys[enrol.member])
    recorded = [row for row in mall.rows() if row.verb == "record_lookup"]
    assert len(recorded) == 2
    mall.checked()
    with refused("member.unknown"):
        mall.hub.lookup(known, Lookup("1001", desk.session, phone="13800009999"))


def test_nobody_is_looked_up_in_the_name_of_somebody_who_may_not(mall: HubMall) -> None:
    desk = mall.hub_desk()
    desk.do(desk.enrolment("欧阳小明", "13800005678"))
    known = mall.hub.known_desk(desk.desk)
    assert desk.session is not None
    for actor, code in (("7777", "staff.unknown"), (ADMINISTRATOR, "staff.no_right")):
        with refused(code):
            mall.hub.lookup(known, Lookup(actor, desk.session, phone="13800005678"))


def test_a_refund_takes_back_what_a_clerk_credited_of_the_same_slip(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    slip = mall.slip(member, 10_000)
    desk.do(slip)
    sold_ms = round(slip.sold_at.timestamp() * 1000)
    told(mall, a_sale(mall, member=member, slip_number=slip.slip_number, sold_ms=sold_ms))
    (back,) = told(mall, a_sale(mall, "T-2", refund_of="T-1"))
    assert (back.verdict, back.points, mall.usable(member)) == ("ok", -100, 0)
    mall.checked()


def test_a_refund_that_overtakes_its_sale_waits_for_it(mall: HubMall) -> None:
    member = mall.hub_desk().member()
    sale, back = a_sale(mall, member=member), a_sale(mall, "T-2", member=member, refund_of="T-1")
    (early,) = told(mall, back)
    assert (early.verdict, early.points, early.code) == ("ok", 0, "sale.refund_waits")
    assert [told(mall, sale)[0].points for _ in range(2)] == [100, 100]
    assert (mall.usable(member), told(mall, back)) == (0, [early])
    mall.checked()


def test_a_part_refund_that_came_early_leaves_the_sale_to_a_clerk(mall: HubMall) -> None:
    member = mall.hub_desk().member()
    told(mall, a_sale(mall, "T-2", member=member, refund_of="T-1", amount_fen=4_000))
    (taken,) = told(mall, a_sale(mall, member=member))
    assert (taken.verdict, mall.usable(member)) == ("ok", 100)
