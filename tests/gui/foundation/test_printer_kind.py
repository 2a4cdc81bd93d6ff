"""A kind of printer is changed on the devices screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import Refused
from app.ports.jobs import JobsAtOnce
from tests.gui.foundation.fakes import FakeDevices, FakeSetup
from tests.gui.foundation.test_devices_screen import SESSION
from ui.devices.presenter import DevicesPresenter
from ui.devices.printer_kind import PrinterKindPanel
from ui.devices.view import DevicesView


class Screen:
    def __init__(self, qtbot: QtBot, *, may_change: bool = True) -> None:
        self.setup = FakeSetup()
        self.view = DevicesView(
            lambda view: DevicesPresenter(
                view, FakeDevices(), JobsAtOnce(), setup=self.setup, session=lambda: SESSION,
                may_change=lambda: may_change,
            ),
            lambda code, _facts: code,
        )  # fmt: skip
        qtbot.addWidget(self.view)
        self.view.resize(1000, 760)
        self.view.show()
        self.view.entered()
        self.view.presenter.choose("printer")
        QApplication.processEvents()

    @property
    def panel(self) -> PrinterKindPanel:
        self.view.page.printer_kind.click()
        return self.view.findChildren(PrinterKindPanel)[-1]


@pytest.fixture
def screen(qtbot: QtBot) -> Screen:
    return Screen(qtbot)


def test_what_is_filled_in_is_the_kind_that_is_kept(screen: Screen) -> None:
    before = screen.setup.printer
    panel = screen.panel
    assert panel.filled == before
    panel.name.set_value("二楼 80")
    panel.columns.set_value("42")
    panel.dots.set_value("512")
    panel.cut.set_value("partial")
    panel.completion.set_value("none")
    panel.ticks["native_qr"].click()
    panel.save.click()
    assert screen.setup.printer == replace(
        before, name="二楼 80", columns=42, dots=512, cut="partial", completion="none", answers=False, native_qr=False
    )
    assert not panel.is_open


def test_a_refusal_is_said_in_the_panel_and_nothing_typed_is_lost(screen: Screen) -> None:
    panel = screen.panel
    panel.dots.set_value("100")
    screen.setup.fails = Refused("printer.profile_wrong", field="dots", allowed="576-1000")
    panel.save.click()
    assert panel.is_open
    assert panel.problem.text() == "printer.profile_wrong"
    assert panel.dots.value == "100"
    assert panel.save.isEnabled()


def test_only_a_printer_has_a_kind_and_only_the_administrator_changes_it(qtbot: QtBot, screen: Screen) -> None:
    assert screen.view.page.printer_kind.isVisible()
    screen.view.presenter.choose("reader")
    assert not screen.view.page.printer_kind.isVisible()
    assert not Screen(qtbot, may_change=False).view.page.printer_kind.isVisible()
