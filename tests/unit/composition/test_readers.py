"""Which machines a desk's settings name."""

from __future__ import annotations

import pytest

from app.composition.machines import settings_of_devices
from app.domain.errors import Unavailable
from app.settings import DeskSettings, ReaderSettings


def test_a_desk_can_have_several_readers_of_different_kinds() -> None:
    settings = DeskSettings(
        store="",
        reader_url="/dev/ttyUSB0",
        more_readers=[ReaderSettings(name="tap", url="/dev/ttyUSB1", driver="pn532")],
    )
    found = settings_of_devices(settings)
    assert [(one.name, one.url, one.line.baudrate) for one in found] == [
        ("reader", "/dev/ttyUSB0", 9_600),
        ("tap", "/dev/ttyUSB1", 115_200),
    ]


def test_without_ports_there_are_no_machines() -> None:
    assert settings_of_devices(DeskSettings(store="")) == ()


@pytest.mark.parametrize(
    "wrong", [{"reader_driver": "crystal-ball"}, {"printer_profile": "crystal-ball", "printer_url": "x"}]
)
def test_a_driver_that_does_not_exist_is_said(wrong: dict[str, str]) -> None:
    with pytest.raises(Unavailable) as refused:
        settings_of_devices(DeskSettings.model_validate({"store": "", **wrong}))
    assert refused.value.code == "settings.unreadable"
    assert "crystal-ball" in str(refused.value.facts["field"])
