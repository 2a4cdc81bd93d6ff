"""The hub: its desks and their licences, the feed, tasks, requests; two members may have one telephone number"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("desk_key", "feed", "licence_epoch", "op_quarantine")
NEVER_DELETED = ("enrol_code", "exception_task", "feed_head", "hub_desk", "hub_request", "scheduled_job", "till_sale")
_ONE_EACH, _TWINS = "UNIQUE (mall_id, phone)", "UNIQUE (mall_id, phone, twin)"


def upgrade() -> None:
    op.create_table(
        "desk_key",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("public_key", db.types.Bytes(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", "epoch", name=op.f("pk_desk_key")),
    )
    op.create_table(
        "enrol_code",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", db.types.Instant(), nullable=False),
        sa.Column("used_by", db.types.Id(), nullable=True),
        sa.PrimaryKeyConstraint("mall_id", "code_hash", name=op.f("pk_enrol_code")),
    )
    op.create_table(
        "exception_task",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("raised_at", db.types.Instant(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_exception_task_state")),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", "code", name=op.f("pk_exception_task")),
    )
    op.create_index(
        "ix_exception_task_open",
        "exception_task",
        ["mall_id", "desk"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "feed",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("prev", db.types.Bytes(), nullable=False),
        sa.Column("h", db.types.Bytes(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("op_hash", db.types.Bytes(), nullable=False),
        sa.Column("result", db.types.Bytes(), nullable=False),
        sa.Column("received_at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "n", name=op.f("pk_feed")),
        sa.UniqueConstraint("mall_id", "operation_id", name=op.f("uq_feed_mall_id_operation_id")),
    )
    op.create_table(
        "feed_head",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("epoch", db.types.Id(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("h", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", name=op.f("pk_feed_head")),
    )
    op.create_table(
        "hub_desk",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("last_seen", db.types.Instant(), nullable=True),
        sa.Column("unsent", sa.BigInteger(), nullable=False),
        sa.Column("oldest_unsent", db.types.Instant(), nullable=True),
        sa.Column("seen_n", sa.BigInteger(), nullable=False),
        sa.Column("must_enrol", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'suspended', 'retired', 'lost')", name=op.f("ck_hub_desk_state")),
        sa.PrimaryKeyConstraint("mall_id", "desk", name=op.f("pk_hub_desk")),
    )
    op.create_table(
        "hub_request",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("granted_by", db.types.Id(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("member", db.types.Id(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("until", db.types.Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_hub_request")),
    )
    op.create_index(
        "ix_hub_request_until",
        "hub_request",
        ["mall_id", "until"],
        unique=False,
        postgresql_where=sa.text("state = 'granted'"),
        sqlite_where=sa.text("state = 'granted'"),
    )
    op.create_table(
        "licence_epoch",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("desks", sa.Integer(), nullable=False),
        sa.Column("since", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "number", name=op.f("pk_licence_epoch")),
    )
    op.create_table(
        "op_quarantine",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("hash", db.types.Bytes(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("encoded", db.types.Bytes(), nullable=False),
        sa.Column("signature", db.types.Bytes(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "hash", "desk", name=op.f("pk_op_quarantine")),
    )
    op.create_table(
        "operation_key",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=False),
        sa.Column("subject", db.types.Id(), nullable=False),
        sa.Column("key", db.types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "operation_id", name=op.f("pk_operation_key")),
    )
    op.create_table(
        "request_nonce",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("desk", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "desk", "nonce", name=op.f("pk_request_nonce")),
    )
    op.create_index("ix_request_nonce_at", "request_nonce", ["mall_id", "at"], unique=False)
    op.create_table(
        "scheduled_job",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("on_day", db.types.Day(), nullable=False),
        sa.Column("done_at", db.types.Instant(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "job", "on_day", name=op.f("pk_scheduled_job")),
    )
    op.create_table(
        "till_sale",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("transaction_id", sa.String(), nullable=False),
        sa.Column("told", db.types.Bytes(), nullable=False),
        sa.Column("answer", db.types.Bytes(), nullable=False),
        sa.Column("operation_id", db.types.Id(), nullable=True),
        sa.Column("at", db.types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "transaction_id", name=op.f("pk_till_sale")),
    )
    op.add_column("staff", sa.Column("disabled_at", db.types.Instant(), nullable=True))
    op.add_column("person", sa.Column("twin", sa.Integer(), server_default="0", nullable=False))
    _phones("uq_person_mall_id_phone", "uq_person_mall_id_phone_twin", _ONE_EACH, _TWINS)
    _since_when_disabled()
    _guards()


def downgrade() -> None:
    _drop_guards()
    _phones("uq_person_mall_id_phone_twin", "uq_person_mall_id_phone", _TWINS, _ONE_EACH)
    op.drop_column("person", "twin")
    op.drop_column("staff", "disabled_at")
    for table in (*APPEND_ONLY, *NEVER_DELETED, "operation_key", "request_nonce"):
        op.drop_table(table)


def _phones(old_name: str, new_name: str, old: str, new: str) -> None:
    """As in 0004: by the table's own words, because SQLite cannot take a constraint out of a table."""
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        columns = new.removeprefix("UNIQUE ")
        op.execute(f"ALTER TABLE person DROP CONSTRAINT {old_name}")
        op.execute(f"ALTER TABLE person ADD CONSTRAINT {new_name} UNIQUE {columns}")
        return
    bind.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    (made,) = bind.scalars(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'person'"))
    hung_on = bind.scalars(
        sa.text("SELECT sql FROM sqlite_master WHERE type <> 'table' AND tbl_name = 'person' AND sql IS NOT NULL")
    ).all()
    assert old in made, made
    body = made[made.index("(") :].replace(f"{old_name} {old}", f"{new_name} {new}").replace(old + ",", new + ",")
    op.execute(f"CREATE TABLE person_anew {body}")
    op.execute("INSERT INTO person_anew SELECT * FROM person")
    op.execute("DROP TABLE person")
    op.execute("ALTER TABLE person_anew RENAME TO person")
    for sql in hung_on:
        op.execute(sql)
    bind.exec_driver_sql("PRAGMA legacy_alter_table = OFF")


def _since_when_disabled() -> None:
    """The moment of the wrong PIN that was one too many, as operations would have written it."""
    bind = op.get_bind()
    staff = sa.table("staff", *map(sa.column, ("mall_id", "staff", "disabled", "disabled_at")))
    operation = sa.table("operation", *map(sa.column, ("mall_id", "verb", "at", "encoded")))
    disabled = bind.execute(sa.select(staff.c.mall_id, staff.c.staff).where(staff.c.disabled)).all()
    for mall, who in disabled:
        wrong = bind.execute(
            sa.select(operation.c.at, operation.c.encoded)
            .where(operation.c.mall_id == mall, operation.c.verb == "count_wrong_pin")
            .order_by(operation.c.at)
        ).all()
        times = [at for at, encoded in wrong if json.loads(encoded)["body"].get("staff") == who]
        if times:
            bind.execute(
                sa.update(staff).where(staff.c.mall_id == mall, staff.c.staff == who).values(disabled_at=times[-1])
            )


def _guards() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        if sqlite:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
    for table in NEVER_DELETED:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are never deleted'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
    if not sqlite:
        for table in (*APPEND_ONLY, *NEVER_DELETED):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            )
        _nothing_beside_the_feed()


def _nothing_beside_the_feed() -> None:
    """Once a mall has a hub, no operation is written that its desks would not be told of."""
    op.execute(
        "CREATE FUNCTION operation_in_feed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM feed_head WHERE mall_id = NEW.mall_id) AND NOT EXISTS "
        "(SELECT 1 FROM feed WHERE mall_id = NEW.mall_id AND operation_id = NEW.operation_id) THEN "
        "RAISE EXCEPTION 'this mall has a hub: operations go through it' USING ERRCODE = '42501'; END IF; "
        "RETURN NULL; END $$"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER operation_in_feed AFTER INSERT ON operation DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION operation_in_feed()"
    )


def _drop_guards() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION operation_in_feed() CASCADE")
    else:
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_no_update")
        for table in (*APPEND_ONLY, *NEVER_DELETED):
            op.execute(f"DROP TRIGGER {table}_no_delete")
