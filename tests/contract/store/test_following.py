"""A desk's copy of its hub, on its own encrypted store."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.authority import LocalAuthority
from app.domain.card import keyed_number
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.operations.adjust_points import AdjustPoints
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.issue_card import IssueCard
from app.operations.redeem import Redeem, RedemptionLine
from app.operations.report_card_lost import ReportCardLost
from app.operations.reverse import Reverse
from app.ports.authority import ApprovalGiven, Submission
from app.sync.agent import WAIT_S, SyncAgent
from app.sync.following import FeedBroken, FeedUnreadable
from app.sync.gate import Gate
from app.sync.images import AccountImage, CardImage, LeaseImage, LotImage, MemberImage, StockImage, as_key, keyed
from app.sync.protocol import (
    Ask,
    Asked,
    DeskState,
    FeedRow,
    Image,
    OfflinePolicy,
    Push,
    PushReply,
    SnapshotLine,
    ThinMembers,
    to_json,
)
from db.connection import Connection
from db.following.place import SqlFollowing
from db.queries.counter import SqlQueries
from db.spool import SqlSpool
from db.store import Store
from db.verify.copies import verify_copy
from db.wire import Answer, SqliteWire, Statement
from db.work import SqlOperationStore
from tests.support.fake_hub import FakeHub, a_licence
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR, Mall

KEY = bytes(range(32))
SEARCH_KEY = bytes(range(32, 64))


class Following:
    """One desk that follows a fake hub, member and shelf as the hub last said."""

    def __init__(self, folder: Path, **licence: Any) -> None:
        self.folder = folder
        self.file = folder / "desk.db"
        self.store = Store.open(f"sqlite:///{self.file}", KEY, durable=False, create=True, whole=False)
        self.mall = Mall(self.store)
        self.hub = FakeHub(self.mall.name, "D1", a_licence(self.mall.name, "D1", **licence))
        self.asked: list[Ask] = []
        self.answer = Asked("granted")
        self.open()
        self.following.put(search_key=SEARCH_KEY.hex())

    def open(self) -> None:
        self.following = SqlFollowing(self.store, self.mall.name, "D1", self.mall.clock)
        self.agent = SyncAgent(
            self.following,
            self.hub,
            hub_key=self.hub.key.public,
            clock=self.mall.clock,
            program="0.1.0",
            folder=self.folder,
        )
        self.gate = Gate(self.agent.standing, self._ask, no_answer=self.agent.no_answer)
        self.authority = LocalAuthority(
            SqlOperationStore(self.store, self.mall.name, "D1"),
            mall=self.mall.name,
            desk="D1",
            key=self.mall.keys["D1"],
            clock=self.mall.clock,
            hasher=CHEAP_PINS,
            gate=self.gate,
        )

    def restart(self) -> None:
        self.store.close()
        self.store = Store.open(f"sqlite:///{self.file}", KEY, durable=False, whole=False)
        self.mall.store = self.store
        self.mall.use("D1", self.store)
        self.open()

    def _ask(self, wish: Ask) -> Asked:
        self.asked.append(wish)
        if self.hub.down:
            raise Unavailable("hub.no_answer")
        return self.answer

    def cut(self, for_s: int = 60) -> None:
        self.hub.down = True
        with pytest.raises(Unavailable):
            self.mall.clock.advance(timedelta(seconds=for_s))
            self.agent.once()
        self.agent.no_answer()

    def account(self, member: UUID) -> AccountImage:
        """As it stands here now, said as the hub would say it."""
        rows = self.store.read(
            lambda c: c.rows(
                "SELECT operation_id, line, earned_on, expires_on, quantity, remaining FROM lot "
                "WHERE account = :member AND remaining > 0",
                member=member,
            )
        )
        posted, held, owed = self.figures(member)
        return AccountImage(posted, held, owed, tuple(LotImage(*row) for row in rows))

    def figures(self, member: UUID) -> tuple[int, int, int]:
        found = self.store.read(
            lambda c: c.row("SELECT posted, held, owed FROM account WHERE account = :member", member=member)
        )
        assert found is not None
        return found[0], found[1], found[2]

    def number(self, member: UUID) -> str:
        found = self.store.read(lambda c: c.row("SELECT member_no FROM member WHERE member = :member", member=member))
        assert found is not None
        number: str = found[0]
        return number

    def image(self, member: UUID, account: AccountImage) -> Image:
        return Image("account", str(member), to_json(account))

    def redeem(self, member: UUID, points: int = 100, *, approved: bool = True) -> UUID:
        operation = Redeem(member=member, lines=(RedemptionLine("CUP", points // 100, 100),))
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR]) if approved else None
        self.authority.submit(Submission((operation,), self.mall.session(CLERK), approval=approval))
        return operation.id

    def take_at_once(self, member: UUID) -> None:
        redeem = Redeem(member=member, lines=(RedemptionLine("CUP", 1, 100),))
        taken = HandOut(redemption=redeem.id, lines=(0,), member=member)
        approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
        self.authority.submit(Submission((redeem, taken), self.mall.session(CLERK), approval=approval))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Following]:
    made = Following(tmp_path)
    yield made
    made.store.close()


def in_short(member: UUID, usable: int, *cards: bytes) -> ThinMembers:
    return ThinMembers.of([(member.bytes, "gold", "active", usable, None, [(card, "issued") for card in cards])])


def settled(desk: Following, points: int = 1_000) -> UUID:
    """A member whose points the hub has said."""
    member = desk.mall.member(points)
    desk.agent.once()  # hello, push, the first copy
    desk.hub.add([desk.image(member, desk.account(member))])
    desk.agent.once()
    return member


def test_what_was_done_is_sent_in_order_and_once(desk: Following) -> None:
    desk.mall.member(300)
    assert desk.following.waiting().count > 0
    desk.agent.once()
    assert desk.following.waiting().count == 0
    assert [row.sequence for row in desk.hub.rows] == sorted(row.sequence for row in desk.hub.rows)
    desk.agent.once()
    assert len(desk.hub.taken) == len(desk.hub.rows)


@pytest.mark.parametrize("call", ["hello", "push", "pull"])
def test_a_lost_reply_loses_nothing_and_doubles_nothing(desk: Following, call: str) -> None:
    desk.agent.once()
    desk.mall.member(300)
    desk.mall.clock.advance(timedelta(seconds=11))  # the next heartbeat is due
    desk.hub.lose.append(call)
    with pytest.raises(Unavailable):
        desk.agent.once()
    before = len(desk.hub.rows)
    desk.restart()
    desk.agent.once()
    assert desk.following.waiting().count == 0
    assert len({row.operation for row in desk.hub.rows}) == len(desk.hub.rows) >= before
    place = desk.following.feed()
    assert place is not None
    desk.agent.once()
    assert desk.following.feed() == desk.hub.end()


def test_a_hub_that_does_not_answer_in_time_is_sent_less_at_once(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.agent.once()
    for _ in range(30):
        desk.mall.member(100)
    sizes: list[int] = []
    taken = desk.hub.push

    def push(wish: Push) -> PushReply:
        sizes.append(len(wish.operations))
        return taken(wish)

    monkeypatch.setattr(desk.hub, "push", push)
    desk.hub.lose.append("push")
    with pytest.raises(Unavailable):
        desk.agent.once()
    desk.agent.once()
    assert sizes[1] < sizes[0]
    assert desk.following.waiting().count == 0


def test_an_image_and_what_is_not_answered_make_what_is_shown(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    desk.redeem(member, 300)
    assert desk.figures(member) == (700, 0, 0)
    # elsewhere 200 were spent meanwhile; the row comes before the own operation does
    central = desk.account(member)
    lot = central.lots[0]
    elsewhere = AccountImage(800, 0, 0, (LotImage(lot.source, lot.line, lot.earned_on, lot.expires_on, 1_000, 800),))
    desk.hub.down = False
    desk.hub.add([desk.image(member, elsewhere)])
    desk.following.apply(desk.hub.rows[-1:])
    assert desk.figures(member) == (500, 0, 0)
    after = AccountImage(500, 0, 0, (LotImage(lot.source, lot.line, lot.earned_on, lot.expires_on, 1_000, 500),))
    desk.hub.images_of = lambda envelope: [desk.image(member, after)] if envelope.verb == "redeem" else []
    desk.agent.once()
    desk.agent.once()
    assert desk.figures(member) == (500, 0, 0)
    assert desk.following.unsettled_points() == 0


def test_what_was_used_goes_down_only_when_the_result_was_read(desk: Following) -> None:
    member = settled(desk, 5_000)
    desk.cut()
    desk.redeem(member, 1_000)
    assert desk.following.unsettled_points() == 1_000
    desk.hub.down = False
    desk.agent._hello()  # in contact again: that alone settles nothing
    assert desk.following.unsettled_points() == 1_000
    desk.agent._push()  # nor does having sent it
    assert desk.following.unsettled_points() == 1_000
    desk.agent._pull()
    assert desk.following.unsettled_points() == 0


def test_limits_count_each_redemption_each_member_and_the_desk(tmp_path: Path) -> None:
    desk = Following(tmp_path, per_redemption=500, per_member=800, per_desk=1_000)
    one, other = settled(desk, 5_000), settled(desk, 5_000)
    desk.cut()
    for member, points, code in (
        (one, 600, "offline.over_operation"),
        (one, 500, None),
        (one, 400, "offline.over_member"),
        (other, 500, None),
        (other, 100, "offline.over_desk"),
    ):
        if code is None:
            desk.redeem(member, points)
        else:
            with pytest.raises(Refused) as refused:
                desk.redeem(member, points)
            assert refused.value.code == code
    desk.store.close()


def test_offline_a_second_person_stands_behind_every_redemption(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    with pytest.raises(Refused) as refused:
        desk.redeem(member, approved=False)
    assert (refused.value.code, refused.value.facts["why"]) == ("approval.required", "approval.offline")


def test_points_that_were_credited_offline_are_not_spent_before_they_are_settled(desk: Following) -> None:
    member = settled(desk, 100)
    desk.cut()
    desk.mall.earn(member, 500)
    assert desk.figures(member)[0] == 600
    with pytest.raises(Refused) as refused:
        desk.redeem(member, 200)
    assert refused.value.code == "offline.not_settled"
    desk.redeem(member, 100)


def test_strict_waits_for_the_contact_time_out_and_keeps_to_its_share(tmp_path: Path) -> None:
    desk = Following(tmp_path, policy=OfflinePolicy.STRICT, desks=4, contact_timeout_s=15)
    member = settled(desk, 1_000)
    told = desk.account(member)
    desk.hub.add([desk.image(member, replace(told, share=250, licence=1, shared_on=told.lots[0].expires_on))])
    desk.agent.once()
    desk.cut(for_s=5)
    with pytest.raises(Refused) as early:
        desk.redeem(member, 100)
    assert early.value.code == "offline.not_yet"
    desk.mall.clock.advance(timedelta(seconds=15))
    desk.redeem(member, 200)
    with pytest.raises(Refused) as over:
        desk.redeem(member, 100)  # beyond its share of 250
    assert over.value.code == "offline.over_member"
    desk.store.close()


def test_a_copy_that_is_too_old_credits_but_does_not_redeem_across_a_restart(tmp_path: Path) -> None:
    desk = Following(tmp_path, newest_copy_s=3_600)
    member = settled(desk)
    desk.cut()
    assert desk.agent.status().mode is Mode.FRESH
    desk.mall.clock.advance(timedelta(hours=2))
    desk.restart()
    assert desk.agent.status().mode is Mode.STALE
    with pytest.raises(Refused) as refused:
        desk.redeem(member)
    assert refused.value.code == "offline.copy_too_old"
    desk.authority.submit(Submission((desk.mall.slip(member, 500),), desk.mall.session(CLERK)))
    desk.store.close()


def test_what_needs_the_whole_picture_says_so_while_cut_off(desk: Following) -> None:
    member = settled(desk)
    sent = desk.redeem(member)  # the hub was asked, and has it
    desk.agent.once()
    desk.cut()
    session = desk.mall.session(SUPERVISOR)
    for operation, code in (
        (AdjustPoints(member=member, change=10, reason="goodwill", note="补偿"), "offline.not_possible"),
        (Reverse(reverses=sent, reason="mistake", member=member), "offline.reverse_sent"),
    ):
        with pytest.raises(Refused) as refused:
            approval = ApprovalGiven("2002", PINS["2002"])
            desk.authority.submit(Submission((operation,), session, approval=approval))
        assert refused.value.code == code


def test_online_the_hub_is_asked_and_without_an_answer_the_same_request_goes_on_offline(desk: Following) -> None:
    member = settled(desk)
    first = Redeem(member=member, lines=(RedemptionLine("CUP", 1, 100),))
    desk.authority.submit(Submission((first,), desk.mall.session(CLERK)))
    assert [wish.operation for wish in desk.asked] == [first.id]
    desk.hub.down = True
    second = Redeem(member=member, lines=(RedemptionLine("CUP", 2, 100),))
    with pytest.raises(Unavailable) as silent:
        desk.authority.submit(Submission((second,), desk.mall.session(CLERK)))
    assert silent.value.code == "hub.no_answer_go_on"
    approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
    desk.authority.submit(Submission((second,), desk.mall.session(CLERK), approval=approval))
    assert desk.figures(member)[0] == 700
    assert desk.following.unsettled_points() == 200


def test_the_hubs_no_is_the_desks_no(desk: Following) -> None:
    member = settled(desk)
    desk.answer = Asked("refused", code="points.not_enough", facts={"usable": 0, "missing": 100})
    with pytest.raises(Refused) as refused:
        desk.redeem(member, approved=False)
    assert refused.value.code == "points.not_enough"
    assert desk.figures(member) == (1_000, 0, 0)


def test_a_gap_or_a_wrong_hash_stops_the_reading_and_takes_a_snapshot(desk: Following) -> None:
    settled(desk)
    before = desk.following.feed()
    desk.hub.add([])
    desk.hub.add([])
    with pytest.raises(FeedBroken):
        desk.following.apply(desk.hub.rows[-1:])
    row = desk.hub.rows[-2]
    with pytest.raises(FeedBroken):
        desk.following.apply([FeedRow(**{**vars(row), "result": {"verdict": "ok", "images": [], "facts": {"x": 1}}})])
    assert desk.following.feed() == before
    desk.hub.rows[-2] = FeedRow(**{**vars(row), "h": os.urandom(32)})
    desk.agent.once()
    assert desk.following.feed() is None
    desk.agent.once()
    assert desk.following.feed() == desk.hub.end()


def test_what_the_program_does_not_know_stops_the_reading_and_leaves_crediting(desk: Following) -> None:
    member = settled(desk)
    before = desk.following.feed()
    desk.hub.add([Image("voucher", "1", {"points": 1})])
    with pytest.raises(FeedUnreadable):
        desk.following.apply(desk.hub.rows[-1:])
    desk.agent.once()
    assert desk.following.feed() == before
    assert desk.agent.status().mode is Mode.UNREADABLE
    with pytest.raises(Refused) as refused:
        desk.redeem(member)
    assert refused.value.code == "offline.unreadable"
    desk.authority.submit(Submission((desk.mall.slip(member, 500),), desk.mall.session(CLERK)))


def test_a_hub_that_was_restored_gets_again_what_it_lacks(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    redeemed = desk.redeem(member, 300)
    desk.hub.down = False
    desk.agent.once()
    assert redeemed in desk.hub.taken
    desk.hub.restored_to(len(desk.hub.rows) - 1)
    desk.mall.clock.advance(timedelta(seconds=11))
    for _ in range(3):
        desk.agent.once()
    assert redeemed in desk.hub.taken
    assert desk.following.feed() == desk.hub.end()


def test_a_card_that_only_the_thin_copy_knows_serves_offline_without_a_name(desk: Following) -> None:
    settled(desk)
    stranger, number = uuid4(), desk.mall.new_card()
    digest = keyed(SEARCH_KEY, "card", number)
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(stranger, 450, digest))]
    desk.following.forget_place()
    desk.agent.once()
    assert desk.following.member_of_card(number) == stranger
    desk.cut()
    assert desk.following.promote(stranger, number)
    desk.redeem(stranger, 400)
    assert desk.figures(stranger) == (50, 0, 0)
    assert as_key(digest)  # nothing of the number itself travels


def test_a_snapshot_settles_what_it_has_and_keeps_what_it_has_not(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    desk.redeem(member, 300)
    account = desk.account(member)
    desk.hub.snapshot_lines = [
        SnapshotLine(
            image=desk.image(
                member,
                AccountImage(1_000, 0, 0, tuple(LotImage(**{**vars(lot), "remaining": 1_000}) for lot in account.lots)),
            )
        )
    ]
    desk.following.take_snapshot(desk.hub.end(), iter(desk.hub.snapshot_lines))
    assert desk.figures(member) == (700, 0, 0)
    assert desk.following.unsettled_points() == 300


def test_whom_a_new_copy_brings_only_in_short_stands_as_it_says(desk: Following) -> None:
    """They were looked up here once: what the store says of them is older than the copy."""
    member = settled(desk)
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(member, 450))]
    desk.following.forget_place()
    desk.agent.once()
    assert desk.figures(member) == (450, 0, 0)
    assert not desk.following.is_full(member), "who wants to see them again has the hub asked"


def test_a_number_that_two_members_stand_under_here_is_whose_the_hub_says(desk: Following) -> None:
    """A store that was put back has given it out a second time."""
    first, second = settled(desk), settled(desk)
    number = desk.number(second)
    desk.hub.add([Image("member", str(first), to_json(MemberImage(number, "active", "bronze", date(2026, 11, 1))))])
    desk.agent.once()
    assert desk.number(first) == number
    assert desk.number(second).startswith("~")
    desk.store.write(lambda connection: connection.run("UPDATE desk SET members_enrolled = 0"))
    desk.mall.member()  # under the next that nobody has


def credit(desk: Following, member: UUID, points: int) -> UUID:
    sale = desk.mall.slip(member, points * 100)
    desk.authority.submit(Submission((sale,), desk.mall.session(CLERK)))
    return sale.id


def reverse(desk: Following, member: UUID, operation: UUID) -> None:
    wish = Reverse(reverses=operation, reason="mistake", member=member)
    approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])
    desk.authority.submit(Submission((wish,), desk.mall.session(CLERK), approval=approval))


def undo(desk: Following, member: UUID, operation: UUID) -> None:
    reverse(desk, member, operation)
    assert verify_copy(desk.store, desk.mall.name, "D1") == []


def brings(desk: Following, member: UUID, owed: int, *lots: LotImage) -> None:
    """The feed's next row, before any answer to what is pending here."""
    desk.hub.down = False
    desk.hub.add([desk.image(member, AccountImage(sum(lot.remaining for lot in lots) - owed, 0, owed, lots))])
    desk.following.apply(desk.hub.rows[-1:])


