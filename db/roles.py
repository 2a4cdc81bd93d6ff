"""What the program's own PostgreSQL role may do: add and read; change only cached figures; delete nothing.

The owner of the tables founds and migrates the store and could switch triggers off; so desks work under another role,
which holds these rights and no more (RELIABILITY.md 6 and 8.1).

Where one database holds several malls, the same command puts a fence around what a role may see: a row-level policy on
every table that it has rights on. A hub's role always has one, since its connections name their mall anyhow. A desk's
role whose rights were given without one sees every mall, as it always did: where there is no other, it pays nothing."""

from __future__ import annotations

from app.domain.errors import Refused
from db.connection import Connection

# Columns that operations change; everything else of a row is written once.
CHANGED = {
    "account": ("posted", "held", "owed"),
    "approval_card": ("ended_at",),
    "card": ("state", "since", "issue", "qr_step"),
    "card_batch": ("next_serial",),
    "desk": (
        "name",
        "number",
        "epoch",
        "sequence",
        "head",
        "hlc",
        "wall_ms",
        "boot",
        "since_boot_ms",
        "clock_suspect",
        "members_enrolled",
    ),
    "directory": ("home",),
    "gift": ("name", "points", "value_fen", "on_offer", "coupon_days", "coupon_shops", "coupon_terms"),
    "desk_credit": ("points",),
    "enrol_code": ("used_by",),
    "exception_task": ("state", "owner", "closed_by", "closed_at", "outcome"),
    "feed_head": ("epoch", "n", "h"),
    "guest_call": ("state", "asked_at", "feed"),
    "hold": ("resolved_by",),
    "hub_desk": (
        *("state", "state_why", "state_since", "must_enrol", "program", "last_seen", "unsent", "oldest_unsent"),
        *("seen_n", "clock_skew_ms", "licence_until", "floor_used"),
        *("acked_n", "acked_feed", "kind"),
    ),
    "hub_request": ("granted_by", "points", "until", "state"),
    "lease": ("remaining", "ended_by"),
    "licence_span": ("until",),
    "lot": ("remaining", "expires_on"),
    "mall": ("name", "zone", "card_prefix", "policy_version"),
    "member": ("state", "tier", "pin_verifier", "pin_failures", "pin_locked_until", "pin_disabled"),
    "partner": ("name", "url", "public_key"),
    "print_job": ("state", "cause"),
    "redemption_line": ("handed_out_by", "taken_by"),
    "sale": ("taken_back",),
    "session": ("closed_at",),
    "setting": ("value",),
    "shop": ("name", "category"),
    "staff": ("verifier", "failures", "locked_until", "disabled", "disabled_at", "disabled_by", "closed_at"),
    "stock": ("on_hand", "reserved"),
}


# Of a connection: the mall that it works for (`Store.open`), where its role serves several of them.
MALL_SETTING = "memberdesk.mall"


# No history: how long a request may be repeated, what desks can go by, and whom they were shown today, and no longer.
DELETED = ("desk_shown", "member_share", "request_nonce", "share_spend")
# What a hub writes and a desk that works on the store itself does not.
OF_A_HUB = frozenset(
    {
        *("desk_key", "enrol_code", "feed", "feed_head", "hub_desk", "hub_request", "licence_epoch", "op_quarantine"),
        *("operation_key", "scheduled_job", "till_sale", "closed_day", "restoration", "licence_span", "desk_credit"),
        *("limits_spend", "partner", "directory", "guest_call"),
        *DELETED,
    }
)


def grant_to(connection: Connection, role: str, *, mall: str = "", many_malls: bool = False, hub: bool = False) -> None:
    """Give `role` what a desk needs, in the whole database; or in `mall` alone, whatever its sessions say; or, with
    `many_malls`, in the mall that its connection names, and nothing where it names none. With `hub`, what a hub needs:
    in `mall`, or in the one that its connection names.

    Raises Refused: database.no_such_role, database.not_postgres, database.passes_fences (the role owns the tables, or
    is a superuser, or BYPASSRLS: no policy holds for it)."""
    from db.models import metadata  # SQLAlchemy: nothing that every start has to wait for

    if connection.engine != "postgresql":
        raise Refused("database.not_postgres")
    if not connection.row("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role):
        raise Refused("database.no_such_role", role=role[:60])
    many_malls = many_malls or (hub and not mall)
    if (mall or many_malls) and _passes_fences(connection, role):
        raise Refused("database.passes_fences", role=role[:60])
    condition = f"current_setting('{MALL_SETTING}', true)" if many_malls else _literal(mall) if mall else None
    name = _quoted(role)
    connection.run(f"GRANT USAGE ON SCHEMA public TO {name}")
    connection.run(f"GRANT SELECT ON alembic_version TO {name}")
    for table in sorted(metadata.tables):
        connection.run(f"REVOKE ALL ON {table} FROM {name}")
        # Rights and fence come together: a table that a later program adds has neither until this is done again.
        _fence(connection, table, name, condition)
        if table in OF_A_HUB and not hub:
            connection.run(f"GRANT SELECT ON {table} TO {name}")
            continue
        connection.run(f"GRANT SELECT, INSERT ON {table} TO {name}")
        if table in DELETED:
            connection.run(f"GRANT DELETE ON {table} TO {name}")
        if table in CHANGED:
            connection.run(f"GRANT UPDATE ({', '.join(CHANGED[table])}) ON {table} TO {name}")


def _fence(connection: Connection, table: str, name: str, condition: str | None) -> None:
    """The policy bears the role's name. A restrictive one only takes away: everybody else keeps what they were given,
    by a permissive one that says nothing."""
    connection.run(f"DROP POLICY IF EXISTS {name} ON {table}")
    if condition is None:
        return
    connection.run(f'DROP POLICY IF EXISTS "every mall" ON {table}')
    connection.run(f'CREATE POLICY "every mall" ON {table} USING (true)')
    connection.run(f"CREATE POLICY {name} ON {table} AS RESTRICTIVE TO {name} USING (mall_id = {condition})")
    connection.run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def _passes_fences(connection: Connection, role: str) -> bool:
    return bool(
        connection.row(
            "SELECT 1 FROM pg_roles r WHERE r.rolname = :role AND (r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, "
            "(SELECT relowner FROM pg_class WHERE oid = to_regclass('operation')), 'USAGE'))",
            role=role,
        )
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
