"""Two desks and the real hub: approvals that are proved afterwards, and requests that nobody goes on with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.approval_card import ApprovalCard, read_approval_card
from app.domain.errors import Refused, Unavailable
from app.domain.ids import new_id
from app.operations.assign_task import AssignTask
from app.operations.base import Operation
from app.operations.end_approval_card import EndApprovalCard
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.set_staff_pin import SetStaffPin
from app.operations.settle_task import SettleTask
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.ports.authority import ApprovalGiven, Submission
from app.ports.hub import SyncTask
from app.sync.protocol import Ask, Asked
from db.connection import Row
from db.store import Store
from tests.support.following_desks import FollowingDesk as Desk
from tests.support.following_desks import a_member
from tests.support.hub import ADMINISTRATOR, HubMall
from tests.support.mall import OTHER_SUPERVISOR, PINS, SUPERVISOR

SECRET = bytes(range(16))


@pytest.fixture
def desk(mall: HubMall, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(mall, "K1", 11, tmp_path)


@pytest.fixture
def other(mall: HubMall, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(mall, "K2", 12, tmp_path)


def opened(mall: HubMall, name: str, number: int, folder: Path) -> Iterator[Desk]:
    made = Desk(mall, name, number, folder)
    made.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
    made.sync()
    yield made
    made.desk.close()


def cups(member: UUID, quantity: int = 1) -> Redeem:
    return Redeem(member=member, lines=(RedemptionLine("CUP", quantity, 100),))


def signed_in(desk: Desk, staff: str) -> UUID:
    sign_in = SignIn(staff=staff)
    desk.desk.authority.submit(Submission((sign_in,), None, pin=PINS[staff]))
    return sign_in.id


def give_card(desk: Desk, secret: bytes = SECRET, staff: str = SUPERVISOR) -> None:
    session = signed_in(desk, ADMINISTRATOR)
    desk.desk.authority.submit(
        Submission(
            (GiveApprovalCard(staff=staff),),
            session,
            ApprovalGiven(staff, PINS[staff]),
            pin=PINS[ADMINISTRATOR],
            new_card=secret,
        )
    )
    desk.sync()


def approve(desk: Desk, operation: Operation, card: bytes | None = SECRET, staff: str = SUPERVISOR) -> None:
    approval = ApprovalGiven(staff, PINS[staff], card)
    desk.desk.authority.submit(Submission((operation,), desk.session, approval))


def refusal(desk: Desk, operation: Operation, card: bytes | None, staff: str = SUPERVISOR) -> str:
    with pytest.raises(Refused) as caught:
        approve(desk, operation, card, staff)
    return caught.value.code


def test_what_is_on_the_card_is_read_back_and_nothing_else_is() -> None:
    card = ApprovalCard("s2001", SECRET)
    assert read_approval_card(card.text) == card
    assert read_approval_card(" " + card.text + "\r") == card
    for other_text in (
        "",
        "A1.2001",
        card.text[:-1],
        card.text + "A",
        card.text.replace("A1", "B1"),
        "9901000000000017",
    ):
        assert read_approval_card(other_text) is None
    assert str(SECRET) not in repr(card)


def test_cut_off_a_card_and_a_pin_approve_and_the_hub_can_prove_it(mall: HubMall, desk: Desk, other: Desk) -> None:
    give_card(desk)
    member, number = a_member(mall, 1_000)
    other.sync()
    other.swipe(number)
    other.cut()
    assert refusal(other, cups(member), None) == "approval_card.needed"
    assert refusal(other, cups(member), bytes(16)) == "approval_card.wrong"
    assert refusal(other, cups(member), SECRET, OTHER_SUPERVISOR) == "approval_card.none"
    approve(other, cups(member))
    approve(other, cups(member), None, OTHER_SUPERVISOR)  # who was given none yet
    other.mend()
    assert mall.tasks() == []
    assert mall.usable(member) == 800
    mall.checked()


def everything_in(store: Store, table: str) -> list[Row]:
    return store.read(lambda connection: connection.rows(f"SELECT * FROM {table}"))


def test_nothing_at_a_desk_opens_the_key_without_the_card(mall: HubMall, desk: Desk, other: Desk) -> None:
    give_card(desk)
    other.sync()
    tables = ("operation", "approval_card", "central_image", "sync_state")
    for each in (mall.store, desk.store, other.store):
        for table in tables:
            rows = everything_in(each, table)
            everything = repr([[bytes(v).hex() if isinstance(v, bytes) else v for v in row] for row in rows])
            assert SECRET.hex() not in everything
            assert ApprovalCard(SUPERVISOR, SECRET).text.split(".")[2] not in everything


def test_a_card_reported_lost_meanwhile_becomes_a_task_and_then_counts_no_more(
    mall: HubMall, desk: Desk, other: Desk
) -> None:
    give_card(desk)
    member, number = a_member(mall, 1_000)
    other.sync()
    other.swipe(number)
    other.cut()
    mall.clock.advance(timedelta(minutes=1))
    boss = signed_in(desk, OTHER_SUPERVISOR)
    desk.desk.authority.submit(Submission((EndApprovalCard(staff=SUPERVISOR, reason="lost"),), boss))
    desk.sync()
    mall.clock.advance(timedelta(minutes=1))
    approve(other, cups(member))
    other.mend()
    (task,) = other.link.tasks()
    assert (task.code, task.owner_name) == ("conflict.approver_invalid", "张丽")
    looked_after(mall, other, task)
    other.cut()
    assert refusal(other, cups(member), SECRET) == "approval_card.none"
    mall.checked()


def looked_after(mall: HubMall, desk: Desk, task: SyncTask) -> None:
    """Taken over by a supervisor; closed by nobody who had a hand in it; then it is seen by whom and how."""
    confirm = SettleTask(settles=task.operation, code=task.code, outcome="confirmed")
    with pytest.raises(Refused, match=r"staff\.no_right"):
        desk.do(confirm)
    own, others = signed_in(desk, SUPERVISOR), signed_in(desk, OTHER_SUPERVISOR)
    with pytest.raises(Refused, match=r"task\.own"):
        desk.desk.authority.submit(Submission((confirm,), own))
    desk.do(AssignTask(about=task.operation, code=task.code, owner=OTHER_SUPERVISOR))
    desk.sync()
    assert [each.owner_name for each in desk.link.tasks()] == ["赵敏"]
    desk.desk.authority.submit(Submission((confirm,), others))
    desk.sync()
    (closed,) = desk.link.tasks()
    assert (closed.is_open, closed.closed_by, closed.outcome) == (False, "赵敏", "confirmed")
    assert desk.link.status().open_tasks == 0
    with pytest.raises(Refused, match=r"task\.settled"):
        desk.do(AssignTask(about=task.operation, code=task.code, owner=SUPERVISOR))
    assert mall.tasks() == []


def test_a_new_pin_ends_the_card_that_opened_with_the_old_one(mall: HubMall, desk: Desk) -> None:
    give_card(desk)
    mall.clock.advance(timedelta(minutes=1))
    desk.sync()
    own = signed_in(desk, SUPERVISOR)
    desk.desk.authority.submit(
        Submission((SetStaffPin(staff=SUPERVISOR),), own, pin=PINS[SUPERVISOR], new_pin="864209")
    )
    desk.sync()
    member, number = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(number)
    desk.cut()
    with pytest.raises(Refused) as caught:
        desk.desk.authority.submit(
            Submission((cups(member),), desk.session, ApprovalGiven(SUPERVISOR, "864209", SECRET))
        )
    assert caught.value.code == "approval_card.none"
    mall.checked()


class Losing:
    """The hub grants, and its answer does not arrive."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.ask = desk.wire.request

    def __call__(self, wish: Ask) -> Asked:
        self.ask(wish)
        raise Unavailable("hub.no_answer")


