"""What a desk gets of members in full, it gets of no more in a day than a counter serves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import Refused
from app.sync.protocol import Lookup
from tests.support.hub import HubMall
from tests.support.mall import CLERK


def test_beyond_the_figure_nobody_is_shown_and_a_supervisor_is_told_once_a_day(mall: HubMall) -> None:
    desk, other = mall.hub_desk(), mall.hub_desk()
    first, second, third = (desk.member() for _ in range(3))
    few = "INSERT INTO setting (mall_id, name, value) VALUES (:mall, 'lookups_per_day', '2')"
    mall.store.write(lambda connection: connection.run(few, mall=mall.name))

    assert desk.session is not None
    session = desk.session

    def shown(member: object, at: object = desk) -> bool:
        asked = Lookup(CLERK, session, member=member)  # type: ignore[arg-type]
        return mall.hub.lookup(mall.hub.known_desk(at.desk), asked).full is not None  # type: ignore[attr-defined]

    assert all(shown(member) for member in (first, second, first, second)), "the same ones again are no more"
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            shown(third)
        assert (refused.value.code, refused.value.facts) == ("lookup.quota", {"quota": 2})
    assert mall.tasks() == ["conflict.looked_up_much"]
    assert shown(second), "who is served goes on being served"
    assert shown(third, other), "another desk has figures of its own"
    assert mall.hub.lookup(mall.hub.known_desk(desk.desk), Lookup(CLERK, desk.session, name="李𬭚")).rows
    mall.clock.advance(timedelta(days=1))
    assert shown(third)
    kept = "SELECT count(*) FROM desk_shown WHERE mall_id = :mall AND desk = :desk"
    assert mall.one(kept, desk=desk.desk) == (1,), "whom it was shown yesterday, nobody has to know"
