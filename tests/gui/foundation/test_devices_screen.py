"""The devices screen: machines are seen, tried, added, changed and removed, by keys alone where need be."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused, Unavailable
from app.ports.devices import (
    BankCardSeen,
    CardOutcome,
    CardSeen,
    CardStep,
    Certainty,
    DeviceKind,
    DeviceState,
    Guess,
    Machine,
    Trial,
    UnreadableSeen,
)
from app.ports.jobs import JobsAtOnce
from tests.gui.foundation.fakes import NOW, FakeDevices, FakeSetup, sentence
from ui.devices.presenter import DevicesPresenter
from ui.devices.view import DevicesView
from ui.devices.words import frame_row, plain, still_works
from ui.locale import set_language
from ui.widgets import Button, ConfirmPanel, Text

SESSION = uuid4()


class JobsLater:
    """Runs nothing until told: what a screen looks like while it waits."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def run(self, work: Any, done: Any, failed: Any = None) -> None:
        self.waiting.append(lambda: JobsAtOnce().run(work, done, failed))

    def go_on(self) -> None:
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()


class Counter:
    """One screen with what stands behind it."""

    def __init__(self, qtbot: QtBot, *, may_change: bool = True, jobs: Any = None) -> None:
        self.devices, self.setup = FakeDevices(), FakeSetup()
        self.jobs = jobs or JobsAtOnce()
        self.session: UUID | None = SESSION
        self.may_change = may_change
        self.failed: list[Exception] = []
        self.view = DevicesView(
            lambda view: DevicesPresenter(
                view,
                self.devices,
                self.jobs,
                setup=self.setup,
                session=lambda: self.session,
                may_change=lambda: self.may_change,
                now=lambda: NOW,
            ),
            sentence,
            failed=self.failed.append,
        )
        qtbot.addWidget(self.view)
        self.view.resize(1000, 760)
        self.view.show()
        self.view.entered()

    @property
    def presenter(self) -> DevicesPresenter:
        return self.view.presenter

    def texts(self) -> str:
        return "\n".join(label.text() for label in self.view.findChildren(Text) if label.isVisible())

    def buttons(self) -> dict[str, Button]:
        return {each.accessibleName(): each for each in self.view.findChildren(Button) if each.isVisible()}


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def test_the_machine_that_needs_somebody_is_shown_first_with_what_still_works(counter: Counter) -> None:
    shown = counter.texts()
    assert counter.presenter.state.chosen == "printer"
    assert "打印机缺纸：装上新纸后会接着打。" in shown
    assert "小票留在打印队列，打印机恢复后自动打印" in shown
    assert "现在还能办理" in shown


def test_every_machine_has_its_sentences_for_the_time_without_it() -> None:
    for kind in DeviceKind:
        lines = still_works(kind, "device.unplugged")
        assert lines
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in lines)


def test_frames_are_in_plain_words_the_newest_first_and_can_be_paused(counter: Counter) -> None:
    model = counter.view.page.model
    assert [(row.direction, row.words) for row in model.rows] == [("in", "自动上报状态"), ("out", "小票，共 812 字节")]
    counter.buttons()["暂停"].click()
    changed = replace(
        counter.devices.states[1],
        frames=(*counter.devices.states[1].frames, "2026-11-22T14:03:00.000+08:00 = confirmed"),
    )
    counter.devices.states[1] = changed
    counter.presenter.look()
    assert len(model.rows) == 2
    counter.buttons()["继续"].click()
    assert model.rows[0].words == "已打印（确认）"


