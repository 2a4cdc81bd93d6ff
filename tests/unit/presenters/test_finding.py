"""Results as you type, without a window."""

from __future__ import annotations

from dataclasses import replace

from app.domain.errors import Unavailable
from app.queries.rows import Found, Searched
from tests.unit.presenters.fakes import OUYANG, WANG, Desk, FakeTimers, JobsLater, Recorder, found_members
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

    desk.queries.find_here = broken  # type: ignore[assignment, method-assign]
    presenter.typed("wang")
    jobs.answer_all()
    assert screen.state.problem.code == "store.busy"
    assert screen.state.typed == "wang"


def at_a_desk_of_a_hub(here: Found, everywhere: Found) -> tuple[Desk, JobsLater, FakeTimers, Recorder, FindPresenter]:
    timers = FakeTimers()
    jobs = JobsLater()
    desk = Desk(jobs=jobs, timers=timers)
    desk.queries.found_here = {"李静": replace(here, searched=Searched.HERE_FIRST)}
    desk.queries.found = {"李静": everywhere}
    screen = Recorder()
    presenter = FindPresenter(screen, desk.services)
    presenter.typed("李静")
    jobs.answer_all()
    return desk, jobs, timers, screen, presenter


def test_those_held_here_are_shown_at_once_and_the_hubs_when_typing_pauses() -> None:
    desk, jobs, timers, screen, _ = at_a_desk_of_a_hub(found_members(WANG), found_members(WANG, OUYANG))
    assert [row.member for row in screen.state.rows] == [WANG]
    assert screen.state.asking
    assert desk.queries.asked_hub == []
    timers.pass_once()
    jobs.answer_all()
    assert [row.member for row in screen.state.rows] == [WANG, OUYANG]
    assert not screen.state.asking


def test_enter_waits_for_the_hub_so_that_nobody_else_of_that_name_is_missed() -> None:
    _, jobs, _, screen, presenter = at_a_desk_of_a_hub(found_members(WANG), found_members(WANG, OUYANG))
    presenter.enter()
    assert screen.opened == []
    jobs.answer_all()
    assert screen.opened == []
    assert len(screen.state.rows) == 2


def test_a_second_enter_does_not_wait_for_the_hub() -> None:
    _, jobs, _, screen, presenter = at_a_desk_of_a_hub(found_members(WANG), found_members(WANG, OUYANG))
    presenter.enter()
    presenter.enter()
    assert screen.opened == [WANG]
    jobs.answer_all()
    assert not screen.state.open


def test_a_row_chosen_by_hand_stays_chosen_when_others_come() -> None:
    _, jobs, timers, screen, presenter = at_a_desk_of_a_hub(found_members(WANG), found_members(OUYANG, WANG))
    presenter.select(0)
    timers.pass_once()
    jobs.answer_all()
    presenter.enter()
    assert screen.opened == [WANG]


def test_what_is_typed_while_the_hub_thinks_is_what_is_answered() -> None:
    desk, jobs, timers, screen, presenter = at_a_desk_of_a_hub(found_members(WANG), found_members(WANG, OUYANG))
    timers.pass_once()
    presenter.typed("李静怡")
    desk.queries.found["李静怡"] = found_members(OUYANG)
    jobs.answer_all()
    assert [row.member for row in screen.state.rows] == [OUYANG]


def test_a_hub_that_fails_leaves_those_found_here() -> None:
    desk, jobs, timers, screen, _ = at_a_desk_of_a_hub(found_members(WANG), found_members())

    def broken(_typed: str) -> Found:
        raise Unavailable("store.busy")

    desk.queries.find_members = broken  # type: ignore[assignment, method-assign]
    timers.pass_once()
    jobs.answer_all()
    assert [row.member for row in screen.state.rows] == [WANG]
    assert screen.state.problem.code == "store.busy"
    assert screen.state.searched is Searched.HERE
