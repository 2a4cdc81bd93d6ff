"""Results as you type, without a window."""

from __future__ import annotations

from app.domain.errors import Unavailable
from app.queries.rows import Found
from tests.unit.presenters.fakes import OUYANG, WANG, Desk, JobsLater, Recorder, found_members
from ui.counter.find.presenter import FindPresenter


def finding(found: dict[str, Found]) -> tuple[Desk, JobsLater, Recorder, FindPresenter]:
    jobs = JobsLater()
    desk = Desk(jobs=jobs)
    desk.queries.found = found
    screen = Recorder()
    return desk, jobs, screen, FindPresenter(screen, desk.services)


def test_one_question_at_a_time_and_the_newest_text_wins() -> None:
    desk, jobs, screen, presenter = finding({"wang": found_members(WANG)})
    for text in ("w", "wa", "wan", "wang"):
        presenter.typed(text)
    assert len(jobs.waiting) == 1
    jobs.answer_all()
    assert desk.queries.asked == ["w", "wang"]
    assert [row.member for row in screen.state.rows] == [WANG]


def test_an_answer_that_comes_after_the_field_was_emptied_is_dropped() -> None:
    _, jobs, screen, presenter = finding({"王": found_members(WANG)})
    presenter.typed("王")
    presenter.typed("")
    jobs.answer_all()
    assert not screen.state.open
    assert screen.state.rows == ()


def test_the_arrows_go_round_and_enter_opens() -> None:
    _, jobs, screen, presenter = finding({"1234": found_members(WANG, OUYANG)})
    presenter.typed("1234")
    jobs.answer_all()
    presenter.move(1)
    assert screen.state.selected == 1
    presenter.enter()
    assert screen.opened == [OUYANG]
    assert not screen.state.open


def test_enter_before_the_answer_opens_the_only_one_when_it_comes() -> None:
    _, jobs, screen, presenter = finding({"13800001234": found_members(WANG)})
    presenter.typed("13800001234")
    presenter.enter()
    jobs.answer_all()
    assert screen.opened == [WANG]


def test_enter_before_the_answer_never_guesses_between_two() -> None:
    _, jobs, screen, presenter = finding({"1234": found_members(WANG, OUYANG)})
    presenter.typed("1234")
    presenter.enter()
    jobs.answer_all()
    assert screen.opened == []


def test_a_typed_card_number_is_a_swipe() -> None:
    _, _, screen, presenter = finding({})
    presenter.typed("9900 0100 0000 0019")
    presenter.enter()
    assert screen.cards == ["9900010000000019"]


def test_nobody_found_is_said() -> None:
    _, jobs, screen, presenter = finding({})
    presenter.typed("zzz")
    assert not screen.state.nobody
    jobs.answer_all()
    assert screen.state.nobody


def test_a_search_that_fails_keeps_the_text_and_says_why() -> None:
    desk, jobs, screen, presenter = finding({})

    def broken(_typed: str) -> Found:
        raise Unavailable("store.busy")

    desk.queries.find_members = broken  # type: ignore[assignment, method-assign]
    presenter.typed("wang")
    jobs.answer_all()
    assert screen.state.problem.code == "store.busy"
    assert screen.state.typed == "wang"
