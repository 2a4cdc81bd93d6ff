"""What a hub that stands in the same process gives a desk to begin with."""

from __future__ import annotations

from collections.abc import Iterator

from app.sync.images import PLAIN_TABLES
from app.sync.protocol import FeedPlace, SnapshotLine, ThinMember
from db.hub.images import Images
from tests.support.hub import HubMall


def lines_of(mall: HubMall, desk: str) -> tuple[FeedPlace, Iterator[SnapshotLine]]:
    search_key = mall.hub_store.begin().search_key
    with mall.hub_store.snapshot() as connection:
        at = mall.hub_store.head()
        images = Images(connection, mall.name, search_key)
        lines = []
        for table, (keys, _) in PLAIN_TABLES.items():
            found = connection.rows(
                f"SELECT {keys[0] if keys else 'name'} FROM {table} WHERE mall_id = :mall", mall=mall.name
            )
            lines += [SnapshotLine(image=images.image(table, str(key) if keys else "")) for (key,) in found]
        for (gift,) in connection.rows(
            "SELECT gift FROM stock WHERE mall_id = :mall AND desk = :d", mall=mall.name, d=desk
        ):
            lines.append(SnapshotLine(image=images.image("stock", f"{desk} {gift}")))
        for member, tier, state in connection.rows(
            "SELECT member, tier, state FROM member WHERE mall_id = :mall", mall=mall.name
        ):
            cards = [
                images.card_key(number)
                for (number,) in connection.rows(
                    "SELECT number FROM card WHERE mall_id = :mall AND member = :member", mall=mall.name, member=member
                )
            ]
            account = images.account(member)
            assert account is not None
            lines.append(
                SnapshotLine(thin=ThinMember(member, tier, state, account.posted - account.held, tuple(cards)))
            )
    return at, iter(lines)
