"""The tables of 0.2.0: installation, case, work, and the triggers that keep history as written.

The migrations begin here. Tables of 0.1.0, revision 0001, are refused: nothing real was in them.
"""
# long: one migration is read from top to bottom, and is never changed once it was released

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
APPEND_ONLY = ("fact", "line", "log_index", "stream")
TABLES = (
    "document_chunk",
    "unsent",
    "task",
    "referral",
    "party",
    "note",
    "membership",
    "held",
    "login_session",
    "letter",
    "job",
    "incident",
    "fact_payload",
    "fact",
    "document",
    "consent",
    "approval",
    "named_person",
    "case_grant",
    "person",
    "draft",
    "cases",
    "vault_key",
    "throttle",
    "case_number",
    "setting",
    "release",
    "heartbeat",
    "once",
    "office",
    "log_waiting",
    "log_index",
    "line",
    "stream",
    "checkpoint",
)
"""From the last to the first."""


def upgrade() -> None:
    """Make every table, then guard those that hold history."""
    _installation()
    _case()
    _work()
    _guard()
    _note_entries()


def downgrade() -> None:
    """Drop everything."""
    for name in TABLES:
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION note_entry()")


def _guard() -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on history."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is written once', TG_TABLE_NAME "
            "USING ERRCODE = 'restrict_violation'; END $$"
        )
        for table in APPEND_ONLY:
            for act in ("update", "delete", "truncate"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                )
        return
    for table in APPEND_ONLY:
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
            )


def _note_entries() -> None:
    """Note each new ledger entry in `log_waiting`."""
    insert = (
        "INSERT INTO log_waiting (stream, seq) VALUES (NEW.stream, NEW.seq) ON CONFLICT DO NOTHING"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION note_entry() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {insert}; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER line_waits AFTER INSERT ON line "
            "FOR EACH ROW EXECUTE FUNCTION note_entry()"
        )
        return
    op.execute(f"CREATE TRIGGER line_waits AFTER INSERT ON line BEGIN {insert}; END")


