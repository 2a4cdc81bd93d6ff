"""How the mall's slips look: tried out beside a sample, and kept for all desks together. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.domain.slip_look import (
    DOCUMENT_NAMES,
    LINES_OF,
    LOOK_AT_FIRST,
    MOST_LINES,
    OPTIONAL_LINES,
    DocumentName,
    Logo,
    OptionalLine,
    SlipLook,
)
from app.operations.base import Operation
from app.operations.set_slip_lines import SetSlipLines
from app.operations.set_slip_logo import SetSlipLogo
from app.operations.set_slip_text import SetSlipText
from app.ports.authority import Answer, Submission
from app.ports.paper import SlipDesigner
from app.queries.slips import SlipQueries
from ui.counter.services import CounterServices, Problem

Part = Literal["heading", "footer", "logo", "lines"] | DocumentName
PARTS: tuple[Part, ...] = ("heading", "footer", "logo", "lines", *DOCUMENT_NAMES)
Lines = tuple[str, ...]
PREVIEW_AFTER_MS = 120  # of typing; each picture takes about as long
MOST_STEPS_BACK = 100


@dataclass(frozen=True)
class Shown:
    """Which sample stands beside the choices."""

    document: DocumentName
    paper_mm: int
    language: str


@dataclass(frozen=True)
class SlipsState:
    """`look` is being tried, `kept` is in force. `alone`: lines are chosen for the document that is shown, and not for
    all that have none of their own."""

    shown: Shown
    alone: bool = False
    look: SlipLook = LOOK_AT_FIRST
    kept: SlipLook = LOOK_AT_FIRST
    can_undo: bool = False
    loaded: bool = False
    busy: bool = False
    picture: bytes | None = None
    problem: Problem | None = None

    @property
    def is_changed(self) -> bool:
        return self.loaded and self.look != self.kept

    @property
    def lines(self) -> tuple[OptionalLine, ...]:
        """What can be chosen."""
        return LINES_OF[self.shown.document] if self.alone else OPTIONAL_LINES

    def shows(self, line: OptionalLine) -> bool:
        return (self.look.of(self.shown.document) if self.alone else self.look).shows(line)

    @property
    def is_as_at_first(self) -> bool:
        return self.look == LOOK_AT_FIRST


class SlipsScreen(Protocol):
    def show_slips(self, state: SlipsState) -> None: ...

    def said_kept(self) -> None:
        """The look was kept."""


class SlipsPresenter:
    """What is not kept yet is never lost by looking elsewhere, only by signing out. One picture is made at a time, the
    newest look next."""

    def __init__(
        self,
        screen: SlipsScreen,
        services: CounterServices,
        slips: SlipQueries,
        designer: SlipDesigner,
        *,
        language: str,
        paper_mm: int = 80,
    ) -> None:
        self.screen = screen
        self.services = services
        self.state = SlipsState(Shown("redemption", paper_mm, language))
        self._slips = slips
        self._designer = designer
        self._mall_name = ""
        self._back: list[SlipLook] = []
        self._last_part: Part | None = None
        self._stop_waiting: Callable[[], None] = lambda: None
        self._drawing: tuple[SlipLook, Shown] | None = None
        self._drawn: tuple[SlipLook, Shown] | None = None
        self._ids = _new_ids()

    def open(self) -> None:
        """Ask what is in force, unless something is being tried."""
        if self.state.is_changed or self.state.busy:
            return

        def load() -> tuple[SlipLook, str]:
            return self._slips.look(), self.services.queries.desk_status().mall_name

        def told(answer: tuple[SlipLook, str]) -> None:
            look, self._mall_name = answer
            if self.state.is_changed:
                return
            self._back = []
            alone = self.state.alone or look.is_own(self.state.shown.document)
            self._show(
                replace(self.state, look=look, kept=look, alone=alone, can_undo=False, loaded=True, problem=None)
            )
            self._draw()

        self.services.jobs.run(load, told, self._failed)

    def set_lines(self, place: Literal["heading", "footer"], typed: Lines) -> None:
        """Empty lines are left out."""
        lines = tuple(line for line in typed if line.strip())[:MOST_LINES]
        if place == "heading":
            self._try(replace(self.state.look, heading=lines), "heading")
        else:
            self._try(replace(self.state.look, footer=lines), "footer")

    def show_line(self, line: OptionalLine, shown: bool) -> None:
        self._try(
            self.state.look.showing(line, shown, self.state.shown.document if self.state.alone else None), "lines"
        )

    def choose_alone(self, alone: bool) -> None:
        """Choose lines for the document that is shown, or for all."""
        if alone != self.state.alone:
            self._show(replace(self.state, alone=alone))

    def as_all(self) -> None:
        """The document that is shown has no lines of its own any more."""
        self._try(self.state.look.with_own(self.state.shown.document, None), "lines")

    def choose_logo(self, file: Path) -> None:
        if self.state.busy:
            return
        self._show(replace(self.state, busy=True, problem=None))

        def told(logo: Logo) -> None:
            self._show(replace(self.state, busy=False))
            self._try(replace(self.state.look, logo=logo), "logo")

        self.services.jobs.run(partial(self._logo_in, file), told, self._failed)

    def remove_logo(self) -> None:
        self._try(replace(self.state.look, logo=None), "logo")

    def undo(self) -> None:
        """One step back; letters typed into one place are one step."""
        if self._back and not self.state.busy:
            look = self._back.pop()
            self._last_part = None
            self._show(replace(self.state, look=look, can_undo=bool(self._back), problem=None))
            self._draw()

    def restore_default(self) -> None:
        """As it was before anybody decided anything; `undo` takes it back, and only `save` makes it count."""
        self._last_part = None
        self._try(LOOK_AT_FIRST, None)

    def show_sample(self, shown: Shown) -> None:
        if shown != self.state.shown:
            alone = self.state.alone
            if shown.document != self.state.shown.document:
                alone = self.state.look.is_own(shown.document)
            self._show(replace(self.state, shown=shown, alone=alone))
            self._draw()

    def save(self) -> None:
        """All of it or nothing."""
        person, look, kept = self.services.who(), self.state.look, self.state.kept
        if person is None or self.state.busy or not self.state.is_changed:
            return
        self._show(replace(self.state, busy=True, problem=None))

        def told(_answers: tuple[Answer, ...]) -> None:
            self._ids = _new_ids()
            self._back = []
            self._last_part = None
            self._show(replace(self.state, busy=False, kept=look, can_undo=False))
            self.screen.said_kept()
            self.open()  # as it was stored: spaces are folded

        submission = Submission(self._changes(look, kept), person.session)
        self.services.jobs.run(partial(self.services.authority.submit, submission), told, self._failed)

    def blank(self) -> None:
        """Somebody else may sit here now: what was not kept is gone."""
        self._back = []
        self._drawn = None
        self._show(SlipsState(self.state.shown))

    def _changes(self, look: SlipLook, kept: SlipLook) -> tuple[Operation, ...]:
        changes: list[Operation] = []
        if look.heading != kept.heading:
            changes.append(SetSlipText(id=self._ids["heading"], place="heading", lines=look.heading))
        if look.footer != kept.footer:
            changes.append(SetSlipText(id=self._ids["footer"], place="footer", lines=look.footer))
        if look.logo != kept.logo:
            width, rows = (look.logo.width_dots, look.logo.base64) if look.logo else (0, "")
            changes.append(SetSlipLogo(id=self._ids["logo"], width_dots=width, rows=rows))
        if look.left_out != kept.left_out:
            changes.append(SetSlipLines(id=self._ids["lines"], left_out=look.left_out))
        own, own_kept = dict(look.own), dict(kept.own)
        for document in DOCUMENT_NAMES:
            left_out = own.get(document)
            if left_out != own_kept.get(document):
                changes.append(SetSlipLines(id=self._ids[document], document=document, left_out=left_out))
        return tuple(changes)

    def _logo_in(self, file: Path) -> Logo:
        try:
            content = file.read_bytes()
        except OSError as problem:
            raise Unavailable("file.not_read", file=file.name, why=problem.strerror or "") from None
        return self._designer.logo_of(content)

    def _try(self, look: SlipLook, part: Part | None) -> None:
        if look == self.state.look or self.state.busy or not self.state.loaded:
            return
        typing_on = part in ("heading", "footer") and part == self._last_part
        if not typing_on:
            self._back = [*self._back, self.state.look][-MOST_STEPS_BACK:]
        self._last_part = part
        self._ids = _new_ids()  # another request than the one that may have got no answer
        self._show(replace(self.state, look=look, can_undo=True, problem=None))
        self._stop_waiting()
        self._stop_waiting = self.services.timers.after(PREVIEW_AFTER_MS, self._draw)

    def _draw(self) -> None:
        self._stop_waiting()
        wanted = (self.state.look, self.state.shown)
        if self._drawing is not None or wanted == self._drawn or not self.state.loaded:
            return
        self._drawing = wanted
        look, shown = wanted
        make = partial(
            self._designer.sample_png,
            look,
            mall_name=self._mall_name,
            zone=self.services.zone,
            document=shown.document,
            paper_mm=shown.paper_mm,
            language=shown.language,
        )

        def told(picture: bytes) -> None:
            self._drawing, self._drawn = None, wanted
            if self.state.loaded:
                self._show(replace(self.state, picture=picture))
            self._draw()

        def failed(failure: Exception) -> None:
            self._drawing, self._drawn = None, wanted
            self._failed(failure)

        self.services.jobs.run(make, told, failed)

    def _failed(self, failure: Exception) -> None:
        self._show(replace(self.state, busy=False, problem=self.services.problem(failure)))

    def _show(self, state: SlipsState) -> None:
        self.state = state
        self.screen.show_slips(state)


def _new_ids() -> dict[Part, UUID]:
    """Of the operations that would be asked for: asking again after no answer is the same request."""
    return {part: new_id() for part in PARTS}