SOONER = LotImage(UUID(int=77), 0, date(2026, 11, 1), date(2026, 12, 1), 300, 300)


def test_undoing_what_is_not_sent_leaves_what_the_hub_said(desk: Following) -> None:
    """The image has a lot that expires sooner: by now that is what the redemption takes from."""
    member = settled(desk)
    (lot,) = desk.account(member).lots
    desk.cut()
    redemption = desk.redeem(member, 500)
    brings(desk, member, 0, lot, SOONER)
    assert desk.figures(member) == (800, 0, 0)
    said = AccountImage(1_300, 0, 0, (lot, SOONER))
    undo(desk, member, redemption)
    assert sorted(desk.account(member).lots, key=str) == sorted(said.lots, key=str)
    assert desk.figures(member) == (1_300, 0, 0)


def test_one_lot_gives_back_to_two_redemptions_with_an_image_between(desk: Following) -> None:
    """It was used up, so that no image has it any more."""
    member = settled(desk)
    desk.cut()
    first, second = desk.redeem(member, 400), desk.redeem(member, 600)
    desk.hub.down = False
    desk.hub.images_of = lambda envelope: [desk.image(member, AccountImage(0, 0, 0))]
    desk.agent.once()
    desk.agent.once()
    assert desk.figures(member) == (0, 0, 0)
    undo(desk, member, first)
    brings(desk, member, 0, SOONER)
    undo(desk, member, second)
    assert desk.figures(member) == (1_300, 0, 0)
    assert sum(lot.remaining for lot in desk.account(member).lots) == 1_300
    assert max(lot.quantity for lot in desk.account(member).lots) == 1_000