def asked_in_vain(desk: Desk, member: UUID, monkeypatch: pytest.MonkeyPatch) -> Redeem:
    with monkeypatch.context() as patched:
        patched.setattr(desk.wire, "request", Losing(desk))
        wish = cups(member)
        with pytest.raises(Unavailable):
            desk.do(wish)
    return wish


def test_whoever_walks_away_from_a_granted_redemption_leaves_nothing_held(
    mall: HubMall, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, number = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(number)
    wish = asked_in_vain(desk, member, monkeypatch)
    assert mall.points(member).held == 100
    desk.desk.authority.give_up((wish.id, new_id()))
    desk.cut()
    with pytest.raises(Unavailable):
        desk.link.agent.once()
    assert mall.points(member).held == 100
    desk.mend()
    assert mall.points(member).held == 0
    assert desk.link.following.given_up() == ()
    desk.do(wish)  # a clerk who comes back with it after all is asked for anew
    desk.sync()
    assert (mall.points(member).held, mall.usable(member)) == (0, 900)
    mall.checked()


def test_signing_out_gives_up_what_was_asked_for(mall: HubMall, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    member, number = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(number)
    asked_in_vain(desk, member, monkeypatch)
    desk.do(SignOut())
    desk.mend()
    assert mall.points(member).held == 0
    mall.checked()


def test_what_was_done_after_all_is_not_given_up(mall: HubMall, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    member, number = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(number)
    wish = asked_in_vain(desk, member, monkeypatch)
    approve(desk, wish, None)  # goes on within limits
    desk.desk.authority.give_up((wish.id,))
    assert desk.link.following.given_up() == ()
    desk.mend()
    assert (mall.points(member).held, mall.usable(member)) == (0, 900)
    mall.checked()


def test_a_form_that_was_changed_is_asked_for_anew_and_nobody_ends_anothers_request(
    mall: HubMall, desk: Desk, other: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, number = a_member(mall, 1_000)
    desk.sync()
    desk.swipe(number)
    wish = asked_in_vain(desk, member, monkeypatch)
    other.wire.void(wish.id)
    assert mall.points(member).held == 100
    more = Redeem(id=wish.id, member=member, lines=(RedemptionLine("CUP", 3, 100),))
    desk.mend()
    desk.do(more)
    desk.sync()
    assert (mall.points(member).held, mall.usable(member)) == (0, 700)
    assert mall.tasks() == []
    mall.checked()
