"""The reference part of docs/headless.md, made from the operations and queries themselves.

`python -m tests.story.headless.reference` writes it anew; a test says when that is needed."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
import types
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from annotated_types import Ge, Le, Len, MaxLen

from app.domain.wording import VERBS as WORDS
from app.headless.asking import QUERIES
from app.headless.desk import SECRETS
from app.operations import VERBS
from app.operations.base import Operation

DOC = Path(__file__).parents[3] / "docs" / "headless.md"
BEGIN, END = "<!-- made by tests/story/headless/reference.py: begin -->", "<!-- end -->"

PLAIN = {str: "text", int: "integer", bool: "true or false", UUID: "UUID", date: "date", datetime: "time with zone"}
# What the parts of the house that an operation calls may refuse with.
REFUSALS = {
    "members.get": ("member.unknown",),
    "members.active": ("member.unknown", "member.pending", "member.frozen", "member.closed"),
    "members.add": ("member.exists",),
    "cards.get": ("card.unknown",),
    "cards.check_is_ours_and_new": (
        "card.not_16_digits",
        "card.misread",
        "card.foreign",
        "card.not_in_stock",
        "card.issued_before",
        "card.void",
        "card.other_kind",
        "card.bank",
    ),
    "cards.add_batch": ("card.batch_overlaps",),
    "cards.void_number": ("card.not_in_stock", "card.issued_before", "card.void", "card.foreign", "card.misread"),
    "cards.void_rest": ("card.batch_unknown", "card.batch_used_up"),
    "cards.batch_label": ("card.batch_unknown",),
    "cards.issue_again": ("card.issues_used_up",),
    "cards.use_member_code": ("card.qr_false", "card.qr_old", "card.qr_used", "card.unknown"),
    "account.spend": ("points.not_enough",),
    "points.lock": ("member.unknown",),
    "sales.shop_name": ("shop.unknown",),
    "stock.gift": ("gift.unknown",),
    "stock.reserve": ("gift.out_of_stock",),
    "stock.undo_receipt": ("gift.out_of_stock",),
    "redemptions.get": ("redemption.unknown",),
    "staff.get": ("staff.unknown",),
    "staff.add": ("staff.exists",),
    "house.add_desk": ("desk.exists",),
    "holds.resolve": ("hold.unknown", "hold.resolved"),
    "log.past": ("operation.unknown",),
    "actor.must": ("staff.no_right",),
    "clean": ("text.missing", "text.too_short", "text.too_long", "text.not_allowed"),
    "normalised_phone": ("phone.unreadable", "phone.not_mobile"),
    "checked_setting": ("setting.unknown", "setting.not_a_number"),
}


def reference() -> str:
    parts = ["### Operations\n"]
    parts += [_verb(name, VERBS[name]) for name in sorted(VERBS) if not VERBS[name].by_system_only]
    system = ", ".join(f"`{name}`" for name in sorted(VERBS) if VERBS[name].by_system_only)
    parts.append(f"Only the program itself asks for {system}: `request.not_from_outside`.\n")
    parts.append("### Queries\n")
    parts += [_query(name) for name in sorted(QUERIES)]
    return "\n".join(parts)


def _verb(name: str, kind: type[Operation]) -> str:
    right = f"Right `{kind.needs.value}`." if kind.needs else "No right of its own."
    own_pin = " Asks for the person's own PIN." if kind.asks_own_pin else ""
    lengths = _lengths(kind)
    rows = [
        (field, shown, needed, limits or lengths.get(field, ""))
        for field, shown, needed, limits in _rows(kind)
        if field not in {"id", "pin_verifier"}
    ]
    for secret, purpose in SECRETS.get(name, {}).items():
        needed = "" if name == "enrol_member" else "yes"
        rows.append((secret, "text", needed, "own PIN" if purpose == "pin" else "the PIN to be set: 6 digits"))
    codes = ", ".join(f"`{code}`" for code in _codes(kind))
    return "\n".join(
        [
            f"#### `{name}`: {WORDS[name][1]}\n",
            f"{right}{own_pin}\n",
            *_table(rows),
            *([f"Refused with {codes}.\n"] if codes else []),
        ]
    )


def _query(name: str) -> str:
    query = QUERIES[name]
    right = f"Right `{query.needs.value}`." if query.needs else "Needs no session."
    columns = ", ".join(f"`{field.name}`" for field in dataclasses.fields(query.row))
    return "\n".join([f"#### `{name}`\n", f"{right}\n", *_table(list(_rows(query.args))), f"Rows: {columns}.\n"])


def _table(rows: list[tuple[str, str, str, str]]) -> list[str]:
    if not rows:
        return []
    lines = ["| name | type | needed | limits |", "|---|---|---|---|"]
    return [*lines, *(f"| `{name}` | {kind} | {needed} | {limits} |" for name, kind, needed, limits in rows), ""]


def _rows(kind: type[Any], within: str = "") -> Iterator[tuple[str, str, str, str]]:
    """(name, type, "yes" where it has to be there, limits) for each field, those of nested objects after their own."""
    hints = get_type_hints(kind, include_extras=True)
    for field in dataclasses.fields(kind):
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        hint, limits = _unpacked(hints[field.name])
        name = f"{within}{field.name}"
        yield name, _named(hint), "yes" if needed else "", limits
        inner = _unpacked(get_args(hint)[0])[0] if get_origin(hint) is tuple else hint
        if dataclasses.is_dataclass(inner) and isinstance(inner, type):
            yield from _rows(inner, f"{name}[]." if inner is not hint else f"{name}.")


def _unpacked(hint: Any) -> tuple[Any, str]:
    """The type without its limits and without None, and the limits in words."""
    limits: list[str] = []
    if get_origin(hint) in {Union, types.UnionType}:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        lowest = next((mark.ge for mark in marks if isinstance(mark, Ge)), None)
        highest = next((mark.le for mark in marks if isinstance(mark, Le)), None)
        if lowest is not None:
            limits.append(f"from {lowest:,}" + (f" to {highest:,}" if highest is not None else ""))
        what = "parts" if get_origin(hint) is tuple else "characters"
        for mark in marks:
            if isinstance(mark, Len):
                exactly = mark.min_length == mark.max_length
                limits.append(
                    f"{mark.min_length} {what}" if exactly else f"{mark.min_length} to {mark.max_length} {what}"
                )
            elif isinstance(mark, MaxLen):
                limits.append(f"at most {mark.max_length} {what}")
    if get_origin(hint) is tuple:
        limits += [f"each {limit}" for limit in [_unpacked(get_args(hint)[0])[1]] if limit]
    if get_origin(hint) is Literal:
        limits.append(", ".join(f"`{choice}`" for choice in get_args(hint)))
    if inspect.isclass(hint) and issubclass(hint, Enum):
        limits.append(", ".join(f"`{choice.value}`" for choice in hint if choice.value != "system"))
    return hint, "; ".join(limits)


def _named(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"list of {_named(_unpacked(get_args(hint)[0])[0])}"
    if get_origin(hint) is Literal or (inspect.isclass(hint) and issubclass(hint, Enum)):
        return "one of"
    return PLAIN.get(hint, "object")


def _lengths(kind: type[Operation]) -> dict[str, str]:
    """How long a text may be, where the operation cleans it itself."""
    found = {}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kind)))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "clean":
            given = {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}
            lowest, most = given.get("shortest"), f"{given['longest']!s} characters"
            found[ast.unparse(node.args[0]).removeprefix("self.")] = (
                f"{lowest!s} to {most}" if lowest else f"at most {most}"
            )
    return found


def _codes(kind: type[Operation]) -> list[str]:
    """What this operation refuses with, in its own code and in what it calls."""
    own = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    found: set[str] = set()
    for node in ast.walk(own):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in {"Refused", "ApprovalRequirement"}:
            constants = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
            found.update(str(value) for value in constants)
        else:
            for part, codes in REFUSALS.items():
                if called == part or called.endswith(f".{part}"):
                    found.update(codes)
    return sorted(found)


def with_reference(text: str) -> str:
    """`text` of the document with its reference made anew."""
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


if __name__ == "__main__":
    DOC.write_text(with_reference(DOC.read_text(encoding="utf-8")), encoding="utf-8")