def test_undoing_what_the_hub_took_from_other_lots_gives_all_of_it_back(desk: Following) -> None:
    member = settled(desk)
    (lot,) = desk.account(member).lots
    desk.cut()
    redemption = desk.redeem(member, 300)
    desk.hub.down = False
    desk.hub.images_of = lambda envelope: [desk.image(member, AccountImage(1_000, 0, 0, (lot,)))]
    desk.agent.once()
    desk.agent.once()  # taken from a lot that this desk had not heard of
    assert desk.figures(member) == (1_000, 0, 0)
    undo(desk, member, redemption)
    assert desk.figures(member) == (1_300, 0, 0)
    assert all(each.remaining <= each.quantity for each in desk.account(member).lots)
    after = AccountImage(1_300, 0, 0, (lot, SOONER))
    desk.hub.images_of = lambda envelope: [desk.image(member, after)]
    desk.agent.once()
    desk.agent.once()
    assert sorted(desk.account(member).lots, key=str) == sorted(after.lots, key=str)


def test_undoing_what_overdraws_by_now_ends_what_is_owed(desk: Following) -> None:
    member = settled(desk)
    (lot,) = desk.account(member).lots
    desk.cut()
    redemption = desk.redeem(member, 800)
    brings(desk, member, 0, replace(lot, remaining=500))
    assert desk.figures(member) == (-300, 0, 300)
    credit(desk, member, 100)
    assert desk.figures(member) == (-200, 0, 200)
    undo(desk, member, redemption)
    assert desk.figures(member) == (600, 0, 0)
    brings(desk, member, 0, replace(lot, remaining=400))
    assert desk.figures(member) == (500, 0, 0)


