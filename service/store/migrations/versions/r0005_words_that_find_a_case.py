"""Two words that a person says find her case: the table of their keyed digests; and for whom a case
does not exist.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables; nobody has been given words yet, and no case is barred to anybody."""
    op.create_table(
        "word_pair",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("printed", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_word_pair_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_word_pair"),
        sa.UniqueConstraint("digest", name="uq_word_pair_digest"),
    )
    op.create_index("ix_word_pair_case_id", "word_pair", ["case_id"])
    op.create_table(
        "case_bar",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_bar_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_bar"),
    )
    for name in ("case_id", "office_id", "person_id", "role"):
        op.create_index(f"ix_case_bar_{name}", "case_bar", [name])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("case_bar")
    op.drop_table("word_pair")
