"""Rows that decide, and entries of the ledger, bear a MAC of their own, which is checked; the row
of a case bears the sums of those of its rows.

The columns are empty here. The upgrade fills them, with the keyring, for each row that the newest
entry about it binds (`operations.row_macs`), and names the others. Entries that have their place in
the log by then stay without one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    *("party", "consent", "named_person", "case_officer", "approval", "referral", "incident"),
    *("absence", "batch", "batch_case", "letter", "job", "task", "cases"),
    *("document", "release", "draft"),
    "line",
)


def upgrade() -> None:
    """Add the columns."""
    op.add_column("cases", sa.Column("sums", sa.LargeBinary(), nullable=True))
    for table in TABLES:
        op.add_column(table, sa.Column("mac", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("cases", "sums")
    for table in TABLES:
        op.drop_column(table, "mac")
