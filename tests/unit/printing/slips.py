"""Invented slips for the tests of the paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.queries.rows import ExpiringPoints
from app.queries.slips import RedemptionSlip, SlipLine

_SLIP = RedemptionSlip(
    operation=UUID("019abc12-3456-7abc-8def-0123456789ab"),
    code="R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT",
    mall_name="星河湾购物中心",
    desk_name="一楼会员服务台",
    staff="1002 周敏",
    approver="1001 陈立国",
    member_name="欧阳*",
    member_no="M00012345",
    card="•••• 0019",
    tier="gold",
    at=datetime(2026, 11, 22, 9, 39, 30, tzinfo=UTC),
    zone="Asia/Shanghai",
    lines=(
        SlipLine("316 不锈钢保温杯（500ml）", 1, 1_200),
        SlipLine("抽纸 12 包", 2, 800),
        SlipLine("停车券 2 小时", 1, 200),
    ),
    points=2_200,
    usable_before=12_345,
    usable_after=10_145,
    expiring=ExpiringPoints(date(2026, 12, 31), 1_500),
    handed_out=True,
)


def a_slip(**changes: Any) -> RedemptionSlip:
    return replace(_SLIP, **changes)
