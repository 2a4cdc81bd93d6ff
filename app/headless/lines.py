"""Bytes into requests. Whatever comes in, one line is one request or one refusal, and the next line is a new start."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO, ClassVar, TypeVar
from uuid import UUID

from annotated_types import MaxLen
from pydantic import TypeAdapter, ValidationError

from app.domain.errors import Refused
from app.domain.text import clean

LONGEST_LINE = 1 << 20  # bytes
DEEPEST = 12  # levels; the deepest real request has four
MOST_OPERATIONS = 100
LONGEST_PIN = 32
LONGEST_CARD = 80

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Pin = Annotated[str, MaxLen(LONGEST_PIN)]
T = TypeVar("T")


class _Strict:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True)
class Part(_Strict):
    """One operation of several that take effect together."""

    id: UUID
    op: str
    body: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Approval(_Strict):
    staff: str
    pin: Pin = field(repr=False)
    card: Annotated[str, MaxLen(LONGEST_CARD)] | None = field(default=None, repr=False)  # as it was scanned


@dataclass(frozen=True)
class Request(_Strict):
    id: UUID
    session: UUID | None = None
    op: str | None = None
    body: dict[str, Any] | None = field(default=None, repr=False)
    ops: tuple[Part, ...] | None = None
    query: str | None = None
    args: dict[str, Any] | None = field(default=None, repr=False)
    approval: Approval | None = None
    member_pin: Pin | None = field(default=None, repr=False)


def lines(stdin: BinaryIO) -> Iterator[bytes | None]:
    """Each line without its end; None for one that is too long, of which no more than the limit is ever kept."""
    while line := stdin.readline(LONGEST_LINE + 2):
        if line.endswith(b"\n") or len(line) <= LONGEST_LINE:
            yield line.rstrip(b"\r\n")
            continue
        while line and not line.endswith(b"\n"):
            line = stdin.readline(LONGEST_LINE)
        yield None


@dataclass
class Parsed:
    """A JSON object as it came; `twice` is a name that stands in one object more than once."""

    value: dict[str, Any]
    twice: str | None

    @property
    def id(self) -> str | None:
        """The request's own id where it has a usable one, in the letters it was given in."""
        given = self.value.get("id")
        return given if self.twice != "id" and isinstance(given, str) and _UUID.fullmatch(given) else None


def parsed(line: bytes | None) -> Parsed:
    """Raises Refused with what is wrong about the line as such."""
    if line is None:
        raise Refused("request.too_long", longest=LONGEST_LINE)
    try:
        text = line.decode("utf-8").removeprefix("\ufeff").strip(" \t\r\n")
    except UnicodeDecodeError:
        raise Refused("request.not_utf8") from None
    if not text:
        raise Refused("request.empty")
    twice: list[str] = []

    def named(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                twice.append(name)
            found[name] = value
        return found

    try:
        value = json.loads(text, object_pairs_hook=named, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise Refused("request.too_deep") from None
    except json.JSONDecodeError as problem:
        raise Refused("request.not_json", column=problem.pos + 1) from None
    except ValueError:  # a number that is none, or one of thousands of digits
        raise Refused("request.not_json") from None
    if not isinstance(value, dict):
        raise Refused("request.not_object")
    return Parsed(value, twice[0] if twice else None)


def request_in(found: Parsed) -> Request:
    """The request with every name and type checked. Raises Refused and names the place."""
    if found.twice is not None:
        raise Refused("request.name_twice", name=found.twice[:40])
    _check_texts(found.value, "", 1)
    if found.value.get("id") is None:
        raise Refused("request.id_missing")
    if found.id is None:
        raise Refused("request.id_not_uuid")
    request = shaped(Request, found.value)
    if [request.op, request.ops, request.query].count(None) != 2:
        raise Refused("request.one_of")
    allowed = {"op": "body", "query": "args"}
    for asked, belongs in allowed.items():
        if getattr(request, asked) is None and getattr(request, belongs) is not None:
            raise not_wanted(belongs)
    if request.query is not None and (request.approval or request.member_pin):
        raise not_wanted("approval" if request.approval else "member_pin")
    if request.ops is not None and len(request.ops) > MOST_OPERATIONS:
        raise Refused("request.too_many", most=MOST_OPERATIONS)
    return request


def shaped(kind: type[T], value: dict[str, Any]) -> T:
    """`value` as a frozen `kind`; nothing is converted, nothing unknown is passed over. Raises Refused."""
    try:
        made: T = _adapter(kind).validate_json(json.dumps(value))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused("request.bad_value", field=place[:60], problem=first["msg"][:120]) from None
    return made


def not_wanted(name: str) -> Refused:
    return Refused("request.bad_value", field=name, problem="Extra inputs are not permitted")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _check_texts(value: object, place: str, depth: int) -> None:
    """No text of a request holds a control, format or surrogate character, whatever field it stands in."""
    if depth > DEEPEST:
        raise Refused("request.too_deep")
    if isinstance(value, str):
        clean(value, field=place[:60], longest=LONGEST_LINE)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            _check_texts(part, f"{place}.{number}".lstrip("."), depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            clean(name, field="name", longest=LONGEST_LINE)
            _check_texts(part, f"{place}.{name}".lstrip("."), depth + 1)


def _no_number(word: str) -> float:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("out of range")
    return number
