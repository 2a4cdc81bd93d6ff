"""Our own line icons: 24 × 24, drawn with a 1.75 pixel round line, tinted when painted."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS: dict[str, str] = {
    "counter": '<path d="M3 10h18M5 10v9h14v-9"/><path d="M9 19v-5h6v5"/><path d="M6 10 7.5 5h9L18 10"/>',
    "members": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 20c.6-3.6 3.2-5.5 6.5-5.5s5.900 1.900 6.500 5.500"/>'
    '<path d="M15.500 4.900a3.500 3.500 0 0 1 0 6.200M18 15.200c1.900.8 3.100 2.400 3.500 4.800"/>',
    "member": '<circle cx="12" cy="8" r="4"/><path d="M4.500 20.500c.7-4 3.700-6 7.500-6s6.800 2 7.500 6"/>',
    "gift": '<path d="M4 11h16v9H4z"/><path d="M3 7.500h18V11H3z"/><path d="M12 7.500V20"/>'
    '<path d="M12 7.500c-1-3-2.600-4-4-4a2 2 0 0 0 0 4zM12 7.500c1-3 2.600-4 4-4a2 2 0 0 1 0 4z"/>',
    "approval": '<path d="M12 3 19.500 6v5.500c0 4.500-3 7.700-7.500 9.500-4.500-1.800-7.500-5-7.500-9.500V6z"/>'
    '<path d="m8.700 12 2.300 2.300 4.500-4.600"/>',
    "devices": '<path d="M6 9V3.500h12V9"/><path d="M6 17H3.500V9h17v8H18"/><path d="M6 14h12v6.500H6z"/><path d="M17 12h.01"/>',
    "printer": '<path d="M6 9V3.500h12V9"/><path d="M6 17H3.500V9h17v8H18"/><path d="M6 14h12v6.500H6z"/><path d="M17 12h.01"/>',
    "settings": '<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.500"/><circle cx="8" cy="17" r="2.500"/>',
    "search": '<circle cx="10.500" cy="10.500" r="6.500"/><path d="m15.500 15.500 5 5"/>',
    "card": '<rect x="2.500" y="5" width="19" height="14" rx="2.500"/><path d="M2.500 9.500h19M6 15h4"/>',
    "reader": '<rect x="3" y="9" width="18" height="11" rx="2"/><path d="M7 9V4h10v5M7 14h10"/>',
    "scan": '<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4"/><path d="M7.500 8.500v7M11 8.500v7M14 8.500v7M16.500 8.500v7"/>',
    "phone": '<rect x="6.500" y="2.500" width="11" height="19" rx="2.500"/><path d="M11 18.500h2"/>',
    "lock": '<rect x="4.500" y="10.500" width="15" height="10" rx="2.500"/><path d="M8 10.500V7.500a4 4 0 0 1 8 0v3"/>'
    '<path d="M12 14.500v2.500"/>',
    "sign_out": '<path d="M10 4H5v16h5M14.500 8l4 4-4 4M18.500 12H9.500"/>',
    "language": '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3.500 6 3.500 9S15 18 12 21c-3-3-3.500-6-3.500-9S9 6 12 3z"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400'
    'M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"/>',
    "moon": '<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z"/>',
    "text_size": '<path d="M3 19 8.500 6 14 19M5 14.500h7"/><path d="M15 19l3-7.500 3 7.500M16 16.500h4"/>',
    "keyboard": '<rect x="2.500" y="6" width="19" height="12" rx="2"/><path d="M6.500 10h.01M10 10h.01M14 10h.01M17.500 10h.01M8 14h8"/>',
    "help": '<circle cx="12" cy="12" r="9"/><path d="M9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.8.4-1.100.9-1.100 1.800M12 16.800h.01"/>',
    "check": '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "backspace": '<path d="M8.500 5H21v14H8.500L2.500 12z"/><path d="m11.500 9.500 5 5M16.500 9.500l-5 5"/>',
    "arrow_right": '<path d="M4 12h15M13.500 6.500 19 12l-5.500 5.500"/>',
    "arrow_left": '<path d="M20 12H5M10.500 6.500 5 12l5.500 5.500"/>',
    "chevron_down": '<path d="m6 9.500 6 6 6-6"/>',
    "chevron_right": '<path d="m9.500 6 6 6-6 6"/>',
    "undo": '<path d="M8.500 4.500 4 9l4.500 4.500"/><path d="M4 9h10a6 6 0 0 1 0 12h-4"/>',
    "refresh": '<path d="M20 12a8 8 0 1 1-2.300-5.600L20 8.500"/><path d="M20 3.500v5h-5"/>',
    "warning": '<path d="M12 3.500 22 20.500H2z"/><path d="M12 10v5M12 17.800h.01"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.500M12 7.600h.01"/>',
    "problem": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 16.400h.01"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.300l3.500 2"/>',
    "eye": '<path d="M2 12c2.200-4.300 5.700-6.500 10-6.500S19.800 7.700 22 12c-2.200 4.300-5.700 6.500-10 6.500S4.200 16.300 2 12z"/><circle cx="12" cy="12" r="3"/>',
    "eye_off": '<path d="M5 7.500C3.800 8.700 2.800 10.200 2 12c2.200 4.300 5.700 6.500 10 6.500 1.700 0 3.300-.4 4.700-1.100M9.500 5.800c.8-.2 1.600-.3 2.500-.3'
    ' 4.300 0 7.800 2.200 10 6.500-.6 1.200-1.300 2.200-2.100 3.100"/><path d="m3.500 3.500 17 17"/>',
    "slip": '<path d="M5.500 3v18l2.200-1.500L9.800 21l2.200-1.500 2.200 1.500 2.100-1.500 2.200 1.500V3z"/><path d="M9 8h6M9 12h6"/>',
    "points": '<circle cx="12" cy="12" r="9"/><path d="m12 7.200 1.500 3.100 3.400.5-2.500 2.400.6 3.400-3-1.600-3 1.600.6-3.400-2.500-2.400 3.400-.5z"/>',
    "coupon": '<path d="M3 7h18v3.500a1.800 1.800 0 0 0 0 3.500V17H3v-3a1.800 1.800 0 0 0 0-3.500z"/><path d="M14 7.500v9" stroke-dasharray="2 2.200"/>',
    "wallet": '<path d="M4 7.500A2.500 2.500 0 0 1 6.500 5H18v3"/><rect x="3.500" y="8" width="17.500" height="12" rx="2.500"/><path d="M16.500 14h.01"/>',
    "birthday": '<path d="M4 20.500v-8h16v8zM4 16c2 1.600 3.300 1.600 5.300 0 2 1.600 3.400 1.600 5.400 0 2 1.600 3.300 1.600 5.300 0"/><path d="M12 12.500V8M12 5.500V4"/>',
    "shop": '<path d="M4 10v10.500h16V10"/><path d="M3 9.500 5 4h14l2 5.500a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0z"/><path d="M10 20.500v-5h4v5"/>',
    "desk": '<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M12 16v4M8 20h8"/>',
    "stock": '<path d="m12 3 8.500 4.500v9L12 21l-8.500-4.500v-9z"/><path d="m3.500 7.500 8.500 4.500 8.500-4.500M12 12v9"/>',
    "hand_out": '<path d="M3 13.500h4.500l3 1.500h3.500a1.500 1.500 0 0 1 0 3h-4"/><path d="M3 19.500l6 1.500 9-2.500 3-3.500a1.600 1.600 0 0 0-2.400-2L16 15"/>'
    '<path d="M9 4h7v6.500H9z"/><path d="M12.500 4v2.500"/>',
    "list": '<path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01"/>',
    "copy": '<rect x="8.500" y="8.500" width="12" height="12" rx="2"/><path d="M15.500 8.500V5.500a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3"/>',
    "export": '<path d="M12 15V4M7.500 8 12 3.500 16.500 8M4.500 14v6h15v-6"/>',
    "plug": '<path d="M9 3v5M15 3v5M6.500 8h11v3.500a5.500 5.500 0 0 1-11 0zM12 17v4"/>',
    "cover": '<path d="M4 13.500h16v7H4z"/><path d="M4 13.500 18 4.500"/><path d="M8 17h8"/>',
    "paper": '<path d="M6 3.500h12v17l-2-1.300-2 1.300-2-1.300-2 1.300-2-1.300-2 1.300z"/>',
    "note": '<path d="M5 3.500h14v11l-5 6H5z"/><path d="M19 14.500h-5v6M9 8h6M9 12h4"/>',
    "offline": '<path d="M3 3.500 21 21M8.500 15.500a5 5 0 0 1 6 -.6M5 11.800a10 10 0 0 1 5-2.600M13.500 9a10 10 0 0 1 5.500 2.800M12 19h.01"/>',
    "online": '<path d="M8.500 15.500a5 5 0 0 1 7 0M5 11.800a10 10 0 0 1 14 0M2 8a15 15 0 0 1 20 0M12 19h.01"/>',
    "command": '<path d="m5 7 4.500 5L5 17M12 18h7"/>',
    "save": '<path d="M4 4h12.500L20 7.500V20H4z"/><path d="M8 4v5h7V4M7.500 20v-6h9v6"/>',
    "brand": '<path d="M4 19V6.500l8 6.500 8-6.500V19"/><path d="M4 19h3.500M16.500 19H20"/>',
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
