from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Queue
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Refused, Unavailable
from app.domain.signed_code import number_of
from app.ports.devices import DeviceHealth, DeviceKind, DeviceState, PrinterProbe, PrintOutcome, PrintResult
from app.ports.paper import PrintJob, PrintState
from app.queries.slips import AnySlip
from printing.renderers.paper_profile import ROLL_80
from printing.spool import Spool
from tests.unit.printing.memory_spool import MemorySpoolStore
from tests.unit.printing.slips import a_slip

CONFIRMED = PrintResult(PrintOutcome.CONFIRMED)
PATIENCE_S = 10  # only ever waited for by a test that fails


@dataclass
class Sent:
    """A job as a printer got it; the test plays the printer."""

    job: str
    stream: bytes
    waiting: Callable[[str], None]
    done: Callable[[PrintResult], None]


@dataclass
class PlayedPrinter:
    """Takes jobs and does nothing: what happens to them is up to the test."""

    sent: Queue[Sent] = field(default_factory=Queue)
    refuses: bool = False
    columns: int = 48
    cancelled: Queue[str] = field(default_factory=Queue)
    mended: list[bool] = field(default_factory=list)
    drawer_kicks: int = 0

    def submit(
        self,
        job: str,
        segments: Sequence[bytes],
        *,
        waiting: Callable[[str], None],
        done: Callable[[PrintResult], None],
    ) -> None:
        if self.refuses:
            raise Unavailable("device.unplugged")
        self.sent.put(Sent(job, b"".join(segments), waiting, done))

    def cancel(self, job: str) -> None:
        self.cancelled.put(job)

    def after_jam(self, *, restart: bool) -> None:
        self.mended.append(restart)

    def open_drawer(self) -> None:
        self.drawer_kicks += 1

    def probe(self, done: Callable[[PrinterProbe], None]) -> None: ...

    def health(self) -> DeviceHealth:
        return DeviceHealth("printer", DeviceKind.PRINTER, DeviceState.ONLINE, "")

    def next(self) -> Sent:
        return self.sent.get(timeout=PATIENCE_S)


class Counter:
    """A spool with its store, a printer that a test plays, and the states it told of."""

    def __init__(self) -> None:
        self.store = MemorySpoolStore()
        self.printer: PlayedPrinter | None = PlayedPrinter()
        self.told: Queue[PrintJob] = Queue()
        self.spool = self.new_spool()

    def new_spool(self) -> Spool:
        return Spool(
            self.store,
            slip=self.slip,
            printer=lambda: self.printer,
            profile=lambda: ROLL_80,
            language=lambda: "zh_CN",
            changed=self.told.put,
            back_off_s=(0.01,),
        )

    def slip(self, operation: UUID, document: str) -> AnySlip:
        if document != "redemption":
            raise Refused("operation.unknown")
        return a_slip(operation=operation, code=number_of(operation))

    def next_job(self) -> Sent:
        assert self.printer is not None
        return self.printer.next()

    def until(self, state: PrintState) -> PrintJob:
        while (job := self.told.get(timeout=PATIENCE_S)).state is not state:
            pass
        return job


@pytest.fixture
def counter() -> Iterator[Counter]:
    counter = Counter()
    yield counter
    counter.spool.stop()


