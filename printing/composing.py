"""From what stands on a slip to its document."""

from __future__ import annotations

from typing import assert_never

from app.queries.slips import (
    AdjustmentSlip,
    AnySlip,
    CardSlip,
    ConsentSlip,
    CouponsSlip,
    CreditSlip,
    DailyReportSlip,
    GuestRedemptionSlip,
    HandOutSlip,
    RedemptionSlip,
    ReversalSlip,
    SelfTestSlip,
    StatementSlip,
    StockReceiptSlip,
)
from printing.document import Document
from printing.documents.adjustment import adjustment_slip
from printing.documents.card import card_slip
from printing.documents.consent import consent_form
from printing.documents.coupon import coupons
from printing.documents.credit import credit_slip
from printing.documents.daily_report import daily_report
from printing.documents.guest_redemption import guest_redemption_slip
from printing.documents.hand_out import hand_out_slip
from printing.documents.redemption import redemption_slip
from printing.documents.reversal import reversal_slip
from printing.documents.self_test import self_test
from printing.documents.statement import statement
from printing.documents.stock_receipt import stock_receipt

# As files; a receipt printer prints them too.
A4_DOCUMENTS = frozenset({"consent", "daily_report", "statement", "stock_receipt"})


def composed(slip: AnySlip, language: str) -> Document:
    """`language` is "zh_CN" or "en"."""
    match slip:
        case RedemptionSlip():
            return redemption_slip(slip, language)
        case CreditSlip():
            return credit_slip(slip, language)
        case GuestRedemptionSlip():
            return guest_redemption_slip(slip, language)
        case HandOutSlip():
            return hand_out_slip(slip, language)
        case CardSlip():
            return card_slip(slip, language)
        case ReversalSlip():
            return reversal_slip(slip, language)
        case AdjustmentSlip():
            return adjustment_slip(slip, language)
        case StockReceiptSlip():
            return stock_receipt(slip, language)
        case StatementSlip():
            return statement(slip, language)
        case ConsentSlip():
            return consent_form(slip, language)
        case CouponsSlip():
            return coupons(slip, language)
        case DailyReportSlip():
            return daily_report(slip, language)
        case SelfTestSlip():
            return self_test(slip, language)
        case _:
            assert_never(slip)
