"""A supervisor's approval card: scanned where somebody is asked to approve, given and ended on the staff screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from app.domain.approval_card import ApprovalCard, read_approval_card
from app.domain.errors import Refused
from app.operations.end_approval_card import EndApprovalCard
from app.operations.give_approval_card import GiveApprovalCard
from app.ports.authority import ApprovalGiven
from app.queries.rows import StaffRow
from tests.unit.presenters.fakes import FACTS, Desk, FakeAuthority, needs_approval
from tests.unit.presenters.test_counter import WANGS_CARD, Counter, a_counter
from ui.catalogue.keeping import KeepingState
from ui.counter.sending import Step
from ui.counter.services import Problem, SignedIn
from ui.staff.presenter import CARD, END_CARD, StaffPresenter

ADMINISTRATOR = SignedIn(UUID(int=9), "9001", "周敏", "administrator")
SECRET = bytes(range(16))
CARD_OF_LI, CARD_OF_A_CLERK = (ApprovalCard(staff, SECRET).text for staff in ("2001", "1002"))


def asked_to_approve() -> Counter:
    counter = a_counter(Desk(authority=FakeAuthority(needs=needs_approval("approval.offline"))))
    counter.presenter.card_seen(WANGS_CARD, "swipe")
    counter.redeem.typed("bwb")
    counter.redeem.enter()
    counter.redeem.enter()
    assert counter.redeem.sending.state.step is Step.APPROVAL
    return counter


def test_a_scanned_card_says_who_approves_and_goes_with_their_pin() -> None:
    counter = asked_to_approve()
    counter.presenter.card_seen(CARD_OF_LI, "scan")
    assert counter.redeem.sending.state.card_of == "2001"
    counter.redeem.sending.approve("2001", "246801")
    assert counter.desk.authority.submitted[-1].approval == ApprovalGiven("2001", "246801", SECRET)


def test_another_approver_does_not_get_the_card_that_was_scanned() -> None:
    counter = asked_to_approve()
    counter.presenter.card_seen(CARD_OF_LI, "scan")
    counter.redeem.sending.approve("2002", "246802")
    assert counter.desk.authority.submitted[-1].approval == ApprovalGiven("2002", "246802")


def test_the_card_of_somebody_who_may_not_approve_is_refused_and_the_question_stays() -> None:
    counter = asked_to_approve()
    counter.presenter.card_seen(CARD_OF_A_CLERK, "scan")
    state = counter.redeem.sending.state
    assert (state.step, state.card_of) == (Step.APPROVAL, "")
    assert state.problem == Problem("approval.no_right", {"staff": "1002"})


def test_a_card_that_is_wanted_is_asked_for_and_the_basket_is_kept() -> None:
    counter = asked_to_approve()
    counter.desk.authority.failures = [Refused("approval_card.needed", name="李强")]
    counter.redeem.sending.approve("2001", "246801")
    state = counter.redeem.sending.state
    assert (state.step, state.problem) == (Step.APPROVAL, Problem("approval_card.needed", {"name": "李强"}))
    counter.presenter.card_seen(CARD_OF_LI, "scan")
    counter.redeem.sending.approve("2001", "246801")
    assert counter.redeem.sending.state.step is Step.DONE
    first, second = counter.desk.authority.submitted[-2:]
    assert first.operations == second.operations


def test_a_card_that_counts_no_more_has_to_be_another_one() -> None:
    counter = asked_to_approve()
    counter.presenter.card_seen(CARD_OF_LI, "scan")
    counter.desk.authority.failures = [Refused("approval_card.wrong")]
    counter.redeem.sending.approve("2001", "246801")
    assert counter.redeem.sending.state.card_of == ""


def test_with_nothing_to_approve_it_is_no_members_card() -> None:
    counter = a_counter()
    counter.presenter.card_seen(CARD_OF_LI, "scan")
    assert counter.screen.state.notice == Problem("approval_card.nothing_to_approve")
    assert counter.screen.state.member is None


class Screen:
    def show_state(self, state: KeepingState[StaffRow]) -> None: ...


def keeping(has_card: bool = False) -> tuple[Desk, StaffPresenter, StaffRow, list[str]]:
    FACTS.setdefault("give_approval_card", lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    FACTS.setdefault("end_approval_card", lambda _o: {})  # type: ignore[attr-defined]
    desk, drawn = Desk(person=ADMINISTRATOR), []

    def draw(name: str, text: str, language: str) -> bytes:
        drawn.append(text)
        return f"{name} {language}".encode()

    presenter = StaffPresenter(Screen(), replace(desk.services, approval_card_pdf=draw))
    row = StaffRow("2001", "李强", "supervisor", 0, None, locked_for_good=False, has_card=has_card)
    return desk, presenter, row, drawn


def filled(presenter: StaffPresenter, row: StaffRow, file: Path) -> KeepingState[StaffRow]:
    presenter.choose_file = lambda _name: file
    presenter.start(CARD, row)
    presenter.put("holder_pin", "246801")
    presenter.put("own_pin", "468024")
    presenter.save()
    return presenter.state


def test_the_card_that_is_printed_is_the_one_that_is_given(tmp_path: Path) -> None:
    desk, presenter, row, drawn = keeping()
    state = filled(presenter, row, tmp_path / "card.pdf")
    assert (state.saved, state.saved_name) == ("card", "李强")
    (submission,) = desk.authority.submitted
    assert isinstance(submission.operations[0], GiveApprovalCard)
    assert (submission.approval, submission.pin) == (ApprovalGiven("2001", "246801"), "468024")
    card = read_approval_card(drawn[0])
    assert card is not None
    assert (card.staff, card.secret) == ("2001", submission.new_card)
    assert (tmp_path / "card.pdf").read_bytes() == "李强 zh_CN".encode()


def test_a_card_that_was_not_given_leaves_no_file(tmp_path: Path) -> None:
    desk, presenter, row, _ = keeping()
    desk.authority.failures = [Refused("pin.wrong", left=4, whose="staff")]
    state = filled(presenter, row, tmp_path / "card.pdf")
    assert state.problem == Problem("pin.wrong", {"left": 4, "whose": "staff"})
    assert not (tmp_path / "card.pdf").exists()


def test_without_a_place_to_save_it_no_card_is_given(tmp_path: Path) -> None:
    desk, presenter, row, _ = keeping()
    state = filled(presenter, row, tmp_path / "nowhere" / "card.pdf")
    assert state.problem is not None
    assert state.problem.code == "file.not_written"
    assert desk.authority.submitted == []


def test_a_lost_card_is_ended(tmp_path: Path) -> None:
    desk, presenter, row, _ = keeping(has_card=True)
    assert presenter.may_end_card(row)
    presenter.start(END_CARD, row)
    presenter.save()
    assert [(o.staff, o.reason) for o in desk.authority.operations if isinstance(o, EndApprovalCard)] == [
        ("2001", "lost")
    ]
