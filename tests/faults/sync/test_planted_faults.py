"""Faults planted into the real program, one at a time: the day that the real program gets through says of each of them
that something is wrong. A test that cannot fail proves nothing (RELIABILITY.md 9.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.errors import Refused
from app.domain.mode import Mode
from app.hub import admission
from app.hub.service import Hub
from app.operations.credit_sale import CreditSale
from app.operations.redeem import Redeem, RedemptionLine
from app.sync import agent
from app.sync.codec import body_of
from app.sync.protocol import Ask, FeedRow, Push, Pushed
from db.following import place
from db.following.place import SqlFollowing
from db.hub.store import SqlHubStore
from db.repositories.requests import SqlRequests
from db.verify import verify
from db.verify.copies import verify_copy
from tests.faults.sync.arena import Counter, Day, Morning, a_day, a_morning, altered
from tests.faults.sync.served import a_sale
from tests.support.mall import CLERK

Patch = pytest.MonkeyPatch


class Wrong(Exception):
    """The suite has noticed."""


def expect(true: bool, what: str) -> None:
    if not true:
        raise Wrong(what)


@pytest.fixture(scope="module")
def morning(postgres_url: str, folder: Path) -> Iterator[Morning]:
    with a_morning(postgres_url, folder) as made:
        yield made


def the_day(day: Day, one: Counter, other: Counter) -> None:
    """Raises Wrong, or whatever the program itself has to say, where a promise is not kept."""
    for part in (
        _a_push_never_arrives,
        _replies_are_lost,
        _a_request_is_given_up,
        _work_goes_on_while_rows_come,
        _both_are_cut_off,
        _what_was_credited_offline_is_not_spent,
        _limits_are_not_given_anew,
        _a_row_is_altered,
        _somebody_signs_for_the_desk,
        _the_feed_begins_anew,
        _a_copy_grows_old,
        _an_older_store_comes_back,
        _the_books,
    ):
        part(day, one, other)
        bugs = [*one.bugs, *other.bugs]
        expect(not bugs, f"{part.__name__}: {bugs}")


def _a_push_never_arrives(day: Day, one: Counter, other: Counter) -> None:
    operation = one.do(_sale(one, 20))
    one.wire.refuse = {"push"}
    one.try_to_talk()
    one.wire.refuse = set()
    one.talk()
    expect(_times(day, operation) == 1, "what did not arrive is sent again")


def _replies_are_lost(day: Day, one: Counter, other: Counter) -> None:
    one.wire.lose = ["push"]
    one.do(_sale(one, 50))
    expect(one.try_to_talk() == "hub.no_answer", "the reply was lost")
    expect(one.usable(day.morning.member) == 1_070, "what was done here counts here")
    one.wire.refuse = {"pull"}
    one.try_to_talk()
    expect(one.link.status().mode is not Mode.REVOKED, "sent again is no fork")
    expect(one.link.following.waiting().count == 0, "it was answered")
    expect(one.usable(day.morning.member) == 1_070, "answered, but not read back: it still counts, and once")
    one.wire.refuse = set()
    one.talk()
    expect(one.usable(day.morning.member) == 1_070, "and once")


def _a_request_is_given_up(day: Day, one: Counter, other: Counter) -> None:
    redeem = Redeem(member=day.morning.member, lines=(RedemptionLine("CUP", 2, 100),))
    assert one.session is not None
    asked = one.wire.request(Ask(redeem.id, redeem.verb, body_of(redeem), CLERK, one.session))
    expect(asked.verdict == "granted", "the hub agrees")
    expect(day.account(day.morning.member)[1] == 200, "and holds the points")
    one.wire.void(redeem.id)
    expect(day.account(day.morning.member)[1] == 0, "given up, they are free again")
    one.talk()


def _work_goes_on_while_rows_come(day: Day, one: Counter, other: Counter) -> None:
    """What is done between the sending and the reading is in no row yet."""
    other.do(_sale(other, 30))
    other.talk()

    def meanwhile(row: FeedRow) -> FeedRow:
        one.wire.alter = _as_it_is
        one.do(_sale(one, 5))
        return row

    one.wire.alter = meanwhile
    one.talk(1)
    expect(one.usable(day.morning.member) == 1_105, "own work stands over what the hub says")
    one.talk()
    other.talk()


def _both_are_cut_off(day: Day, one: Counter, other: Counter) -> None:
    other.talk()
    for counter in (one, other):
        counter.cut()
        counter.redeem(day.morning.member, 6)
    one.wire.lose = ["push"]
    one.wire.is_cut = other.wire.is_cut = False
    one.try_to_talk()
    for counter in (one, other, one):
        counter.talk()
    tasks = [task.code for task in (*one.link.tasks(), *other.link.tasks())]
    expect(tasks == ["conflict.overdrawn"], f"one of them was too much: {tasks}")
    expect(other.usable(day.morning.member) == one.usable(day.morning.member) == 0, "both know")


def _what_was_credited_offline_is_not_spent(day: Day, one: Counter, other: Counter) -> None:
    one.cut()
    one.do(_sale(one, 900))
    try:
        one.redeem(day.morning.member, 3)
    except Refused as refused:
        expect(refused.code in ("offline.not_settled", "offline.member_owes"), refused.code)
    else:
        raise Wrong("spent what nobody has confirmed")
    one.mend()
    other.talk()


def _limits_are_not_given_anew(day: Day, one: Counter, other: Counter) -> None:
    one.do(_sale(one, 1_900))
    one.talk()
    other.talk()
    one.cut()
    for _ in range(2):
        one.redeem(day.morning.member, 9)  # F_m is 2,000
    one.wire.is_cut, one.wire.refuse = False, {"pull"}
    one.try_to_talk()  # sent and answered, and not read back
    expect(one.link.following.unsettled_points() == 1_800, "only what was read back is settled")
    one.wire.refuse = set()
    one.cut()
    try:
        one.redeem(day.morning.member, 3)
    except Refused as refused:
        expect(refused.code == "offline.over_member", refused.code)
    else:
        raise Wrong("beyond what the desk may")
    one.mend()
    expect(one.link.following.unsettled_points() == 0, "read back, it is settled")


def _a_row_is_altered(day: Day, one: Counter, other: Counter) -> None:
    one.do(_sale(one, 10))
    before = one.usable(day.morning.member)
    one.wire.alter = altered
    one.try_to_talk()
    one.wire.alter = _as_it_is
    expect(one.usable(day.morning.member) == before, "nobody between the two gives points away")
    expect(len(one.bugs) == 1, "and it is told")
    one.bugs.clear()
    one.talk()


def _somebody_signs_for_the_desk(day: Day, one: Counter, other: Counter) -> None:
    """With a key that is not the desk's."""
    one.cut()
    operation = one.do(_sale(one, 7))
    (sent,) = one.link.following.outbox(10)
    forged = replace(sent, signature=bytes(64))
    pushed = day.hub.push(one.name, Push((forged,)))
    expect(pushed.results[0].verdict == "quarantined", "what nobody signed is kept aside")
    expect(_times(day, operation) == 0, "and has no effect")
    one.mend()


