"""A new computer becomes a desk of a mall that has a hub: the hub is a process of its own, behind TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner, Result

from app.cli import app as cli
from app.composition import following
from app.composition.desk import Desk
from app.composition.first_start import FirstStartHere
from app.composition.following import enrol_desk
from app.composition.window import in_words
from app.composition.wiping import destroy
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.settings import Home
from app.sync.http import fingerprint_of
from tests.support.certificates import Authority
from tests.support.hub import HubMall, a_hub
from tests.support.hub_process import Present, Running, a_free_port, running
from tests.support.mall import CHEAP_PINS
from ui.jobs import QtJobs
from ui.locale import language
from ui.setup.presenter import SetupPresenter, Step
from ui.setup.view import SetupView


@dataclass
class There:
    mall: HubMall
    process: Running

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.process.certificate.read_text())

    def count(self, table: str) -> int:
        found = self.mall.one(f"SELECT count(*) FROM {table} WHERE mall_id = :mall")
        return int(found[0])


@pytest.fixture
def there(fresh_postgres: str, tmp_path: Path) -> Iterator[There]:
    with a_hub(fresh_postgres, clock=Present()) as mall, running(fresh_postgres, mall.name, tmp_path) as process:
        yield There(mall, process)


@contextmanager
def told(code: str, home: Home, *left: str) -> Iterator[Any]:
    """It is refused, and no more than `left` of it is there afterwards."""
    with pytest.raises((Refused, Unavailable)) as problem:
        yield problem
    assert isinstance(problem.value, Refused | Unavailable)
    assert problem.value.code == code
    files = {str(path.relative_to(home.folder)) for path in home.folder.rglob("*") if path.is_file()}
    assert files - {"setup.lock"} == set(left)
    assert home.folder.exists() == bool(left)


def join(home: Home, address: str, code: str, **how: Any) -> Desk:
    return enrol_desk(home, address, code, keys_kind="file", pins=CHEAP_PINS, **how)


def test_whatever_stops_it_is_said_and_leaves_nothing(
    there: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, mall, url = Home(tmp_path / "new" / "desk"), there.mall, there.process.url
    ca = there.process.certificate
    code = mall.code("K1", 11)
    for address in ("", "  ", "mall hub", "ftp://10.0.0.5", "https://u:p@hub.example"):
        with told("enrol.bad_address", home):
            join(home, address, code)
    with told("enrol.needs_tls", home):
        join(home, "http://10.0.0.5:8443", code)
    with told("enrol.unreachable", home) as nobody:
        join(home, f"127.0.0.1:{a_free_port()}", code)
    assert str(nobody.value.facts["address"]).startswith("127.0.0.1:")
    with told("enrol.certificate", home) as unknown:
        join(home, url, code)
    assert unknown.value.facts["fingerprint"] == there.fingerprint
    with told("enrol.certificate", home):
        join(home, url, code, fingerprint="AB" + there.fingerprint[2:])
    with told("hub.certificate_file", home):
        join(home, url, code, ca=tmp_path / "nothing.pem")
    with told("hub.certificate_name", home):
        join(home, url.replace("127.0.0.1", "localhost"), code, ca=ca)
    with told("hub.code_wrong", home):
        join(home, url, "AAAA-BBBB-CCCC", ca=ca)
    late = mall.code("K2", 12)
    mall.store.write(
        lambda connection: connection.run(
            "UPDATE enrol_code SET until = :past WHERE mall_id = :mall AND desk = 'K2'",
            mall=mall.name,
            past=mall.clock.now - timedelta(minutes=1),
        )
    )
    with told("hub.code_old", home):
        join(home, url, late, ca=ca)
    monkeypatch.setattr(following, "PROGRAM", "0.0.9")
    with told("hub.program_old", home):
        join(home, url, code, ca=ca)
    monkeypatch.undo()
    assert there.count("hub_desk") == 0

    desk = join(home, url, code, fingerprint=there.fingerprint.lower())
    assert home.hub_certificate.read_text() == ca.read_text()
    desk.close()
    with told("hub.code_used", Home(tmp_path / "other")):
        join(Home(tmp_path / "other"), url, code, ca=ca)


def test_what_a_code_has_brought_is_not_lost_with_the_copy(
    there: There, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, url, ca = Home(tmp_path / "desk"), there.process.url, there.process.certificate
    code = there.mall.code("K1", 11)
    monkeypatch.setattr(following, "TELL_EVERY", 1)
    copied: list[int] = []
    with told("enrol.cancelled", home, "keys/desk-next", "keys/enrolled"):
        join(home, url, code, ca=ca, copied=copied.append, cancelled=lambda: len(copied) == 3)
    assert copied == [1, 2, 3]
    with told("enrol.copy_broken_off", home, "keys/desk-next", "keys/enrolled"):

        def broken(*_: object) -> None:
            raise Unavailable("hub.unreachable")

        join(home, url, code, ca=ca, copied=broken)
    desk = join(home, url, code, ca=ca)
    assert {file.name for file in (home.folder / "keys").iterdir()} == {"desk", "store"}
    assert desk.link is not None
    desk.link.agent.once()
    assert desk.link.status().mode is Mode.ONLINE
    assert desk.zone == "Asia/Shanghai"
    desk.close()


class Wizard:
    """The first start's window, and somebody who types."""

    def __init__(self, qtbot: QtBot, home: Home) -> None:
        self.qtbot = qtbot
        self.first_start = FirstStartHere(home)
        self.bugs: list[Exception] = []
        self.jobs = QtJobs(self.bugs.append)
        self.finished: list[bool] = []
        self.view = SetupView(
            lambda view: SetupPresenter(
                view,
                self.first_start,
                self.jobs,
                sentence=in_words,
                language=language,
                finished=lambda: self.finished.append(True),
                bug=self.bugs.append,
            )
        )
        qtbot.addWidget(self.view)
        self.view.open()
        self.view.show()
        qtbot.waitUntil(lambda: self.jobs.is_idle)
        self.view._to_hub.click()
        assert self.view.presenter.step is Step.HUB

    def type(self, field: str, text: str) -> None:
        edit: Any = self.view.field(field)
        edit.edit.setFocus()
        edit.edit.selectAll()
        QTest.keyClicks(edit.edit, text)

    def enter(self) -> None:
        QTest.keyClick(self.view, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: self.jobs.is_idle, timeout=60_000)

    def problem(self, field: str) -> str:
        edit: Any = self.view.field(field)
        return str(edit.problem)


