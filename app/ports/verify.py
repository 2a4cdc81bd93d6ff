"""What a check of the whole store says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from app.domain.errors import Fact

Progress: TypeAlias = Callable[[str, int, int], None]
"""(stage, done, of how many): "operations", "sums", "tables"; `of how many` is 0 where nobody knows."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be. `code` names its sentence; `facts` say where, without personal data."""

    code: str
    facts: dict[str, Fact] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}({', '.join(f'{name}={value!r}' for name, value in self.facts.items())})"
