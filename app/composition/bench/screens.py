"""The window, measured in processes of its own and compared with the smallest window that Qt can show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from app.composition.bench.figures import Figure, Say, at_most, not_measured, p99
from app.composition.bench.ground import store_of
from app.settings import Home

STARTS = 5
TOUR_MEMBERS = 20_000  # its last step recomputes the whole store

_BARE_WINDOW = """
import os, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(["bare"])
window = QMainWindow()
window.show()
def ready():
    at = time.monotonic()
    try:
        pages = int(open("/proc/self/statm").read().split()[1])
    except OSError:
        pages = 0
    print(at, pages * os.sysconf("SC_PAGE_SIZE") / 2**20 if pages else 0.0)
    application.quit()
QTimer.singleShot(0, ready)
application.exec()
"""


def figures(home: Home, members: int, say: Say) -> Iterator[Figure]:
    starts, bare_starts, bare_mib = [], [], 0.0
    with TemporaryDirectory(prefix="memberdesk-bench-") as compiled:
        _bare_window(compiled)
        _first_window(home, compiled)  # once for the disk's cache, and for the modules to be compiled
        for number in range(1, STARTS + 1):
            say(f"cold start, {number} of {STARTS}")
            seconds, bare_mib = _bare_window(compiled)
            bare_starts.append(seconds)
            starts.append(_first_window(home, compiled))
    yield Figure("cold start to a window ready for input", median(starts), "s", median(bare_starts), at_most(6))
    say("swiping and typing")
    painted = told_by("paints", str(home.folder), str(members))
    yield Figure("swipe → member page painted, p99", p99(painted["swipes"]), "ms", aim=at_most(50, "value"))
    yield Figure(
        "keystroke in search → results painted, p99", p99(painted["keystrokes"]), "ms", aim=at_most(40, "value")
    )
    yield from _of_the_tour(members, bare_mib, say)


def _of_the_tour(members: int, bare_mib: float, say: Say) -> Iterator[Figure]:
    memory, block = "resident memory after the tour", "longest block of the GUI thread during the tour"
    with store_of(min(members, TOUR_MEMBERS), None, say) as home:
        say("the guided tour")
        tour = told_by("tour", str(home.folder))
    if tour["failed"]:
        yield not_measured(memory, f"the tour failed: {tour['failed']}", at_most(4), "MiB")
        yield not_measured(block, f"the tour failed: {tour['failed']}", at_most(50, "value"), "ms")
        return
    if tour["resident_mib"] and bare_mib:
        yield Figure(memory, tour["resident_mib"], "MiB", bare_mib, at_most(4))
    else:
        yield not_measured(memory, "this system does not tell", at_most(4), "MiB")
    yield Figure(block, tour["longest_block_ms"], "ms", aim=at_most(50, "value"))


def _environment(compiled: str | None = None) -> dict[str, str]:
    """`compiled`: where both sides find their modules compiled, as they are wherever a program was installed, also if
    this environment forbids Python to keep them."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    if compiled is not None:
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = compiled
    return environment


def _bare_window(compiled: str) -> tuple[float, float]:
    """Seconds until it is ready, and its resident memory in MiB (0 where the system does not tell)."""
    started = time.monotonic()
    said = _run([sys.executable, "-c", _BARE_WINDOW], compiled)
    ready_at, mib = said.split()
    return float(ready_at) - started, float(mib)


def _first_window(home: Home, compiled: str) -> float:
    started = time.monotonic()
    return float(told_by("first_window", str(home.folder), compiled=compiled)["ready_at"]) - started


def told_by(what: str, *words: str, compiled: str | None = None) -> dict[str, Any]:
    said = _run([sys.executable, "-m", "app.composition.bench.in_the_window", what, *words], compiled)
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def _run(command: list[str], compiled: str | None = None) -> str:
    root = str(Path(__file__).parents[3])
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(compiled), cwd=root)
    if done.returncode:
        raise RuntimeError(f"{command[2:5]}: {done.stderr[-2000:]}")
    return done.stdout
