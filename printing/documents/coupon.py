"""A coupon: what it is worth, when and where it counts, and the code that proves it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.domain.money import in_capitals, yuan
from app.queries.slips import CouponLine, CouponsSlip
from printing.document import (
    Align,
    Code,
    Cut,
    Document,
    Element,
    Heading,
    Notice,
    Pair,
    Picture,
    Rule,
    Space,
    Text,
    Title,
)
from printing.documents.parts import Labels, Words, local, reference, words

_LABELS: Final[Labels] = {
    "worth": ("面值", "Value"),
    "capitals": ("人民币", "In capitals"),
    "from": ("生效日期", "Valid from"),
    "until": ("有效期至", "Valid through"),
    "shops": ("适用店铺", "Where it counts"),
    "everywhere": ("本商场全部店铺", "Every shop of the mall"),
    "terms": ("使用说明", "Terms"),
    "given": ("发放时间", "Given"),
    "number": ("券号", "Coupon no."),
    "one_use": ("凭此二维码使用一次，复印无效", "The code counts once; a photocopy is void"),
}
_GROUP = 4


def coupons(slip: CouponsSlip, language: str) -> Document:
    """Each coupon is cut off from the next."""
    word = words(_LABELS, language)
    return tuple(element for coupon in slip.coupons for element in _coupon(slip, coupon, word, language))


def _coupon(slip: CouponsSlip, coupon: CouponLine, word: Words, language: str) -> Iterable[Element]:
    if slip.look.logo is not None:
        yield Picture(slip.look.logo)
    if slip.look.shows("mall_name"):
        yield Text(slip.mall_name, Align.CENTRE, bold=True)
    for line in slip.look.heading:
        yield Text(line, Align.CENTRE)
    yield Title(coupon.name)
    if slip.reversed:
        yield Notice(word("reversed"))
    if slip.copy:
        yield Notice(word("copy").format(copy=slip.copy))
    yield Rule()
    if coupon.worth_fen:
        yield Pair(word("worth"), yuan(coupon.worth_fen), bold=True)
        if language != "en":
            yield Pair(word("capitals"), in_capitals(coupon.worth_fen), bold=True)
    yield Pair(word("from"), coupon.valid_from.isoformat())
    yield Pair(word("until"), coupon.until.isoformat(), bold=True)
    yield Rule()
    yield Text(word("shops"), bold=True)
    yield Text(coupon.shops or word("everywhere"))
    if coupon.terms:
        yield Text(word("terms"), bold=True)
        yield Text(coupon.terms)
    yield Space()
    yield Code(coupon.code)
    yield Heading(word("one_use"))
    yield Rule()
    yield Pair(word("number"), in_groups(coupon.number))
    if slip.member_no:
        yield Pair(word("member_no"), slip.member_no)
    if slip.look.shows("desk"):
        yield Pair(word("desk"), slip.desk_name)
    yield Pair(word("given"), local(slip.at, slip))
    yield Pair(word("operation"), reference(slip.operation))
    for line in slip.look.footer:
        yield Text(line, Align.CENTRE)
    yield Space(2)
    yield Cut()


def in_groups(number: str) -> str:
    """The end of a coupon's number in groups that can be read out; its beginning is the time it was given."""
    operation, _, piece = number.partition("-")
    last = operation[-2 * _GROUP :]
    return f"{last[:_GROUP]} {last[_GROUP:]} {piece}"
