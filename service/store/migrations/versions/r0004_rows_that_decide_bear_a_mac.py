"""Rows that decide something bear a MAC of their own, which is checked when they are used, and the
row of a case the sums of those of its rows.

The columns are empty here. The upgrade fills them, with the keyring: the MAC of each row that the
newest entry about it binds (`operations.row_macs`), and then the sums; it names the other rows.
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
    *("absence", "batch", "batch_case"),
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
