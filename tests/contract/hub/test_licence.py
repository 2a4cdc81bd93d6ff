"""What a desk may do while it is cut off: signed, for a day, and never more than the policy bears."""

from __future__ import annotations

from app.sync.protocol import OfflinePolicy
from tests.support.hub import HubMall


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


def test_it_says_how_many_desks_there_are_and_is_signed(mall: HubMall) -> None:
    desk = mall.hub_desk()
    first = desk.enrolled.licence.checked(desk.enrolled.hub_key)
    assert (first.desks, first.per_member, first.policy) == (1, 2_000, OfflinePolicy.BOUNDED)
    mall.hub_desk()
    second = mall.hub.licence_of(mall.hub.known_desk(desk.desk)).checked(desk.enrolled.hub_key)
    assert (second.desks, second.number) == (2, first.number + 1), "one more desk may redeem: another licence epoch"
    assert second.not_after_ms == mall.clock.wall_ms() + 86_400_000


def test_the_mall_sets_the_figures(mall: HubMall) -> None:
    put(mall, offline_per_member="700", offline_licence_s="3600")
    licence = mall.hub_desk().enrolled.licence.licence
    assert (licence.per_member, licence.not_after_ms - mall.clock.wall_ms()) == (700, 3_600_000)


def test_strict_gives_no_points_away_while_there_are_no_shares(mall: HubMall) -> None:
    put(mall, offline_policy="strict")
    licence = mall.hub_desk().enrolled.licence.licence
    assert licence.policy is OfflinePolicy.STRICT
    assert (licence.per_redemption, licence.per_member, licence.per_desk) == (0, 0, 0)
