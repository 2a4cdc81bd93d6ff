"""Ways round the rules that somebody at a counter, or at its keyboard, could find."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest

from app.domain.errors import Refused
from app.domain.ids import house_account, new_id
from app.domain.staff import Role
from app.operations.adjust_points import AdjustPoints
from app.operations.enrol_member import Consent
from app.operations.expire_points import ExpirePoints
from app.operations.hold_points import HoldPoints
from app.operations.reverse import Reverse
from app.operations.set_up import AddCardBatch, AddDesk, AddStaff
from db.queries.counter import SqlQueries
from db.repositories.cards import SqlCards
from db.store import Store
from db.verify import verify
from tests.support.mall import CHEAP_PINS, OTHER_SUPERVISOR, PINS, SUPERVISOR, Mall, Points, refused


@pytest.mark.parametrize("typed", ["AB12", "ＡＢ１２", "ab 12", " a b\u300012 "])
def test_one_slip_counts_once_however_its_number_is_typed(mall: Mall, typed: str) -> None:
    slip = replace(mall.slip(mall.member(), 1_000), slip_number="Ab12")
    mall.do(slip)
    with refused("sale.slip_used", slip_number="AB12"):
        mall.do(replace(slip, id=new_id(), slip_number=typed))


def test_nobody_is_enrolled_as_one_of_the_malls_own_accounts(mall: Mall) -> None:
    with refused("request.bad_value", field="member"):
        mall.do(replace(mall.enrolment("王小明"), member=house_account("redeemed", "D1")))


def test_agreeing_twice_to_one_purpose_is_refused(mall: Mall) -> None:
    with refused("request.bad_value", field="consents"):
        mall.do(replace(mall.enrolment("王小明"), consents=(Consent("service"), Consent("service", "2"))))


def test_a_clock_set_back_does_not_open_the_undo_window_again(mall: Mall) -> None:
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.do(redeem)
    mall.clock.advance(timedelta(days=5))
    mall.clock.jump(timedelta(days=-6))
    with refused("approval.required", why="approval.reversal"):
        mall.do(Reverse(reverses=redeem.id, reason="mistake", member=member))


def test_one_person_with_two_numbers_does_not_approve_themselves(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = mall.member()
    for staff in ("2101", "2102"):
        monkeypatch.setitem(PINS, staff, "730519")
        mall.as_system(
            AddStaff(
                staff=staff,
                name="两个号",
                role=Role.SUPERVISOR,
                pin_verifier=CHEAP_PINS.hash(PINS[staff]),
                own_membership=theirs,
            )
        )
    with refused("approval.same_person"):
        thanks = AdjustPoints(member=mall.member(), change=500, reason="goodwill", note="致歉")
        mall.do(thanks, by="2101", approved_by="2102")


@pytest.mark.parametrize(("pieces", "swept"), [(1, False), (1, True), (5, False), (9, False)])
def test_a_reversal_brings_back_what_was_spent_and_nothing_that_has_expired(
    mall: Mall, pieces: int, swept: bool
) -> None:
    member = mall.member(1_000)
    (lot,) = mall.account(member).lots
    mall.clock.advance(timedelta(days=(lot.expires_on - lot.earned_on).days))
    redeem = mall.redemption(member, "CUP", pieces)
    mall.do(redeem)
    mall.clock.advance(timedelta(days=1))
    if swept:
        mall.as_system(ExpirePoints(through=lot.expires_on))
    mall.do(Reverse(reverses=redeem.id, reason="mistake", member=member), by=SUPERVISOR)
    assert mall.usable(member) == 100 * pieces
    mall.clock.advance(timedelta(days=40))
    mall.as_system(ExpirePoints(through=lot.expires_on + timedelta(days=31)))
    assert mall.points(member) == Points(0, 0, 0, ())
    assert verify(mall.store, mall.name) == []


@pytest.mark.parametrize("staff", ["system", "SYSTEM"])
def test_nobody_works_under_the_programs_own_name(mall: Mall, staff: str) -> None:
    with refused("staff.exists"):
        mall.do(AddStaff(staff=staff, name="冒名", role=Role.CLERK), by="9001", new_pin="730519")


def test_card_serials_do_not_run_over_their_end(mall: Mall) -> None:
    with refused("request.bad_value", field="count"):
        mall.as_system(AddCardBatch(first_serial=10**11 - 5, count=6))
    mall.as_system(AddCardBatch(first_serial=10**11 - 5, count=5))


def test_a_desk_does_not_take_anothers_number(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    with refused("desk.exists"):
        mall.do(AddDesk(desk="D1", name="一号", number=2, public_key="0" * 64), by="9001")
    mall.do(AddDesk(desk="D1", name="一号", number=3, public_key="0" * 64), by="9001")
    assert mall.one("SELECT number FROM desk WHERE mall_id = :mall AND desk = 'D1'") == (3,)


def test_two_desks_that_add_overlapping_cards_at_once(
    own_store: Store, own_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if own_store.kind == "sqlite":
        pytest.skip("one process on a local store, and one writer")
    mall, other = Mall(own_store), Store.open(own_url, None)
    mall.add_desk("D2", 2)
    mall.use("D2", other)
    together = Barrier(2, timeout=1)
    add: Callable[[SqlCards, int, int, str, str], None] = SqlCards.add_batch

    def at_once(cards: SqlCards, first: int, count: int, kind: str, label: str) -> None:
        with suppress(BrokenBarrierError):  # where the second waits for the first's lock
            together.wait()
        add(cards, first, count, kind, label)

    monkeypatch.setattr(SqlCards, "add_batch", at_once)

    def ask(desk: str, first: int) -> str:
        try:
            mall.as_system(AddCardBatch(first_serial=first, count=100), desk=desk)
        except Refused as problem:
            return problem.code
        return "ok"

    with ThreadPoolExecutor(2) as people:
        said = sorted(people.map(ask, ("D1", "D2"), (20_001, 20_051)))
    other.close()
    assert said == ["card.batch_overlaps", "ok"]
    assert verify(mall.store, mall.name) == []


def test_what_is_written_about_a_member_is_sealed_with_the_rest_of_them(mall: Mall) -> None:
    member, told = mall.member(1_000), "李女士 13800001234 投诉"
    adjusted = AdjustPoints(member=member, change=5, reason="goodwill", note=told)
    mall.do(adjusted, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    held = HoldPoints(member=member, points=5, note=told)
    mall.do(held, by=SUPERVISOR)
    undone = Reverse(reverses=adjusted.id, reason="mistake", member=member, note=told)
    mall.do(undone, by=SUPERVISOR, approved_by=OTHER_SUPERVISOR)
    for operation in (adjusted, held, undone):
        (encoded,) = mall.one(
            "SELECT encoded FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation.id
        )
        assert b"13800001234" not in encoded
    (row,) = SqlQueries(mall.store, mall.name, "D1", mall.clock).holds(member)
    assert row.note == told
    assert verify(mall.store, mall.name) == []
