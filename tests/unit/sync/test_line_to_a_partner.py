"""The line between two hubs of a group: one that is silent must not hold up the desk that waits for both."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from uuid import UUID

import pytest

from app.domain.errors import Unavailable
from app.sync import group
from app.sync.envelope import DeskKey
from app.sync.group import AskGuest, FindGuest, PartnerClient
from app.sync.http import TOTAL_S, HubClient
from app.sync.hub import HUB_DESK
from tests.support.clocks import SetClock


@pytest.fixture
def silent() -> Iterator[PartnerClient]:
    """To a hub that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        client = HubClient(
            f"http://127.0.0.1:{door.getsockname()[1]}",
            mall="M01",
            desk=HUB_DESK,
            key=DeskKey(os.urandom(32)),
            hub_key=bytes(32),
            clock=SetClock(),
            ca=None,
        )
        made = PartnerClient(client)
        yield made
        made.close()


def test_a_silent_home_is_given_up_while_the_desk_still_waits_for_its_own_hub(
    silent: PartnerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert group.ASKED_WITHIN_S <= TOTAL_S / 2
    monkeypatch.setattr(group, "ASKED_WITHIN_S", 0.05)
    with pytest.raises(Unavailable):
        silent.find(FindGuest("13800001234", "1001"))
    with pytest.raises(Unavailable):
        silent.ask(AskGuest(UUID(int=1), UUID(int=2), 100))
