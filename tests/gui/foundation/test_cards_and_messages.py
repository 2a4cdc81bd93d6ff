from __future__ import annotations

import pytest

from app.domain.errors import Refused, Unavailable
from app.ports.devices import CardSeen
from tests.gui.foundation.fakes import sentence
from ui.shell.card_router import CardRouter
from ui.shell.messages import Messages


class Counter:
    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.hints: list[bool] = []
        self.confirming = False
        self.signed_in = True
        self.router = CardRouter(
            lambda card: self.delivered.append(card.number),
            is_confirming=lambda: self.confirming,
            is_signed_in=lambda: self.signed_in,
            waiting=self.hints.append,
        )


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_a_swipe_brings_its_member_up_at_once(counter: Counter) -> None:
    counter.router.seen(CardSeen("1"))
    assert counter.delivered == ["1"]
    assert counter.hints == []


def test_a_swipe_waits_while_a_confirmation_is_open_and_says_so(counter: Counter) -> None:
    counter.confirming = True
    counter.router.seen(CardSeen("1"))
    counter.router.seen(CardSeen("2"))
    assert counter.delivered == []
    assert counter.hints == [True, True]
    counter.router.settled()
    assert counter.delivered == []
    counter.confirming = False
    counter.router.settled()
    assert counter.delivered == ["2"]
    assert counter.hints == [True, True, False]
    counter.router.settled()
    assert counter.delivered == ["2"]


def test_a_swipe_at_a_desk_without_a_person_does_nothing(counter: Counter) -> None:
    counter.signed_in = False
    counter.router.seen(CardSeen("1"))
    assert counter.delivered == []


def test_nothing_waits_for_the_next_person(counter: Counter) -> None:
    counter.confirming = True
    counter.router.seen(CardSeen("1"))
    counter.router.forget()
    counter.confirming = False
    counter.router.settled()
    assert counter.delivered == []


def test_refusals_and_the_world_are_sentences() -> None:
    messages = Messages(sentence)
    messages.problem(Refused("pin.wrong", left=2))
    messages.problem(Unavailable("printer.paper_end"))
    assert [message.text for message in messages.shown] == [
        "密码不对，还可以试 2 次。",
        "打印机缺纸：装上新纸后会接着打。",
    ]
    assert messages.bugs == []


def test_anything_else_is_a_bug_whose_report_names_places_and_no_values() -> None:
    messages = Messages(sentence)

    def fail(secret: str) -> str:
        return {"": secret}[secret]

    try:
        fail("13812341234")
    except KeyError as problem:
        messages.problem(problem)
    (report,) = messages.bugs
    assert report.kind == "KeyError"
    assert "test_cards_and_messages.py" in report.trace
    assert "13812341234" not in report.trace


def test_what_was_said_is_remembered_but_not_for_ever() -> None:
    messages = Messages(sentence)
    for at in range(150):
        messages.say(str(at))
    assert len(messages.shown) == Messages.REMEMBERED
    assert messages.shown[-1].text == "149"
