"""Cards, and the stock of numbers they come from."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.card import card_serial, digest_of, is_keyed
from app.domain.card_code import (
    MOST_ISSUES,
    MemberCode,
    PresentedCard,
    check_member_code,
    is_card_code,
    qr_key,
    read_member_code,
    stripe_key,
)
from app.domain.errors import Refused
from app.ports.storage import Act, CardState
from app.sync.images import keyed
from db.connection import Connection

ANY_KIND = "any"  # of a batch whose numbers may become physical or virtual cards
CARD_KEY = "card_numbers"  # name of the mall's secret from which its card numbers are made
SEARCH_KEY = "search"  # of the hub's, under which phones and card numbers are hashed for its desks
TOLD_SEARCH_KEY = "search_key"  # the same, in a desk's `sync_state`, as hexadecimal digits


class SqlCards:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def get(self, number: str) -> CardState:
        found = self._connection.row(
            "SELECT member, kind, state, issue FROM card WHERE mall_id = :mall AND number = :number",
            mall=self._act.mall,
            number=number,
        )
        if found is None:
            raise Refused("card.unknown")
        return CardState(number, *found)

    def of_member(self, member: UUID, number: str) -> CardState:
        if is_keyed(number):
            number = self._with_digest(member, digest_of(number)) or number
        card = self.get(number)
        if card.member != member:
            raise Refused("card.not_this_member")
        return card

    def _with_digest(self, member: UUID, digest: bytes) -> str | None:
        """A member has few cards: no index of hashes is kept where the numbers are."""
        key = search_key(self._connection, self._act.mall)
        numbers = self._connection.rows(
            "SELECT number FROM card WHERE mall_id = :mall AND member = :member", mall=self._act.mall, member=member
        )
        plain = (number for (number,) in numbers if key is not None and not is_keyed(number))
        return next((number for number in plain if keyed(key or b"", "card", number) == digest), None)

    def check_is_ours_and_new(self, number: str, kind: str) -> None:
        batch_kind = self._check_in_stock(number, self._serial(number))
        if batch_kind not in (kind, ANY_KIND):
            raise Refused("card.other_kind", kind=batch_kind)

    def _check_in_stock(self, number: str, serial: int) -> str:
        """Returns the kind of its batch."""
        batch = self._connection.row(
            "SELECT kind FROM card_batch WHERE mall_id = :mall AND first_serial <= :serial "
            "AND first_serial + count > :serial" + (" FOR UPDATE" if self._connection.engine == "postgresql" else ""),
            # Whoever voids the rest of this batch at another desk waits, or has been waited for.
            mall=self._act.mall,
            serial=serial,
        )
        if batch is None:
            raise Refused("card.not_in_stock")
        if self._connection.row(
            "SELECT 1 FROM card WHERE mall_id = :mall AND number = :number", mall=self._act.mall, number=number
        ):
            raise Refused("card.issued_before")
        if is_void(self._connection, self._act.mall, serial):
            raise Refused("card.void")
        kind: str = batch[0]
        return kind

    def _serial(self, number: str) -> int:
        prefix, key = card_secrets(self._connection, self._act.mall)
        return card_serial(number, prefix, key)

    def active_of(self, member: UUID, kind: str) -> CardState | None:
        found = self._connection.row(
            "SELECT number, issue FROM card WHERE mall_id = :mall AND member = :member AND kind = :kind "
            "AND state = 'issued'",
            mall=self._act.mall,
            member=member,
            kind=kind,
        )
        return CardState(found[0], member, kind, "issued", found[1]) if found else None

    def issue(self, number: str, member: UUID, kind: str) -> None:
        serial = self._serial(number)
        self._connection.touch("card", number)
        self._connection.later(
            "INSERT INTO card (mall_id, number, member, kind, state, since, serial) "
            "VALUES (:mall, :number, :member, :kind, 'issued', :at, :serial)",
            mall=self._act.mall,
            number=number,
            member=member,
            kind=kind,
            at=self._act.at,
            serial=serial,
        )
        self._taken(serial)

    def _taken(self, serial: int) -> None:
        for (first_serial,) in self._connection.rows(
            "UPDATE card_batch SET next_serial = :next WHERE mall_id = :mall AND first_serial <= :serial "
            "AND first_serial + count > :serial AND next_serial < :next RETURNING first_serial",
            mall=self._act.mall,
            serial=serial,
            next=serial + 1,
        ):
            self._connection.touch("card_batch", str(first_serial))

    def issue_again(self, number: str) -> int:
        issue = self.get(number).issue + 1
        if issue > MOST_ISSUES:
            raise Refused("card.issues_used_up")
        self._connection.touch("card", number)
        self._connection.later(
            "UPDATE card SET issue = :issue WHERE mall_id = :mall AND number = :number AND issue = :issue - 1",
            expect=1,
            mall=self._act.mall,
            number=number,
            issue=issue,
        )
        return issue

    def set_state(self, number: str, state: str) -> None:
        self._connection.touch("card", number)
        self._connection.later(
            "UPDATE card SET state = :state, since = :at WHERE mall_id = :mall AND number = :number",
            expect=1,
            mall=self._act.mall,
            number=number,
            state=state,
            at=self._act.at,
        )

    def add_batch(self, first_serial: int, count: int, kind: str, label: str, desk: str | None = None) -> None:
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
        self._connection.touch("card_batch", str(first_serial))
        self._connection.later(
            "INSERT INTO card_batch (mall_id, first_serial, count, desk, next_serial, kind, label, made_at) "
            "VALUES (:mall, :first, :count, :desk, :first, :kind, :label, :at)",
            mall=self._act.mall,
            first=first_serial,
            count=count,
            desk=desk or self._act.desk,
            kind=kind,
            label=label,
            at=self._act.at,
        )

    def void_number(self, number: str, reason: str) -> None:
        serial = self._serial(number)
        self._check_in_stock(number, serial)
        self._void(serial, serial, reason)
        self._taken(serial)

    def _void(self, first: int, last: int, reason: str) -> None:
        self._connection.later(
            "INSERT INTO card_void (mall_id, operation_id, first_serial, last_serial, reason, at) "
            "VALUES (:mall, :operation, :first, :last, :reason, :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            first=first,
            last=last,
            reason=reason,
            at=self._act.at,
        )

    def void_rest(self, first_serial: int, reason: str) -> int:
        self.batch_label(first_serial)
        if self._connection.engine == "postgresql":  # a card of it may be issued at another desk at this moment
            self._connection.rows(
                "SELECT 1 FROM card_batch WHERE mall_id = :mall AND first_serial = :first FOR UPDATE",
                mall=self._act.mall,
                first=first_serial,
            )
        ((count, used),) = self._connection.rows(
            "SELECT b.count, (SELECT count(*) FROM card c WHERE c.mall_id = b.mall_id "
            "AND c.serial >= b.first_serial AND c.serial < b.first_serial + b.count) FROM card_batch b "
            "WHERE b.mall_id = :mall AND b.first_serial = :first",
            mall=self._act.mall,
            first=first_serial,
        )
        left = count - used - voids_within(self._connection, self._act.mall, first_serial, count)
        if left <= 0:
            raise Refused("card.batch_used_up")
        last = first_serial + count - 1
        self._void(first_serial, last, reason)
        self._taken(last)
        return int(left)

    def batch_label(self, first_serial: int) -> str:
        found = self._connection.row(
            "SELECT label FROM card_batch WHERE mall_id = :mall AND first_serial = :first",
            mall=self._act.mall,
            first=first_serial,
        )
        if found is None:
            raise Refused("card.batch_unknown")
        label: str = found[0]
        return label

    def code_is_wrong(self, card: PresentedCard) -> bool:
        if card.card_code is None:
            return False
        _, secret = card_secrets(self._connection, self._act.mall)
        return not is_card_code(card.card_code, card.number, self.get(card.number).issue, stripe_key(secret))

    def use_member_code(self, text: str) -> CardState:
        code = checked_member_code(self._connection, self._act.mall, text, self._act.at)
        card = self.get(code.number)
        # The guard is here, whoever else shows the same code at this moment at another desk.
        touched = self._connection.run(
            "UPDATE card SET qr_step = :step WHERE mall_id = :mall AND number = :number AND qr_step < :step",
            mall=self._act.mall,
            number=code.number,
            step=code.step,
        )
        if not touched:
            raise Refused("card.qr_used")
        return card

    def note_alert(self, number: str, member: UUID, kind: str) -> None:
        self._connection.later(
            "INSERT INTO card_alert (mall_id, operation_id, number, member, kind, desk, at) "
            "VALUES (:mall, :operation, :number, :member, :kind, :desk, :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            number=number,
            member=member,
            kind=kind,
            desk=self._act.desk,
            at=self._act.at,
        )


def is_void(connection: Connection, mall: str, serial: int) -> bool:
    return (
        connection.row(
            "SELECT 1 FROM card_void WHERE mall_id = :mall AND first_serial <= :serial AND last_serial >= :serial",
            mall=mall,
            serial=serial,
        )
        is not None
    )


def voids_within(connection: Connection, mall: str, first_serial: int, count: int) -> int:
    """Numbers of a batch that were voided and never were cards: some one by one, or all that were left."""
    last = first_serial + count - 1
    ranges = connection.rows(
        "SELECT first_serial, last_serial FROM card_void WHERE mall_id = :mall AND first_serial >= :first "
        "AND first_serial <= :last",
        mall=mall,
        first=first_serial,
        last=last,
    )
    if not any(begins < ends for begins, ends in ranges):
        return len(ranges)
    ((used,),) = connection.rows(
        "SELECT count(*) FROM card WHERE mall_id = :mall AND serial >= :first AND serial <= :last",
        mall=mall,
        first=first_serial,
        last=last,
    )
    return count - int(used)


def checked_member_code(connection: Connection, mall: str, text: str, at: datetime) -> MemberCode:
    """Raises Refused("card.qr_false" | "card.qr_old"); whether it was used is another question."""
    code = read_member_code(text)
    if code is None:
        raise Refused("card.qr_false")
    _, secret = card_secrets(connection, mall)
    check_member_code(code, at.timestamp(), qr_key(secret))
    return code


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


def search_key(connection: Connection, mall: str) -> bytes | None:
    """A hub's own, or the one that it has told this desk; None where there is no hub."""
    secret = connection.row(
        "SELECT value FROM secret WHERE mall_id = :mall AND name = :name", mall=mall, name=SEARCH_KEY
    )
    if secret is not None:
        return bytes(secret[0])
    told = connection.row(
        "SELECT value FROM sync_state WHERE mall_id = :mall AND name = :name", mall=mall, name=TOLD_SEARCH_KEY
    )
    return bytes.fromhex(told[0]) if told else None
