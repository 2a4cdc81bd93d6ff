"""The shops whose till slips earn points."""

from __future__ import annotations

from collections.abc import Mapping

from app.operations.set_up import AddShop
from app.ports.authority import Submission
from app.queries.rows import ShopRow
from ui.catalogue.keeping import NEW, Form, Invalid, Keeper, Request, is_code
from ui.counter.services import Problem, SignedIn


class ShopsPresenter(Keeper[ShopRow]):
    def load(self) -> tuple[ShopRow, ...]:
        return self.services.queries.shops()

    def fits(self, row: ShopRow, typed: str) -> bool:
        return any(typed in text.lower() for text in (row.shop, row.name, row.pinyin, row.category))

    def filled(self, kind: str, row: ShopRow | None) -> Mapping[str, str]:
        return {} if row is None else {"shop": row.shop, "name": row.name, "category": row.category}

    def categories(self) -> tuple[str, ...]:
        """Those that are in use, so that one trade is not written in three ways."""
        return tuple(sorted({row.category for row in self._rows if row.category}))

    def field_of(self, problem: Problem, form: Form[ShopRow]) -> str:
        return "name" if problem.code.startswith("text.") else ""

    def request(self, form: Form[ShopRow], person: SignedIn) -> Request:
        code = form.row.shop if form.row is not None else form.value("shop")
        if not is_code(code):
            raise Invalid("shop", "code.unreadable")
        if form.kind == NEW and any(row.shop == code for row in self._rows):
            raise Invalid("shop", "code.taken", code=code)
        operation = AddShop(shop=code, name=form.value("name"), category=form.value("category")[:20]).normalised()
        return Request(Submission((operation,), person.session), "added" if form.row is None else "changed",
                       operation.name)  # fmt: skip
