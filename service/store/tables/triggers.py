"""History is written once: triggers on both databases refuse to change or delete it.

Another one notes each new ledger entry, so that it gets its place in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

APPEND_ONLY = ("fact", "line", "log_index")
"""Tables whose rows nobody changes or deletes, not even by mistake."""
WAITS = "line_waits"
"""The trigger that puts a new entry into `log_waiting`, whoever writes it."""


def trigger_names(*, postgres: bool) -> frozenset[str]:
    """What must be there."""
    acts = ("update", "delete", "truncate") if postgres else ("update", "delete")
    return frozenset({WAITS, *(f"{table}_no_{act}" for table in APPEND_ONLY for act in acts)})


def missing_triggers(conn: Connection) -> list[str]:
    """Names of the triggers that are not there, or not switched on."""
    postgres = conn.dialect.name == "postgresql"
    found = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
        if postgres
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    return sorted(trigger_names(postgres=postgres) - set(conn.execute(text(found)).scalars()))
