"""What a new printer prints first: Chinese, rare characters, amounts, sizes, the width of its paper, a code, a cut."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from printing.document import Align, Code, Cut, Document, Pair, Rule, Space, Text, Title
from printing.documents.parts import Labels, words

_LABELS: Labels = {
    "title": ("打印测试", "Printer test"),
    "time": ("时间", "Time"),
    "rare": ("生僻字", "Rare characters"),
    "amount": ("金额", "Amount"),
    "bold": ("粗体", "Bold"),
    "width": ("每行字数", "Characters a line"),
    "width_value": ("{n}（汉字 {half}）", "{n} (Hanzi {half})"),
    "ruler": ("上面两行应从左到右恰好占满。", "Both lines above fill the paper exactly."),
    "proof": ("打印确认", "Tells when printed"),
    "gs_h": ("逐单回执", "yes, slip by slip"),
    "gs_r": ("处理完应答", "yes, when done"),
    "eot": ("仅状态", "no, only its state"),
    "none": ("无", "no"),
    "good": (
        "若以上文字清晰、二维码可扫，打印机可以使用。",
        "If all of this is clear and the code scans, the printer is ready.",
    ),
}
_RARE = "李𬭚、龚䶮、㛃"
_DIGITS, _HANZI = "1234567890", "一二三四五六七八九十"


def test_slip(at: datetime, zone: str, language: str, *, columns: int, proof: str) -> Document:
    """`columns` are the paper's; `proof` is how the printer proves that it has printed: "gs_h", "gs_r", "eot" or
    "none"."""
    word = words(_LABELS, language)
    half = columns // 2
    return (
        Title(word("title")),
        Rule(),
        Pair(word("time"), f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"),
        Pair(word("amount"), "￥1,234.50"),
        Pair(word("rare"), _RARE),
        Pair(word("bold"), "ABC abc 123 会员", bold=True),
        Pair(word("proof"), word(proof)),
        Pair(word("width"), word("width_value").format(n=columns, half=half)),
        Rule(),
        Text((_DIGITS * columns)[:columns]),
        Text((_HANZI * half)[:half]),
        Text(word("ruler"), Align.CENTRE),
        Space(),
        Code("MEMBERDESK-TEST"),
        Text(word("good"), Align.CENTRE),
        Cut(),
    )