def _installation() -> None:  # long: a call for each table, as Alembic writes it
    """Offices, people, sessions, releases, keys, the ledger."""
    op.create_table(
        "stream",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_stream"),
        sa.UniqueConstraint("name", name="uq_stream_name"),
    )
    op.create_table(
        "line",
        sa.Column("stream", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("open", sa.LargeBinary(), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["stream"], ["stream.number"], name="fk_line_stream"),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_line"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_index",
        sa.Column("stream", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["stream"], ["stream.number"], name="fk_log_index_stream"),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_log_index"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_waiting",
        sa.Column("stream", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["stream"], ["stream.number"], name="fk_log_waiting_stream"),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_log_waiting"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoint"),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("municipalities", sa.Text(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_office"),
    )
    op.create_table(
        "once",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "person_id", "route", name="pk_once"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_once_at", "once", ["at"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("handlers", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sa.UniqueConstraint("process", "number", name="uq_release_process_number"),
    )
    op.create_table(
        "case_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_case_number"),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vault_key",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_vault_key"),
        sa.UniqueConstraint("key_id", name="uq_vault_key_key_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vault_key_epoch", "vault_key", ["epoch"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["base"], ["release.id"], name="fk_draft_base"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_index("ix_draft_process", "draft", ["process"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("sign_in", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_person_office_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("sign_in", name="uq_person_sign_in"),
    )
    op.create_index("ix_person_office_id", "person", ["office_id"], unique=False)
    op.create_table(
        "held",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_held_person_id"),
        sa.PrimaryKeyConstraint("key", name="pk_held"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_held_ends_at", "held", ["ends_at"], unique=False)
    op.create_index("ix_held_person_id", "held", ["person_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("csrf", sa.LargeBinary(), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_login_session_person_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_login_session"),
    )
    op.create_index("ix_login_session_ends_at", "login_session", ["ends_at"], unique=False)
    op.create_index("ix_login_session_person_id", "login_session", ["person_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person_id"),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_membership"),
        sqlite_with_rowid=False,
    )


def _case() -> None:  # long: as above
    """Cases, their history and their documents."""
    op.create_table(
        "cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("end", sa.String(), nullable=False),
        sa.Column("inner_end", sa.String(), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("next_due", MOMENT, nullable=True),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name="fk_cases_release_id"),
        sa.ForeignKeyConstraint(["started_by"], ["office.id"], name="fk_cases_started_by"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sa.UniqueConstraint("ref", name="uq_cases_ref"),
    )
    op.create_index("ix_cases_list", "cases", ["status", "moved_at", "id"], unique=False)
    op.create_index("ix_cases_release_id", "cases", ["release_id"], unique=False)
    op.create_table(
        "case_grant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("klasses", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("starts", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_grant_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_case_grant_office_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_grant"),
    )
    op.create_index(
        "ix_case_grant_case_office", "case_grant", ["case_id", "office_id"], unique=False
    )
    op.create_index(
        "ix_case_grant_office_case", "case_grant", ["office_id", "case_id"], unique=False
    )
    op.create_table(
        "named_person",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_named_person_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_named_person_person_id"),
        sa.PrimaryKeyConstraint("case_id", "person_id", name="pk_named_person"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_office", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name="fk_approval_asked_by"),
        sa.ForeignKeyConstraint(["asked_office"], ["office.id"], name="fk_approval_asked_office"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_approval_case_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name="fk_approval_decided_by"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_asker", "approval", ["asked_by", "state"], unique=False)
    op.create_index("ix_approval_case_id", "approval", ["case_id"], unique=False)
    op.create_index("ix_approval_waiting", "approval", ["state", "expires"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("detail", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawal", sa.LargeBinary(), nullable=True),
        sa.Column("rev_given", sa.Integer(), nullable=False),
        sa.Column("rev_withdrawn", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_consent_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_case_id", "consent", ["case_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("task_key", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("klass", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("signs", sa.String(), nullable=False),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_document_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_case_id", "document", ["case_id"], unique=False)
    op.create_table(
        "fact",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("engine", sa.LargeBinary(), nullable=False),
        sa.Column("turn", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_fact_case_id"),
        sa.PrimaryKeyConstraint("case_id", "rev", name="pk_fact"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact_payload",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("routing", sa.LargeBinary(), nullable=True),
        sa.Column("c0", sa.LargeBinary(), nullable=True),
        sa.Column("c1", sa.LargeBinary(), nullable=True),
        sa.Column("c2", sa.LargeBinary(), nullable=True),
        sa.Column("c3", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_fact_payload_case_id"),
        sa.PrimaryKeyConstraint("case_id", "rev", name="pk_fact_payload"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("shared_with", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_note_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_note_office_id"),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("ix_note_case_id", "note", ["case_id"], unique=False)
    op.create_table(
        "party",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_party_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_party_office_id"),
        sa.PrimaryKeyConstraint("case_id", "role", name="pk_party"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_party_office_id", "party", ["office_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("from_office", sa.String(), nullable=False),
        sa.Column("to_office", sa.String(), nullable=False),
        sa.Column("from_role", sa.String(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("consents", sa.Text(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("packet_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_referral_case_id"),
        sa.ForeignKeyConstraint(["from_office"], ["office.id"], name="fk_referral_from_office"),
        sa.ForeignKeyConstraint(["to_office"], ["office.id"], name="fk_referral_to_office"),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
    )
    op.create_index("ix_referral_case_id", "referral", ["case_id"], unique=False)
    op.create_index("ix_referral_inbox", "referral", ["to_office", "state", "due"], unique=False)
    op.create_index("ix_referral_sent", "referral", ["from_office", "state"], unique=False)
    op.create_table(
        "unsent",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_unsent_case_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_unsent_person_id"),
        sa.PrimaryKeyConstraint("key", "person_id", name="pk_unsent"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unsent_at", "unsent", ["at"], unique=False)
    op.create_index("ix_unsent_case_id", "unsent", ["case_id"], unique=False)
    op.create_table(
        "document_chunk",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_document_chunk_document_id"
        ),
        sa.PrimaryKeyConstraint("document_id", "nth", name="pk_document_chunk"),
    )


def _work() -> None:  # long: as above
    """Tasks, jobs, letters, incidents."""
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("job_key", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_incident_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_case_id", "incident", ["case_id"], unique=False)
    op.create_index("ix_incident_open", "incident", ["closed_at", "id"], unique=False)
    op.create_table(
        "job",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("work_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("leased_by", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_job_case_id"),
        sa.PrimaryKeyConstraint("key", name="pk_job"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_job_case_id", "job", ["case_id"], unique=False)
    op.create_index("ix_job_due", "job", ["not_before", "key"], unique=False)
    op.create_index("ix_job_priority", "job", ["priority", "not_before", "key"], unique=False)
    op.create_table(
        "letter",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("needs_consent", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("leased_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_letter_case_id"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_letter_office_id"),
        sa.PrimaryKeyConstraint("key", name="pk_letter"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_letter_case_id", "letter", ["case_id"], unique=False)
    op.create_index(
        "ix_letter_due",
        "letter",
        ["not_before", "key"],
        unique=False,
        sqlite_where=sa.text("not_before IS NOT NULL"),
        postgresql_where=sa.text("not_before IS NOT NULL"),
    )
    op.create_table(
        "task",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("follow_up", MOMENT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("claimed_by", sa.String(), nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("hidden_until", MOMENT, nullable=True),
        sa.Column("sort_due", MOMENT, nullable=False),
        sa.Column("sort_rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_task_case_id"),
        sa.ForeignKeyConstraint(["claimed_by"], ["person.id"], name="fk_task_claimed_by"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_task_office_id"),
        sa.PrimaryKeyConstraint("key", name="pk_task"),
    )
    op.create_index("ix_task_due", "task", ["sort_due", "key"], unique=False)
    op.create_index(
        "ix_task_inbox", "task", ["office_id", "sort_due", "sort_rank", "key"], unique=False
    )
    op.create_index(
        "ix_task_mine", "task", ["claimed_by", "sort_due", "sort_rank", "key"], unique=False
    )
    op.create_index("uq_task_case_id_id", "task", ["case_id", "id"], unique=True)
