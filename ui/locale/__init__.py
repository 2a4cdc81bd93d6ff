"""Words, numbers and dates in the language of the desk.

Message ids are the English texts. `ui/locale/<language>/*.po` hold the catalogues, one file per area of the program;
they are read as they are, so that no compiled file can be out of date. English needs a text only where it differs
from its id (plurals). A view says `tr("Redeem")` when it builds its texts and again in `retranslate()`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from app.domain.calendar import DEFAULT_ZONE, offset_text, offset_where_doubtful
from ui.locale import po

LANGUAGES: dict[str, str] = {"zh_CN": "简体中文", "en": "English"}
DEFAULT_LANGUAGE = "zh_CN"


class _Words:
    """The language in force. One per process, because one person looks at one screen."""

    def __init__(self) -> None:
        self.language = DEFAULT_LANGUAGE
        self.zone = ZoneInfo(DEFAULT_ZONE)
        self.listeners: list[Callable[[], None]] = []


_words = _Words()


@cache
def catalogue(language: str) -> dict[str, po.Text]:
    """All texts of `language` by message id; plurals as tuples."""
    texts: dict[str, po.Text] = {}
    for file in sorted((Path(__file__).parent / language).glob("*.po")):
        texts.update(po.read(file))
    return texts


def language() -> str:
    return _words.language


def set_language(name: str) -> None:
    """Switch at run time and tell every listener, so that it writes its texts again."""
    _words.language = name if name in LANGUAGES else DEFAULT_LANGUAGE
    for listener in tuple(_words.listeners):
        listener()


def on_language_changed(listener: Callable[[], None]) -> Callable[[], None]:
    """Call `listener` after each switch; returns what ends that."""
    _words.listeners.append(listener)

    def end() -> None:
        if listener in _words.listeners:
            _words.listeners.remove(listener)

    return end


def set_time_zone(zone: ZoneInfo) -> None:
    """The mall's zone, in which every time is shown."""
    _words.zone = zone


def tr(msgid: str, **facts: object) -> str:
    """The text for `msgid` with `{name}` places filled in."""
    text = catalogue(_words.language).get(msgid, msgid)
    if isinstance(text, tuple):
        text = text[0]
    return text.format(**facts) if facts else text


def trn(singular: str, plural: str, n: int, **facts: object) -> str:
    """As `tr`, for a number of things; `{n}` is the number with its separators."""
    text = catalogue(_words.language).get(singular)
    if isinstance(text, tuple):
        chosen = text[0] if n == 1 or len(text) == 1 else text[1]
    elif text is not None:
        chosen = text
    else:
        chosen = singular if n == 1 else plural
    return chosen.format(n=number(n), **facts)


def mark(msgid: str) -> str:
    """Name a text for the catalogue without translating it yet."""
    return msgid


_ = tr


# Numbers, money and dates are written alike in both languages. They are on every line that is painted: a library
# that looks up how a language does it took a third of the time of a member page.


def number(value: int) -> str:
    """12480 -> 12,480"""
    return f"{value:,}"


def signed(value: int) -> str:
    """398 -> +398, -20 -> −20 (a real minus sign, as wide as the plus)."""
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"


def money(fen: int) -> str:
    """20000 -> ¥200.00"""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'−' if fen < 0 else ''}¥{yuan:,}.{rest:02}"


def day(value: date | datetime) -> str:
    """2026-11-20, which both languages read without doubt."""
    return _local(value).isoformat()


def day_short(value: date | datetime) -> str:
    """11-20, for lists of the current year."""
    return f"{_local(value):%m-%d}"


def clock(value: datetime) -> str:
    """14:03 in the mall's zone."""
    return f"{_zoned(value):%H:%M}"


def clock_with_zone(value: datetime) -> str:
    """As `clock`; with the offset where this computer, or the street, may show another time: 14:03 UTC+06:00"""
    zone = _words.zone.key
    elsewhere = value.astimezone().utcoffset() != value.astimezone(_words.zone).utcoffset()
    note = offset_text(value, zone) if elsewhere else offset_where_doubtful(value, zone)
    return f"{clock(value)} {note}".rstrip()


def instant(value: datetime) -> str:
    """14:03:07.120 in the mall's zone."""
    return f"{_zoned(value):%H:%M:%S}.{value.microsecond // 1000:03d}"


def moment(value: datetime) -> str:
    """2026-11-20 14:03 in the mall's zone."""
    return f"{_zoned(value):%Y-%m-%d %H:%M}"


def _zoned(value: datetime) -> datetime:
    return value.astimezone(_words.zone) if value.tzinfo is not None else value


def _local(value: date | datetime) -> date:
    return _zoned(value).date() if isinstance(value, datetime) else value
