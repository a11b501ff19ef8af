"""Each office's records of a case get keys of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OF_KEYS = ("case_id", "office_id", "klass")


def upgrade() -> None:
    """Cases that have begun keep the one key that opens all of them."""
    for name in OF_KEYS:
        op.add_column("vault_key", sa.Column(name, sa.String(), nullable=True))
    op.execute(
        "UPDATE vault_key SET case_id = substr(owner, 6), klass = 'all' WHERE owner LIKE 'case:%'"
    )
    op.create_index("ix_vault_key_case_id", "vault_key", ["case_id"])


def downgrade() -> None:
    """Drop them. What was sealed under keys of offices cannot be read by the older program."""
    op.drop_index("ix_vault_key_case_id", "vault_key")
    for name in reversed(OF_KEYS):
        op.drop_column("vault_key", name)
