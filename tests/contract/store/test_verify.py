"""`verify` says nothing of a sound store and names each kind of damage: a check that cannot fail proves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from app.domain.card import card_number
from app.operations.adjust_points import AdjustPoints
from app.operations.count_wrong_pin import CountWrongPin
from app.operations.expire_points import ExpirePoints
from app.operations.hand_out import HandOut
from app.operations.hold_points import HoldPoints
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.release_hold import ReleaseHold
from app.operations.replace_card import ReplaceCard
from app.operations.report_card_lost import ReportCardLost
from app.operations.reveal import Reveal
from app.operations.reverse import Reverse
from app.operations.set_up import ChangeSetting, ImportHistory
from app.operations.sign_out import SignOut
from app.ports.verify import Finding
from app.sync.imports import hash_of
from app.sync.store import ImportRows
from db.store import Store
from db.verify import verify
from tests.support.mall import CLERK, MEMBER_PIN, OTHER_SUPERVISOR, PINS, PREFIX, SUPERVISOR, Mall
from tests.support.stores import KEY, a_database


def load(mall: Mall, kind: Literal["members", "sales"], rows: Sequence[tuple[Any, ...]]) -> None:
    operation = ImportHistory(source="旧系统", kind=kind, rows=len(rows), sha256=hash_of(kind, rows))
    mall.authority().submit_as_system(operation, rows=ImportRows(rows))


def bring_history(mall: Mall, members: int = 3) -> list[UUID]:
    """Bulk history of a few members, each with a card and two sales."""
    ids = [uuid4() for _ in range(members)]
    people = [
        (
            *(member, f"9900000{number:03d}", f"王{number}", f"1390000{number:04d}", date(1990, 1, 1), "f"),
            *(date(2024, 5, 1), "silver", card_number(5_000 + number, PREFIX, mall.card_key), None, os.urandom(32)),
        )
        for number, member in enumerate(ids)
    ]
    sales = [
        (member, "S1", f"H{number}-{sale}", mall.clock.now - timedelta(days=9), date(2026, 11, 13), 12_300, 123)
        for number, member in enumerate(ids)
        for sale in range(2)
    ]
    load(mall, "members", people)
    load(mall, "sales", sales)
    return ids


def live_a_day(mall: Mall) -> dict[str, UUID]:
    """Something of every verb; what tests damage afterwards is given by name."""
    mall.add_desk("D2", 2)
    first, *_ = bring_history(mall)
    member = mall.member(4_000, pin=MEMBER_PIN)
    mall.do(mall.slip(first, 50_000))
    redeemed = mall.redemption(member, "CUP", 3)
    mall.do(redeemed, HandOut(member=member, redemption=redeemed.id, lines=(0,)))
    undone = mall.redemption(member, "BOX")
    mall.do(undone)
    mall.do(Reverse(reverses=undone.id, reason="mistake", member=member))
    kept = mall.redemption(member, "POT")
    mall.do(kept, approved_by=SUPERVISOR)
    mall.do(
        AdjustPoints(member=member, change=-50, reason="other", note="多记"),
        by=SUPERVISOR,
        approved_by=OTHER_SUPERVISOR,
    )
    hold = HoldPoints(member=member, points=20, note="争议")
    mall.do(hold, by=SUPERVISOR)
    mall.do(ReleaseHold(member=member, hold=hold.id), by=SUPERVISOR)
    mall.do(HoldPoints(member=member, points=30, note="争议"), by=SUPERVISOR)
    mall.do(Reveal(member=member, field="phone", reason="call_member"), pin=PINS[CLERK])
    mall.as_system(ChangeSetting(name="points_per_yuan", value="2"), CountWrongPin(purpose="sign_in", staff="1002"))
    mall.do(ReceiveStock(lines=(StockLine("CUP", 7),)), desk="D2")
    mall.do(mall.slip(member, 10_000), desk="D2")
    (number,) = mall.one("SELECT number FROM card WHERE mall_id = :mall AND member = :member", member=member)
    mall.do(ReportCardLost(member=member, number=number))
    mall.do(ReplaceCard(member=member, old_number=number, new_number=mall.new_card()))
    mall.do(SignOut(), by=OTHER_SUPERVISOR)
    mall.clock.advance(timedelta(days=800))
    mall.as_system(ExpirePoints(through=date(2028, 11, 30)))
    return {"member": member, "redeemed": redeemed.id, "kept": kept.id, "first": first}


def test_a_lived_in_store_is_sound(mall: Mall) -> None:
    live_a_day(mall)
    assert verify(mall.store, mall.name) == []
    assert verify(mall.store, mall.name, replay=False) == []


def test_progress_is_told_and_ends(mall: Mall) -> None:
    mall.member(100)
    told: list[tuple[str, int, int]] = []
    verify(mall.store, mall.name, progress=lambda *step: told.append(step))
    assert {stage for stage, _, _ in told} >= {"operations", "sums", "tables"}
    assert all(told[-1][1] == told[-1][2] for stage in ("tables",) if told[-1][0] == stage)


def test_nothing_is_left_behind(mall: Mall, tmp_path: Path) -> None:
    mall.member(100)
    verify(mall.store, mall.name, folder=tmp_path)
    assert not list(tmp_path.iterdir())


# -- damage ----------------------------------------------------------------------------------------------------------


@contextmanager
def unguarded(store: Store) -> Iterator[Callable[..., None]]:
    """As somebody with the key who has taken the guards away, and puts them back afterwards."""
    with store.snapshot() as connection:
        connection.rollback()
        guards: list[tuple[str, str]] = []
        if connection.engine == "sqlite":
            connection.run("PRAGMA foreign_keys = OFF")
            connection.begin()
            guards = [
                (row[0], row[1])
                for row in connection.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ]
            for name, _ in guards:
                connection.run(f"DROP TRIGGER {name}")
        else:
            connection.begin()
            connection.run("SET LOCAL session_replication_role = replica")
        yield connection.run  # type: ignore[misc]
        for _, create in guards:
            connection.run(create)
        connection.commit()


class Damaged:
    def __init__(self, mall: Mall, names: dict[str, UUID]) -> None:
        self.mall = mall
        self.names = names

    def by(self, sql: str, **values: object) -> list[Finding]:
        with unguarded(self.mall.store) as run:
            run(sql, mall=self.mall.name, **values)
        found = verify(self.mall.store, self.mall.name)
        assert found, "nothing was noticed"
        return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def junkyard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store of malls that are damaged, each by one test."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('junkyard') / 'own.db'}"
    else:
        url = a_database(request.getfixturevalue("postgres_url"), request.getfixturevalue("newest_schema"))
    store = Store.open(url, KEY, durable=False, create=True)
    yield store
    store.close()


@pytest.fixture
def day(junkyard: Store) -> Damaged:
    mall = Mall(junkyard)
    return Damaged(mall, live_a_day(mall))


def codes(found: list[Finding]) -> set[str]:
    return {finding.code for finding in found}


def differing(found: list[Finding]) -> set[tuple[object, object]]:
    """(table, column) that are not what the operations make them."""
    return {(f.facts["table"], f.facts["column"]) for f in found if f.code == "verify.column"}


def sequence_of(day: Damaged, operation: UUID) -> int:
    return int(
        day.mall.one(
            "SELECT sequence FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation
        )[0]
    )


def test_a_changed_byte_in_an_operation_is_named(day: Damaged) -> None:
    operation = day.names["redeemed"]
    (encoded,) = day.mall.one(
        "SELECT encoded FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation
    )
    changed = bytes(encoded).replace(b'"quantity":3', b'"quantity":2')
    assert changed != bytes(encoded)
    found = day.by(
        "UPDATE operation SET encoded = :changed WHERE mall_id = :mall AND operation_id = :operation",
        operation=operation,
        changed=changed,
    )
    named = {f.code for f in found if f.facts.get("operation") == str(operation)}
    assert {"verify.hash", "verify.signature"} <= named
    assert ("redemption_line", "quantity") in differing(found)


def test_bytes_rewritten_with_their_hash_still_lack_the_desks_signature(day: Damaged) -> None:
    from app.sync.envelope import operation_hash

    operation = day.names["redeemed"]
    (encoded,) = day.mall.one(
        "SELECT encoded FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation
    )
    changed = bytes(encoded).replace(b'"quantity":3', b'"quantity":2')
    found = day.by(
        "UPDATE operation SET encoded = :changed, hash = :hash WHERE mall_id = :mall AND operation_id = :operation",
        operation=operation,
        changed=changed,
        hash=operation_hash(changed),
    )
    assert {"verify.signature", "verify.chain_broken"} <= codes(found)
    assert "verify.hash" not in codes(found)


def test_bytes_that_are_no_operation_are_named(day: Damaged) -> None:
    found = day.by(
        "UPDATE operation SET encoded = :changed WHERE mall_id = :mall AND operation_id = :operation",
        operation=day.names["redeemed"],
        changed=b"\x00nonsense",
    )
    assert "verify.unreadable" in codes(found)


def test_a_changed_signature_is_named(day: Damaged) -> None:
    operation = day.names["kept"]
    found = day.by(
        "UPDATE operation SET signature = :changed WHERE mall_id = :mall AND operation_id = :operation",
        operation=operation,
        changed=bytes(64),
    )
    assert [(f.code, f.facts["operation"]) for f in found if f.code == "verify.signature"] == [
        ("verify.signature", str(operation))
    ]


def test_an_operation_taken_out_leaves_a_gap(day: Damaged) -> None:
    operation = day.names["redeemed"]
    sequence = sequence_of(day, operation)
    found = day.by("DELETE FROM operation WHERE mall_id = :mall AND operation_id = :operation", operation=operation)
    gaps = [f for f in found if f.code == "verify.chain_gap"]
    assert [(gap.facts["expected"], gap.facts["sequence"]) for gap in gaps] == [(sequence, sequence + 1)]
    assert "verify.row_without_operation" in codes(found)


def test_the_last_operation_taken_out_is_missed_by_the_desk(day: Damaged) -> None:
    found = day.by(
        "DELETE FROM operation WHERE mall_id = :mall AND desk = 'D1' AND sequence = "
        "(SELECT sequence FROM desk WHERE mall_id = :mall AND desk = 'D1')"
    )
    assert "verify.desk_head" in codes(found)


def test_two_operations_that_changed_places_break_the_chain(day: Damaged) -> None:
    one = sequence_of(day, day.names["redeemed"])
    with unguarded(day.mall.store) as run:
        for before, after in ((one, -1), (one + 1, one), (-1, one + 1)):
            run(
                "UPDATE operation SET sequence = :after WHERE mall_id = :mall AND desk = 'D1' AND sequence = :before",
                mall=day.mall.name,
                before=before,
                after=after,
            )
    found = verify(day.mall.store, day.mall.name)
    assert {"verify.operation_column", "verify.chain_broken"} <= codes(found)


@pytest.mark.parametrize(
    ("column", "value"), [("actor", "'2001'"), ("approver", "'2002'"), ("verb", "'sign_out'"), ("member", "NULL")]
)
def test_a_column_that_says_other_than_the_bytes_is_named(day: Damaged, column: str, value: str) -> None:
    found = day.by(
        f"UPDATE operation SET {column} = {value} WHERE mall_id = :mall AND operation_id = :operation",
        operation=day.names["redeemed"],
    )
    assert [f.facts["column"] for f in found if f.code == "verify.operation_column"] == [column]


@pytest.mark.parametrize(
    ("sql", "code", "differs"),
    [
        (
            "UPDATE account SET posted = posted + 1000 WHERE mall_id = :mall AND account = :member",
            "verify.balance",
            ("account", "posted"),
        ),
        (
            "UPDATE account SET held = held + 1 WHERE mall_id = :mall AND account = :member",
            "verify.held",
            ("account", "held"),
        ),
        (
            "UPDATE account SET owed = owed + 1 WHERE mall_id = :mall AND account = :member",
            "verify.balance_of_lots",
            ("account", "owed"),
        ),
        (
            "UPDATE lot SET remaining = remaining + 1 WHERE mall_id = :mall AND quantity > remaining",
            "verify.lot",
            ("lot", "remaining"),
        ),
        (
            "UPDATE lot SET expires_on = '2099-01-01' WHERE mall_id = :mall AND account = :member",
            "verify.column",
            ("lot", "expires_on"),
        ),
        (
            "UPDATE journal SET amount = amount + 5 WHERE mall_id = :mall AND account = :member AND kind = 'redeem'",
            "verify.entry_unbalanced",
            ("journal", "amount"),
        ),
        (
            "UPDATE journal SET kind = 'adjust' WHERE mall_id = :mall AND account = :member AND kind = 'redeem'",
            "verify.column",
            ("journal", "kind"),
        ),
        (
            "UPDATE lot_use SET quantity = quantity - 1 WHERE mall_id = :mall AND quantity > 1",
            "verify.lot",
            ("lot_use", "quantity"),
        ),
        ("UPDATE stock SET on_hand = on_hand + 1 WHERE mall_id = :mall", "verify.stock", ("stock", "on_hand")),
        (
            "UPDATE stock SET reserved = reserved + 1 WHERE mall_id = :mall AND gift = 'CUP'",
            "verify.reserved",
            ("stock", "reserved"),
        ),
        (
            "UPDATE stock_move SET on_hand = on_hand + 1 WHERE mall_id = :mall AND gift = 'CUP'",
            "verify.stock",
            ("stock_move", "on_hand"),
        ),
        (
            "UPDATE member SET tier = 'platinum' WHERE mall_id = :mall AND member = :member",
            "verify.column",
            ("member", "tier"),
        ),
        (
            "UPDATE member SET pin_verifier = 'x' WHERE mall_id = :mall AND member = :member",
            "verify.column",
            ("member", "pin_verifier"),
        ),
        (
            "UPDATE person SET name = 'X' WHERE mall_id = :mall AND member = :member",
            "verify.column",
            ("person", "name"),
        ),
        (
            "UPDATE redemption SET points = points - 1 WHERE mall_id = :mall AND member = :member",
            "verify.redemption_entry",
            ("redemption", "points"),
        ),
        (
            "UPDATE staff SET role = 'supervisor' WHERE mall_id = :mall AND staff = '1001'",
            "verify.column",
            ("staff", "role"),
        ),
        (
            "UPDATE staff SET failures = 0 WHERE mall_id = :mall AND staff = '1002'",
            "verify.column",
            ("staff", "failures"),
        ),
        ("UPDATE setting SET value = '9' WHERE mall_id = :mall", "verify.column", ("setting", "value")),
        (
            "UPDATE gift SET points = 1 WHERE mall_id = :mall AND gift = 'TV'",
            "verify.column",
            ("gift", "points"),
        ),
        (
            "UPDATE card SET state = 'lost' WHERE mall_id = :mall AND state = 'replaced'",
            "verify.column",
            ("card", "state"),
        ),
        (
            "UPDATE card SET issue = 7 WHERE mall_id = :mall AND state = 'replaced'",
            "verify.column",
            ("card", "issue"),
        ),
        (
            "UPDATE card SET number = '9901000000000018' WHERE mall_id = :mall AND state = 'replaced'",
            "verify.card",
            ("", ""),
        ),
        (
            "UPDATE operation SET result = '{}' WHERE mall_id = :mall AND verb = 'redeem'",
            "verify.other_result",
            ("", ""),
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) and value.startswith("UPDATE") else "",
)
def test_a_figure_changed_by_hand_is_named(day: Damaged, sql: str, code: str, differs: tuple[str, str]) -> None:
    values = {"member": day.names["member"]} if ":member" in sql else {}
    if "result = '{}'" in sql and day.mall.store.kind == "sqlite":
        sql = sql.replace("'{}'", "x'7b7d'")
    found = day.by(sql, **values)
    assert code in codes(found), found
    if differs[0]:
        assert differs in differing(found)


def test_a_row_taken_out_and_a_row_put_in_are_named(day: Damaged) -> None:
    with unguarded(day.mall.store) as run:
        run("DELETE FROM redemption_line WHERE mall_id = :mall", mall=day.mall.name)
        run(
            "INSERT INTO setting (mall_id, name, value) VALUES (:mall, 'member_pin_points', '999999')",
            mall=day.mall.name,
        )
    found = verify(day.mall.store, day.mall.name)
    assert ("redemption_line", "verify.row_missing") in {(f.facts.get("table"), f.code) for f in found}
    assert ("setting", "verify.row_unfounded") in {(f.facts.get("table"), f.code) for f in found}


def test_a_changed_sale_of_an_import_names_the_import(day: Damaged) -> None:
    found = day.by(
        "UPDATE sale SET amount_fen = 999999 WHERE mall_id = :mall AND member = :first AND slip_number LIKE 'H%'",
        first=day.names["first"],
    )
    assert [f.facts["kind"] for f in found if f.code == "verify.import"] == ["sales"]


def test_a_changed_person_of_an_import_is_named(day: Damaged) -> None:
    first = day.names["first"]
    found = day.by("UPDATE person SET phone = '13911112222' WHERE mall_id = :mall AND member = :first", first=first)
    assert [f.facts["member"] for f in found if f.code == "verify.imported_person"] == [str(first)]
    assert "13911112222" not in " ".join(map(str, found))


def test_a_pin_slipped_under_an_imported_member_is_named(day: Damaged) -> None:
    first = day.names["first"]
    found = day.by("UPDATE member SET pin_verifier = 'x' WHERE mall_id = :mall AND member = :first", first=first)
    assert "verify.imported_person" in codes(found)


def test_a_member_key_changed_makes_what_it_sealed_unreadable(day: Damaged) -> None:
    found = day.by(
        "UPDATE subject_key SET key = :key WHERE mall_id = :mall AND subject = :member",
        key=os.urandom(32),
        member=day.names["member"],
    )
    assert "verify.sealed" in codes(found)


def test_a_guard_that_was_taken_away_is_named(own_store: Store) -> None:
    mall = Mall(own_store, furnished=False)
    if own_store.kind == "sqlite":
        own_store.write(lambda connection: connection.run("DROP TRIGGER journal_no_update"))
    else:
        own_store.write(lambda connection: connection.run("ALTER TABLE journal DISABLE TRIGGER journal_no_change"))
    found = verify(own_store, mall.name)
    assert codes(found) == {"verify.guard"}
    assert str(found[0].facts["name"]).startswith("journal_no_")


def test_an_erased_members_history_still_adds_up(mall: Mall) -> None:
    """Erasing is deleting the person's rows and their key; nothing else of the store changes. What still tells their
    name is found."""
    names = live_a_day(mall)
    for member in (names["member"], names["first"]):
        for table, column in (("search_key", "member"), ("person", "member"), ("subject_key", "subject")):
            mall.store.write(
                lambda connection, table=table, column=column, member=member: connection.run(  # type: ignore[misc]
                    f"DELETE FROM {table} WHERE mall_id = :mall AND {column} = :member",
                    mall=mall.name,
                    member=member,
                )
            )
    found = verify(mall.store, mall.name)
    wanted = {("verify.name_index", None)} if mall.store.kind == "sqlite" else set()
    assert {(f.code, f.facts.get("column")) for f in found} - {("verify.column", "pin_verifier")} == wanted
