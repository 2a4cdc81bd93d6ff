"""Every code that the program can say has its sentences, and every sentence its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.domain.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "db", "devices", "printing", "ui")
# Texts with a dot that are no codes: names of columns, files, serial schemes.
ELSEWHERE = ("app/domain/sentences.py", "app/domain/wording.py", "db/models", "db/migrations")
# What takes a code as its first argument.
SAYS = {"Refused", "Unavailable", "ApprovalRequirement", "Problem", "fail"}
# They look like codes and are none: labels for the guard of the GUI thread, names of files, beginnings of codes.
NOT_SAID = {
    "setup.half",
    "setup.lock",
    "demo.half",
    "demo.txt",
    "desk.json",
    "member.pin",
    "pin.hash",
    "pin.verify",
    "store.db",
    "store.write",
}

CODE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z0-9_]*")


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(ELSEWHERE):
                found.append((name, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def _said() -> Iterator[tuple[str, str]]:
    """(where, code or pattern of codes) for each code that is raised or shown by one of SAYS."""
    for name, tree in _trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args and _called(node) in SAYS):
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.JoinedStr):
                    yield f"{name}:{node.lineno}", _pattern(part)
                elif isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                    yield f"{name}:{node.lineno}", re.escape(part.value)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _mentioned() -> Iterator[tuple[str, str]]:
    """(where, pattern) for every text that has the form of a code, wherever it stands."""
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield f"{name}:{node.lineno}", _pattern(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                for code in [node.value, *re.findall(r"= '([^']+)'", node.value)]:  # codes within SQL, too
                    if CODE.fullmatch(code):
                        yield f"{name}:{node.lineno}", re.escape(code)


def _pattern(text: ast.JoinedStr) -> str:
    """f"{whose}.pin_locked" → the pattern of the codes it may become; nothing where it cannot become one."""
    parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in text.values]
    fixed = "".join(part for part in parts if part)
    if not (fixed.count(".") == 1 and re.fullmatch(r"[a-z_.]*[a-z][a-z_.]*", fixed)):
        return "(?!)"
    return "".join("[a-z0-9_]+" if part is None else re.escape(part) for part in parts)


def test_every_code_that_is_said_has_its_sentences() -> None:
    missing = {
        f"{where} {pattern}"
        for where, pattern in _said()
        if pattern != "(?!)" and not any(re.fullmatch(pattern, code) for code in SENTENCES)
    }
    first_words = {code.split(".")[0] for code in SENTENCES} | {"device"}
    for where, pattern in _mentioned():
        if where.startswith("db/"):
            continue  # full of names of columns; what it says is said by Refused and Unavailable
        plain = pattern.replace("\\", "")
        if CODE.fullmatch(plain) and plain.split(".")[0] in first_words and plain not in SENTENCES.keys() | NOT_SAID:
            missing.add(f"{where} {plain}")
    assert not missing, "\n".join(sorted(missing))


def test_every_sentence_has_a_code_that_is_said() -> None:
    patterns = {pattern for _, pattern in _mentioned()}
    patterns |= {re.escape(text) for text in ("internal",)}  # the one code without a dot: app.headless
    unused = [code for code in SENTENCES if not any(re.fullmatch(pattern, code) for pattern in patterns)]
    assert not unused, "\n".join(unused)


def test_sentences_are_sorted_by_code() -> None:
    assert list(SENTENCES) == sorted(SENTENCES)
