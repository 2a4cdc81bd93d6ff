"""Puts an invented mall into a store, the way any history enters: as operations."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from stdnum import luhn

from app.authority import LocalAuthority
from app.demo import mall
from app.demo.history import History, MemberChunk, Plan
from app.domain.card import card_number
from app.domain.staff import Role
from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.set_up import AddCardBatch, AddGift, AddShop, AddStaff, ImportHistory
from app.sync.imports import hash_of
from app.sync.store import ImportRows

SPARE_CARDS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int], None]


def member_id(seed: int, index: int) -> UUID:
    """The same member has the same id for the same seed (UUID version 8: our own layout).

    Ids go up in the order of joining, as those of real members do (version 7): a chunk's rows then lie together in
    every index by member, and a million members do not rewrite a page for each row."""
    digest = bytearray(index.to_bytes(6) + blake2b(b"%d.%d" % (seed, index), digest_size=10).digest())
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def load_shelf(authority: LocalAuthority, desk: str) -> None:
    """Shops, gifts and this desk's stock of them."""
    if desk == mall.DESKS[0].desk:
        authority.submit_as_system(
            *(AddShop(shop=shop.shop, name=shop.name, category=shop.category) for shop in mall.SHOPS),
            *(
                AddGift(
                    gift=gift.gift,
                    name=gift.name,
                    points=gift.points,
                    value_fen=gift.value_fen,
                    coupon_days=gift.coupon_days,
                    coupon_shops=mall.COUPON_SHOPS if gift.coupon_days else "",
                    coupon_terms=mall.COUPON_TERMS if gift.coupon_days else "",
                )
                for gift in mall.GIFTS
            ),
        )
    place = [known.desk for known in mall.DESKS].index(desk)
    stock = tuple(StockLine(gift.gift, gift.stock[place]) for gift in mall.GIFTS if gift.stock[place])
    authority.submit_as_system(ReceiveStock(lines=stock, delivery_note="DEMO"))


def load_staff(authority: LocalAuthority) -> None:
    """Everybody but the administrator, who came with first start."""
    authority.submit_as_system(
        *(
            AddStaff(
                staff=person.staff,
                name=person.name,
                role=person.role,
                pin_verifier=authority.pin_verifier(person.pin),
            )
            for person in mall.STAFF
            if person.role is not Role.ADMINISTRATOR
        )
    )


def load_history(authority: LocalAuthority, plan: Plan, card_key: bytes, progress: Progress | None = None) -> None:
    """Members and their sales, 10,000 rows an operation at most; memory does not grow with their number."""
    authority.submit_as_system(AddCardBatch(first_serial=1, count=plan.members + SPARE_CARDS))
    member_pin = authority.pin_verifier(mall.MEMBER_PIN)
    total = plan.members * (1 + plan.sales_per_member)
    done = 0
    for chunk in History(plan).chunks():
        rows: list[tuple[Any, ...]]
        if isinstance(chunk, MemberChunk):
            rows = [_member(plan.seed, card_key, member_pin, row) for row in chunk.rows]
        else:
            rows = _sales(plan.seed, chunk.rows)
        authority.submit_as_system(
            ImportHistory(source="demo", kind=chunk.kind, rows=len(rows), sha256=hash_of(chunk.kind, rows)),
            rows=ImportRows(rows),
        )
        done += len(rows)
        if progress is not None:
            progress(min(done, total), total)


def _member(seed: int, card_key: bytes, member_pin: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    index, name, phone, birthday, gender, joined_on, tier, card_serial, has_pin = row
    plain = f"00{index + 1:07d}"
    return (
        member_id(seed, index),
        plain + luhn.calc_check_digit(plain),
        name,
        phone,
        birthday,
        gender,
        joined_on,
        tier,
        card_number(card_serial, mall.CARD_PREFIX, card_key) if card_serial is not None else None,
        member_pin if has_pin else None,
        os.urandom(32),
    )


def _sales(seed: int, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    made: list[tuple[Any, ...]] = []
    last, member = -1, None
    for index, shop, slip_number, sold_at_ms, sold_on, amount_fen, points, _ in rows:
        if index != last:  # sales come grouped by member
            last, member = index, member_id(seed, index)
        sold_at = _EPOCH + timedelta(milliseconds=sold_at_ms)
        made.append((member, shop, slip_number, sold_at, sold_on, amount_fen, points))
    return made
