"""A session names the ways to sign in by which it was begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE, COLUMN = "login_session", "begun_by"


def upgrade() -> None:
    """Add the column. Sessions of before go on, and do not say by what they were begun."""
    op.add_column(TABLE, sa.Column(COLUMN, sa.String(), nullable=True))


def downgrade() -> None:
    """Drop the column; sessions that it says something of hold no more."""
    op.drop_column(TABLE, COLUMN)
