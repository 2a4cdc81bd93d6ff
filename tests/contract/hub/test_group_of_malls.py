"""Two malls of a group, each with its own database and hub: a member of one redeems at the other, once, whatever the
line between the hubs does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domain.errors import Unavailable
from app.sync.group import AskDirectory, PartnerClient
from app.sync.http import HubClient
from app.sync.hub import HUB_DESK
from app.sync.protocol import Lookup, Void
from tests.support.group import PHONE, Malls, two_malls
from tests.support.mall import CLERK, SUPERVISOR, refused
from tests.support.stores import a_database


@pytest.fixture
def malls(postgres_url: str, newest_schema: str, fresh_postgres: str) -> Iterator[Malls]:
    with two_malls(fresh_postgres, a_database(postgres_url, newest_schema)) as made:
        yield made


def test_a_member_of_another_mall_is_found_by_the_directory_and_shown_masked(malls: Malls) -> None:
    hub, desk = malls.guest.mall.hub, malls.desk
    assert desk.session is not None
    found = hub.lookup(hub.known_desk(desk.desk), Lookup(CLERK, desk.session, phone=PHONE))
    assert found.guest is not None
    guest = found.guest
    assert (guest.home, guest.member, guest.usable) == (malls.home.mall.name, malls.member, 500)
    assert (guest.name, guest.phone, guest.home_name) == ("李*", "138****1234", "北区店")
    with refused("member.unknown"):
        hub.lookup(hub.known_desk(desk.desk), Lookup(CLERK, desk.session, phone="13900009999"))
    assert malls.line.said.count("find") == 1, "whom the directory does not know, nobody is asked about"
    rows = [row.verb for row in malls.home.mall.rows()]
    assert rows[-1] == "record_lookup", "and their home has it on record"
    malls.checked()


def test_points_are_held_at_home_the_gift_leaves_here_and_both_books_say_the_same(malls: Malls) -> None:
    operation = malls.redemption(2)
    asked = malls.ask(operation)
    assert (asked.verdict, malls.home.mall.points(malls.member).held) == ("granted", 200)
    assert malls.desk.do(operation, approved_by=SUPERVISOR).verdict == "ok"
    assert malls.guest.mall.stock("CUP", malls.desk.desk) == (8, 0)
    malls.settle_both()
    account = malls.home.mall.points(malls.member)
    assert (account.posted, account.held, account.owed) == (300, 0, 0)
    assert malls.home.of_mall(malls.guest) == 200, "home owes the guest mall"
    assert malls.guest.of_mall(malls.home) == -200, "and the guest mall has it coming"
    malls.checked()


@pytest.mark.parametrize("lost", [1, 2])
def test_replies_that_are_lost_are_asked_for_again_and_count_once(malls: Malls, lost: int) -> None:
    operation = malls.redemption()
    malls.line.lost = lost
    for _ in range(lost):
        asked = malls.ask(operation)
        assert (asked.verdict, asked.code) == ("refused", "group.unreachable")
    assert malls.ask(operation).verdict == "granted"
    assert malls.home.mall.points(malls.member).held == 100
    malls.desk.do(operation, approved_by=SUPERVISOR)
    malls.line.lost = lost
    for _ in range(lost + 2):
        malls.guest.settle()
    assert malls.line.said.count("post") == lost + 1
    account = malls.home.mall.points(malls.member)
    assert (account.posted, account.held) == (400, 0)
    assert malls.home.of_mall(malls.guest) == 100
    malls.checked()


def test_what_is_given_up_is_free_again_at_home(malls: Malls) -> None:
    operation = malls.redemption()
    malls.ask(operation)
    malls.guest.mall.hub.void(malls.desk.desk, Void(operation.id))
    malls.line.lost = 1
    malls.guest.settle()
    malls.guest.settle()
    assert malls.home.mall.points(malls.member).held == 0
    assert malls.guest.mall.stock("CUP", malls.desk.desk) == (10, 0)
    assert malls.ask(operation).verdict == "granted", "asked anew under the same id, it is held anew"
    assert malls.home.mall.points(malls.member).held == 100
    malls.checked()


def test_a_guest_is_served_while_their_home_answers_and_with_what_they_have(malls: Malls) -> None:
    short = malls.ask(malls.redemption(6))
    assert (short.verdict, short.code, short.facts["missing"]) == ("refused", "points.not_enough", 100)
    malls.line.cut = True
    hub, desk = malls.guest.mall.hub, malls.desk
    assert desk.session is not None
    with refused("group.unreachable", mall="北区店"):
        hub.lookup(hub.known_desk(desk.desk), Lookup(CLERK, desk.session, phone=PHONE))
    asked = malls.ask(malls.redemption())
    assert (asked.verdict, asked.code, asked.facts["mall"]) == ("refused", "group.unreachable", "北区店")
    cut_off = malls.redemption()
    pushed = malls.desk.do(cut_off, approved_by=SUPERVISOR)
    assert pushed.code == "conflict.not_granted", "a desk that does it all the same has done nothing"
    malls.line.cut = False
    malls.guest.settle()
    assert malls.home.mall.usable(malls.member) == 500
    malls.checked()


def test_a_home_that_was_put_back_is_told_again(malls: Malls) -> None:
    """What the guest mall had posted there in another epoch of its feed may be lost; the same post counts once."""
    operation = malls.redemption()
    malls.ask(operation)
    malls.desk.do(operation, approved_by=SUPERVISOR)
    malls.settle_both()
    malls.home.mall.store.write(
        lambda connection: connection.run(
            "UPDATE feed_head SET epoch = gen_random_uuid() WHERE mall_id = :mall", mall=malls.home.mall.name
        )
    )
    for _ in range(3):
        malls.guest.settle()
    assert malls.line.said.count("post") == 2
    assert malls.home.mall.points(malls.member).posted == 400
    malls.checked()


def test_only_the_hub_of_a_mall_that_was_added_is_heard(malls: Malls) -> None:
    stranger = HubClient(
        malls.home.served.url,
        mall="M-OTHER",
        desk=HUB_DESK,
        key=malls.guest.mall.hub.key,
        hub_key=bytes(32),
        clock=malls.guest.mall.clock,
        ca=None,
    )
    forged = HubClient(
        malls.home.served.url,
        mall=malls.guest.mall.name,
        desk=HUB_DESK,
        key=malls.home.mall.hub.key,
        hub_key=bytes(32),
        clock=malls.guest.mall.clock,
        ca=None,
    )
    for client in (stranger, forged):
        with pytest.raises(Unavailable) as not_heard:
            PartnerClient(client).directory(AskDirectory())
        assert not_heard.value.code == "hub.not_recognised"
        client.close()
