"""One request in, one answer out.

PINs are taken out of a request before anything else is made of it; no request is ever logged."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from uuid import uuid4

from app.domain.approval_card import read_approval_card
from app.domain.errors import Refused, Unavailable
from app.domain.sentences import sentence
from app.headless.asking import QUERIES, refuse_bank_card
from app.headless.lines import (
    LONGEST_CARD,
    LONGEST_PIN,
    Approval,
    Part,
    Request,
    lines,
    not_wanted,
    parsed,
    request_in,
    shaped,
)
from app.operations.base import Operation
from app.ports.authority import ApprovalGiven, Authority, Submission
from app.queries.ports import Queries
from app.sync import codec

# Which names in a body are PINs, and what each is for: `pin` is the actor's own, `new_pin` one to be set; and
# an approval card that is being given, as it will be scanned.
SECRETS: Final[Mapping[str, Mapping[str, str]]] = {
    "add_staff": {"pin": "new_pin"},
    "give_approval_card": {"pin": "pin", "card": "new_card"},
    "enrol_member": {"pin": "new_pin"},
    "export_card_numbers": {"pin": "pin"},
    "reveal": {"pin": "pin"},
    "set_member_pin": {"pin": "new_pin"},
    "set_staff_pin": {"pin": "pin", "new_pin": "new_pin"},
    "sign_in": {"pin": "pin"},
    "void_card_batch": {"pin": "pin"},
}
_SETS_A_PIN = frozenset(verb for verb, secrets in SECRETS.items() if "new_pin" in secrets.values())
_CARD_NUMBERS = ("number", "old_number", "new_number")

Reply = dict[str, Any]


def _nothing() -> None:
    pass


def _on_stderr(problem: BaseException) -> str:
    """The crash's number. Only its type is told: its message may quote what somebody typed."""
    number = uuid4().hex[:8]
    sys.stderr.write(f"crash {number}: {type(problem).__name__}\n")
    return number


def run(
    authority: Authority,
    queries: Queries,
    stdin: BinaryIO,
    stdout: BinaryIO,
    *,
    wrote: Callable[[], None] = _nothing,
    crashed: Callable[[BaseException], str] = _on_stderr,
) -> int:
    """Answer every line of `stdin` until it ends; 0, or 1 when nobody reads the answers any more.

    `wrote` is called after operations took effect (a slip may wait); `crashed` keeps a bug and returns its number."""
    desk = HeadlessDesk(authority, queries, crashed)
    for line in lines(stdin):
        answer = json.dumps(desk.answer(line), ensure_ascii=False).encode() + b"\n"
        try:
            stdout.write(answer)
            stdout.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                stdout.close()  # or the interpreter tries, and fails, to flush it once more when it ends
            return 1
        if desk.has_written:
            try:
                wrote()
            except Exception as problem:
                crashed(problem)
    return 0


class HeadlessDesk:
    def __init__(self, authority: Authority, queries: Queries, crashed: Callable[[BaseException], str]) -> None:
        self._authority = authority
        self._queries = queries
        self._crashed = crashed
        self.has_written = False  # the last request did

    def answer(self, line: bytes | None) -> Reply:
        """Never raises: a bug is kept by `crashed` and answered as `internal`."""
        self.has_written = False
        request_id: str | None = None
        try:
            found = parsed(line)
            request_id = found.id
            request = request_in(found)
            facts = self._asked(request) if request.query is not None else self._submitted(request)
        except Refused as refused:
            return _no(request_id, "refused", refused)
        except Unavailable as unavailable:
            return _no(request_id, "unavailable", unavailable)
        except Exception as problem:
            return _no(request_id, "unavailable", Unavailable("internal", crash=self._crashed(problem)))
        return {"id": request_id, "result": "ok", "code": None, "facts": facts}

    def _asked(self, request: Request) -> dict[str, Any]:
        query = QUERIES.get(request.query or "")
        if query is None:
            raise Refused("request.unknown_query", query=(request.query or "")[:40])
        by = ""
        if query.needs is not None:
            if request.session is None:
                raise Refused("session.none")
            asker = self._queries.session_staff(request.session)
            asker.must(query.needs)
            by = asker.staff
        return query.ask(self._queries, shaped(query.args, request.args or {}), by).as_facts()

    def _submitted(self, request: Request) -> dict[str, Any]:
        parts = request.ops
        if parts is None:
            parts = (Part(request.id, request.op or "", request.body or {}),)
        taken = _taken(parts)
        approval = request.approval
        answers = self._authority.submit(
            Submission(
                taken.operations,
                request.session,
                approval=_given(approval) if approval else None,
                pin=taken.pin,
                member_pin=request.member_pin,
                new_pin=taken.new_pin,
                new_card=_secret(taken.new_card) if taken.new_card is not None else None,
            )
        )
        self.has_written = True
        if request.ops is None:
            return dict(answers[0].facts)
        return {"answers": [{"id": str(one.operation_id), "op": one.verb, "facts": dict(one.facts)} for one in answers]}


@dataclass(frozen=True)
class _Taken:
    operations: tuple[Operation, ...]
    pin: str | None
    new_pin: str | None
    new_card: str | None


def _taken(parts: Sequence[Part]) -> _Taken:
    """The operations, and apart from them the PINs that stood in their bodies. Raises Refused."""
    operations: list[Operation] = []
    pins: dict[str, str] = {}
    for part in parts:
        body = dict(part.body)
        for name, purpose in SECRETS.get(part.op, {}).items():
            if name in body:
                pin = _pin(name, body.pop(name), LONGEST_CARD if purpose == "new_card" else LONGEST_PIN)
                if pins.setdefault(purpose, pin) != pin:
                    raise Refused("request.two_pins")
        if "id" in body:
            raise not_wanted("id")
        for name in _CARD_NUMBERS:
            refuse_bank_card(body.get(name))
        operations.append(codec.operation_from(part.op, part.id, body))
    if "new_pin" in pins and sum(part.op in _SETS_A_PIN for part in parts) > 1:
        raise Refused("request.two_pins")  # the second person would get the first one's PIN
    return _Taken(tuple(operations), pins.get("pin"), pins.get("new_pin"), pins.get("new_card"))


def _given(approval: Approval) -> ApprovalGiven:
    return ApprovalGiven(approval.staff, approval.pin, _secret(approval.card) if approval.card is not None else None)


def _secret(card: str) -> bytes:
    """Of an approval card as it was scanned. Raises Refused("approval_card.unreadable")."""
    read = read_approval_card(card)
    if read is None:
        raise Refused("approval_card.unreadable")
    return read.secret


def _pin(name: str, given: object, longest: int) -> str:
    if not isinstance(given, str):
        raise Refused("request.bad_value", field=name, problem="Input should be a valid string")
    if len(given) > longest:
        raise Refused("text.too_long", field=name, longest=longest)
    return given


def _no(request_id: str | None, result: str, problem: Refused | Unavailable) -> Reply:
    return {
        "id": request_id,
        "result": result,
        "code": problem.code,
        "facts": problem.facts,
        "sentence": {language: sentence(problem.code, problem.facts, language) for language in ("zh_CN", "en")},
    }
