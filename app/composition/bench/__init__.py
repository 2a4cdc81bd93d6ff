"""`memberdesk bench`: figures, each against a baseline of the same run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.errors import Refused

# The processes whose start is measured come through here: nothing else is imported before it is needed.
if TYPE_CHECKING:
    from rich.table import Table

    from app.composition.bench.figures import Figure

SUITES = ("core", "devices", "sync")


def run(suite: str, *, members: int, json_file: Path | None = None, keep: Path | None = None) -> int:
    """Measure `suite` on a store of that many members; a missed aim is shown and is no failure. Returns the exit code.

    `keep`: a folder for the store, which is found there again the next time. Raises Refused("bench.unknown_suite")."""
    if suite not in SUITES:
        raise Refused("bench.unknown_suite", suite=suite[:20], suites=", ".join(SUITES))
    from rich.console import Console

    from app.composition.bench import core, devices, sync

    suites = {"core": core.figures, "devices": devices.figures, "sync": sync.figures}
    progress = Console(stderr=True)
    started = time.monotonic()

    def say(what: str) -> None:
        progress.print(f"[dim]{time.monotonic() - started:6.0f} s[/]  {what}", highlight=False)

    figures = []
    for figure in suites[suite](members, keep, say):
        figures.append(figure)
        if json_file is not None:  # after each one: a long run that is stopped leaves what it has
            rows = [figure.as_row(suite) for figure in figures]
            json_file.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    Console().print(_table(suite, members, figures))
    return 0


def _table(suite: str, members: int, figures: list[Figure]) -> Table:
    from rich.table import Table

    table = Table(title=f"memberdesk bench {suite} · {members:,} members", title_justify="left")
    table.add_column("what", overflow="fold")
    for heading in ("value", "unit", "baseline", "ratio", "aim"):
        table.add_column(heading, justify="left" if heading in ("unit", "aim") else "right", no_wrap=True)
    table.add_column("met", justify="center")
    for figure in figures:
        table.add_row(
            figure.name,
            _number(figure.value) if figure.value is not None else "not measured",
            figure.unit,
            _number(figure.baseline),
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
            figure.aim_in_words,
            {True: "yes", False: "NO", None: ""}[figure.met],
        )
        if figure.note:
            table.add_row(f"  [dim]{figure.note}[/]")
    return table


def _number(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 or figure == round(figure) else f"{figure:,.1f}"
