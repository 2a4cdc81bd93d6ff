"""Readers that type: scans told from typing by speed or prefix (DEVICES.md 5.3)."""

from __future__ import annotations

import random

import pytest

from app.ports.devices import (
    BankCardSeen,
    CardSeen,
    DeviceEvent,
    DeviceKind,
    KeyboardReader,
    UnreadableSeen,
    WedgeVerdict,
)
from devices.drivers.reader import CounterReader
from devices.drivers.wedge import KeyboardWedge, WedgeFilter
from devices.supervisor import DeskDevices, DeviceSettings
from tests.support.wire import FRAMES, WireClock

NUMBER = "9900010000000019"
TRACK_2 = f";{NUMBER}=30121010012345?"
BANK_TRACK_2 = ";6222021234567890128=30121010012345?"
ALONE = WedgeVerdict()
HELD = WedgeVerdict(swallow=True)


class Typing:
    """Keys pressed one after the other, and the field that they reach or do not reach."""

    def __init__(self, wedge: WedgeFilter | KeyboardWedge) -> None:
        self.wedge = wedge
        self.at_s = 100.0
        self.field = ""
        self.scans: list[str] = []
        self._held = ""

    def types(self, keys: str, gap_s: float) -> None:
        for key in keys:
            self.presses(key, gap_s)

    def presses(self, key: str, gap_s: float = 0.005) -> None:
        until_s = self.at_s + gap_s
        while self.at_s + 0.02 < until_s:  # the timer that runs while keys are held
            self.at_s += 0.02
            self._obey(self.wedge.waited(self.at_s))
        self.at_s = until_s
        if isinstance(self.wedge, WedgeFilter):
            verdict = self.wedge.feed(key, self.at_s)
        else:
            verdict = self.wedge.pressed(key, self.at_s)
        self._obey(verdict)
        if verdict.scan is not None or verdict.torn:
            self._held = ""
        if verdict.scan is not None:
            return
        if verdict.swallow:
            self._held += key if len(key) == 1 else "¤"
        else:
            assert self._held == ""
            self.field += key if len(key) == 1 else "¤"

    def waits(self, seconds: float) -> None:
        self.at_s += seconds
        self._obey(self.wedge.waited(self.at_s))

    def _obey(self, verdict: WedgeVerdict) -> None:
        self.field += self._held[: verdict.give_back]
        self._held = "" if verdict.torn else self._held[verdict.give_back :]
        if verdict.scan is not None:
            self.scans.append(verdict.scan)


def test_thirteen_keys_at_5_ms_are_one_scan_and_the_field_is_untouched() -> None:
    typing = Typing(WedgeFilter())
    typing.types("6901234567892\r", 0.005)
    assert (typing.scans, typing.field) == (["6901234567892"], "")


def test_tab_ends_a_scan_too_and_the_next_follows_at_once() -> None:
    typing = Typing(WedgeFilter())
    typing.types("ABCDEFGH\tIJKLMNOP\r", 0.03)
    assert (typing.scans, typing.field) == (["ABCDEFGH", "IJKLMNOP"], "")


def test_typing_at_90_ms_goes_where_it_belongs_in_order_with_its_enter() -> None:
    typing = Typing(WedgeFilter())
    typing.types("13800138000 会员\r", 0.09)
    assert (typing.scans, typing.field) == ([], "13800138000 会员\r")


def test_a_short_burst_is_typing() -> None:
    typing = Typing(WedgeFilter())
    typing.types("1234567\r", 0.005)
    assert (typing.scans, typing.field) == ([], "1234567\r")


def test_a_burst_without_an_end_goes_back_after_50_ms() -> None:
    typing = Typing(WedgeFilter())
    typing.types("123456789", 0.005)
    assert typing.field == ""
    typing.waits(0.04)
    assert typing.field == ""
    typing.waits(0.02)
    assert (typing.scans, typing.field) == ([], "123456789")


def test_one_pause_in_the_middle_makes_it_typing() -> None:
    typing = Typing(WedgeFilter())
    typing.types("1234", 0.005)
    typing.types("56789\r", 0.036)
    assert (typing.scans, typing.field) == ([], "123456789\r")


def test_times_of_events_count_and_not_when_they_are_looked_at() -> None:
    wedge = WedgeFilter()
    for at, key in enumerate("12345678"):
        assert wedge.feed(key, at * 0.035) == HELD
    assert wedge.feed("\r", 8 * 0.035) == WedgeVerdict(swallow=True, scan="12345678")


def test_a_key_that_is_no_character_gives_back_what_was_held_and_goes_its_way() -> None:
    typing = Typing(WedgeFilter())
    typing.types("12", 0.005)
    typing.presses("Left")
    assert (typing.scans, typing.field) == ([], "12¤")


