"""What is done at the hub from a shell, through the command line itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.composition.hub import AGAIN_S, open_hub, open_hub_when_there
from app.domain.errors import Refused
from app.domain.sentences import sentence
from tests.support.hub import ADMINISTRATOR, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, PINS, SUPERVISOR

ANOTHER = bytes(range(32)).hex()
BOTH_PINS = {"MEMBERDESK_PIN": PINS[ADMINISTRATOR], "MEMBERDESK_APPROVER_PIN": PINS[SUPERVISOR]}


@pytest.fixture
def mall(fresh_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubMall]:
    monkeypatch.setenv("MEMBERDESK_DATABASE", fresh_postgres)
    with a_hub(fresh_postgres) as made:
        yield made


def test_a_hub_that_is_there_before_its_database_says_so_once_and_waits(
    mall: HubMall, fresh_postgres: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = parse_qs(urlsplit(fresh_postgres).query)["host"][0]
    there = tmp_path / "there"
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            there.symlink_to(host)

    with open_hub_when_there(
        fresh_postgres.replace(quote(host, safe="/"), str(there)), mall.name, pins=CHEAP_PINS, pause=pause
    ) as opened:
        assert opened.hub.mall == mall.name
    assert pauses == [AGAIN_S, AGAIN_S]
    assert capsys.readouterr().out.count(sentence("store.unreachable", {}, "en")) == 1


def test_a_hub_does_not_wait_for_what_will_not_come(mall: HubMall, fresh_postgres: str) -> None:
    def pause(_: float) -> None:
        raise AssertionError("waits")

    with (
        pytest.raises(Refused, match=r"mall\.unknown"),
        open_hub_when_there(fresh_postgres, "M99", pins=CHEAP_PINS, pause=pause),
    ):
        pass


def test_a_hub_is_told_where_its_reports_come_from(mall: HubMall, fresh_postgres: str, tmp_path: Path) -> None:
    with open_hub(fresh_postgres, mall.name, connections=1, pins=CHEAP_PINS, reports=fresh_postgres) as opened:
        opened.hub.look_at_replica()
        assert opened.hub.health().replica == "answers"
    said = typed(mall, "hub", "--reports", f"sqlite:///{tmp_path}/store.db")
    assert (said.exit_code, said.stdout) == (2, "")
    assert sentence("database.not_postgres", {}, "en") in said.stderr


def typed(mall: HubMall, *command: str, keys: str = "", env: dict[str, str] | None = None) -> Result:
    """As somebody types it at the hub; `keys`: what they answer when they are asked."""
    return CliRunner().invoke(app, [*command, "--mall-id", mall.name], input=keys, env=env)


def adding(mall: HubMall, partner: str = "M77", key: str = ANOTHER, keys: str = "", **env: str) -> Result:
    return typed(
        mall, "group", "add", "--partner", partner, "--name", "银杏广场", "--url", "hub.example",
        "--public-key", key, "--administrator", ADMINISTRATOR, "--approver", SUPERVISOR, keys=keys, env=env,
    )  # fmt: skip


def partners(mall: HubMall) -> list[tuple[str, str, str, str]]:
    def read(row: tuple[str, str, str, bytes]) -> tuple[str, str, str, str]:
        return (*row[:3], bytes(row[3]).hex())

    rows = mall.store.read(
        lambda connection: connection.rows(
            "SELECT partner, name, url, public_key FROM partner WHERE mall_id = :mall", mall=mall.name
        )
    )
    return [read(tuple(row)) for row in rows]


def test_the_groups_card_is_the_same_each_time_and_no_key_is_put_in_the_place_of_another(mall: HubMall) -> None:
    first = typed(mall, "group", "card")
    assert first.exit_code == 0
    assert f"mall {mall.name}" in first.stdout
    assert mall.hub.public_key.hex() in first.stdout
    assert typed(mall, "group", "card").stdout == first.stdout
    for key, code in ((ANOTHER, "group.other_key"), ("no key", "group.bad_key"), ("00", "group.bad_key")):
        said = typed(mall, "group", "card", env={"MEMBERDESK_GROUP_KEY": key})
        assert (said.exit_code, said.stdout) == (2, "")
        for language in ("zh_CN", "en"):
            assert sentence(code, {}, language) in said.stderr


def test_two_people_add_another_mall_and_type_their_pins_where_nobody_gave_them(mall: HubMall) -> None:
    done = adding(mall, keys=f"{PINS[ADMINISTRATOR]}\n{PINS[SUPERVISOR]}\n")
    assert done.exit_code == 0, done.output
    assert PINS[ADMINISTRATOR] not in done.output
    assert partners(mall) == [("M77", "银杏广场", "https://hub.example:8443", ANOTHER)]


def test_what_is_wrong_with_another_mall_is_a_sentence_and_nothing_is_added(mall: HubMall) -> None:
    wrong = {"MEMBERDESK_APPROVER_PIN": PINS[ADMINISTRATOR]}
    for said in (
        adding(mall, mall.name, **BOTH_PINS),
        adding(mall, key="xyz", **BOTH_PINS),
        adding(mall, key="zz" * 32, **BOTH_PINS),
        adding(mall, **(BOTH_PINS | wrong)),
    ):
        assert (said.exit_code, said.stdout) == (2, ""), (said.output, said.exception)
        assert len(said.stderr.splitlines()) == 2
    assert partners(mall) == []


def test_a_code_is_made_and_a_desk_stopped_and_let_go_on(mall: HubMall) -> None:
    who = ("--administrator", ADMINISTRATOR, "--approver", SUPERVISOR)
    code = typed(mall, "enrolment-code", "--desk", "K9", "--name", "九号台", "--number", "9", *who, env=BOTH_PINS)
    assert code.exit_code == 0, code.output
    desk = mall.hub_desk().desk
    only = ("--administrator", ADMINISTRATOR)
    assert typed(mall, "desk-state", "suspend", desk, *only, keys=f"{PINS[ADMINISTRATOR]}\n").exit_code == 0
    assert "suspended" in typed(mall, "desks", "--staff", SUPERVISOR).stdout
    assert typed(mall, "desk-state", "resume", desk, *who, env=BOTH_PINS).exit_code == 0
    assert "suspended" not in typed(mall, "desks", "--staff", SUPERVISOR).stdout
