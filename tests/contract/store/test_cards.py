"""Cards that prove themselves, the stock they come from, and what happens to one that looks copied."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.card import card_number
from app.domain.card_code import PresentedCard, card_code, member_code, qr_key, stripe_key
from app.domain.errors import Refused
from app.operations.export_card_numbers import ExportCardNumbers
from app.operations.hand_out import HandOut
from app.operations.issue_card import IssueCard
from app.operations.present_member_code import PresentMemberCode
from app.operations.print_card_face import PrintCardFace
from app.operations.print_statement import PrintStatement
from app.operations.raise_card_alert import RaiseCardAlert
from app.operations.reissue_card import ReissueCard
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.set_up import AddCardBatch
from app.operations.void_card_batch import VoidCardBatch
from app.operations.void_card_number import VoidCardNumber
from app.ports.authority import Submission
from app.sync.envelope import decoded
from db.queries.counter import SqlQueries
from db.store import Store
from db.verify import verify
from tests.support.mall import CLERK, MEMBER_PIN, OTHER_SUPERVISOR, PINS, PREFIX, SUPERVISOR, Mall, refused


def queries(mall: Mall, desk: str = "D1") -> SqlQueries:
    return SqlQueries(mall.store, mall.name, desk, mall.clock)


def card_of(mall: Mall, member: UUID) -> str:
    (card,) = queries(mall).member_page(member).cards
    return card.card


def code_of(mall: Mall, number: str, issue: int = 1) -> str:
    return card_code(number, issue, stripe_key(mall.card_key))


def shown(mall: Mall, member: UUID, *, later_s: float = 0) -> PresentMemberCode:
    at_s = mall.clock.now.timestamp() + later_s
    return PresentMemberCode(member=member, code=member_code(card_of(mall, member), at_s, qr_key(mall.card_key)))


def with_card(mall: Mall, card: PresentedCard, *operations: Any, desk: str = "D1", **how: Any) -> Submission:
    return replace(mall.submission(*operations, desk=desk, **how), card=card)


def envelope_of(mall: Mall, operation: UUID) -> Any:
    (encoded,) = mall.one(
        "SELECT encoded FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation
    )
    return decoded(encoded)


# -- member QR ---------------------------------------------------------------------------------------------------------


def test_a_member_qr_stands_for_the_pin(mall: Mall) -> None:
    member = mall.member(7_000, pin=MEMBER_PIN)
    redeem = mall.redemption(member, "BOX", 2)
    code = shown(mall, member)
    needs = mall.authority().requirements(mall.submission(code, redeem))
    assert not needs.member_pin
    mall.do(code, redeem, HandOut(member=member, redemption=redeem.id, lines=(0,)))
    assert envelope_of(mall, redeem.id).member_proof == "qr"
    assert envelope_of(mall, code.id).member_proof is None
    assert verify(mall.store, mall.name) == []


def test_a_member_without_a_pin_agrees_by_qr_and_nobody_else_has_to(mall: Mall) -> None:
    member = mall.member(7_000)
    redeem = mall.redemption(member, "BOX", 2)
    assert mall.authority().requirements(mall.submission(redeem)).approval is not None
    assert mall.authority().requirements(mall.submission(shown(mall, member), redeem)).approval is None
    mall.do(shown(mall, member), redeem)
    assert verify(mall.store, mall.name) == []


def test_a_member_qr_counts_once(mall: Mall) -> None:
    member = mall.member(7_000, pin=MEMBER_PIN)
    first = shown(mall, member)
    mall.do(first)
    again = replace(shown(mall, member), code=first.code)
    with refused("card.qr_used"):
        mall.do(again, mall.redemption(member, "BOX", 2))
    with refused("card.qr_used"):
        queries(mall).own_card_holder(PresentedCard(first.code, "scan"))
    mall.clock.advance(timedelta(seconds=30))
    with refused("card.qr_used"):
        mall.do(replace(again, code=first.code))
    mall.do(shown(mall, member))


def test_an_earlier_step_never_counts_after_a_later_one(mall: Mall) -> None:
    member = mall.member()
    mall.do(shown(mall, member, later_s=30))
    with refused("card.qr_used"):
        mall.do(shown(mall, member))


def test_the_same_submission_sent_again_is_answered_and_not_refused(mall: Mall) -> None:
    member = mall.member(7_000, pin=MEMBER_PIN)
    submission = mall.submission(shown(mall, member), mall.redemption(member, "BOX", 2))
    mall.authority().submit(submission)
    mall.clock.advance(timedelta(minutes=5))
    assert all(answer.replayed for answer in mall.authority().submit(submission))
    assert mall.usable(member) == 5_800


@pytest.mark.parametrize("seconds", [-61, 61, 3_600])
def test_a_member_qr_of_another_time_counts_for_nothing(mall: Mall, seconds: int) -> None:
    member = mall.member()
    with refused("card.qr_old"):
        mall.do(shown(mall, member, later_s=seconds))


def test_a_forged_member_qr_counts_for_nothing(mall: Mall) -> None:
    member = mall.member()
    text = member_code(card_of(mall, member), mall.clock.now.timestamp(), qr_key(bytes(32)))
    with refused("card.qr_false"):
        mall.do(PresentMemberCode(member=member, code=text))
    with refused("card.qr_false"):
        queries(mall).own_card_holder(PresentedCard(text, "scan"))
    with refused("card.qr_false"):
        mall.do(PresentMemberCode(member=member, code="M1.x"))


def test_one_members_qr_does_not_agree_for_another(mall: Mall) -> None:
    member, other = mall.member(7_000, pin=MEMBER_PIN), mall.member()
    with refused("card.not_this_member"):
        mall.do(replace(shown(mall, other), member=member), mall.redemption(member, "BOX", 2))
    with refused("member.pin_required"):
        mall.do(shown(mall, other), mall.redemption(member, "BOX", 2))


def test_a_lost_card_has_no_qr(mall: Mall) -> None:
    member = mall.member()
    code = shown(mall, member)
    mall.do(ReportCardLost(member=member, number=card_of(mall, member)))
    with refused("card.not_active"):
        mall.do(code)
    with refused("card.lost"):
        queries(mall).own_card_holder(PresentedCard(code.code, "scan"))


def test_a_scanned_member_qr_says_who_stands_there_and_is_not_used_up_by_that(mall: Mall) -> None:
    member = mall.member()
    code = shown(mall, member)
    holder = queries(mall).own_card_holder(PresentedCard(code.code, "scan"))
    assert (holder.member, holder.doubt) == (member, "")
    assert holder.card == PresentedCard(card_of(mall, member), "scan")
    assert queries(mall).member_by_card(code.code) == member
    mall.do(code)


@pytest.fixture
def two_programs(own_store: Store, own_url: str) -> Iterator[Mall]:
    """Two desks, each with a connection of its own to one PostgreSQL."""
    if own_store.kind == "sqlite":
        pytest.skip("one process on a local store, and one writer")
    mall, other = Mall(own_store), Store.open(own_url, None)
    mall.add_desk("D2", 2)
    mall.use("D2", other)
    for desk, staff in (("D1", CLERK), ("D2", CLERK), ("D2", SUPERVISOR)):
        mall.session(staff, desk)
    yield mall
    other.close()


def at_once(*doing: Callable[[], object]) -> list[str]:
    """What became of each: "ok" or the code of a refusal, sorted."""
    said: list[str] = []

    def one(do: Callable[[], object]) -> None:
        try:
            do()
            said.append("ok")
        except Refused as no:
            said.append(no.code)

    threads = [threading.Thread(target=one, args=(do,)) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_two_programs_take_a_code_once(two_programs: Mall) -> None:
    mall = two_programs
    for _ in range(10):
        member = mall.member()
        first, second = shown(mall, member), shown(mall, member)
        said = at_once(lambda: mall.do(first), lambda: mall.do(second, desk="D2"))  # noqa: B023 - joined in this turn
        assert said == ["card.qr_used", "ok"]
    assert verify(mall.store, mall.name) == []


def test_a_card_is_not_issued_from_a_batch_that_is_voided_at_this_moment(two_programs: Mall) -> None:
    mall = two_programs
    for _ in range(10):
        member, first = mall.bare_member(), queries(mall).next_card_serial()
        mall.do(AddCardBatch(first_serial=first, count=3), by=SUPERVISOR, desk="D1")
        issue = IssueCard(member=member, number=card_number(first, PREFIX, mall.card_key))
        void = VoidCardBatch(first_serial=first, reason="整箱遗失")
        said = at_once(
            lambda: mall.do(issue),  # noqa: B023 - joined in this turn
            lambda: mall.do(void, by=SUPERVISOR, pin=PINS[SUPERVISOR], desk="D2"),  # noqa: B023
        )
        assert said in (["ok", "ok"], ["card.void", "ok"])
        row = queries(mall).card_batches()[-1]
        assert (row.in_stock, row.issued + row.void) == (0, 3)
    assert verify(mall.store, mall.name) == []


# -- card codes --------------------------------------------------------------------------------------------------------


def test_the_right_card_code_says_nothing_and_the_wrong_one_says_so(mall: Mall) -> None:
    member = mall.member()
    number = card_of(mall, member)
    right, wrong = code_of(mall, number), code_of(mall, number, 2)
    assert queries(mall).own_card_holder(PresentedCard(number, "swipe", right)).doubt == ""
    assert queries(mall).own_card_holder(PresentedCard(number, "swipe")).doubt == ""
    holder = queries(mall).own_card_holder(PresentedCard(number, "swipe", wrong))
    assert (holder.member, holder.doubt) == (member, "code_wrong")


def test_with_a_wrong_card_code_the_member_is_only_looked_at(mall: Mall) -> None:
    member = mall.member(1_000)
    number = card_of(mall, member)
    copied = PresentedCard(number, "swipe", "000000")
    redeem = mall.redemption(member)
    for operation in (redeem, mall.slip(member, 5_000)):
        with refused("card.code_wrong"):
            mall.authority().submit(with_card(mall, copied, operation))
        with refused("card.code_wrong"):
            mall.authority().requirements(with_card(mall, copied, operation))
    mall.authority().submit(with_card(mall, copied, PrintStatement(member=member)))
    mall.authority().submit(with_card(mall, copied, ReportCardLost(member=member, number=number)))
    mall.do(redeem)  # who was found by name is served: the person at the counter answers for that
    assert verify(mall.store, mall.name) == []


def test_the_card_that_was_read_is_that_of_the_member_who_is_served(mall: Mall) -> None:
    member, other = mall.member(1_000), mall.member()
    with refused("card.not_this_member"):
        mall.authority().submit(with_card(mall, PresentedCard(card_of(mall, other)), mall.redemption(member)))


@pytest.mark.parametrize("entry", ["swipe", "tap", "scan", "keyed"])
def test_how_the_card_was_read_stands_in_the_log(mall: Mall, entry: str) -> None:
    member = mall.member(1_000)
    redeem = mall.redemption(member)
    mall.authority().submit(with_card(mall, PresentedCard(card_of(mall, member), entry), redeem))
    assert envelope_of(mall, redeem.id).entry == entry
    assert verify(mall.store, mall.name) == []


def test_a_card_that_is_written_anew_kills_the_old_stripe(mall: Mall) -> None:
    member = mall.member()
    number = card_of(mall, member)
    contents, issue = queries(mall).card_to_write(number, member=member)
    assert issue == 2
    mall.do(ReissueCard(member=member, number=number, issue=issue))
    old = PresentedCard(number, "swipe", code_of(mall, number))
    assert queries(mall).own_card_holder(old).doubt == "code_wrong"
    assert contents.track_2.endswith(code_of(mall, number, 2))
    assert queries(mall).own_card_holder(PresentedCard(number, "swipe", contents.track_2[-6:])).doubt == ""
    with refused("card.issue_changed"):
        mall.do(ReissueCard(member=member, number=number, issue=2))
    mall.do(ReissueCard(member=member, number=number, issue=3, made="spoilt"))
    assert verify(mall.store, mall.name) == []


def test_what_is_written_to_a_new_card_is_right_once_it_is_issued(mall: Mall) -> None:
    number = queries(mall).free_card_number()
    contents, issue = queries(mall).card_to_write(number, name="欧阳修")
    assert issue == 1
    assert contents.number == number
    assert f"B{number}^OUYANG/XIU^" in contents.track_1
    member = mall.bare_member()
    mall.do(IssueCard(member=member, number=number))
    seen = PresentedCard(number, "swipe", contents.track_1[-6:])
    assert queries(mall).own_card_holder(seen).doubt == ""


def test_the_stripe_of_a_member_carries_their_name(mall: Mall) -> None:
    member = mall.member(name="单雨桐")
    contents, _ = queries(mall).card_to_write(card_of(mall, member), member=member)
    assert "^SHAN/YUTONG^" in contents.track_1


def test_an_alert_is_on_record_and_on_the_members_page_for_a_month(mall: Mall) -> None:
    member = mall.member()
    assert "card.alert_recent" not in queries(mall).member_page(member).warnings
    mall.do(RaiseCardAlert(member=member, number=card_of(mall, member), kind="code_wrong"))
    assert "card.alert_recent" in queries(mall).member_page(member).warnings
    mall.clock.advance(timedelta(days=31))
    assert "card.alert_recent" not in queries(mall).member_page(member).warnings
    assert verify(mall.store, mall.name) == []


def test_a_card_at_two_counters_within_a_minute_is_said(mall: Mall) -> None:
    mall.add_desk("D2", 2)
    member = mall.member(1_000)
    number = card_of(mall, member)
    mall.clock.advance(timedelta(minutes=2))
    mall.do(mall.slip(member, 5_000), desk="D2")
    assert queries(mall, "D2").own_card_holder(PresentedCard(number, "swipe")).doubt == ""
    holder = queries(mall).own_card_holder(PresentedCard(number, "swipe"))
    assert (holder.doubt, holder.elsewhere) == ("two_counters", "2 号台")
    mall.clock.advance(timedelta(seconds=61))
    assert queries(mall).own_card_holder(PresentedCard(number, "swipe")).doubt == ""


# -- stock -------------------------------------------------------------------------------------------------------------


def test_a_batch_counts_what_became_of_its_numbers(mall: Mall) -> None:
    first = queries(mall).next_card_serial()
    mall.do(AddCardBatch(first_serial=first, count=10, kind="physical", label=" 红卡 "), by=SUPERVISOR)
    numbers = [card_number(serial, PREFIX, mall.card_key) for serial in range(first, first + 10)]
    members = [mall.bare_member() for _ in range(3)]
    for member, number in zip(members, numbers, strict=False):
        mall.do(IssueCard(member=member, number=number))
    mall.do(ReportCardLost(member=members[0], number=numbers[0]))
    mall.do(ReplaceCard(member=members[1], old_number=numbers[1], new_number=numbers[5]))
    mall.do(VoidCardNumber(number=numbers[7], reason="spoilt"))
    row = queries(mall).card_batches()[-1]
    assert (row.label, row.kind, row.count, row.first_number) == ("红卡", "physical", 10, numbers[0])
    assert (row.in_stock, row.issued, row.lost, row.replaced, row.void) == (5, 2, 1, 1, 1)
    facts = mall.do(VoidCardBatch(first_serial=first, reason="整箱遗失"), by=SUPERVISOR, pin=PINS[SUPERVISOR])
    assert facts["numbers"] == 5
    row = queries(mall).card_batches()[-1]
    assert (row.in_stock, row.issued, row.lost, row.replaced, row.void) == (0, 2, 1, 1, 6)
    with refused("card.batch_used_up"):
        mall.do(VoidCardBatch(first_serial=first, reason="再来一次"), by=SUPERVISOR, pin=PINS[SUPERVISOR])
    assert verify(mall.store, mall.name) == []


def test_a_voided_number_never_becomes_a_card(mall: Mall) -> None:
    member = mall.member()
    number = queries(mall).free_card_number()
    mall.do(VoidCardNumber(number=number, reason="spoilt"))
    assert queries(mall).free_card_number() != number
    with refused("card.void"):
        mall.do(IssueCard(member=mall.bare_member(), number=number))
    with refused("card.void"):
        mall.do(VoidCardNumber(number=number, reason="spoilt"))
    with refused("card.issued_before"):
        mall.do(VoidCardNumber(number=card_of(mall, member), reason="damaged"))


def test_numbers_are_for_the_kind_of_their_batch(mall: Mall) -> None:
    first = queries(mall).next_card_serial()
    mall.do(AddCardBatch(first_serial=first, count=5, kind="virtual"), by=SUPERVISOR)
    number = card_number(first, PREFIX, mall.card_key)
    assert queries(mall).free_card_number("virtual") == number
    assert queries(mall).free_card_number("physical") != number
    member = mall.bare_member()
    with refused("card.other_kind"):
        mall.do(IssueCard(member=member, number=number))
    mall.do(IssueCard(member=member, number=number, kind="virtual"))


def test_who_keeps_card_stock(mall: Mall) -> None:
    batch = AddCardBatch(first_serial=queries(mall).next_card_serial(), count=5)
    with refused("staff.no_right"):
        mall.do(batch, by=CLERK)
    mall.do(batch, by="9001")
    with refused("pin.required"):
        mall.do(VoidCardBatch(first_serial=1, reason="不见了"), by=SUPERVISOR)
    with refused("card.batch_unknown"):
        mall.do(VoidCardBatch(first_serial=2, reason="不见了"), by=SUPERVISOR, pin=PINS[SUPERVISOR])


def test_each_desk_makes_batches_in_its_own_room(mall: Mall) -> None:
    other = mall.add_desk("D2", 2)
    assert queries(mall, "D2").next_card_serial() == 2_000_000_001
    other.submit_as_system(AddCardBatch(first_serial=2_000_000_001, count=7))
    assert queries(mall, "D2").next_card_serial() == 2_000_000_008
    assert queries(mall).next_card_serial() == 10_001


def test_exported_numbers_are_those_in_stock_and_only_for_who_asked(mall: Mall) -> None:
    first = queries(mall).next_card_serial()
    mall.do(AddCardBatch(first_serial=first, count=4), by=SUPERVISOR)
    numbers = [card_number(serial, PREFIX, mall.card_key) for serial in range(first, first + 4)]
    mall.do(IssueCard(member=mall.bare_member(), number=numbers[0]))
    mall.do(VoidCardNumber(number=numbers[2], reason="damaged"))
    export = ExportCardNumbers(first_serial=first, reason="交制卡厂")
    with refused("operation.unknown"):
        queries(mall).exported_cards(export.id, SUPERVISOR)
    mall.do(export, by=SUPERVISOR, pin=PINS[SUPERVISOR])
    found = queries(mall).exported_cards(export.id, SUPERVISOR)
    assert [(card.serial, card.number) for card in found] == [(first + 1, numbers[1]), (first + 3, numbers[3])]
    assert [card.card_code for card in found] == [code_of(mall, number) for number in (numbers[1], numbers[3])]
    assert numbers[1] not in repr(found)
    with refused("operation.unknown"):
        queries(mall).exported_cards(export.id, OTHER_SUPERVISOR)


def test_what_is_printed_on_a_card_is_on_record_first(mall: Mall) -> None:
    member, other = mall.member(name="欧阳雪莹"), mall.member()
    wanted = PrintCardFace(member=member, number=card_of(mall, member))
    with refused("operation.unknown"):
        queries(mall).card_face(wanted.id, CLERK)
    mall.do(wanted)
    face = queries(mall).card_face(wanted.id, CLERK)
    assert (face.mall_name, face.name, face.tier) == ("测试广场", "欧阳雪莹", "bronze")
    assert face.number == card_of(mall, member)
    assert "欧阳" not in repr(face)
    with refused("operation.unknown"):
        queries(mall).card_face(wanted.id, SUPERVISOR)
    with refused("card.not_this_member"):
        mall.do(PrintCardFace(member=other, number=card_of(mall, member)))
