"""Which commands fit what was typed in the palette: words, English names, pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable

from ui.shell.initials import initials
from ui.shell.screen import Command


def fitting(commands: Iterable[Command], typed: str) -> list[Command]:
    """The commands that fit, best first; all that are possible when nothing is typed."""
    wanted = typed.strip().lower()
    scored = []
    for at, command in enumerate(commands):
        score = _score(command, wanted) if command.is_possible() else 0
        if score:
            scored.append((-score, at, command))
    return [command for _, _, command in sorted(scored, key=lambda entry: entry[:2])]


def _score(command: Command, wanted: str) -> int:
    if not wanted:
        return 1
    title = command.title().lower()
    letters = initials(title)
    if title.startswith(wanted) or command.key.lower() == wanted:
        return 5
    if letters.startswith(wanted):
        return 4
    if wanted in title:
        return 3
    if wanted in letters or wanted in f"{command.name.replace('_', ' ')} {command.words}".lower():
        return 2
    return 1 if all(word in title for word in wanted.split()) else 0
