"""The code with which one desk enrols at the hub, once. It is said and typed by people, and stands nowhere."""

from __future__ import annotations

import os
from hashlib import sha256

_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # told apart by ear and eye
_DIGITS = 12


def new_enrolment_code() -> str:
    """Twelve characters in groups of four."""
    code = "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(_DIGITS))
    return "-".join(code[at : at + 4] for at in range(0, _DIGITS, 4))


def code_hash(code: str) -> str:
    return sha256(b"memberdesk enrolment\0" + code.replace("-", "").strip().upper().encode()).hexdigest()
