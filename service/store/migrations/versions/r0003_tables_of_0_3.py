"""The tables of 0.3.0: who of an office handles a case, who stands in for whom, work over many
cases in the background, the published tables of the programme report, how a release was published,
and earlier states of a draft's files.

Nothing that is there is changed. A case of an office has no officer until somebody claims or sends
a task of it, or is given the case.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "absence",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("deputy_id", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name="fk_absence_deputy_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_absence_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_absence"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_absence_deputy_id", "absence", ["deputy_id"], unique=False)
    op.create_table(
        "case_officer",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_officer_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_case_officer_office_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_case_officer_person_id"),
        sa.PrimaryKeyConstraint("case_id", "office_id", name="pk_case_officer"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_case_officer_person", "case_officer", ["person_id", "case_id"], unique=False
    )
    _make_batches()
    _make_reports()
    _make_records_of_releases()


def _make_records_of_releases() -> None:
    """How a release was published, which is written once; and earlier states of a draft's files."""
    op.create_table(
        "release_dossier",
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name="fk_release_dossier_release_id"
        ),
        sa.PrimaryKeyConstraint("release_id", name="pk_release_dossier"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft_state",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_draft_state_draft_id"),
        sa.PrimaryKeyConstraint("draft_id", "file", "rev", name="pk_draft_state"),
    )
    postgres = op.get_context().dialect.name == "postgresql"
    table = "release_dossier"
    for act in ("update", "delete", *(["truncate"] if postgres else [])):
        before = f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
        then = (
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            if postgres
            else f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
        )
        op.execute(before + then)


def _make_batches() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("leased_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_index("ix_batch_subject", "batch", ["subject", "id"], unique=False)
    op.create_index("ix_batch_state", "batch", ["state", "lease_until"], unique=False)
    op.create_table(
        "batch_case",
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_batch_case_batch_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_batch_case_case_id"),
        sa.PrimaryKeyConstraint("batch_id", "case_id", name="pk_batch_case"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_batch_case_case_id", "batch_case", ["case_id"], unique=False)
    op.create_index(
        "ix_batch_case_position", "batch_case", ["batch_id", "verdict", "position"], unique=False
    )


def _make_reports() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tables", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint(
            "first_year", "last_year", "version", name="uq_report_first_year_last_year_version"
        ),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("report")
    op.drop_table("draft_state")
    op.drop_table("release_dossier")
    op.drop_table("batch_case")
    op.drop_table("batch")
    op.drop_table("case_officer")
    op.drop_table("absence")