def _the_feed_begins_anew(day: Day, *counters: Counter) -> None:
    """As after the hub was restored: what was read of the old one leads nowhere."""
    for counter in counters:
        counter.talk()
    day.store.write(
        lambda connection: connection.run(
            "UPDATE feed_head SET epoch = :epoch WHERE mall_id = :mall", epoch=uuid4(), mall=day.morning.mall
        )
    )
    for counter in counters:
        counter.talk()
        expect(len(counter.bugs) == 1, "the desk says that it does not read on in another feed")
        counter.bugs.clear()
        counter.talk()
        known = counter.link.following.feed()
        expect(known is not None and known == day.hub.pull(known.epoch, known.n, 1).feed, "and stands in the new one")


def _a_copy_grows_old(day: Day, one: Counter, other: Counter) -> None:
    other.cut()
    day.clock.advance(timedelta(hours=25))
    try:
        other.redeem(day.morning.member, 1)
    except Refused as refused:
        expect(refused.code == "offline.copy_too_old", refused.code)
    else:
        raise Wrong("a licence that ended, a copy of yesterday")
    other.mend()


def _an_older_store_comes_back(day: Day, one: Counter, other: Counter) -> None:
    """The hub has more of this desk than the desk: what it does now is another history."""
    one.mend()
    before = one.link.following.head()
    one.do(_sale(one, 11))
    one.talk()
    del one.did[-1]  # it is at the hub, and this store will know nothing of it
    rows = one.store.read(
        lambda connection: connection.rows(
            "SELECT operation_id FROM operation WHERE mall_id = :mall AND desk = :desk AND sequence > :sequence",
            mall=day.morning.mall,
            desk=one.name,
            sequence=before.sequence,
        )
    )
    expect(len(rows) == 1, "one operation")
    fork = replace_head(day, one, before)
    pushed = day.hub.push(one.name, Push((fork,)))
    expect(pushed.fork, "two histories of one desk")
    known = day.hub.known_desk(one.name)
    expect(known.must_enrol, "it is enrolled anew, and until then nothing of it is taken")


