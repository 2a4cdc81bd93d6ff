"""Shops and the till slips they sent people with."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.domain.calendar import add_months
from app.domain.errors import Refused
from app.domain.offline_rules import OfflineRules
from app.ports.storage import Act
from db.connection import Connection, Statement


def about_shop(mall: str, shop: str) -> Statement:
    return Statement("SELECT name FROM shop WHERE mall_id = :mall AND shop = :shop", {"mall": mall, "shop": shop})


def about_sale(mall: str, shop: str, slip_number: str, sold_on: date) -> Statement:
    return Statement(
        "SELECT operation_id, taken_back FROM sale WHERE mall_id = :mall AND shop = :shop AND sold_on = :sold_on "
        "AND slip_number = :slip_number",
        {"mall": mall, "shop": shop, "sold_on": sold_on, "slip_number": slip_number},
    )


def about_spend(mall: str, member: UUID, first_day: date) -> Statement:
    return Statement(
        "SELECT coalesce(sum(amount_fen), 0) FROM sale WHERE mall_id = :mall AND member = :member "
        "AND sold_on >= :first_day AND taken_back = :no",
        {"mall": mall, "member": member, "first_day": first_day, "no": False},
    )


class SqlSales:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def shop_name(self, shop: str) -> str:
        (found,) = self._connection.ask(about_shop(self._act.mall, shop))
        if not found:
            raise Refused("shop.unknown", shop=shop[:20])
        name: str = found[0][0]
        return name

    def credited(self, shop: str, slip_number: str, sold_on: date) -> UUID | None:
        (found,) = self._connection.ask(about_sale(self._act.mall, shop, slip_number, sold_on))
        return found[0][0] if found else None

    def add(
        self,
        member: UUID,
        shop: str,
        slip_number: str,
        sold_at: datetime,
        sold_on: date,
        amount_fen: int,
        points: int,
    ) -> None:
        self._connection.touch("sale", f"{shop} {sold_on.isoformat()} {slip_number}")
        self._connection.later(
            "INSERT INTO sale (mall_id, shop, sold_on, slip_number, member, sold_at, amount_fen, points, taken_back, "
            "operation_id, line) VALUES (:mall, :shop, :sold_on, :slip_number, :member, :sold_at, :amount_fen, "
            ":points, :no, :operation, 0)",
            mall=self._act.mall,
            shop=shop,
            sold_on=sold_on,
            slip_number=slip_number,
            member=member,
            sold_at=sold_at,
            amount_fen=amount_fen,
            points=points,
            no=False,
            operation=self._act.operation,
        )
        # Which tier it makes is asked next: of a year, as `credit_sale` reckons.
        self._connection.foresee(about_spend(self._act.mall, member, add_months(self._act.business_day, -12)))

    def note_credited(self, points: int) -> tuple[int, int]:
        ((today, most),) = self._connection.rows(
            "INSERT INTO desk_credit (mall_id, desk, on_day, points) VALUES (:mall, :desk, :day, :points) "
            "ON CONFLICT (mall_id, desk, on_day) DO UPDATE SET points = desk_credit.points + :points RETURNING points, "
            "(SELECT value FROM setting WHERE mall_id = :mall AND name = 'offline_credit_per_day')",
            mall=self._act.mall,
            desk=self._act.till or self._act.desk,
            day=self._act.business_day,
            points=points,
        )
        return today, OfflineRules().credit_per_day if most is None else int(most)

    def take_back(self, operation: UUID) -> None:
        taken = self._connection.rows(
            "UPDATE sale SET taken_back = :yes WHERE mall_id = :mall AND operation_id = :operation "
            "RETURNING shop, sold_on, slip_number",
            mall=self._act.mall,
            operation=operation,
            yes=True,
        )
        assert len(taken) == 1, "a sale that was credited stands"
        for shop, sold_on, slip_number in taken:
            self._connection.touch("sale", f"{shop} {sold_on.isoformat()} {slip_number}")

    def spend_since(self, member: UUID, first_day: date) -> int:
        ((found,),) = self._connection.ask(about_spend(self._act.mall, member, first_day))
        return int(found[0])

    def add_shop(self, shop: str, name: str, category: str) -> None:
        self._connection.touch("shop", shop)
        self._connection.later(
            "INSERT INTO shop (mall_id, shop, name, category) VALUES (:mall, :shop, :name, :category) "
            "ON CONFLICT (mall_id, shop) DO UPDATE SET name = :name, category = :category",
            mall=self._act.mall,
            shop=shop,
            name=name,
            category=category,
        )
