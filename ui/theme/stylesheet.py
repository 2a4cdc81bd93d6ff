"""Qt's own controls, dressed from the tokens. What is ours paints itself; this is for what Qt draws.

Each control has a sheet of its own: one for the whole application would make Qt look up every label and every painted
widget in it, when they are made and again with each change of colours (measured: most of a second)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtWidgets import QWidget

from ui.theme.theme import Theme, theme
from ui.theme.tokens import TARGET_PX, Radius

Sheet = Callable[[Theme], str]


def dress(widget: QWidget, sheet: Sheet) -> None:
    """Put `widget` and what lies in it under `sheet` as the theme in force has it. Again and again is cheap.

    To be called when it is made, when it is shown, and in its `changeEvent` while it is visible: what nobody sees
    waits until it is shown."""
    t = theme()
    wanted = _written(sheet, t.name, t.scale)
    if widget.styleSheet() != wanted:
        widget.setStyleSheet(wanted)


@lru_cache(maxsize=64)
def _written(sheet: Sheet, _name: str, _scale: float) -> str:
    return sheet(theme())


def field(t: Theme) -> str:
    """Where something is typed or chosen."""
    c, px = t.colours, t.px
    return (
        f"""
QLineEdit, QPlainTextEdit, QComboBox {{
    background: {c.surface}; color: {c.text};
    border: 1px solid {c.line_strong}; border-radius: {Radius.CONTROL}px;
    padding: 0 {px(12)}px; min-height: {px(TARGET_PX) - 2}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QPlainTextEdit {{ padding: {px(8)}px; }}
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover {{ border-color: {c.text_muted}; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{
    border: 2px solid {c.accent}; padding: 0 {px(12) - 1}px; min-height: {px(TARGET_PX) - 4}px;
}}
QPlainTextEdit:focus {{ padding: {px(8) - 1}px; }}
QLineEdit[problem="true"] {{ border-color: {c.danger}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{
    background: {c.sunken}; color: {c.text_disabled}; border-color: {c.line};
}}
QLineEdit:read-only {{ background: {c.sunken}; }}
"""
        + menu(t)
        + _tip(t)
    )


def choice(t: Theme) -> str:
    """A field with its list."""
    c, px = t.colours, t.px
    return (
        field(t)
        + f"""
QComboBox QLineEdit, QComboBox QLineEdit:focus {{
    border: none; background: transparent; padding: 0; min-height: 0;
}}
QComboBox::drop-down {{ width: {px(32)}px; border: none; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; border-radius: {Radius.CONTROL}px;
    padding: 4px; outline: 0; selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
"""
        + scroll_bar(t)
    )


def long_text(t: Theme) -> str:
    return field(t) + scroll_bar(t)


def menu(t: Theme) -> str:
    c, px = t.colours, t.px
    return f"""
QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 6px; }}
QMenu::item {{ padding: {px(10)}px {px(28)}px {px(10)}px {px(12)}px; border-radius: {Radius.SMALL}px; }}
QMenu::icon {{ padding-left: {px(12)}px; }}
QMenu::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QMenu::item:disabled {{ color: {c.text_disabled}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 6px 8px; }}
"""


def round_menu(t: Theme) -> str:
    """A menu with the corners of the house; its window has to be translucent."""
    return menu(t) + f"QMenu {{ border-radius: {Radius.CARD}px; }}"


def scroll_bar(t: Theme) -> str:
    c = t.colours
    return f"""
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px 1px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 1px 2px; }}
QScrollBar::handle {{ background: {c.text_disabled}; border-radius: 4px; }}
QScrollBar::handle:vertical {{ min-height: 40px; }}
QScrollBar::handle:horizontal {{ min-width: 40px; }}
QScrollBar::handle:hover {{ background: {c.text_muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def table(t: Theme) -> str:
    c, px = t.colours, t.px
    return (
        f"""
QAbstractScrollArea::corner {{ background: transparent; }}
QTableView {{
    background: {c.surface}; color: {c.text}; border: 1px solid {c.line}; border-radius: {Radius.CARD}px;
    gridline-color: transparent; outline: 0;
    selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
QTableView:focus {{ border: 1px solid {c.accent}; }}
QTableView::item {{ padding: 0 {px(12)}px; border: none; border-bottom: 1px solid {c.line}; }}
QTableView::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{
    background: {c.surface}; color: {c.text_muted}; border: none; border-bottom: 1px solid {c.line};
    padding: {px(8)}px {px(12)}px; font-size: {px(13)}px; font-weight: 400;
}}
QHeaderView::section:hover {{ color: {c.text}; }}
QHeaderView::section:first {{ border-top-left-radius: {Radius.CARD}px; }}
QHeaderView::section:last {{ border-top-right-radius: {Radius.CARD}px; }}
"""
        + scroll_bar(t)
        + _tip(t)
    )


def _tip(t: Theme) -> str:
    c = t.colours
    return f"QToolTip {{ background: {c.toast}; color: {c.toast_text}; border: none; padding: 6px 10px; }}"