def replace_head(day: Day, one: Counter, before: Any) -> Any:
    """Another operation for the place of the last one, as a store that was put back would make it."""
    from app.sync.envelope import DeskKey, decoded, operation_hash
    from app.sync.protocol import SentOperation

    encoded = one.store.read(
        lambda connection: connection.row(
            "SELECT encoded FROM operation WHERE mall_id = :mall AND desk = :desk ORDER BY sequence DESC LIMIT 1",
            mall=day.morning.mall,
            desk=one.name,
        )
    )
    assert encoded is not None
    envelope = decoded(bytes(encoded[0]))
    sale = _sale(one, 13)
    other = replace(envelope, id=sale.id, body=body_of(sale), prev=before.hash).encoded()
    return SentOperation(other, DeskKey(day.morning.seeds[one.name]).sign(operation_hash(other)))


def _the_books(day: Day, one: Counter, other: Counter) -> None:
    mall = day.morning.mall
    other.talk()
    for counter in (one, other):
        expect(counter.bugs == [], f"{counter.bugs}")
        for operation in counter.did:
            expect(_times(day, operation) == 1, f"{operation} of {counter.name} is at the hub once")
        found = verify_copy(counter.store, mall, counter.name)
        expect(found == [], f"{counter.name}: {[str(each) for each in found]}")
    stands = other.store.read(
        lambda connection: connection.row(
            "SELECT posted, held, owed FROM account WHERE mall_id = :mall AND account = :member",
            mall=mall,
            member=day.morning.member,
        )
    )
    expect(stands is not None and tuple(stands) == day.account(day.morning.member), "the desk shows what the hub says")
    found = verify(day.store, mall)
    expect(found == [], f"{[str(each) for each in found]}")


def _sale(counter: Counter, points: int) -> CreditSale:
    return replace(a_sale(counter.day.morning.member, points), sold_at=counter.day.clock.now - timedelta(hours=1))


def _as_it_is(row: FeedRow) -> FeedRow:
    return row


def _times(day: Day, operation: Any) -> int:
    return day.one("SELECT count(*) FROM feed WHERE mall_id = :mall AND operation_id = :operation", operation=operation)


# -- the faults ------------------------------------------------------------------------------------------------------


def sent_again_counts_as_new(patch: Patch) -> None:
    patch.setattr(admission.Desk, "_known", lambda *_: None)


def a_row_is_skipped(patch: Patch) -> None:
    whole = SqlFollowing._row

    def row(self: Any, connection: Any, images: Any, row: FeedRow) -> None:
        if row.desk == self._desk or row.n % 2:
            whole(self, connection, images, row)

    patch.setattr(SqlFollowing, "_row", row)


def rows_are_read_with_a_hole(patch: Patch) -> None:
    """As a reader of numbers that were given before the commit does."""
    whole = SqlHubStore.rows
    patch.setattr(
        SqlHubStore, "rows", lambda self, after, limit: tuple(r for r in whole(self, after, limit) if r.n % 7)
    )


def the_chain_is_not_checked(patch: Patch) -> None:
    patch.setattr(FeedRow, "follows", lambda self, before: self.n == before.n + 1)


def sent_is_done(patch: Patch) -> None:
    """The outbox is marked when it was tried, as a program does that never lost a reply."""
    whole = SqlFollowing.outbox

    def outbox(self: Any, limit: int) -> Any:
        from app.sync.envelope import decoded

        operations = whole(self, limit)
        self.note_pushed([Pushed(decoded(sent.encoded).id, "ok") for sent in operations])
        return operations

    patch.setattr(SqlFollowing, "outbox", outbox)
    patch.setattr(SqlFollowing, "resend_after", lambda *_: None)


def a_fork_is_taken_for_a_reply_that_was_lost(patch: Patch) -> None:
    """Whatever stands at its place already is its answer."""

    def known(self: Any, transaction: Any, opening: Any, envelope: Any, digest: bytes) -> Any:
        return transaction.at(envelope.epoch, envelope.sequence)

    patch.setattr(admission.Desk, "_known", known)


