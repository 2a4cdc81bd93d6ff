"""The mall's card numbers, batch by batch: make more, take them out for a card factory, void what is left."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal, Protocol
from uuid import UUID

from app.domain.errors import Unavailable
from app.operations.export_card_numbers import ExportCardNumbers
from app.operations.set_up import AddCardBatch
from app.operations.void_card_batch import VoidCardBatch
from app.ports.authority import Answer, Submission
from app.queries.rows import CardBatchRow, ExportedCard
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, KeepingScreen, Request
from ui.counter.services import CounterServices, Problem, SignedIn

BATCH = "batch"  # one batch, with what may be done about it
EXPORT = "export"
VOID = "void"
KINDS: tuple[Literal["any", "physical", "virtual"], ...] = ("any", "physical", "virtual")
MOST_NUMBERS = 100_000  # of one batch made here: a file that a factory, and a spreadsheet, can take
_OWN_PIN = frozenset({"pin.wrong", "pin.required", "staff.pin_locked", "staff.pin_locked_until_lifted"})


class StockScreen(KeepingScreen, Protocol):
    def ask_for_file(self, name: str) -> Path | None:
        """Where a file with this name shall go; None where the person would rather not."""


def batch_name(row: CardBatchRow) -> str:
    return row.label or f"{row.first_serial:011d}"


class StockPresenter(Keeper[CardBatchRow]):
    screen: StockScreen

    def __init__(self, screen: StockScreen, services: CounterServices) -> None:
        super().__init__(screen, services)
        self._next_serial = 0

    def load(self) -> tuple[CardBatchRow, ...]:
        self._next_serial = self.services.queries.next_card_serial()
        return self.services.queries.card_batches()

    def fits(self, row: CardBatchRow, typed: str) -> bool:
        return typed in row.label.lower() or typed in f"{row.first_serial:011d}" or typed in row.desk_name.lower()

    def filled(self, kind: str, row: CardBatchRow | None) -> Mapping[str, str]:
        return {"kind": "any", "count": "1000"} if kind == NEW else {}

    def request(self, form: Form[CardBatchRow], person: SignedIn) -> Request:
        if form.kind == NEW:
            operation = AddCardBatch(
                first_serial=self._next_serial, count=_count(form), kind=_kind(form), label=form.value("label")
            ).normalised()
            return Request(Submission((operation,), person.session), "added", form.value("label"))
        row = form.whose()
        if not form.value("own_pin"):
            raise Invalid("own_pin", "pin.required")
        asked: ExportCardNumbers | VoidCardBatch
        if form.kind == EXPORT:
            asked = ExportCardNumbers(first_serial=row.first_serial, reason=form.value("reason")).normalised()
        else:
            asked = VoidCardBatch(first_serial=row.first_serial, reason=form.value("reason")).normalised()
        submission = Submission((asked,), person.session, pin=form.value("own_pin"))
        return Request(submission, "voided" if form.kind == VOID else "", batch_name(row))

    def field_of(self, problem: Problem, form: Form[CardBatchRow]) -> str:
        if problem.code in _OWN_PIN:
            return "own_pin"
        if problem.code.startswith("text."):
            return "label" if form.kind == NEW else "reason"
        return ""

    def after(self, answers: tuple[Answer, ...]) -> None:
        """An export that is on record becomes a file, for who asked for it."""
        answer, person = answers[0], self.services.who()
        if answer.verb != ExportCardNumbers.verb or person is None:
            return
        name = str(answer.facts["label"]) or f"{answer.facts['first_serial']:011d}"
        path = self.screen.ask_for_file(name)
        if path is not None:
            self._show(busy=True)
            self.services.jobs.run(
                partial(self._write, answer.operation_id, person.staff, path),
                lambda written: self._show(busy=False, saved="exported", saved_name=f"{path.name} ({written:,})"),
                self._not_written,
            )

    def _write(self, operation: UUID, staff: str, path: Path) -> int:
        cards = self.services.queries.exported_cards(operation, staff)
        try:
            path.write_bytes(as_csv(cards))
        except OSError as problem:
            raise Unavailable("file.not_written", file=path.name, why=problem.strerror or "") from None
        return len(cards)

    def _not_written(self, failure: Exception) -> None:
        problem = self.services.problem(failure)
        self._show(busy=False, load_problem=problem)


def as_csv(cards: tuple[ExportedCard, ...]) -> bytes:
    """For a card factory: UTF-8 with a byte order mark, so that spreadsheets read it; nothing a member typed is in it.

    `printed` is the number in fours: spreadsheets round what has more than 15 digits."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("serial", "number", "printed", "card_code", "track_2"))
    for card in cards:
        grouped = " ".join(card.number[at : at + 4] for at in range(0, len(card.number), 4))
        writer.writerow((card.serial, card.number, grouped, card.card_code, card.track_2))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _count(form: Form[CardBatchRow]) -> int:
    typed = form.value("count")
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= MOST_NUMBERS):
        raise Invalid("count", "card.batch_count", most=MOST_NUMBERS)
    return int(typed)


def _kind(form: Form[CardBatchRow]) -> Literal["any", "physical", "virtual"]:
    return next((kind for kind in KINDS if kind == form.value("kind")), "any")
