"""What a person sets for this desk's screen: language, theme, text size. Never anything of the programme."""

from __future__ import annotations

from typing import Protocol

LANGUAGE = "language"  # zh_CN | en
THEME = "theme"  # light | dark
TEXT_SCALE = "text_scale"  # "0.9" … "1.5"
AUTO_LOCK_MINUTES = "auto_lock_minutes"  # "0" never
MEMBER_SCREEN = "member_screen"  # "on": the member has a screen of their own
SLIP_WIDTH_MM = "slip_width_mm"  # 58 | 80


class Preferences(Protocol):
    """Small texts by name. `get` answers at once from memory; `set` never blocks and is kept when the program ends."""

    def get(self, key: str, default: str = "") -> str: ...
    def set(self, key: str, value: str) -> None: ...


class PreferencesInMemory:
    """For tests and for the demo."""

    def __init__(self, **values: str) -> None:
        self.values = dict(values)

    def get(self, key: str, default: str = "") -> str:
        return self.values.get(key, default)

    def set(self, key: str, value: str) -> None:
        self.values[key] = value
