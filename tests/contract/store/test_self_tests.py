"""Self-tests and changes of machines are operations: who, when, what; and they fold to the same store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.errors import Refused
from app.domain.self_test import Check
from app.operations.change_machines import ChangeMachines
from app.operations.record_self_test import RecordSelfTest
from app.ports.devices import DeviceKind, Machine
from db.queries.self_tests import SqlSelfTests
from db.verify import verify
from tests.support.mall import CLERK, Mall

CHECKS = (
    Check("store", "good", "self_test.store_well"),
    Check("space", "doubtful", "self_test.space_low", facts={"free": "0.9 GB"}),
    Check("printer", "bad", "printer.paper_end", "printer"),
)
READER = Machine("reader", DeviceKind.READER, "/dev/ttyUSB0", "line")


def test_a_self_test_comes_back_as_it_was_recorded(mall: Mall) -> None:
    mall.do(RecordSelfTest(checks=CHECKS[:1], took_ms=10), by=CLERK)
    operation = RecordSelfTest(checks=CHECKS, took_ms=4_200)
    mall.do(operation, by="9001")  # the administrator, too: whoever opens the counter
    newest, first = SqlSelfTests(mall.store, mall.name, "D1").recent()
    assert (newest.operation, newest.staff, newest.checks, newest.took_ms) == (
        operation.id, "9001 孙管理", CHECKS, 4_200,
    )  # fmt: skip
    assert first.staff.startswith(CLERK)
    assert SqlSelfTests(mall.store, mall.name, "D2").recent() == ()
    assert verify(mall.store, mall.name) == []


def test_only_the_administrator_changes_machines(mall: Mall) -> None:
    mall.do(ChangeMachines(machines=(READER,)), by="9001")
    assert verify(mall.store, mall.name) == []
    for staff in (CLERK, "2001", "3001"):
        with pytest.raises(Refused) as no:
            mall.do(ChangeMachines(machines=()), by=staff)
        assert no.value.code == "staff.no_right"


def test_a_machine_with_a_control_character_in_its_port_is_refused(mall: Mall) -> None:
    with pytest.raises(Refused) as no:
        mall.do(ChangeMachines(machines=(Machine("reader", DeviceKind.READER, "/dev/tty\x1b[2J", "line"),)), by="9001")
    assert no.value.code == "text.not_allowed"


def test_a_clock_that_jumped_is_in_doubt_until_somebody_confirms_it(mall: Mall) -> None:
    mall.do(RecordSelfTest(checks=CHECKS))
    assert not mall.authority().clock_is_in_doubt()
    mall.clock.jump(timedelta(days=400))
    assert mall.authority().clock_is_in_doubt()
