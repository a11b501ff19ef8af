"""The tables of 0.3.0: who of an office handles a case, who stands in for whom, work over many
cases in the background, the published tables of the programme report, how a release was published,
earlier states of a draft's files, and what lists read: who sees which case in which order, and how
many are open.

What lists read is filled from what is there; nothing else is changed. A case of an office has no
officer until somebody claims or sends a task of it, or is given the case.
"""
# ruff: noqa: S608 - the statements are built of names of tables; no value of anybody's is in them
# long: one migration is read from top to bottom, and is never changed once it was released

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
INDEXES = (
    (
        "ix_cases_begun",
        "cases",
        ["opened_at", "id", "status", "next_due", "release_id", "ref", "number"],
    ),
    ("ix_fact_element", "fact", ["element", "at", "case_id", "rev", "kind", "actor", "office"]),
    ("ix_line_at", "line", ["at", "stream", "seq"]),
    ("ix_line_kind", "line", ["kind", "at", "stream", "seq", "office"]),
    ("ix_line_actor", "line", ["actor", "at", "stream", "seq"]),
    ("ix_line_office", "line", ["office", "at", "stream", "seq"]),
)
"""By which auditors search all cases and the ledger."""
READER = ["office_id", "role"]
BY_DUE = ["sort_due", "sort_rank", "key"]
FREE, RESTS, AWAY = "claimed_by IS NULL", "hidden_until IS NOT NULL", "away_since IS NOT NULL"
STOPPED = "stopped_since IS NOT NULL"
ENDS = "withdrawn_on IS NULL AND valid_to IS NOT NULL"
ANSWERED = "answered_at IS NOT NULL"
OF_TASKS = (
    ("ix_task_inbox", [*READER, *BY_DUE, "hidden_until"], None),
    ("ix_task_unclaimed", [*READER, *BY_DUE, "hidden_until"], FREE),
    ("ix_task_resting", [*READER, "hidden_until", "sort_due"], RESTS),
    ("ix_task_ref", [*READER, "ref", "sort_due", "key"], None),
    ("ix_task_stage", [*READER, "stage", "sort_due", "key"], None),
    ("ix_task_opened", [*READER, "opened_at", "key"], None),
    ("ix_task_sender", [*READER, "sender", *BY_DUE], None),
    ("ix_task_mine", ["claimed_by", *BY_DUE, *READER, "hidden_until"], None),
    ("ix_task_element", ["element", "case_id"], None),
)
"""By which an inbox is read: in each of its orders, and through each of its filters."""
OF_LISTS = (
    ("ix_case_access_case", "case_access", ["case_id", *READER, "opens", "until"], None),
    ("ix_case_access_over", "case_access", ["until", "case_id"], None),
    (
        "ix_case_access_here",
        "case_access",
        [*READER, "rank", "due", "case_id", "opens", "until", "stopped_since"],
        None,
    ),
    (
        "ix_case_access_due",
        "case_access",
        [*READER, "ended", "due", "case_id", "rank", "opens", "until", "stopped_since"],
        None,
    ),
    ("ix_case_access_ref", "case_access", [*READER, "ended", "ref", "case_id"], None),
    ("ix_case_access_since", "case_access", [*READER, "ended", "moved_on", "case_id"], None),
    ("ix_case_access_stage", "case_access", [*READER, "ended", "stage", "ref", "case_id"], None),
    (
        "ix_case_access_step",
        "case_access",
        [*READER, "due_element", "due", "case_id", "rank", "opens", "until"],
        None,
    ),
    (
        "ix_case_access_away",
        "case_access",
        [*READER, "away_since", "case_id", "opens", "until"],
        AWAY,
    ),
    (
        "ix_case_access_away_office",
        "case_access",
        [*READER, "away_office", "away_since", "case_id", "opens", "until"],
        AWAY,
    ),
    (
        "ix_case_access_stopped",
        "case_access",
        [*READER, "ended", "rank", "due", "case_id", "opens", "until", "stopped_since"],
        STOPPED,
    ),
    ("ix_job_element", "job", ["element", "case_id", "kind"], None),
    ("ix_consent_ending", "consent", ["valid_to", "case_id"], ENDS),
    ("ix_referral_answered", "referral", ["to_office", "answered_at", "id"], ANSWERED),
)
"""By which lists of cases are read, in each of their orders, and an office's figures."""
DISTANT = datetime(9999, 12, 31, tzinfo=UTC)
"""What stands where there is no moment."""


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
    given = sa.text('"by" <> person_id')
    op.create_index(
        "ix_case_officer_given",
        "case_officer",
        ["person_id", "at", "case_id"],
        sqlite_where=given,
        postgresql_where=given,
    )
    _make_batches()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, unique=False)
    _make_reports()
    _make_records_of_releases()
    _make_lists()


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


