"""What a new printer prints first: Chinese, rare characters, amounts, both widths of characters, a code."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from printing.document import Code, Cut, Document, Pair, Rule, Text, Title

_LABELS = {
    "title": ("打印测试", "Printer test"),
    "time": ("时间", "Time"),
    "rare": ("生僻字", "Rare characters"),
    "amount": ("金额", "Amount"),
    "good": (
        "若以上文字清晰、二维码可扫，打印机可以使用。",
        "If all of this is clear and the code scans, the printer is ready.",
    ),
}


def test_slip(at: datetime, zone: str, language: str) -> Document:
    column = 0 if language == "zh_CN" else 1

    def label(name: str) -> str:
        return _LABELS[name][column]

    return (
        Title(label("title")),
        Rule(),
        Pair(label("time"), f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"),
        Pair(label("amount"), "￥1,234.50"),
        Pair(label("rare"), "李𬭚 龚䶮 㛃"),
        Text("0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        Rule(),
        Code("MEMBERDESK-TEST"),
        Text(label("good")),
        Cut(),
    )
