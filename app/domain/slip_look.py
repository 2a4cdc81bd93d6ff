"""What the mall decides about its slips: its own lines, its logo, and which lines stand on them at all."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal, get_args

OptionalLine = Literal[
    "mall_name", "tier", "card", "points_before", "expiring", "capitals", "desk", "staff", "approver", "code"
]
"""What may be left out of slips. Whom a slip is about, what was done, when, its reference and what it leaves behind
always stand there: without them it proves nothing."""

DocumentName = Literal[
    "redemption",
    "coupon",
    "credit",
    "guest_redemption",
    "hand_out",
    "card",
    "reversal",
    "adjustment",
    "stock_receipt",
    "statement",
    "consent",
    "daily_report",
    "self_test",
]

OPTIONAL_LINES: Final[tuple[OptionalLine, ...]] = get_args(OptionalLine)
DOCUMENT_NAMES: Final[tuple[DocumentName, ...]] = get_args(DocumentName)
_ABOUT_MEMBER: Final = ("tier", "card")
_ABOUT_OPERATION: Final = ("desk", "staff", "approver")
LINES_OF: Final[Mapping[DocumentName, tuple[OptionalLine, ...]]] = MappingProxyType(
    {
        "redemption": ("mall_name", *_ABOUT_MEMBER, "points_before", "expiring", *_ABOUT_OPERATION, "code"),
        "coupon": ("mall_name", "desk"),
        "credit": ("mall_name", *_ABOUT_MEMBER, "expiring", "capitals", *_ABOUT_OPERATION, "code"),
        "guest_redemption": ("mall_name", *_ABOUT_OPERATION),
        "hand_out": ("mall_name", *_ABOUT_MEMBER, *_ABOUT_OPERATION, "code"),
        "card": ("mall_name", "tier", *_ABOUT_OPERATION, "code"),
        "reversal": ("mall_name", *_ABOUT_MEMBER, *_ABOUT_OPERATION, "code"),
        "adjustment": ("mall_name", *_ABOUT_MEMBER, "points_before", *_ABOUT_OPERATION, "code"),
        "stock_receipt": ("mall_name", *_ABOUT_OPERATION),
        "statement": ("mall_name", *_ABOUT_MEMBER, *_ABOUT_OPERATION, "code"),
        "consent": ("mall_name", *_ABOUT_OPERATION),
        "daily_report": ("mall_name", *_ABOUT_OPERATION),
        "self_test": ("mall_name", *_ABOUT_OPERATION),
    }
)
"""What each document can leave out."""

LEFT_OUT_AT_FIRST: Final[tuple[OptionalLine, ...]] = ("capitals",)
MOST_LINES = 4
LONGEST_LINE = 60
LOGO_WIDEST_DOTS = 384  # the narrowest roll: one logo suits every paper
LOGO_HIGHEST_DOTS = 160  # 20 mm
LOGO_LONGEST_TEXT = 4 * (LOGO_WIDEST_DOTS // 8 * LOGO_HIGHEST_DOTS // 3)


@dataclass(frozen=True)
class Logo:
    """A picture of black and white dots. `base64`: packed bits, 1 is black, the most significant one left, as receipt
    printers take them (DEVICES.md 1.1); as text, because operations and answers are JSON.

    Raises ValueError where that is no picture."""

    width_dots: int
    base64: str

    def __post_init__(self) -> None:
        if not (0 < self.width_dots <= LOGO_WIDEST_DOTS and self.width_dots % 8 == 0):
            raise ValueError("a logo is as wide as whole bytes of dots, and as the narrowest roll at most")
        rows = b64decode(self.base64, validate=True)
        if not rows or len(rows) % (self.width_dots // 8) or self.height_dots > LOGO_HIGHEST_DOTS:
            raise ValueError("a logo has whole rows, and is 160 dots high at most")

    @classmethod
    def of_rows(cls, width_dots: int, rows: bytes) -> Logo:
        return cls(width_dots, b64encode(rows).decode())

    @property
    def rows(self) -> bytes:
        return b64decode(self.base64)

    @property
    def height_dots(self) -> int:
        return len(self.rows) * 8 // self.width_dots


@dataclass(frozen=True)
class SlipLook:
    """`left_out` has each line once, in the order of `OPTIONAL_LINES`, and `own` each document once, in the order of
    `DOCUMENT_NAMES`: equal looks are equal values. A document in `own` leaves out what stands there, and not what all
    others do."""

    heading: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    logo: Logo | None = None
    left_out: tuple[OptionalLine, ...] = LEFT_OUT_AT_FIRST
    own: tuple[tuple[DocumentName, tuple[OptionalLine, ...]], ...] = ()

    def shows(self, line: OptionalLine) -> bool:
        return line not in self.left_out

    def of(self, document: str) -> SlipLook:
        """The look of this document alone."""
        return replace(
            self, left_out=dict[str, tuple[OptionalLine, ...]](self.own).get(document, self.left_out), own=()
        )

    def is_own(self, document: str) -> bool:
        return any(document == own for own, _ in self.own)

    def showing(self, line: OptionalLine, shown: bool, document: DocumentName | None = None) -> SlipLook:
        """The same look with or without `line`: on one document, which has its own lines from then on, or on all
        that have none."""
        before = self.left_out if document is None else self.of(document).left_out
        others = {each for each in before if each != line}
        left_out = in_order(others if shown else others | {line})
        return replace(self, left_out=left_out) if document is None else self.with_own(document, left_out)

    def with_own(self, document: DocumentName, left_out: tuple[OptionalLine, ...] | None) -> SlipLook:
        """None: this document is as all the others again."""
        own = dict(self.own)
        own.pop(document, None)
        if left_out is not None:
            own[document] = left_out
        return replace(self, own=tuple((each, own[each]) for each in DOCUMENT_NAMES if each in own))


def in_order(lines: Iterable[str]) -> tuple[OptionalLine, ...]:
    """Each known line once, as `SlipLook.left_out` has them."""
    named = set(lines)
    return tuple(line for line in OPTIONAL_LINES if line in named)


LOOK_AT_FIRST: Final = SlipLook()
