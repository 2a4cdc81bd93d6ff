"""A calm window (see tests.gui.admin), and in it the screen of a desk and its hub; each file says how `link` stands."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.admin.conftest import calm, desk, spoken
from tests.support.hub_link import FakeLink
from tests.unit.presenters.fakes import Desk
from ui.sync.view import SyncView

__all__ = ["calm", "desk"]


@pytest.fixture
def view(qtbot: QtBot, desk: Desk, link: FakeLink) -> SyncView:
    made = SyncView(spoken(desk.services), link)
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.show()
    made.entered()
    return made