def test_a_sale_that_comes_back_takes_what_is_left_of_it_and_then_others(desk: Following) -> None:
    member = settled(desk)
    (lot,) = desk.account(member).lots
    desk.cut()
    sale = credit(desk, member, 200)
    desk.redeem(member, 800)
    brings(desk, member, 0, replace(lot, remaining=500))  # of the 200, 300 are missing by now
    assert desk.figures(member) == (-100, 0, 100)
    undo(desk, member, sale)
    assert desk.figures(member) == (-300, 0, 300)
    brings(desk, member, 0, lot)
    assert desk.figures(member) == (200, 0, 0)


def cards_of(desk: Following, member: UUID) -> dict[str, str]:
    rows = desk.store.read(lambda c: c.rows("SELECT number, state FROM card WHERE member = :member", member=member))
    return dict(rows)


def said_of(desk: Following, number: str, member: UUID, state: str = "issued") -> Image:
    return Image("card", as_key(keyed(SEARCH_KEY, "card", number)), to_json(CardImage(member, "physical", state, 1, 0)))


def issue(desk: Following, member: UUID) -> str:
    number = desk.mall.new_card()
    desk.authority.submit(Submission((IssueCard(member=member, number=number),), desk.mall.session(CLERK)))
    return number


def test_a_card_that_was_lost_elsewhere_is_lost_here_while_other_things_wait_to_be_sent(desk: Following) -> None:
    member = settled(desk)
    ((number, _),) = cards_of(desk, member).items()
    desk.cut()
    credit(desk, member, 100)
    desk.hub.add([said_of(desk, number, member, "lost")])
    desk.following.apply(desk.hub.rows[-1:])
    assert cards_of(desk, member) == {number: "lost"}


