"""What a desk is for: chosen when its enrolment code is made, and the same for a whole epoch of its chain."""

from __future__ import annotations

from enum import Enum


class DeskKind(Enum):
    COUNTER = "counter"  # somebody serves there
    KIOSK = "kiosk"  # members serve themselves: nobody stands there who could approve
    TILL = "till"  # a till or a payment service: it tells sales and does nothing else, also not while cut off
