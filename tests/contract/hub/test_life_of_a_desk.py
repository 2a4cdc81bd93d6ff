"""Suspended, resumed, retired, lost: what each of them does, and what it waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.composition.hub import change_desk, desks
from app.domain.card import card_number
from app.domain.card_block import FIRST_BLOCK
from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.domain.ids import new_id
from app.operations.base import Operation
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.grant_card_block import GrantCardBlock
from app.operations.issue_card import IssueCard
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.resume_desk import ResumeDesk
from app.operations.retire_desk import RetireDesk
from app.operations.set_up import AddCardBatch
from app.operations.suspend_desk import SuspendDesk
from app.sync.protocol import AskDesks, DeskState, Place
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall
from tests.support.mall import CHEAP_PINS, CLERK, PINS, PREFIX, SUPERVISOR, refused


def state_of(mall: HubMall, desk: DeskOfHub) -> tuple[Any, ...]:
    return mall.one("SELECT state, state_why FROM hub_desk WHERE mall_id = :mall AND desk = :desk", desk=desk.desk)


def decide(mall: HubMall, at: DeskOfHub, operation: Operation, *, second: str | None = SUPERVISOR) -> None:
    """The administrator, who is signed in at `at`, asks the hub and does it. Raises Refused with what it says."""
    answer = mall.hub.request(at.desk, at.ask(operation, by=ADMINISTRATOR, approver=second))
    if answer.verdict == "refused":
        raise Refused(answer.code or "", **answer.facts)
    pushed = at.do(operation, by=ADMINISTRATOR, approved_by=second)
    assert pushed.verdict == "ok", pushed


@pytest.fixture
def office(mall: HubMall) -> DeskOfHub:
    made = mall.hub_desk("OFFICE2")
    made.sign_in(ADMINISTRATOR)
    return made


def test_a_suspended_desk_has_no_licence_and_is_still_believed(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    before = mall.hub.licence_of(mall.hub.known_desk(office.desk)).terms.desks
    decide(mall, office, SuspendDesk(desk=desk.desk), second=None)
    assert state_of(mall, desk) == ("suspended", "by_a_person")
    said = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert (said.state, said.licence, said.wipe) == (DeskState.SUSPENDED, None, False)
    assert desk.do(desk.enrolment()).verdict == "ok"
    assert mall.hub.request(desk.desk, desk.ask(mall.redemption(desk.member()))).code == "hub.revoked"
    decide(mall, office, ResumeDesk(desk=desk.desk))
    assert state_of(mall, desk) == ("active", None)
    assert mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello()).licence is not None
    assert mall.hub.licence_of(mall.hub.known_desk(office.desk)).terms.desks == before
    mall.checked()


def test_nobody_frees_a_desk_alone(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    decide(mall, office, SuspendDesk(desk=desk.desk), second=None)
    for operation in (ResumeDesk(desk=desk.desk), RetireDesk(desk=desk.desk), ReportDeskLost(desk=desk.desk)):
        with refused("hub.not_allowed"):
            decide(mall, office, operation, second=None)


def test_a_clerk_decides_nothing_of_that(mall: HubMall) -> None:
    clerk, desk = mall.hub_desk(), mall.hub_desk()
    answer = mall.hub.request(clerk.desk, clerk.ask(SuspendDesk(desk=desk.desk)))
    assert (answer.verdict, answer.code) == ("refused", "hub.not_allowed")


def test_a_desk_is_retired_when_all_has_arrived_and_only_then(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello(unsent=3))
    with refused("desk.unsent", count=3):
        decide(mall, office, RetireDesk(desk=desk.desk))
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    mall.clock.advance(timedelta(minutes=3))
    with refused("desk.silent"):
        decide(mall, office, RetireDesk(desk=desk.desk))
    mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    decide(mall, office, RetireDesk(desk=desk.desk))
    assert desk.push(desk.make(desk.enrolment())).results[0].code == "hub.revoked"
    with refused("desk.gone"):
        decide(mall, office, ResumeDesk(desk=desk.desk))
    mall.checked()


def test_a_lost_desk_is_told_to_wipe_and_comes_back_by_enrolling(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    decide(mall, office, ReportDeskLost(desk=desk.desk))
    assert mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello()).wipe
    again = DeskOfHub(mall, desk.desk, desk.enrolled.number)
    assert again.epoch == 2
    assert state_of(mall, desk) == ("active", None)
    assert not mall.hub.hello(mall.hub.known_desk(desk.desk), again.hello(head=Place(2, 0, again.head.hash))).wipe
    again.sign_in()
    mall.checked()


def test_the_card_numbers_of_a_desk_that_is_gone_are_burnt(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    desk.sign_in(ADMINISTRATOR)
    batch = AddCardBatch(first_serial=500_001, count=50)
    assert mall.hub.request(desk.desk, desk.ask(batch, by=ADMINISTRATOR)).verdict == "granted"
    assert desk.do(batch, by=ADMINISTRATOR).verdict == "ok"
    assert mall.hub.burn_cards() == 0
    decide(mall, office, ReportDeskLost(desk=desk.desk))
    assert mall.hub.burn_cards() == 50
    assert mall.hub.burn_cards() == 0
    mall.checked()


def test_the_desk_that_one_works_at_and_desks_that_are_not_there_are_refused(mall: HubMall, office: DeskOfHub) -> None:
    for desk, code in ((office.desk, "desk.own_desk"), ("K99", "desk.unknown"), ("D1", "desk.not_enrolled")):
        with refused(code):
            decide(mall, office, SuspendDesk(desk=desk), second=None)


def test_a_copied_store_is_not_resumed_but_enrolled_anew(mall: HubMall, office: DeskOfHub) -> None:
    desk = mall.hub_desk()
    old = desk.head
    desk.member()
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello(head=old))
    assert reply.re_enrol
    assert state_of(mall, desk) == ("suspended", "hub.found_fork")
    with refused("desk.must_enrol"):
        decide(mall, office, ResumeDesk(desk=desk.desk))


def ended(mall: HubMall, staff: str) -> int:
    """Somebody may do nothing any more, from now on; the row of the feed that says so."""
    for _ in range(10):
        mall.hub.authority.submit_as_system(CountWrongPin(purpose="sign_in", staff=staff))
    return mall.rows()[-1].n


def test_a_desk_that_uses_an_approval_whose_end_it_has_read_is_suspended(mall: HubMall) -> None:
    honest, other = mall.hub_desk(), mall.hub_desk()
    member = honest.member()
    n = ended(mall, SUPERVISOR)
    mall.clock.advance(timedelta(minutes=1))

    def approved(desk: DeskOfHub, read_to: int) -> str | None:
        slip = mall.slip(member, 900_000)
        basis = {"right": "local", "feed": read_to}
        return desk.do(slip, approved_by=SUPERVISOR, basis=basis).code

    assert approved(honest, n - 1) == "conflict.approver_invalid"
    assert state_of(mall, honest) == ("active", None), "it could not know"
    assert approved(other, n) == "conflict.approver_invalid", "what happened is taken all the same"
    assert state_of(mall, other) == ("suspended", "conflict.approver_invalid")
    mall.checked()


def test_at_the_hub_itself_the_same_is_done_where_no_screen_is_left(mall: HubMall, fresh_postgres: str) -> None:
    desk = mall.hub_desk()
    who: dict[str, Any] = {"administrator": ADMINISTRATOR, "pin": PINS[ADMINISTRATOR], "pins": CHEAP_PINS}
    change_desk(fresh_postgres, mall.name, "suspend", desk.desk, **who)
    (row,) = desks(fresh_postgres, mall.name, SUPERVISOR).rows
    assert (row.desk, row.state, row.why) == (desk.desk, "suspended", "by_a_person")
    with refused("approval.required"):
        change_desk(fresh_postgres, mall.name, "resume", desk.desk, **who)
    change_desk(
        fresh_postgres, mall.name, "resume", desk.desk, approver=SUPERVISOR, approver_pin=PINS[SUPERVISOR], **who
    )
    (row,) = desks(fresh_postgres, mall.name, SUPERVISOR).rows
    assert row.state == "active"


def test_a_desk_is_given_card_numbers_before_it_runs_out_and_never_two_blocks(mall: HubMall) -> None:
    desk = mall.hub_desk()
    mall.hub_desk(kind=DeskKind.KIOSK)
    assert mall.hub.deal_cards() == FIRST_BLOCK
    assert mall.hub.deal_cards() == 0
    told = mall.rows()[-1]
    assert (told.verb, told.result["images"][0]["of"]) == ("grant_card_block", "card_batch")
    desk.sign_in(CLERK)
    first = int(told.result["images"][0]["key"])
    number = card_number(first + FIRST_BLOCK * 7 // 10 - 1, PREFIX, mall.card_key)
    joins = mall.enrolment("王芳")
    assert [desk.do(each).verdict for each in (joins, IssueCard(member=joins.member, number=number))] == ["ok", "ok"]
    ((_, next_serial, count),) = wanted = mall.hub_store.short_of_cards()
    assert (next_serial, count) == (first + FIRST_BLOCK, FIRST_BLOCK)
    assert mall.hub.deal_cards() == FIRST_BLOCK
    with refused("card.batch_overlaps"):  # another process had looked before
        again = GrantCardBlock(desk=wanted[0][0], first_serial=next_serial, count=count)
        mall.hub.authority.submit_as_system(again)
    assert mall.hub.deal_cards() == 0
    stands = mall.hub.desks(mall.hub.known_desk(desk.desk), AskDesks(ADMINISTRATOR, new_id()))
    assert [row.numbers_left for row in stands.rows] == [FIRST_BLOCK * 13 // 10, None]
    mall.checked()
