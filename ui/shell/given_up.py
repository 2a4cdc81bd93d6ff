"""This desk was given up from its own window: what that means, and the way back. Or why it was not."""

from __future__ import annotations

from collections.abc import Callable

from ui.locale import tr
from ui.shell.stopped import StoppedWindow


class GivenUpWindow(StoppedWindow):
    """`again` when somebody wants to go on here. `why_not()`, where it was not given up after all, is the sentence in
    the language in force."""

    def __init__(self, desk: str, why_not: Callable[[], str] | None = None) -> None:
        super().__init__("lock" if why_not is None else "warning")
        self._desk, self._why_not = desk, why_not
        self.way_back.clicked.connect(self._try_again)
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        if self._why_not is not None:
            self.state.set(tr("Desk {desk} was not given up", desk=self._desk), self._why_not())
            self.way_back.setText(tr("Open this desk again"))
            return
        self.state.set(
            tr("Desk {desk} was given up", desk=self._desk),
            tr(
                "Its keys and its store are destroyed, and nothing of members can be read here any more; all that was "
                "done is at the hub. The program may be removed now. To use this computer again, ask an administrator "
                "for an enrolment code."
            ),
        )
        self.way_back.setText(tr("Set this computer up again"))
