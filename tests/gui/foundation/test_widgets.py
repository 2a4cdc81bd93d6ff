from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui import widgets as w
from ui.theme import TARGET_PX


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_what_a_member_typed_is_never_markup(qtbot: QtBot) -> None:
    label = w.Text("<b>王</b> & <img src=x>")
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == "<b>王</b> & <img src=x>"


@pytest.mark.parametrize("kind", ["primary", "secondary", "quiet", "danger"])
def test_a_button_is_large_enough_for_a_finger_and_has_a_name(qtbot: QtBot, kind: str) -> None:
    button = w.Button("兑换 & 发放", kind, key="F6", icon="gift")
    qtbot.addWidget(button)
    assert button.sizeHint().height() >= TARGET_PX
    assert button.accessibleName() == "兑换 & 发放"


def test_every_target_is_44_pixels(qtbot: QtBot) -> None:
    targets: tuple[QWidget, ...] = (
        w.Button("好"),
        w.IconButton("close", "关闭"),
        w.CheckBox("同意"),
        w.Switch("自动"),
        w.Stepper(),
        w.SegmentedControl((("a", "甲"), ("b", "乙"))),
        w.SearchField("找"),
    )
    for target in targets:
        qtbot.addWidget(target)
        assert target.sizeHint().height() >= TARGET_PX, type(target).__name__


def test_a_pin_is_entered_with_its_sixth_digit_and_forgotten(qtbot: QtBot) -> None:
    pin = w.PinField()
    shown(qtbot, pin)
    with qtbot.waitSignal(pin.entered) as heard:
        qtbot.keyClicks(pin, "1a2b3456")
    assert heard.args == ["123456"]
    assert pin.length == 0


def test_a_pin_of_free_length_waits_for_enter(qtbot: QtBot) -> None:
    pin = w.PinField(shortest=4, longest=8)
    shown(qtbot, pin)
    heard: list[str] = []
    pin.entered.connect(heard.append)
    qtbot.keyClicks(pin, "12345")
    assert heard == []
    qtbot.keyClick(pin, Qt.Key.Key_Return)
    assert heard == ["12345"]


def test_nothing_can_be_typed_while_a_pin_is_checked(qtbot: QtBot) -> None:
    pin = w.PinField()
    shown(qtbot, pin)
    pin.set_busy(True)
    qtbot.keyClicks(pin, "12")
    assert pin.length == 0


def test_typing_takes_an_error_sentence_back(qtbot: QtBot) -> None:
    field = w.TextField("手机号", "11 位", digits=True)
    shown(qtbot, field)
    field.set_problem("手机号应为 11 位数字。")
    assert field.note.text() == "手机号应为 11 位数字。"
    qtbot.keyClicks(field.edit, "1x3")
    assert (field.value, field.problem, field.note.text()) == ("13", "", "11 位")


def test_the_search_field_says_what_was_typed_chosen_and_moved(qtbot: QtBot) -> None:
    field = w.SearchField("找")
    shown(qtbot, field)
    heard: list[object] = []
    field.typed.connect(heard.append)
    field.chosen.connect(heard.append)
    field.moved.connect(heard.append)
    qtbot.keyClicks(field, "w")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert heard == ["w", 1, "w", ""]


def test_a_stepper_counts_by_keys_and_stays_in_its_range(qtbot: QtBot) -> None:
    stepper = w.Stepper(1, maximum=12)
    shown(qtbot, stepper)
    qtbot.keyClick(stepper, Qt.Key.Key_Up)
    assert stepper.value == 2
    qtbot.keyClicks(stepper, "11")
    assert stepper.value == 11
    qtbot.keyClick(stepper, Qt.Key.Key_Up)
    qtbot.keyClick(stepper, Qt.Key.Key_Up)
    assert stepper.value == 12


def test_segments_move_with_the_arrow_keys(qtbot: QtBot) -> None:
    control = w.SegmentedControl((("a", "甲"), ("b", "乙")))
    shown(qtbot, control)
    with qtbot.waitSignal(control.changed):
        qtbot.keyClick(control, Qt.Key.Key_Right)
    assert control.value == "b"


def test_a_list_that_was_typed_into_keeps_what_was_typed(qtbot: QtBot) -> None:
    field = w.SelectField("端口", (("", "没有"), ("/dev/ttyUSB0", "USB")), editable=True)
    shown(qtbot, field)
    field.box.setEditText("socket://127.0.0.1:9100")
    assert field.value == "socket://127.0.0.1:9100"
    field.set_value("/dev/ttyUSB0")
    assert field.value == "/dev/ttyUSB0"


class TestConfirmations:
    @pytest.fixture
    def host(self, qtbot: QtBot) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        field = w.SearchField("找")
        column.addWidget(field)
        host.resize(900, 600)
        shown(qtbot, host)
        field.setFocus()
        return host

    def test_enter_confirms_and_escape_goes_back(self, qtbot: QtBot, host: QWidget) -> None:
        heard: list[str] = []
        panel = w.confirm(host, "兑换？", then=lambda: heard.append("done"))
        qtbot.keyClick(panel, Qt.Key.Key_Return)
        assert heard == ["done"]
        assert not panel.is_open
        panel = w.confirm(host, "兑换？", then=lambda: heard.append("again"))
        qtbot.keyClick(panel, Qt.Key.Key_Escape)
        assert heard == ["done"]
        assert not panel.is_open

    def test_tab_never_leaves_it(self, qtbot: QtBot, host: QWidget) -> None:
        panel = w.ConfirmPanel(host, "兑换？")
        panel.open()
        for _ in range(5):
            panel.focusNextPrevChild(True)
            focused = host.window().focusWidget()
            assert focused is not None
            assert panel.isAncestorOf(focused)

    def test_it_covers_the_host_when_the_window_grows(self, qtbot: QtBot, host: QWidget) -> None:
        panel = w.ConfirmPanel(host, "兑换？")
        panel.open()
        host.resize(1000, 700)
        assert panel.size() == host.size()

    def test_a_wrong_pin_is_said_in_place(self, qtbot: QtBot, host: QWidget) -> None:
        dialog = w.PinDialog(host, "主管批准")
        dialog.open()
        dialog.set_busy(True)
        dialog.set_problem("密码不对。")
        assert dialog.is_open
        assert dialog.pin.problem.text() == "密码不对。"

    def test_a_toast_offers_undo_and_goes_when_it_is_used(self, qtbot: QtBot, host: QWidget) -> None:
        undone: list[bool] = []
        toast = w.Toast(host, "已兑换", action="撤销", act=lambda: undone.append(True))
        toast.come()
        assert host.rect().contains(toast.geometry())
        toast.action.click()
        assert undone == [True]
        assert toast.isHidden()


def test_progress_is_not_shown_before_it_is_worth_it(qtbot: QtBot) -> None:
    line = w.ProgressLine()
    qtbot.addWidget(line)
    line.start("正在生成", can_cancel=True)
    assert line.isHidden()
    line.set_progress(1, 4)
    line.finish()
    assert line.isHidden()


def test_nothing_flashes_up_as_a_window_while_it_is_put_together(qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QApplication

    from ui.theme.gallery import build

    before = set(QApplication.topLevelWindows())
    page = build()
    qtbot.addWidget(page)
    assert not set(QApplication.topLevelWindows()) - before


def test_what_is_wanted_before_it_is_laid_out_is_shown_by_its_parent(qtbot: QtBot) -> None:
    host = QWidget()
    label = w.Text("好")
    label.hide()
    w.show_if(label, True)
    QVBoxLayout(host).addWidget(label)
    shown(qtbot, host)
    assert label.isVisible()
