"""What a person asks an office for about what it keeps of her."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
TABLE = "subject_request"
OF = ("case_id", "office_id", "asked")
MOMENTS = ("proven_at", "longer_at", "answered_at", "given_at")


def upgrade() -> None:
    """One row for each office that was asked."""
    names = ("kind", "who", "by", "proven", "outcome", "ground", "answered_by", "given")
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("case_id", "office_id", "asked")
        ),
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT, nullable=True) for name in MOMENTS),
        sa.Column("masks", sa.Text(), nullable=False),
        sa.Column("wish", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=f"fk_{TABLE}_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=f"fk_{TABLE}_office_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    for name in OF:
        op.create_index(f"ix_{TABLE}_{name}", TABLE, [name])


def downgrade() -> None:
    """Drop it; the history of cases keeps that somebody asked."""
    op.drop_table(TABLE)
