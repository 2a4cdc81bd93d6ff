"""A desk has shown its code: the hub takes its key, and from now on its operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class DeskEnrolled(Result):
    desk: str
    number: int
    epoch: int


@dataclass(frozen=True, kw_only=True)
class EnrolDesk(Operation):
    """`public_key`: Ed25519, hexadecimal; it counts for the epoch that begins."""

    code_hash: Annotated[str, Len(64, 64)]
    public_key: Annotated[str, Len(64, 64)]

    verb = "enrol_desk"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def apply(self, work: Work) -> DeskEnrolled:
        return DeskEnrolled(*work.house.enrol(self.code_hash, bytes.fromhex(self.public_key)))
