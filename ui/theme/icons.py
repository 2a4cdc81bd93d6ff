"""Our own line icons: 24 × 24, drawn with a 1.75 pixel round line, tinted when painted."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICONS: dict[str, str] = {
    "counter": '<path d="M3 10h18M5 10v9h14v-9"/><path d="M9 19v-5h6v5"/><path d="M6 10 7.5 5h9L18 10"/>',
    "members": (
        '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5"/>'
        '<path d="M15.5 4.9a3.5 3.5 0 0 1 0 6.2M18 15.2c1.9.8 3.1 2.4 3.5 4.8"/>'
    ),
    "member": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.7-4 3.7-6 7.5-6s6.8 2 7.5 6"/>',
    "gift": (
        '<path d="M4 11h16v9H4z"/><path d="M3 7.5h18V11H3z"/><path d="M12 7.5V20"/>'
        '<path d="M12 7.5c-1-3-2.6-4-4-4a2 2 0 0 0 0 4zM12 7.5c1-3 2.6-4 4-4a2 2 0 0 1 0 4z"/>'
    ),
    "approval": (
        '<path d="M12 3 19.5 6v5.5c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5V6z"/><path d="m8.7 12 2.3 2.3 4.5-4.6"/>'
    ),
    "devices": (
        '<path d="M6 9V3.5h12V9"/><path d="M6 17H3.5V9h17v8H18"/><path d="M6 14h12v6.5H6z"/><path d="M17 12h.01"/>'
    ),
    "printer": (
        '<path d="M6 9V3.5h12V9"/><path d="M6 17H3.5V9h17v8H18"/><path d="M6 14h12v6.5H6z"/><path d="M17 12h.01"/>'
    ),
    "settings": (
        '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>'
    ),
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
    "card": '<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><path d="M2.5 9.5h19M6 15h4"/>',
    "reader": '<rect x="3" y="9" width="18" height="11" rx="2"/><path d="M7 9V4h10v5M7 14h10"/>',
    "scan": ('<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4"/><path d="M7.5 8.5v7M11 8.5v7M14 8.5v7M16.5 8.5v7"/>'),
    "phone": '<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M11 18.5h2"/>',
    "lock": (
        '<rect x="4.5" y="10.5" width="15" height="10" rx="2.5"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/>'
        '<path d="M12 14.5v2.5"/>'
    ),
    "sign_out": '<path d="M10 4H5v16h5M14.5 8l4 4-4 4M18.5 12H9.5"/>',
    "language": (
        '<circle cx="12" cy="12" r="9"/>'
        '<path d="M3 12h18M12 3c3 3 3.5 6 3.5 9S15 18 12 21c-3-3-3.5-6-3.5-9S9 6 12 3z"/>'
    ),
    "sun": (
        '<circle cx="12" cy="12" r="4"/>'
        '<path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3'
        ' 18.7l1.4-1.4M17.3 6.7l1.4-1.4"/>'
    ),
    "moon": '<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"/>',
    "text_size": '<path d="M3 19 8.5 6 14 19M5 14.5h7"/><path d="M15 19l3-7.5 3 7.5M16 16.5h4"/>',
    "keyboard": (
        '<rect x="2.5" y="6" width="19" height="12" rx="2"/>'
        '<path d="M6.5 10h.01M10 10h.01M14 10h.01M17.5 10h.01M8 14h8"/>'
    ),
    "help": (
        '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.8h.01"/>'
    ),
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "backspace": '<path d="M8.5 5H21v14H8.5L2.5 12z"/><path d="m11.5 9.5 5 5M16.5 9.5l-5 5"/>',
    "arrow_right": '<path d="M4 12h15M13.5 6.5 19 12l-5.5 5.5"/>',
    "arrow_left": '<path d="M20 12H5M10.5 6.5 5 12l5.5 5.5"/>',
    "chevron_down": '<path d="m6 9.5 6 6 6-6"/>',
    "chevron_right": '<path d="m9.5 6 6 6-6 6"/>',
    "undo": '<path d="M8.5 4.5 4 9l4.5 4.5"/><path d="M4 9h10a6 6 0 0 1 0 12h-4"/>',
    "refresh": '<path d="M20 12a8 8 0 1 1-2.3-5.6L20 8.5"/><path d="M20 3.5v5h-5"/>',
    "warning": '<path d="M12 3.5 22 20.5H2z"/><path d="M12 10v5M12 17.8h.01"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.6h.01"/>',
    "problem": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 16.4h.01"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.5 2"/>',
    "eye": (
        '<path d="M2 12c2.2-4.3 5.7-6.5 10-6.5S19.8 7.7 22 12c-2.2 4.3-5.7 6.5-10 6.5S4.2 16.3 2 12z"/>'
        '<circle cx="12" cy="12" r="3"/>'
    ),
    "eye_off": (
        '<path d="M5 7.5C3.8 8.7 2.8 10.2 2 12c2.2 4.3 5.7 6.5 10 6.5 1.7 0 3.3-.4 4.7-1.1M9.5 5.8c.8-.2'
        ' 1.6-.3 2.5-.3 4.3 0 7.8 2.2 10 6.5-.6 1.2-1.3 2.2-2.1 3.1"/><path d="m3.5 3.5 17 17"/>'
    ),
    "slip": ('<path d="M5.5 3v18l2.2-1.5L9.8 21l2.2-1.5 2.2 1.5 2.1-1.5 2.2 1.5V3z"/><path d="M9 8h6M9 12h6"/>'),
    "points": (
        '<circle cx="12" cy="12" r="9"/>'
        '<path d="m12 7.2 1.5 3.1 3.4.5-2.5 2.4.6 3.4-3-1.6-3 1.6.6-3.4-2.5-2.4 3.4-.5z"/>'
    ),
    "coupon": (
        '<path d="M3 7h18v3.5a1.8 1.8 0 0 0 0 3.5V17H3v-3a1.8 1.8 0 0 0 0-3.5z"/>'
        '<path d="M14 7.5v9" stroke-dasharray="2 2.2"/>'
    ),
    "wallet": (
        '<path d="M4 7.5A2.5 2.5 0 0 1 6.5 5H18v3"/><rect x="3.5" y="8" width="17.5" height="12" rx="2.5"/>'
        '<path d="M16.5 14h.01"/>'
    ),
    "birthday": (
        '<path d="M4 20.5v-8h16v8zM4 16c2 1.6 3.3 1.6 5.3 0 2 1.6 3.4 1.6 5.4 0 2 1.6 3.3 1.6 5.3 0"/>'
        '<path d="M12 12.5V8M12 5.5V4"/>'
    ),
    "shop": (
        '<path d="M4 10v10.5h16V10"/>'
        '<path d="M3 9.5 5 4h14l2 5.5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0z"/>'
        '<path d="M10 20.5v-5h4v5"/>'
    ),
    "desk": '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M12 16v4M8 20h8"/>',
    "stock": '<path d="m12 3 8.5 4.5v9L12 21l-8.5-4.5v-9z"/><path d="m3.5 7.5 8.5 4.5 8.5-4.5M12 12v9"/>',
    "hand_out": (
        '<path d="M3 13.5h4.5l3 1.5h3.5a1.5 1.5 0 0 1 0 3h-4"/>'
        '<path d="M3 19.5l6 1.5 9-2.5 3-3.5a1.6 1.6 0 0 0-2.4-2L16 15"/><path d="M9 4h7v6.5H9z"/>'
        '<path d="M12.5 4v2.5"/>'
    ),
    "report": '<path d="M4 20.5h16M7 16.5v-5M12 16.5v-12M17 16.5v-8"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2.5"/><path d="M3.5 10h17M8 2.5V6M16 2.5V6"/>',
    "list": '<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01"/>',
    "copy": (
        '<rect x="8.5" y="8.5" width="12" height="12" rx="2"/>'
        '<path d="M15.5 8.5V5.5a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3"/>'
    ),
    "export": '<path d="M12 15V4M7.5 8 12 3.5 16.5 8M4.5 14v6h15v-6"/>',
    "plug": '<path d="M9 3v5M15 3v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0zM12 17v4"/>',
    "cover": '<path d="M4 13.5h16v7H4z"/><path d="M4 13.5 18 4.5"/><path d="M8 17h8"/>',
    "paper": '<path d="M6 3.5h12v17l-2-1.3-2 1.3-2-1.3-2 1.3-2-1.3-2 1.3z"/>',
    "note": '<path d="M5 3.5h14v11l-5 6H5z"/><path d="M19 14.5h-5v6M9 8h6M9 12h4"/>',
    "offline": (
        '<path d="M3 3.5 21 21M8.5 15.5a5 5 0 0 1 6 -.6M5 11.8a10 10 0 0 1 5-2.6M13.5 9a10 10 0 0 1 5.5'
        ' 2.8M12 19h.01"/>'
    ),
    "online": '<path d="M8.5 15.5a5 5 0 0 1 7 0M5 11.8a10 10 0 0 1 14 0M2 8a15 15 0 0 1 20 0M12 19h.01"/>',
    "command": '<path d="m5 7 4.5 5L5 17M12 18h7"/>',
    "save": '<path d="M4 4h12.5L20 7.5V20H4z"/><path d="M8 4v5h7V4M7.5 20v-6h9v6"/>',
    "brand": '<path d="M4 19V6.5l8 6.5 8-6.5V19"/><path d="M4 19h3.5M16.5 19H20"/>',
}


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str, weight: float) -> QSvgRenderer:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="{weight}" stroke-linecap="round" stroke-linejoin="round">{ICONS[name]}</svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode()))


def paint_icon(painter: QPainter, rect: QRectF, name: str, colour: QColor, weight: float = 1.75) -> None:
    """Draw icon `name` into `rect`, sharp at any pixel ratio. Raises KeyError for a name that is not in ICONS."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(name, colour.name(), weight).render(painter, rect)


def as_qicon(name: str, colour: QColor, size_px: int, ratio: float) -> QIcon:
    """For what Qt draws itself (menus): the icon at one size and pixel ratio; "" gives an empty one of that size."""
    pixmap = QPixmap(round(size_px * ratio), round(size_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    if name:
        with QPainter(pixmap) as painter:
            paint_icon(painter, QRectF(0, 0, size_px, size_px), name, colour)
    return QIcon(pixmap)
