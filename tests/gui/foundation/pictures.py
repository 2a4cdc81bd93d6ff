"""Pictures of the shell and its screens: `python tests/gui/foundation/pictures.py DIR`, for whoever changes them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from uuid import uuid4

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))


def _fakes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("foundation_fakes", HERE / "fakes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(out: Path, sizes: tuple[tuple[int, int], ...], looks: tuple[tuple[str, str], ...]) -> None:
    from PySide6.QtWidgets import QApplication

    from app.ports.preferences import PreferencesInMemory
    from ui.devices.demo_panel import DemoCard, DemoPanel
    from ui.devices.presenter import DevicesPresenter
    from ui.devices.view import DevicesView
    from ui.jobs import QtJobs
    from ui.locale import set_language
    from ui.settings.view import SettingsView
    from ui.setup.presenter import STEPS, SetupPresenter, Step
    from ui.setup.view import SetupView
    from ui.shell.messages import Messages
    from ui.shell.window import MainWindow, ShellServices
    from ui.theme import theme
    from ui.widgets import Overlay

    fakes = _fakes()
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    theme().motion = False

    def close_overlays(window: MainWindow) -> None:
        for overlay in window.findChildren(Overlay):
            overlay.close_overlay()

    def settle(jobs: QtJobs) -> None:
        while not jobs.is_idle:
            app.processEvents()
        app.processEvents()

    for language, look in looks:
        for width, height in sizes:
            theme().apply(app, look, font_folder=ROOT / "printing" / "fonts")
            set_language(language)
            messages = Messages(fakes.sentence)
            jobs = QtJobs(messages.problem)
            authority, devices = fakes.FakeAuthority(), fakes.FakeDevices()
            preferences = PreferencesInMemory()
            services = ShellServices(
                authority, fakes.FakeQueries(), jobs, preferences, messages, lambda: fakes.NOW, devices
            )
            window = MainWindow(services)
            setup = fakes.FakeSetup()
            window.add_screen(
                DevicesView(
                    lambda view, devices=devices, jobs=jobs, setup=setup: DevicesPresenter(  # type: ignore[misc]
                        view, devices, jobs, setup=setup, session=uuid4, may_change=lambda: True
                    ),
                    fakes.sentence,
                )
            )
            window.add_screen(SettingsView(preferences))
            window.resize(width, height)
            window.show()
            window.open()
            settle(jobs)
            tag = f"{width}-{language}-{look}"

            def shoot(name: str, what: object = window, tag: str = tag) -> None:
                app.processEvents()
                what.grab().save(str(out / f"{name}-{tag}.png"))  # type: ignore[attr-defined]

            shoot("1-sign-in")
            window.sign_in.presenter.choose(fakes.STAFF[0])
            authority.refuse = fakes.Refused("pin.wrong", left=3)
            window.sign_in.presenter.enter("111111")
            settle(jobs)
            shoot("2-pin")
            window.sign_in.presenter.enter("123456")
            settle(jobs)
            for health in devices.states:
                devices.say(health)
            app.processEvents()
            settle(jobs)
            shoot("3-devices")
            window.go("settings")
            messages.say(
                "已兑换 3,400 积分" if language == "zh_CN" else "3,400 points redeemed",
                "success",
                action="撤销",
                act=lambda: None,
            )
            shoot("4-settings")
            window._leave_toast()
            window._open_palette()
            shoot("5-palette")
            close_overlays(window)
            app.processEvents()
            window._open_help()
            shoot("6-help")
            close_overlays(window)
            app.processEvents()
            panel = DemoPanel(
                fakes.FakeCounter(),
                jobs,
                [
                    DemoCard("9900010000000019", "王小明", "gold"),
                    DemoCard("9900010000002047", "欧阳雪莹", "platinum"),
                    DemoCard("9900010000003011", "李𬭚", "bronze"),
                ],
            )
            window.set_side_panel(panel)
            window.go("devices")
            settle(jobs)
            shoot("7-demo")
            window.lock()
            shoot("8-lock")
            menu = window.top_bar.menu()
            menu.resize(menu.sizeHint())
            shoot("9-menu", menu)
            window.close()

            first = fakes.FakeFirstStart()

            def made(
                view: SetupView, first: object = first, jobs: QtJobs = jobs, language: str = language
            ) -> SetupPresenter:
                return SetupPresenter(
                    view,
                    first,  # type: ignore[arg-type]
                    jobs,
                    sentence=fakes.sentence,
                    language=lambda: language,
                    finished=lambda: None,
                    bug=lambda problem: None,
                )

            wizard = SetupView(made)
            wizard.resize(width, height)
            wizard.show()
            wizard.open()
            settle(jobs)
            shoot("w1-mall", wizard)
            for step in STEPS[1:]:
                wizard.presenter.step = step
                wizard.show_step(step)
                if step is Step.ADMINISTRATOR:
                    wizard.show_problem("pin", fakes.sentence("pin.wrong", {"left": 2}))
                if step is Step.TRIAL:
                    wizard.show_trial("printer", "setup.printed", {}, good=True)
                    wizard.show_trial("reader", "setup.no_card", {}, good=False)
                shoot(f"w{STEPS.index(step) + 1}-{step.value}", wizard)
            wizard.presenter.step = Step.MALL
            wizard.presenter.put("hub_address", "hub.galaxy.example")
            wizard.field("hub_address").set_value("hub.galaxy.example")
            wizard.presenter.to_hub()
            shoot("w9-hub", wizard)
            wizard.show_problem("hub_code", fakes.sentence("hub.code_old", {}))
            wizard.show_certificate(":".join(["A4", "0F", "9C", "77"] * 8))
            wizard.show_busy("join")
            wizard._progress._show_quiet()
            wizard._progress._show_loud()
            wizard.show_copied(128_500)
            shoot("w9-hub-certificate", wizard)
            wizard.close()
            jobs.stop()
            window.deleteLater()
            wizard.deleteLater()
            app.processEvents()


if __name__ == "__main__":
    small, large = (1024, 768), (1920, 1080)
    main(Path(sys.argv[1]), (small, large), (("zh_CN", "light"), ("en", "dark"), ("en", "light"), ("zh_CN", "dark")))