def what_was_given_up_stays_held(patch: Patch) -> None:
    patch.setattr(SqlRequests, "_let_go", lambda *_: None)


def an_answer_counts_before_its_row(patch: Patch) -> None:
    """What the hub answered is settled, though the image that has it in was not read yet."""

    def note(self: Any, results: Sequence[Pushed]) -> None:
        def write(connection: Any) -> None:
            for result in results:
                place._note(connection, self._mall, result.id, result.verdict, result.code, result.n, pulled=True)
            images = self._images(connection)
            for result in results:
                images.settled(result.id, result.n or 0)
            images.finish()

        self._store.write(write)

    patch.setattr(SqlFollowing, "note_pushed", note)


def another_feed_is_read_on(patch: Patch) -> None:
    """The number alone says where to go on."""
    whole = Hub.pull
    patch.setattr(Hub, "pull", lambda self, epoch, after, limit: whole(self, self._store.head().epoch, after, limit))


def limits_begin_anew_in_contact(patch: Patch) -> None:
    whole = agent.SyncAgent._hello

    def hello(self: Any) -> None:
        whole(self)
        self._following._store.write(lambda connection: connection.run("DELETE FROM floor_use"))

    patch.setattr(agent.SyncAgent, "_hello", hello)


def a_fact_is_refused(patch: Patch) -> None:
    def take(operation: Any, work: Any, noted: Any = ()) -> Any:
        from app.sync import codec

        work_facts = codec.facts_of(operation.apply(work))
        if work.conflicts:
            raise Refused("points.not_enough", usable=0, missing=1)
        return work_facts

    patch.setattr(admission, "take_effect", take)


def any_signature_will_do(patch: Patch) -> None:
    patch.setattr(admission, "signature_is_good", lambda *_: True)


def an_old_copy_is_as_good_as_a_new_one(patch: Patch) -> None:
    whole = agent.SyncAgent.standing

    def standing(self: Any) -> Any:
        facts = whole(self)
        limits = replace(facts.limits, not_after_ms=2**60) if facts.limits else None
        return replace(facts, copy_age_ms=0, limits=limits)

    patch.setattr(agent.SyncAgent, "standing", standing)


def what_was_credited_here_is_spendable(patch: Patch) -> None:
    whole = place.floor_facts

    def facts(*asked: Any) -> Any:
        return replace(whole(*asked), unsettled_credit=0, owes=False)

    from db import work

    patch.setattr(place, "floor_facts", facts)
    if hasattr(work, "floor_facts"):
        patch.setattr(work, "floor_facts", facts)


def own_work_is_forgotten_under_an_image(patch: Patch) -> None:
    from db.following.images import Images

    patch.setattr(Images, "_effects", lambda *_: [])


# Each with what the suite says of it.
FAULTS: Mapping[Callable[[Patch], None], str] = {
    sent_again_counts_as_new: "sent again is no fork",
    a_row_is_skipped: "both know",
    rows_are_read_with_a_hole: "FeedBroken",
    the_chain_is_not_checked: "and it is told",
    sent_is_done: "what did not arrive is sent again",
    a_fork_is_taken_for_a_reply_that_was_lost: "two histories of one desk",
    what_was_given_up_stays_held: "given up, they are free again",
    an_answer_counts_before_its_row: "answered, but not read back",
    another_feed_is_read_on: "does not read on in another feed",
    limits_begin_anew_in_contact: "only what was read back is settled",
    a_fact_is_refused: "points.not_enough",
    any_signature_will_do: "what nobody signed is kept aside",
    an_old_copy_is_as_good_as_a_new_one: "a copy of yesterday",
    what_was_credited_here_is_spendable: "spent what nobody has confirmed",
    own_work_is_forgotten_under_an_image: "what was done here counts here",
}


def test_the_program_as_it_is_gets_through_the_day(morning: Morning, tmp_path: Path) -> None:
    with a_day(morning, tmp_path) as (day, one, other):
        the_day(day, one, other)


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_each_planted_fault_is_noticed(
    morning: Morning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Patch], None]
) -> None:
    plant(monkeypatch)
    with a_day(morning, tmp_path) as (day, one, other):
        with pytest.raises((Wrong, Refused)) as noticed:
            the_day(day, one, other)
    assert FAULTS[plant] in str(noticed.value)
