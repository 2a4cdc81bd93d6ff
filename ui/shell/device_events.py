"""Devices speak on their own threads; the window hears them on its own, through one queued signal."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from app.ports.devices import DeviceEvent, Devices


class DeviceEvents(QObject):
    """`listener` is called on the GUI thread for every event until `stop()`."""

    _heard = Signal(object)

    def __init__(
        self, devices: Devices, listener: Callable[[DeviceEvent], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._listener = listener
        self._stopped = False
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        self._end = devices.listen(self._heard.emit)

    def stop(self) -> None:
        self._stopped = True
        self._end()

    def _on_heard(self, event: DeviceEvent) -> None:
        if not self._stopped:
            self._listener(event)
