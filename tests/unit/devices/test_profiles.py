"""Kinds of printers: what is shipped is possible, and what a desk makes of it is checked."""

from __future__ import annotations

import pytest

from app.domain.errors import Refused
from devices.drivers.profiles import PROFILES, Completion, PrinterProfile, with_changes


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_every_shipped_kind_prints_whole_columns_on_its_paper(profile: PrinterProfile) -> None:
    assert profile.dots - 12 < 12 * profile.columns + 12 <= profile.dots + 12
    assert (profile.columns <= 32) == (profile.dots <= 384)


def test_a_kind_of_ones_own_is_a_shipped_one_with_changes() -> None:
    own = with_changes("柜台二", "generic-80", {"columns": 42, "dots": 512, "completion": "gs_h", "drawer_pin": 5})
    assert (own.name, own.columns, own.dots, own.completion, own.drawer_pin) == (
        "柜台二", 42, 512, Completion.GS_H, 5,
    )  # fmt: skip
    assert own.native_qr == PROFILES["generic-80"].native_qr


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"columns": 15}, "columns"),
        ({"columns": 65}, "columns"),
        ({"columns": "48"}, "columns"),
        ({"columns": True}, "columns"),
        ({"dots": 572}, "dots"),
        ({"dots": 384}, "dots"),
        ({"dots": 1008}, "dots"),
        ({"baudrate": 9601}, "baudrate"),
        ({"flow": "dtr"}, "flow"),
        ({"cut": "half"}, "cut"),
        ({"drawer_pin": 3}, "drawer_pin"),
        ({"completion": "gs_x"}, "completion"),
        ({"answers": False}, "completion"),
        ({"name": "x"}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_can(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        with_changes("x", "generic-80", changes)
    assert refused.value.code == "printer.profile_wrong"
    assert refused.value.facts["field"] == field
    assert refused.value.facts["allowed"]


def test_a_kind_is_made_of_a_known_one() -> None:
    with pytest.raises(Refused) as refused:
        with_changes("x", "generic-81", {})
    assert refused.value.code == "printer.profile_unknown"
