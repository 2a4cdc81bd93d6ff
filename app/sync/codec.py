"""Operations as JSON bodies and back, personal fields sealed under their member's own key.

The body holds ciphertext (AES-256-GCM) where an operation names a field in `sealed`. When a member is erased their key
is destroyed; the bytes, and so every hash and signature over them, stay as they are."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter, ValidationError

from app.domain.errors import Refused
from app.operations import VERBS
from app.operations.base import Operation, Result
from app.sync.earlier import brought_up

_NONCE_BYTES = 12


class Erased(Exception):
    """The member's key is gone: what was sealed under it can never be read again."""


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:  # building one compiles the whole type; using it takes microseconds
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def new_subject_key() -> bytes:
    return AESGCM.generate_key(256)


def body_of(operation: Operation) -> dict[str, Any]:
    """The body in the clear. Not for storing."""
    body: dict[str, Any] = _adapter(type(operation)).dump_python(operation, mode="json")
    del body["id"]
    return body


def sealed_body(operation: Operation, body: Mapping[str, Any], key: bytes | None) -> dict[str, Any]:
    """The body as it is stored; `key` is that of `operation.subject()`."""
    stored = dict(body)
    for name in operation.sealed:
        if stored[name] in (None, ""):
            continue
        if key is None:
            raise ValueError(f"{operation.verb}.{name} must be sealed, but its subject has no key")
        nonce = os.urandom(_NONCE_BYTES)
        clear = json.dumps(stored[name], ensure_ascii=False).encode()
        cipher = AESGCM(key).encrypt(nonce, clear, _bound_to(operation.id, name))
        stored[name] = {"sealed": base64.b64encode(nonce + cipher).decode()}
    return stored


def opened_body(operation_id: UUID, body: Mapping[str, Any], key: bytes | None) -> dict[str, Any]:
    """Raises Erased, or ValueError where the ciphertext was changed."""
    clear = dict(body)
    for name, value in body.items():
        if not (isinstance(value, dict) and value.keys() == {"sealed"}):
            continue
        if key is None:
            raise Erased
        raw = base64.b64decode(value["sealed"])
        try:
            opened = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(operation_id, name))
        except InvalidTag:
            raise ValueError(f"the sealed field {name} was changed") from None
        clear[name] = json.loads(opened)
    return clear


def _bound_to(operation_id: UUID, name: str) -> bytes:
    """A ciphertext counts only in the field and the operation it was made for."""
    return operation_id.bytes + name.encode()


def operation_from(verb: str, operation_id: UUID, body: Mapping[str, Any]) -> Operation:
    """The operation that a body in the clear describes. Raises Refused and names what is wrong."""
    kind = VERBS.get(verb)
    if kind is None:
        raise Refused("request.unknown_verb", verb=verb[:40])
    text = json.dumps({**body, "id": str(operation_id)}, ensure_ascii=False)
    try:
        operation: Operation = _adapter(kind).validate_json(text)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Refused("request.bad_value", field=where[:60], problem=first["msg"][:120]) from None
    return operation


def operation_as_sent(verb: str, version: int, operation_id: UUID, body: Mapping[str, Any]) -> Operation:
    """`operation_from` a body of that version. Raises ValueError, too, where this program does not read the version."""
    return operation_from(verb, operation_id, brought_up(verb, version, body))


def checked(operation: Operation) -> Operation:
    """The operation in its stored form, its types and ranges verified. Raises Refused."""
    normal = operation.normalised()
    return operation_from(normal.verb, normal.id, body_of(normal))


def facts_of(result: Result) -> dict[str, Any]:
    facts: dict[str, Any] = _adapter(type(result)).dump_python(result, mode="json")
    return facts
