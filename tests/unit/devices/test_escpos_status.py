"""What a printer says, taken apart (DEVICES.md 1.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.drivers.escpos_status import (
    Answer,
    AutoStatus,
    Block,
    FlowControl,
    PrinterStatus,
    QueuedAnswer,
    StatusFrame,
    StatusStream,
)

WELL = bytes.fromhex("10 00 00 00")
PAPER_OUT = bytes.fromhex("18 00 0F 00")
COVER_OPEN = bytes.fromhex("38 00 00 00")


def stream_that_asked(*questions: int, queued: int = 0) -> StatusStream:
    stream = StatusStream(clock=lambda: 0.0)
    for question in questions:
        stream.asked(question)
    for _ in range(queued):
        stream.asked_queued()
    return stream


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (WELL, None),
        (PAPER_OUT, "printer.paper_end"),
        (COVER_OPEN, "printer.cover_open"),
        (bytes.fromhex("10 00 03 00"), "printer.paper_near_end"),
        (bytes.fromhex("18 08 00 00"), "printer.cutter"),
        (bytes.fromhex("18 20 00 00"), "printer.error"),
        (bytes.fromhex("18 40 00 00"), "printer.passing_error"),
        (bytes.fromhex("18 00 00 00"), "printer.offline"),
    ],
)
def test_automatic_status_names_the_cause(data: bytes, cause: str | None) -> None:
    (frame,) = stream_that_asked().feed(data)
    assert isinstance(frame, AutoStatus)
    assert frame.status.cause == cause


def test_a_near_end_of_paper_holds_nothing_back() -> None:
    assert PrinterStatus(paper_near_end=True).holding_cause is None


def test_answers_belong_to_questions_in_their_order() -> None:
    assert stream_that_asked(1, 4).feed(b"\x1a\x7e") == [Answer(1, 0x1A), Answer(4, 0x7E)]


def test_automatic_status_between_question_and_answer_is_not_the_answer() -> None:
    stream = stream_that_asked(4)
    assert stream.feed(PAPER_OUT + b"\x12") == [AutoStatus(PAPER_OUT), Answer(4, 0x12)]


def test_the_answer_to_a_queued_question_comes_only_if_one_was_asked() -> None:
    assert stream_that_asked(queued=1).feed(b"\x00\x00") == [QueuedAnswer(0)]
    unasked = stream_that_asked()
    assert unasked.feed(b"\x0c") == []
    assert unasked.noise == 1


def test_an_answer_that_nobody_waits_for_any_more_is_noise() -> None:
    stream = stream_that_asked(1)
    stream.forget_asked()
    assert stream.feed(b"\x12") == []
    assert stream.noise == 1


def test_a_process_id_answer_is_one_block() -> None:
    assert stream_that_asked().feed(b"\x37\x220042\x00") == [Block(0x37, b"\x220042")]


def test_a_name_and_an_extended_status_are_blocks() -> None:
    assert stream_that_asked().feed(b"\x5fTM-T88V\x00\x39\x28\x00\x00\x11") == [
        Block(0x5F, b"TM-T88V"),
        Block(0x39, b"\x28\x00\x00"),
        FlowControl(may_send=True),
    ]


def test_xon_and_xoff_are_seen_when_they_come_as_data() -> None:
    assert stream_that_asked().feed(b"\x13\x11") == [FlowControl(may_send=False), FlowControl(may_send=True)]


def test_an_automatic_status_that_stays_incomplete_loses_its_first_byte_after_200_ms() -> None:
    now_s = [0.0]
    stream = StatusStream(clock=lambda: now_s[0])
    stream.asked(1)
    assert stream.feed(b"\x10\x00") == []
    now_s[0] = 0.1
    assert stream.tick() == []
    now_s[0] = 0.25
    assert stream.tick() == []
    assert stream.feed(b"\x12") == [Answer(1, 0x12)]
    assert stream.noise == 2


def test_a_broken_automatic_status_does_not_swallow_the_answer_behind_it() -> None:
    assert stream_that_asked(1).feed(b"\x10\x00\x12") == [Answer(1, 0x12)]


WHOLE = (
    (AutoStatus(WELL), WELL),
    (AutoStatus(PAPER_OUT), PAPER_OUT),
    (Block(0x37, b"\x220001"), b"\x37\x220001\x00"),
    (QueuedAnswer(0x03), b"\x03"),
    (Answer(1, 0x12), b"\x12"),
    (FlowControl(may_send=False), b"\x13"),
)


@given(st.lists(st.sampled_from(WHOLE), max_size=12), st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_any_split_of_any_mixture_gives_the_same_frames(
    sent: list[tuple[StatusFrame, bytes]], sizes: list[int]
) -> None:
    stream = StatusStream(clock=lambda: 0.0)
    for frame, _ in sent:
        if isinstance(frame, Answer):
            stream.asked(1)
        elif isinstance(frame, QueuedAnswer):
            stream.asked_queued()
    data = b"".join(raw for _, raw in sent)
    frames: list[StatusFrame] = []
    while data:
        size = sizes[len(data) % len(sizes)]
        frames += stream.feed(data[:size])
        data = data[size:]
    assert frames == [frame for frame, _ in sent]
    assert stream.noise == 0


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(data: bytes) -> None:
    stream = stream_that_asked(1, 2, queued=1)
    stream.feed(data)
    stream.tick()
