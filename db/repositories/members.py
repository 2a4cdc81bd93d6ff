"""Members and their personal data, with the keys they are found by."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from stdnum import luhn

from app.domain.errors import Refused
from app.domain.pinyin import search_keys
from app.ports.storage import Act, MemberState, Person
from db.connection import Connection, Statement

FIRST_TIER = "bronze"


def characters(name: str) -> str:
    """A name for the full-text index: one token per character, named by its code point, because the tokenizer knows no
    character that is younger than itself (𬭚)."""
    return " ".join(f"u{ord(character):x}" for character in name if not character.isspace())


def about_member(mall: str, member: UUID) -> Statement:
    return Statement(
        "SELECT member_no, state, tier, joined_on, pin_verifier FROM member WHERE mall_id = :mall AND member = :member",
        {"mall": mall, "member": member},
    )


class SqlMembers:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act
        self._read: dict[UUID, MemberState] = {}

    def add(
        self, member: UUID, person: Person, *, pin_verifier: str | None, adult_confirmed: bool, twin: bool = False
    ) -> MemberState:
        act = self._act
        number_of_twin = self._next_twin(person.phone) if twin else 0
        if self._connection.row(
            "SELECT 1 FROM member WHERE mall_id = :mall AND member = :member", mall=act.mall, member=member
        ):
            raise Refused("member.exists")
        member_no = self._next_number()
        while self._connection.engine == "sqlite" and self._number_is_taken(member_no):
            member_no = self._next_number()  # a desk's store that was put back counts from an earlier number
        later = self._connection.later
        self._connection.touch("member", str(member))
        self._connection.touch("account", str(member))
        later(
            "INSERT INTO member (mall_id, member, member_no, state, tier, joined_on, adult_confirmed, pin_verifier, "
            "pin_failures, pin_disabled, operation_id, line) VALUES (:mall, :member, :member_no, 'active', :tier, "
            ":joined_on, :adult, :pin, 0, :no, :operation, 0)",
            mall=act.mall,
            member=member,
            member_no=member_no,
            tier=FIRST_TIER,
            joined_on=act.business_day,
            adult=adult_confirmed,
            pin=pin_verifier,
            no=False,
            operation=act.operation,
        )
        later(
            "INSERT INTO person (mall_id, member, name, phone, phone_reversed, birthday, gender, twin) "
            "VALUES (:mall, :member, :name, :phone, :reversed, :birthday, :gender, :twin)",
            mall=act.mall,
            member=member,
            name=person.name,
            phone=person.phone,
            reversed=person.phone[::-1],
            birthday=person.birthday,
            gender=person.gender,
            twin=number_of_twin,
        )
        later(
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) "
            "VALUES (:mall, :member, 'member', 0, 0, 0)",
            mall=act.mall,
            member=member,
        )
        for kind, key in keys_of(person.name):
            later(
                "INSERT INTO search_key (mall_id, kind, key, member) VALUES (:mall, :kind, :key, :member)",
                mall=act.mall,
                kind=kind,
                key=key,
                member=member,
            )
        if self._connection.engine == "sqlite":
            later(
                "INSERT INTO name_index (characters, mall_id, member) VALUES (:characters, :mall, :member)",
                characters=characters(person.name),
                mall=act.mall,
                member=member.hex,
            )
        return MemberState(member, member_no, "active", FIRST_TIER, act.business_day, pin_verifier)

    def _next_number(self) -> str:
        found = self._connection.row(
            "UPDATE desk SET members_enrolled = members_enrolled + 1 WHERE mall_id = :mall AND desk = :desk "
            "RETURNING number, members_enrolled",
            mall=self._act.mall,
            desk=self._act.desk,
        )
        assert found is not None
        number, count = found
        plain = f"{number:02d}{count:07d}"
        return plain + str(luhn.calc_check_digit(plain))

    def _number_is_taken(self, member_no: str) -> bool:
        return bool(
            self._connection.row(
                "SELECT 1 FROM member WHERE mall_id = :mall AND member_no = :member_no",
                mall=self._act.mall,
                member_no=member_no,
            )
        )

    def get(self, member: UUID) -> MemberState:
        if member not in self._read:
            (found,) = self._connection.ask(about_member(self._act.mall, member))
            if not found:
                raise Refused("member.unknown")
            self._read[member] = MemberState(member, *found[0])
        return self._read[member]

    def active(self, member: UUID) -> MemberState:
        state = self.get(member)
        if state.state != "active":
            raise Refused(f"member.{state.state}")
        return state

    def is_told(self, member: UUID) -> bool:
        found = self._connection.row(
            "SELECT 1 FROM person WHERE mall_id = :mall AND member = :member", mall=self._act.mall, member=member
        )
        return found is not None

    def with_phone(self, phone: str) -> UUID | None:
        found = self._connection.row(
            "SELECT member FROM person WHERE mall_id = :mall AND phone = :phone ORDER BY twin",
            mall=self._act.mall,
            phone=phone,
        )
        return found[0] if found else None

    def _next_twin(self, phone: str) -> int:
        found = self._connection.row(
            "SELECT coalesce(max(twin) + 1, 0) FROM person WHERE mall_id = :mall AND phone = :phone",
            mall=self._act.mall,
            phone=phone,
        )
        assert found is not None
        number: int = found[0]
        return number

    def set_tier(self, member: UUID, tier: str) -> None:
        self._read.pop(member, None)
        self._connection.touch("member", str(member))
        self._connection.later(
            "UPDATE member SET tier = :tier WHERE mall_id = :mall AND member = :member",
            expect=1,
            mall=self._act.mall,
            member=member,
            tier=tier,
        )

    def set_pin(self, member: UUID, verifier: str) -> None:
        self._read.pop(member, None)
        self._connection.later(
            "UPDATE member SET pin_verifier = :verifier WHERE mall_id = :mall AND member = :member",
            expect=1,
            mall=self._act.mall,
            member=member,
            verifier=verifier,
        )

    def note_consents(self, member: UUID, consents: Iterable[tuple[str, str]]) -> None:
        for purpose, text_version in consents:
            self._connection.later(
                "INSERT INTO consent (mall_id, member, purpose, text_version, operation_id, at) "
                "VALUES (:mall, :member, :purpose, :text_version, :operation, :at)",
                mall=self._act.mall,
                member=member,
                purpose=purpose,
                text_version=text_version,
                operation=self._act.operation,
                at=self._act.at,
            )


def keys_of(name: str) -> set[tuple[str, str]]:
    """(kind, key) rows: full pinyin and initials of every reading."""
    keys = set()
    for full, initials in search_keys(name):
        if full:
            keys.add(("p", full))
        if initials:
            keys.add(("i", initials))
    return keys
