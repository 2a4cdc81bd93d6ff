"""Gifts and where they lie. A desk writes only its own stock; every change leaves a movement."""

from __future__ import annotations

from uuid import UUID

from app.domain.errors import Refused
from app.ports.storage import Act, CouponTerms, GiftState, StockState
from db.connection import Connection, Statement


def about_gift(mall: str, gift: str) -> Statement:
    return Statement(
        "SELECT name, points, value_fen, on_offer, coupon_days, coupon_shops, coupon_terms FROM gift "
        "WHERE mall_id = :mall AND gift = :gift",
        {"mall": mall, "gift": gift},
    )


def about_stock(mall: str, desk: str, gift: str) -> Statement:
    return Statement(
        "SELECT on_hand, reserved FROM stock WHERE mall_id = :mall AND desk = :desk AND gift = :gift",
        {"mall": mall, "desk": desk, "gift": gift},
    )


class SqlStock:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act
        self._gifts: dict[str, GiftState] = {}
        self._moves = 0

    def gift(self, gift: str) -> GiftState:
        if gift not in self._gifts:
            (found,) = self._connection.ask(about_gift(self._act.mall, gift))
            if not found:
                raise Refused("gift.unknown", gift=gift[:20])
            name, points, value_fen, on_offer, days, shops, terms = found[0]
            coupon = CouponTerms(days, shops, terms) if days is not None else None
            self._gifts[gift] = GiftState(gift, name, points, value_fen, on_offer, coupon)
        return self._gifts[gift]

    def level(self, gift: str, desk: str) -> StockState:
        return self._level(gift, desk) or StockState(0, 0)

    def _level(self, gift: str, desk: str) -> StockState | None:
        """None: there never was any."""
        (found,) = self._connection.ask(about_stock(self._act.mall, desk, gift))
        return StockState(*found[0]) if found else None

    def reserve(self, gift: str, quantity: int) -> None:
        self._take_if_free(gift, quantity, on_hand=0, reserved=quantity)

    def reserve_uncounted(self, gift: str, quantity: int) -> int:
        self.gift(gift)
        here = self._level(gift, self._act.desk)
        if here is None:
            self._begin_shelf(gift)
            here = StockState(0, 0)
        missing = max(0, quantity - (here.on_hand - here.reserved))
        self._change(gift, self._act.desk, on_hand=missing, reserved=quantity)
        return missing

    def release(self, gift: str, quantity: int, desk: str) -> None:
        self._change(gift, desk, on_hand=0, reserved=-quantity)

    def take(self, gift: str, quantity: int) -> None:
        self._change(gift, self._act.desk, on_hand=-quantity, reserved=-quantity)

    def put_back(self, gift: str, quantity: int, *, reserved: bool) -> None:
        self._change(gift, self._act.desk, on_hand=quantity, reserved=quantity if reserved else 0)

    def _begin_shelf(self, gift: str) -> None:
        self._connection.later(
            "INSERT INTO stock (mall_id, desk, gift, on_hand, reserved) VALUES (:mall, :desk, :gift, 0, 0) "
            "ON CONFLICT (mall_id, desk, gift) DO NOTHING",
            mall=self._act.mall,
            desk=self._act.desk,
            gift=gift,
        )

    def receive(self, gift: str, quantity: int) -> None:
        self._begin_shelf(gift)
        self._change(gift, self._act.desk, on_hand=quantity, reserved=0)

    def undo_receipt(self, receipt: UUID) -> None:
        moves = self._connection.rows(
            "SELECT desk, gift, on_hand FROM stock_move WHERE mall_id = :mall AND operation_id = :receipt "
            "ORDER BY line",
            mall=self._act.mall,
            receipt=receipt,
        )
        for desk, gift, quantity in moves:
            if desk != self._act.desk:
                raise Refused("redemption.other_desk", desk=desk)
            self._take_if_free(gift, quantity, on_hand=-quantity, reserved=0)

    def add_gift(self, gift: GiftState) -> None:
        self._connection.touch("gift", gift.gift)
        self._connection.later(
            "INSERT INTO gift (mall_id, gift, name, points, value_fen, on_offer, coupon_days, coupon_shops, "
            "coupon_terms) VALUES (:mall, :gift, :name, :points, :value_fen, :on_offer, :days, :shops, :terms) "
            "ON CONFLICT (mall_id, gift) DO UPDATE SET name = :name, points = :points, value_fen = :value_fen, "
            "on_offer = :on_offer, coupon_days = :days, coupon_shops = :shops, coupon_terms = :terms",
            mall=self._act.mall,
            gift=gift.gift,
            name=gift.name,
            points=gift.points,
            value_fen=gift.value_fen,
            on_offer=gift.on_offer,
            days=gift.coupon.days if gift.coupon else None,
            shops=gift.coupon.shops if gift.coupon else "",
            terms=gift.coupon.terms if gift.coupon else "",
        )

    def _take_if_free(self, gift: str, quantity: int, *, on_hand: int, reserved: int) -> None:
        """Guarded: only pieces that nobody has reserved. Raises Refused and says where else there are some."""
        touched = self._connection.run(
            "UPDATE stock SET on_hand = on_hand + :on_hand, reserved = reserved + :reserved WHERE mall_id = :mall "
            "AND desk = :desk AND gift = :gift AND on_hand - reserved >= :quantity",
            mall=self._act.mall,
            desk=self._act.desk,
            gift=gift,
            quantity=quantity,
            on_hand=on_hand,
            reserved=reserved,
        )
        if not touched:
            here = self.level(gift, self._act.desk)
            raise Refused(
                "gift.out_of_stock",
                gift=self.gift(gift).name,
                left=here.on_hand - here.reserved,
                elsewhere=self._elsewhere(gift),
            )
        self._note(gift, self._act.desk, on_hand, reserved)

    def _elsewhere(self, gift: str) -> str:
        """ "2 号服务台 3" … for the sentence; empty where there is none."""
        rows = self._connection.rows(
            "SELECT d.name, s.on_hand - s.reserved FROM stock s JOIN desk d ON d.mall_id = s.mall_id "
            "AND d.desk = s.desk WHERE s.mall_id = :mall AND s.gift = :gift AND s.desk <> :desk "
            "AND s.on_hand > s.reserved ORDER BY s.on_hand - s.reserved DESC",
            mall=self._act.mall,
            gift=gift,
            desk=self._act.desk,
        )
        return ", ".join(f"{name} {free}" for name, free in rows)

    def _change(self, gift: str, desk: str, *, on_hand: int, reserved: int) -> None:
        self._connection.later(
            "UPDATE stock SET on_hand = on_hand + :on_hand, reserved = reserved + :reserved WHERE mall_id = :mall "
            "AND desk = :desk AND gift = :gift",
            expect=1,
            mall=self._act.mall,
            desk=desk,
            gift=gift,
            on_hand=on_hand,
            reserved=reserved,
        )
        self._note(gift, desk, on_hand, reserved)

    def _note(self, gift: str, desk: str, on_hand: int, reserved: int) -> None:
        self._connection.touch("stock", f"{desk} {gift}")
        self._connection.later(
            "INSERT INTO stock_move (mall_id, operation_id, line, desk, gift, on_hand, reserved) "
            "VALUES (:mall, :operation, :line, :desk, :gift, :on_hand, :reserved)",
            mall=self._act.mall,
            operation=self._act.operation,
            line=self._moves,
            desk=desk,
            gift=gift,
            on_hand=on_hand,
            reserved=reserved,
        )
        self._moves += 1
