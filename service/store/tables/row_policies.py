"""Row-level security on PostgreSQL: which rows of cases the service's role gets, by the scope that
its transaction has stated. A case that is barred to the person of the transaction is in no scope.

The policies stand behind `row_scope`, which refuses statements of the program that are not
narrowed: they hold whatever statement comes. They are made where one role owns the tables and
another runs the service. They read the same facts as lists do: `case_access`, and referrals that
went by hand, which it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import text

from service.store.tables.metadata import metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

REACH: Final = "tresteg.reach"
"""Setting of a transaction: `all` when every case is in its scope."""
OFFICE: Final = "tresteg.office"
"""The office whose cases are in it."""
NOW: Final = "tresteg.now"
"""The moment at which they must be open to the office, by the program's clock."""
CASES: Final = "tresteg.cases"
"""Ids of cases, parted by spaces, that the transaction has locked or made."""
PERSON: Final = "tresteg.person"
"""The person of the transaction, to whom or to whose office a case may be barred."""
WHOLE_REACH: Final = "all"
VIEW: Final = "case_in_scope"
"""Cases that are open to the office of the transaction. It reads as the owner, so that a policy may
ask it of the very table that it guards."""
BARRED_VIEW: Final = "case_barred"
"""Cases that are barred to the person of the transaction, to her office, or to a role of hers. It
reads as the owner too: the bars of such a case are hidden from her themselves."""
SERVICE_POLICY, BACKUP_POLICY = "rows_in_scope", "every_row"

_OFFICE = f"current_setting('{OFFICE}', true)"
_NOW = f"CAST(nullif(current_setting('{NOW}', true), '') AS timestamptz)"
_OPEN = f"(rank = 0 OR (opens <= {_NOW} AND {_NOW} < until))"
_CREATE_VIEW = (
    f"CREATE VIEW {VIEW} AS"  # noqa: S608 - of constants of this module
    f" SELECT case_id FROM case_access WHERE office_id = {_OFFICE} AND {_OPEN}"
    f" UNION ALL SELECT case_id FROM referral WHERE element = ''"
    f" AND (to_office = {_OFFICE} OR from_office = {_OFFICE})"
)
_PERSON = f"current_setting('{PERSON}', true)"
_CREATE_BARRED_VIEW = (
    f"CREATE VIEW {BARRED_VIEW} AS"  # noqa: S608 - of constants of this module
    f" SELECT case_id FROM case_bar WHERE ended_at IS NULL AND {_PERSON} <> ''"
    f" AND (person_id = {_PERSON}"
    f" OR office_id IN (SELECT office_id FROM person WHERE id = {_PERSON})"
    f" OR role IN (SELECT role FROM membership WHERE person_id = {_PERSON}))"
)
_OWN = {
    "case_access": f"(office_id = {_OFFICE} AND {_OPEN})",
    "task": f"office_id = {_OFFICE}",
    "referral": f"(element = '' AND (to_office = {_OFFICE} OR from_office = {_OFFICE}))",
}
"""Rows that open a case to an office, found without asking the view."""


def _in_scope(case_id: str) -> str:
    """The condition that a case is in the scope of the transaction."""
    return (
        f"{case_id} = ANY (string_to_array(current_setting('{CASES}', true), ' '))"
        f" OR EXISTS (SELECT FROM {VIEW} WHERE {VIEW}.case_id = {case_id})"
    )


def _exists(case_id: str) -> str:
    """The condition that a case is not barred to the person of the transaction, unless that has
    made it: who writes down a complaint may be of the office that it is about.
    """
    return (
        f"({case_id} = ANY (string_to_array(current_setting('{CASES}', true), ' '))"
        f" OR NOT EXISTS (SELECT FROM {BARRED_VIEW} WHERE {BARRED_VIEW}.case_id = {case_id}))"
    )


def _conditions() -> Iterator[tuple[str, str, str]]:
    """Each table whose rows belong to cases, with the condition on which a row is given, and the
    one that its case is not barred; "" where another table says that.
    """
    for table in metadata.sorted_tables:
        if table.info.get("scope") == "case":
            column = table.c.id if table.name == "cases" else table.c.case_id
            of_case = f"{table.name}.{column.name}"
            ways = [_OWN[table.name]] if table.name in _OWN else []
            ways += [f"{of_case} IS NULL"] if column.nullable else []
            exists = _exists(of_case)
            if column.nullable:
                exists = f"({of_case} IS NULL OR {exists})"
            yield table.name, " OR ".join([*ways, _in_scope(of_case)]), exists
    chunks = "EXISTS (SELECT FROM document WHERE document.id = document_chunk.document_id)"
    yield "document_chunk", chunks, chunks
    of_case, other = "vault_key.case_id", "vault_key.case_id IS NULL"
    yield "vault_key", f"{other} OR {_in_scope(of_case)}", f"({other} OR {_exists(of_case)})"


