"""What programs of earlier releases have written, read as the verbs are now (RELIABILITY.md 4.12).

Who changes what a verb's body holds raises the verb's `version` and says here how a body of the version before becomes
one of the next that does the same. The step stays for good: desks of the last three releases send such bodies, and
`verify` reads the log from its beginning. What was signed stays as it is: nothing is signed again, only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.operations import VERBS

Body = Mapping[str, Any]
Step = Callable[[Body], Body]
# (verb, the version that it reads): the same body, in the clear, in the next version.
STEPS: dict[tuple[str, int], Step] = {
    ("open_enrolment", 1): lambda body: {**body, "kind": "counter"},  # there was no other
    ("record_lookup", 1): lambda body: {**body, "refused": False},
    ("report_card_lost", 1): lambda body: body,  # the number itself
    ("set_offline_rules", 1): lambda body: {**body, "rules": {**body["rules"], "kiosk_per_redemption": 200}},
}


def reads(verb: str, version: int) -> bool:
    kind = VERBS.get(verb)
    if kind is None or version > kind.version:
        return False
    return all((verb, older) in STEPS for older in range(version, kind.version))


def brought_up(verb: str, version: int, body: Body) -> Body:
    """Raises ValueError where this program cannot read it: it is too old for it, or too new."""
    if not reads(verb, version):
        raise ValueError(f"{verb} {version}")
    for step in range(version, VERBS[verb].version):
        body = STEPS[verb, step](body)
    return body


def readable() -> dict[str, tuple[int, ...]]:
    """Of each verb the versions that this program reads."""
    return {
        verb: tuple(version for version in range(1, kind.version + 1) if reads(verb, version))
        for verb, kind in VERBS.items()
    }
