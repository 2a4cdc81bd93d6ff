"""People who work here, their PINs' failures and their sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.domain.errors import Refused
from app.domain.staff import Role, Staff
from app.ports.storage import Act
from db.connection import Connection, Statement

_SYSTEM = Staff("system", "MemberDesk", Role.SYSTEM)


def about_staff(mall: str, staff: str) -> Statement:
    return Statement(
        "SELECT name, role, own_membership, disabled, closed_at FROM staff WHERE mall_id = :mall AND staff = :staff",
        {"mall": mall, "staff": staff},
    )


def find_staff(connection: Connection, mall: str, staff: str) -> Staff:
    """Raises Refused("staff.unknown")."""
    (found,) = connection.ask(about_staff(mall, staff))
    if not found:
        if staff == _SYSTEM.staff:
            return _SYSTEM
        raise Refused("staff.unknown", staff=staff[:20])
    name, role, own_membership, disabled, closed_at = found[0]
    return Staff(staff, name, Role(role), own_membership, disabled, closed_at is not None)


def find_staff_at(connection: Connection, mall: str, staff: str, at: datetime) -> Staff:
    """As they stood at that moment: who was disabled or closed afterwards was not yet. Raises
    Refused("staff.unknown")."""
    found = find_staff(connection, mall, staff)
    if not found.disabled:
        return found
    since = connection.row(
        "SELECT disabled_at FROM staff WHERE mall_id = :mall AND staff = :staff", mall=mall, staff=staff
    )
    was = since is None or since[0] is None or since[0] <= at
    return replace(found, disabled=was, closed=found.closed and was)


def about_approval_keys(mall: str, staff: str) -> Statement:
    return Statement(
        "SELECT public_key, given_at, ended_at FROM approval_card WHERE mall_id = :mall AND staff = :staff "
        "ORDER BY given_at, card",
        {"mall": mall, "staff": staff},
    )


def approval_keys_at(connection: Connection, mall: str, staff: str, at: datetime) -> list[bytes]:
    """Public keys of the approval cards that counted at that moment."""
    (rows,) = connection.ask(about_approval_keys(mall, staff))
    return [bytes(key) for key, given_at, ended_at in rows if given_at <= at and (ended_at is None or ended_at > at)]


def lock_person(connection: Connection, mall: str, staff: str) -> None:
    """A daily limit is one person's, wherever they are signed in: what they do at two desks waits for each other."""
    if connection.engine == "postgresql":
        connection.rows(
            "SELECT 1 FROM staff WHERE mall_id = :mall AND staff = :staff FOR UPDATE", mall=mall, staff=staff
        )


