"""A desk with its real file, and the hub behind uvicorn: lost and wiped, copied and found out, too old, given up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.composition import following
from app.composition.desk import Desk, back_up, open_desk
from app.composition.following import enrol_desk, renew
from app.composition.wiping import wiped
from app.domain.enrolment_code import code_hash, new_enrolment_code
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Mode
from app.domain.offline_rules import OfflineRules
from app.hub.service import Program
from app.operations.base import Operation
from app.operations.open_enrolment import OpenEnrolment
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.retire_desk import RetireDesk
from app.operations.set_offline_rules import SetOfflineRules
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.operations.suspend_desk import SuspendDesk
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import SystemClock
from app.settings import Home
from app.sync.agent import SyncAgent
from app.sync.http import HubClient
from app.sync.protocol import Push, PushReply
from tests.story.test_desk_and_hub_over_http import Served, enrolled, until
from tests.support.hub import ADMINISTRATOR, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, CLERK, PINS, SUPERVISOR


@pytest.fixture
def served(fresh_postgres: str) -> Iterator[Served]:
    with a_hub(fresh_postgres, clock=SystemClock()) as mall:
        made = Served(mall)
        yield made
        made.stop()


def as_hub(mall: HubMall, operation: ReportDeskLost | RetireDesk | SuspendDesk) -> None:
    mall.hub.authority.submit_as_system(operation)


def sign_in(desk: Desk, staff: str = CLERK) -> SignIn:
    signed_in = SignIn(staff=staff)
    desk.authority.submit(Submission((signed_in,), None, pin=PINS[staff]))
    return signed_in


def files_of(home: Home) -> set[str]:
    return {path.relative_to(home.folder).as_posix() for path in home.folder.rglob("*") if path.is_file()}


def aside(mall: HubMall) -> int:
    return mall.count("op_quarantine")


def test_a_lost_desk_destroys_its_store_its_key_and_every_copy_at_the_next_contact(
    served: Served, tmp_path: Path
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    home, secret = desk.home, desk.home.folder / "keys" / "store"
    back_up(home)
    shutil.copy(home.store_file, home.store_file.with_name("store.db.replaced-20261122T000000Z"))
    key = secret.read_text()
    assert any(name.startswith("backups/") for name in files_of(home))
    session = sign_in(desk).id
    desk.authority.submit(Submission((SignOut(),), session))
    as_hub(served.mall, ReportDeskLost(desk="K1"))
    gone: list[bool] = []
    assert desk.link is not None
    desk.link.gone = lambda: gone.append(True)
    desk.link.start()
    until(lambda: bool(gone))
    left = files_of(home)
    assert not any(name.startswith(("store.db", "backups/", "keys/", "desk.json")) for name in left), left
    assert not any(key.encode() in (home.folder / name).read_bytes() for name in left)
    assert aside(served.mall) == 2, "what it still had is kept for a person to look at, and counts for nothing"
    with pytest.raises(Unavailable) as closed:
        desk.queries.staff()
    assert closed.value.code == "store.closed"
    desk.close()
    found = wiped(home)
    assert found is not None
    assert found.desk == "K1"
    assert not home.is_set_up()
    again = enrolled(served, "K1", 11, tmp_path)
    assert wiped(home) is None, "it is a desk again"
    again.close()
    served.mall.checked()


def test_a_lost_desk_whose_line_is_cut_in_that_moment_wipes_itself_when_it_is_started_again(
    served: Served, tmp_path: Path
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    home = desk.home
    assert desk.link is not None
    desk.link.following.put(state="lost")  # the order had come, and nothing after it
    desk.close()
    served.stop()
    desk = open_desk(home, pins=CHEAP_PINS)
    gone: list[bool] = []
    assert desk.link is not None
    desk.link.gone = lambda: gone.append(True)
    desk.link.start()
    until(lambda: bool(gone))
    assert not home.store_file.exists()
    desk.close()
    served.start()


def test_a_wipe_that_was_stopped_half_way_goes_on_at_the_next_start(served: Served, tmp_path: Path) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    home = desk.home
    desk.close()
    home.wiped_file.write_text('{"desk": "K1", "keys": "file", "at": "2026-11-22T06:00:00+00:00"}')
    with pytest.raises(Unavailable) as gone:  # whatever the start is for: a window, a line on stdin, a command
        open_desk(home)
    assert gone.value.code == "desk.wiped"
    assert wiped(home) is not None
    assert not home.store_file.exists()
    assert not home.is_set_up()


def test_a_suspended_desk_sends_what_it_did_and_may_do_nothing_until_it_is_resumed(
    served: Served, tmp_path: Path
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    assert desk.link is not None
    session = sign_in(desk).id
    as_hub(served.mall, SuspendDesk(desk="K1"))
    desk.link.agent.once()
    assert desk.link.status().mode is Mode.REVOKED
    assert desk.link.status().unsent == 0
    assert desk.link.agent.standing().limits is None, "its licence ended at once"
    home = desk.home
    desk.close()
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    assert desk.link.agent.standing().limits is None, "also for a run that never reached the hub"
    with pytest.raises(Refused) as stopped:
        desk.authority.submit(Submission((served.mall.enrolment("李静"),), session))
    assert stopped.value.code == "hub.revoked"
    desk.close()


def test_a_retired_desk_hands_in_what_it_has_says_so_and_may_enrol_again(served: Served, tmp_path: Path) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    home = desk.home
    assert desk.link is not None
    sign_in(desk)
    as_hub(served.mall, RetireDesk(desk="K1"))
    desk.link.agent.once()
    assert (desk.link.status().mode, desk.link.status().trouble) == (Mode.REVOKED, "hub.retired")
    assert (desk.link.status().unsent, aside(served.mall)) == (0, 1), "kept for a person to look at, and counts not"
    with pytest.raises(Refused) as retired:
        sign_in(desk, SUPERVISOR)
        desk.authority.submit(Submission((served.mall.enrolment("李静"),), sign_in(desk).id))
    assert retired.value.code == "hub.revoked"
    assert home.store_file.exists(), "only a lost one is destroyed from afar"
    desk.close()
    renew(home, served.mall.code("K1", 11))
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    desk.link.agent.once()
    assert (desk.link.status().mode, desk.link.status().trouble) == (Mode.ONLINE, None)
    desk.authority.submit(Submission((served.mall.enrolment("李静"),), sign_in(desk).id))
    desk.link.agent.once()
    assert desk.link.status().unsent == 0
    desk.close()
    served.mall.checked()


def test_a_copied_file_that_went_on_is_found_out_counted_and_enrolled_anew(served: Served, tmp_path: Path) -> None:
    """Copied, worked with, put back, worked with again, and only then the hub: two histories of one desk."""
    desk = enrolled(served, "K1", 11, tmp_path)
    home = desk.home
    desk.close()
    copy = home.store_file.read_bytes()
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    first = sign_in(desk)
    desk.link.agent.once()
    desk.close()
    for suffix in ("-wal", "-shm"):
        home.store_file.with_name(home.store_file.name + suffix).unlink(missing_ok=True)
    home.store_file.write_bytes(copy)
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    other = sign_in(desk)
    desk.authority.submit(Submission((served.mall.enrolment("王小明"),), other.id))
    assert desk.link.status().mode is not Mode.ONLINE
    desk.link.agent.once()
    assert (desk.link.status().mode, desk.link.status().trouble) == (Mode.REVOKED, "hub.re_enrol")
    (row,) = [row for row in served.mall.hub_store.desks(ADMINISTRATOR, datetime.now(UTC)).rows if row.desk == "K1"]
    assert (row.state, row.why, row.must_enrol, row.unsent) == ("suspended", "hub.found_fork", True, 2)
    desk.close()
    assert renew(home, served.mall.code("K1", 11)) == 2, "the loss is counted: what the hub never had of this history"
    desk = open_desk(home, pins=CHEAP_PINS)
    assert desk.link is not None
    sign_in(desk)
    desk.link.agent.once()
    assert (desk.link.status().unsent, desk.link.status().trouble) == (0, None)
    log = served.mall.store.read(
        lambda connection: connection.rows(
            "SELECT epoch, sequence, operation_id FROM operation WHERE mall_id = :mall AND desk = 'K1' "
            "ORDER BY epoch, sequence",
            mall=served.mall.name,
        )
    )
    assert [(epoch, sequence) for epoch, sequence, _ in log] == [(1, 1), (2, 1)]
    assert log[0][2] == first.id, "the history that came first stands"
    desk.close()
    served.mall.checked()


def test_a_desk_that_is_enrolled_anew_is_so_though_the_line_breaks_in_the_next_moment(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    desk.close()

    def cut(_: SyncAgent) -> None:
        raise Unavailable("hub.unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(SyncAgent, "once", cut)
        assert renew(desk.home, served.mall.code("K1", 11)) == 0
        desk = open_desk(desk.home, pins=CHEAP_PINS)
        assert desk.link is not None
        assert desk.link.status().mode is Mode.STALE, "what it had sent before is in none of its figures"
        desk.close()
    assert renew(desk.home, served.mall.code("K1", 11)) == 0, "and once more: nothing was done in between"
    desk = open_desk(desk.home, pins=CHEAP_PINS)
    assert desk.link is not None
    sign_in(desk)
    desk.link.agent.once()
    assert (desk.link.status().unsent, desk.link.status().trouble) == (0, None)
    desk.close()
    served.mall.checked()


def test_what_is_unsent_is_handed_in_first_also_where_the_hub_is_in_trouble_at_that_moment(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    sign_in(desk)
    desk.close()
    code = served.mall.code("K1", 11)

    def no_database(_: HubClient, push: Push) -> PushReply:
        raise Unavailable("hub.trouble")

    with monkeypatch.context() as patch:
        patch.setattr(HubClient, "push", no_database)
        with pytest.raises(Unavailable):
            renew(desk.home, code)
    assert renew(desk.home, code) == 0, "nothing is lost"
    served.mall.checked()


def test_of_a_store_and_its_clone_only_the_one_that_enrols_anew_is_known_any_more(
    served: Served, tmp_path: Path
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    desk.close()
    clone = Home(tmp_path / "clone")
    shutil.copytree(desk.home.folder, clone.folder)
    desk = open_desk(desk.home, pins=CHEAP_PINS)
    sign_in(desk)
    assert desk.link is not None
    desk.link.agent.once()
    twin = open_desk(clone, pins=CHEAP_PINS)
    assert twin.link is not None
    twin.link.agent.once()
    assert twin.link.status().trouble == "hub.re_enrol"
    desk.link.agent._known = desk.link.agent._known.__class__()  # its next hello is due
    desk.link.agent.once()
    assert desk.link.status().mode is Mode.REVOKED, "which of the two is the desk, a person has to say"
    desk.close()
    renew(desk.home, served.mall.code("K1", 11))
    with pytest.raises(Unavailable) as stranger:
        twin.link.agent._hello()
    assert stranger.value.code == "hub.not_recognised"
    twin.close()


def test_a_program_that_is_too_old_goes_on_crediting_and_loses_its_licence(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enrolled(served, "K1", 11, tmp_path)
    session = sign_in(desk).id
    assert desk.link is not None
    monkeypatch.setattr(served.mall.hub, "_program", Program("2.0", oldest="1.5"))
    desk.link.agent.once()
    desk.link.agent._known = desk.link.agent._known.__class__()
    desk.link.agent.once()
    assert (desk.link.status().mode, desk.link.status().trouble) == (Mode.UNREADABLE, "hub.program_old")
    assert desk.link.agent.standing().limits is None
    member = served.mall.enrolment("王小明")
    desk.authority.submit(Submission((member,), session))
    with pytest.raises(Refused):
        desk.authority.submit(Submission((served.mall.redemption(member.member),), session))
    desk.close()


def test_a_program_that_is_newer_than_the_hub_writes_nothing_that_the_hub_cannot_read(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PROGRAM", "9.0")
    monkeypatch.setattr("app.hub.service.readable", lambda: {"sign_in": (1,), "sign_out": (1,)})
    desk = enrolled(served, "K1", 11, tmp_path)
    session = sign_in(desk).id
    with pytest.raises(Refused) as older:
        desk.authority.submit(Submission((served.mall.enrolment("李静"),), session))
    assert older.value.code == "hub.program_older"
    assert desk.link is not None
    desk.link.agent.once()
    assert desk.link.status().unsent == 0
    assert aside(served.mall) == 0
    desk.close()


def test_the_keys_of_a_desk_are_written_over_before_they_are_unlinked(tmp_path: Path) -> None:
    from app.keys import FileKeys

    keys = FileKeys(tmp_path)
    keys.put("store", b"\x11" * 32)
    held = os.open(tmp_path / "store", os.O_RDONLY)
    keys.forget("store")
    assert set(os.read(held, 100)) == {ord("0")}
    os.close(held)


def test_the_administrator_at_one_desk_stops_another_and_changes_what_both_may_do_cut_off(
    served: Served, tmp_path: Path
) -> None:
    office, other = (enrolled(served, name, at, tmp_path) for name, at in (("K1", 11), ("K2", 12)))
    assert office.link is not None
    assert other.link is not None
    office.link.start()
    until(lambda: office.link is not None and office.link.status().mode is Mode.ONLINE)
    session = sign_in(office, ADMINISTRATOR).id
    approval = ApprovalGiven(SUPERVISOR, PINS[SUPERVISOR])

    def decide(*operations: Operation, second: ApprovalGiven | None = approval) -> None:
        office.authority.submit(Submission(operations, session, second, pin=PINS[ADMINISTRATOR]))
        until(lambda: office.link is not None and office.link.following.waiting().count == 0)

    with pytest.raises(Refused) as alone:
        decide(SetOfflineRules(rules=OfflineRules(per_member=700, per_redemption=700)), second=None)
    assert alone.value.code == "approval.required"
    decide(SetOfflineRules(rules=OfflineRules(per_member=700, per_redemption=700)))
    office.link.hurry()
    until(lambda: office.queries.offline_rules().per_member == 700)
    other.link.agent.once()
    limits = other.link.agent.standing().limits
    assert limits is not None
    assert (limits.per_redemption, limits.per_member, limits.per_desk) == (700, 700, 50_000)
    decide(SuspendDesk(desk="K2"), second=None)
    other.link.agent._known = replace(other.link.agent._known, answered_ms=None)  # its next hello is due
    other.link.agent.once()
    assert other.link.status().mode is Mode.REVOKED
    stand = {row.desk: row for row in office.link.desks().rows}
    assert (stand["K1"].state, stand["K2"].state, stand["K2"].why) == ("active", "suspended", "by_a_person")
    code = new_enrolment_code()
    decide(OpenEnrolment(desk="K3", name="三楼", number=13, code_hash=code_hash(code)))
    third = enrol_desk(Home(tmp_path / "K3"), served.url, code, keys_kind="file", pins=CHEAP_PINS)
    assert third.settings.desk == "K3"
    for desk in (office, other, third):
        desk.close()
    served.mall.checked()
