"""Fusion, with tool tips that have no edge and some air."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QProxyStyle

TIP_MARGINS = (8, 4, 8, 4)


class HouseStyle(QProxyStyle):
    """Tool tips are widgets that Qt makes for itself; when they come to be dressed is the one moment to reach them."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def polish(self, dressed: object) -> object:  # type: ignore[override]  # one name for three C++ functions
        if isinstance(dressed, QLabel) and dressed.inherits("QTipLabel"):
            dressed.setForegroundRole(QPalette.ColorRole.WindowText)
            dressed.setContentsMargins(*TIP_MARGINS)
        return super().polish(dressed)  # type: ignore[call-overload]