def test_a_card_in_the_place_of_another_may_be_told_before_what_became_of_that(desk: Following) -> None:
    member = settled(desk)
    ((old, _),) = cards_of(desk, member).items()
    new = desk.mall.new_card()
    desk.hub.add([said_of(desk, old, member)])
    desk.following.apply(desk.hub.rows[-1:])

    def told(connection: Connection) -> None:
        images = desk.following._images(connection)
        images.hold_card(new, member, desk.mall.clock.wall_ms())
        for image in (said_of(desk, new, member), said_of(desk, old, member, "lost")):
            images.write(image, desk.hub.end().n)

    desk.store.write(told)
    assert cards_of(desk, member) == {old: "lost", new: "issued"}


def test_two_cards_known_in_short_change_places_when_the_hub_says_which_is_the_physical_one(desk: Following) -> None:
    member = desk.mall.member(0)
    desk.agent.once()
    one, other = desk.mall.new_card(), desk.mall.new_card()
    hashes = [keyed(SEARCH_KEY, "card", number) for number in (one, other)]
    desk.store.write(lambda c: c.run("UPDATE card SET state = 'replaced' WHERE member = :member", member=member))
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(member, 0, *hashes))]
    desk.following.forget_place()
    desk.agent.once()
    desk.following.promote(member)

    def kinds() -> set[tuple[str, str]]:
        rows = "SELECT number, kind FROM card WHERE member = :member AND state = 'issued'"
        return set(desk.store.read(lambda c: c.rows(rows, member=member)))

    (virtual,) = (number for number, kind in kinds() if kind == "virtual")  # a guess
    said = {keyed_number(digest): number for digest, number in zip(hashes, (one, other), strict=True)}
    desk.hub.add([said_of(desk, said[virtual], member)])
    desk.following.apply(desk.hub.rows[-1:])
    assert (virtual, "physical") in kinds()
    assert {kind for _, kind in kinds()} == {"physical", "virtual"}