def _policies() -> dict[str, str]:
    """Table to the condition on which the service's role gets a row of it."""
    whole = f"current_setting('{REACH}', true) = '{WHOLE_REACH}'"
    return {
        name: f"({whole} OR {condition}) AND {exists}" for name, condition, exists in _conditions()
    }


_POLICIES: Final = _policies()
GUARDED: Final = frozenset(_POLICIES)
"""Tables with a policy: those whose rows belong to cases."""
_FOUND = text(
    "SELECT c.relname, c.relrowsecurity, coalesce(p.polname, ''),"
    " coalesce(obj_description(p.oid, 'pg_policy'), '')"
    " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
    " WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace)"
)
Policies: TypeAlias = "dict[tuple[str, str], str]"
"""Table and name of each policy, with its comment: a digest of what it was made from, and its role.
"""


def make_policies(conn: Connection, service: str, backup: str = "") -> None:
    """Make the policies, as the owner of the tables; does nothing where they stand already.

    Args:
        service: the role whose rows they narrow.
        backup: a role that reads every row, and changes none; "" where there is none.
    """
    wanted = {(name, SERVICE_POLICY): f"{_digest(name)} {service}" for name in GUARDED}
    if backup:
        wanted |= {(name, BACKUP_POLICY): f"{_digest(name)} {backup}" for name in GUARDED}
    if _standing(conn) == (wanted, GUARDED):
        return
    drop_policies(conn)
    quoted = conn.dialect.identifier_preparer.quote_identifier
    for made, view in ((_CREATE_VIEW, VIEW), (_CREATE_BARRED_VIEW, BARRED_VIEW)):
        conn.execute(text(made))
        conn.execute(text(f"GRANT SELECT ON {view} TO {quoted(service)}"))
    for name in sorted(GUARDED):
        conn.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    for (table, policy), comment in sorted(wanted.items()):
        to = quoted(comment.partition(" ")[2])
        rows = (
            f"TO {to} USING ({_POLICIES[table]}) WITH CHECK (true)"
            if policy == SERVICE_POLICY
            else f"FOR SELECT TO {to} USING (true)"
        )
        conn.execute(text(f"CREATE POLICY {policy} ON {table} {rows}"))
        literal = comment.replace("'", "''").replace(":", "\\:")
        conn.execute(text(f"COMMENT ON POLICY {policy} ON {table} IS '{literal}'"))


def drop_policies(conn: Connection) -> None:
    """Take the policies away, as the owner of the tables: a migration may change what they read."""
    found, enabled = _standing(conn)
    for table, policy in found:
        conn.execute(text(f"DROP POLICY {policy} ON {table}"))
    for table in sorted(enabled):
        conn.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    for view in (VIEW, BARRED_VIEW):
        conn.execute(text(f"DROP VIEW IF EXISTS {view}"))


def has_policies(conn: Connection) -> bool:
    """Whether any table has row-level security."""
    return bool(_standing(conn)[1])


def policy_faults(conn: Connection, role: str) -> Iterator[str]:
    """A sentence about policies that are not as this program makes them, where there are any.

    Args:
        role: of the service.
    """
    found, enabled = _standing(conn)
    named = GUARDED | enabled | {table for table, _ in found}
    wrong = [table for table in sorted(named) if not _is_as_made(table, role, found, enabled)]
    if wrong and (found or enabled):
        yield (
            f"row-level security is not as this program makes it for the role {role}, of the "
            f"tables {', '.join(wrong)}: run `tresteg db upgrade` with TRESTEG_OWNER_DATABASE_URL"
        )


def _is_as_made(table: str, role: str, found: Policies, enabled: frozenset[str]) -> bool:
    policies = {policy: made for (name, policy), made in found.items() if name == table}
    if table not in GUARDED:
        return not policies and table not in enabled
    digest = _digest(table)
    backup = policies.pop(BACKUP_POLICY, digest).partition(" ")[0]
    own = {SERVICE_POLICY: f"{digest} {role}"}
    return table in enabled and policies == own and backup == digest


def _standing(conn: Connection) -> tuple[Policies, frozenset[str]]:
    """The policies that are there, and the tables that have row-level security."""
    rows = conn.execute(_FOUND).all()
    policies = {(table, policy): made for table, _, policy, made in rows if policy}
    return policies, frozenset(table for table, enabled, _, _ in rows if enabled)


def _digest(table: str) -> str:
    """What a policy is made from, in short."""
    return sha256(f"{_CREATE_VIEW};{_CREATE_BARRED_VIEW};{_POLICIES[table]}".encode()).hexdigest()[
        :16
    ]
