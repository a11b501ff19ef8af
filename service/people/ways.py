"""Entries of the ledger about ways to sign in: one was added, one was ended."""

from __future__ import annotations

from datetime import datetime

from service.access import Viewer
from service.records.context import actor
from service.records.ledger_append import append_entry
from service.store.changes import Writer
from service.store.installation.credentials import Credential
from service.store.installation.people import stream_of


def record_added(writer: Writer, by: Viewer, row: Credential, now: datetime) -> None:
    """Write that a person has a new way to sign in."""
    _record(writer, "way_added", by, row, now)


def record_ended(writer: Writer, by: Viewer, row: Credential, now: datetime) -> None:
    """Write that a way to sign in ended."""
    _record(writer, "way_ended", by, row, now)


def _record(writer: Writer, kind: str, by: Viewer, row: Credential, now: datetime) -> None:
    body = {"person": row.person_id, "way": row.kind}
    append_entry(writer, stream_of(by.office), kind, by=actor(by), now=now, body=body)