def test_of_two_cards_for_one_member_the_hubs_counts_and_the_other_is_none(desk: Following) -> None:
    member = desk.mall.bare_member()
    desk.agent.once()
    other = desk.mall.new_card()
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(member, 0, keyed(SEARCH_KEY, "card", other)))]
    desk.following.forget_place()
    desk.agent.once()
    desk.cut()
    own = issue(desk, member)
    assert cards_of(desk, member) == {own: "issued"}, "of the other this desk knows no more than its hash"
    desk.following.promote(member, other)
    assert cards_of(desk, member) == {own: "unknown", other: "issued"}, "the hub will not take the second"
    lost = ReportCardLost(member=member, number=other)
    desk.authority.submit(Submission((lost,), desk.mall.session(CLERK)))
    desk.hub.down = False
    desk.hub.images_of = lambda envelope: [said_of(desk, other, member, "lost")] if envelope.id == lost.id else []
    desk.hub.verdict_of = lambda envelope: (
        ("exception", "conflict.card_conflict") if envelope.verb == "issue_card" else ("ok", None)
    )
    desk.agent.once()
    desk.agent.once()
    assert cards_of(desk, member) == {own: "unknown", other: "lost"}


def test_a_card_of_an_operation_that_is_lost_is_none(desk: Following) -> None:
    member = settled(desk)
    desk.agent.once()
    desk.cut()
    joins = desk.mall.enrolment("王小明")
    desk.authority.submit(Submission((joins,), desk.mall.session(CLERK)))
    second = joins.member
    number = issue(desk, second)
    desk.following.begin_epoch(2, desk.hub.heads["D1"], desk.mall.keys["D1"].public)
    kept = keyed(SEARCH_KEY, "card", next(iter(cards_of(desk, member))))
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(member, 0, kept))]
    desk.following.take_snapshot(desk.hub.end(), iter(desk.hub.snapshot_lines))
    assert cards_of(desk, second) == {number: "unknown"}
    assert list(cards_of(desk, member).values()) == ["issued"]
    with pytest.raises(Refused, match=r"member\.closed"):  # who joined by one that is lost is no member either
        credit(desk, second, 100)


def test_what_this_desk_froze_stays_frozen_when_an_image_comes_that_does_not_know_of_it(desk: Following) -> None:
    member = settled(desk)
    (lot,) = desk.account(member).lots
    desk.agent.once()
    hold = HoldPoints(member=member, points=250, note="dispute")
    desk.authority.submit(Submission((hold,), desk.mall.session(SUPERVISOR)))
    assert desk.figures(member) == (1_000, 250, 0)
    brings(desk, member, 0, lot, SOONER)
    assert desk.figures(member) == (1_300, 250, 0)


