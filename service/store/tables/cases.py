"""Tables of a case: the case, its history, its answers, who may see it, its documents."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from service.store.tables.column_types import (
    Day,
    Digest,
    Hash,
    Id,
    Json,
    Moment,
    Number,
    PackedJson,
    PackedText,
    plain,
    sealed,
    secret,
)
from service.store.tables.metadata import checked_elsewhere, decides, metadata

CASE = "cases.id"
OFFICE = "office.id"
SCOPED = {"scope": "case"}
SEALED_WORDS = "sealed, and opens in its own row alone; access is decided without reading it"
ENDS = text("withdrawn_on IS NULL AND valid_to IS NOT NULL")
ANSWERED = text("answered_at IS NOT NULL")
UNCONFIRMED = text("confirmed_at IS NULL")
"""Only consents that end by themselves, only referrals that were answered, and only erasures that
nobody confirmed are in an index of those.
"""

cases = Table(
    "cases",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("ref", Id(), unique=True),
    plain("number", Id(), unique=True),
    plain("process", Id()),
    plain("release_id", Hash(), ForeignKey("release.id"), index=True),
    plain("rev", Number()),
    sealed("snapshot", "C2", empty=True),
    plain("stage", Id()),
    plain("station", Id()),
    plain("status", Id()),
    plain("end", Id()),
    plain("inner_end", Id()),
    plain("marking", Id()),
    plain("kind", Id()),
    plain("next_due", Moment(), empty=True),
    plain("started_by", Id(), ForeignKey(OFFICE)),
    plain("opened_at", Moment()),
    plain("moved_at", Moment()),
    plain("closed_at", Moment(), empty=True),
    secret("sums", Digest(), empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_cases_list", "status", "moved_at", "id"),
    Index(
        "ix_cases_begun",
        *("opened_at", "id", "status", "next_due", "release_id", "ref", "number"),
    ),
    info=SCOPED
    | decides(
        **dict.fromkeys(
            (
                *("release_id", "rev", "snapshot", "stage", "station", "status", "end"),
                *("inner_end", "next_due", "opened_at", "moved_at", "closed_at"),
            ),
            "the replay of the case gives it",
        ),
        sums="they bear a MAC of their own",
    ),
)
"""`sums` holds the sums of the MACs of its rows that decide, with a MAC over them (`row_sums`)."""

party = Table(
    "party",
    metadata,
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("role", Id(), primary_key=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    secret("mac", Digest(), empty=True),
    info=SCOPED | decides(),
    sqlite_with_rowid=False,
)

fact = Table(
    "fact",
    metadata,
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("rev", Number(), primary_key=True, autoincrement=False),
    plain("at", Moment()),
    plain("actor", Id()),
    plain("office", Id()),
    plain("kind", Id()),
    plain("element", Id()),
    plain("nth", Number()),
    plain("work_id", Id()),
    plain("form", Id()),
    plain("release", Number()),
    plain("engine", PackedText("names and versions of what made the fact")),
    plain("turn", PackedJson("ids and codes: the stimulus, the steps, what waits after them")),
    plain("state", Hash()),
    Index("ix_fact_element", "element", "at", "case_id", "rev", "kind", "actor", "office"),
    info=SCOPED
    | checked_elsewhere(
        "the ledger holds the digest of each fact, and the case's end names the last"
    ),
    sqlite_with_rowid=False,
)
"""`release` is a number of a release, of the process of the release that the case is on."""

fact_payload = Table(
    "fact_payload",
    metadata,
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("rev", Number(), primary_key=True, autoincrement=False),
    sealed("routing", "C2", empty=True),
    sealed("c0", "C0", empty=True),
    sealed("c1", "C1", empty=True),
    sealed("c2", "C2", empty=True),
    sealed("c3", "C3", empty=True),
    info=SCOPED | checked_elsewhere("sealed, and each value opens in its own row alone"),
    sqlite_with_rowid=False,
)
"""Sealed values of a fact: routing values, and the answers of each class."""

consent = Table(
    "consent",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("purpose", Id()),
    plain("given_by", Id()),
    plain("how", Id()),
    plain("given_on", Day()),
    plain("valid_to", Day(), empty=True),
    plain("withdrawn_on", Day(), empty=True),
    sealed("detail", "C1", empty=True),
    sealed("withdrawal", "C1", empty=True),
    plain("rev_given", Number()),
    plain("rev_withdrawn", Number(), empty=True),
    plain("by", Id()),
    plain("at", Moment()),
    secret("mac", Digest(), empty=True),
    Index("ix_consent_ending", "valid_to", "case_id", sqlite_where=ENDS, postgresql_where=ENDS),
    info=SCOPED | decides(detail=SEALED_WORDS, withdrawal=SEALED_WORDS),
)

case_grant = Table(
    "case_grant",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE)),
    plain("office_id", Id(), ForeignKey(OFFICE)),
    plain("role", Id()),
    plain("rule", Id()),
    plain("klasses", Id()),
    plain("ground", Id()),
    plain("purpose", Id()),
    plain("starts", Moment()),
    plain("until", Moment(), empty=True),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest()),
    Index("ix_case_grant_case_office", "case_id", "office_id"),
    Index("ix_case_grant_office_case", "office_id", "case_id"),
    info=SCOPED | decides(),
)

named_person = Table(
    "named_person",
    metadata,
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("person_id", Id(), ForeignKey("person.id"), primary_key=True),
    plain("by", Id()),
    plain("at", Moment()),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest(), empty=True),
    info=SCOPED | decides(),
    sqlite_with_rowid=False,
)

case_bar = Table(
    "case_bar",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), index=True),
    plain("person_id", Id(), index=True),
    plain("role", Id(), index=True),
    plain("why", Id()),
    plain("by", Id()),
    plain("at", Moment()),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest()),
    info=SCOPED | decides(),
)
"""For whom a case does not exist: an office, a person, or all who hold a role; "" for the two that
a row is not about."""

word_pair = Table(
    "word_pair",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    secret("digest", Digest(), unique=True),
    secret("printed", Digest()),
    plain("by", Id()),
    plain("at", Moment()),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest()),
    info=SCOPED | decides(),
)
"""Two words that find a case: `digest` is of the pair in either order, `printed` of the order on
the card. No pair comes twice, an ended one neither."""

case_officer = Table(
    "case_officer",
    metadata,
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("office_id", Id(), ForeignKey(OFFICE), primary_key=True),
    plain("person_id", Id(), ForeignKey("person.id")),
    plain("by", Id()),
    plain("at", Moment()),
    secret("mac", Digest(), empty=True),
    Index(
        "ix_case_officer_given",
        *("person_id", "at", "case_id"),
        sqlite_where=text('"by" <> person_id'),
        postgresql_where=text('"by" <> person_id'),
    ),
    info=SCOPED | decides(),
    sqlite_with_rowid=False,
)
"""Who of an office handles a case: it opens nothing to anybody."""

approval = Table(
    "approval",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), empty=True, index=True),
    plain("kind", Id()),
    plain("subjects", Json("ids and codes of what is to be done")),
    plain("digest", Hash()),
    plain("state", Id()),
    plain("asked_by", Id(), ForeignKey("person.id")),
    plain("asked_office", Id(), ForeignKey(OFFICE)),
    plain("asked_at", Moment()),
    sealed("reason", "C3", empty=True),
    plain("expires", Moment()),
    plain("decided_by", Id(), ForeignKey("person.id"), empty=True),
    plain("decided_at", Moment(), empty=True),
    plain("used_at", Moment(), empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_approval_waiting", "state", "expires"),
    Index("ix_approval_asker", "asked_by", "state"),
    info=SCOPED | decides(),
)

document = Table(
    "document",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("task_key", Id()),
    plain("field", Id()),
    plain("klass", Id()),
    sealed("name", "C1"),
    plain("kind", Id()),
    plain("size", Number()),
    plain("chunks", Number()),
    plain("by", Id()),
    plain("office", Id()),
    plain("at", Moment()),
    plain("state", Id()),
    plain("template", Id()),
    plain("purpose", Id()),
    plain("signs", Id()),
    plain("shows", Json("keys of fields and ids of offices")),
    secret("mac", Digest(), empty=True),
    info=SCOPED | decides(),
)

document_chunk = Table(
    "document_chunk",
    metadata,
    plain("document_id", Id(), ForeignKey("document.id"), primary_key=True),
    plain("nth", Number(), primary_key=True, autoincrement=False),
    sealed("sealed", "C3"),
    info=checked_elsewhere("sealed, and each opens in its own row alone"),
)

note = Table(
    "note",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), ForeignKey(OFFICE)),
    plain("about", Id()),
    plain("roles", Json("ids of roles")),
    plain("shared_with", Json("ids of offices")),
    plain("by", Id()),
    plain("at", Moment()),
    sealed("sealed", "C3"),
    info=SCOPED | checked_elsewhere("the ledger binds it; its text opens in its own row alone"),
)

referral = Table(
    "referral",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("from_office", Id(), ForeignKey(OFFICE)),
    plain("to_office", Id(), ForeignKey(OFFICE)),
    plain("from_role", Id()),
    plain("to_role", Id()),
    plain("element", Id()),
    plain("purpose", Id()),
    plain("ground", Id()),
    plain("consents", Json("purposes of consent that it rests on")),
    plain("rev", Number()),
    plain("fields", Json("ids of form fields in the packet")),
    plain("packet_sha256", Hash()),
    plain("state", Id()),
    plain("reason", Id()),
    plain("by", Id()),
    plain("sent_at", Moment(), empty=True),
    plain("opened_at", Moment(), empty=True),
    plain("answered_at", Moment(), empty=True),
    plain("asked_at", Moment(), empty=True),
    plain("ended_at", Moment(), empty=True),
    plain("acknowledged_at", Moment(), empty=True),
    plain("due", Moment(), empty=True),
    secret("mac", Digest(), empty=True),
    Index("ix_referral_inbox", "to_office", "state", "due"),
    Index("ix_referral_sent", "from_office", "state"),
    Index(
        "ix_referral_answered",
        *("to_office", "answered_at", "id"),
        sqlite_where=ANSWERED,
        postgresql_where=ANSWERED,
    ),
    info=SCOPED | decides(),
)

unsent = Table(
    "unsent",
    metadata,
    plain("key", Id(), primary_key=True),
    plain("person_id", Id(), ForeignKey("person.id"), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), empty=True, index=True),
    plain("rev", Number()),
    sealed("sealed", "C3"),
    plain("at", Moment(), index=True),
    info=SCOPED | checked_elsewhere("sealed, and opens for its own person and form alone"),
    sqlite_with_rowid=False,
)

hold = Table(
    "hold",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    sealed("reason", "C3", empty=True),
    plain("by", Id()),
    plain("at", Moment()),
    plain("until", Moment()),
    plain("why", Id()),
    plain("ended_by", Id()),
    plain("ended_at", Moment(), empty=True),
    secret("mac", Digest()),
    info=SCOPED | decides(),
)
"""Orders that nothing of a case is erased. The reason is sealed under the key of the office, and
emptied with the next erasure in the case."""

retention_act = Table(
    "retention_act",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), index=True),
    plain("classes", Json("classes of data")),
    plain("does", Id(), index=True),
    plain("rule", Id()),
    plain("plan", Hash()),
    plain("by", Id()),
    plain("approval_id", Id()),
    plain("at", Moment()),
    plain("keys", Json("ids of the keys that went")),
    plain("commitments", Json("what the ledger committed to: noise without the keys that went")),
    plain("counts", Json("name of a table to the number of its rows that went")),
    plain("later", Json("the kind of record; days are sealed in it for who keeps something still")),
    plain("ended_at", Moment(), empty=True),
    plain("ended_by", Id()),
    plain("outcome", Id()),
    plain("process", Number()),
    plain("confirmed_at", Moment(), empty=True),
    secret("mac", Digest()),
    Index(
        "ix_retention_act_unconfirmed",
        *("confirmed_at", "id"),
        sqlite_where=UNCONFIRMED,
        postgresql_where=UNCONFIRMED,
    ),
    info=SCOPED | decides(),
)
"""What was done to the records of an office in a case because of the retention plan, or earlier
because two persons said so. `plan` is the release whose plan it was; `later` is what rules need
after the first erasure in a case; `ended_at` is when a lock was opened or a task of an office was
done, with who did it and what came of it; `process` is the version of the diagram of such a task;
`confirmed_at` is when no live file held the keys any more."""

subject_request = Table(
    "subject_request",
    metadata,
    plain("id", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    plain("asked", Id(), index=True),
    plain("kind", Id()),
    plain("who", Id()),
    plain("by", Id()),
    plain("at", Moment()),
    plain("process", Number()),
    plain("proven", Id()),
    plain("proven_at", Moment(), empty=True),
    plain("longer_at", Moment(), empty=True),
    plain("outcome", Id()),
    plain("ground", Id()),
    plain("answered_by", Id()),
    plain("answered_at", Moment(), empty=True),
    plain("given", Id()),
    plain("given_at", Moment(), empty=True),
    plain("masks", Json("what was read of a copy, and which numbers of its parts are struck out")),
    sealed("wish", "C3", empty=True),
    sealed("answer", "C3", empty=True),
    secret("mac", Digest()),
    info=SCOPED | decides(),
)
"""What the person asked one office for about what it keeps of her: a copy, that it is corrected,
erased, restricted, or not used. One that she put to all offices of a case is a row for each, with
one `asked`. `proven` says how she showed who she is; `longer_at` is when she heard that it takes
two months more; `wish` is what she wants, in words, and `answer` what was decided."""

document_choice = Table(
    "document_choice",
    metadata,
    plain("request_id", Id(), ForeignKey("document_request.id"), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), index=True),
    plain("office_id", Id(), ForeignKey(OFFICE), index=True),
    plain("parts", Json("which parts are chosen, and which numbers of them are struck out")),
    secret("mac", Digest()),
    info=SCOPED | decides(),
)
"""Which case a request for a public document was found to be about, and what is chosen of it, for
as long as somebody works on it: a refusal takes it away, so that nothing tells it from one that
found nothing."""
