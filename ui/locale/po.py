"""Reads a catalogue of texts as gettext writes them: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html

Only what our catalogues hold: ids, plurals, texts over several lines, comments. (A library that reads all of it takes
longer to load than the window behind it, and holds more memory than all our texts.)"""

from __future__ import annotations

import json
from pathlib import Path

Text = str | tuple[str, ...]


def read(file: Path) -> dict[str, Text]:
    """Texts by message id, plural forms as tuples; what is not translated is left out. Raises ValueError."""
    texts: dict[str, Text] = {}
    for entry in file.read_text(encoding="utf-8").split("\n\n"):
        parts = _parts(entry)
        msgid = parts.pop("msgid", "")
        parts.pop("msgid_plural", None)
        forms = tuple(text for _, text in sorted(parts.items()))
        if msgid and all(forms):
            texts[msgid] = forms if "msgstr[0]" in parts else forms[0]
    return texts


def _parts(entry: str) -> dict[str, str]:
    """{"msgid": …, "msgstr": …} of one entry."""
    parts: dict[str, str] = {}
    keyword = ""
    for line in entry.splitlines():
        if line.startswith('"'):
            parts[keyword] += str(json.loads(line))
        elif line and not line.startswith("#"):
            keyword, _, quoted = line.partition(" ")
            parts[keyword] = str(json.loads(quoted))  # the same quotes and backslashes
    return parts
