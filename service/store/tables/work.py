"""Tables of waiting work: tasks for people, jobs for the worker, letters to go out, incidents, and
work over many cases.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from service.store.tables.column_types import (
    Digest,
    Id,
    Json,
    Moment,
    Number,
    OpenText,
    plain,
    sealed,
    secret,
)
from service.store.tables.metadata import decides, metadata

CASE = "cases.id"
OFFICE = "office.id"
SCOPED = {"scope": "case"}
LEASE = "a worker's lease, which changes with every piece of work"
FINDS = "it finds and sorts in lists, and verification compares it"
SHOWN = "how far it has come, for the page"
WAITS = text("not_before IS NOT NULL")
"""Only what may still go is in an index of due rows."""
READER, BY_DUE = ("office_id", "role"), ("sort_due", "sort_rank", "key")
FREE, RESTS = text("claimed_by IS NULL"), text("hidden_until IS NOT NULL")
"""Conditions of partial indexes: tasks that nobody has claimed, and tasks that rest."""

task = Table(
    "task",
    metadata,
    plain("key", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE)),
    plain("id", Id()),
    plain("element", Id()),
    plain("nth", Number()),
    plain("role", Id()),
    plain("office_id", Id(), ForeignKey(OFFICE), empty=True),
    plain("stage", Id()),
    plain("due", Moment(), empty=True),
    plain("follow_up", Moment(), empty=True),
    plain("priority", Number()),
    plain("opened_at", Moment()),
    plain("claimed_by", Id(), ForeignKey("person.id"), empty=True),
    plain("claimed_at", Moment(), empty=True),
    plain("hidden_until", Moment(), empty=True),
    plain("sort_due", Moment()),
    plain("sort_rank", Number()),
    plain("ref", Id()),
    plain("sender", Id()),
    secret("mac", Digest(), empty=True),
    Index("uq_task_case_id_id", "case_id", "id", unique=True),
    Index("ix_task_due", "sort_due", "key"),
    Index("ix_task_mine", "claimed_by", *BY_DUE, *READER, "hidden_until"),
    Index("ix_task_element", "element", "case_id"),
    Index("ix_task_inbox", *READER, *BY_DUE, "hidden_until"),
    Index(
        "ix_task_unclaimed",
        *(*READER, *BY_DUE, "hidden_until"),
        sqlite_where=FREE,
        postgresql_where=FREE,
    ),
    Index(
        "ix_task_resting",
        *(*READER, "hidden_until", "sort_due"),
        sqlite_where=RESTS,
        postgresql_where=RESTS,
    ),
    Index("ix_task_ref", *READER, "ref", "sort_due", "key"),
    Index("ix_task_stage", *READER, "stage", "sort_due", "key"),
    Index("ix_task_opened", *READER, "opened_at", "key"),
    Index("ix_task_sender", *READER, "sender", *BY_DUE),
    info=SCOPED
    | decides(
        sort_due=f"follows from its due date; {FINDS}",
        sort_rank=f"follows from its priority; {FINDS}",
        ref=f"follows from its case; {FINDS}",
        sender=f"of the fact that it came from; {FINDS}",
    ),
)
"""`ref` is the pseudonym of the case, `sender` the office of who did what the task came from."""

job = Table(
    "job",
    metadata,
    plain("key", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE)),
    plain("work_id", Id()),
    plain("kind", Id()),
    plain("topic", Id()),
    plain("element", Id()),
    plain("nth", Number()),
    plain("due", Moment(), empty=True),
    plain("priority", Number()),
    plain("tries", Number()),
    plain("not_before", Moment(), empty=True),
    plain("lease_until", Moment(), empty=True),
    plain("leased_by", Id()),
    plain("error", OpenText("the kind of fault and where; handlers' messages are not kept")),
    plain("state", Id()),
    sealed("inputs", "C2", empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_job_case_id", "case_id"),
    Index("ix_job_element", "element", "case_id", "kind"),
    Index("ix_job_due", "not_before", "key"),
    Index("ix_job_priority", "priority", "not_before", "key"),
    info=SCOPED
    | decides(
        tries=LEASE,
        lease_until=LEASE,
        leased_by=LEASE,
        error="of the last try",
        inputs="sealed, and opens in its own row alone; made anew where the handler changes",
        not_before="it changes with every try; how late it may be is bounded (decisions/0093)",
        state="whether a worker has it, or it rests: setting it going does what its turn began",
    ),
    sqlite_with_rowid=False,
)

letter = Table(
    "letter",
    metadata,
    plain("key", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE)),
    plain("office_id", Id(), ForeignKey(OFFICE)),
    plain("role", Id()),
    plain("template", Id()),
    plain("language", Id()),
    plain("params", Json("counts, dates and ids from the template's closed list")),
    plain("needs_consent", Id()),
    plain("channel", Id()),
    plain("documents", Json("ids of documents that go along")),
    plain("state", Id()),
    plain("tries", Number()),
    plain("not_before", Moment(), empty=True),
    plain("lease_until", Moment(), empty=True),
    plain("leased_by", Id()),
    plain("made_at", Moment()),
    plain("sent_at", Moment(), empty=True),
    plain("error", OpenText("the kind of fault and the mail server's number")),
    secret("mac", Digest(), empty=True),
    Index("ix_letter_case_id", "case_id"),
    Index("ix_letter_due", "not_before", "key", sqlite_where=WAITS, postgresql_where=WAITS),
    info=SCOPED | decides(tries=LEASE, lease_until=LEASE, leased_by=LEASE),
    sqlite_with_rowid=False,
)

incident = Table(
    "incident",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), empty=True),
    plain("job_key", Id()),
    plain("element", Id()),
    plain("kind", Id()),
    plain("topic", Id()),
    plain("error", OpenText("the kind of fault and where; no value of the case")),
    plain("opened_at", Moment()),
    plain("closed_at", Moment(), empty=True),
    plain("closed_by", Id(), empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_incident_case_id", "case_id"),
    Index("ix_incident_open", "closed_at", "id"),
    info=SCOPED | decides(),
)

batch = Table(
    "batch",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("kind", Id()),
    plain("subject", Id()),
    plain("detail", Json("ids, digests and numbers; words of process owners about their draft")),
    plain("state", Id()),
    plain("total", Number()),
    plain("done", Number()),
    plain("by", Id()),
    plain("at", Moment()),
    plain("ended_at", Moment(), empty=True),
    plain("lease_until", Moment(), empty=True),
    plain("leased_by", Id()),
    secret("mac", Digest(), empty=True),
    Index("ix_batch_subject", "subject", "id"),
    Index("ix_batch_state", "state", "lease_until"),
    info=decides(done=SHOWN, lease_until=LEASE, leased_by=LEASE),
)
"""Work over many cases in the background: a dry run of a draft, or a migration of open cases."""

batch_case = Table(
    "batch_case",
    metadata,
    plain("batch_id", Id(), ForeignKey("batch.id"), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True, index=True),
    plain("position", Number()),
    plain("verdict", Id()),
    plain("element", Id()),
    plain("detail", Json("ids of elements, names of fields and numbers; no value of the case")),
    secret("mac", Digest(), empty=True),
    Index("ix_batch_case_position", "batch_id", "verdict", "position"),
    info=SCOPED | decides(),
    sqlite_with_rowid=False,
)
"""What a batch found or did in each of its cases; the verdict is empty until it was there."""
