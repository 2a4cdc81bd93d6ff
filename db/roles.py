"""What the program's own PostgreSQL role may do: add and read; change only cached figures; delete nothing.

The owner of the tables founds and migrates the store and could switch triggers off; so desks work under another role,
which holds these rights and no more (RELIABILITY.md 6 and 8.1)."""

from __future__ import annotations

from app.domain.errors import Refused
from db.connection import Connection

# Columns that operations change; everything else of a row is written once.
CHANGED = {
    "account": ("posted", "held", "owed"),
    "card": ("state", "since", "issue", "qr_step"),
    "card_batch": ("next_serial",),
    "desk": (
        "name",
        "number",
        "sequence",
        "head",
        "hlc",
        "wall_ms",
        "boot",
        "since_boot_ms",
        "clock_suspect",
        "members_enrolled",
    ),
    "gift": ("name", "points", "value_fen", "on_offer", "coupon_days", "coupon_shops", "coupon_terms"),
    "hold": ("resolved_by",),
    "lot": ("remaining", "expires_on"),
    "mall": ("name", "zone", "card_prefix", "policy_version"),
    "member": ("state", "tier", "pin_verifier", "pin_failures", "pin_locked_until", "pin_disabled"),
    "print_job": ("state", "cause"),
    "redemption_line": ("handed_out_by", "taken_by"),
    "sale": ("taken_back",),
    "session": ("closed_at",),
    "setting": ("value",),
    "shop": ("name", "category"),
    "staff": ("verifier", "failures", "locked_until", "disabled"),
    "stock": ("on_hand", "reserved"),
}


def grant_to(connection: Connection, role: str) -> None:
    """Give `role` what a desk needs. Raises Refused where there is no such role or the store is no PostgreSQL."""
    from db.models import metadata  # SQLAlchemy: nothing that every start has to wait for

    if connection.engine != "postgresql":
        raise Refused("database.not_postgres")
    if not connection.row("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role):
        raise Refused("database.no_such_role", role=role[:60])
    name = '"' + role.replace('"', '""') + '"'
    connection.run(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.run(f"GRANT SELECT ON alembic_version TO {name}")
    for table in sorted(metadata.tables):
        connection.run(f"REVOKE ALL ON {table} FROM {name}")
        connection.run(f"GRANT SELECT, INSERT ON {table} TO {name}")
        if table in CHANGED:
            connection.run(f"GRANT UPDATE ({', '.join(CHANGED[table])}) ON {table} TO {name}")
