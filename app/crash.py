"""A bug is written down, with what led to it, and never with personal data: types, places and verbs only."""

from __future__ import annotations

import contextlib
import platform
import sys
import traceback
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

KEPT = 50
LAST_OPERATIONS = 10


class CrashLog:
    """One file a crash in `folder`; the newest 50 are kept. `did` is told each operation, so that a report can name the
    last ones (verb and id, nothing else)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: deque[str] = deque(maxlen=LAST_OPERATIONS)

    def did(self, verb: str, operation: UUID) -> None:
        self._last.append(f"  {datetime.now(UTC):%H:%M:%S} {verb} {operation}")

    def write(self, problem: BaseException) -> str:
        """The report's short number, also where the disk would not take it. Never raises."""
        number = uuid4().hex[:8]
        now = datetime.now(UTC)
        file = self._folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{number}.txt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file.write_text(self._report(number, now, problem), encoding="utf-8")
            for old in sorted(self._folder.glob("crash-*.txt"))[:-KEPT]:
                old.unlink(missing_ok=True)
        except Exception as second:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)  # half a report says less than the line below
            print(f"crash {number}: {type(problem).__name__}, not written: {type(second).__name__}", file=sys.stderr)
        return number

    def note(self, problem: BaseException) -> None:
        """Write it down where nobody waits for the number."""
        self.write(problem)

    def _report(self, number: str, now: datetime, problem: BaseException) -> str:
        # The message of an exception may quote what somebody typed; its type and place may not.
        places = [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(problem.__traceback__)
        ]
        return "\n".join(
            [
                f"{number}  {now.isoformat()}",
                f"{platform.platform()}  Python {platform.python_version()}",
                type(problem).__name__,
                *places,
                "last operations",
                *self._last,
                "",
            ]
        )
