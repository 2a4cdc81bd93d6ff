"""Words, numbers and dates in the language of the desk.

Message ids are the English texts. `ui/locale/<language>/*.po` hold the catalogues, one file per area of the program;
they are read as they are, so that no compiled file can be out of date. English needs a text only where it differs
from its id (plurals). A view says `tr("Redeem")` when it builds its texts and again in `retranslate()`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES: dict[str, str] = {"zh_CN": "简体中文", "en": "English"}
DEFAULT_LANGUAGE = "zh_CN"

_Catalogue = dict[str, str | tuple[str, ...]]


class _Words:
    """The language in force. One per process, because one person looks at one screen."""

    def __init__(self) -> None:
        self.language = DEFAULT_LANGUAGE
        self.zone: tzinfo = ZoneInfo("Asia/Shanghai")
        self.listeners: list[Callable[[], None]] = []


_words = _Words()


@cache
def catalogue(language: str) -> _Catalogue:
    """All texts of `language` by message id; plurals as tuples."""
    texts: _Catalogue = {}
    for file in sorted((Path(__file__).parent / language).glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale=language):
                if not message.id or message.fuzzy:
                    continue
                if isinstance(message.id, (tuple, list)):
                    texts[message.id[0]] = tuple(str(form) for form in message.string or ())
                elif isinstance(message.string, str) and message.string:
                    texts[message.id] = message.string
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


def set_time_zone(zone: tzinfo) -> None:
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


def number(value: int) -> str:
    """12480 -> 12,480"""
    return str(format_decimal(value, locale=_words.language))


def signed(value: int) -> str:
    """398 -> +398, -20 -> −20 (a real minus sign, as wide as the plus)."""
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"


def money(fen: int) -> str:
    """20000 -> ¥200.00"""
    yuan = format_decimal(abs(fen) / 100, format="#,##0.00", locale=_words.language)
    return f"{'−' if fen < 0 else ''}¥{yuan}"


def day(value: date | datetime) -> str:
    """2026-11-20, which both languages read without doubt."""
    return str(format_date(_local(value), "yyyy-MM-dd", locale=_words.language))


def day_short(value: date | datetime) -> str:
    """11-20, for lists of the current year."""
    return str(format_date(_local(value), "MM-dd", locale=_words.language))


def day_long(value: date | datetime) -> str:
    """2026年11月20日星期五 / Friday, 20 November 2026"""
    pattern = "y年M月d日 EEEE" if _words.language == "zh_CN" else "EEEE, d MMMM y"
    return str(format_date(_local(value), pattern, locale=_words.language))


def clock(value: datetime) -> str:
    """14:03 in the mall's zone."""
    return str(format_time(_zoned(value), "HH:mm", locale=_words.language))


def moment(value: datetime) -> str:
    """2026-11-20 14:03 in the mall's zone."""
    return str(format_datetime(_zoned(value), "yyyy-MM-dd HH:mm", locale=_words.language))


def _zoned(value: datetime) -> datetime:
    return value.astimezone(_words.zone) if value.tzinfo is not None else value


def _local(value: date | datetime) -> date:
    return _zoned(value).date() if isinstance(value, datetime) else value
