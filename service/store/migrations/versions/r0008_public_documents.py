"""What anybody asks an office for: a public document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
ASKED, CHOSEN = "document_request", "document_choice"


def upgrade() -> None:
    """One row for each request, and one for what is chosen while somebody works on it."""
    op.create_table(
        ASKED,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("wish", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=f"fk_{ASKED}_office_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{ASKED}"),
    )
    op.create_index(f"ix_{ASKED}_office_id", ASKED, ["office_id"])
    op.create_table(
        CHOSEN,
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], [f"{ASKED}.id"], name=f"fk_{CHOSEN}_request_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=f"fk_{CHOSEN}_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=f"fk_{CHOSEN}_office_id"),
        sa.PrimaryKeyConstraint("request_id", name=f"pk_{CHOSEN}"),
    )
    for name in ("case_id", "office_id"):
        op.create_index(f"ix_{CHOSEN}_{name}", CHOSEN, [name])


def downgrade() -> None:
    """Drop both; the ledger keeps that somebody asked, and what was decided."""
    op.drop_table(CHOSEN)
    op.drop_table(ASKED)
