"""The look of slips is tried beside a sample, and kept all at once: without a window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import Refused, Unavailable
from app.domain.slip_look import LINES_OF, LOOK_AT_FIRST, DocumentName, Logo, SlipLook
from app.operations.set_slip_lines import SetSlipLines
from app.operations.set_slip_logo import SetSlipLogo
from app.operations.set_slip_text import SetSlipText
from tests.unit.presenters.fakes import FACTS, Desk, JobsLater
from tests.unit.presenters.test_spool_queue import FakeSlips
from ui.settings.slips.presenter import Shown, SlipsPresenter, SlipsState

LOGO = Logo.of_rows(8, b"\xff\x81\xff")


@dataclass
class LookKept(FakeSlips):
    kept: SlipLook = LOOK_AT_FIRST

    def look(self) -> SlipLook:
        return self.kept


@dataclass
class Designer:
    failures: list[Exception] = field(default_factory=list)
    drawn: list[tuple[SlipLook, str, int, str]] = field(default_factory=list)

    def logo_of(self, file: bytes) -> Logo:
        if file != b"a picture":
            raise Refused("logo.unreadable")
        return LOGO

    def sample_png(
        self, look: SlipLook, *, mall_name: str, zone: str, document: DocumentName, paper_mm: int, language: str
    ) -> bytes:
        if self.failures:
            raise self.failures.pop()
        self.drawn.append((look, document, paper_mm, language))
        return f"{mall_name} {len(self.drawn)}".encode()


@dataclass
class Screen:
    state: SlipsState = field(default_factory=lambda: SlipsState(Shown("redemption", 80, "zh_CN")))
    kept: int = 0

    def show_slips(self, state: SlipsState) -> None:
        self.state = state

    def said_kept(self) -> None:
        self.kept += 1


@dataclass
class Editor:
    desk: Desk
    slips: LookKept
    designer: Designer
    screen: Screen
    presenter: SlipsPresenter

    @property
    def look(self) -> SlipLook:
        return self.screen.state.look


@pytest.fixture(autouse=True)
def facts() -> None:
    for verb in ("set_slip_text", "set_slip_logo", "set_slip_lines"):
        FACTS.setdefault(verb, lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping


def editing(kept: SlipLook = LOOK_AT_FIRST, **more: Any) -> Editor:
    desk, slips, designer, screen = Desk(**more), LookKept(kept=kept), Designer(), Screen()
    presenter = SlipsPresenter(screen, desk.services, slips, designer, language="zh_CN")
    presenter.open()
    return Editor(desk, slips, designer, screen, presenter)


def test_what_is_in_force_stands_there_with_its_sample() -> None:
    editor = editing(SlipLook(heading=("星河路 88 号",)))
    assert editor.look.heading == ("星河路 88 号",)
    assert editor.screen.state.picture == "海棠广场 1".encode()
    assert not editor.screen.state.is_changed


def test_the_sample_follows_what_is_typed_once_the_typing_pauses() -> None:
    editor = editing()
    for typed in ("谢", "谢谢", "谢谢惠顾"):
        editor.presenter.set_lines("footer", (typed, " ", ""))
    assert len(editor.designer.drawn) == 1
    editor.desk.timers.pass_once()
    assert [look.footer for look, *_ in editor.designer.drawn] == [(), ("谢谢惠顾",)]
    assert editor.screen.state.picture == "海棠广场 2".encode()


def test_one_picture_is_made_at_a_time_and_the_newest_look_is_the_last() -> None:
    editor = editing()
    later = JobsLater()
    editor.presenter.services = replace(editor.presenter.services, jobs=later)
    for line in ("tier", "card", "desk"):
        editor.presenter.show_line(line, False)
        editor.desk.timers.pass_once()
    assert len(later.waiting) == 1
    later.answer_all()
    assert [sorted(look.left_out) for look, *_ in editor.designer.drawn[1:]] == [
        ["capitals", "tier"],
        ["capitals", "card", "desk", "tier"],
    ]


def test_a_step_back_takes_back_a_line_that_was_typed_as_a_whole() -> None:
    editor = editing()
    editor.presenter.set_lines("heading", ("星",))
    editor.presenter.set_lines("heading", ("星河",))
    editor.presenter.show_line("capitals", True)
    editor.presenter.set_lines("heading", ("星河路",))
    looks = [editor.look]
    while editor.screen.state.can_undo:
        editor.presenter.undo()
        looks.append(editor.look)
    assert [look.heading for look in looks] == [("星河路",), ("星河",), ("星河",), ()]
    assert [look.shows("capitals") for look in looks] == [True, True, False, False]
    assert not editor.screen.state.is_changed


def test_the_default_is_restored_and_that_can_be_taken_back() -> None:
    own = SlipLook(heading=("星河路 88 号",), logo=LOGO)
    editor = editing(own)
    editor.presenter.restore_default()
    assert editor.look == LOOK_AT_FIRST
    assert editor.desk.authority.submitted == []
    editor.presenter.undo()
    assert editor.look == own


def test_only_what_changed_is_asked_for_and_all_of_it_together(tmp_path: Path) -> None:
    editor = editing(SlipLook(heading=("星河路 88 号",)))
    (tmp_path / "logo.png").write_bytes(b"a picture")
    editor.presenter.choose_logo(tmp_path / "logo.png")
    editor.presenter.set_lines("footer", ("谢谢惠顾",))
    editor.presenter.show_line("code", False)
    editor.slips.kept = editor.look
    editor.presenter.save()
    assert len(editor.desk.authority.submitted) == 1
    footer, logo, lines = editor.desk.authority.operations
    assert footer == SetSlipText(id=footer.id, place="footer", lines=("谢谢惠顾",))
    assert logo == SetSlipLogo(id=logo.id, width_dots=8, rows=LOGO.base64)
    assert lines == SetSlipLines(id=lines.id, left_out=("capitals", "code"))
    assert editor.screen.kept == 1
    assert not editor.screen.state.is_changed
    assert not editor.screen.state.can_undo
    editor.presenter.remove_logo()
    editor.presenter.save()
    assert editor.desk.authority.operations[-1] == SetSlipLogo(id=editor.desk.authority.operations[-1].id)


def test_lines_are_chosen_for_one_document_alone_and_others_stay_as_they_are() -> None:
    editor = editing()
    editor.presenter.show_sample(Shown("credit", 80, "zh_CN"))
    editor.presenter.choose_alone(True)
    assert editor.screen.state.lines == LINES_OF["credit"]
    editor.presenter.show_line("tier", False)
    assert editor.look == SlipLook(own=(("credit", ("tier", "capitals")),))
    editor.presenter.show_sample(Shown("redemption", 80, "zh_CN"))
    assert not editor.screen.state.alone
    assert editor.screen.state.shows("tier")
    editor.presenter.show_sample(Shown("credit", 80, "zh_CN"))
    assert editor.screen.state.alone
    editor.slips.kept = editor.look
    editor.presenter.save()
    (asked,) = editor.desk.authority.operations
    assert asked == SetSlipLines(id=asked.id, document="credit", left_out=("tier", "capitals"))
    editor.presenter.as_all()
    editor.presenter.save()
    assert editor.desk.authority.operations[-1] == SetSlipLines(
        id=editor.desk.authority.operations[-1].id, document="credit", left_out=None
    )


def test_asking_again_after_no_answer_is_the_same_request_and_another_look_is_another() -> None:
    editor = editing()
    editor.presenter.show_line("tier", False)
    editor.desk.authority.failures = [Unavailable("store.unreachable"), Unavailable("store.unreachable")]
    editor.presenter.save()
    assert editor.screen.state.problem is not None
    assert editor.screen.state.is_changed
    editor.presenter.save()
    editor.presenter.show_line("card", False)
    editor.presenter.save()
    first, again, other = editor.desk.authority.operations
    assert first.id == again.id != other.id


def test_a_refusal_keeps_what_was_tried() -> None:
    editor = editing()
    editor.desk.authority.failures = [Refused("staff.no_right")]
    editor.presenter.show_line("tier", False)
    editor.presenter.save()
    assert editor.screen.state.problem is not None
    assert editor.screen.state.problem.code == "staff.no_right"
    assert not editor.look.shows("tier")


def test_a_file_that_is_no_picture_or_not_there_changes_nothing(tmp_path: Path) -> None:
    editor = editing(SlipLook(logo=LOGO))
    (tmp_path / "logo.png").write_bytes(b"no picture")
    editor.presenter.choose_logo(tmp_path / "logo.png")
    assert editor.screen.state.problem is not None
    assert editor.screen.state.problem.code == "logo.unreadable"
    editor.presenter.choose_logo(tmp_path / "gone.png")
    assert editor.screen.state.problem.code == "file.not_read"
    assert (editor.look.logo, editor.screen.state.busy) == (LOGO, False)


def test_another_sample_is_drawn_and_nothing_is_changed() -> None:
    editor = editing()
    editor.presenter.show_sample(Shown("credit", 58, "en"))
    assert editor.designer.drawn[-1][1:] == ("credit", 58, "en")
    assert not editor.screen.state.is_changed


def test_a_sample_that_cannot_be_drawn_is_said_and_the_next_one_is_tried() -> None:
    editor = editing()
    editor.designer.failures = [Unavailable("store.unreachable")]
    editor.presenter.show_line("tier", False)
    editor.desk.timers.pass_once()
    assert editor.screen.state.problem is not None
    editor.presenter.show_line("card", False)
    editor.desk.timers.pass_once()
    assert editor.screen.state.problem is None
    assert editor.screen.state.picture == "海棠广场 2".encode()


def test_coming_back_keeps_what_is_being_tried_and_signing_out_does_not() -> None:
    editor = editing()
    editor.presenter.show_line("tier", False)
    editor.presenter.open()
    assert editor.screen.state.is_changed
    editor.presenter.blank()
    assert editor.screen.state == SlipsState(Shown("redemption", 80, "zh_CN"))
    editor.presenter.show_line("card", False)  # nothing is loaded: nothing is tried
    assert editor.look == LOOK_AT_FIRST
    editor.presenter.open()
    assert editor.look.shows("tier")
    assert editor.screen.state.picture is not None
