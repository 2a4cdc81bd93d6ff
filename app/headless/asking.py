"""The queries that a program may ask: what each takes, who may ask it, and which rows come back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

from annotated_types import Ge, Le, MaxLen
from pydantic import TypeAdapter

from app.domain.card import looks_like_bank_card
from app.domain.errors import Fact, Refused
from app.domain.staff import Right
from app.operations.sign_in import SignIn
from app.queries.ports import Queries
from app.queries.rows import (
    DeskStatus,
    FoundMember,
    GiftRow,
    MemberPage,
    OperationRow,
    ShopRow,
    StaffTile,
    TimelineEntry,
)
from app.queries.slips import RedemptionSlip

_MEMBER_NO = re.compile(r"[0-9]{10}")


@dataclass(frozen=True)
class Args:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True)
class NoArgs(Args):
    pass


@dataclass(frozen=True)
class MemberArgs(Args):
    """Exactly one of the three."""

    member: UUID | None = None
    card: Annotated[str, MaxLen(100)] | None = field(default=None, repr=False)  # or a code on paper or phone
    member_no: Annotated[str, MaxLen(10)] | None = None


@dataclass(frozen=True)
class FindArgs(Args):
    text: Annotated[str, MaxLen(60)] = field(repr=False)


@dataclass(frozen=True)
class OfMemberArgs(Args):
    member: UUID


@dataclass(frozen=True)
class OperationsArgs(Args):
    limit: Annotated[int, Ge(1), Le(200)] = 50
    verb: Annotated[str, MaxLen(40)] | None = None


@dataclass(frozen=True)
class OfOperationArgs(Args):
    operation: UUID


@dataclass(frozen=True)
class RevealedValue:
    """The whole value; gone after `seconds` of the `reveal` operation."""

    value: str = field(repr=False)


@dataclass(frozen=True)
class FreeCard:
    card: str


@dataclass(frozen=True)
class Asked:
    rows: tuple[Any, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)  # beside the rows

    def as_facts(self) -> dict[str, Any]:
        return {**self.facts, "rows": [_adapter(type(row)).dump_python(row, mode="json") for row in self.rows]}


@dataclass(frozen=True)
class Query:
    """`needs` None: anybody may ask, also without a session."""

    args: type[Args]
    needs: Right | None
    row: type[Any]
    ask: Callable[[Queries, Any, str], Asked]  # the last: who asks, empty where nobody is signed in


def _member(queries: Queries, args: MemberArgs, _by: str) -> Asked:
    if [args.member, args.card, args.member_no].count(None) != 2:
        raise Refused("request.bad_value", field="args", problem="exactly one of member, card and member_no")
    if args.member is not None:
        return Asked((queries.member_page(args.member),))
    if args.card is not None:
        refuse_bank_card(args.card)
        return Asked((queries.member_page(queries.member_by_card(args.card.strip())),))
    return Asked((queries.member_page(_with_number(queries, args.member_no or "")),))


def _with_number(queries: Queries, member_no: str) -> UUID:
    if _MEMBER_NO.fullmatch(member_no):
        for row in queries.find_members(member_no).rows:
            if row.member_no == member_no:
                return row.member
    raise Refused("member.unknown")


def _find(queries: Queries, args: FindArgs, _by: str) -> Asked:
    refuse_bank_card(args.text)
    found = queries.find_members(args.text)
    if found.guest is not None:
        raise found.guest.not_ours()
    return Asked(found.rows, {"more": found.more, "hint": found.hint})


def _timeline(queries: Queries, args: OfMemberArgs, _by: str) -> Asked:
    return Asked(queries.member_page(args.member).timeline)


def _operations(queries: Queries, args: OperationsArgs, _by: str) -> Asked:
    """Without signing in: the id of that operation is the session itself, and whoever has it works in that name."""
    rows = queries.recent_operations(args.limit, args.verb)
    return Asked(tuple(row for row in rows if row.verb != SignIn.verb))


QUERIES: Final[Mapping[str, Query]] = {
    "card_number": Query(
        NoArgs, Right.CARDS, FreeCard, lambda queries, _args, _by: Asked((FreeCard(queries.free_card_number()),))
    ),
    "desk": Query(NoArgs, None, DeskStatus, lambda queries, _args, _by: Asked((queries.desk_status(),))),
    "find": Query(FindArgs, Right.LOOK_UP, FoundMember, _find),
    "gifts": Query(NoArgs, Right.LOOK_UP, GiftRow, lambda queries, _args, _by: Asked(queries.gifts())),
    "member": Query(MemberArgs, Right.LOOK_UP, MemberPage, _member),
    "operations": Query(OperationsArgs, Right.LOOK_UP, OperationRow, _operations),
    "revealed": Query(
        OfOperationArgs,
        Right.REVEAL,
        RevealedValue,
        lambda queries, args, by: Asked((RevealedValue(queries.revealed(args.operation, by)),)),
    ),
    "shops": Query(NoArgs, Right.LOOK_UP, ShopRow, lambda queries, _args, _by: Asked(queries.shops())),
    "slip": Query(
        OfOperationArgs,
        Right.LOOK_UP,
        RedemptionSlip,
        lambda queries, args, _by: Asked((queries.redemption_slip(args.operation),)),
    ),
    "staff": Query(NoArgs, None, StaffTile, lambda queries, _args, _by: Asked(queries.staff())),
    "timeline": Query(OfMemberArgs, Right.LOOK_UP, TimelineEntry, _timeline),
}


def refuse_bank_card(number: object) -> None:
    """A payment card's number goes no further than this, and is not repeated in the refusal."""
    if isinstance(number, str) and looks_like_bank_card(re.sub(r"[\s-]", "", number)):
        raise Refused("card.bank")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
