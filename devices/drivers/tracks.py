"""Magnetic stripes as swipe readers send them: ISO/IEC 7811 text with sentinels (DEVICES.md 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SENTINELS = "%;+"
_LOOKS_LIKE_A_SWIPE = re.compile(r"^[^\x20-\x7e]*[%;+]|%B\d{8,}\^|;\d{8,}[=?]")
# The rear part of a swipe whose front was lost: what a bank card leaves behind must not pass as a scanned text.
_TAIL_OF_A_SWIPE = re.compile(r"[0-9=]*=[0-9=]{4,}\?.?|[0-9]+\?.?|[A-Z0-9 /.\-]*\^[0-9A-Z ^]*\??.?|[0-9]{4,}=[0-9=]*")
_TRACK_1 = re.compile(r"B?(?P<number>\d{8,19})(?:\^[^^]{0,26}\^(?:\d{4}|\^)?(?:\d{3}|\^)?(?P<rest>[^?^]*))?")
_TRACK_2 = re.compile(r"(?P<number>\d{8,19})(?:=(?:\d{4}|=)?(?:\d{3}|=)?(?P<rest>\d*))?")


@dataclass(frozen=True)
class Stripe:
    """What a stripe says. `card_code` is the discretionary data after expiry (YYMM) and service code."""

    number: str = field(repr=False)
    card_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class BadStripe:
    """`reason`: "misread" (the reader says so), "torn", "bad_lrc", "tracks_differ" or "foreign_card"."""

    reason: str


def is_swipe(text: str) -> bool:
    """Does this line come from a stripe, whole or in pieces?"""
    return _LOOKS_LIKE_A_SWIPE.search(text) is not None or _TAIL_OF_A_SWIPE.fullmatch(text) is not None


def lrc(track: str) -> str:
    """The check character of a track, sentinels included (ISO/IEC 7811-2: XOR of the data bits)."""
    base, bits = (0x20, 0x3F) if track[0] == "%" else (0x30, 0x0F)
    value = 0
    for character in track:
        value ^= (ord(character) - base) & bits
    return chr(value + base)


def read_stripe(text: str) -> Stripe | BadStripe:
    """Read one swipe: any of tracks 1, 2, 3 with or without check characters; one good track is enough."""
    good: list[Stripe] = []
    reasons: list[str] = []
    at = _next_sentinel(text, 0)
    if at < 0:
        return BadStripe("torn")
    while at >= 0:
        end = text.find("?", at)
        following = _next_sentinel(text, at + 1)
        if end < 0 or (0 <= following < end and text[at] != "%"):
            reasons.append("torn")
            at = following
            continue
        track, at = text[at : end + 1], end + 1
        reason = None
        if at < len(text) and _is_check_character(text, at, track):
            reason = None if text[at] == lrc(track) else "bad_lrc"
            at += 1
        stripe = _parse(track)
        if reason is not None:
            reasons.append(reason)
        elif isinstance(stripe, Stripe):
            good.append(stripe)
        else:
            reasons.append(stripe.reason)
        at = _next_sentinel(text, at)
    if not good:
        return BadStripe(reasons[0])
    if any(stripe.number != good[0].number for stripe in good):
        return BadStripe("tracks_differ")
    return next((stripe for stripe in reversed(good) if stripe.card_code), good[0])


def _parse(track: str) -> Stripe | BadStripe:
    body = track[1:-1]
    if body in ("E", "e", ""):
        return BadStripe("misread")
    match = (_TRACK_1 if track[0] == "%" else _TRACK_2).fullmatch(body)
    if match is None:
        return BadStripe("foreign_card" if body.isascii() and body.isprintable() else "torn")
    return Stripe(match["number"], (match["rest"] or "").strip() or None)


def _is_check_character(text: str, at: int, track: str) -> bool:
    """A sentinel is a check character only if it is the right one and no track follows it directly."""
    if text[at] not in _SENTINELS:
        return text[at].isprintable()
    return text[at] == lrc(track) and (at + 1 == len(text) or text[at + 1] in _SENTINELS)


def _next_sentinel(text: str, start: int) -> int:
    return next((at for at in range(start, len(text)) if text[at] in _SENTINELS), -1)
