"""Members who serve themselves show the code on their phone; supervisors keep card stock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.domain.card_code import member_code, qr_key
from tests.story.headless.counter import CARD_KEY, CARDS, CLERK, SUPERVISOR, Counter
from tests.story.headless.test_bad_lines import MEMBER, a_member, signed_in


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(f"sqlite:///{tmp_path}/store.db")
    yield counter
    counter.close()


def code_now(counter: Counter) -> str:
    return member_code(CARDS[0], counter.clock.now_ms / 1000, qr_key(CARD_KEY))


def test_a_member_code_says_who_it_is_and_agrees_once(counter: Counter) -> None:
    session = signed_in(counter, CLERK)
    a_member(counter, session)
    issue = {"member": MEMBER, "number": CARDS[0]}
    assert counter.ask(id=str(uuid4()), session=session, op="issue_card", body=issue)["result"] == "ok"
    code = code_now(counter)
    found = counter.ask(id=str(uuid4()), session=session, query="member", args={"card": code})
    assert found["facts"]["rows"][0]["member"] == MEMBER
    shown = {"member": MEMBER, "code": code}
    first = counter.ask(id=str(uuid4()), session=session, op="present_member_code", body=shown)
    assert first["result"] == "ok"
    again = counter.ask(id=str(uuid4()), session=session, op="present_member_code", body=shown)
    assert again["code"] == "card.qr_used"


def test_what_is_left_of_a_batch_is_voided_with_ones_own_pin(counter: Counter) -> None:
    session = signed_in(counter, SUPERVISOR)
    body = {"first_serial": 1, "reason": "整箱遗失"}
    assert counter.ask(id=str(uuid4()), session=session, op="void_card_batch", body=body)["code"] == "pin.required"
    done = counter.ask(id=str(uuid4()), session=session, op="void_card_batch", body={**body, "pin": SUPERVISOR[1]})
    assert done["facts"] == {"numbers": 5}
