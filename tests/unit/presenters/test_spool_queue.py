"""The print queue, without a window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID, uuid4

from app.domain.errors import Refused, Unavailable
from app.domain.slip_look import SlipLook
from app.operations.open_drawer import OpenDrawer
from app.operations.print_statement import PrintStatement
from app.operations.reprint_slip import ReprintSlip
from app.ports.paper import PrintState
from app.queries.rows import OperationRow
from app.queries.slips import AnySlip, QueuedSlip
from tests.unit.presenters.fakes import FACTS, NOW, SUPERVISOR, WANG, Desk, FakePaper, JobsLater
from ui.spool.presenter import SpoolPresenter, SpoolState


def queued(state: PrintState = PrintState.CONFIRMED, cause: str | None = None, copy: int = 0) -> QueuedSlip:
    return QueuedSlip(uuid4(), uuid4(), "redemption", copy, state.value, cause, NOW, "1001", "王*", "M00000018")


@dataclass
class FakeSlips:
    rows: tuple[QueuedSlip, ...] = ()

    def slip(self, operation: UUID, document: str) -> AnySlip:
        raise Refused("operation.unknown")

    def queue(self, limit: int = 100) -> tuple[QueuedSlip, ...]:
        return self.rows[:limit]

    def look(self) -> SlipLook:
        return SlipLook()


@dataclass
class PaperWithPictures(FakePaper):
    looked_at: list[tuple[UUID, str, str]] = field(default_factory=list)

    def preview_png(self, operation_id: UUID, document: str, language: str) -> bytes:
        self.looked_at.append((operation_id, document, language))
        return b"png"

    def pdf(self, operation_id: UUID, document: str, language: str) -> bytes:
        return b"%PDF of " + document.encode()


@dataclass
class Screen:
    state: SpoolState = field(default_factory=SpoolState)
    said: list[str] = field(default_factory=list)

    def show_state(self, state: SpoolState) -> None:
        self.state = state

    def say(self, what: str) -> None:
        self.said.append(what)


def opened(*rows: QueuedSlip, desk: Desk | None = None) -> tuple[Desk, Screen, SpoolPresenter, PaperWithPictures]:
    for verb in ("reprint_slip", "print_statement"):
        FACTS.setdefault(verb, lambda _o: {})  # type: ignore[attr-defined] # a dict behind a Mapping
    desk = desk or Desk()
    paper = PaperWithPictures()
    screen = Screen()
    services = replace(desk.services, paper=paper)
    presenter = SpoolPresenter(screen, services, FakeSlips(rows), lambda: "zh_CN")
    presenter.open()
    return desk, screen, presenter, paper


def test_the_newest_slip_is_shown_with_its_paper() -> None:
    newest, older = queued(), queued()
    _, screen, _, paper = opened(newest, older)
    assert [row.job for row in screen.state.rows] == [newest.job, older.job]
    assert screen.state.chosen == screen.state.rows[0]
    assert screen.state.picture == b"png"
    assert paper.looked_at == [(newest.operation, "redemption", "zh_CN")]


def test_a_report_in_the_queue_is_read_and_saved_only_by_whoever_may_make_one(tmp_path: Path) -> None:
    report = replace(queued(), document="daily_report")
    desk, screen, presenter, paper = opened(report, queued())
    assert paper.looked_at == []
    assert screen.state.problem is not None
    assert screen.state.problem.code == "staff.no_right"
    presenter.save(tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()
    presenter.choose(screen.state.rows[1])
    assert screen.state.problem is None
    assert screen.state.picture == b"png"
    desk.person = SUPERVISOR
    presenter.choose(screen.state.rows[0])
    assert screen.state.picture == b"png"


def test_an_empty_queue_shows_no_paper() -> None:
    _, screen, presenter, _ = opened()
    assert screen.state.loaded
    assert screen.state.chosen is None
    presenter.print()
    presenter.came_out()
    assert screen.said == []


def test_a_copy_of_a_printed_slip_is_an_operation_of_its_own() -> None:
    slip = queued()
    desk, screen, presenter, _ = opened(slip)
    presenter.print()
    presenter.print()
    first, second = desk.authority.operations
    assert isinstance(first, ReprintSlip)
    assert (first.reprints, first.document, first.instead_of) == (slip.operation, "redemption", None)
    assert first.id != second.id
    assert screen.said == ["printing", "printing"]


def test_asking_again_after_no_answer_is_the_same_request() -> None:
    desk, screen, presenter, _ = opened(queued())
    desk.authority.failures = [Unavailable("store.unreachable")]
    presenter.print()
    assert screen.state.problem is not None
    assert screen.state.problem.again
    presenter.print()
    first, second = desk.authority.operations
    assert first.id == second.id


def test_an_uncertain_slip_is_replaced_or_confirmed_by_a_person() -> None:
    slip = queued(PrintState.UNCERTAIN, "printer.silent")
    desk, screen, presenter, paper = opened(slip)
    presenter.came_out()
    assert paper.settled == [slip.job]
    presenter.print()
    assert desk.authority.operations == [ReprintSlip.of_uncertain(slip.job, slip.operation, "redemption")]
    assert screen.said == ["confirmed", "printing"]


def test_what_prints_by_itself_is_not_asked_for() -> None:
    for state in (PrintState.QUEUED, PrintState.SENDING, PrintState.WAITING, PrintState.FAILED):
        desk, screen, presenter, _ = opened(queued(state))
        assert screen.state.chosen is not None
        assert not screen.state.chosen.can_print
        presenter.print()
        assert desk.authority.submitted == []


def test_two_clicks_print_one_copy() -> None:
    desk = Desk()
    slip = queued()
    screen, later = Screen(), JobsLater()
    presenter = SpoolPresenter(screen, replace(desk.services, jobs=later), FakeSlips((slip,)), lambda: "zh_CN")
    presenter.open()
    later.answer_all()
    presenter.print()
    presenter.print()
    later.answer_all()
    assert len(desk.authority.submitted) == 1


def test_only_operations_with_a_document_can_be_printed() -> None:
    desk = Desk()
    rows = tuple(
        OperationRow(uuid4(), verb, NOW, "1001", None, "D1", WANG, "王*", "优衣库", 20, reversible=True, reversed=False)
        for verb in ("credit_sale", "sign_in", "hold_points", "receive_stock")
    )
    desk.queries.operations = rows
    _, screen, presenter, _ = opened(desk=desk)
    presenter.show_part("operations")
    assert [row.document for row in screen.state.rows] == ["credit", "stock_receipt"]
    presenter.print()
    (asked,) = desk.authority.operations
    assert isinstance(asked, ReprintSlip)
    assert (asked.reprints, asked.document) == (rows[0].operation, "credit")


def test_a_document_is_kept_as_a_file_and_a_full_disk_is_said(tmp_path: Path) -> None:
    _, screen, presenter, _ = opened(queued())
    presenter.save(tmp_path / "slip.pdf")
    assert (tmp_path / "slip.pdf").read_bytes() == b"%PDF of redemption"
    presenter.save(tmp_path / "nowhere" / "slip.pdf")
    assert screen.state.problem is not None
    assert screen.state.problem.code == "file.not_written"
    assert screen.said == ["saved"]


def test_a_statement_goes_to_paper_or_into_a_file(tmp_path: Path) -> None:
    desk, screen, presenter, _ = opened()
    presenter.print_statement(WANG)
    presenter.save_statement(WANG, tmp_path / "statement.pdf")
    on_paper, in_file = desk.authority.operations
    assert isinstance(on_paper, PrintStatement)
    assert isinstance(in_file, PrintStatement)
    assert (on_paper.member, on_paper.onto, in_file.onto) == (WANG, "paper", "file")
    assert (tmp_path / "statement.pdf").read_bytes() == b"%PDF of statement"
    assert screen.said == ["statement", "saved"]


def test_a_refresh_keeps_what_was_chosen_and_its_paper() -> None:
    newest, older = queued(), queued()
    _, screen, presenter, paper = opened(newest, older)
    presenter.choose(screen.state.rows[1])
    presenter.refresh()
    assert screen.state.chosen is not None
    assert screen.state.chosen.job == older.job
    assert len(paper.looked_at) == 2


def test_the_drawer_opens_once_it_is_written_down_why() -> None:
    FACTS.setdefault("open_drawer", lambda _o: {})  # type: ignore[attr-defined]
    desk, screen, presenter, paper = opened(queued())
    presenter.open_drawer("change")
    (written,) = desk.authority.operations
    assert written == OpenDrawer(id=written.id, reason="change")
    assert (paper.drawer_opened, screen.said) == (1, ["drawer"])
    desk.authority.failures = [Refused("staff.no_right")]
    presenter.open_drawer("change")
    assert paper.drawer_opened == 1
    assert screen.state.problem is not None


def test_nobody_here_sees_no_paper() -> None:
    _, screen, presenter, _ = opened(queued())
    presenter.blank()
    assert screen.state == SpoolState()
