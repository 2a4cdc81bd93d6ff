"""End a session: nothing can be done in its name any more."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import Refused
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class SignedOut(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class SignOut(Operation):
    verb = "sign_out"
    needs = None
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> SignedOut:
        if work.act.session is None:
            raise Refused("session.none")
        work.staff.close_session(work.act.session)
        return SignedOut()
