"""Ways to sign in of a person: what the ledger says of them, and that one is left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from service.access import Viewer
from service.errors import LastWay
from service.people.second_factor import OPTIONAL
from service.records.context import actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.changes import Writer
from service.store.installation import credentials, sessions
from service.store.installation.credentials import (
    CODES,
    PASSKEY,
    PASSWORD,
    PROVIDER,
    RECOVERY,
    Credential,
)
from service.store.installation.people import stream_of
from service.store.transaction import Tx


def record_added(writer: Writer, by: Viewer, row: Credential, now: datetime) -> None:
    """Write that a person has a new way to sign in."""
    _record(writer, "way_added", by, row, now)


def record_ended(writer: Writer, by: Viewer, row: Credential, now: datetime) -> None:
    """Write that a way to sign in ended."""
    _record(writer, "way_ended", by, row, now)


def end_ways(
    tx: Tx, *, by: Viewer, rows: Collection[Credential], now: datetime, but: bytes = b""
) -> None:
    """End ways to sign in of a person, and the sign-ins that were begun by one of them. Of one that
    has ended already, such as a recovery code that was used, only the sign-ins end.

    Args:
        but: digest of the token of the session that asks. It goes on: she has just shown that it
            is she.
    """
    for row in rows:
        if row.is_live(now):
            credentials.end(tx, row, now, office=by.office)
            if row.kind != RECOVERY:
                record_ended(tx, by, row, now)
    ids = [row.id for row in rows]
    sessions.end_begun_by(tx, by.person, ids, office=by.office, but=but)


def require_other_way(
    reader: Reader, person: str, *, but: Credential, second_factor: str, now: datetime
) -> None:
    """Require that a person can still sign in without one of her ways.

    Args:
        second_factor: `Settings.second_factor`.
    Raises:
        LastWay: she could not.
    """
    kinds = {row.kind for row in credentials.of_person(reader, person, now=now) if row.id != but.id}
    with_password = PASSWORD in kinds and (second_factor == OPTIONAL or CODES in kinds)
    if not with_password and kinds.isdisjoint({PASSKEY, PROVIDER}):
        raise LastWay


def _record(writer: Writer, kind: str, by: Viewer, row: Credential, now: datetime) -> None:
    body = {"person": row.person_id, "way": row.kind}
    append_entry(writer, stream_of(by.office), kind, by=actor(by), now=now, body=body)
