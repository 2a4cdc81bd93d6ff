"""Which machines a desk's settings name."""

from __future__ import annotations

import pytest

from app.composition.machines import DevicesHere, settings_of_devices
from app.domain.errors import Unavailable
from app.ports.devices import CardSeen, DeviceEvent
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


def test_a_reader_that_types_has_no_port_and_keeps_its_prefix() -> None:
    settings = DeskSettings(store="", keyboard_reader=True, keyboard_prefix="F12", card_prefix="8800")
    (found,) = settings_of_devices(settings)
    assert (found.is_keyboard, found.url, found.scan_prefix, found.card_prefix) == (True, "", "F12", "8800")


def test_the_window_finds_the_reader_that_types() -> None:
    settings = settings_of_devices(DeskSettings(store="", keyboard_reader=True))
    heard: list[DeviceEvent] = []
    reports: list[BaseException] = []
    devices = DevicesHere(settings, report=reports.append)
    devices.listen(heard.append)
    assert devices.keyboard is not None
    for at, key in enumerate("9900010000000019\r"):
        devices.keyboard.pressed(key, at / 100)
    assert heard == [CardSeen("9900010000000019", entry="scan", reader="keyboard")]
    devices.change(())
    assert devices.keyboard is None
    assert reports == []
