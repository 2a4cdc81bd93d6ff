"""The counter's devices, real or simulated, and the spool that feeds the printer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.composition.desk import Desk
from app.ports.devices import DeviceEvent, DeviceHealth, DeviceKind, DeviceState
from app.ports.paper import PrintJob
from app.settings import DeskSettings
from devices.drivers.profiles import PROFILES, PrinterProfile
from devices.supervisor import DeskDevices, DeviceSettings
from printing.renderers.paper_profile import PaperProfile
from printing.spool import Spool


def paper_profile(profile: PrinterProfile) -> PaperProfile:
    return PaperProfile(columns=profile.columns, dots=profile.dots, native_qr=profile.native_qr, cutter=profile.cutter)


def settings_of_devices(settings: DeskSettings) -> tuple[DeviceSettings, ...]:
    """What `desk.json` names; an empty URL means that the desk has no such machine."""
    found = []
    if settings.reader_url:
        found.append(
            DeviceSettings(
                "reader",
                DeviceKind.READER,
                settings.reader_url,
                baudrate=settings.reader_baudrate,
                card_prefix=settings.card_prefix,
            )
        )
    if settings.printer_url:
        found.append(
            DeviceSettings(
                "printer",
                DeviceKind.PRINTER,
                settings.printer_url,
                driver=settings.printer_profile,
                baudrate=settings.printer_baudrate or None,
            )
        )
    return tuple(found)


class SimulatedLines(Protocol):
    reader_url: str
    printer_url: str


def with_simulated(settings: DeskSettings, machines: SimulatedLines) -> DeskSettings:
    """The same desk, its machines simulated over real serial lines."""
    return settings.model_copy(update={"reader_url": machines.reader_url, "printer_url": machines.printer_url})


class Machines:
    """Devices and spool of one desk. `start` once listeners are in place; `stop` within a few seconds."""

    def __init__(
        self,
        desk: Desk,
        settings: DeskSettings,
        *,
        language: Callable[[], str],
        report: Callable[[BaseException], None],
        changed: Callable[[PrintJob], None] = lambda _: None,
    ) -> None:
        self.devices = DeskDevices(settings_of_devices(settings), report=report)
        self.spool = Spool(
            desk.spool,
            slip=desk.queries.redemption_slip,
            printer=lambda: self.devices.printer,
            profile=lambda: paper_profile(PROFILES[settings.printer_profile]),
            language=language,
            changed=changed,
        )
        self._printer_was: DeviceState | None = None
        self.devices.listen(self._heard)

    def _heard(self, event: DeviceEvent) -> None:
        """A printer that has come back may find slips waiting for it."""
        if not isinstance(event, DeviceHealth) or event.kind is not DeviceKind.PRINTER:
            return
        if event.state is DeviceState.ONLINE and self._printer_was is not DeviceState.ONLINE:
            self.spool.wake()
        self._printer_was = event.state

    def start(self) -> None:
        self.devices.start()
        self.spool.start()

    def stop(self) -> None:
        # The devices first: then a slip of which no byte was accepted is kept as such and prints at the next start.
        self.devices.stop()
        self.spool.stop()
