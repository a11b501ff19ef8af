"""Rows that decide, and entries of the ledger, bear a MAC of their own, which is checked.

The column is empty here. The upgrade fills it, with the keyring, for each row that the newest entry
about it binds (`operations.row_macs`), and names the others. Entries that have their place in the
log by then stay without one.
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
    *("absence", "batch", "batch_case", "letter", "job", "task"),
    "line",
)


def upgrade() -> None:
    """Add the column."""
    for table in TABLES:
        op.add_column(table, sa.Column("mac", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    for table in TABLES:
        op.drop_column(table, "mac")