def _make_lists() -> None:
    """Who sees which case in which order, the counts, and what lists ask of a task."""
    _widen_tasks()
    op.create_table(
        "case_access",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("opens", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("due_element", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("moved_on", MOMENT, nullable=False),
        sa.Column("away_office", sa.String(), nullable=False),
        sa.Column("away_since", MOMENT, nullable=True),
        sa.Column("stopped_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_access_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_case_access_office_id"),
        sa.PrimaryKeyConstraint("office_id", "role", "case_id", name="pk_case_access"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_case_count",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_open_case_count_office_id"),
        sa.PrimaryKeyConstraint("office_id", "roles", "stage", name="pk_open_case_count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "release_case_count",
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name="fk_release_case_count_release_id"
        ),
        sa.PrimaryKeyConstraint("release_id", name="pk_release_case_count"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "officer_case_count",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name="fk_officer_case_count_office_id"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_officer_case_count_person_id"
        ),
        sa.PrimaryKeyConstraint("office_id", "person_id", name="pk_officer_case_count"),
        sqlite_with_rowid=False,
    )
    _fill_lists()
    for name, table, columns, only in OF_LISTS:
        where = None if only is None else sa.text(only)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _widen_tasks() -> None:
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("ref", sa.String(), nullable=True))
        task.add_column(sa.Column("sender", sa.String(), nullable=True))
        task.drop_index("ix_task_inbox")
        task.drop_index("ix_task_mine")
    op.execute(
        "UPDATE task SET ref = (SELECT ref FROM cases WHERE cases.id = task.case_id),"
        " sender = coalesce((SELECT office FROM fact WHERE fact.case_id = task.case_id"
        " AND fact.at = task.opened_at ORDER BY rev DESC LIMIT 1), '')"
    )
    with op.batch_alter_table("task") as task:
        task.alter_column("ref", existing_type=sa.String(), nullable=False)
        task.alter_column("sender", existing_type=sa.String(), nullable=False)
    for name, columns, only in OF_TASKS:
        where = None if only is None else sa.text(only)
        op.create_index(name, "task", columns, sqlite_where=where, postgresql_where=where)


def _fill_lists() -> None:
    """From the open tasks, and from the grants that had not run out when a case moved last."""
    postgres = op.get_context().dialect.name == "postgresql"
    day = (
        "date_trunc('day', c.moved_at, 'UTC')"
        if postgres
        else "c.moved_at - c.moved_at % 86400000000"
    )
    first = "FROM task t WHERE t.case_id = c.id ORDER BY t.sort_due, t.key LIMIT 1"
    away = (
        "FROM task t WHERE t.case_id = c.id AND coalesce(t.office_id, '') <> r.office_id"
        " ORDER BY t.opened_at, t.key LIMIT 1"
    )
    reader = "office_id, role, case_id"
    before = f"PARTITION BY {reader} ORDER BY starts, until"
    # a span that begins before another ends goes on with it; the first that is not over counts
    filled = sa.text(
        "INSERT INTO case_access WITH spans AS ("
        f"SELECT {reader}, starts, coalesce(until, :distant) AS until FROM case_grant"
        " WHERE ended_at IS NULL AND starts < coalesce(until, :distant)"
        f"), marked AS (SELECT {reader}, starts, until, max(until)"
        f" OVER ({before} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM spans"
        f"), parted AS (SELECT {reader}, starts, until,"
        f" sum(CASE WHEN before >= starts THEN 0 ELSE 1 END) OVER ({before}) AS nth FROM marked"
        f"), joined AS (SELECT {reader}, nth, min(starts) AS opens, max(until) AS until"
        f" FROM parted GROUP BY {reader}, nth"
        " HAVING max(until) > (SELECT max(moved_at) FROM cases)"
        f"), firsts AS (SELECT {reader}, nth, opens, until,"
        f" min(nth) OVER (PARTITION BY {reader}) AS first FROM joined"
        f"), granted AS (SELECT {reader}, opens, until FROM firsts WHERE nth = first"
        f"), own AS (SELECT DISTINCT {reader} FROM task WHERE office_id IS NOT NULL"
        f"), readers AS (SELECT {reader} FROM granted UNION SELECT {reader} FROM own)"
        " SELECT r.office_id, r.role, c.id, coalesce(g.opens, :distant),"
        " coalesce(g.until, :distant), CASE WHEN c.status = 'ended' THEN 2"
        " WHEN o.case_id IS NULL THEN 1 ELSE 0 END,"
        " CASE WHEN c.status = 'ended' THEN 1 ELSE 0 END,"
        f" coalesce((SELECT t.sort_due {first}), :distant),"
        f" coalesce((SELECT CASE WHEN t.due IS NULL THEN '' ELSE t.element END {first}), ''),"
        f" c.ref, c.stage, {day},"
        f" coalesce((SELECT t.office_id {away}), ''), (SELECT t.opened_at {away}),"
        " (SELECT min(i.opened_at) FROM incident i WHERE i.case_id = c.id"
        " AND i.closed_at IS NULL)"
        " FROM readers r JOIN cases c ON c.id = r.case_id"
        " LEFT JOIN granted g ON g.office_id = r.office_id AND g.role = r.role"
        " AND g.case_id = r.case_id"
        " LEFT JOIN own o ON o.office_id = r.office_id AND o.role = r.role"
        " AND o.case_id = r.case_id"
    )
    op.get_bind().execute(filled.bindparams(sa.bindparam("distant", DISTANT, type_=_Micros())))
    roles = "string_agg(role, ' ' ORDER BY role)" if postgres else "group_concat(role, ' ')"
    op.execute(
        "INSERT INTO open_case_count SELECT office_id, roles, stage, count(*) FROM ("
        f"SELECT office_id, case_id, {roles} AS roles, stage FROM"
        " (SELECT * FROM case_access WHERE ended = 0 AND opens < until"
        " ORDER BY office_id, case_id, role) a"
        " GROUP BY office_id, case_id, stage) o GROUP BY office_id, roles, stage"
    )
    op.execute(
        "INSERT INTO release_case_count SELECT release_id, count(*) FROM cases"
        " WHERE status = 'open' GROUP BY release_id"
    )


class _Micros(sa.types.TypeDecorator[datetime]):
    """A moment as the databases keep it: microseconds on SQLite."""

    impl = MOMENT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> object:
        """To the database."""
        if value is None or dialect.name == "postgresql":
            return value
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("officer_case_count")
    op.drop_table("release_case_count")
    op.drop_table("open_case_count")
    op.drop_table("case_access")
    op.drop_index("ix_consent_ending", "consent")
    op.drop_index("ix_job_element", "job")
    op.drop_index("ix_referral_answered", "referral")
    for name, *_ in OF_TASKS:
        op.drop_index(name, "task")
    with op.batch_alter_table("task") as task:
        task.drop_column("sender")
        task.drop_column("ref")
    op.create_index("ix_task_inbox", "task", ["office_id", *BY_DUE])
    op.create_index("ix_task_mine", "task", ["claimed_by", *BY_DUE])
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("report")
    op.drop_table("draft_state")
    op.drop_table("release_dossier")
    op.drop_table("batch_case")
    op.drop_table("batch")
    op.drop_table("case_officer")
    op.drop_table("absence")
