"""What a desk is like at the start of a shift (班前自检): one line for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Len, MaxLen

Outcome = Literal["good", "doubtful", "bad"]


@dataclass(frozen=True)
class Check:
    """`what` was looked at ("store", "space", "backup", "clock", "queue", or the kind of a machine), `name` the
    machine's own; `code` is the sentence that says how it was, with its `facts`. No line holds a card number."""

    what: Annotated[str, Len(1, 20)]
    outcome: Outcome
    code: Annotated[str, Len(1, 40)]
    name: Annotated[str, MaxLen(20)] = ""
    facts: dict[Annotated[str, MaxLen(20)], int | Annotated[str, MaxLen(200)]] = field(default_factory=dict)


def worst(checks: tuple[Check, ...]) -> Outcome:
    """How the whole of it went."""
    outcomes = {check.outcome for check in checks}
    return "bad" if "bad" in outcomes else "doubtful" if "doubtful" in outcomes else "good"
