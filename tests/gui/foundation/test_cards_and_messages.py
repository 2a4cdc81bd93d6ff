from __future__ import annotations

import pytest

from app.domain.errors import Refused, Unavailable
from app.ports.devices import CardSeen
from tests.gui.foundation.fakes import sentence
from ui.shell.card_router import MOST_WAITING, TOGETHER_S, CardRouter
from ui.shell.messages import Messages


class Counter:
    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.waiting: list[int] = []
        self.confirming = False
        self.signed_in = True
        self.now_s = 100.0
        self.router = CardRouter(
            lambda card: self.delivered.append(card.number),
            is_confirming=lambda: self.confirming,
            is_signed_in=lambda: self.signed_in,
            waiting=self.waiting.append,
            seconds=lambda: self.now_s,
        )

    def sees(self, *numbers: str, reader: str = "reader") -> None:
        for number in numbers:
            self.router.seen(CardSeen(number, reader=reader))

    def confirms(self) -> None:
        self.confirming = False
        self.router.next_one()


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_a_swipe_brings_its_member_up_at_once(counter: Counter) -> None:
    counter.sees("1")
    assert counter.delivered == ["1"]
    assert counter.waiting == []


def test_cards_wait_while_a_confirmation_is_open_and_the_oldest_comes_first(counter: Counter) -> None:
    counter.confirming = True
    counter.sees("1", "2")
    assert counter.delivered == []
    assert counter.waiting == [1, 2]
    counter.router.next_one()
    assert counter.delivered == []
    counter.confirms()
    assert counter.delivered == ["1"]
    assert counter.waiting == [1, 2, 1]
    counter.router.next_one()
    assert counter.delivered == ["1", "2"]
    counter.router.next_one()
    assert counter.delivered == ["1", "2"]


def test_a_card_that_waits_does_not_wait_twice(counter: Counter) -> None:
    counter.confirming = True
    counter.sees("1", "2", "1", "1")
    assert counter.router.waiting_count == 2


def test_only_the_last_few_cards_wait(counter: Counter) -> None:
    counter.confirming = True
    counter.sees(*(str(number) for number in range(20)))
    assert counter.router.waiting_count == MOST_WAITING
    counter.confirms()
    assert counter.delivered == ["16"]


def test_of_two_cards_at_two_readers_the_second_waits(counter: Counter) -> None:
    counter.sees("1", reader="slot")
    counter.sees("2", reader="plate")
    assert counter.delivered == ["1"]
    assert counter.waiting == [1]
    counter.router.next_one()
    assert counter.delivered == ["1", "2"]
    assert counter.waiting == [1, 0]


def test_the_next_swipe_at_the_same_reader_or_later_comes_up_at_once(counter: Counter) -> None:
    counter.sees("1", "2", reader="slot")
    counter.now_s += TOGETHER_S
    counter.sees("3", reader="plate")
    assert counter.delivered == ["1", "2", "3"]
    assert counter.waiting == []


def test_a_swipe_without_a_confirmation_forgets_what_waited(counter: Counter) -> None:
    counter.confirming = True
    counter.sees("1", "2", "3")
    counter.confirms()
    counter.sees("4")
    assert counter.delivered == ["1", "4"]
    assert counter.waiting[-1] == 0


def test_a_swipe_at_a_desk_without_a_person_does_nothing(counter: Counter) -> None:
    counter.signed_in = False
    counter.sees("1")
    assert counter.delivered == []


def test_nothing_waits_for_the_next_person(counter: Counter) -> None:
    counter.confirming = True
    counter.sees("1")
    counter.router.forget()
    counter.confirms()
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
