"""Qt's own controls, dressed from the tokens. What is ours paints itself; this is for what Qt draws."""

from __future__ import annotations

from collections.abc import Callable

from ui.theme.tokens import TARGET_PX, Colours, Radius


def stylesheet(c: Colours, px: Callable[[float], int]) -> str:
    """The application's style sheet for colours `c`; `px` turns a size at 100 % into pixels."""
    return f"""
QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QDateEdit {{
    background: {c.surface}; color: {c.text};
    border: 1px solid {c.line_strong}; border-radius: {Radius.CONTROL}px;
    padding: 0 {px(12)}px; min-height: {px(TARGET_PX) - 2}px;
    selection-background-color: {c.accent}; selection-color: {c.on_accent};
}}
QPlainTextEdit {{ padding: {px(8)}px; }}
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover {{ border-color: {c.text_muted}; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QDateEdit:focus {{
    border: 2px solid {c.accent}; padding: 0 {px(12) - 1}px; min-height: {px(TARGET_PX) - 4}px;
}}
QPlainTextEdit:focus {{ padding: {px(8) - 1}px; }}
QLineEdit[problem="true"] {{ border-color: {c.danger}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{
    background: {c.sunken}; color: {c.text_disabled}; border-color: {c.line};
}}
QLineEdit:read-only {{ background: {c.sunken}; }}
QComboBox QLineEdit, QComboBox QLineEdit:focus {{
    border: none; background: transparent; padding: 0; min-height: 0;
}}
QComboBox::drop-down {{ width: {px(32)}px; border: none; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{
    background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; border-radius: {Radius.CONTROL}px;
    padding: 4px; outline: 0; selection-background-color: {c.accent_soft}; selection-color: {c.text};
}}
QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 6px; }}
QMenu::item {{ padding: {px(10)}px {px(28)}px {px(10)}px {px(12)}px; border-radius: {Radius.SMALL}px; }}
QMenu::icon {{ padding-left: {px(12)}px; }}
QMenu::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
QMenu::item:disabled {{ color: {c.text_disabled}; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 6px 8px; }}
QToolTip {{ background: {c.toast}; color: {c.toast_text}; border: none; padding: 6px 10px; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px 1px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 1px 2px; }}
QScrollBar::handle {{ background: {c.text_disabled}; border-radius: 4px; }}
QScrollBar::handle:vertical {{ min-height: 40px; }}
QScrollBar::handle:horizontal {{ min-width: 40px; }}
QScrollBar::handle:hover {{ background: {c.text_muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
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
