"""A desk's machines as people see them, a list, and as `desk.json` keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.ports.devices import DeviceKind, Machine
from app.settings import DeskSettings, ReaderSettings

FIRST_READER = "reader"
KEYBOARD = "keyboard"  # name and driver of the reader that types: it has no port


@dataclass(frozen=True)
class _Fields:
    """Where the settings keep a machine of which a desk has one."""

    url: str
    driver: str
    baudrate: str


_ONE_OF_A_KIND: Mapping[DeviceKind, _Fields] = {
    DeviceKind.PRINTER: _Fields("printer_url", "printer_profile", "printer_baudrate"),
    DeviceKind.ENCODER: _Fields("encoder_url", "encoder_driver", "encoder_baudrate"),
    DeviceKind.DISPENSER: _Fields("dispenser_url", "dispenser_driver", "dispenser_baudrate"),
    DeviceKind.DISPLAY: _Fields("display_url", "display_driver", "display_baudrate"),
}
_READER_FIELDS = ("reader_url", "reader_driver", "reader_baudrate", "more_readers")


def machines_of(settings: DeskSettings) -> tuple[Machine, ...]:
    """Readers first, in their order."""
    found = []
    if settings.reader_url:
        found.append(
            Machine(
                FIRST_READER,
                DeviceKind.READER,
                settings.reader_url,
                settings.reader_driver,
                settings.reader_baudrate,
                FIRST_READER not in settings.switched_off,
            )
        )
    found += [
        Machine(
            reader.name,
            DeviceKind.READER,
            reader.url,
            reader.driver,
            reader.baudrate,
            reader.name not in settings.switched_off,
            reader.scan_prefix,
            reader.scan_suffix,
        )
        for reader in settings.more_readers
    ]
    if settings.keyboard_reader:
        enabled = KEYBOARD not in settings.switched_off
        found.append(
            Machine(KEYBOARD, DeviceKind.READER, "", KEYBOARD, 0, enabled, scan_prefix=settings.keyboard_prefix)
        )
    for kind, fields in _ONE_OF_A_KIND.items():
        url = getattr(settings, fields.url)
        if url:
            baudrate, name = getattr(settings, fields.baudrate), kind.value
            enabled = name not in settings.switched_off
            found.append(Machine(name, kind, url, getattr(settings, fields.driver), baudrate, enabled))
    return tuple(found)


def with_machines(settings: DeskSettings, machines: Sequence[Machine]) -> DeskSettings:
    """The same desk with these machines and no others. A second one of a kind of which there is one has no place here:
    `app.operations.change_machines` has refused it, switched off or not."""
    changed: dict[str, Any] = {
        "reader_url": "",
        "reader_driver": "line",
        "reader_baudrate": 0,
        "more_readers": [],
        "keyboard_reader": False,
        "keyboard_prefix": "",
        "switched_off": [machine.name for machine in machines if not machine.enabled],
    }
    for fields in _ONE_OF_A_KIND.values():
        changed[fields.url] = ""
    for machine in machines:
        if machine.kind is DeviceKind.READER:
            _put_reader(changed, machine)
        else:
            fields = _ONE_OF_A_KIND[machine.kind]
            changed |= {fields.url: machine.url, fields.driver: machine.driver, fields.baudrate: machine.baudrate}
    return settings.model_copy(update=changed)


def only_machines(settings: DeskSettings) -> dict[str, Any]:
    """The part of the settings that says which machines there are."""
    names = {*_READER_FIELDS, "switched_off", "printer_kinds", "probed_printers"}
    for fields in _ONE_OF_A_KIND.values():
        names |= {fields.url, fields.driver, fields.baudrate}
    return {name: getattr(settings, name) for name in sorted(names)}


def _put_reader(changed: dict[str, Any], machine: Machine) -> None:
    if machine.driver == KEYBOARD:
        changed["keyboard_reader"], changed["keyboard_prefix"] = True, machine.scan_prefix
        return
    if machine.name == FIRST_READER and not (machine.scan_prefix or machine.scan_suffix) and machine.url:
        changed["reader_url"] = machine.url
        changed["reader_driver"] = machine.driver
        changed["reader_baudrate"] = machine.baudrate
        return
    changed["more_readers"].append(
        ReaderSettings(
            name=machine.name,
            url=machine.url,
            driver=machine.driver,
            baudrate=machine.baudrate,
            scan_prefix=machine.scan_prefix,
            scan_suffix=machine.scan_suffix,
        )
    )