def test_a_slip_is_sending_before_its_first_byte_and_confirmed_after_its_last(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.spool.start()
    sent = counter.next_job()
    assert sent.job == str(job.job_id)
    assert number_of(job.operation_id).encode() in sent.stream
    assert counter.store.recent(1)[0].state is PrintState.SENDING
    sent.done(CONFIRMED)
    assert counter.until(PrintState.CONFIRMED).job_id == job.job_id
    assert counter.store.recent(1)[0].state is PrintState.CONFIRMED


def test_slips_print_one_after_the_other_in_their_order(counter: Counter) -> None:
    jobs = [counter.store.enqueue() for _ in range(3)]
    counter.spool.start()
    for job in jobs:
        sent = counter.next_job()
        assert sent.job == str(job.job_id)
        assert counter.printer is not None
        assert counter.printer.sent.empty()
        sent.done(CONFIRMED)


def test_a_new_slip_prints_when_the_spool_is_woken(counter: Counter) -> None:
    counter.spool.start()
    job = counter.store.enqueue()
    counter.spool.wake()
    assert counter.next_job().job == str(job.job_id)


def test_without_a_printer_slips_stay_queued_and_say_so(counter: Counter) -> None:
    printer, counter.printer = counter.printer, None
    counter.store.enqueue()
    counter.spool.start()
    assert counter.until(PrintState.QUEUED).cause == "printer.none"
    counter.printer = printer
    counter.spool.wake()
    counter.next_job().done(CONFIRMED)
    assert counter.until(PrintState.CONFIRMED).cause is None


def test_paper_out_makes_the_slip_wait_and_new_paper_lets_it_go_on(counter: Counter) -> None:
    counter.store.enqueue()
    counter.spool.start()
    sent = counter.next_job()
    sent.waiting("printer.paper_end")
    assert counter.until(PrintState.WAITING).cause == "printer.paper_end"
    sent.done(CONFIRMED)
    assert counter.until(PrintState.CONFIRMED).cause is None


@pytest.mark.parametrize("outcome", [PrintOutcome.FAILED, PrintOutcome.UNCERTAIN])
def test_a_slip_that_is_given_up_is_never_tried_again_by_itself_and_the_next_one_prints(
    counter: Counter, outcome: PrintOutcome
) -> None:
    given_up = counter.store.enqueue()
    counter.store.enqueue()
    counter.spool.start()
    sent = counter.next_job()
    sent.waiting("printer.paper_end")
    counter.until(PrintState.WAITING)
    counter.spool.give_up(uuid4())  # another one: nothing happens
    counter.spool.give_up(given_up.job_id)
    assert counter.printer is not None
    assert counter.printer.cancelled.get(timeout=PATIENCE_S) == str(given_up.job_id)
    sent.done(PrintResult(outcome, "printer.cancelled"))
    told = counter.until(PrintState.UNCERTAIN)
    assert (told.job_id, told.cause) == (given_up.job_id, "printer.cancelled")
    assert counter.next_job().job != str(given_up.job_id)


def test_a_freed_cutter_goes_on_and_the_drawer_opens_at_a_persons_word(counter: Counter) -> None:
    assert counter.printer is not None
    counter.spool.after_jam(restart=True)
    counter.spool.after_jam(restart=False)
    counter.spool.open_drawer()
    assert counter.printer.mended == [True, False]
    assert counter.printer.drawer_kicks == 1
    counter.printer = None
    with pytest.raises(Unavailable, match=r"printer\.none"):
        counter.spool.after_jam(restart=True)


def test_a_slip_of_which_no_byte_was_taken_is_tried_again_by_itself(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.spool.start()
    counter.next_job().done(PrintResult(PrintOutcome.FAILED, "device.unplugged"))
    assert counter.until(PrintState.FAILED).cause == "device.unplugged"
    again = counter.next_job()
    assert again.job == str(job.job_id)
    assert "重打".encode("gbk") not in again.stream


def test_a_printer_that_cannot_take_a_job_is_tried_again(counter: Counter) -> None:
    assert counter.printer is not None
    counter.printer.refuses = True
    counter.store.enqueue()
    counter.spool.start()
    assert counter.until(PrintState.FAILED).cause == "device.unplugged"
    counter.printer.refuses = False
    counter.next_job().done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)


def test_an_uncertain_slip_is_never_reprinted_by_itself_and_holds_nobody_up(counter: Counter) -> None:
    uncertain, following = counter.store.enqueue(), counter.store.enqueue()
    counter.spool.start()
    counter.next_job().done(PrintResult(PrintOutcome.UNCERTAIN, "printer.silent"))
    sent = counter.next_job()
    assert sent.job == str(following.job_id)
    sent.done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)
    counter.spool.wake()
    counter.spool.stop()
    assert counter.printer is not None
    assert counter.printer.sent.empty()
    kept = counter.store.get(uncertain.job_id)
    assert kept is not None
    assert (kept.state, kept.cause) == (PrintState.UNCERTAIN, "printer.silent")


def test_a_person_says_that_it_was_printed(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.spool.start()
    counter.next_job().done(PrintResult(PrintOutcome.UNCERTAIN, "printer.silent"))
    counter.until(PrintState.UNCERTAIN)
    counter.spool.came_out(job.job_id)
    assert counter.until(PrintState.CONFIRMED).cause == "print.confirmed_by_person"


def test_a_copy_says_that_it_is_one(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.spool.start()
    counter.next_job().done(PrintResult(PrintOutcome.UNCERTAIN, "printer.silent"))
    counter.until(PrintState.UNCERTAIN)
    counter.store.set_state(job.job_id, PrintState.REPLACED, None)  # what `reprint slip` does in its transaction
    counter.store.enqueue(job.operation_id, copy=1)
    counter.spool.wake()
    copy = counter.next_job()
    assert "重打 1".encode("gbk") in copy.stream
    copy.done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)


def test_nobody_can_confirm_a_slip_that_a_copy_has_replaced(counter: Counter) -> None:
    job, last = counter.store.enqueue(), counter.store.enqueue()
    counter.store.set_state(job.job_id, PrintState.REPLACED, None)
    counter.spool.start()
    counter.spool.came_out(job.job_id)
    sent = counter.next_job()
    assert sent.job == str(last.job_id)
    sent.done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)
    kept = counter.store.get(job.job_id)
    assert kept is not None
    assert kept.state is PrintState.REPLACED


