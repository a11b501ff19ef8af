"""History is written once: triggers on both databases refuse to change or delete it.

Another one notes each new ledger entry, so that it gets its place in the log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

APPEND_ONLY = ("fact", "line", "log_index", "release_dossier", "stream")
"""Tables whose rows nobody changes or deletes, not even by mistake."""
REFUSES = (
    " BEGIN RAISE EXCEPTION '% is written once', TG_TABLE_NAME "
    "USING ERRCODE = 'restrict_violation'; END "
)
"""What a trigger calls on PostgreSQL that refuses a change."""
WAITS = "INSERT INTO log_waiting (stream, seq) VALUES (NEW.stream, NEW.seq) ON CONFLICT DO NOTHING"
"""Puts a new entry, whoever writes it, where it waits for its place in the log."""
ON_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
ON_POSTGRES = text(
    "SELECT t.tgname, CASE WHEN t.tgenabled IN ('O', 'A') AND p.prosrc IN (:refuses, :waits)"
    " THEN replace(pg_get_triggerdef(t.oid), ' ON ' || n.nspname || '.', ' ON ')"
    " ELSE 'off, or another function' END"
    " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
)


def declared_triggers(*, postgres: bool) -> Mapping[str, str]:
    """Name to text of the triggers that must be there, as the database tells them."""
    if postgres:
        made = {
            f"{table}_no_{act}": f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for table in APPEND_ONLY
            for act in ("update", "delete", "truncate")
        }
        waits = "FOR EACH ROW EXECUTE FUNCTION note_entry()"
    else:
        made = {
            f"{table}_no_{act}": f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
            for table in APPEND_ONLY
            for act in ("update", "delete")
        }
        waits = f"BEGIN {WAITS}; END"
    return {**made, "line_waits": f"CREATE TRIGGER line_waits AFTER INSERT ON line {waits}"}


def wrong_triggers(conn: Connection) -> Iterator[str]:
    """Triggers that are not there or not as declared, and those that nobody declared."""
    postgres = conn.dialect.name == "postgresql"
    asked = (
        ON_POSTGRES.bindparams(refuses=REFUSES, waits=f" BEGIN {WAITS}; RETURN NULL; END ")
        if postgres
        else ON_SQLITE
    )
    found: dict[str, str] = {name: sql for name, sql in conn.execute(asked)}  # noqa: C416 - rows are tuples of two
    declared = declared_triggers(postgres=postgres)
    for name in sorted(found.keys() | declared.keys()):
        if name not in found:
            yield f"the trigger {name} is missing, so history could be changed"
        elif name not in declared:
            yield f"the trigger {name} is not one of this program"
        elif found[name] != declared[name]:
            yield f"the trigger {name} is not as it was made, so history could be changed"
