"""This desk was reported lost and has destroyed what it held: said calmly, with the way back."""

from __future__ import annotations

from ui.locale import tr
from ui.shell.stopped import StoppedWindow


class WipedWindow(StoppedWindow):
    """`again` when somebody wants to set this computer up anew. `when` is said as it is given."""

    def __init__(self, desk: str, when: str) -> None:
        super().__init__("lock")
        self._desk, self._when = desk, when
        self.way_back.clicked.connect(self._try_again)
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        self.state.set(
            tr("This desk was reported lost"),
            tr(
                "On {when} desk {desk} was told to destroy its data and its keys, and has done so. Nothing of members "
                "can be read here any more; what it had sent before is safe at the hub. To use this computer again, "
                "ask an administrator for an enrolment code.",
                desk=self._desk,
                when=self._when,
            ),
        )
        self.way_back.setText(tr("Set this computer up again"))
