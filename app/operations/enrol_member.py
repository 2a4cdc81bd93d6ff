"""Take a person into the programme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self
from uuid import UUID

from annotated_types import MaxLen

from app.domain.calendar import age_on
from app.domain.conflicts import Conflict
from app.domain.errors import Refused
from app.domain.phone import normalised_phone
from app.domain.staff import Right
from app.domain.text import clean
from app.operations.base import Offline, Operation, Result
from app.ports.storage import Person, Work

ADULT_YEARS = 18
OLDEST_YEARS = 120


@dataclass(frozen=True)
class Consent:
    """Agreed to one purpose, with the version of the text that was shown."""

    purpose: Literal["service", "marketing", "profiling"]
    text_version: Annotated[str, MaxLen(20)] = "1"


@dataclass(frozen=True)
class MemberEnrolled(Result):
    member: UUID
    member_no: str
    tier: str


@dataclass(frozen=True, kw_only=True)
class EnrolMember(Operation):
    """`pin_verifier` is made by the authority from the PIN that the member typed; it never comes from outside."""

    member: UUID
    person: Person
    confirmed_adult: bool
    consents: tuple[Consent, ...] = ()
    pin_verifier: str | None = None

    verb = "enrol_member"
    needs = Right.ENROL
    offline = Offline.ALWAYS
    sealed = ("person", "pin_verifier")

    def normalised(self) -> Self:
        person = replace(
            self.person,
            name=clean(self.person.name, field="name", longest=60, shortest=1),
            phone=normalised_phone(self.person.phone),
        )
        if person.gender not in {"", "f", "m"}:
            raise Refused("member.gender_unknown")
        if not self.confirmed_adult:
            raise Refused("member.adult_not_confirmed")
        purposes = [consent.purpose for consent in self.consents]
        if "service" not in purposes:
            raise Refused("member.consent_missing")
        if len(set(purposes)) != len(purposes):
            raise Refused("request.bad_value", field="consents", problem="the same purpose twice")
        if self.member.version not in (4, 7):  # the mall's own accounts have ids that can be worked out, of version 5
            raise Refused("request.bad_value", field="member", problem="not a UUID of version 4 or 7")
        return replace(self, person=person)

    def apply(self, work: Work) -> MemberEnrolled:
        birthday = self.person.birthday
        if birthday is not None and not ADULT_YEARS <= age_on(work.act.business_day, birthday) <= OLDEST_YEARS:
            too_young = age_on(work.act.business_day, birthday) < ADULT_YEARS
            raise Refused("member.under_18" if too_young else "member.birthday_unlikely")
        already = work.members.with_phone(self.person.phone)
        if already is not None:
            if not work.act.is_fact:
                raise Refused("member.phone_in_use", member=str(already))
            work.conflict(Conflict.MERGE_CANDIDATE, other=str(already))
        member = work.members.add(
            self.member,
            self.person,
            pin_verifier=self.pin_verifier,
            adult_confirmed=self.confirmed_adult,
            twin=already is not None,
        )
        work.members.note_consents(self.member, [(consent.purpose, consent.text_version) for consent in self.consents])
        return MemberEnrolled(self.member, member.member_no, member.tier)
