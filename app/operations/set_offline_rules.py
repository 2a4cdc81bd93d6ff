"""What desks may do while they are cut off: how many points they give away unasked, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from app.domain.offline_rules import OfflineRules
from app.domain.staff import Right
from app.operations.base import ApprovalRequirement, Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class OfflineRulesSet(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class SetOfflineRules(Operation):
    """All figures at once, for they bound one another. Desks go by them from their next licence on."""

    rules: OfflineRules

    verb = "set_offline_rules"
    version = 2
    needs = Right.DESKS
    offline = Offline.NEVER
    asks_own_pin = True

    def normalised(self) -> Self:
        return replace(self, rules=self.rules.checked())

    def approval_needed(self, work: Work) -> ApprovalRequirement | None:
        return ApprovalRequirement("approval.offline_rules")

    def apply(self, work: Work) -> OfflineRulesSet:
        for name, value in self.rules.settings().items():
            work.house.set_text(name, value)
        return OfflineRulesSet()
