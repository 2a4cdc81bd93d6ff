"""Members in short, by columns, and the hashes they are found by."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Refused
from app.sync.images import Keying, keyed
from app.sync.protocol import SnapshotLine, ThinMembers, from_json, to_json

hashes = st.binary(min_size=32, max_size=32).filter(any)
states = st.sampled_from(["active", "frozen", "closed"])
rows = st.lists(
    st.tuples(
        st.binary(min_size=16, max_size=16),
        st.sampled_from(["bronze", "gold"]),
        states,
        st.integers(0, 2**40),
        st.none() | hashes,
        st.lists(st.tuples(hashes, states), max_size=3),
    ),
    max_size=5,
)


@given(rows)
def test_what_is_packed_by_columns_comes_out_row_by_row(
    members: list[tuple[bytes, str, str, int, bytes | None, list[tuple[bytes, str]]]],
) -> None:
    there = from_json(SnapshotLine, {"thin": to_json(ThinMembers.of(members))}).thin
    assert there is not None
    assert len(there) == len(members)
    assert list(there.rows()) == [row[:5] for row in members]
    assert list(there.card_rows()) == [(digest, row[0], state) for row in members for digest, state in row[5]]


@pytest.mark.parametrize(
    "damage",
    [{"tiers": ["gold", "gold"]}, {"members": ""}, {"phones": "AAAA"}, {"holders": [1]}, {"card_states": []}],
)
def test_columns_that_do_not_belong_together_are_no_line(damage: dict[str, object]) -> None:
    whole = to_json(ThinMembers.of([(uuid4().bytes, "gold", "active", 5, None, [(bytes(32), "issued")])]))
    with pytest.raises(Refused, match=r"protocol\.unreadable"):
        from_json(SnapshotLine, {"thin": {**whole, **damage}})


@given(st.binary(min_size=1, max_size=64), st.text(max_size=20))
def test_a_million_are_hashed_as_one_is(key: bytes, value: str) -> None:
    assert Keying(key)("phone", value) == keyed(key, "phone", value)


def test_members_without_a_telephone_have_none() -> None:
    member = os.urandom(16)
    assert list(ThinMembers.of([(member, "gold", "active", 5, None, ())]).rows()) == [
        (member, "gold", "active", 5, None)
    ]
