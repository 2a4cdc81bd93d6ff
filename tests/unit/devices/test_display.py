"""What a customer display is sent: the newest text, in characters that it has, and never a command (DEVICES.md 2.8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import DeviceState
from devices.drivers.display import DISPLAYS, STALLED_AFTER_S, DisplayTalk
from devices.simulators.display import DisplayModel
from tests.support.wire import WireClock

INITIALISE = b"\x1b@"


class Bench:
    def __init__(self, kind: str = "cd5220") -> None:
        self.clock = WireClock()
        self.talk = DisplayTalk(DISPLAYS[kind], clock=self.clock)
        self.model = DisplayModel(kind)
        self.sent = b""
        self.talk.opened()

    def carries(self, chunk_bytes: int = 4096) -> None:
        while out := self.talk.outgoing():
            part = out[:chunk_bytes]
            self.sent += part
            self.model.feed(part)
            self.talk.accepted(len(part))


def test_the_bytes_are_those_of_the_specification() -> None:
    bench = Bench()
    bench.talk.show("TOTAL", "12.50")
    bench.carries()
    upper = b"\x1bQATOTAL" + b" " * 15 + b"\r"
    assert bench.sent == INITIALISE + upper + b"\x1bQB12.50" + b" " * 15 + b"\r"
    bench.talk.clear()
    bench.carries()
    assert bench.sent.endswith(b"\x0c")
    assert bench.model.lines == ("", "")


def test_a_number_display_shows_the_amount_and_lights_its_lamp() -> None:
    bench = Bench("led8")
    bench.talk.show_amount(12345, "received")
    bench.carries()
    assert bench.sent.endswith(b"\x1bQA123.45\r\x1bs3")
    assert (bench.model.upper, bench.model.lamp) == ("123.45", "received")
    bench.talk.show("您好")
    bench.carries()
    assert (bench.model.upper, bench.model.lamp) == ("", "")


def test_an_amount_that_has_no_room_is_not_shown_in_part() -> None:
    bench = Bench("led8")
    bench.talk.show_amount(123_456_789_00)
    bench.carries()
    assert bench.model.upper == ""
    bench.talk.show_amount(-5)
    bench.carries()
    assert bench.model.upper == "-0.05"


@pytest.mark.parametrize(
    ("kind", "upper"), [("cd5220", "CHANGE         3.00"), ("cd5220-gb18030", "找零           3.00")]
)
def test_a_text_display_says_what_the_amount_is(kind: str, upper: str) -> None:
    bench = Bench(kind)
    bench.talk.show_amount(300, "change")
    bench.carries()
    assert bench.model.upper.split() == upper.split()
    assert bench.model.garbage == []


def test_chinese_goes_out_only_where_the_display_has_it() -> None:
    latin, chinese = Bench(), Bench("cd5220-gb18030")
    for bench in (latin, chinese):
        bench.talk.show("您好，张*", "积分 1,200 → 900", latin=("Hello, Zhang*", "Points 1,200 > 900"))
        bench.carries()
        assert bench.model.garbage == []
    assert latin.model.lines == ("Hello, Zhang*", "Points 1,200 > 900")
    assert chinese.model.lines == ("您好，张*", "积分 1,200 → 900")


def test_without_latin_lines_the_characters_that_it_lacks_are_left_out() -> None:
    bench = Bench()
    bench.talk.show("合计 ￥12.50", "ＡＢ")
    bench.carries()
    assert bench.model.lines == (" Y12.50", "AB")


def test_a_character_beyond_gbk_is_left_out_whole() -> None:
    bench = Bench("cd5220-gb18030")
    bench.talk.show("李𬭚 ￥1", "㛃龚䶮 ¥2")
    bench.carries()
    assert bench.model.lines == ("李 ￥1", "龚 ￥2")
    assert bench.model.garbage == []


def test_a_character_is_never_cut_in_two() -> None:
    bench = Bench("cd5220-gb18030")
    bench.talk.show("x会员服务台会员服务台")
    bench.carries()
    assert bench.model.upper == "x会员服务台会员服务"
    assert bench.model.garbage == []


def test_behind_a_printer_each_message_is_for_the_display_only() -> None:
    bench = Bench("cd5220-behind-printer")
    bench.talk.show("HELLO")
    bench.carries()
    assert bench.sent.count(b"\x1b=\x02") == bench.sent.count(b"\x1b=\x01") == 2
    assert bench.sent.endswith(b"\x1b=\x01")
    assert bench.model.upper == "HELLO"
    assert not bench.model.is_selected


def test_the_newest_text_wins_and_what_has_begun_is_ended_first() -> None:
    bench = Bench()
    bench.carries()
    bench.talk.show("FIRST")
    bench.talk.accepted(len(bench.talk.outgoing()) - 30)  # it has begun
    begun = bench.talk.outgoing()
    for at in range(1000):
        bench.talk.show(f"TEXT {at}")
    assert bench.talk.outgoing() == begun
    bench.model.feed(b"\x1bQAFIRST".ljust(23) + b"\r")
    bench.model.power_cycle()
    bench.talk.accepted(len(begun))
    bench.sent = b""
    bench.carries()
    assert bench.sent.count(b"\x1bQA") == 1
    assert bench.model.upper == "TEXT 999"


def test_what_was_wanted_while_it_was_away_stands_there_when_it_is_back() -> None:
    bench = Bench()
    bench.carries()
    bench.talk.closed("device.unplugged")
    bench.talk.show("HELLO")
    assert bench.talk.outgoing() == b""
    assert bench.talk.state == (DeviceState.OFFLINE, "device.unplugged")
    bench.model.power_cycle()
    bench.talk.opened()
    bench.carries()
    assert bench.model.upper == "HELLO"


def test_a_display_that_takes_nothing_is_told_and_nobody_waits() -> None:
    bench = Bench()
    bench.talk.show("HELLO")
    bench.talk.outgoing()
    bench.clock.now_s += STALLED_AFTER_S
    assert bench.talk.state == (DeviceState.DEGRADED, "display.stalled")
    bench.carries()
    assert bench.talk.state == (DeviceState.ONLINE, None)


def test_a_count_that_nobody_knows_starts_it_anew() -> None:
    bench = Bench()
    bench.talk.show("HELLO")
    bench.talk.outgoing()
    bench.talk.accepted(0, exact=False)
    bench.carries()
    assert bench.sent.startswith(INITIALISE)
    assert bench.model.upper == "HELLO"


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(DISPLAYS)), st.integers(1, 9))
def test_no_text_whatever_becomes_a_command_or_rubbish(upper: str, lower: str, kind: str, chunk: int) -> None:
    bench = Bench(kind)
    bench.talk.show(upper, lower)
    bench.carries(chunk)
    assert bench.model.garbage == []
    assert bench.talk.outgoing() == b""


def test_no_text_of_a_member_stands_in_the_log() -> None:
    bench = Bench()
    bench.talk.show("ZHANG SANFENG")
    bench.carries()
    assert bench.talk.take_log() == ["> 48 bytes"]