class SqlStaff:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def get(self, staff: str) -> Staff:
        return find_staff(self._connection, self._act.mall, staff)

    def add(self, staff: str, name: str, role: Role, verifier: str, member: UUID | None) -> None:
        if self._connection.row(
            "SELECT 1 FROM staff WHERE mall_id = :mall AND staff = :staff", mall=self._act.mall, staff=staff
        ):
            raise Refused("staff.exists", staff=staff)
        self._connection.touch("staff", staff)
        self._connection.later(
            "INSERT INTO staff (mall_id, staff, name, role, verifier, own_membership, failures, disabled) "
            "VALUES (:mall, :staff, :name, :role, :verifier, :member, 0, :no)",
            mall=self._act.mall,
            staff=staff,
            name=name,
            role=role.value,
            verifier=verifier,
            member=member,
            no=False,
        )

    def close(self, staff: str) -> None:
        self.end_approval_card(staff)
        self._connection.touch("staff", staff)
        self._connection.later(
            "UPDATE staff SET disabled = :yes, disabled_at = :at, disabled_by = :by, closed_at = :at "
            "WHERE mall_id = :mall AND staff = :staff",
            expect=1,
            mall=self._act.mall,
            staff=staff,
            yes=True,
            at=self._act.at,
            by=self._act.operation,
        )

    def reopen(self, staff: str) -> None:
        self._connection.later(
            "UPDATE staff SET closed_at = NULL WHERE mall_id = :mall AND staff = :staff",
            expect=1,
            mall=self._act.mall,
            staff=staff,
        )
        self.clear_failures(staff)

    def has_other_administrator(self, staff: str) -> bool:
        found = self._connection.row(
            "SELECT 1 FROM staff WHERE mall_id = :mall AND role = :role AND staff <> :staff AND closed_at IS NULL",
            mall=self._act.mall,
            role=Role.ADMINISTRATOR.value,
            staff=staff,
        )
        return found is not None

    def give_approval_card(self, staff: str, public_key: bytes, sealed_key: bytes) -> None:
        self.end_approval_card(staff)
        self._connection.touch("approval_card", str(self._act.operation))
        self._connection.later(
            "INSERT INTO approval_card (mall_id, card, staff, public_key, sealed_key, given_at) "
            "VALUES (:mall, :operation, :staff, :public, :sealed, :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            staff=staff,
            public=public_key,
            sealed=sealed_key,
            at=self._act.at,
        )

    def end_approval_card(self, staff: str) -> bool:
        ended = self._connection.rows(
            "UPDATE approval_card SET ended_at = :at WHERE mall_id = :mall AND staff = :staff AND ended_at IS NULL "
            "RETURNING card",
            mall=self._act.mall,
            staff=staff,
            at=self._act.at,
        )
        for (card,) in ended:
            self._connection.touch("approval_card", str(card))
        return bool(ended)

    def set_pin(self, staff: str, verifier: str) -> None:
        """Also ends their approval card, which opens with the PIN that it was given with."""
        self.clear_failures(staff)
        self.end_approval_card(staff)
        self._connection.later(
            "UPDATE staff SET verifier = :verifier WHERE mall_id = :mall AND staff = :staff",
            expect=1,
            mall=self._act.mall,
            staff=staff,
            verifier=verifier,
        )

    def count_failure(self, staff: str) -> int:
        self._connection.touch("staff", staff)
        found = self._connection.row(
            "UPDATE staff SET failures = failures + 1 WHERE mall_id = :mall AND staff = :staff RETURNING failures",
            mall=self._act.mall,
            staff=staff,
        )
        if found is None:
            raise Refused("staff.unknown", staff=staff[:20])
        failures: int = found[0]
        return failures

    def lock(self, staff: str, until: datetime | None, *, disabled: bool) -> None:
        self._connection.later(
            "UPDATE staff SET locked_until = :until, disabled = :disabled, disabled_at = :since, disabled_by = :by "
            "WHERE mall_id = :mall AND staff = :staff AND closed_at IS NULL",
            mall=self._act.mall,
            staff=staff,
            until=until,
            disabled=disabled,
            since=self._act.at if disabled else None,
            by=self._act.operation if disabled else None,
        )

    def clear_failures(self, staff: str) -> None:
        self._connection.touch("staff", staff)
        self._connection.later(
            "UPDATE staff SET failures = 0, locked_until = NULL, disabled = closed_at IS NOT NULL, "
            "disabled_at = closed_at, disabled_by = CASE WHEN closed_at IS NULL THEN NULL ELSE disabled_by END "
            "WHERE mall_id = :mall AND staff = :staff",
            expect=1,
            mall=self._act.mall,
            staff=staff,
        )

    def count_member_failure(self, member: UUID) -> int:
        found = self._connection.row(
            "UPDATE member SET pin_failures = pin_failures + 1 WHERE mall_id = :mall AND member = :member "
            "RETURNING pin_failures",
            mall=self._act.mall,
            member=member,
        )
        if found is None:
            raise Refused("member.unknown")
        failures: int = found[0]
        return failures

    def lock_member_pin(self, member: UUID, until: datetime | None, *, disabled: bool) -> None:
        self._connection.later(
            "UPDATE member SET pin_locked_until = :until, pin_disabled = :disabled "
            "WHERE mall_id = :mall AND member = :member",
            expect=1,
            mall=self._act.mall,
            member=member,
            until=until,
            disabled=disabled,
        )

    def clear_member_failures(self, member: UUID) -> None:
        self._connection.later(
            "UPDATE member SET pin_failures = 0, pin_locked_until = NULL, pin_disabled = :no "
            "WHERE mall_id = :mall AND member = :member AND (pin_failures > 0 OR pin_disabled = :yes)",
            mall=self._act.mall,
            member=member,
            no=False,
            yes=True,
        )

    def open_session(self, staff: str) -> None:
        self._connection.later(
            "INSERT INTO session (mall_id, session, staff, desk, opened_at) "
            "VALUES (:mall, :session, :staff, :desk, :at)",
            mall=self._act.mall,
            session=self._act.operation,
            staff=staff,
            desk=self._act.desk,
            at=self._act.at,
        )

    def close_session(self, session: UUID) -> None:
        self._connection.later(
            "UPDATE session SET closed_at = :at WHERE mall_id = :mall AND session = :session AND closed_at IS NULL",
            expect=1,
            mall=self._act.mall,
            session=session,
            at=self._act.at,
        )

    def reveals_today(self, staff: str) -> int:
        lock_person(self._connection, self._act.mall, staff)
        found = self._connection.row(
            "SELECT count(*) FROM reveal WHERE mall_id = :mall AND staff = :staff AND on_day = :today",
            mall=self._act.mall,
            staff=staff,
            today=self._act.business_day,
        )
        return int(found[0]) if found else 0

    def note_reveal(self, member: UUID, field: str, reason: str) -> None:
        self._connection.later(
            "INSERT INTO reveal (mall_id, operation_id, staff, member, field, reason, on_day) "
            "VALUES (:mall, :operation, :staff, :member, :field, :reason, :today)",
            mall=self._act.mall,
            operation=self._act.operation,
            staff=self._act.actor.staff,
            member=member,
            field=field,
            reason=reason,
            today=self._act.business_day,
        )
