"""A bug is written down, with what led to it, and never with personal data: types, places and verbs only."""

from __future__ import annotations

import platform
import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

KEPT = 50


class CrashLog:
    """One file a crash in `folder`; the newest 50 are kept. `recent` names the last operations (verb and id, no names)."""

    def __init__(self, folder: Path, recent: Callable[[], Iterable[str]] = tuple) -> None:
        self._folder = folder
        self._recent = recent

    def write(self, problem: BaseException) -> str:
        """The report's short number, also where the disk would not take it. Never raises."""
        number = uuid4().hex[:8]
        now = datetime.now(UTC)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / f"crash-{now:%Y%m%dT%H%M%SZ}-{number}.txt"
            file.write_text(self._report(number, now, problem), encoding="utf-8")
            for old in sorted(self._folder.glob("crash-*.txt"))[:-KEPT]:
                old.unlink(missing_ok=True)
        except Exception as second:
            print(f"crash {number}: {type(problem).__name__}, not written: {type(second).__name__}", file=sys.stderr)
        return number

    def _report(self, number: str, now: datetime, problem: BaseException) -> str:
        # The message of an exception may quote what somebody typed; its type and place may not.
        places = [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(problem.__traceback__)
        ]
        try:
            recent = [f"  {line}" for line in self._recent()]
        except Exception as second:
            recent = [f"  (not to be had: {type(second).__name__})"]
        return "\n".join(
            [
                f"{number}  {now.isoformat()}",
                f"{platform.platform()}  Python {platform.python_version()}",
                type(problem).__name__,
                *places,
                "last operations",
                *recent,
                "",
            ]
        )
