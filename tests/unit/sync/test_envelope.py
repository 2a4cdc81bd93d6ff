"""The bytes of an operation, its clock, and the seal over personal data."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.enrol_member import Consent, EnrolMember
from app.ports.storage import Person
from app.sync import codec
from app.sync.envelope import (
    FIRST_HLC,
    GENESIS,
    DeskKey,
    Envelope,
    Head,
    canonical,
    clock_is_suspect,
    decoded,
    next_hlc,
    operation_hash,
    signature_is_good,
)

ENVELOPE = Envelope(
    id=uuid4(), mall="M01", desk="D1", epoch=1, sequence=7, prev=GENESIS, hlc="1795321000123-0002",
    wall_ms=1_795_321_000_123, boot="b", since_boot_ms=5, verb="redeem", version=1, policy="4", actor="1001",
    session=uuid4(), approver="2001", member_proof="pin", clock_suspect=False, body={"备注": "一", "points": 3},
)  # fmt: skip


def test_an_envelope_comes_back_as_it_went() -> None:
    assert decoded(ENVELOPE.encoded()) == ENVELOPE
    bare = replace(ENVELOPE, approver=None, session=None, member_proof=None)
    assert decoded(bare.encoded()) == bare


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_any_bit_that_changes_breaks_the_signature(place: int, bit: int) -> None:
    key = DeskKey(bytes(32))
    stored = bytearray(ENVELOPE.encoded())
    signature = key.sign(operation_hash(bytes(stored)))
    assert signature_is_good(key.public, operation_hash(bytes(stored)), signature)
    stored[place % len(stored)] ^= 1 << bit
    assert not signature_is_good(key.public, operation_hash(bytes(stored)), signature)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_envelope_are_said_to_be_none(anything: bytes) -> None:
    with pytest.raises(ValueError):
        decoded(anything)


@pytest.mark.parametrize(
    "stored", [b"[]", b"{}", b"null", b'"x"', b'{"v":2}', b'{"v":1}', canonical({"v": 1, "id": 5})]
)
def test_so_is_json_that_is_none(stored: bytes) -> None:
    with pytest.raises(ValueError):
        decoded(stored)


@given(st.lists(st.integers(0, 2 * 10**12), min_size=2, max_size=60))
def test_a_hybrid_clock_never_stands_still_and_never_goes_back(wall: list[int]) -> None:
    said = [FIRST_HLC]
    for moment in wall:
        said.append(next_hlc(said[-1], moment))
    assert all(before < after for before, after in pairwise(said))


def test_a_clock_that_stands_still_for_ten_thousand_operations_still_sorts() -> None:
    hlc = "1795321000123-9998"
    later = [hlc := next_hlc(hlc, 0) for _ in range(3)]
    assert later == ["1795321000123-9999", "1795321000124-0000", "1795321000124-0001"]


HEAD = Head(1, 5, GENESIS, "1795321000000-0000", 1_795_321_000_000, "boot", 1_000_000, clock_suspect=False)


@pytest.mark.parametrize(
    ("wall_later_ms", "boot", "since_boot_later_ms", "suspect"),
    [
        (60_000, "boot", 60_000, False),
        (60_000 + 90_000, "boot", 60_000, False),
        (60_000 + 90_001, "boot", 60_000, True),
        (60_000 - 90_001, "boot", 60_000, True),
        (86_400_000, "other", -990_000, False),  # a restart: a day off is nothing,
        (60 * 86_400_000, "other", -990_000, False),
        (60 * 86_400_000 + 1, "other", -990_000, True),  # a wrong year is
        (-300_000, "other", -990_000, False),
        (-300_001, "other", -990_000, True),
    ],
)
def test_a_clock_is_in_doubt_when_it_jumps(
    wall_later_ms: int, boot: str, since_boot_later_ms: int, *, suspect: bool
) -> None:
    wall, since = HEAD.wall_ms + wall_later_ms, HEAD.since_boot_ms + since_boot_later_ms
    assert clock_is_suspect(HEAD, wall, boot, since) is suspect
    assert clock_is_suspect(replace(HEAD, clock_suspect=True), wall, boot, since)
    assert not clock_is_suspect(replace(HEAD, sequence=0), wall, boot, since)


# -- sealed ----------------------------------------------------------------------------------------------------------

ENROL = EnrolMember(
    member=uuid4(), person=Person("李𬭚", "13800001234"), confirmed_adult=True, consents=(Consent("service"),)
)


def test_personal_data_is_sealed_and_opened_with_its_key() -> None:
    key = codec.new_subject_key()
    body = codec.body_of(ENROL)
    sealed = codec.sealed_body(ENROL, body, key)
    assert "13800001234" not in str(sealed)
    assert codec.opened_body(ENROL.id, sealed, key) == body


def test_without_its_key_it_can_never_be_read() -> None:
    sealed = codec.sealed_body(ENROL, codec.body_of(ENROL), codec.new_subject_key())
    with pytest.raises(codec.Erased):
        codec.opened_body(ENROL.id, sealed, None)
    with pytest.raises(ValueError):
        codec.opened_body(ENROL.id, sealed, os.urandom(32))


def test_a_seal_counts_in_its_own_operation_only() -> None:
    key = codec.new_subject_key()
    sealed = codec.sealed_body(ENROL, codec.body_of(ENROL), key)
    with pytest.raises(ValueError):
        codec.opened_body(uuid4(), sealed, key)
