"""Swipes, scans and taps on one line, byte by byte and broken in every way (DEVICES.md 2.1, 2.3, 2.4, 3, 5.1)."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.devices import BankCardSeen, CardSeen, UnreadableSeen
from devices.drivers.reader import CounterReader, MemberCardRule, ReaderEvent, described
from devices.drivers.tracks import BadStripe, Stripe, lrc, read_stripe
from devices.simulators.machines import swiped, tapped

CARD = "9900010000000019"
CODE = "0012345"
TRACK_1 = f"%B{CARD}^ZHANG/SANFENG^3012101{CODE}?"
TRACK_2 = f";{CARD}=3012101{CODE}?"
BANK_CARD = "6222021234567890128"
BANK_TRACK_2 = f";{BANK_CARD}=30121010012345?"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Counter:
    """A reader driver with a clock that the test moves."""

    def __init__(self, **options: object) -> None:
        self.clock = Clock()
        self.reader = CounterReader(clock=self.clock, **options)  # type: ignore[arg-type]

    def hears(self, data: bytes | str) -> list[ReaderEvent]:
        return self.reader.feed(data.encode() if isinstance(data, str) else data)

    def waits(self, seconds: float) -> list[ReaderEvent]:
        self.clock.now_s += seconds
        return self.reader.tick()


def card(number: str = CARD, entry: str = "swipe", code: str | None = None) -> CardSeen:
    return CardSeen(number, entry=entry, card_code=code)


# Check characters


@pytest.mark.parametrize(
    ("track", "check"),
    [("%ABC123?", chr(0x2A + 0x20)), (";12345?", "5"), (TRACK_2, "1"), (TRACK_1, "S")],
)
def test_check_characters_are_those_of_the_makers_manual_and_of_our_example_card(track: str, check: str) -> None:
    assert lrc(track) == check


def test_both_tracks_with_their_check_characters_are_one_stripe() -> None:
    assert read_stripe(TRACK_1 + "S" + TRACK_2 + "1") == Stripe(CARD, CODE)


def test_a_wrong_check_character_makes_a_track_bad() -> None:
    assert read_stripe(TRACK_2 + "2") == BadStripe("bad_lrc")


def test_one_good_track_is_enough() -> None:
    assert read_stripe("%E?" + TRACK_2) == Stripe(CARD, CODE)
    assert read_stripe(TRACK_1 + ";E?") == Stripe(CARD, CODE)


def test_a_stripe_that_holds_only_a_number_has_no_card_code() -> None:
    assert read_stripe(f";{CARD}?") == Stripe(CARD, None)


def test_two_tracks_of_two_cards_are_no_card() -> None:
    assert read_stripe(TRACK_1 + ";9900010000000027=3012101?") == BadStripe("tracks_differ")


@given(number=st.from_regex(r"\A99[0-9]{14}\Z"), code=st.from_regex(r"\A[0-9]{0,8}\Z"))
def test_whatever_the_check_character_is_even_a_sentinel_it_is_taken_for_one(number: str, code: str) -> None:
    first, second = (f"%B{number}^A/B^3012101{code}?", f";{number}=3012101{code}?")
    assert read_stripe(first + lrc(first) + second + lrc(second)) == Stripe(number, code or None)
    assert read_stripe(first + second) == Stripe(number, code or None)


# Swipes


def test_a_swipe_brings_number_and_card_code() -> None:
    assert Counter().hears(TRACK_2 + "\r") == [card(code=CODE)]


def test_a_swipe_torn_anywhere_and_sent_byte_by_byte_is_one_card() -> None:
    counter = Counter()
    seen: list[ReaderEvent] = []
    for byte in swiped(CARD, CODE, check=True):
        seen += counter.hears(bytes((byte,)))
        seen += counter.waits(0.005)
    assert seen == [card(code=CODE)]


def test_tracks_sent_as_lines_of_their_own_are_one_card() -> None:
    assert Counter().hears(TRACK_1 + "\r\n" + TRACK_2 + "\r\n") == [card(code=CODE)]


def test_a_broken_first_line_is_forgiven_when_the_second_is_good() -> None:
    counter = Counter()
    assert counter.hears("%E?\r") == []
    assert counter.hears(TRACK_2 + "\r") == [card(code=CODE)]
    assert counter.waits(1) == []


def test_a_swipe_without_line_end_is_taken_after_a_pause() -> None:
    counter = Counter()
    assert counter.hears(TRACK_2) == []
    assert counter.waits(0.05) == []
    assert counter.waits(0.06) == [card(code=CODE)]


def test_two_cards_glued_together_in_one_read_are_two_cards() -> None:
    other = "9900010000000027"
    assert Counter().hears(swiped(CARD) + swiped(other)) == [card(CARD), card(other)]


def test_the_same_card_twice_at_once_is_one_swipe_and_a_moment_later_two() -> None:
    counter = Counter()
    assert counter.hears(swiped(CARD) + swiped(CARD)) == [card()]
    counter.clock.now_s += 1
    assert counter.hears(swiped(CARD)) == [card()]


def test_a_wrong_check_digit_is_unreadable() -> None:
    counter = Counter()
    assert counter.hears(";9900010000000018=3012101?\r") == []
    assert counter.waits(0.2) == [UnreadableSeen("check_digit")]


def test_a_swipe_that_breaks_off_is_unreadable_and_its_rest_is_not_taken_for_a_scan() -> None:
    counter = Counter()
    assert counter.hears(BANK_TRACK_2[:9]) == []
    assert counter.waits(0.2) == []
    assert counter.hears(BANK_TRACK_2[9:16]) == []
    assert counter.waits(0.15) == [UnreadableSeen("torn")]
    assert counter.hears(BANK_TRACK_2[16:] + "\r") == []


def test_noise_before_a_swipe_does_no_harm() -> None:
    assert Counter().hears(b"\xff\x00\x81" + TRACK_2.encode() + b"\r") == [card(code=CODE)]


def test_a_foreign_stripe_never_shows_its_number() -> None:
    counter = Counter()
    counter.hears(";6222021234567890121=3012101?\r")  # a bank card misread by one digit
    (event,) = counter.waits(0.2)
    assert event == UnreadableSeen("foreign_card")


def test_the_prefix_of_member_cards_is_the_malls_own() -> None:
    rule = MemberCardRule(prefix="8801")
    assert Counter(rule=rule).hears(swiped("8801000000000012")) == [card("8801000000000012")]


# Bank cards


@pytest.mark.parametrize(
    "line",
    [
        BANK_TRACK_2,
        f"%B{BANK_CARD}^LI/SI^30121010012345?",
        f"%B{BANK_CARD}^LI/SI^30121010012345?{BANK_TRACK_2}",
        BANK_CARD,
        "4111 1111 1111 1111",
        "5555-5555-5555-4444",
        "378282246310005",
        "x" + BANK_TRACK_2,
    ],
)
def test_a_bank_card_is_refused_and_its_number_is_nowhere(line: str) -> None:
    counter = Counter()
    events = counter.hears(line + "\r")
    assert events == [BankCardSeen()]
    digits = "".join(character for character in line if character.isdigit())
    for shown in (repr(events), described(events[0]), repr(vars(events[0]))):
        assert digits[:6] not in shown
        assert digits[-4:] not in shown


def test_a_barcode_of_goods_is_no_bank_card() -> None:
    luhn_valid_too = "6901234567892"
    assert Counter().hears(luhn_valid_too + "\r") == [card(luhn_valid_too, entry="scan")]


# Scans


def test_a_scan_is_text_in_utf_8_or_gb18030() -> None:
    assert Counter().hears("优惠券-A1\r") == [card("优惠券-A1", entry="scan")]
    assert Counter().hears("优惠券-A1\r\n".encode("gb18030")) == [card("优惠券-A1", entry="scan")]


def test_line_ends_may_be_cr_lf_both_or_tab_and_empty_lines_are_nothing() -> None:
    seen = Counter().hears("A1\r\r\nB2\nC3\t\t\r\n")
    assert seen == [card(text, entry="scan") for text in ("A1", "B2", "C3")]


def test_a_scan_without_line_end_is_closed_by_a_pause() -> None:
    counter = Counter()
    assert counter.hears("M1.9900010000000019.58733280.CECB6USAMTTHHD25") == []
    assert counter.waits(0.1) == [card("M1.9900010000000019.58733280.CECB6USAMTTHHD25", entry="scan")]


def test_the_same_code_within_800_ms_is_one_scan_however_long_the_scanner_looks() -> None:
    counter = Counter()
    assert counter.hears("A1\r") == [card("A1", entry="scan")]
    for _ in range(5):
        counter.clock.now_s += 0.7
        assert counter.hears("A1\r") == []
    counter.clock.now_s += 0.9
    assert counter.hears("A1\r") == [card("A1", entry="scan")]


def test_a_scanned_card_number_is_checked() -> None:
    assert Counter().hears(CARD + "\r") == [card(entry="scan")]
    assert Counter().hears("9900010000000018\r") == [UnreadableSeen("check_digit")]


def test_the_kind_of_code_is_taken_off_and_ean_13_is_checked() -> None:
    assert Counter().hears("]C0A1\r") == [card("A1", entry="scan")]
    assert Counter().hears("]Q1R1.7.1200.X\r") == [card("R1.7.1200.X", entry="scan")]
    assert Counter().hears("]E02990001000018\r") == [card("2990001000018", entry="scan")]
    assert Counter().hears("]E02990001000019\r") == [UnreadableSeen("check_digit")]
    assert Counter().hears("]E473513537\r") == [card("73513537", entry="scan")]
    assert Counter().hears("]E473513538\r") == [UnreadableSeen("check_digit")]
    for kind in ("]C1", "]A0", "]F0", "]I0", "]Q0", "]d1", "]L0", "]e0"):
        assert Counter().hears(f"{kind}A1\r") == [card("A1", entry="scan")]


def test_configured_prefix_and_suffix_are_taken_off_and_missing_ones_noticed() -> None:
    assert Counter(prefix=b"~", suffix=b"#").hears("~A1#\r") == [card("A1", entry="scan")]
    assert Counter(prefix=b"~").hears("A1\r") == [UnreadableSeen("wrong_prefix")]


def test_a_line_over_1024_bytes_is_refused_once_and_the_next_is_read() -> None:
    counter = Counter()
    assert counter.hears("x" * 1024 + "\r") == [card("x" * 1024, entry="scan")]
    assert counter.hears("x" * 5000 + "\rA1\r") == [UnreadableSeen("too_long"), card("A1", entry="scan")]


def test_control_characters_never_get_through() -> None:
    assert Counter().hears(b"A\x1bp\x00\x19\xfa1\r") == [UnreadableSeen("not_text")]


def test_bytes_that_are_no_text_are_unreadable() -> None:
    assert Counter().hears(b"\x81\r") == [UnreadableSeen("not_text")]


# Tags


@pytest.mark.parametrize("with_line_end", [False, True])
def test_a_tag_is_read_from_both_kinds_of_125_khz_readers(with_line_end: bool) -> None:
    assert Counter().hears(tapped("4A00B1C2D3", with_line_end=with_line_end)) == [card("4A00B1C2D3", entry="tap")]


def test_the_frame_of_the_specification_is_what_we_simulate() -> None:
    assert tapped("4A00B1C2D3") == bytes.fromhex("02 34 41 30 30 42 31 43 32 44 33 45 41 03")


def test_a_tag_torn_in_two_or_after_noise_is_one_tag() -> None:
    counter = Counter()
    assert counter.hears(b"\x024A00B1") == []
    assert counter.hears(b"C2D3EA\x03") == [card("4A00B1C2D3", entry="tap")]
    assert Counter().hears(b"\x024A00\x024a00b1c2d3ea\x03") == [UnreadableSeen("torn"), card("4A00B1C2D3", entry="tap")]


def test_a_tag_that_lies_there_is_seen_once_until_it_was_away_for_a_second() -> None:
    counter = Counter()
    seen: list[ReaderEvent] = []
    for _ in range(20):
        seen += counter.hears(tapped("4A00B1C2D3"))
        counter.clock.now_s += 0.2
    assert seen == [card("4A00B1C2D3", entry="tap")]
    counter.clock.now_s += 1
    assert counter.hears(tapped("4A00B1C2D3")) == [card("4A00B1C2D3", entry="tap")]


def test_a_wrong_checksum_is_unreadable() -> None:
    assert Counter().hears(b"\x024A00B1C2D3EB\x03") == [UnreadableSeen("bad_checksum")]


def test_a_tag_that_breaks_off_does_not_swallow_the_swipe_after_it() -> None:
    assert Counter().hears(b"\x024A00" + swiped(CARD)) == [UnreadableSeen("torn"), card()]


def test_a_typed_tag_number_is_a_tap() -> None:
    assert Counter().hears("0011649747\r") == [card("0011649747", entry="tap")]
    assert Counter().hears("177,49875\r") == [card("177,49875", entry="tap")]


# Anything

_PIECES = [
    b"%", b";", b"?", b"=", b"^", b"+", b"\r", b"\n", b"\x02", b"\x03", b"B", b"E", b"99", b"62", b"\x1b", b"]E0",
    b"\xff", CARD.encode(), BANK_CARD.encode(), TRACK_1.encode(), TRACK_2.encode(), tapped("4A00B1C2D3"), "会".encode(),
]  # fmt: skip


def test_no_bytes_whatever_raise_and_no_bank_number_ever_comes_out() -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    counter = Counter()
    frames = 1_000_000 if os.environ.get("MEMBERDESK_FULL") == "1" else 10_000
    for _ in range(frames):
        frame = b"".join(
            chance.choice(_PIECES) if chance.random() < 0.7 else chance.randbytes(chance.randrange(6))
            for _ in range(chance.randrange(1, 9))
        )
        for event in (*counter.hears(frame), *counter.waits(chance.choice((0.0, 0.01, 0.2, 1.5)))):
            described(event)
            if isinstance(event, CardSeen):
                assert event.number != BANK_CARD, f"seed {seed}"
                assert event.number, f"seed {seed}"


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_any_split_of_any_bytes_is_taken_without_an_exception(chunks: list[bytes]) -> None:
    counter = Counter()
    for chunk in chunks:
        counter.hears(chunk)
        counter.waits(0.04)


@given(st.integers(min_value=1, max_value=70), st.booleans())
def test_two_swipes_split_anywhere_are_two_cards(at: int, check: bool) -> None:
    stream = swiped(CARD, CODE, check=check) + swiped("9900010000000027", check=check)
    counter = Counter()
    seen = [*counter.hears(stream[:at]), *counter.waits(0.02), *counter.hears(stream[at:])]
    assert seen == [card(code=CODE), card("9900010000000027")]
