"""The receipt of gifts that arrived, counted and signed: amounts in capitals, as Chinese store-rooms want them."""

from __future__ import annotations

from typing import Final

from app.domain.money import in_capitals, yuan
from app.queries.slips import StockReceiptSlip
from printing.document import Align, Column, Columns, Document, Element, Pair, Rule, Signature
from printing.documents.parts import Labels, about_operation, bottom, top, words

_LABELS: Final[Labels] = {
    "title": ("礼品入库单", "Stock receipt"),
    "delivery_note": ("送货单号", "Delivery note"),
    "value": ("金额", "Amount"),
    "pieces": ("合计件数", "Pieces"),
    "total": ("合计金额", "Total value"),
    "capitals": ("人民币大写", "In words"),
    "signature": ("收货人签名", "Received by"),
    "deliverer": ("送货人签名", "Delivered by"),
    "closing": ("金额按礼品目录价值计算", "Values as in the catalogue"),
}


def stock_receipt(slip: StockReceiptSlip, language: str) -> Document:
    word = words(_LABELS, language)

    def table_line(gift: str, quantity: str, value: str, *, bold: bool = False) -> Columns:
        cells = (Column(gift), Column(quantity, 6, Align.RIGHT), Column(value, value_width, Align.RIGHT))
        return Columns(cells, bold)

    values = [yuan(line.quantity * line.value_fen) for line in slip.lines]
    value_width = max(8, *(len(value) + 3 for value in values))
    note: list[Element] = [Pair(word("delivery_note"), slip.delivery_note), Rule()] if slip.delivery_note else []
    return (
        *top(slip, word),
        *note,
        table_line(word("gift"), word("quantity"), word("value"), bold=True),
        *(
            table_line(f"{line.gift_name} {line.gift}", f"{line.quantity:,}", value)
            for line, value in zip(slip.lines, values, strict=True)
        ),
        Rule(),
        Pair(word("pieces"), f"{slip.pieces:,}", bold=True),
        Pair(word("total"), yuan(slip.value_fen), bold=True),
        Pair(word("capitals"), in_capitals(slip.value_fen)),
        Rule(),
        *about_operation(slip, word),
        Signature(word("deliverer")),
        Signature(word("signature")),
        *bottom(slip, word, code=False),
    )
