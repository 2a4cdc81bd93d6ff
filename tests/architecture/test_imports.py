"""Who may import whom, where import-linter has no words for it (see .importlinter for the rest)."""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Which rooms of `app` the screens, the store, the paper and the wire may enter: ARCHITECTURE.md 3.
ROOMS = {
    "ui": {"operations", "queries", "ports", "domain"},
    "db": {"sync", "operations", "queries", "ports", "domain"},  # it keeps envelopes, as app.sync says what they are
    "printing": {"queries", "ports", "domain"},
    "devices": {"queries", "ports", "domain"},
}


def imports(source: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported, wherever in the file: `from a import b` is `a.b`."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module}.{alias.name}") for alias in node.names)


def breaches(files: Iterable[Path], is_allowed: Callable[[str], bool]) -> list[str]:
    return [
        f"{source.relative_to(ROOT)}:{line} imports {name}"
        for source in sorted(files)
        for line, name in imports(source)
        if not is_allowed(name)
    ]


@pytest.mark.parametrize("top", ROOMS)
def test_outer_rooms_enter_only_their_rooms_of_app(top: str) -> None:
    def is_allowed(name: str) -> bool:
        parts = name.split(".")
        return parts[0] != "app" or (parts[1] in ROOMS[top] and not name.startswith("app.sync.http"))

    verify = ROOT / "db" / "verify"
    files = [source for source in (ROOT / top).rglob("*.py") if not source.is_relative_to(verify)]
    assert breaches(files, is_allowed) == []


def test_verify_alone_knows_the_authority_because_it_replays_it() -> None:
    def is_allowed(name: str) -> bool:
        return not name.startswith("app.") or name.split(".")[1] in {*ROOMS["db"], "authority"}

    assert breaches((ROOT / "db" / "verify").rglob("*.py"), is_allowed) == []


def test_the_domain_is_plain_python() -> None:
    # published laws as pure functions: check digits (Luhn) and the world's numbering plans
    law_books = {"annotated_types", "phonenumbers", "stdnum"}

    def is_allowed(name: str) -> bool:
        return name.startswith("app.domain.") or name.split(".", 1)[0] in sys.stdlib_module_names | law_books

    assert breaches((ROOT / "app/domain").rglob("*.py"), is_allowed) == []


def test_the_envelope_is_a_value_that_knows_no_room_of_ours() -> None:
    envelope = ROOT / "app/sync/envelope.py"
    assert breaches([envelope], lambda name: name.split(".", 1)[0] not in {"app", *ROOMS}) == []


def test_no_presenter_knows_qt() -> None:
    def is_allowed(name: str) -> bool:
        return name.split(".", 1)[0] not in {"PySide6", "shiboken6"}

    assert breaches((ROOT / "ui").rglob("presenter.py"), is_allowed) == []


def test_nothing_opens_an_address_by_itself() -> None:
    def is_allowed(name: str) -> bool:
        return not name.startswith(("urllib.request", "http.client", "asyncio.open_connection"))

    files = [source for top in ("app", *ROOMS) for source in (ROOT / top).rglob("*.py")]
    assert breaches(files, is_allowed) == []


def test_imports_are_absolute() -> None:
    files = [source for top in ("app", *ROOMS) for source in (ROOT / top).rglob("*.py")]
    assert breaches(files, lambda name: not name.startswith(".")) == []


def test_nothing_that_only_posix_has_is_imported_at_the_top() -> None:
    posix = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}
    found = [
        f"{source.relative_to(ROOT)}:{node.lineno}"
        for top in ("app", *ROOMS)
        for source in sorted((ROOT / top).rglob("*.py"))
        for node in ast.parse(source.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)])
        if name in posix
    ]
    assert found == []