def test_the_wizard_joins_by_keys(there: There, tmp_path: Path, qtbot: QtBot) -> None:
    home = Home(tmp_path / "desk")
    wizard = Wizard(qtbot, home)
    code = there.mall.code("K1", 11)
    wizard.type("hub_address", there.process.url)
    wizard.type("hub_code", "AAAA-BBBB-CCCC")
    wizard.enter()
    assert wizard.view._fingerprint.text().replace("\n", ":") == there.fingerprint
    wizard.enter()
    assert wizard.problem("hub_code") == "没有这个接入码，请核对后重新输入"
    wizard.type("hub_code", code)
    wizard.enter()
    assert wizard.view.presenter.step is Step.PRINTER
    wizard.enter()
    wizard.enter()
    assert wizard.view.presenter.step is Step.TRIAL
    wizard.enter()
    assert wizard.finished == [True]
    assert wizard.bugs == []
    desk = wizard.first_start.desk
    assert desk is not None
    assert {row.staff for row in desk.queries.staff()} >= {"1001", "2001", "9001"}
    assert desk.settings.hub == there.process.url
    assert home.settings() == desk.settings
    desk.close()
    wizard.jobs.stop()


def test_a_hub_that_wants_certificates_is_joined_in_the_wizard_and_by_command(
    fresh_postgres: str, tmp_path: Path, qtbot: QtBot
) -> None:
    authority = Authority(tmp_path)
    given, stranger = authority.issue("K1"), Authority(tmp_path, "Somebody Else").issue("stranger")
    wants = ("--client-ca", str(authority.file))
    with a_hub(fresh_postgres, clock=Present()) as mall, running(fresh_postgres, mall.name, tmp_path, *wants) as hub:
        home = Home(tmp_path / "desk")
        wizard = Wizard(qtbot, home)
        wizard.type("hub_address", hub.url)
        wizard.type("hub_code", mall.code("K1", 11))
        wizard.type("hub_certificate", str(hub.certificate))
        assert not wizard.view.field("desk_certificate").isVisible()
        wizard.enter()
        assert wizard.problem("desk_certificate").startswith("中心接通后没有应答就断开了")
        assert wizard.view.field("desk_certificate").isVisible()
        wizard.type("desk_certificate", str(given.certificate))
        wizard.enter()
        assert wizard.problem("desk_key").startswith("没有找到 PEM 格式的私钥")
        assert not home.folder.exists()
        wizard.type("desk_key", str(given.key))
        wizard.enter()
        assert wizard.view.presenter.step is Step.PRINTER
        assert wizard.bugs == []
        desk = wizard.first_start.desk
        assert desk is not None
        for file in (given.certificate, given.key, given.both):
            file.unlink()  # what was on the stick is not needed any more
        kept = home.desk_certificate
        assert kept.stat().st_mode & 0o777 == 0o600
        assert desk.settings.hub_certificate == str(kept)
        assert desk.link is not None
        desk.link.agent.once()
        assert desk.link.status().mode is Mode.ONLINE
        desk.close()
        wizard.jobs.stop()

        other, by_command = Home(tmp_path / "other"), authority.issue("K2")

        def at(home: Home, *command: str) -> Result:
            return CliRunner().invoke(cli, [*command, "--home", str(home.folder)])

        init = ("init", "--hub", hub.url, "--code", mall.code("K2", 12), "--ca", str(hub.certificate))
        assert "choose its file" in at(other, *init).stderr
        assert "who issued it" in at(other, *init, "--client-cert", str(stranger.both)).stderr
        assert not other.folder.exists()
        pair = ("--client-cert", str(by_command.certificate), "--client-key", str(by_command.key))
        joined = at(other, *init, *pair)
        assert joined.exit_code == 0, joined.output
        before = other.desk_certificate.read_bytes()
        assert "who issued it" in at(other, "sync", "certificate", str(stranger.both)).stderr
        assert other.desk_certificate.read_bytes() == before
        assert at(other, "sync", "certificate", str(authority.issue("K2-next").both)).exit_code == 0
        assert other.desk_certificate.read_bytes() != before
        destroy(other, "file")
        assert not other.desk_certificate.exists()
