"""Which of two programs is newer."""

from __future__ import annotations


def version_parts(text: str) -> tuple[int, ...]:
    """To compare: 0.10.2 comes after 0.9. What is no number counts as nought, trailing noughts as nothing."""
    parts = [int(part) if part.isascii() and part.isdigit() else 0 for part in text[:40].split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
