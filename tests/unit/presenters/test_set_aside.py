"""Setting points aside for this desk, without a window."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.domain.errors import Unavailable
from app.operations.lease_points import LeasePoints
from app.operations.return_lease import ReturnLease
from app.queries.rows import LeaseRow
from tests.unit.presenters.fakes import FACTS, NOW, SUPERVISOR, WANG, Desk, FakeHost, FakeQueries, a_page
from ui.counter.services import Problem
from ui.members.set_aside.presenter import SetAsidePresenter, SetAsideState

LEASE = LeaseRow(UUID(int=77), 3_000, 1_200, NOW + timedelta(hours=5))


class WithALease(FakeQueries):
    def leases(self, member: UUID) -> tuple[LeaseRow, ...]:
        return (LEASE,)


class Screen:
    state = SetAsideState()

    def show_set_aside(self, state: SetAsideState) -> None:
        self.state = state


def setting_aside() -> tuple[Desk, Screen, SetAsidePresenter]:
    FACTS.setdefault(  # type: ignore[attr-defined] # a dict behind a Mapping
        "lease_points", lambda o: {"points": o.points, "usable_before": 12_480, "usable_after": 12_480 - o.points}
    )
    FACTS.setdefault("return_lease", lambda _o: {"points": 1_200})  # type: ignore[attr-defined]
    desk, screen = Desk(queries=WithALease(), person=SUPERVISOR), Screen()
    presenter = SetAsidePresenter(screen, desk.services)
    presenter.host = FakeHost()
    presenter.opened()
    presenter.show_member(a_page())
    return desk, screen, presenter


def test_points_are_set_aside_for_as_long_as_was_chosen() -> None:
    desk, screen, presenter = setting_aside()
    presenter.type_points("3,000")
    presenter.choose_hours(72)
    presenter.keep()
    (operation,) = desk.authority.operations
    assert isinstance(operation, LeasePoints)
    assert (operation.member, operation.points, operation.hours) == (WANG, 3_000, 72)
    assert screen.state.result is not None
    assert (screen.state.result.before, screen.state.result.after) == (12_480, 9_480)


def test_more_than_there_is_or_no_number_is_said_before_anything_is_sent() -> None:
    desk, screen, presenter = setting_aside()
    presenter.type_points("20000")
    presenter.keep()
    assert screen.state.sending.problem == Problem("points.not_enough", {"usable": 12_480, "missing": 7_520})
    presenter.type_points("x")
    presenter.keep()
    assert screen.state.sending.problem == Problem("hold.points_unreadable")
    assert desk.authority.operations == []


def test_what_is_left_is_returned() -> None:
    desk, screen, presenter = setting_aside()
    assert screen.state.leases == (LEASE,)
    presenter.give_back(LEASE.lease)
    (operation,) = desk.authority.operations
    assert isinstance(operation, ReturnLease)
    assert operation.lease == LEASE.lease
    assert screen.state.result is not None
    assert screen.state.result.returned


def test_a_return_without_an_answer_is_one_request_when_asked_again_and_another_beside_what_follows() -> None:
    desk, _screen, presenter = setting_aside()
    desk.authority.failures = [Unavailable("store.busy"), Unavailable("store.busy")]
    presenter.type_points("100")
    presenter.give_back(LEASE.lease)
    presenter.give_back(LEASE.lease)
    presenter.keep()
    first, again, other = (operation.id for operation in desk.authority.operations)
    assert first == again != other


def test_a_list_that_cannot_be_read_is_said() -> None:
    desk, screen, presenter = setting_aside()

    def failing(member: UUID) -> tuple[LeaseRow, ...]:
        raise Unavailable("store.busy")

    desk.queries.leases = failing  # type: ignore[method-assign]
    presenter.opened()
    assert screen.state.sending.problem is not None
    assert screen.state.sending.problem.code == "store.busy"


def test_a_clerk_sees_it_and_may_return_it_but_sets_nothing_aside() -> None:
    desk, screen, presenter = setting_aside()
    desk.person = Desk().person
    presenter.render()
    assert not screen.state.allowed
    assert screen.state.leases == (LEASE,)
