"""A desk's link to its hub without either, and tasks that came back from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.mode import Mode
from app.ports.hub import HubStatus, SyncTask
from tests.unit.presenters.fakes import NOW


class FakeLink:
    def __init__(self, status: HubStatus, tasks: tuple[SyncTask, ...]) -> None:
        self._status, self._tasks = status, tasks
        self.hurried = 0

    def status(self) -> HubStatus:
        return self._status

    def tasks(self) -> tuple[SyncTask, ...]:
        return self._tasks

    def hurry(self) -> None:
        self.hurried += 1


def some_tasks(count: int = 3) -> tuple[SyncTask, ...]:
    kinds: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("conflict.overdrawn", "redeem", {"missing": 600}),
        ("conflict.dup_receipt", "credit_sale", {"slip_number": "A20261122000123456"}),
        ("conflict.card", "issue_card", {}),
        ("conflict.stock_short", "hand_out", {"gift": "不锈钢真空保温杯 500 毫升 星空蓝", "missing": 2}),
        ("conflict.merge_candidate", "enrol_member", {}),
    )
    return tuple(
        SyncTask(
            UUID(int=100 + at),
            kinds[at % len(kinds)][0],
            kinds[at % len(kinds)][1],
            NOW - timedelta(hours=1 + 7 * at),
            UUID(int=1),
            "0100000018",
            "欧阳**" if at % 2 else "王*",
            "138****1234",
            "1001",
            kinds[at % len(kinds)][2],
        )
        for at in range(count)
    )


CUT_OFF = HubStatus(Mode.FRESH, NOW - timedelta(minutes=40), 12, NOW - timedelta(minutes=38), 1_200, 50_000, None, 3)
