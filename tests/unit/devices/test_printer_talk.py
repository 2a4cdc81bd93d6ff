"""The talk with a printer, against the simulated one, with a clock that the test moves (DEVICES.md 1.4 to 1.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.ports.devices import DeviceState, PrinterProbe, PrintOutcome, PrintResult
from devices.drivers.display import DISPLAYS, DisplayTalk
from devices.drivers.printer import INITIALISE, Job, PrinterTalk
from devices.drivers.profiles import PROFILES, Completion, PrinterProfile
from devices.simulators.display import DisplayModel
from devices.simulators.printer import PrinterModel

GENERIC = PROFILES["generic-80"]
EPSON = PROFILES["epson-tm-t88"]
CONFIRMED = PrintResult(PrintOutcome.CONFIRMED)


class Desk:
    """A talk and a printer on one line; time passes in steps of 50 ms."""

    def __init__(self, profile: PrinterProfile = GENERIC, model: PrinterModel | None = None) -> None:
        self.now_s = 100.0
        self.model = model or PrinterModel()
        self.talk = PrinterTalk(profile, clock=lambda: self.now_s)
        self.results: list[tuple[str, PrintResult]] = []
        self.waited: list[str] = []
        self.sent = bytearray()
        self.line_takes = 10**9  # bytes until the line takes nothing more
        self.is_on = True
        self.says_more: Callable[[bytes], bytes] = lambda said: said

    def connected(self) -> Desk:
        self.talk.opened()
        self.passes(3)
        return self

    def prints(self, *segments: bytes, name: str = "job") -> None:
        job = Job(name, segments, self.waited.append, lambda result: self.results.append((name, result)))
        self.talk.submit(job)
        self.calls()

    def step(self) -> None:
        outgoing = self.talk.outgoing()
        taken = outgoing[: self.line_takes]
        self.line_takes -= len(taken)
        self.sent += taken
        if outgoing:
            self.talk.accepted(len(taken))
        said = self.model.feed(taken) if self.is_on else b""
        said = self.says_more(said + (self.model.replies() if self.is_on else b""))
        if said:
            self.talk.received(said)
        if not taken and not said:
            self.now_s += 0.05
        self.talk.tick()
        self.calls()

    def passes(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.step()

    def calls(self) -> None:
        for call in self.talk.take_calls():
            call()

    def shows(self, state: DeviceState, cause: str | None = None) -> bool:
        return self.talk.state == (state, cause)

    @property
    def result(self) -> PrintResult:
        ((_, result),) = self.results
        return result


def uncertain(cause: str) -> PrintResult:
    return PrintResult(PrintOutcome.UNCERTAIN, cause)


def failed(cause: str) -> PrintResult:
    return PrintResult(PrintOutcome.FAILED, cause)


# Connecting


def test_a_healthy_printer_is_online_with_kanji_mode_and_automatic_status() -> None:
    desk = Desk().connected()
    assert desk.shows(DeviceState.ONLINE)
    assert desk.sent.startswith(INITIALISE)
    assert desk.model.errors == []


def test_a_printer_that_says_nothing_is_degraded_and_comes_back_by_itself() -> None:
    desk = Desk()
    desk.model.mute = True
    desk.connected()
    assert desk.shows(DeviceState.DEGRADED, "printer.silent")
    desk.model.mute = False
    desk.passes(5)
    assert desk.shows(DeviceState.ONLINE)


def test_an_interrupted_picture_is_ended_so_that_the_printer_listens_again() -> None:
    class AnswersInsidePictures(PrinterModel):
        """The interface of a real printer answers real-time questions while its parser still eats a picture."""

        def feed(self, data: bytes) -> bytes:
            inside = bool(self._unread)
            said = super().feed(data)
            return b"\x12" if inside and data[:2] == b"\x10\x04" and not said else said

    desk = Desk(model=AnswersInsidePictures())
    desk.model.feed(b"\x1dv0\x00\x30\x00\x40\x00" + bytes(10))  # 48 x 64 bytes announced, ten came
    desk.talk.opened()
    desk.passes(20)
    desk.prints(b"after\n")
    desk.passes(3)
    assert desk.model.lines == ["after"]


@pytest.mark.parametrize(
    ("touch", "cause"),
    [
        (lambda model: model.set_paper("near_end"), "printer.paper_near_end"),
        (lambda model: model.set_paper("out"), "printer.paper_end"),
        (lambda model: model.set_cover(True), "printer.cover_open"),
        (lambda model: model.set_cutter_jammed(True), "printer.cutter"),
        (lambda model: model.set_unrecoverable(True), "printer.error"),
    ],
)
@pytest.mark.parametrize("automatic", [True, False])
def test_a_trouble_shows_whether_the_printer_tells_it_or_has_to_be_asked(
    touch: Callable[[PrinterModel], None], cause: str, automatic: bool
) -> None:
    profile = replace(GENERIC, auto_status=automatic)
    desk = Desk(profile, PrinterModel(knows_asb=automatic)).connected()
    touch(desk.model)
    desk.passes(7)
    assert desk.shows(DeviceState.DEGRADED, cause)


# Printing


@pytest.mark.parametrize("profile", [GENERIC, EPSON])
def test_a_job_is_confirmed_by_the_printers_own_proof(profile: PrinterProfile) -> None:
    desk = Desk(profile).connected()
    desk.prints(b"one\n", b"two\n", b"\x1dVB\x00")
    desk.passes(1)
    assert desk.result == CONFIRMED
    assert desk.model.lines == ["one", "two"]
    assert desk.model.errors == []


def test_jobs_print_in_their_order() -> None:
    desk = Desk().connected()
    for number in range(5):
        desk.prints(b"%d\n" % number, name=str(number))
    desk.passes(3)
    assert desk.results == [(str(number), CONFIRMED) for number in range(5)]
    assert desk.model.lines == list("01234")


def test_real_time_commands_stand_only_between_segments() -> None:
    desk = Desk().connected()
    picture = b"\x1dv0\x00\x30\x00\x80\x00" + bytes(48 * 128)
    desk.line_takes = 0
    desk.prints(picture, b"end\n")
    for _ in range(400):
        desk.line_takes = 40
        desk.now_s += 0.1
        desk.step()
    desk.line_takes = 10**9
    desk.passes(3)
    assert desk.result == CONFIRMED
    assert desk.model.errors == []


@pytest.mark.parametrize(
    ("completion", "cause"), [(Completion.EOT, "printer.no_proof"), (Completion.NONE, "printer.write_only")]
)
def test_without_a_proof_a_person_is_asked(completion: Completion, cause: str) -> None:
    desk = Desk(replace(GENERIC, completion=completion, answers=completion is not Completion.NONE)).connected()
    desk.prints(b"one\n")
    desk.passes(5)
    assert desk.result == uncertain(cause)
    assert desk.model.lines == ["one"]


def test_a_printer_that_prints_and_does_not_confirm_leaves_the_job_uncertain() -> None:
    desk = Desk(EPSON, PrinterModel(knows_gs_h=False)).connected()
    desk.prints(b"one\n")
    desk.passes(14)
    assert desk.results == []
    desk.passes(3)
    assert desk.result == uncertain("printer.no_confirmation")


def test_a_late_answer_to_the_last_job_does_not_confirm_the_next() -> None:
    desk = Desk().connected()
    desk.says_more = lambda said: b"" if said == b"\x00" else said  # the fence's answer hangs in the line
    desk.prints(b"one\n", name="first")
    desk.passes(20)
    assert desk.results == [("first", uncertain("printer.no_confirmation"))]

    late = [b"\x00"]
    desk.says_more = lambda said: said + late.pop() if late else said
    desk.prints(b"two\n", name="second")
    desk.model.paper_left_dots = 20
    desk.passes(3)
    assert desk.results[1:] == []  # its paper ended: only its own proof counts
    desk.model.set_paper("ok")
    desk.passes(3)
    assert desk.results[1:] == [("second", CONFIRMED)]


def test_a_process_id_of_another_job_confirms_nothing() -> None:
    desk = Desk(EPSON, PrinterModel(knows_gs_h=False)).connected()
    desk.prints(b"one\n")
    desk.passes(1)
    desk.talk.received(b"\x37\x229999\x00")
    desk.passes(1)
    assert desk.results == []


# Trouble before the first byte


def test_a_silent_printer_fails_the_job_before_anything_is_sent() -> None:
    desk = Desk().connected()
    desk.model.mute = True
    desk.prints(b"one\n")
    desk.passes(5)
    assert desk.result == failed("printer.silent")
    assert b"one" not in desk.sent


def test_a_job_for_a_closed_port_fails_at_once_with_its_cause() -> None:
    desk = Desk()
    desk.talk.closed("device.busy")
    desk.prints(b"one\n")
    assert desk.result == failed("device.busy")


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize(
    ("spoil", "mend", "cause"),
    [
        (lambda m: m.set_paper("out"), lambda m: m.set_paper("ok"), "printer.paper_end"),
        (lambda m: m.set_cover(True), lambda m: m.set_cover(False), "printer.cover_open"),
    ],
)
def test_a_job_waits_for_paper_or_cover_and_goes_on_by_itself(
    automatic: bool, spoil: Callable[[PrinterModel], None], mend: Callable[[PrinterModel], None], cause: str
) -> None:
    desk = Desk(replace(GENERIC, auto_status=automatic), PrinterModel(knows_asb=automatic)).connected()
    spoil(desk.model)
    desk.prints(b"one\n")
    desk.passes(600)
    assert desk.waited == [cause]
    assert desk.results == []
    assert b"one" not in desk.sent
    mend(desk.model)
    desk.passes(5)
    assert desk.result == CONFIRMED
    assert desk.model.lines == ["one"]


def test_a_printer_that_needs_service_fails_the_job() -> None:
    desk = Desk().connected()
    desk.model.set_unrecoverable(True)
    desk.prints(b"one\n")
    desk.passes(3)
    assert desk.result == failed("printer.error")


def test_unplugging_while_a_job_waits_for_paper_fails_it_safely() -> None:
    desk = Desk().connected()
    desk.model.set_paper("out")
    desk.prints(b"one\n", name="first")
    desk.prints(b"two\n", name="second")
    desk.passes(2)
    desk.talk.closed("device.unplugged")
    desk.calls()
    assert desk.results == [("first", failed("device.unplugged")), ("second", failed("device.unplugged"))]


def test_a_waiting_job_can_be_given_up() -> None:
    desk = Desk().connected()
    desk.model.set_paper("out")
    desk.prints(b"one\n", name="first")
    desk.prints(b"two\n", name="second")
    desk.passes(2)
    desk.talk.cancel("second")
    desk.talk.cancel("first")
    desk.calls()
    assert desk.results == [("second", failed("printer.cancelled")), ("first", failed("printer.cancelled"))]


# Trouble in the middle


@pytest.mark.parametrize("automatic", [True, False])
@pytest.mark.parametrize("profile", [GENERIC, EPSON])
def test_paper_that_ends_in_mid_job_is_waited_for_and_the_job_confirmed(
    profile: PrinterProfile, automatic: bool
) -> None:
    desk = Desk(replace(profile, auto_status=automatic), PrinterModel(knows_asb=automatic)).connected()
    desk.model.paper_left_dots = 60
    desk.prints(*(b"%d\n" % number for number in range(6)))
    desk.passes(300)
    assert desk.waited == ["printer.paper_end"]
    assert desk.model.lines == ["0", "1"]
    assert desk.results == []
    desk.model.set_paper("ok")
    desk.passes(5)
    assert desk.result == CONFIRMED
    assert desk.model.lines == list("012345")


def test_unplugging_in_mid_job_leaves_it_uncertain() -> None:
    desk = Desk().connected()
    desk.prints(b"one\n" * 100)
    while b"one" not in desk.sent:
        desk.line_takes = 7
        desk.step()
    desk.talk.closed("device.unplugged")
    desk.calls()
    assert desk.result == uncertain("device.unplugged")


def test_a_line_that_takes_no_byte_of_the_job_fails_it_and_one_byte_makes_it_uncertain() -> None:
    for taken, outcome in ((0, PrintOutcome.FAILED), (1, PrintOutcome.UNCERTAIN)):
        desk = Desk().connected()
        desk.prints(b"one\n" * 20)
        while not desk.sent.endswith(INITIALISE):
            desk.line_takes = 1
            desk.step()
        desk.line_takes = taken
        desk.passes(20)
        assert desk.result == PrintResult(outcome, "printer.stalled")
        assert desk.talk.needs_reopening


def test_ten_seconds_of_xoff_are_waited_for() -> None:
    desk = Desk().connected()
    desk.prints(b"one\n" * 20)
    desk.line_takes = 40
    desk.passes(10)
    desk.line_takes = 10**9
    desk.passes(3)
    assert desk.result == CONFIRMED


def test_a_power_cycle_in_mid_job_leaves_it_uncertain_and_the_printer_is_set_up_again() -> None:
    desk = Desk().connected()
    desk.model.paper_left_dots = 20
    desk.prints(b"one\n", b"two\n")
    desk.passes(2)
    desk.is_on = False
    desk.passes(5)
    desk.model.power_cycle()
    desk.model.set_paper("ok")
    desk.is_on = True
    desk.passes(5)
    assert desk.result == uncertain("printer.power_lost")
    assert desk.shows(DeviceState.ONLINE)
    desk.model.set_paper("near_end")
    desk.passes(1)
    assert desk.shows(DeviceState.DEGRADED, "printer.paper_near_end")


def test_a_moment_without_power_that_swallows_bytes_is_not_confirmed_though_the_end_was_reached() -> None:
    desk = Desk().connected()
    desk.prints(*(b"%04d\n" % number * 20 for number in range(40)))
    while b"0015" not in desk.sent:
        desk.step()
    desk.is_on = False
    while b"0030" not in desk.sent:
        desk.step()
    desk.model.power_cycle()
    desk.is_on = True
    desk.passes(5)
    assert desk.result == uncertain("printer.power_lost")


def test_answers_that_come_late_because_the_line_stood_still_cost_nothing() -> None:
    desk = Desk().connected()
    desk.model.paper_left_dots = 20
    desk.prints(b"one\n", b"two\n")
    desk.passes(2)
    held = bytearray()

    def holds(said: bytes) -> bytes:
        held.extend(said)
        return b""

    desk.says_more = holds
    desk.passes(10)
    assert desk.waited == ["printer.paper_end", "printer.silent"]
    desk.model.set_paper("ok")
    desk.passes(1)
    desk.says_more = lambda said: said
    desk.talk.received(bytes(held))
    desk.passes(3)
    assert desk.result == CONFIRMED


def test_a_slow_line_is_not_taken_for_silence() -> None:
    desk = Desk().connected()
    desk.prints(b"one\n" * 2000)  # eight seconds on the wire, all taken by the system at once
    while b"one" not in desk.sent:
        desk.step()
    said_late = bytearray()

    def late(said: bytes) -> bytes:
        said_late.extend(said)
        return b""

    desk.says_more = late
    desk.passes(8)
    desk.says_more = lambda said: said
    desk.talk.received(bytes(said_late))
    desk.passes(1)
    assert desk.waited == []
    assert desk.result == CONFIRMED


def test_an_xon_that_nobody_waited_for_means_that_the_printer_was_switched_on() -> None:
    desk = Desk().connected()
    desk.says_more = lambda said: said.replace(b"\x00", b"", 1) if said == b"\x00" else said
    desk.prints(b"one\n")
    desk.passes(1)
    desk.talk.received(b"\x11")
    desk.passes(1)
    assert desk.result == uncertain("printer.power_lost")


def test_a_power_cycle_in_idle_time_does_not_cost_the_next_job() -> None:
    desk = Desk().connected()
    desk.model.power_cycle()
    desk.prints("会员\n".encode("gb18030"))
    desk.passes(3)
    assert desk.result == CONFIRMED
    assert desk.model.lines == ["会员"]


def test_a_jammed_cutter_is_told_and_goes_on_at_the_operators_word() -> None:
    desk = Desk().connected()
    desk.model.jams_at_next_cut = True
    desk.prints(b"one\n", b"\x1dVB\x00", b"two\n")
    desk.passes(60)
    assert desk.waited == ["printer.cutter"]
    desk.model.set_cutter_jammed(False)
    desk.passes(2)
    assert desk.results == []
    desk.talk.after_jam(restart=True)
    desk.passes(3)
    assert desk.result == CONFIRMED
    assert (desk.model.lines, desk.model.cuts) == (["one", "two"], 1)


@pytest.mark.parametrize("profile", [GENERIC, EPSON])
def test_what_is_discarded_after_a_jam_is_uncertain_at_once_and_never_called_printed(profile: PrinterProfile) -> None:
    desk = Desk(profile).connected()
    desk.model.jams_at_next_cut = True
    desk.prints(b"one\n", b"\x1dVB\x00", b"two\n")
    desk.prints(b"next\n", name="next")
    desk.passes(10)
    desk.model.set_cutter_jammed(False)
    desk.talk.after_jam(restart=False)
    desk.passes(5)
    assert desk.results == [("job", uncertain("printer.cancelled")), ("next", CONFIRMED)]
    assert desk.model.lines == ["one", "next"]
    assert desk.model.errors == []


def test_discarding_after_a_jam_in_the_middle_of_a_command_begins_anew_on_a_fresh_line() -> None:
    desk = Desk().connected()
    desk.model.jams_at_next_cut = True
    desk.line_takes = 200
    desk.prints(b"one\n", b"\x1dVB\x00" + b"".join(b"%030d\n" % number for number in range(40)))
    desk.passes(3)
    desk.model.set_cutter_jammed(False)
    desk.talk.after_jam(restart=False)
    desk.calls()
    assert desk.result == uncertain("printer.cancelled")
    assert desk.talk.needs_reopening
    desk.line_takes = 10**9
    desk.talk.opened()
    desk.prints(b"next\n", name="next")
    desk.passes(5)
    assert desk.results[-1] == ("next", CONFIRMED)
    assert desk.model.lines == ["one", "next"]


def test_a_slip_that_waited_for_the_cutter_is_printed_after_the_rest_of_another_was_discarded() -> None:
    desk = Desk().connected()
    desk.model.set_cutter_jammed(True)
    desk.prints(b"one\n")
    desk.passes(3)
    desk.model.set_cutter_jammed(False)
    desk.talk.after_jam(restart=False)
    desk.passes(5)
    assert desk.result == CONFIRMED
    assert desk.model.lines == ["one"]


def test_a_job_given_up_in_the_middle_is_uncertain() -> None:
    desk = Desk().connected()
    desk.model.paper_left_dots = 20
    desk.prints(b"one\n", b"two\n")
    desk.passes(2)
    desk.talk.cancel("job")
    desk.calls()
    assert desk.result == uncertain("printer.cancelled")


def test_noise_in_the_line_is_counted_and_changes_nothing() -> None:
    desk = Desk().connected()
    desk.talk.received(b"\xff\xfe\x80\x91")
    desk.prints(b"one\n")
    desk.passes(2)
    assert desk.result == CONFIRMED
    assert desk.talk.noise == 4


def test_the_log_never_holds_the_words_of_a_slip() -> None:
    desk = Desk().connected()
    desk.prints(b"9900010000000019\n")
    desk.passes(2)
    log = desk.talk.take_log()
    assert any("job of 17 bytes" in line for line in log)
    assert not any("9900" in line for line in log)


# Finding out what it can prove


def probed(desk: Desk) -> list[PrinterProbe]:
    found: list[PrinterProbe] = []
    desk.talk.probe(found.append)
    desk.passes(10)
    return found


@pytest.mark.parametrize(
    ("model", "completion", "auto_status"),
    [
        (PrinterModel, "gs_h", True),
        (lambda: PrinterModel(knows_gs_h=False), "gs_r", True),
        (lambda: PrinterModel(knows_gs_h=False, knows_asb=False), "gs_r", False),
        (lambda: PrinterModel(knows_gs_h=False, knows_gs_r=False), "eot", True),
    ],
)
def test_the_best_proof_is_found_and_used_from_then_on(
    model: Callable[[], PrinterModel], completion: str, auto_status: bool
) -> None:
    desk = Desk(replace(GENERIC, completion=Completion.EOT, auto_status=False), model()).connected()
    assert probed(desk) == [PrinterProbe(completion, answers=True, auto_status=auto_status)]
    assert desk.model.wrong_commands == []
    assert desk.model.paper == []
    desk.prints(b"hello\n")
    desk.passes(20)
    assert desk.result == (CONFIRMED if completion != "eot" else uncertain("printer.no_proof"))
    assert desk.model.lines == ["hello"]


def test_a_probe_never_asks_to_recover_clear_or_open_anything() -> None:
    desk = Desk(model=PrinterModel(knows_gs_h=False, knows_gs_r=False)).connected()
    probed(desk)
    assert b"\x10\x05" not in desk.sent
    assert b"\x10\x14" not in desk.sent
    assert desk.model.drawer_kicks == []


def test_a_printer_that_takes_the_question_for_text_prints_none_of_it() -> None:
    """Some read `GS (` as unknown and the rest as letters: they are cleared before the next line ends."""
    desk = Desk(model=PrinterModel(knows_gs_h=False)).connected()
    question = bytes.fromhex("1D 28 48 06 00 30 30")
    feed = desk.model.feed
    desk.model.feed = lambda data: feed(data.replace(question, b"00"))  # type: ignore[method-assign] # other firmware
    assert probed(desk)[0].completion == "gs_r"
    assert desk.model.unprinted == ""
    desk.prints(b"hello\n")
    desk.passes(5)
    assert desk.model.lines == ["hello"]


def test_a_printer_that_holds_back_or_is_silent_is_not_judged() -> None:
    desk = Desk().connected()
    desk.model.set_paper("out")
    assert probed(desk) == [PrinterProbe(cause="printer.paper_end")]
    desk = Desk().connected()
    desk.is_on = False
    assert probed(desk) == [PrinterProbe(cause="printer.silent")]
    assert probed(desk) == [PrinterProbe(cause="printer.silent")]
    assert desk.talk.profile == GENERIC
    desk = Desk()
    assert probed(desk) == [PrinterProbe(cause="device.unplugged")]


def test_a_write_only_cable_that_answers_after_all_is_believed() -> None:
    write_only = PROFILES["write-only-80"]
    desk = Desk(write_only).connected()
    assert probed(desk) == [PrinterProbe("gs_h", answers=True, auto_status=True)]
    silent = Desk(write_only)
    silent.is_on = False
    silent.connected()
    assert probed(silent) == [PrinterProbe("none", answers=False, auto_status=False)]


def test_a_probe_waits_for_the_job_and_the_job_for_the_probe() -> None:
    desk = Desk(EPSON).connected()
    found: list[PrinterProbe] = []
    desk.prints(b"first\n", name="first")
    desk.talk.probe(found.append)
    desk.prints(b"second\n", name="second")
    desk.passes(10)
    assert [result for _, result in desk.results] == [CONFIRMED, CONFIRMED]
    assert [probe.completion for probe in found] == ["gs_h"]


@pytest.mark.parametrize("steps", range(0, 40, 3))
def test_a_probe_that_is_cut_off_ends_once_and_the_printer_is_usable(steps: int) -> None:
    desk = Desk(model=PrinterModel(knows_gs_h=False)).connected()
    found: list[PrinterProbe] = []
    desk.talk.probe(found.append)
    for _ in range(steps):
        desk.step()
    desk.talk.closed("device.unplugged")
    desk.calls()
    assert len(found) == 1
    desk.model.power_cycle()
    desk.connected()
    desk.prints(b"hello\n")
    desk.passes(20)
    assert desk.result == CONFIRMED


@pytest.mark.parametrize("steps", range(0, 60, 4))
@pytest.mark.parametrize("xonxoff", [False, True])
@pytest.mark.parametrize("off_s", [0.0, 0.4, 3.0])
def test_a_power_cycle_in_the_middle_of_a_probe_leaves_no_wrong_answer_behind(
    steps: int, xonxoff: bool, off_s: float
) -> None:
    desk = Desk(model=PrinterModel(knows_gs_h=False, xonxoff=xonxoff)).connected()
    found: list[PrinterProbe] = []
    desk.talk.probe(found.append)
    for _ in range(steps):
        desk.step()
    desk.is_on = False
    desk.passes(off_s)
    desk.model.power_cycle()
    desk.is_on = True
    desk.passes(20)
    assert len(found) == 1
    assert found[0].cause in (None, "printer.silent")
    assert found[0].completion != "gs_h"
    desk.prints(b"hello\n")
    desk.passes(40)
    assert desk.result in (CONFIRMED, uncertain("printer.no_proof"))
    assert desk.model.lines[-1:] == ["hello"]


# The drawer


@pytest.mark.parametrize(("pin", "kicked"), [(2, 0), (5, 1)])
def test_the_drawer_opens_at_once_also_while_a_slip_waits_for_paper(pin: int, kicked: int) -> None:
    desk = Desk(replace(GENERIC, drawer_pin=pin)).connected()
    desk.talk.open_drawer()
    desk.passes(0.5)
    assert desk.model.drawer_kicks == [kicked]
    desk.model.set_paper("out")
    desk.prints(b"hello\n")
    desk.passes(3)
    assert desk.waited == ["printer.paper_end"]
    desk.talk.open_drawer()
    desk.passes(0.5)
    assert desk.model.drawer_kicks == [kicked, kicked]
    desk.model.set_paper("ok")
    desk.passes(20)
    assert desk.result == CONFIRMED
    assert desk.model.wrong_commands == []


def test_the_drawer_opens_between_the_segments_of_a_slip_and_spoils_none() -> None:
    desk = Desk().connected()
    desk.prints(*(b"line %d\n" % number for number in range(20)))
    for _ in range(6):
        desk.step()
    desk.talk.open_drawer()
    desk.passes(10)
    assert desk.result == CONFIRMED
    assert desk.model.lines == [f"line {number}" for number in range(20)]
    assert desk.model.drawer_kicks == [0]
    assert desk.model.wrong_commands == []


# A customer display behind it


def with_display() -> tuple[Desk, DisplayTalk, DisplayModel]:
    display = DisplayModel("cd5220-gb18030-behind-printer")
    desk = Desk(GENERIC, PrinterModel(behind=display))
    talk = DisplayTalk(DISPLAYS["cd5220-gb18030-behind-printer"], clock=lambda: desk.now_s)
    desk.talk.behind = talk
    return desk.connected(), talk, display


def test_a_display_behind_the_printer_shows_its_text_and_none_of_it_comes_on_paper() -> None:
    desk, talk, display = with_display()
    talk.show("欧阳**", "12,800 -> 9,400")
    desk.passes(1)
    desk.prints(b"one\n")
    desk.passes(2)
    assert display.lines == ("欧阳**", "12,800 -> 9,400")
    assert desk.result == CONFIRMED
    assert desk.model.lines == ["one"]
    assert desk.model.errors == display.garbage == []
    assert not display.is_selected


def test_the_display_waits_for_the_slip_and_shows_only_the_newest_text_then() -> None:
    desk, talk, display = with_display()
    desk.model.set_paper("out")
    desk.passes(2)
    desk.prints(b"one\n", b"two\n")
    talk.show("before")
    desk.passes(2)
    talk.show("newest")
    desk.passes(2)
    assert display.lines == ("", "")
    desk.model.set_paper("ok")
    desk.passes(5)
    assert desk.result == CONFIRMED
    assert display.lines == ("newest", "")
    assert b"before" not in desk.sent


def test_after_the_printer_was_off_the_display_shows_its_text_again() -> None:
    desk, talk, display = with_display()
    talk.show("hello")
    desk.passes(1)
    desk.is_on = False
    desk.passes(10)
    desk.model.power_cycle()
    display.power_cycle()
    desk.is_on = True
    desk.passes(10)
    assert display.lines == ("hello", "")


def test_a_message_to_the_display_that_the_line_cut_off_begins_anew() -> None:
    desk, talk, display = with_display()
    desk.line_takes = 7
    talk.show("hello")
    desk.passes(1)
    desk.talk.closed("device.unplugged")
    desk.model.power_cycle()
    display.power_cycle()
    desk.line_takes = 10**9
    desk.connected()
    assert display.lines == ("hello", "")
    assert desk.model.errors == display.garbage == []
