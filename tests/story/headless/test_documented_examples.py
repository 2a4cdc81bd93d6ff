"""docs/headless.md is true: its examples are run, its tables are those of the program."""

from __future__ import annotations

import json
import re
from typing import Any

from app.domain.sentences import SENTENCES
from tests.story.headless.counter import Counter
from tests.story.headless.reference import DOC, with_reference

ANYTHING = "…"


def _examples() -> list[tuple[str, dict[str, Any]]]:
    """(line that goes in, answer that comes out), in the order of the document."""
    blocks = re.findall(r"```jsonl\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    asked, answered = lines[::2], lines[1::2]
    assert len(asked) == len(answered) > 20
    assert all(line.startswith("> ") for line in asked)
    assert all(line.startswith("< ") for line in answered)
    return [(one[2:], json.loads(other[2:])) for one, other in zip(asked, answered, strict=True)]


def _differences(expected: object, found: object, where: str = "answer") -> list[str]:
    if expected == ANYTHING:
        return []
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return [f"{where}: {sorted(expected)} but was {sorted(found)}"]
        return [text for name in expected for text in _differences(expected[name], found[name], f"{where}.{name}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [text for number, (one, other) in pairs for text in _differences(one, other, f"{where}.{number}")]
    return [] if expected == found else [f"{where}: {expected!r} but was {found!r}"]


def test_every_example_answers_as_documented(counter: Counter) -> None:
    for asked, expected in _examples():
        (found,) = counter.send(asked.encode() + b"\n")
        assert _differences(expected, found) == [], asked
    assert counter.crashes == []


def test_the_reference_is_that_of_the_operations_and_queries() -> None:
    text = DOC.read_text(encoding="utf-8")
    assert with_reference(text) == text, "run: python -m tests.story.headless.reference"


def test_every_code_that_is_documented_has_a_sentence() -> None:
    text = re.sub(r"```.*?```", "", DOC.read_text(encoding="utf-8"), flags=re.DOTALL)
    codes = set(re.findall(r"`([a-z_]+\.[a-z_0-9]+)`", text)) - {"facts.why", "approval.pin", "facts.crash"}
    names = {code for code in codes if code.startswith(("lines.", "person.", "consents.", "rules."))}
    assert codes - names - set(SENTENCES) == set()
