"""Each office's records of a case get keys of their own; holds, and what was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
UNCONFIRMED = sa.text("confirmed_at IS NULL")
OF_KEYS = ("case_id", "office_id", "klass")


def upgrade() -> None:
    """Cases that have begun keep the one key that opens all of them."""
    for name in OF_KEYS:
        op.add_column("vault_key", sa.Column(name, sa.String(), nullable=True))
    op.execute(
        "UPDATE vault_key SET case_id = substr(owner, 6), klass = 'all' WHERE owner LIKE 'case:%'"
    )
    op.create_index("ix_vault_key_case_id", "vault_key", ["case_id"])
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_hold_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_hold_office_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hold"),
    )
    for name in ("case_id", "office_id"):
        op.create_index(f"ix_hold_{name}", "hold", [name])
    op.create_table(
        "retention_act",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("does", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("commitments", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("later", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_retention_act_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_act"),
    )
    for name in ("case_id", "office_id", "does"):
        op.create_index(f"ix_retention_act_{name}", "retention_act", [name])
    op.create_index(
        "ix_retention_act_unconfirmed",
        "retention_act",
        ["confirmed_at", "id"],
        sqlite_where=UNCONFIRMED,
        postgresql_where=UNCONFIRMED,
    )


def downgrade() -> None:
    """Drop them. What was sealed under keys of offices cannot be read by the older program."""
    op.drop_table("retention_act")
    op.drop_table("hold")
    op.drop_index("ix_vault_key_case_id", "vault_key")
    for name in reversed(OF_KEYS):
        op.drop_column("vault_key", name)
