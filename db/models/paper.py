"""The print spool. Not part of what the operations determine: whether paper came out is the printer's story."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, text

from db.models.base import mall_key, metadata
from db.types import Id, Instant

print_job = Table(
    "print_job",
    metadata,
    mall_key(),
    Column("job", Id, primary_key=True),
    Column("desk", String, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("document", String, nullable=False),
    Column("copy", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("cause", String),
    Column("queued_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_print_job_desk", print_job.c.mall_id, print_job.c.desk, print_job.c.state)
_TO_PRINT = text("state IN ('queued', 'failed')")  # as the spool asks, to the letter: SQLite compares no more than that
Index(
    "ix_print_job_waiting",
    print_job.c.mall_id,
    print_job.c.desk,
    print_job.c.queued_at,
    print_job.c.copy,
    postgresql_where=_TO_PRINT,
    sqlite_where=_TO_PRINT,
)
