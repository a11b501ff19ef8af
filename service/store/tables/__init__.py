"""All tables. Importing this module fills `metadata`."""

from __future__ import annotations

from service.store.tables.cases import (
    answers,
    case_grant,
    cases,
    consent,
    document,
    document_chunk,
    fact,
    fact_payload,
    note,
    party,
    referral,
    unsent,
)
from service.store.tables.installation import (
    draft,
    heartbeat,
    line,
    login_session,
    membership,
    office,
    once,
    person,
    release,
    setting,
    short_lived_text,
    throttle,
    vault_key,
)
from service.store.tables.metadata import metadata
from service.store.tables.work import incident, job, letter, task

__all__ = [
    "answers",
    "case_grant",
    "cases",
    "consent",
    "document",
    "document_chunk",
    "draft",
    "fact",
    "fact_payload",
    "heartbeat",
    "incident",
    "job",
    "letter",
    "line",
    "login_session",
    "membership",
    "metadata",
    "note",
    "office",
    "once",
    "party",
    "person",
    "referral",
    "release",
    "setting",
    "short_lived_text",
    "task",
    "throttle",
    "unsent",
    "vault_key",
]
