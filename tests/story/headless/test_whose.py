"""What belongs to one person's session stays with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.story.headless.counter import CLERK, SUPERVISOR, Counter
from tests.story.headless.test_bad_lines import MEMBER, a_member, signed_in


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(f"sqlite:///{tmp_path}/store.db")
    yield counter
    counter.close()


def test_nobody_learns_anothers_session_from_the_list_of_operations(counter: Counter) -> None:
    supervisors, clerks = signed_in(counter, SUPERVISOR), signed_in(counter, CLERK)
    for args in ({}, {"verb": "sign_in"}, {"limit": 200}):
        answer = counter.ask(id=str(uuid4()), session=clerks, query="operations", args=args)
        assert answer["result"] == "ok"
        assert supervisors not in str(answer)


def test_what_was_revealed_is_told_only_to_whoever_asked_for_it(counter: Counter) -> None:
    clerks, supervisors = signed_in(counter, CLERK), signed_in(counter, SUPERVISOR)
    a_member(counter, clerks)
    reveal = {"member": MEMBER, "field": "phone", "reason": "call_member", "pin": CLERK[1]}
    asked = counter.ask(id=str(uuid4()), session=clerks, op="reveal", body=reveal)
    assert asked["result"] == "ok"
    listed = counter.ask(id=str(uuid4()), session=supervisors, query="operations", args={"verb": "reveal"})
    operation = listed["facts"]["rows"][0]["operation"]
    told = counter.ask(id=str(uuid4()), session=supervisors, query="revealed", args={"operation": operation})
    assert told["code"] == "operation.unknown"
    told = counter.ask(id=str(uuid4()), session=clerks, query="revealed", args={"operation": operation})
    assert told["facts"]["rows"] == [{"value": "13900001234"}]
