"""A script's questions and answers, one after the other, whatever comes in between."""

from __future__ import annotations

from devices.drivers.dialogue import Ask, Cancelled, Dialogue, Script
from tests.support.wire import WireClock


class Letters:
    """Each byte is a frame."""

    def __init__(self) -> None:
        self.cleared = 0

    def feed(self, data: bytes) -> list[str]:
        return list(data.decode("ascii"))

    def tick(self) -> list[str]:
        return []

    def clear(self) -> None:
        self.cleared += 1


def two_questions() -> Script[str]:
    first = yield Ask(b"1?", 1.0)
    second = yield Ask(b"2?", 1.0)
    return f"{first} {second}"


def started(script: Script[str]) -> tuple[Dialogue[str], WireClock]:
    clock = WireClock()
    dialogue = Dialogue(script, Letters(), clock=clock)
    dialogue.start()
    return dialogue, clock


def carry(dialogue: Dialogue[str]) -> bytes:
    sent = dialogue.outgoing
    dialogue.accepted(len(sent))
    return sent


def test_each_question_is_asked_and_answered_in_turn() -> None:
    dialogue, _ = started(two_questions())
    assert carry(dialogue) == b"1?"
    dialogue.feed(b"a")
    assert carry(dialogue) == b"2?"
    dialogue.feed(b"b")
    assert dialogue.result == "a b"
    assert dialogue.outgoing == b""
    assert dialogue.heard == 2


def test_what_came_before_the_question_was_out_is_not_its_answer() -> None:
    dialogue, _ = started(two_questions())
    dialogue.feed(b"x")
    carry(dialogue)
    dialogue.feed(b"ay")  # y was said together with a, before anybody asked the second question
    carry(dialogue)
    dialogue.feed(b"b")
    assert dialogue.result == "a b"


def test_silence_is_an_answer_too_and_counts_from_the_last_byte_of_the_question() -> None:
    dialogue, clock = started(two_questions())
    clock.now_s += 5
    dialogue.tick()
    assert dialogue.outgoing == b"1?"
    carry(dialogue)
    clock.now_s += 0.9
    dialogue.tick()
    assert dialogue.outgoing == b""
    clock.now_s += 0.2
    dialogue.tick()
    assert dialogue.outgoing == b"2?"
    carry(dialogue)
    clock.now_s += 1.1
    dialogue.tick()
    assert dialogue.result == "None None"
    dialogue.tick()
    dialogue.feed(b"late")
    assert dialogue.result == "None None"


def test_a_question_of_which_nobody_knows_how_much_went_out_was_not_answered() -> None:
    dialogue, _ = started(two_questions())
    dialogue.lost_count()
    assert carry(dialogue) == b"2?"
    dialogue.feed(b"b")
    assert dialogue.result == "None b"


def test_a_cancel_is_heard_once_and_the_script_may_still_ask() -> None:
    unheard: list[bool] = []

    def script() -> Script[str]:
        try:
            yield Ask(b"wait", 20.0)
        except Cancelled as cancelled:
            unheard.append(cancelled.unheard)
        answer = yield Ask(b"stop", 1.0)
        return f"stopped {answer}"

    for sent in (0, 1, 4):
        dialogue, _ = started(script())
        dialogue.accepted(sent)
        dialogue.cancel()
        dialogue.cancel()
        assert carry(dialogue) == b"stop"
        dialogue.feed(b"y")
        assert dialogue.result == "stopped y"
        dialogue.cancel()
    assert unheard == [True, False, False]


def test_a_script_that_only_listens_on_takes_what_came_together() -> None:
    def script() -> Script[str]:
        heard = ""
        frame = yield Ask(b"?", 1.0)
        while frame is not None:
            heard += frame
            frame = yield Ask(b"", 1.0)
        return heard

    dialogue, clock = started(script())
    carry(dialogue)
    dialogue.feed(b"abc")
    clock.now_s += 1.1
    dialogue.tick()
    assert dialogue.result == "abc"
