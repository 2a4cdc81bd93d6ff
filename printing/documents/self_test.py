"""The self-test at the start of a shift, to be signed and kept with the day's papers: one line for each thing that was
looked at, and what it said."""

from __future__ import annotations

from typing import Final

from app.domain.self_test import worst
from app.domain.sentences import sentence
from app.domain.wording import DEVICES, duration
from app.queries.slips import SelfTestSlip
from printing.document import Document, Element, Pair, Rule, Signature, Text
from printing.documents.parts import Labels, Words, about_operation, bottom, top, words

_LABELS: Final[Labels] = {
    "title": ("班前自检", "Start-of-shift self-test"),
    "store": ("数据", "Data"),
    "space": ("磁盘", "Disk"),
    "backup": ("备份", "Backup"),
    "clock": ("时钟", "Clock"),
    "queue": ("打印队列", "Print queue"),
    "keyboard": ("键盘读卡", "Keyboard reader"),
    "good": ("正常", "in order"),
    "doubtful": ("请留意", "have a look"),
    "bad": ("异常", "out of order"),
    "whole_good": ("全部正常", "Everything is in order"),
    "whole_doubtful": ("可以营业，有几项请留意", "Ready; some of it wants a look"),
    "whole_bad": ("有项目异常，请处理或报修", "Something is out of order"),
    "took": ("自检用时", "It took"),
    "signature": ("当班人签字", "Signed"),
    "closing": ("请与当日单据一并存档", "Please keep with the day's papers"),
    **DEVICES,
}


def self_test(slip: SelfTestSlip, language: str) -> Document:
    word = words(_LABELS, language)
    checks: list[Element] = []
    for check in slip.checks:
        checks.append(Pair(_thing(check.what, check.name, word), word(check.outcome), bold=True))
        checks.append(Text(sentence(check.code, check.facts, language)))
    return (
        *top(slip, word),
        Text(word(f"whole_{worst(slip.checks)}"), bold=True),
        Pair(word("took"), duration(round(slip.took_ms / 1000), language)),
        Rule(),
        *checks,
        Rule(),
        *about_operation(slip, word),
        Signature(word("signature")),
        *bottom(slip, word, code=False),
    )


def _thing(what: str, name: str, word: Words) -> str:
    """ "reader" and "reader-2" are the program's own names and follow the language; any other was given by a person."""
    if name in ("", what, "keyboard"):
        named = word(name or what)
    else:
        first, _, last = name.rpartition("-")
        named = f"{word(what)} {last}" if first == what and last.isdecimal() else name
    return named[:1].upper() + named[1:]
