"""The roots of a store that no operation can make: the mall's row, its secrets and the desks' rows with their keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.errors import Refused
from db.connection import Connection
from db.repositories.cards import CARD_KEY, card_secrets
from db.repositories.log import found_desk


@dataclass(frozen=True)
class Root:
    """One desk as it is founded."""

    desk: str
    number: int
    name: str
    public_key: bytes


def found(connection: Connection, mall: str, card_prefix: str, zone: str, card_key: bytes, root: Root) -> bool:
    """The first desk brings the mall with it; a later one joins it (True). Raises Refused("desk.exists")."""
    founded = connection.run(
        "INSERT INTO mall (mall_id, name, zone, card_prefix, policy_version) VALUES (:mall, '', :zone, :prefix, 0) "
        "ON CONFLICT (mall_id) DO NOTHING",
        mall=mall,
        zone=zone,
        prefix=card_prefix,
    )
    connection.run(
        "INSERT INTO secret (mall_id, name, value) VALUES (:mall, :name, :value) "
        "ON CONFLICT (mall_id, name) DO NOTHING",
        mall=mall,
        name=CARD_KEY,
        value=card_key,
    )
    taken = connection.row(
        "SELECT desk FROM desk WHERE mall_id = :mall AND (desk = :desk OR number = :number)",
        mall=mall,
        desk=root.desk,
        number=root.number,
    )
    if taken:
        raise Refused("desk.exists", desk=root.desk, number=root.number)
    found_desk(connection, mall, root.desk, root.number, root.name, root.public_key)
    return founded == 0


@dataclass(frozen=True)
class Roots:
    """Everything of a store that was founded, so that a copy can be founded alike (see `db.verify`)."""

    mall: str
    card_prefix: str
    zone: str
    card_key: bytes = field(repr=False)
    desks: tuple[Root, ...] = ()


def roots_of(connection: Connection, mall: str) -> Roots:
    """Raises Refused("mall.unknown")."""
    prefix, card_key = card_secrets(connection, mall)
    zone = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=mall)
    desks = connection.rows(
        "SELECT desk, number, name, public_key FROM desk WHERE mall_id = :mall ORDER BY number", mall=mall
    )
    return Roots(mall, prefix, zone[0] if zone else "", card_key, tuple(Root(*desk) for desk in desks))