def test_after_a_kill_a_slip_that_was_being_sent_waits_for_a_person(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.store.set_state(job.job_id, PrintState.SENDING, None)  # what the killed program left behind
    counter.spool.start()
    assert counter.until(PrintState.UNCERTAIN).cause == "printer.interrupted"
    counter.spool.stop()
    assert counter.printer is not None
    assert counter.printer.sent.empty()


def test_what_the_printer_says_while_the_program_ends_is_written_down(counter: Counter) -> None:
    job = counter.store.enqueue()
    counter.spool.start()
    sent = counter.next_job()
    sent.done(PrintResult(PrintOutcome.FAILED, "device.stopped"))
    counter.spool.stop()
    kept = counter.store.get(job.job_id)
    assert kept is not None
    assert kept.state is PrintState.FAILED
    later = counter.new_spool()
    later.start()
    assert counter.next_job().job == str(job.job_id)
    later.stop()


def test_a_late_word_about_an_earlier_attempt_changes_nothing(counter: Counter) -> None:
    counter.store.enqueue()
    counter.spool.start()
    first = counter.next_job()
    first.done(PrintResult(PrintOutcome.FAILED, "device.unplugged"))
    second = counter.next_job()
    first.done(CONFIRMED)
    first.waiting("printer.cover_open")
    second.done(PrintResult(PrintOutcome.UNCERTAIN, "printer.silent"))
    assert counter.until(PrintState.UNCERTAIN).cause == "printer.silent"


def test_a_slip_that_cannot_be_made_waits_for_a_person_and_the_next_one_prints(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    lost, good = counter.store.enqueue(), counter.store.enqueue()
    make = counter.slip

    def slip(operation: UUID, document: str) -> AnySlip:
        if operation == lost.operation_id:
            raise Refused("operation.unknown")
        return make(operation, document)

    counter.slip = slip  # type: ignore[method-assign]  # the test's own class
    counter.spool = counter.new_spool()
    counter.spool.start()
    assert counter.next_job().job == str(good.job_id)
    kept = counter.store.get(lost.job_id)
    assert kept is not None
    assert (kept.state, kept.cause) == (PrintState.UNCERTAIN, "operation.unknown")
    assert "Traceback" in caplog.text


def test_a_store_that_is_away_for_a_while_loses_no_word_of_the_printer(counter: Counter) -> None:
    counter.store.enqueue()
    counter.spool.start()
    sent = counter.next_job()
    write = counter.store.set_state
    tries: list[PrintState] = []

    def away_three_times(job_id: UUID, state: PrintState, cause: str | None) -> None:
        tries.append(state)
        if len(tries) <= 3:
            raise Unavailable("store.unavailable")
        write(job_id, state, cause)

    counter.store.set_state = away_three_times  # type: ignore[method-assign]  # the test's own class
    sent.done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)
    assert tries == [PrintState.CONFIRMED] * 4


def test_a_listener_that_fails_does_not_stop_the_printing(counter: Counter) -> None:
    def broken(job: PrintJob) -> None:
        counter.told.put(job)
        raise RuntimeError("a bug on some screen")

    counter.spool = Spool(
        counter.store,
        slip=counter.slip,
        printer=lambda: counter.printer,
        profile=lambda: ROLL_80,
        language=lambda: "en",
        changed=broken,
    )
    counter.store.enqueue()
    counter.spool.start()
    counter.next_job().done(CONFIRMED)
    counter.until(PrintState.CONFIRMED)


def test_a_picture_and_a_pdf_of_any_redemption_can_be_had(counter: Counter) -> None:
    operation = a_slip().operation
    assert counter.spool.preview_png(operation, "redemption", "zh_CN").startswith(b"\x89PNG")
    assert counter.spool.pdf(operation, "redemption", "en").startswith(b"%PDF")
    with pytest.raises(Refused, match=r"operation\.unknown"):
        counter.spool.pdf(operation, "horoscope", "en")


def test_a_spool_that_never_started_can_be_stopped(counter: Counter) -> None:
    counter.spool.stop()
