"""What the mall decides about its slips, tried out before it counts: a logo from a picture file, and a sample slip."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE
from app.domain.slip_look import Logo, SlipLook
from app.queries.rows import ExpiringPoints
from app.queries.slips import CreditSlip, MemberSlip, RedemptionSlip, SlipLine
from printing.composing import composed
from printing.renderers.paper_profile import ROLL_58, ROLL_80


class SlipDesign:
    """`app.ports.paper.SlipDesigner`. What draws is loaded when it is first needed: few desks ever do."""

    def logo_of(self, file: bytes) -> Logo:
        from printing.logo import logo_of

        return logo_of(file)

    def sample_png(self, look: SlipLook, *, mall_name: str, document: str, paper_mm: int, language: str) -> bytes:
        from printing.renderers.preview import preview_png

        about, zh = _about(look, mall_name, language), language == "zh_CN"
        slip = _credit(about, zh) if document == "credit" else _redemption(about, zh)
        return preview_png(composed(slip, language), ROLL_58 if paper_mm <= 58 else ROLL_80)


def _about(look: SlipLook, mall_name: str, language: str) -> dict[str, Any]:
    """What a slip about nobody says of its operation and its member."""
    zh = language == "zh_CN"
    slip = MemberSlip(
        operation=UUID("019abc12-3456-7abc-8def-0123456789ab"),
        code="R1.019ABC1234567ABC8DEF0123456789AB.0.TZ6QXW2NYN5GUCIT",  # as long as real ones, and no key signed it
        mall_name=mall_name,
        desk_name="1 号服务台" if zh else "Desk 1",
        staff="1001 张丽" if zh else "1001 Zhang Li",
        approver="2001 李强" if zh else "2001 Li Qiang",
        at=datetime(2026, 11, 5, 6, 3, 20, tzinfo=UTC),
        zone=DEFAULT_ZONE,
        look=look,
        member_name="王*",
        member_no="M00000018",
        card="•••• 0019",
        tier="gold",
    )
    return {field.name: getattr(slip, field.name) for field in fields(slip)}


def _redemption(about: dict[str, Any], zh: bool) -> RedemptionSlip:
    return RedemptionSlip(
        **about,
        lines=(SlipLine("保温杯" if zh else "Thermos cup", 1, 3_000),),
        points=3_000,
        usable_before=12_480,
        usable_after=9_480,
        expiring=ExpiringPoints(date(2026, 12, 31), 1_180),
        handed_out=True,
    )


def _credit(about: dict[str, Any], zh: bool) -> CreditSlip:
    return CreditSlip(
        **about,
        shop_name="优衣库" if zh else "Uniqlo",
        slip_number="A20261105-00871",
        sold_at=datetime(2026, 11, 5, 5, 40, tzinfo=UTC),
        amount_fen=123_450,
        points=2_469,
        usable_after=14_949,
        expires_on=date(2028, 11, 5),
        tier_before="gold",
        tier_after="gold",
    )
