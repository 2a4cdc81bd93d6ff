"""A desk's link to its hub without either, and tasks that came back from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app.domain.errors import Refused
from app.domain.mode import Mode
from app.ports.hub import AllDesks, BundleRead, DeskStands, HubStatus, SyncTask
from tests.unit.presenters.fakes import NOW


class FakeLink:
    def __init__(self, status: HubStatus, tasks: tuple[SyncTask, ...]) -> None:
        self._status, self._tasks = status, tasks
        self.hurried = 0
        self.leaving: list[tuple[str, str]] = []
        self.written: list[Path] = []
        self.read: list[Path] = []
        self.reads = BundleRead(12, news=True)
        self.fails: Exception | None = None

    def status(self) -> HubStatus:
        return self._status

    def tasks(self) -> tuple[SyncTask, ...]:
        return self._tasks

    def hurry(self) -> None:
        self.hurried += 1

    def check_may_leave(self, staff: str, pin: str) -> None:
        self.leaving.append((staff, pin))
        if self.fails is not None:
            raise self.fails
        if self._status.unsent:
            raise Refused("hub.unsent", count=self._status.unsent)

    def tell(self, status: HubStatus) -> None:
        self._status = status

    def renew(self, code: str) -> int:
        if self.fails is not None:
            raise self.fails
        return self._status.unsent

    def write_bundle(self, file: Path) -> int:
        self.written.append(file)
        if self.fails is not None:
            raise self.fails
        return self._status.unsent

    def read_bundle(self, file: Path) -> BundleRead:
        self.read.append(file)
        if self.fails is not None:
            raise self.fails
        return self.reads


def some_tasks(count: int = 3) -> tuple[SyncTask, ...]:
    kinds: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("conflict.overdrawn", "redeem", {"missing": 600}),
        ("conflict.dup_receipt", "credit_sale", {"slip_number": "A20261122000123456"}),
        ("conflict.card", "issue_card", {}),
        ("conflict.stock_short", "hand_out", {"gift": "不锈钢真空保温杯 500 毫升 星空蓝", "missing": 2}),
        ("conflict.merge_candidate", "enrol_member", {}),
        ("conflict.approver_invalid", "redeem", {}),
        ("conflict.policy_stale", "redeem", {"gift": "保温杯"}),
        ("conflict.not_applied", "reverse", {}),
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
            owner_name="张丽",
        )
        for at in range(count)
    )


CUT_OFF = HubStatus(Mode.FRESH, NOW - timedelta(minutes=40), 12, NOW - timedelta(minutes=38), 1_200, 50_000, None, 3)


def some_desks(at: datetime = NOW) -> AllDesks:
    """One of each kind."""

    def desk(number: int, name: str, state: str = "active", **more: Any) -> DeskStands:
        told: dict[str, Any] = {
            "last_seen": at - timedelta(seconds=6),
            "program": "0.1.0",
            "clock_skew_ms": 140,
            "licence_until": at + timedelta(hours=24),
            "floor_used": 0,
            "exposure": 50_000,
        }
        return DeskStands(f"K{number:02d}", name, number, state, **{**told, **more})

    gone = {"exposure": 0, "since": at - timedelta(days=3)}
    rows = (
        desk(1, "一号服务台"),
        desk(2, "二楼母婴区自助服务台", last_seen=at - timedelta(hours=3), unsent=1_284, behind=96,
             oldest=at - timedelta(hours=3), floor_used=12_400, kind="kiosk"),
        desk(3, "三楼服务台", clock_skew_ms=-540_000),
        desk(4, "停车场服务台", "suspended", why="hub.found_fork", must_enrol=True, aside=12,
             since=at - timedelta(hours=20), licence_until=at - timedelta(hours=2), exposure=0, unsent=14),
        desk(5, "会员中心", "suspended", why="by_a_person", since=at - timedelta(minutes=12), exposure=50_000),
        desk(6, "老服务台", "retired", last_seen=at - timedelta(days=3), **gone),
        desk(7, "流动服务车", "lost", last_seen=at - timedelta(days=5), aside=3, **gone),
        desk(8, "四楼服务台", program="0.0.9"),
        DeskStands("K09", "新服务台", 9, "active"),
    )  # fmt: skip
    return AllDesks(rows, at, "0.1.0", "0.1.0", licensed=5, per_desk=50_000, owed=1_200, owing=3)


class FakeRoll:
    """`app.ports.hub.DeskRoll`; `answers` are given in their order, the last one again and again."""

    def __init__(self, *answers: AllDesks | Exception) -> None:
        self.answers = list(answers) or [some_desks()]

    def desks(self) -> AllDesks:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer
