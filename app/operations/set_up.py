"""What has to be there before a counter can work: mall, desks, people, shops, gifts, card stock, figures.

These are the small verbs of first start and of the settings screens; each is one line of effect."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self
from uuid import UUID

from annotated_types import Ge, Le, Len

from app.domain.calendar import checked_zone
from app.domain.card import SERIALS, checked_prefix
from app.domain.errors import Refused
from app.domain.policy import checked_setting
from app.domain.staff import Right, Role
from app.domain.text import clean
from app.operations.base import EVERY_DESK, Offline, Operation, Result
from app.ports.storage import CouponTerms, GiftState, Work

Code = Annotated[str, Len(1, 20)]


@dataclass(frozen=True)
class Done(Result):
    pass


@dataclass(frozen=True, kw_only=True)
class OpenMall(Operation):
    name: str
    zone: str
    card_prefix: str

    verb = "open_mall"
    needs = None
    offline = Offline.NEVER
    by_system_only = True

    def normalised(self) -> Self:
        checked_prefix(self.card_prefix)
        name = clean(self.name, field="mall", longest=40, shortest=1)
        return replace(self, name=name, zone=checked_zone(self.zone))

    def apply(self, work: Work) -> Done:
        work.house.open_mall(self.name, self.zone, self.card_prefix)
        return Done()


@dataclass(frozen=True, kw_only=True)
class AddDesk(Operation):
    """`number` (1 to 99) is part of the member numbers that this desk gives out."""

    desk: Code
    name: str
    number: Annotated[int, Ge(1), Le(99)]
    public_key: Annotated[str, Len(64, 64)]  # Ed25519, hexadecimal

    verb = "add_desk"
    needs = Right.DESKS
    offline = Offline.NEVER

    def normalised(self) -> Self:
        if not set(self.public_key) <= set("0123456789abcdef"):
            raise Refused("desk.key_unreadable")
        return replace(self, name=clean(self.name, field="desk", longest=30, shortest=1))

    def apply(self, work: Work) -> Done:
        work.house.add_desk(self.desk, self.name, self.number, bytes.fromhex(self.public_key))
        return Done()


@dataclass(frozen=True, kw_only=True)
class AddStaff(Operation):
    """`pin_verifier` is made by the authority from the PIN that was typed."""

    staff: Code
    name: str
    role: Role
    pin_verifier: str | None = None
    own_membership: UUID | None = None

    verb = "add_staff"
    needs = Right.STAFF
    offline = Offline.NEVER

    def normalised(self) -> Self:
        if not (self.staff.isascii() and self.staff.isalnum()):
            raise Refused("staff.number_letters_digits")
        if self.staff.lower() == Role.SYSTEM.value:  # what the program does itself is signed with it
            raise Refused("staff.exists", staff=self.staff)
        if self.role is Role.SYSTEM:
            raise Refused("staff.role_not_given", role=self.role.value)
        return replace(self, name=clean(self.name, field="name", longest=40, shortest=1))

    def apply(self, work: Work) -> Done:
        if self.pin_verifier is None:
            raise Refused("pin.required")
        work.staff.add(self.staff, self.name, self.role, self.pin_verifier, self.own_membership)
        return Done()


@dataclass(frozen=True, kw_only=True)
class AddShop(Operation):
    shop: Code
    name: str
    category: str = ""

    verb = "add_shop"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        name = clean(self.name, field="shop", longest=40, shortest=1)
        return replace(self, name=name, category=clean(self.category, field="category", longest=40))

    def apply(self, work: Work) -> Done:
        work.sales.add_shop(self.shop, self.name, self.category)
        return Done()


@dataclass(frozen=True, kw_only=True)
class AddGift(Operation):
    """With `coupon_days`, its first day among them, the gift is a coupon: redeeming it prints it, signed. The shops
    where it counts (none named: all) and its terms are texts for the paper."""

    gift: Code
    name: str
    points: Annotated[int, Ge(1), Le(10_000_000)]
    value_fen: Annotated[int, Ge(0), Le(100_000_000)]
    on_offer: bool = True
    coupon_days: Annotated[int, Ge(1), Le(3_660)] | None = None
    coupon_shops: str = ""
    coupon_terms: str = ""

    verb = "add_gift"
    needs = Right.GIFTS
    offline = Offline.NEVER
    stops = EVERY_DESK  # no redemption anywhere has read the price and is not yet done

    def normalised(self) -> Self:
        is_coupon = self.coupon_days is not None
        return replace(
            self,
            name=clean(self.name, field="gift", longest=40, shortest=1),
            coupon_shops=clean(self.coupon_shops, field="coupon_shops", longest=80) if is_coupon else "",
            coupon_terms=clean(self.coupon_terms, field="coupon_terms", longest=200) if is_coupon else "",
        )

    def apply(self, work: Work) -> Done:
        coupon = None
        if self.coupon_days is not None:
            coupon = CouponTerms(self.coupon_days, self.coupon_shops, self.coupon_terms)
        work.stock.add_gift(GiftState(self.gift, self.name, self.points, self.value_fen, self.on_offer, coupon))
        return Done()


@dataclass(frozen=True, kw_only=True)
class AddCardBatch(Operation):
    """Serials `first_serial` … `first_serial + count - 1` become card stock of this desk, for cards of one kind or of
    any; `label` is what people call the batch."""

    first_serial: Annotated[int, Ge(1), Le(10**11 - 1)]
    count: Annotated[int, Ge(1), Le(10_000_000)]
    kind: Literal["any", "physical", "virtual"] = "any"
    label: str = ""

    verb = "add_card_batch"
    needs = Right.CARD_STOCK
    offline = Offline.NEVER

    def normalised(self) -> Self:
        last = self.first_serial + self.count - 1
        if last >= SERIALS:  # numbers beyond the last would be those of the first serials again
            raise Refused("request.bad_value", field="count", problem=f"Input should be less than {SERIALS}")
        return replace(self, label=clean(self.label, field="label", longest=40))

    def apply(self, work: Work) -> Done:
        work.cards.add_batch(self.first_serial, self.count, self.kind, self.label)
        return Done()


@dataclass(frozen=True, kw_only=True)
class ChangeSetting(Operation):
    name: str
    value: str

    verb = "change_setting"
    needs = Right.RULES
    offline = Offline.NEVER

    def normalised(self) -> Self:
        return replace(self, value=checked_setting(self.name, self.value))

    def apply(self, work: Work) -> Done:
        work.house.set(self.name, self.value)
        return Done()


@dataclass(frozen=True, kw_only=True)
class ImportHistory(Operation):
    """Bulk history enters 10,000 rows at a time; the operation names the hash of its rows, so `verify` covers them."""

    source: str
    kind: Literal["members", "sales"]
    rows: Annotated[int, Ge(1), Le(10_000)]
    sha256: Annotated[str, Len(64, 64)]

    verb = "import_history"
    needs = Right.IMPORT
    offline = Offline.NEVER

    def normalised(self) -> Self:
        return replace(self, source=clean(self.source, field="source", longest=60, shortest=1))

    def apply(self, work: Work) -> Done:
        work.imports.load(self.kind, self.rows, self.sha256)
        return Done()
