"""T4 once more: on PostgreSQL the database itself gives an office the cases that are open to it.

It gives no others, whatever statement comes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from service.access import FULL, AccessDecision
from service.casework.cases import case_visibility
from service.casework.referrals import referral_access
from service.store import dump, row_scope
from service.store.database import Database
from service.store.drivers.transaction_scope import NOTHING, WHOLE, TransactionScope
from service.store.tables import metadata
from service.store.tables.row_policies import GUARDED
from tests.support.backups import backup_files
from tests.support.emptied import EmptiedDatabases
from tests.support.programs import make_application
from tests.support.roles import Addresses, walled
from tests.trust.staged_world import StagedWorld
from tests.trust.test_matrix import MATRIX, STAGES, check_openings, pages, rules

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PAIRS = 500
TASK_OVER = frozenset({410})
"""What the address of a task gets that is not there: it may have been completed."""
PRODUCT = ("owner", "reviewer", "auditor", "operator")
OPEN_TO = (
    "SELECT office_id, case_id FROM case_access WHERE rank = 0 OR (opens <= %(now)s AND %(now)s <"
    " until) UNION SELECT to_office, case_id FROM referral WHERE element = ''"
    " UNION SELECT from_office, case_id FROM referral WHERE element = ''"
)
OWN_OF = {"document_chunk": "document_id", "vault_key": "owner", "cases": "id"}
"""Columns that name the case where `case_id` does not."""


@pytest.fixture(scope="module")
def addresses(staged: StagedWorld, postgres_databases: EmptiedDatabases) -> Iterator[Addresses]:
    """The staged installation, put into PostgreSQL by the service's role."""
    with walled(postgres_databases) as found:
        target = Database(found.service)
        dump.load(staged.program.database, target)
        target.close()
        yield found


@contextmanager
def site_at(staged: StagedWorld, url: str) -> Iterator[StagedWorld]:
    """The staged installation, as the role of an address reaches it."""
    settings = replace(staged.program.settings, database_url=url)
    database = Database(url).within(WHOLE)
    program = replace(staged.program, settings=settings, database=database)
    app = make_application(program)
    app.testing = False
    try:
        yield replace(staged, program=program, app=app)
    finally:
        database.close()


@pytest.fixture
def guarded(staged: StagedWorld, addresses: Addresses) -> Iterator[StagedWorld]:
    with site_at(staged, addresses.service) as site:
        yield site


@pytest.fixture
def open_to(staged: StagedWorld, addresses: Addresses) -> set[tuple[str, str]]:
    """Each office with each case that is open to it, asked past the policies."""
    with psycopg.connect(addresses.admin) as conn:
        found = conn.execute(OPEN_TO, {"now": staged.program.clock.now()}).fetchall()
    return {(office, case) for office, case in found}


@pytest.mark.parametrize("stage", ["m", "x"])
def test_everybody_opens_behind_it_what_the_table_says(guarded: StagedWorld, stage: str) -> None:
    check_openings(guarded, stage, unknown=TASK_OVER)


def foreign(site: StagedWorld, open_to: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Somebody of an office with an address of a case that is not open to that office."""
    people = [name for name, role in MATRIX["people"].items() if role not in PRODUCT]
    return [
        (name, page)
        for name in people
        for stage in STAGES
        if (site.office(name), site.cases[stage]) not in open_to
        for rule in rules(site)
        if "GET" in (rule.methods or ())
        for page in pages(site, rule, stage)
    ]


def test_it_stands_when_the_programs_own_checks_are_gone(
    staged: StagedWorld,
    addresses: Addresses,
    guarded: StagedWorld,
    open_to: set[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = foreign(guarded, open_to)
    pairs = random.Random(14).sample(every, PAIRS)  # noqa: S311 - the same ones each time
    monkeypatch.setattr(row_scope, "check_scope", lambda _: None)
    yes = AccessDecision(ok=True, mode=FULL)
    monkeypatch.setattr(case_visibility, "can_see", lambda *_: yes)
    monkeypatch.setattr(case_visibility, "needs_reason", lambda *_: False)
    monkeypatch.setattr(referral_access, "_require_sight", lambda *_: None)
    assert set(answered(guarded, pairs)) == {404, *TASK_OVER}
    with site_at(staged, addresses.admin) as unguarded:  # a superuser goes past every policy
        assert answered(unguarded, pairs)[200] > PAIRS / 5


def answered(site: StagedWorld, pairs: list[tuple[str, str]]) -> Counter[int]:
    """How often each status was the answer."""
    clients = {name: site.client(name) for name in {name for name, _ in pairs}}
    return Counter(clients[name].get(page).status_code for name, page in pairs)


def rows_of(database: Database, table: str) -> list[str]:
    """What names the case in each row that a transaction gets of a table."""
    column = metadata.tables[table].c[OWN_OF.get(table, "case_id")]
    wanted = select(column).execution_options(tresteg_scope="")  # seen by the program alone
    with database.transaction(write=False) as tx:
        return [str(row[0]) for row in tx.conn.execute(wanted)]


def case_of(row: str) -> str:
    """The case that a row belongs to; of a key, the one in the name of its owner."""
    kind, _, rest = row.partition(":")
    return rest.partition(":")[0] if kind in ("case", "records") else row


@pytest.mark.parametrize("table", sorted(GUARDED))
def test_each_table_gives_an_office_its_own_rows(
    addresses: Addresses, staged: StagedWorld, open_to: set[tuple[str, str]], table: str
) -> None:
    database, now = Database(addresses.service), staged.program.clock.now()
    every = rows_of(database.within(WHOLE), table)
    of_no_case = [row for row in every if row == "None"]
    if table == "vault_key":
        of_no_case = [row for row in every if not row.startswith(("case:", "records:"))]
    assert rows_of(database.within(NOTHING), table) == of_no_case
    with psycopg.connect(addresses.admin) as conn:
        of_document: dict[str, str] = dict(
            conn.execute("SELECT id, case_id FROM document").fetchall()
        )
    for office in {office for office, _ in open_to} | {"elsewhere-iomhelsinki"}:
        mine = {case for known, case in open_to if known == office}
        for row in rows_of(database.within(TransactionScope(office, now)), table):
            case = of_document.get(row) or case_of(row)
            assert case in mine or row == "None" or (table == "vault_key" and case == row)
    database.close()


def test_a_backup_as_the_role_for_it_is_whole(
    guarded: StagedWorld, addresses: Addresses, tmp_path: Path
) -> None:
    settings = replace(guarded.program.settings, backup_database_url=addresses.backup)
    program = replace(guarded.program, settings=settings)
    done = backup_files(tmp_path / "backups").backup(program)
    assert (done.faults, done.verified.cases) == ((), len(STAGES))
    source, copy = Database(addresses.backup), Database(f"sqlite:///{tmp_path / 'copy.db'}")
    everything = Database(addresses.admin)
    dump.dump(source, copy)
    assert dump.counts(copy) == dump.counts(everything)
    assert dump.counts(copy)["fact"] > 0
    for database in (source, copy, everything):
        database.close()
    with psycopg.connect(addresses.backup) as conn:
        for change in ("DELETE FROM unsent", "UPDATE cases SET rev = 0"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(change)