def test_frames_go_to_clipboard_and_file_masked_as_they_are_shown(counter: Counter, tmp_path: Path) -> None:
    counter.presenter.choose("reader")
    counter.view.page.copy.click()
    assert "刷卡 ****0019" in QApplication.clipboard().text()
    counter.view.page.write_frames(tmp_path / "frames.csv")
    with (tmp_path / "frames.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[2] for row in rows] == ["含义", "无法读取：中途断开", "扫码 ****2047", "刷卡 ****0019"]
    counter.view.page.write_frames(tmp_path / "no such folder" / "frames.csv")
    assert isinstance(counter.failed[0], Unavailable)


@pytest.mark.parametrize(
    "said",
    [
        *(f"card ****0019: {step.value}" for step in CardStep),
        *(f"card {outcome.value} (card.taken_away)" for outcome in CardOutcome),
        "44 bytes",
        "44 bytes to the display behind it",
        "open the drawer now",
        "can it prove by gs_h?",
        "block 37 22 30 30 30 31",
        "SF 008",
        "CP",
    ],
)
def test_what_machines_and_program_say_has_words(said: str) -> None:
    words = plain(said)
    assert words != said
    assert not any(code in words for code in (step.value for step in CardStep))


def test_what_nobody_translated_stays_as_it_came() -> None:
    assert plain("a frame of tomorrow") == "a frame of tomorrow"
    assert frame_row("2026-11-22T06:00:00.000+00:00 = uncertain (printer.stalled)", 0).words == "可能已打印，需人工确认"
    assert frame_row("2026-11-22T06:00:00.012+00:00 = confirmed", 0).at == "14:00:00.012", "not in the mall's zone"


def test_a_test_swipe_is_nobody_elses_business_and_only_one(counter: Counter) -> None:
    view = counter.view
    assert not view.take_swipe(CardSeen("9900010000000019"))
    counter.presenter.choose("reader")
    counter.buttons()["试刷一张卡"].click()
    assert view.take_swipe(CardSeen("9900010000000019"))
    assert not view.take_swipe(CardSeen("9900010000000019"))
    assert "读卡正常，卡号尾号 0019" in counter.texts()
    assert "14:03" in counter.texts()
    for seen, code in ((BankCardSeen(), "setup.reader_works_bank_card"), (UnreadableSeen("torn"), "card.unreadable")):
        counter.presenter.try_chosen()
        assert view.take_swipe(seen)
        assert counter.presenter.state.trials["reader"].code == code


def test_a_swipe_at_another_reader_is_told_and_the_test_goes_on(counter: Counter) -> None:
    counter.presenter.choose("reader")
    counter.presenter.try_chosen()
    assert counter.view.take_swipe(CardSeen("9900010000000019", reader="reader-2"))
    assert counter.presenter.waits_for_swipe
    assert counter.presenter.state.trials["reader"].code == "device.other_reader"
    counter.view.hide()
    assert not counter.presenter.waits_for_swipe


def test_a_reader_that_is_away_is_not_asked_for_a_swipe(counter: Counter) -> None:
    away = replace(counter.devices.states[0], state=DeviceState.OFFLINE, cause="device.unplugged")
    counter.devices.states[0] = away
    counter.presenter.look()
    counter.presenter.choose("reader")
    counter.presenter.try_chosen()
    assert not counter.presenter.waits_for_swipe
    assert counter.presenter.state.trials["reader"].code == "device.unplugged"


@pytest.mark.parametrize(
    ("trial", "code"),
    [(Trial(True, "setup.printed"), "setup.printed"), (Trial(False, "printer.cover_open"), "printer.cover_open")],
)
def test_the_result_of_a_test_stays_with_its_machine(counter: Counter, trial: Trial, code: str) -> None:
    counter.setup.tried = trial
    counter.buttons()["打印测试小票"].click()
    told = counter.presenter.state.trials["printer"]
    assert (told.code, told.at, told.good) == (code, NOW, trial.ok)
    counter.presenter.choose("reader")
    assert not counter.view.page.result.isVisible()
    counter.presenter.choose("printer")
    assert counter.view.page.result.isVisible()


def test_a_test_that_cannot_be_made_says_why(counter: Counter) -> None:
    counter.setup.fails = Unavailable("printer.none")
    counter.presenter.try_chosen()
    assert counter.presenter.state.trials["printer"].code == "printer.none"


def test_whoever_may_not_change_machines_sees_no_way_to(qtbot: QtBot) -> None:
    clerk = Counter(qtbot, may_change=False)
    assert not {"添加设备", "更改…", "移除", "停用"} & clerk.buttons().keys()
    assert "添加和更改设备请联系管理员。" in clerk.texts()
    clerk.presenter.start_new()
    clerk.presenter.start_change()
    assert clerk.presenter.state.form is None


def test_a_machine_is_added_by_keys_alone(qtbot: QtBot, counter: Counter) -> None:
    view, setup = counter.view, counter.setup
    view.add.setFocus()
    qtbot.keyClick(view.add, Qt.Key.Key_Space)
    form = counter.presenter.state.form
    assert form is not None
    assert form.machine.url.startswith("/dev/serial/by-id/")  # the first that nobody uses
    assert view.window().focusWidget() is view.sheet.port.box
    view.sheet.finding.setFocus()
    qtbot.keyClick(view.sheet.finding, Qt.Key.Key_Return)
    assert "PN532 1.6" in counter.texts()
    assert view.sheet.driver.value == "pn532"
    view.sheet.driver.box.setFocus()
    qtbot.keyClick(view.sheet.driver.box, Qt.Key.Key_Return)
    assert setup.machines[-1] == Machine("reader-2", DeviceKind.READER, form.machine.url, "pn532", 115200)
    assert counter.presenter.state.chosen == "reader-2"
    assert "读卡器 2" in counter.texts()


def test_escape_leaves_the_form_and_changes_nothing(qtbot: QtBot, counter: Counter) -> None:
    counter.presenter.start_change()
    qtbot.keyClick(counter.view.sheet.driver.box, Qt.Key.Key_Escape)
    assert counter.presenter.state.form is None
    assert counter.setup.applied == []


def test_another_kind_brings_its_own_makes(counter: Counter) -> None:
    counter.presenter.start_new()
    form = counter.presenter.state.form
    assert form is not None
    counter.presenter.put(replace(form.machine, kind=DeviceKind.PRINTER, baudrate=115200))
    form = counter.presenter.state.form
    assert form is not None
    assert (form.machine.driver, form.machine.baudrate) == ("generic-80", 0)
    assert counter.view.sheet.driver.value == "generic-80"
    assert not counter.view.sheet.prefix.isVisible()


def test_a_refusal_keeps_the_form_and_says_why(counter: Counter) -> None:
    counter.presenter.start_change()
    before = counter.presenter.state.form
    counter.setup.fails = Refused("device.same_port", one="reader", other="printer")
    counter.presenter.save()
    after = counter.presenter.state.form
    assert after is not None
    assert before is not None
    assert after.machine == before.machine
    assert after.problem is not None
    assert after.problem.code == "device.same_port"
    assert counter.view.sheet.problem.isVisible()


def test_what_was_changed_can_be_undone(counter: Counter) -> None:
    known = counter.setup.machines
    counter.presenter.switch(on=False)
    assert not counter.setup.machines[1].enabled
    assert "已保存" in counter.texts()
    counter.buttons()["恢复原来的设置"].click()
    assert counter.setup.machines == known


def test_a_machine_is_removed_only_after_a_question(counter: Counter) -> None:
    counter.buttons()["移除"].click()
    (panel,) = counter.view.findChildren(ConfirmPanel)
    assert counter.setup.applied == []
    panel.confirmed.emit()
    assert [machine.name for machine in counter.setup.machines] == ["reader"]
    assert counter.presenter.state.chosen == "reader"


def test_nobody_signed_in_changes_nothing(counter: Counter) -> None:
    counter.session = None
    counter.presenter.switch(on=False)
    assert counter.setup.applied == []
    assert counter.presenter.state.told is not None
    assert counter.presenter.state.told.code == "session.none"


def test_questions_at_a_port_are_shown_as_they_are_asked_and_can_be_stopped(qtbot: QtBot) -> None:
    jobs = JobsLater()
    counter = Counter(qtbot, jobs=jobs)
    jobs.go_on()
    counter.presenter.start_new()
    counter.presenter.guess()
    assert counter.presenter.state.busy == "guess"
    assert "停止识别" in counter.buttons()
    counter.presenter._step = counter.setup.steps[0]
    counter.presenter.look()
    form = counter.presenter.state.form
    assert form is not None
    assert form.step == counter.setup.steps[0]
    counter.buttons()["停止识别"].click()
    jobs.go_on()
    form = counter.presenter.state.form
    assert form is not None
    assert (counter.presenter.state.busy, form.guess) == ("", None)


@pytest.mark.parametrize("certainty", [Certainty.SILENT, Certainty.UNKNOWN])
def test_what_was_not_recognised_leaves_the_choice_to_the_person(counter: Counter, certainty: Certainty) -> None:
    counter.presenter.start_new()
    before = counter.presenter.state.form
    counter.setup.guessed = Guess(certainty)
    counter.presenter.guess()
    after = counter.presenter.state.form
    assert before is not None
    assert after is not None
    assert after.machine == before.machine
    assert "请自行选择类型" in counter.texts()


def test_a_port_that_does_not_open_is_told_in_the_form(counter: Counter) -> None:
    counter.presenter.start_new()
    counter.setup.fails = Unavailable("device.busy", url="/dev/ttyUSB2")
    counter.presenter.guess()
    form = counter.presenter.state.form
    assert form is not None
    assert form.problem is not None
    assert form.problem.code == "device.busy"


def test_ports_say_who_has_them_and_what_hinders(counter: Counter) -> None:
    counter.presenter.start_new()
    form = counter.presenter.state.form
    assert form is not None
    assert "固定名称" in counter.view.sheet.port_says.text()
    counter.presenter.put(replace(form.machine, url="/dev/ttyUSB0"))
    assert counter.view.sheet.port_says.text() == "本台位的读卡器正在使用"
    counter.presenter.put(replace(form.machine, url="/dev/ttyS0"))
    assert "没有打开权限" in counter.view.sheet.port_says.text()


def test_a_desk_without_machines_says_what_to_do_first(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.setup.machines, counter.devices.states = (), []
    counter.view.entered()
    assert "本台没有接设备" in counter.texts()
    assert "添加设备" in counter.buttons()


def test_the_devices_screen_speaks_both_languages(counter: Counter) -> None:
    set_language("en")
    counter.view.retranslate()
    shown = counter.texts()
    assert "out of paper" in shown
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in shown)


def test_it_fits_the_smallest_window_also_with_many_readers(counter: Counter) -> None:
    counter.setup.machines = tuple(
        Machine(f"reader-{n}", DeviceKind.READER, f"/dev/serial/by-id/usb-{n}" * 3, "line") for n in range(1, 9)
    )
    counter.view.entered()
    counter.view.resize(880, 620)
    assert counter.view.minimumSizeHint().width() <= 880
    assert counter.view.minimumSizeHint().height() <= 620


def test_what_the_printer_can_prove_is_found_out_and_stays_to_be_seen(counter: Counter) -> None:
    counter.buttons()["检测打印确认"].click()
    assert counter.presenter.state.probe == counter.setup.probe()
    assert counter.view.page.proof.isVisible()
    counter.presenter.choose("reader")
    assert "检测打印确认" not in counter.buttons()


def test_a_printer_that_could_not_be_probed_says_why(counter: Counter) -> None:
    counter.setup.fails = Unavailable("printer.none")
    counter.presenter.probe()
    assert counter.presenter.state.trials["printer"].code == "printer.none"


def test_counters_say_how_often_a_machine_came_back(counter: Counter) -> None:
    counter.devices.states[1] = replace(counter.devices.states[1], reconnects=3)
    counter.presenter.look()
    assert "重连 3 次" in counter.texts()


def test_a_machine_that_writes_stays_an_encoder_where_that_was_chosen(counter: Counter) -> None:
    known = counter.setup.drivers()
    counter.presenter._set(drivers={**known, DeviceKind.ENCODER: ("msr605", "pn532")})
    counter.presenter.start_new()
    counter.presenter.guess()
    assert "它也能写卡" in counter.texts()
    form = counter.presenter.state.form
    assert form is not None
    counter.presenter.put(replace(form.machine, kind=DeviceKind.ENCODER, driver="msr605"))
    counter.presenter.guess()
    form = counter.presenter.state.form
    assert form is not None
    assert (form.machine.kind, form.machine.driver) == (DeviceKind.ENCODER, "pn532")
