"""What the line to the hub does to the screen, and how soon a desk knows that it is alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.composition.bench.figures import Figure, Say, at_most
from app.composition.bench.hub_ground import CHEAP_PINS, RunningHub
from app.composition.bench.screens import told_by
from app.composition.desk import open_desk
from app.composition.weather import Weather
from app.domain.mode import Mode
from app.ports.hub import HubStatus
from app.settings import Home

SILENCES = ("cut", "half open")
CONTACT_TIMEOUT_S = 15  # as the licence says unless the mall sets another
_PATIENCE_S = 60.0


def figures(hub: RunningHub, folder: Path, members: int, say: Say) -> Iterator[Figure]:
    control = folder / "weather.txt"
    weather = Weather(hub.port, control)
    try:
        home = hub.desk_at(folder / "cutting", 35, url=f"https://127.0.0.1:{weather.port}")
        say("the window in all weathers")
        told = told_by("in_all_weathers", str(home.folder), str(control), str(members))
        control.unlink(missing_ok=True)
        weather.turn("fair")
        yield Figure(
            "longest block of the GUI thread while the hub is late, cut off, silent",
            told["longest_block_ms"],
            "ms",
            aim=at_most(50, "value"),
            note=told["during"],
        )
        say("cutting the line")
        took = {silence: _switching(home, weather, silence) for silence in SILENCES}
        worst = max(took, key=lambda silence: took[silence])
        yield Figure(
            "a silent hub → the desk goes on by itself, longest",
            took[worst],
            "s",
            aim=at_most(CONTACT_TIMEOUT_S + 1, "value"),
            note=worst,
        )
    finally:
        weather.close()


def _switching(home: Home, weather: Weather, silence: str) -> float:
    """Seconds from the cut until the status that the screen shows is another."""
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    modes: list[Mode] = []
    changed = threading.Condition()

    def tell(status: HubStatus) -> None:
        with changed:
            modes.append(status.mode)
            changed.notify_all()

    desk.link.agent.listen(tell)
    desk.link.start()
    try:
        with changed:
            assert changed.wait_for(lambda: bool(modes) and modes[-1] is Mode.ONLINE, _PATIENCE_S)
            weather.turn(silence)
            started = time.perf_counter()
            assert changed.wait_for(lambda: modes[-1] is not Mode.ONLINE, _PATIENCE_S)
            return time.perf_counter() - started
    finally:
        weather.turn("fair")
        desk.close()
