"""Print the report of a business day, as it stands at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.domain.errors import Refused
from app.domain.staff import Right
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Work


@dataclass(frozen=True)
class ReportMade(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class PrintReport(Operation):
    """A report tells of the day as far as it had come when this operation took effect; `onto` a file, the screen asks
    for its PDF afterwards."""

    day: date
    onto: Literal["paper", "file"] = "paper"

    verb = "print_report"
    needs = Right.REPORTS
    offline = Offline.ALWAYS

    def apply(self, work: Work) -> ReportMade:
        if self.day > work.act.business_day:
            raise Refused("report.day_to_come")
        if self.onto == "paper":
            work.print_slip("daily_report")
        return ReportMade()
