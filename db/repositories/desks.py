"""The life of the mall's desks, as their hub has it (RELIABILITY.md 4.13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused
from app.operations.begin_feed import HUB
from app.ports.storage import Act
from app.sync.protocol import DeskState
from db.connection import Connection

HEARD_OF_WITHIN = timedelta(minutes=2)  # what a desk told of its unsent operations counts for so long
BY_A_PERSON = "by_a_person"


def stop_desks(connection: Connection, mall: str, *desks: str) -> None:
    """Their operations that are under way have ended, and none begins before this transaction does; all desks' where
    none is named.

    There is one order of locks, so that nobody waits for who waits for them: rows of `desk`, the hub's own before the
    others and these by name; accounts by id; rows of what else is touched; `feed_head` last. Whoever needs a second
    desk's row takes both here, before anything else."""
    if connection.engine != "postgresql":
        return  # one process, one transaction at a time
    named = {f"d{number}": desk for number, desk in enumerate(desks)}
    these = f"AND desk IN ({', '.join(':' + name for name in named)}) " if named else ""
    connection.rows(
        f"SELECT 1 FROM desk WHERE mall_id = :mall {these}ORDER BY desk <> :hub, desk FOR UPDATE",
        mall=mall,
        hub=HUB,
        **named,
    )


class SqlDesks:
    """States that operations bring about are the same wherever they are applied again. What a desk told, and that its
    store was found to be a copy, no operation says: an intent is refused for it, a fact never."""

    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def suspend(self, desk: str) -> None:
        if self._state(desk, DeskState.RETIRED, DeskState.LOST) is DeskState.ACTIVE:
            self._set(desk, DeskState.SUSPENDED)

    def resume(self, desk: str) -> None:
        state = self._state(desk, DeskState.RETIRED, DeskState.LOST)
        if self._is_asked_for and self._told(desk, "must_enrol"):
            raise Refused("desk.must_enrol", desk=desk)
        if state is not None:
            self._connection.run(
                "UPDATE hub_desk SET state = 'active', state_why = NULL, state_since = :at "
                "WHERE mall_id = :mall AND desk = :desk AND state = 'suspended' AND must_enrol = 0",
                mall=self._act.mall,
                desk=desk,
                at=self._act.at,
            )

    def retire(self, desk: str) -> None:
        self._state(desk, DeskState.RETIRED, DeskState.LOST)
        if self._is_asked_for:
            unsent, last_seen = self._told(desk, "unsent"), self._told(desk, "last_seen")
            if unsent:
                raise Refused("desk.unsent", desk=desk, count=unsent)
            if last_seen is not None and self._act.at - last_seen > HEARD_OF_WITHIN:
                raise Refused("desk.silent", desk=desk)
        self._set(desk, DeskState.RETIRED)

    def report_lost(self, desk: str) -> None:
        self._state(desk, DeskState.LOST)
        self._set(desk, DeskState.LOST)

    @property
    def _is_asked_for(self) -> bool:
        return not self._act.is_fact

    def _state(self, desk: str, *over: DeskState) -> DeskState | None:
        """None at a desk of the hub's: the hub keeps it. Raises Refused("desk.own_desk" | "desk.unknown" |
        "desk.not_enrolled" | "desk.gone")."""
        if desk == self._act.desk:
            raise Refused("desk.own_desk")
        found = self._connection.row(
            "SELECT h.state, (SELECT count(*) FROM sync_state s WHERE s.mall_id = d.mall_id) FROM desk d "
            "LEFT JOIN hub_desk h ON h.mall_id = d.mall_id AND h.desk = d.desk "
            "WHERE d.mall_id = :mall AND d.desk = :desk",
            mall=self._act.mall,
            desk=desk,
        )
        if found is None:
            raise Refused("desk.unknown", desk=desk)
        state, follows = found
        if state is None:
            if not follows:
                raise Refused("desk.not_enrolled", desk=desk)
            return None
        if DeskState(state) in over:
            raise Refused("desk.gone", desk=desk, desk_state=state)
        return DeskState(state)

    def _told(self, desk: str, column: str) -> Any:
        found = self._connection.row(
            f"SELECT {column} FROM hub_desk WHERE mall_id = :mall AND desk = :desk", mall=self._act.mall, desk=desk
        )
        return found[0] if found else None

    def _set(self, desk: str, state: DeskState) -> None:
        self._connection.run(
            "UPDATE hub_desk SET state = :state, state_why = :why, state_since = :at "
            "WHERE mall_id = :mall AND desk = :desk",
            mall=self._act.mall,
            desk=desk,
            state=state.value,
            why=BY_A_PERSON,
            at=self._act.at,
        )


def set_desk_kind(connection: Connection, mall: str, desk: str, kind: str) -> None:
    connection.later(
        "UPDATE hub_desk SET kind = :kind WHERE mall_id = :mall AND desk = :desk", mall=mall, desk=desk, kind=kind
    )


def kind_of_epoch(connection: Connection, mall: str, desk: str, epoch: int) -> DeskKind:
    """By the code with which it enrolled; a desk of before the hub was a counter."""
    found = connection.row(
        "SELECT c.kind FROM enrol_code c LEFT JOIN desk_key k ON k.mall_id = c.mall_id AND k.operation_id = c.used_by "
        "WHERE c.mall_id = :mall AND c.desk = :desk AND c.used_by IS NOT NULL AND coalesce(k.epoch, 1) = :epoch",
        mall=mall,
        desk=desk,
        epoch=epoch,
    )
    return DeskKind(found[0]) if found else DeskKind.COUNTER


def set_desk_state(
    connection: Connection, mall: str, desk: str, state: DeskState, at: datetime, *, must_enrol: bool, why: str | None
) -> None:
    """`why` is the code of what the hub found, None where nothing is wrong."""
    connection.later(
        "INSERT INTO hub_desk (mall_id, desk, state, program, unsent, seen_n, must_enrol, state_why, state_since) "
        "VALUES (:mall, :desk, :state, '', 0, 0, :must, :why, :at) ON CONFLICT (mall_id, desk) DO UPDATE "
        "SET state = :state, must_enrol = :must, state_why = :why, state_since = :at",
        mall=mall,
        desk=desk,
        state=state.value,
        must=int(must_enrol),
        why=why,
        at=at,
    )
