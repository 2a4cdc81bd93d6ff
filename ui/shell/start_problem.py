"""The program cannot start: why, what is kept, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from ui.jobs import QtJobs
from ui.locale import tr
from ui.shell.stopped import StoppedWindow
from ui.widgets import Banner, ProgressLine, show_if


class StartProblem(StoppedWindow):
    """`why()` is the sentence in the language in force. `restore`, where there is a backup, puts it in place; it is
    a job, and `again` is emitted when it is done."""

    def __init__(
        self,
        why: Callable[[], str],
        jobs: QtJobs,
        restore: Callable[[], object] | None,
        told: Callable[[Exception], str],
    ) -> None:
        problem, progress = Banner("", "danger"), ProgressLine()
        super().__init__("warning", problem, progress)
        problem.hide()
        self._problem, self._progress = problem, progress
        self._why = why
        self._jobs = jobs
        self._restore = restore
        self._told = told
        show_if(self.way_back, restore is not None)
        self.way_back.clicked.connect(self._on_restore)
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        self.state.set(tr("This desk cannot start"), self._why())
        self.way_back.setText(tr("Restore the newest backup"))

    def _on_restore(self) -> None:
        if self._restore is None:
            return
        self.way_back.setEnabled(False)
        self._progress.start(tr("The backup is put in place …"))
        self._jobs.run(self._restore, self._restored, self._failed)

    def _restored(self, _kept: object) -> None:
        self._progress.finish()
        self._try_again()

    def _failed(self, problem: Exception) -> None:
        self._progress.finish()
        self.way_back.setEnabled(True)
        self._problem.set(self._told(problem), "danger")
        self._problem.show()
