"""Findings are gathered here, few enough to read: one damaged row can make a thousand others differ."""

from __future__ import annotations

from app.domain.errors import Fact
from app.ports.verify import Finding, Progress

MOST_OF_A_KIND = 50


class Report:
    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._found: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, **facts: Fact) -> None:
        """Findings of one kind (of one table, where there is one) beyond the first fifty are only counted."""
        kind = f"{code} {facts.get('table', '')}".strip()
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self._found.append(Finding(code, facts))

    def tick(self, stage: str, done: int, total: int = 0) -> None:
        if self._progress is not None:
            self._progress(stage, done, total)

    @property
    def findings(self) -> list[Finding]:
        more = [
            Finding("verify.and_more", {"kind": kind, "count": count - MOST_OF_A_KIND})
            for kind, count in self._counts.items()
            if count > MOST_OF_A_KIND
        ]
        return self._found + more
