"""The gifts of the programme: what they cost, what they are worth, and whether they are on offer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.operations.set_up import AddGift
from app.ports.authority import Submission
from app.queries.rows import CatalogueGift
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, Request, is_code
from ui.counter.services import Problem, SignedIn

GOODS, COUPON = "goods", "coupon"
COUPON_DAYS = 90  # to start from
MOST_COUPON_DAYS = 3_660
MOST_POINTS = 10_000_000
MOST_FEN = 100_000_000
_YUAN = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def fen_of(typed: str) -> int | None:
    """99 → 9900, 99.5 → 9950; None for what is no amount."""
    match = _YUAN.fullmatch(typed.strip().removeprefix("¥").replace(",", ""))
    if match is None:
        return None
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def yuan_of(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}" if fen % 100 else str(fen // 100)


def points_of(typed: str) -> int | None:
    digits = typed.strip().replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def kind_of(row: CatalogueGift) -> str:
    return GOODS if row.coupon_days is None else COUPON


class GiftsPresenter(Keeper[CatalogueGift]):
    def load(self) -> tuple[CatalogueGift, ...]:
        return self.services.queries.catalogue()

    def fits(self, row: CatalogueGift, typed: str) -> bool:
        return typed in row.gift.lower() or typed in row.name.lower() or typed in row.pinyin

    def filled(self, kind: str, row: CatalogueGift | None) -> Mapping[str, str]:
        if row is None:
            return {"on_offer": "yes", "kind": GOODS, "coupon_days": str(COUPON_DAYS)}
        return {
            "gift": row.gift,
            "name": row.name,
            "points": str(row.points),
            "value": yuan_of(row.value_fen),
            "on_offer": "yes" if row.on_offer else "no",
            "kind": kind_of(row),
            "coupon_days": str(row.coupon_days or COUPON_DAYS),
            "coupon_shops": row.coupon_shops,
            "coupon_terms": row.coupon_terms,
        }

    def changes(self) -> tuple[tuple[str, str, str], ...]:
        """(field, before, after) of the open form, for gifts that exist already."""
        form = self.state.form
        if form is None or form.row is None:
            return ()
        before = self.filled(form.kind, form.row)
        return tuple((name, before[name], form.value(name)) for name in before if before[name] != form.value(name))

    def field_of(self, problem: Problem, form: Form[CatalogueGift]) -> str:
        if not problem.code.startswith("text."):
            return ""
        said_of = str(problem.facts.get("field", ""))
        return said_of if said_of.startswith("coupon_") else "name"

    def request(self, form: Form[CatalogueGift], person: SignedIn) -> Request:
        code = form.row.gift if form.row is not None else form.value("gift")
        if not is_code(code):
            raise Invalid("gift", "code.unreadable")
        if form.kind == NEW and any(row.gift == code for row in self._rows):
            raise Invalid("gift", "code.taken", code=code)
        points, value_fen = points_of(form.value("points")), fen_of(form.value("value") or "0")
        if points is None or not 1 <= points <= MOST_POINTS:
            raise Invalid("points", "gift.points_unreadable", most=MOST_POINTS)
        if value_fen is None or value_fen > MOST_FEN:
            raise Invalid("value", "gift.value_unreadable")
        is_coupon = form.value("kind") == COUPON
        days = points_of(form.value("coupon_days"))
        if is_coupon and (days is None or not 1 <= days <= MOST_COUPON_DAYS):
            raise Invalid("coupon_days", "coupon.days_unreadable", most=MOST_COUPON_DAYS)
        operation = AddGift(
            gift=code, name=form.value("name"), points=points, value_fen=value_fen,
            on_offer=form.value("on_offer") == "yes", coupon_days=days if is_coupon else None,
            coupon_shops=form.value("coupon_shops"), coupon_terms=form.value("coupon_terms"),
        ).normalised()  # fmt: skip
        return Request(Submission((operation,), person.session), "added" if form.row is None else "changed",
                       operation.name)  # fmt: skip
