"""Desk and hub with different programs: what one cannot read of the other yet waits, is said, and is not lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.composition import following
from app.domain.errors import Refused
from app.domain.mode import Mode
from app.operations.adjust_points import AdjustPoints
from app.operations.base import Operation
from app.operations.credit_sale import CreditSale
from app.operations.redeem import Redeem
from app.operations.retire_desk import RetireDesk
from app.sync import earlier
from app.sync.earlier import Body, Step
from app.sync.protocol import Ask
from tests.support.following_desks import FollowingDesk, a_member
from tests.support.hub import ADMINISTRATOR, HubMall
from tests.support.mall import CLERK

NEWER = "1.1"  # than the hub of these tests, which is 1.0


def second_version(monkeypatch: pytest.MonkeyPatch, kind: type[Operation], step: Step = lambda body: body) -> None:
    monkeypatch.setattr(kind, "version", 2)
    monkeypatch.setitem(earlier.STEPS, (kind.verb, 1), step)


def a_heartbeat(desk: FollowingDesk) -> None:
    desk.mall.clock.advance(timedelta(seconds=11))
    desk.sync()


def aside(mall: HubMall) -> tuple[int, int]:
    """Of desk K1, as the screen of desks shows it: kept aside, unsent."""
    (row,) = mall.hub_store.desks(ADMINISTRATOR, mall.clock.now).rows
    return row.aside, row.unsent


def test_a_desk_that_is_newer_than_its_hub_keeps_what_the_hub_cannot_read_until_it_can(
    mall: HubMall, desk: FollowingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.cut()
    monkeypatch.setattr(following, "PROGRAM", NEWER)
    monkeypatch.setattr(CreditSale, "version", 2)
    desk.link.following.put(reads="")  # as if the hub had never said what it reads
    desk.restart()
    desk.do(mall.slip(member, 1_000))
    desk.do(mall.slip(member, 2_000))
    monkeypatch.setattr(CreditSale, "version", 1)  # the hub's program
    desk.mend()
    status = desk.link.status()
    assert (status.mode, status.trouble, status.unsent) == (Mode.NOT_TAKEN, "hub.desk_newer", 2)
    assert status.since is None, "the hub is there"
    a_heartbeat(desk)
    assert desk.link.status() == status, "said until it is solved"
    desk.restart()
    a_heartbeat(desk)
    assert desk.link.status() == status, "also after a new start"
    with pytest.raises(Refused) as leaving:
        desk.link.check_all_is_sent()
    assert leaving.value.facts["count"] == 2
    with pytest.raises(Refused) as unsent:
        mall.by_two(RetireDesk(desk="K1"))
    assert (unsent.value.code, unsent.value.facts["count"]) == ("desk.unsent", 2)
    assert aside(mall) == (1, 2)
    with pytest.raises(Refused) as credit_only:
        desk.redeem(member, 1)
    assert credit_only.value.code == "offline.not_taken"

    second_version(monkeypatch, CreditSale)  # the hub is updated
    a_heartbeat(desk)
    a_heartbeat(desk)
    status = desk.link.status()
    assert (status.mode, status.trouble, status.unsent) == (Mode.ONLINE, None, 0)
    assert (desk.usable(member), mall.usable(member)) == (1_030, 1_030)
    desk.link.check_all_is_sent()
    assert aside(mall) == (0, 0), "what arrived afterwards is kept aside no more"
    assert mall.tasks() == []
    mall.checked()


def test_a_desk_that_was_updated_while_cut_off_writes_nothing_that_the_hub_it_knew_cannot_read(
    mall: HubMall, desk: FollowingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, card = a_member(mall, 1_000)
    monkeypatch.setattr(mall.hub, "_program", mall.hub._program.__class__(following.PROGRAM, oldest="0.1.0"))
    a_heartbeat(desk)  # the same program: the hub does not say what it reads
    desk.swipe(card)
    desk.cut()
    monkeypatch.setattr(following, "PROGRAM", NEWER)
    second_version(monkeypatch, CreditSale)
    second_version(monkeypatch, Redeem)
    desk.restart()
    with pytest.raises(Refused) as cut_off:
        desk.do(mall.slip(member, 1_000))
    assert cut_off.value.code == "hub.program_older"
    reads = {**earlier.readable(), "credit_sale": (1,), "redeem": (1,)}
    monkeypatch.setattr("app.hub.service.readable", lambda: reads)
    desk.mend()
    assert (desk.link.status().mode, desk.link.status().unsent) == (Mode.ONLINE, 0)
    with pytest.raises(Refused) as in_contact:
        desk.redeem(member, 1)
    assert in_contact.value.code == "hub.program_older"
    monkeypatch.setattr("app.hub.service.readable", earlier.readable)
    a_heartbeat(desk)
    desk.do(mall.slip(member, 1_000))
    desk.redeem(member, 1)
    desk.sync()
    assert mall.usable(member) == desk.usable(member) == 910
    mall.checked()


def test_a_hub_that_is_newer_reads_what_desks_of_the_release_before_send(
    mall: HubMall, desk: FollowingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, card = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(card)
    desk.cut()
    slip = replace(mall.slip(member, 1_000), slip_number="A7#")  # as the first version wrote them
    desk.do(slip)
    sent = desk.link.following.unsent()

    def without_mark(body: Body) -> Body:
        return {**body, "slip_number": body["slip_number"].removesuffix("#")}

    second_version(monkeypatch, CreditSale, without_mark)  # the hub is updated, and reads both
    assert earlier.readable()["credit_sale"] == (1, 2)
    desk.mend()
    desk.sync()
    assert (desk.link.status().mode, desk.link.status().unsent) == (Mode.ONLINE, 0)
    assert desk.link.agent.hub_takes("credit_sale", 1)
    numbers = mall.store.read(lambda connection: connection.rows("SELECT slip_number FROM sale ORDER BY slip_number"))
    assert ("A7",) in numbers
    assert mall.usable(member) == 1_010
    (kept,) = mall.store.read(
        lambda connection: connection.rows("SELECT encoded FROM operation WHERE operation_id = :id", id=slip.id)
    )
    assert kept[0] == sent[0].encoded, "what was signed stays as it is"
    mall.checked()


def test_what_is_asked_of_a_newer_hub_is_read_in_its_own_version(
    mall: HubMall, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = mall.hub_desk()
    member = desk.member(1_000)
    monkeypatch.setattr(AdjustPoints, "version", 2)
    body = {"member": str(member), "takes": 100, "reason": "goodwill", "note": "多等了半小时"}

    def asked(version: int) -> str | None:
        session = desk.session or UUID(int=0)
        return mall.hub.request(desk.desk, Ask(uuid4(), "adjust_points", body, CLERK, session, version=version)).code

    assert asked(1) == "hub.program_older"

    def change_for_takes(old: Body) -> Body:
        return {name: value for name, value in old.items() if name != "takes"} | {"change": -old["takes"]}

    monkeypatch.setitem(earlier.STEPS, ("adjust_points", 1), change_for_takes)
    assert asked(2) == "request.bad_value"
    assert asked(1) == "hub.not_allowed", "it was read; a clerk may not"
    assert asked(3) == "hub.program_older"
