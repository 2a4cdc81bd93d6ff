"""An approval without the hub, proved to it afterwards: signed with card and PIN, forged, moved, revoked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.operations.end_approval_card import EndApprovalCard
from app.operations.give_approval_card import GiveApprovalCard
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.redeem import Redeem
from app.operations.set_up import ChangeSetting
from app.sync.approvals import digest_to_approve, new_approval_key
from app.sync.envelope import DeskKey, Envelope, decoded, operation_hash
from app.sync.protocol import Place, Pushed, SentOperation
from tests.support.hub import ADMINISTRATOR, DeskOfHub, HubMall, a_hub
from tests.support.mall import CHEAP_PINS, OTHER_SUPERVISOR, PINS, SUPERVISOR

FLOOR = {"right": "floor"}


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres) as made:
        yield made


class Approving:
    """A desk that is cut off, and a supervisor with a card."""

    def __init__(self, mall: HubMall) -> None:
        self.mall = mall
        self.desk: DeskOfHub = mall.hub_desk()
        self.key = DeskKey(os.urandom(32))
        self.give(self.key)
        self.desk.do(ReceiveStock(lines=(StockLine("CUP", 50),)))
        self.member = self.desk.member(2_000)

    def give(self, key: DeskKey, staff: str = SUPERVISOR) -> None:
        sealed = new_approval_key(CHEAP_PINS, staff, PINS[staff], os.urandom(16)).sealed
        card = GiveApprovalCard(staff=staff, public_key=key.public.hex(), sealed_key=sealed.hex())
        self.desk.sign_in(ADMINISTRATOR)
        self.mall.hub.request(self.desk.desk, self.desk.ask(card, by=ADMINISTRATOR, approver=staff))
        assert self.desk.do(card, by=ADMINISTRATOR, approved_by=staff).verdict == "ok"
        self.desk.sign_in()

    def made(self, *, cups: int = 1, **changed: Any) -> Envelope:
        asked: Redeem = self.mall.redemption(self.member, "CUP", cups)
        sent = self.desk.make(asked, **{"basis": FLOOR, **changed})
        return decoded(sent.encoded)

    def push(self, envelope: Envelope) -> Pushed:
        encoded = envelope.encoded()
        digest = operation_hash(encoded)
        self.desk.head = Place(envelope.epoch, envelope.sequence, digest)
        return self.desk.push(SentOperation(encoded, self.desk.key.sign(digest))).results[0]

    def signed(self, envelope: Envelope, key: DeskKey | None = None) -> Envelope:
        return replace(envelope, approval_signature=(key or self.key).sign(digest_to_approve(envelope)))


@pytest.fixture
def approving(mall: HubMall) -> Approving:
    return Approving(mall)


def is_doubted(pushed: Pushed) -> bool:
    return pushed.facts.get("conflicts") == ["conflict.approver_invalid"]


def test_signed_with_the_card_it_stands_for_the_hub_and_for_verify(approving: Approving) -> None:
    assert approving.push(approving.signed(approving.made())).verdict == "ok"
    approving.mall.checked()


def test_whoever_has_a_card_does_not_approve_by_pin_alone(approving: Approving) -> None:
    assert is_doubted(approving.push(approving.made()))
    approving.mall.checked()


def test_whoever_has_none_does_until_the_mall_wants_cards_only(approving: Approving) -> None:
    assert approving.push(approving.made(approved_by=OTHER_SUPERVISOR)).verdict == "ok"
    approving.mall.hub.authority.submit_as_system(ChangeSetting(name="offline_approval_card", value="1"))
    assert is_doubted(approving.push(approving.made(approved_by=OTHER_SUPERVISOR, policy="1")))
    approving.mall.checked()


def test_a_forged_signature_is_found(approving: Approving) -> None:
    assert is_doubted(approving.push(approving.signed(approving.made(), DeskKey(os.urandom(32)))))
    approving.mall.checked()


def test_a_signature_is_not_moved_to_another_amount_or_another_time(approving: Approving) -> None:
    approved = approving.signed(approving.made(cups=1))
    assert approving.push(approved).verdict == "ok"
    again = replace(approving.made(cups=3), approval_signature=approved.approval_signature)
    assert is_doubted(approving.push(again)), "more cups"
    later = replace(approving.made(cups=1), approval_signature=approved.approval_signature)
    assert is_doubted(approving.push(later)), "the same once more"
    other = replace(
        approving.made(cups=1, approved_by=OTHER_SUPERVISOR), approval_signature=approved.approval_signature
    )
    assert is_doubted(approving.push(other)), "another approver"
    approving.mall.checked()


def test_a_desk_that_only_says_it_had_asked_is_taken_to_have_been_cut_off(approving: Approving) -> None:
    assert is_doubted(approving.push(approving.made(basis={"right": "online"})))
    assert is_doubted(approving.push(approving.made(basis=None)))
    assert is_doubted(approving.push(approving.made(approved_by=None)))
    asked = approving.mall.redemption(approving.member)
    approving.mall.hub.request(approving.desk.desk, approving.desk.ask(asked))
    assert approving.desk.do(asked, basis={"right": "online"}, approved_by=None).verdict == "ok"
    approving.mall.checked()


def test_a_card_that_was_ended_before_proves_nothing_one_ended_after_does(approving: Approving) -> None:
    before = approving.signed(approving.made())
    assert approving.push(before).verdict == "ok"
    approving.mall.clock.advance(timedelta(minutes=1))
    ended = EndApprovalCard(staff=SUPERVISOR, reason="lost")
    other = approving.mall.hub_desk()
    other.sign_in(OTHER_SUPERVISOR)
    approving.mall.clock.advance(timedelta(minutes=1))
    late = approving.signed(approving.made())
    approving.mall.clock.advance(timedelta(minutes=1))
    assert other.do(ended, by=OTHER_SUPERVISOR).verdict == "ok"
    assert approving.push(late).verdict == "ok", "approved a minute before it was reported lost, sent later"
    approving.mall.clock.advance(timedelta(minutes=1))
    assert is_doubted(approving.push(approving.signed(approving.made())))
    approving.mall.checked()


def test_a_new_card_ends_the_one_before(approving: Approving) -> None:
    approving.mall.clock.advance(timedelta(minutes=1))
    newer = DeskKey(os.urandom(32))
    approving.give(newer)
    approving.mall.clock.advance(timedelta(minutes=1))
    assert is_doubted(approving.push(approving.signed(approving.made())))
    assert approving.push(approving.signed(approving.made(), newer)).verdict == "ok"
    approving.mall.checked()
