"""Whether the hub can be asked now, for forms whose work only the hub may do: said before they are filled in. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.mode import Mode

_WHY = {Mode.ONLINE: "", Mode.REVOKED: "hub.revoked", Mode.DISK_LOW: "offline.disk_low"}


class Contact:
    """`why_not` is the code of why nothing can be asked; "" where it can, and at a desk without a hub. Whoever listens
    stays as long as the window."""

    def __init__(self) -> None:
        self.why_not = ""
        self._listening: list[Callable[[], None]] = []

    def listen(self, changed: Callable[[], None]) -> None:
        """Called on the screens' own thread."""
        self._listening.append(changed)

    def tell(self, mode: Mode) -> None:
        why_not = _WHY.get(mode, "offline.not_possible")
        if why_not != self.why_not:
            self.why_not = why_not
            for changed in self._listening:
                changed()
