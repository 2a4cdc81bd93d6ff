"""Which desks are to be given card numbers, and from which serial on."""

from __future__ import annotations

from app.domain.card_block import Block, next_block, numbers_left
from db.connection import Connection
from db.queries.cards import next_card_serial


def short_of_cards(connection: Connection, mall: str) -> tuple[tuple[str, int, int], ...]:
    """(desk, first serial, count). Counters only: a kiosk gives no cards, a till neither."""
    desks = connection.rows(
        "SELECT desk FROM hub_desk WHERE mall_id = :mall AND state = 'active' AND kind = 'counter' ORDER BY desk",
        mall=mall,
    )
    blocks = blocks_of_desks(connection, mall)
    wanted = [(desk, next_block(blocks.get(desk, ()))) for (desk,) in desks]
    return tuple((desk, next_card_serial(connection, mall, desk), count) for desk, count in wanted if count)


def blocks_of_desks(connection: Connection, mall: str) -> dict[str, list[Block]]:
    """The oldest first."""
    found: dict[str, list[Block]] = {}
    for desk, *block in connection.rows(
        "SELECT desk, first_serial, count, next_serial, kind FROM card_batch WHERE mall_id = :mall "
        "ORDER BY made_at, first_serial",
        mall=mall,
    ):
        found.setdefault(desk, []).append(Block(*block))
    return found


def numbers_left_of_desks(connection: Connection, mall: str) -> dict[str, int]:
    return {desk: numbers_left(blocks) for desk, blocks in blocks_of_desks(connection, mall).items()}
