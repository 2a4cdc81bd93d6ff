"""A line between desk and hub with weather of its own: late, cut, or open and silent. For bench and demo."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

WEATHERS = ("fair", "late", "cut", "half open")
LATE_S = 0.3  # each way, and again for each piece
_PIECE = 65_536
_LOOK_S = 0.02


class Weather:
    """Listens on `port` of this machine and carries to the hub's. `control`: a file in which a process writes what it
    wants next."""

    def __init__(self, hub_port: int, control: Path | None = None) -> None:
        self._hub_port = hub_port
        self._control = control
        self._now = "fair"
        self._ended = threading.Event()
        self.to_desk_bytes = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(_LOOK_S)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def turn(self, weather: str) -> None:
        """One of WEATHERS, also for what is open already."""
        self._now = weather

    def weather(self) -> str:
        return self._now

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            if self._control is not None and self._control.exists():
                said = self._control.read_text(encoding="utf-8").strip()
                self._now = said if said in WEATHERS else self._now
            try:
                desk, _ = self._listening.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._carry, args=(desk,), daemon=True).start()

    def _carry(self, desk: socket.socket) -> None:
        if self._now == "cut":
            desk.close()
            return
        try:
            hub = socket.create_connection(("127.0.0.1", self._hub_port), timeout=5)
        except OSError:
            desk.close()
            return
        back = threading.Thread(target=self._pump, args=(hub, desk, True), daemon=True)
        back.start()
        self._pump(desk, hub, False)
        back.join()
        for end in (desk, hub):
            end.close()

    def _pump(self, source: socket.socket, target: socket.socket, to_desk: bool) -> None:
        source.settimeout(0.1)
        with suppress(OSError):
            while not self._ended.is_set() and self._now != "cut":
                try:
                    piece = source.recv(_PIECE)
                except TimeoutError:
                    continue
                if not piece:
                    break
                if self._now == "late":
                    time.sleep(LATE_S)
                while self._now == "half open" and not self._ended.wait(_LOOK_S):
                    pass
                target.sendall(piece)
                if to_desk:
                    self.to_desk_bytes += len(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
