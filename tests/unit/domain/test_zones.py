"""The mall's own clock, and where its time alone would be taken for another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.calendar import CLOCK_JUMP_MS, checked_zone, offset_text, offset_where_doubtful
from app.domain.errors import Refused
from app.sync import envelope
from printing.documents.parts import local, local_minute
from tests.unit.printing.slips import a_slip

AT = datetime(2026, 11, 22, 9, 39, 30, tzinfo=UTC)
FIRST_HALF_PAST_ONE = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)  # summer time ends in Vancouver at 09:00 UTC
SECOND_HALF_PAST_ONE = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_a_zone_is_one_of_the_worlds_list() -> None:
    assert checked_zone(" Asia/Urumqi ") == "Asia/Urumqi"
    for wrong in ("", "北京", "Asia/Peking", "../etc/passwd", "Asia"):
        with pytest.raises(Refused) as unknown:
            checked_zone(wrong)
        assert unknown.value.code == "zone.unknown"


def test_offsets_are_those_of_the_day() -> None:
    assert offset_text(AT, "Asia/Urumqi") == "UTC+06:00"
    assert offset_text(AT, "America/Vancouver") == "UTC-08:00"
    assert offset_text(datetime(2026, 7, 1, tzinfo=UTC), "America/Vancouver") == "UTC-07:00"
    assert offset_text(AT, "Asia/Kathmandu") == "UTC+05:45"


def test_paper_says_the_offset_only_where_a_reader_could_take_the_time_for_another() -> None:
    assert local(AT, a_slip()) == "2026-11-22 17:39:30"
    assert local(AT, a_slip(zone="Asia/Urumqi")) == "2026-11-22 15:39:30 UTC+06:00"
    assert local_minute(AT, a_slip(zone="America/Vancouver")) == "2026-11-22 01:39"
    twice = [local_minute(at, a_slip(zone="America/Vancouver")) for at in (FIRST_HALF_PAST_ONE, SECOND_HALF_PAST_ONE)]
    assert twice == ["2026-11-01 01:30 UTC-07:00", "2026-11-01 01:30 UTC-08:00"]
    assert offset_where_doubtful(AT, "Asia/Shanghai") == ""


def test_a_clock_is_off_by_as_much_wherever_it_is_asked() -> None:
    assert envelope.CLOCK_JUMP_MS == CLOCK_JUMP_MS
