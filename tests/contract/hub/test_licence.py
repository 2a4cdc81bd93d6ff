"""What a desk may do while it is cut off: signed, for a day, and never more than the policy bears."""

from __future__ import annotations

from app.sync.protocol import DeskState, Licence, OfflinePolicy
from tests.support.hub import DeskOfHub, HubMall


def put(mall: HubMall, **settings: str) -> None:
    def write(connection: object) -> None:
        for name, value in settings.items():
            connection.run(  # type: ignore[attr-defined]
                "INSERT INTO setting (mall_id, name, value) VALUES (:mall, :name, :value)",
                mall=mall.name,
                name=name,
                value=value,
            )

    mall.store.write(write)


def licence(mall: HubMall, desk: DeskOfHub) -> Licence:
    """The one that its next hello brings."""
    reply = mall.hub.hello(mall.hub.known_desk(desk.desk), desk.hello())
    assert reply.licence is not None
    return reply.licence.checked(desk.enrolled.hub_key)


def test_it_says_how_many_desks_there_are_and_is_signed(mall: HubMall) -> None:
    desk = mall.hub_desk()
    first = licence(mall, desk)
    assert (first.desks, first.per_member, first.policy) == (1, 2_000, OfflinePolicy.BOUNDED)
    licence(mall, mall.hub_desk())
    second = licence(mall, desk)
    assert second.desks == 2
    assert second.number > first.number, "one more desk may redeem: another licence epoch"
    assert second.since == first.since
    assert second.not_after_ms == mall.clock.wall_ms() + 86_400_000


def test_a_desk_is_one_of_them_when_it_says_hello(mall: HubMall) -> None:
    desk, other = mall.hub_desk(), mall.hub_desk()
    assert other.enrolled.licence is not None
    before = other.enrolled.licence.checked(other.enrolled.hub_key)
    assert (before.per_redemption, before.per_desk) == (0, 0)
    assert before.since > before.number, "no share counts for it"
    assert licence(mall, desk).desks == 1


def test_a_desk_that_is_stopped_is_none_of_them(mall: HubMall) -> None:
    desk, other = mall.hub_desk(), mall.hub_desk()
    licence(mall, other)
    first = licence(mall, desk)
    mall.hub_store.transact(
        other.desk,
        lambda transaction: transaction.set_state(DeskState.SUSPENDED, must_enrol=True, why="hub.found_fork"),
    )
    second = licence(mall, desk)
    assert (first.desks, second.desks) == (2, 1)
    assert second.number > first.number


def test_the_mall_sets_the_figures(mall: HubMall) -> None:
    put(mall, offline_per_member="700", offline_licence_s="3600", offline_policy="strict")
    figures = licence(mall, mall.hub_desk())
    assert (figures.per_member, figures.not_after_ms - mall.clock.wall_ms()) == (700, 3_600_000)
    assert figures.policy is OfflinePolicy.STRICT