def test_enter_alone_is_enter() -> None:
    assert WedgeFilter().feed("\r", 1.0) == ALONE


def test_when_the_focus_goes_what_was_held_goes_back() -> None:
    wedge = WedgeFilter()
    wedge.feed("1", 1.0)
    wedge.feed("2", 1.001)
    assert wedge.give_up() == WedgeVerdict(give_back=2)
    assert not wedge.is_holding


def test_a_prefix_announces_a_scan_however_slow_and_short() -> None:
    typing = Typing(WedgeFilter(prefix="F12"))
    typing.presses("F12")
    typing.types("A1\r", 0.2)
    typing.types("6901234567892\r", 0.005)  # without a prefix, fast as it is
    assert (typing.scans, typing.field) == (["A1"], "6901234567892\r")


def test_a_prefix_that_nothing_follows_goes_back() -> None:
    typing = Typing(WedgeFilter(prefix="~"))
    typing.types("~", 0.1)
    typing.waits(0.6)
    assert (typing.scans, typing.field) == ([], "~")


def test_more_than_1024_keys_are_no_scan() -> None:
    typing = Typing(WedgeFilter())
    typing.types("x" * 3000 + "\r", 0.001)
    assert "x" * 2000 in typing.field
    assert all(len(scan) <= 1024 for scan in typing.scans)


def a_wedge() -> tuple[Typing, list[DeviceEvent], WireClock]:
    clock = WireClock()
    seen: list[DeviceEvent] = []
    wedge = KeyboardWedge(CounterReader("keyboard", clock=clock, has_tags=False), seen.append, clock=clock)
    return Typing(wedge), seen, clock


def test_a_typed_swipe_is_a_swipe() -> None:
    typing, seen, _ = a_wedge()
    typing.types(TRACK_2 + "\r", 0.004)
    assert seen == [CardSeen(NUMBER, card_code="0012345", reader="keyboard")]
    assert typing.field == ""


@pytest.mark.parametrize("line", [BANK_TRACK_2, "6222021234567890128", "%B6222021234567890128^LI/SI^3012101001?"])
def test_a_typed_bank_card_is_refused_and_reaches_no_field(line: str) -> None:
    typing, seen, _ = a_wedge()
    typing.types(line + "\r", 0.004)
    assert seen == [BankCardSeen("keyboard")]
    assert typing.field == ""
    assert "622202" not in repr(seen) + repr(vars(typing.wedge))


def test_a_swipe_that_breaks_off_reaches_no_field_either() -> None:
    typing, seen, _ = a_wedge()
    typing.types(BANK_TRACK_2[:20], 0.004)
    typing.waits(0.1)
    assert (typing.field, seen) == ("", [UnreadableSeen("torn", reader="keyboard")])


def test_a_broken_track_is_said_after_a_moment() -> None:
    typing, seen, clock = a_wedge()
    typing.types(";9900010000000018=3012101?\r", 0.004)
    assert seen == []
    assert typing.wedge.is_waiting  # type: ignore[union-attr]
    clock.now_s += 0.2
    typing.waits(0.02)
    assert seen == [UnreadableSeen("check_digit", reader="keyboard")]


def test_a_desk_may_have_a_keyboard_reader_without_a_port() -> None:
    settings = DeviceSettings("keys", DeviceKind.READER, "", "keyboard", scan_prefix="F12")

    def unexpected(error: BaseException) -> None:
        raise AssertionError from error

    devices = DeskDevices([settings], report=unexpected)
    seen: list[DeviceEvent] = []
    devices.listen(seen.append)
    assert devices.keyboard is not None
    keyboard: KeyboardReader = devices.keyboard
    for at, key in enumerate(("F12", *NUMBER, "\r")):
        assert keyboard.pressed(key, at * 0.01).swallow
    assert seen == [CardSeen(NUMBER, entry="scan", reader="keys")]
    assert devices.health() == ()
    devices.stop()


def test_whatever_is_typed_however_fast_nothing_is_lost_or_turned_round() -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for prefix in ("", "~"):
        typing = Typing(WedgeFilter(prefix=prefix))
        for _ in range(FRAMES // 20):
            pressed = "".join(chance.choice("0123456789~ab会\r\t") for _ in range(chance.randrange(1, 30)))
            typing.scans, typing.field = [], ""
            typing.types(pressed, chance.choice((0.004, 0.03, 0.04, 0.09)))
            typing.waits(1)
            kept = pressed if not typing.scans else "".join(c for c in pressed if c not in "\r\t~")
            got = typing.field + "".join(typing.scans)
            if typing.scans:
                assert sorted(kept) == sorted(c for c in got if c not in "\r\t~"), f"seed {seed}"
            else:
                assert got == kept, f"seed {seed}"
