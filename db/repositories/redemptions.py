"""What was redeemed, and which of it has left the counter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.domain.errors import Refused
from app.ports.storage import Act, IssuedCoupon, RedeemedLine, RedemptionState
from db.connection import Connection, Engine, Row, Statement

_LINES = (
    "SELECT line, gift, quantity, points, handed_out_by FROM redemption_line WHERE mall_id = :mall "
    "AND operation_id = :operation ORDER BY line"
)


def about_redemption(engine: Engine, mall: str, operation: UUID) -> tuple[Statement, ...]:
    """Its lock, itself, its lines."""
    named = {"mall": mall, "operation": operation}
    questions = (
        Statement(
            "SELECT r.member, r.desk, r.points, v.operation_id FROM redemption r LEFT JOIN reversal v "
            "ON v.mall_id = r.mall_id AND v.reverses = r.operation_id "
            "WHERE r.mall_id = :mall AND r.operation_id = :operation",
            named,
        ),
        Statement(_LINES, named),
    )
    if engine == "sqlite":
        return questions
    # A statement of its own: one desk hands out while another reverses, and the second sees what the first did.
    # The lines, not the redemption: to lock a row, a desk's role must be allowed to change some of it.
    lock = Statement(
        "SELECT 1 FROM redemption_line WHERE mall_id = :mall AND operation_id = :operation ORDER BY line FOR UPDATE",
        named,
    )
    return lock, *questions


def _as_lines(rows: Iterable[Row]) -> tuple[RedeemedLine, ...]:
    return tuple(
        RedeemedLine(line, gift, quantity, points, handed_out=by is not None)
        for line, gift, quantity, points, by in rows
    )


class SqlRedemptions:
    def __init__(self, connection: Connection, act: Act) -> None:
        self._connection = connection
        self._act = act

    def add(self, member: UUID, lines: Sequence[RedeemedLine]) -> None:
        self._connection.touch("redemption", str(self._act.operation))
        self._connection.later(
            "INSERT INTO redemption (mall_id, operation_id, member, desk, points, at) "
            "VALUES (:mall, :operation, :member, :desk, :points, :at)",
            mall=self._act.mall,
            operation=self._act.operation,
            member=member,
            desk=self._act.desk,
            points=sum(line.points for line in lines),
            at=self._act.at,
        )
        for line in lines:
            self._connection.later(
                "INSERT INTO redemption_line (mall_id, operation_id, line, gift, quantity, points) "
                "VALUES (:mall, :operation, :line, :gift, :quantity, :points)",
                mall=self._act.mall,
                operation=self._act.operation,
                line=line.line,
                gift=line.gift,
                quantity=line.quantity,
                points=line.points,
            )

    def issue(self, coupons: Sequence[IssuedCoupon]) -> None:
        for coupon in coupons:
            self._connection.later(
                "INSERT INTO coupon (mall_id, operation_id, line, piece, gift, worth_fen, valid_from, until, shops, "
                "terms) VALUES (:mall, :operation, :line, :piece, :gift, :worth_fen, :valid_from, :until, :shops, "
                ":terms)",
                mall=self._act.mall,
                operation=self._act.operation,
                line=coupon.line,
                piece=coupon.piece,
                gift=coupon.gift,
                worth_fen=coupon.worth_fen,
                valid_from=coupon.valid_from,
                until=coupon.until,
                shops=coupon.shops,
                terms=coupon.terms,
            )

    def gave_coupons(self, operation: UUID) -> bool:
        found = self._connection.row(
            "SELECT 1 FROM coupon WHERE mall_id = :mall AND operation_id = :operation LIMIT 1",
            mall=self._act.mall,
            operation=operation,
        )
        return found is not None

    def get(self, operation: UUID) -> RedemptionState:
        *_, found, lines = self._connection.ask(*about_redemption(self._connection.engine, self._act.mall, operation))
        if not found:
            raise Refused("redemption.unknown")
        member, desk, points, reversed_by = found[0]
        return RedemptionState(operation, member, desk, points, reversed_by is not None, _as_lines(lines))

    def _lines(self, operation: UUID, handed_out_by: UUID) -> tuple[RedeemedLine, ...]:
        rows = self._connection.rows(_LINES, mall=self._act.mall, operation=operation)
        return _as_lines(row for row in rows if row[-1] == handed_out_by)

    def hand_out(self, redemption: UUID, lines: Sequence[int], taken_by: str) -> None:
        self._connection.touch("redemption", str(redemption))
        for line in lines:
            self._connection.later(
                "UPDATE redemption_line SET handed_out_by = :operation, taken_by = :taken_by WHERE mall_id = :mall "
                "AND operation_id = :redemption AND line = :line AND handed_out_by IS NULL",
                expect=1,
                mall=self._act.mall,
                redemption=redemption,
                line=line,
                operation=self._act.operation,
                taken_by=taken_by,
            )

    def handed_out_by(self, operation: UUID) -> tuple[RedemptionState, tuple[RedeemedLine, ...]]:
        found = self._connection.row(
            "SELECT operation_id FROM redemption_line WHERE mall_id = :mall AND handed_out_by = :operation",
            mall=self._act.mall,
            operation=operation,
        )
        if found is None:
            raise Refused("redemption.unknown")
        return self.get(found[0]), self._lines(found[0], handed_out_by=operation)

    def take_back_hand_out(self, redemption: UUID, lines: Sequence[int]) -> None:
        self._connection.touch("redemption", str(redemption))
        for line in lines:
            self._connection.later(
                "UPDATE redemption_line SET handed_out_by = NULL, taken_by = NULL WHERE mall_id = :mall "
                "AND operation_id = :redemption AND line = :line",
                expect=1,
                mall=self._act.mall,
                redemption=redemption,
                line=line,
            )
