"""Which texts the program says: `python -m ui.locale.extract` lists those that have no Chinese yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from ui.locale import catalogue

KEYWORDS = {"tr": None, "_": None, "mark": None, "trn": (1, 2)}
UI = Path(__file__).resolve().parents[1]


def used_texts() -> Iterator[tuple[str, str]]:
    """(message id, file and line) for every text that code below `ui/` asks for."""
    method_map = [("**.py", "python")]
    for file, line, message, _comments, _context in extract_from_dir(str(UI), method_map, keywords=KEYWORDS):
        msgid = message[0] if isinstance(message, tuple) else message
        if msgid:
            yield msgid, f"{file}:{line}"


def missing(language: str = "zh_CN") -> list[tuple[str, str]]:
    """The used texts that have none in `language`, each once."""
    known = catalogue(language)
    first_places = dict(reversed(list(used_texts())))
    return [(msgid, place) for msgid, place in first_places.items() if msgid not in known]


def main() -> None:
    for msgid, place in missing():
        print(f"#: {place}\nmsgid {msgid!r}\n")  # noqa: T201 - a tool for a person at a terminal


if __name__ == "__main__":
    main()
