"""The three kinds of failure, told apart by type (the third, a bug, is any other exception)."""

from __future__ import annotations

Fact = str | int | bool | None


class Refused(Exception):
    """A rule said no. `code` names the sentence in `app.domain.sentences`; `facts` fill it in."""

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({shown})"


class Unavailable(Exception):
    """The world said no: a printer, a network, a disk. Nothing is lost; trying again may work."""

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts: dict[str, Fact] = facts

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({shown})"
