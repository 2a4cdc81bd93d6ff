"""Shares of a member's points, as the hub works them out (docs/adr/0012); the model has the histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.shares import Share, ShareSpend, SharingDesk, exposure, exposures, largest_share, no_longer_counted

LICENSED = ((1, None),)


def desk(name: str, acked: int = 0, spans: tuple[tuple[int, int | None], ...] = LICENSED) -> SharingDesk:
    return SharingDesk(name, acked, spans)


def test_a_desk_may_still_go_by_any_share_since_the_one_that_it_has_acknowledged() -> None:
    shares = [Share(1, 50, 1), Share(2, 20, 1), Share(5, 10, 1)]
    assert exposure(desk("K1", 0), shares, []) == 50
    assert exposure(desk("K1", 2), shares, []) == 20
    assert exposure(desk("K1", 4), shares, []) == 20
    assert exposure(desk("K1", 5), shares, []) == 10


def test_what_came_since_a_share_was_told_is_taken_off_it_and_off_no_later_one() -> None:
    shares = [Share(1, 50, 1), Share(5, 30, 1)]
    assert exposure(desk("K1"), shares, [ShareSpend("K1", 3, 25)]) == 30
    assert exposure(desk("K1"), shares, [ShareSpend("K1", 6, 25)]) == 25
    assert exposure(desk("K1"), shares, [ShareSpend("K2", 6, 25)]) == 50


def test_shares_of_licence_epochs_without_the_desk_are_none_of_its() -> None:
    shares = [Share(1, 50, 1), Share(2, 40, 2), Share(3, 30, 3)]
    assert exposure(desk("K1", spans=((2, 3),)), shares, []) == 40
    assert exposure(desk("K1", spans=((3, None),)), shares, []) == 30
    assert exposure(desk("K1", spans=()), shares, []) == 0


def test_nobody_has_a_share_while_a_desk_has_not_reported_to_a_restored_hub() -> None:
    silent = SharingDesk("K2", 0, LICENSED, is_settled=False)
    assert largest_share(100, 100, [desk("K1"), desk("K2")], [], []) == 50
    assert largest_share(100, 100, [desk("K1"), silent], [], []) == 0
    assert largest_share(100, 100, [desk("K1", spans=())], [], []) == 0


histories = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 3)), max_size=6).map(
    lambda rows: [Share(n, points, licence) for n, (points, licence) in enumerate(rows, start=1)]
)
desks = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from([((1, None),), ((2, None),), ((1, 2),), ()])), min_size=1, max_size=4
).map(lambda rows: [desk(f"K{at}", acked, spans) for at, (acked, spans) in enumerate(rows)])


@given(histories, desks, st.integers(0, 200), st.integers(0, 60))
def test_with_the_new_share_no_more_is_set_aside_than_there_is(
    shares: list[Share], all_desks: list[SharingDesk], usable: int, most: int
) -> None:
    before = sum(exposures(all_desks, shares, []).values())
    points = largest_share(usable, most, all_desks, shares, [])
    after = [*shares, Share(99, points, 3)]
    assert points <= most
    assert sum(exposures(all_desks, after, []).values()) <= max(usable, before)
    larger = [*shares, Share(99, points + 1, 3)]
    licensed = sum(each.is_licensed for each in all_desks)
    if before <= usable and licensed and points < min(most, usable // licensed):
        assert sum(exposures(all_desks, larger, []).values()) > usable, "it could have been larger"


@given(histories, desks, st.lists(st.tuples(st.integers(0, 3), st.integers(1, 7), st.integers(1, 30)), max_size=5))
def test_what_is_forgotten_changes_no_exposure(
    shares: list[Share], all_desks: list[SharingDesk], rows: list[tuple[int, int, int]]
) -> None:
    spends = [ShareSpend(f"K{at}", n, points) for at, n, points in rows]
    first, seen = no_longer_counted(all_desks, shares, spends)
    kept_shares = [share for share in shares if share.n >= first]
    kept_spends = [spend for spend in spends if spend not in seen]
    assert exposures(all_desks, kept_shares, kept_spends) == exposures(all_desks, shares, spends)