def test_a_revoked_desk_does_nothing_new(desk: Following) -> None:
    member = settled(desk)
    desk.hub.state = DeskState.SUSPENDED
    desk.mall.clock.advance(timedelta(seconds=11))
    desk.agent.once()
    assert desk.agent.status().mode is Mode.REVOKED
    with pytest.raises(Refused) as refused:
        desk.redeem(member)
    assert refused.value.code == "hub.revoked"


@pytest.mark.parametrize("why", ["retired", "copied", "unreadable"])
def test_a_desk_that_reads_no_news_waits_between_its_rounds_all_the_same(
    desk: Following, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """Where it reads, it is the hub that holds up whoever asks."""
    desk.hub.state = DeskState.RETIRED if why == "retired" else DeskState.ACTIVE
    desk.hub.re_enrol = why == "copied"
    if why == "unreadable":
        desk.agent.once()
        desk.hub.add((), kind="of a newer hub")
    rounds: list[str] = []
    once, ended, wanted = desk.agent.once, desk.agent._ended, desk.agent._wanted

    def counted() -> None:
        once()
        rounds.append("round")
        if len(rounds) > 9:
            ended.set()

    def waited(seconds: float) -> bool:
        assert seconds == WAIT_S
        ended.set()
        return True

    monkeypatch.setattr(desk.agent, "once", counted)
    monkeypatch.setattr(wanted, "wait", waited)
    desk.agent._run()
    assert len(rounds) <= 2


def test_a_retired_desk_says_so_also_in_its_next_run(desk: Following) -> None:
    settled(desk)
    desk.hub.state = DeskState.RETIRED
    desk.mall.clock.advance(timedelta(seconds=11))
    desk.agent.once()
    for _ in range(2):
        assert (desk.agent.status().mode, desk.agent.status().trouble) == (Mode.REVOKED, "hub.retired")
        desk.restart()


def test_a_forged_licence_opens_nothing(desk: Following) -> None:
    settled(desk)
    desk.hub.licence = a_licence(desk.mall.name, "D1", per_desk=10**9)
    real, desk.hub.key = desk.hub.key, desk.mall.keys["D1"]
    desk.mall.clock.advance(timedelta(seconds=11))
    with pytest.raises(Refused) as forged:
        desk.agent.once()
    assert forged.value.code == "hub.licence_forged"
    desk.hub.key = real
    assert desk.agent.status().floor_limit == 50_000


def test_a_card_known_in_short_stays_lost_until_the_hub_has_heard_of_it(desk: Following) -> None:
    member = desk.mall.member(0)
    desk.agent.once()
    card = desk.mall.new_card()
    digest = keyed(SEARCH_KEY, "card", card)
    short = keyed_number(digest)
    desk.store.write(lambda c: c.run("UPDATE card SET state = 'replaced' WHERE member = :member", member=member))
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(member, 0, digest))]
    desk.following.forget_place()
    desk.agent.once()
    desk.following.promote(member)
    assert cards_of(desk, member)[short] == "issued"
    desk.cut()
    lost = ReportCardLost(member=member, number=short)
    desk.authority.submit(Submission((lost,), desk.mall.session(CLERK)))
    desk.hub.down = False
    desk.hub.add([said_of(desk, card, member)])  # from before the hub had heard of it
    desk.following.apply(desk.hub.rows[-1:])
    desk.following.take_snapshot(desk.hub.end(), iter(desk.hub.snapshot_lines))
    assert cards_of(desk, member)[short] == "lost"
    assert desk.following.promote(member, card)  # somebody has found it, and shows it here
    assert (cards_of(desk, member)[card], short in cards_of(desk, member)) == ("lost", False)
    desk.hub.verdict_of = lambda envelope: ("quarantined", "hub.old_epoch") if envelope.id == lost.id else ("ok", None)
    desk.agent.once()
    desk.agent.once()
    assert cards_of(desk, member)[card] == "issued", "the hub has never heard of it"


def shelf(desk: Following, on_hand: int, gift: str = "CUP") -> Image:
    return Image("stock", f"D1 {gift}", to_json(StockImage(on_hand, 0)))


