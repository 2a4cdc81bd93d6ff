"""Sign-in and lock, without Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import Refused, Unavailable
from app.operations.sign_in import SignIn
from app.ports.jobs import JobsAtOnce
from app.queries.rows import StaffTile
from tests.gui.foundation.fakes import NOW, STAFF, FakeAuthority, FakeQueries, sentence
from ui.shell.lock.presenter import LockPresenter
from ui.shell.session import Session
from ui.shell.sign_in.presenter import SignInPresenter


@dataclass
class FakeScreen:
    staff: tuple[StaffTile, ...] = ()
    chosen: StaffTile | None = None
    busy: bool = False
    problem: str = ""
    person: tuple[str, str] = ("", "")

    def show_staff(self, staff: tuple[StaffTile, ...]) -> None:
        self.staff = staff

    def show_chosen(self, staff: StaffTile | None) -> None:
        self.chosen = staff

    def show_person(self, name: str, role: str) -> None:
        self.person = (name, role)

    def show_busy(self, busy: bool) -> None:
        self.busy = busy

    def show_problem(self, sentence: str) -> None:
        self.problem = sentence


@dataclass
class Counter:
    screen: FakeScreen
    authority: FakeAuthority
    presenter: Any
    came_in: list[Any] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)


@pytest.fixture
def signing_in() -> Counter:
    screen, authority = FakeScreen(), FakeAuthority()
    counter = Counter(screen, authority, None)
    counter.presenter = SignInPresenter(
        screen,
        authority,
        FakeQueries(),  # type: ignore[arg-type]
        JobsAtOnce(),
        sentence=sentence,
        signed_in=counter.came_in.append,
        bug=counter.bugs.append,
        now=lambda: NOW,
    )
    counter.presenter.open()
    return counter


def test_the_right_pin_opens_a_session(signing_in: Counter) -> None:
    signing_in.presenter.choose(STAFF[3])
    signing_in.presenter.enter("123456")
    (session,) = signing_in.came_in
    assert (session.staff, session.name, session.role) == ("2001", "欧阳雪", "supervisor")
    assert session.since == NOW.astimezone(UTC)
    (submission,) = signing_in.authority.submitted
    assert isinstance(submission.operations[0], SignIn)
    assert session.session == submission.operations[0].id


def test_a_wrong_pin_is_a_sentence_and_nobody_comes_in(signing_in: Counter) -> None:
    signing_in.presenter.choose(STAFF[0])
    signing_in.presenter.enter("000000")
    assert signing_in.screen.problem == "密码不对，还可以试 4 次。"
    assert signing_in.came_in == []
    assert not signing_in.screen.busy


def test_a_lockout_counts_down_and_takes_no_pin_meanwhile(signing_in: Counter) -> None:
    signing_in.authority.refuse = Refused("staff.pin_locked", seconds=2)
    signing_in.presenter.choose(STAFF[0])
    signing_in.presenter.enter("000000")
    assert "2 秒" in signing_in.screen.problem
    signing_in.presenter.enter("123456")
    assert signing_in.came_in == []
    signing_in.presenter.tick()
    assert "1 秒" in signing_in.screen.problem
    signing_in.presenter.tick()
    assert signing_in.screen.problem == ""
    signing_in.presenter.enter("123456")
    assert len(signing_in.came_in) == 1


def test_another_person_does_not_wait_for_somebody_elses_lockout(signing_in: Counter) -> None:
    signing_in.authority.refuse = Refused("staff.pin_locked", seconds=60)
    signing_in.presenter.choose(STAFF[0])
    signing_in.presenter.enter("000000")
    signing_in.presenter.choose(STAFF[1])
    assert signing_in.screen.problem == ""
    signing_in.presenter.enter("123456")
    assert signing_in.came_in[0].staff == "1002"


@pytest.mark.parametrize(("typed", "staff"), [("1002", "1002"), ("9", "9001"), (" 2001 ", "2001")])
def test_a_number_chooses_as_soon_as_it_is_unambiguous(signing_in: Counter, typed: str, staff: str) -> None:
    signing_in.presenter.choose_number(typed)
    assert signing_in.screen.chosen is not None
    assert signing_in.screen.chosen.staff == staff


@pytest.mark.parametrize("typed", ["1", "77", ""])
def test_an_unclear_number_chooses_nobody_and_says_so(signing_in: Counter, typed: str) -> None:
    signing_in.presenter.choose_number(typed)
    assert signing_in.screen.chosen is None
    assert signing_in.screen.problem == f"没有工号 {typed}。"


def test_whoever_works_here_alone_need_not_choose_themselves(signing_in: Counter) -> None:
    signing_in.presenter._on_staff(STAFF[:1])
    assert signing_in.screen.chosen == STAFF[0]


def test_a_store_that_is_away_is_said(signing_in: Counter) -> None:
    signing_in.authority.refuse = Unavailable("store.away")
    signing_in.presenter.choose(STAFF[0])
    signing_in.presenter.enter("123456")
    assert signing_in.screen.problem == "store.away"


def test_a_bug_goes_to_the_crash_log(signing_in: Counter) -> None:
    signing_in.authority.refuse = ZeroDivisionError()
    signing_in.presenter.choose(STAFF[0])
    signing_in.presenter.enter("123456")
    assert isinstance(signing_in.bugs[0], ZeroDivisionError)
    assert not signing_in.screen.busy


@pytest.fixture
def locked() -> Counter:
    screen, authority = FakeScreen(), FakeAuthority()
    counter = Counter(screen, authority, None)
    counter.presenter = LockPresenter(
        screen,
        authority,
        JobsAtOnce(),
        sentence=sentence,
        unlocked=lambda: counter.came_in.append(True),
        bug=counter.bugs.append,
    )
    counter.presenter.lock(Session(uuid4(), "1001", "张丽", "clerk", frozenset(), NOW))
    return counter


def test_the_same_person_unlocks_with_their_pin(locked: Counter) -> None:
    assert locked.screen.person == ("张丽", "clerk")
    locked.presenter.enter("654321")
    assert locked.screen.problem == "密码不对，还可以试 4 次。"
    assert locked.came_in == []
    locked.presenter.enter("123456")
    assert locked.came_in == [True]


def test_guessing_at_the_lock_is_locked_out_too(locked: Counter) -> None:
    locked.authority.refuse = Refused("staff.pin_locked", seconds=1)
    locked.presenter.enter("654321")
    locked.presenter.enter("123456")
    assert locked.came_in == []
    locked.presenter.tick()
    locked.presenter.enter("123456")
    assert locked.came_in == [True]
