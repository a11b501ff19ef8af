"""Roles on PostgreSQL: one owns the tables, and another, with fewer rights, runs the service; a
third may make backups.

Who owns a table may drop its triggers. So the service's role owns nothing, and of history it may
read and add.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from service.errors import BadSettings
from service.store.tables import metadata
from service.store.tables.triggers import APPEND_ONLY

if TYPE_CHECKING:
    from sqlalchemy import Connection

CURRENT = text("SELECT current_user")
POWERS = text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
OWNED = text(
    "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')"
    " AND relnamespace = current_schema()::regnamespace"
    " AND pg_has_role(current_user, relowner, 'MEMBER')"
)
CHANGES = text(
    "SELECT has_table_privilege(current_user, CAST(:name AS text), 'UPDATE, DELETE, TRUNCATE')"
)
ADVICE = (
    "make a role that owns nothing, and let `tresteg db upgrade` with TRESTEG_OWNER_DATABASE_URL "
    "give it its rights"
)


def role_of(conn: Connection) -> str:
    """The role (PostgreSQL) whose rights a connection has."""
    return str(conn.execute(CURRENT).scalar_one())


def grant(conn: Connection, role: str, backup: str = "") -> None:
    """Give the service's role what it needs, inside the owner's open transaction.

    Args:
        backup: a role that makes backups: it may read everything; "" where there is none.
    Raises:
        BadSettings: the owner is that role itself, or the one for backups is one of the two.
    """
    if role == role_of(conn):
        raise BadSettings(f"both addresses of the database name the role {role}: {ADVICE}")
    if backup in (role, role_of(conn)):
        raise BadSettings(
            f"TRESTEG_BACKUP_DATABASE_URL names the role {backup}, which has more to do than "
            "backups: make a role of its own"
        )
    to = conn.dialect.identifier_preparer.quote_identifier(role)
    schema = conn.dialect.identifier_preparer.quote_identifier(
        str(inspect(conn).default_schema_name)
    )
    both = to
    if backup:
        both += f", {conn.dialect.identifier_preparer.quote_identifier(backup)}"
    conn.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {both}"))
    conn.execute(text(f"GRANT SELECT ON alembic_version TO {both}"))
    for name in metadata.tables:
        more = "" if name in APPEND_ONLY else ", UPDATE, DELETE"
        conn.execute(text(f"REVOKE ALL ON {name} FROM {to}"))
        conn.execute(text(f"GRANT SELECT, INSERT{more} ON {name} TO {to}"))
        if backup:
            to_backup = conn.dialect.identifier_preparer.quote_identifier(backup)
            conn.execute(text(f"REVOKE ALL ON {name} FROM {to_backup}"))
            conn.execute(text(f"GRANT SELECT ON {name} TO {to_backup}"))
    # a restore goes on counting where the copy stopped
    conn.execute(text(f"GRANT USAGE, UPDATE ON SEQUENCE stream_number_seq TO {to}"))


def too_powerful(conn: Connection) -> Iterator[str]:
    """Sentences about a role that could change history, and must not run the service."""
    role = role_of(conn)
    above, past = conn.execute(POWERS).one()
    if above:
        yield f"the role {role} is a superuser of PostgreSQL: {ADVICE}"
    elif past:
        yield f"the role {role} goes past row-level security (BYPASSRLS): {ADVICE}"
    elif conn.execute(OWNED).scalar_one():
        yield f"the role {role} owns the tables, so it could drop what guards history: {ADVICE}"
    else:
        for name in APPEND_ONLY:
            if conn.execute(CHANGES, {"name": name}).scalar_one():
                yield f"the role {role} may change the table {name}, which is history: {ADVICE}"
