"""An operation of a desk takes effect at the hub, once, in its place (RELIABILITY.md 4.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.set_up import ChangeSetting
from app.operations.suspend_desk import SuspendDesk
from app.sync.envelope import DeskKey
from app.sync.protocol import DeskState, FeedPlace, Push
from tests.support.hub import DeskOfHub, HubMall
from tests.support.mall import refused


def test_what_a_desk_did_is_there_and_in_the_feed(mall: HubMall) -> None:
    desk = mall.hub_desk()
    desk.do(ReceiveStock(lines=(StockLine("CUP", 10),)))
    member = desk.member(500)
    pushed = desk.do(mall.redemption(member))
    assert (pushed.verdict, pushed.code) == ("ok", None)
    assert mall.usable(member) == 400
    assert pushed.n == mall.hub_store.head().n
    row = mall.rows()[-1]
    assert (row.operation, row.desk, row.kind, row.verb) == (pushed.id, desk.desk, "op", "redeem")
    of = [image["of"] for image in row.result["images"]]
    assert set(of) == {"account", "stock", "redemption"}
    account = next(image for image in row.result["images"] if image["of"] == "account")
    assert account["key"] == str(member)
    assert (account["state"]["posted"], account["state"]["owed"]) == (400, 0)
    mall.checked()


def test_the_feed_has_no_gap_and_each_row_hashes_into_the_next(mall: HubMall) -> None:
    desk = mall.hub_desk()
    for _ in range(5):
        desk.member(100)
    place = FeedPlace(mall.hub_store.head().epoch, 0, bytes(32))
    for row in mall.rows():
        assert row.follows(place)
        place = FeedPlace(place.epoch, row.n, row.h)
    assert place == mall.hub_store.head()


def test_no_row_of_the_feed_says_who_a_member_is(mall: HubMall) -> None:
    desk = mall.hub_desk()
    enrol = desk.enrolment("欧阳𬭚", "13812345678")
    desk.do(enrol)
    said = "".join(str(row.result) for row in mall.rows())
    assert "欧阳" not in said
    assert "13812345678" not in said
    assert "5678" not in said


def test_sent_again_it_has_the_first_answer_and_counts_once(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member(500)
    sent = desk.make(mall.slip(member, 10_000))
    first, again = desk.push(sent), desk.push(sent)
    assert first.results == again.results
    assert first.results[0].facts == again.results[0].facts
    assert mall.usable(member) == 600
    assert len({row.operation for row in mall.rows()}) == len(mall.rows())
    mall.checked()


def test_a_whole_batch_sent_again_goes_on_where_it_broke_off(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    sent = [desk.make(mall.slip(member, 1_000)) for _ in range(6)]
    desk.push(*sent[:3])  # its reply was lost
    reply = desk.push(*sent)
    assert [pushed.verdict for pushed in reply.results] == ["ok"] * 6
    assert mall.usable(member) == 60
    assert reply.head == desk.head
    mall.checked()


def test_a_gap_is_said_and_takes_nothing(mall: HubMall) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    before = desk.head
    first, second = desk.make(mall.slip(member, 1_000)), desk.make(mall.slip(member, 1_000))
    reply = desk.push(second)
    assert (reply.gap, reply.results, reply.head) == (True, (), before)
    assert [pushed.verdict for pushed in desk.push(first, second).results] == ["ok", "ok"]


def forked(desk: DeskOfHub) -> DeskOfHub:
    """The desk goes on from an older state of its store."""
    desk.head, older = desk.head, desk.head
    desk.do(desk.enrolment())
    desk.head = older
    return desk


def test_another_history_is_kept_aside_and_the_desk_suspended(mall: HubMall) -> None:
    desk = forked(mall.hub_desk())
    member = mall.count("member")
    reply = desk.push(desk.make(desk.enrolment()))
    assert (reply.fork, reply.results[0].verdict, reply.results[0].code) == (True, "quarantined", "hub.found_fork")
    assert mall.count("member") == member
    assert mall.count("op_quarantine") == 1
    assert mall.hub.known_desk(desk.desk).state is DeskState.SUSPENDED
    said = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert (said.re_enrol, said.licence, said.state) == (True, None, DeskState.SUSPENDED)
    mall.checked()


def test_a_desk_that_is_enrolled_anew_begins_an_epoch(mall: HubMall) -> None:
    desk = forked(mall.hub_desk())
    desk.push(desk.make(desk.enrolment()))
    again = DeskOfHub(mall, desk.desk, desk.enrolled.number)
    assert again.enrolled.epoch == 2
    again.sign_in()
    again.member(100)
    late = desk.push(desk.make(desk.enrolment()))
    assert late.fork
    assert mall.hub.known_desk(desk.desk).state is DeskState.ACTIVE, "what the old copy says concerns it no more"
    mall.checked()


def test_an_epoch_in_which_nothing_was_done_is_passed_over(mall: HubMall) -> None:
    """Enrolled anew, and once more before it had done anything."""
    desk = mall.hub_desk()
    desk.member(100)
    between = DeskOfHub(mall, desk.desk, desk.enrolled.number)
    again = DeskOfHub(mall, desk.desk, desk.enrolled.number)
    assert (between.enrolled.epoch, again.enrolled.epoch) == (2, 3)
    again.sign_in()
    again.member(100)
    assert mall.hub.hello(mall.hub.known_desk(desk.desk), again.hello()).head == again.head
    assert between.push(between.make(between.enrolment())).fork, "that one has ended"
    mall.checked()


def test_a_wrong_signature_has_no_effect_and_does_not_move_the_chain(mall: HubMall) -> None:
    desk = mall.hub_desk()
    before = desk.head
    sent = desk.make(desk.enrolment())
    reply = desk.push(replace(sent, signature=DeskKey(bytes(32)).sign(b"x" * 32)))
    assert (reply.results[0].verdict, reply.results[0].code) == ("quarantined", "hub.signature")
    assert reply.head == before
    assert desk.push(sent).results[0].verdict == "ok"


@pytest.mark.parametrize("changed", [{"desk": "D1"}, {"mall": "M99"}])
def test_an_operation_that_says_it_is_another_desks_is_kept_aside(mall: HubMall, changed: dict[str, str]) -> None:
    desk = mall.hub_desk()
    reply = desk.push(desk.make(desk.enrolment(), **changed))
    assert (reply.results[0].verdict, reply.results[0].code) == ("quarantined", "hub.other_desk")


def test_what_cannot_be_read_is_kept_aside(mall: HubMall) -> None:
    desk = mall.hub_desk()
    assert desk.push(desk.make(desk.enrolment(), verb="dance")).results[0].code == "hub.unreadable"


def test_a_lost_desk_is_kept_aside_and_told_to_wipe(mall: HubMall) -> None:
    desk = mall.hub_desk()
    mall.hub.authority.submit_as_system(ReportDeskLost(desk=desk.desk))
    assert desk.push(desk.make(desk.enrolment())).results[0].code == "hub.revoked"
    said = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert (said.wipe, said.licence) == (True, None)


def test_a_suspended_desk_may_still_push(mall: HubMall) -> None:
    desk = mall.hub_desk()
    mall.hub.authority.submit_as_system(SuspendDesk(desk=desk.desk))
    assert desk.do(desk.enrolment()).verdict == "ok"
    assert mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello()).licence is None


def test_only_what_the_hub_was_asked_for_takes_effect_where_it_alone_decides(mall: HubMall) -> None:
    desk = mall.hub_desk()
    desk.sign_in("3001")
    pushed = desk.do(ChangeSetting(name="undo_minutes", value="5"), by="3001")
    assert (pushed.verdict, pushed.code) == ("exception", "conflict.not_granted")
    granted = ChangeSetting(name="undo_minutes", value="6")
    assert mall.hub.request(desk.desk, desk.ask(granted, by="3001")).verdict == "granted"
    assert desk.do(granted, by="3001").verdict == "ok"
    assert mall.one("SELECT value FROM setting WHERE mall_id = :mall AND name = 'undo_minutes'") == ("6",)
    mall.checked()


def test_a_code_serves_once(mall: HubMall) -> None:
    from app.sync.protocol import Enrol

    code = mall.code("K50", 50)
    first = mall.hub.enrol(Enrol(code, bytes(range(32)), "1.0"))
    assert mall.hub.enrol(Enrol(code, bytes(range(32)), "1.0")).epoch == first.epoch, "a lost reply"
    with refused("hub.code_used"):
        mall.hub.enrol(Enrol(code, bytes(32), "1.0"))
    with refused("hub.code_wrong"):
        mall.hub.enrol(Enrol("AAAA-BBBB-CCCC", bytes(32), "1.0"))


def test_nothing_is_pushed_of_a_desk_that_never_enrolled(mall: HubMall) -> None:
    desk = mall.hub_desk()
    with refused("hub.desk_unknown"):
        mall.hub.push("D1", Push((desk.make(desk.enrolment()),)))
