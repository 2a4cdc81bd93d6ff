"""Cards, and the stock of numbers they come from."""

from __future__ import annotations

from uuid import UUID

from app.domain.card import card_serial
from app.domain.errors import Refused
from app.ports.storage import Act, CardState
from db.connection import Connection

CARD_KEY = "card_numbers"  # name of the mall's secret from which its card numbers are made


class SqlCards:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def get(self, number: str) -> CardState:
        found = self._connection.row(
            "SELECT member, kind, state FROM card WHERE mall_id = :mall AND number = :number",
            mall=self._act.mall,
            number=number,
        )
        if found is None:
            raise Refused("card.unknown")
        return CardState(number, *found)

    def check_is_ours_and_new(self, number: str) -> None:
        serial = self._serial(number)
        batch = self._connection.row(
            "SELECT 1 FROM card_batch WHERE mall_id = :mall AND first_serial <= :serial "
            "AND first_serial + count > :serial",
            mall=self._act.mall,
            serial=serial,
        )
        if batch is None:
            raise Refused("card.not_in_stock")
        if self._connection.row(
            "SELECT 1 FROM card WHERE mall_id = :mall AND number = :number", mall=self._act.mall, number=number
        ):
            raise Refused("card.issued_before")

    def _serial(self, number: str) -> int:
        prefix, key = card_secrets(self._connection, self._act.mall)
        return card_serial(number, prefix, key)

    def active_of(self, member: UUID, kind: str) -> CardState | None:
        found = self._connection.row(
            "SELECT number FROM card WHERE mall_id = :mall AND member = :member AND kind = :kind AND state = 'issued'",
            mall=self._act.mall,
            member=member,
            kind=kind,
        )
        return CardState(found[0], member, kind, "issued") if found else None

    def issue(self, number: str, member: UUID, kind: str) -> None:
        serial = self._serial(number)
        self._connection.later(
            "INSERT INTO card (mall_id, number, member, kind, state, since) "
            "VALUES (:mall, :number, :member, :kind, 'issued', :at)",
            mall=self._act.mall,
            number=number,
            member=member,
            kind=kind,
            at=self._act.at,
        )
        self._connection.later(
            "UPDATE card_batch SET next_serial = :next WHERE mall_id = :mall AND first_serial <= :serial "
            "AND first_serial + count > :serial AND next_serial < :next",
            mall=self._act.mall,
            serial=serial,
            next=serial + 1,
        )

    def set_state(self, number: str, state: str) -> None:
        self._connection.later(
            "UPDATE card SET state = :state, since = :at WHERE mall_id = :mall AND number = :number",
            expect=1,
            mall=self._act.mall,
            number=number,
            state=state,
            at=self._act.at,
        )

    def add_batch(self, first_serial: int, count: int) -> None:
        if self._connection.engine == "postgresql":  # two desks add theirs at once: the second sees the first's
            self._connection.rows("SELECT 1 FROM mall WHERE mall_id = :mall FOR UPDATE", mall=self._act.mall)
        overlapping = self._connection.row(
            "SELECT 1 FROM card_batch WHERE mall_id = :mall AND first_serial < :until "
            "AND first_serial + count > :first",
            mall=self._act.mall,
            first=first_serial,
            until=first_serial + count,
        )
        if overlapping:
            raise Refused("card.batch_overlaps")
        self._connection.later(
            "INSERT INTO card_batch (mall_id, first_serial, count, desk, next_serial) "
            "VALUES (:mall, :first, :count, :desk, :first)",
            mall=self._act.mall,
            first=first_serial,
            count=count,
            desk=self._act.desk,
        )


def card_secrets(connection: Connection, mall: str) -> tuple[str, bytes]:
    """The prefix of this mall's card numbers and the key of their permutation."""
    found = connection.row(
        "SELECT m.card_prefix, s.value FROM mall m JOIN secret s ON s.mall_id = m.mall_id AND s.name = :name "
        "WHERE m.mall_id = :mall",
        mall=mall,
        name=CARD_KEY,
    )
    if found is None:
        raise Refused("mall.unknown")
    return found[0], found[1]
