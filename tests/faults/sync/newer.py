"""A newer version of the program, as a test can have one: the same, with migrations of its own behind ours."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from db import schema

_OURS = schema.HEAD, schema.KNOWN, schema.__file__
# What expands: nothing of it is in the way of the older program, which goes on until it is replaced.
_MIGRATION = '''"""Of a version that is still to come"""

import sqlalchemy as sa
from alembic import op

revision = "{version}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("account", "operation"):
        op.add_column(table, sa.Column("came_with_{version}", sa.BigInteger(), nullable=True))
    op.create_index("ix_journal_{version}", "journal", ["mall_id", "operation_id"])
    op.create_table(
        "of_{version}",
        sa.Column("mall_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("mall_id", "name", name=op.f("pk_of_{version}")),
    )
'''


class Versions:
    """`make` them in `folder`; a process that is to be the newest calls `become`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []

    def make(self) -> None:
        versions = self.folder / "migrations" / "versions"
        if not self.made:
            ours = Path(_OURS[2]).parent / "migrations"
            shutil.copytree(ours, self.folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
        version, before = f"{9001 + len(self.made)}", self.made[-1] if self.made else _OURS[0]
        (versions / f"{version}_of_a_test.py").write_text(_MIGRATION.format(version=version, before=before))
        self.made.append(version)


def become(folder: Path, versions: Sequence[str]) -> None:
    """This process is of the last of `versions`; without any, of our own again."""
    schema.HEAD, schema.KNOWN, schema.__file__ = _OURS
    if versions:
        schema.HEAD, schema.KNOWN = versions[-1], (*_OURS[1], *versions)
        schema.__file__ = str(folder / "schema.py")