def test_of_the_images_of_one_reading_the_last_stands_with_all_that_is_pending(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    desk.take_at_once(member)
    said = desk.account(member)
    later = replace(
        said, posted=said.posted + 200, lots=(replace(said.lots[0], remaining=said.lots[0].remaining + 200),)
    )
    for image in (desk.image(member, said), shelf(desk, 50), desk.image(member, later), shelf(desk, 40)):
        desk.hub.add([image])
    desk.following.apply(desk.hub.rows[-4:])
    assert desk.figures(member)[0] == later.posted - 100
    assert desk.mall.stock("CUP")[0] == 39


def test_a_hub_that_was_put_back_tells_of_a_shelf_what_the_desk_did_since_counts_again(desk: Following) -> None:
    member = settled(desk)
    desk.hub.add([shelf(desk, 50)])
    desk.agent.once()
    before = desk.following.head()
    desk.cut()
    desk.take_at_once(member)
    desk.hub.down = False
    desk.agent.once()
    desk.agent.once()
    desk.hub.add([shelf(desk, 49)])
    desk.agent.once()
    assert desk.mall.stock("CUP")[0] == 49
    desk.following.resend_after(before)
    desk.hub.add([shelf(desk, 50)])
    desk.following.apply(desk.hub.rows[-1:])
    assert desk.mall.stock("CUP")[0] == 49


def test_a_copy_that_is_taken_back_leaves_pending_what_it_would_have_settled(desk: Following) -> None:
    member = settled(desk)
    desk.cut()
    desk.take_at_once(member)
    desk.hub.down = False
    told = desk.hub.add([shelf(desk, 50)])
    desk.agent._hello()
    desk.agent._push()  # answered, and not read yet
    place, unknown = desk.hub.end(), SnapshotLine(image=Image("voucher", "1", {"points": 1}))
    with pytest.raises(FeedUnreadable):
        desk.following.take_snapshot(place, iter([unknown]))
    desk.following.apply([told])
    assert desk.mall.stock("CUP")[0] == 49


def test_a_hello_that_has_nothing_sent_again_does_not_have_the_whole_log_read(desk: Following) -> None:
    settled(desk)
    begins = desk.following._pending_from
    assert begins > (0, 0)
    for _ in range(2):
        desk.mall.clock.advance(timedelta(seconds=11))
        desk.agent.once()
        assert desk.following._pending_from >= begins


# What a desk writes once for each thing that was done, or that it knows of: in years, a hundred thousand of each. Not
# among them is what was redeemed cut off (`floor_use`): these are few, and all of them are added up.
GROWING = (
    "operation operation_result journal lot lot_use hold lease_move reversal stock_move sale redemption "
    "redemption_line card member person search_key print_job central_image member_thin card_thin"
).split()
_AFTER_ITS_NAME = re.compile(r"(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+AS)?(?:\s+(\w+))?")
_WHOLE = re.compile(r"(?:SCAN (\w+)|SEARCH (\w+) USING .*\((?:mall_id=\?|mall_id=\? AND desk=\?)\))")


def reads_whole(sql: str, steps: list[str]) -> bool:
    named = {alias or table: table for table, alias in _AFTER_ITS_NAME.findall(sql)} | {name: name for name in GROWING}
    found = [each[1] or each[2] for step in steps if (each := _WHOLE.search(step))]
    ends_at_the_first = sql.endswith("LIMIT 1") and not any("TEMP B-TREE" in step for step in steps)
    return any(named.get(name) in GROWING for name in found) and not ends_at_the_first


def test_no_statement_of_a_desks_day_goes_through_all_it_ever_did_or_all_it_knows(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = settled(desk, 2_000)
    number = issue(desk, member)
    stranger, other = uuid4(), desk.mall.new_card()
    desk.hub.snapshot_lines = [SnapshotLine(thin=in_short(stranger, 450, keyed(SEARCH_KEY, "card", other)))]
    desk.following.forget_place()
    desk.agent.once()
    said = desk.account(member)
    asked: dict[str, dict[str, Any]] = {}
    send = SqliteWire.send

    def noting(wire: SqliteWire, statements: Sequence[Statement]) -> list[Answer]:
        asked.update((sql, values) for sql, values, *_ in statements)
        return send(wire, statements)

    monkeypatch.setattr(SqliteWire, "send", noting)
    desk.agent.once()
    desk.cut()
    desk.following.promote(stranger, other)
    credit(desk, member, 300)
    reverse(desk, member, desk.redeem(member, 200))
    desk.take_at_once(member)
    desk.hub.down = False
    lease = LeaseImage("D1", member, 100, 100, desk.mall.clock.wall_ms() + 60_000, None)
    desk.hub.images_of = lambda _: [
        desk.image(member, said),
        said_of(desk, number, member),
        shelf(desk, 50),
        Image("lease", str(uuid4()), to_json(lease)),
    ]
    desk.agent.once()
    desk.agent.once()
    assert desk.following.waiting().count == 0
    queries = SqlQueries(desk.store, desk.mall.name, "D1", desk.mall.clock)
    assert queries.member_page(member).timeline
    assert not queries.holds(member)
    SqlSpool(desk.store, desk.mall.name, "D1").next_queued()

    def plans(connection: Connection) -> list[str]:
        every = {
            sql: [step[-1] for step in connection.rows(f"EXPLAIN QUERY PLAN {sql}", **values)]
            for sql, values in list(asked.items())
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH"))
        }
        return [f"{sql}: {steps}" for sql, steps in every.items() if reads_whole(sql, steps)]

    assert len(asked) > 60
    found = desk.store.read(plans)
    assert not found, "\n".join(found)
