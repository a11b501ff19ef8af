"""What a transaction states on PostgreSQL decides which rows of cases it gets, and ends with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select

from service.errors import CaseMoved
from service.security.records import WrappedKey
from service.store.casefile import case_bars, cases, grants, referrals
from service.store.casefile.case_bars import CaseBar
from service.store.casefile.grants import GrantRow
from service.store.database import Database
from service.store.drivers.transaction_scope import (
    NOTHING,
    WHOLE,
    ScopeSettings,
    TransactionScope,
)
from service.store.installation import barred_people, installation_values, keys, people
from service.store.lists import case_access
from service.store.prepared import PreparedStatement, in_list
from service.store.row_scope import as_system
from service.store.tables import cases as case_table
from service.store.transaction import Tx
from service.store.work import tasks
from tests.store.explaining import explaining
from tests.store.sample_rows import NOON, SampleRows
from tests.store.test_list_plans import COUNTED, IN_ORDER
from tests.store.test_list_plans import WHOLE as WHOLE_TABLE
from tests.support.emptied import EmptiedDatabases
from tests.support.roles import SERVICE, Addresses, run, walled

pytestmark = pytest.mark.postgres
NORTH, SOUTH = TransactionScope("north", NOON), TransactionScope("south", NOON)
ALL = ("c000", "c001", "c002")
IDS = PreparedStatement(
    select(case_table.c.id).where(in_list(case_table.c.id, "ids")).order_by(case_table.c.id)
)
COUNT = PreparedStatement(as_system("report", select(func.count()).select_from(case_table)))
SERVER = PreparedStatement(select(func.pg_backend_pid()))


@pytest.fixture(scope="module")
def addresses(postgres_databases: EmptiedDatabases) -> Iterator[Addresses]:
    """Three cases: of one a task waits for the south, one is granted to the north for a day, and of
    one the north has sent the south a referral by hand.
    """
    with walled(postgres_databases) as found:
        database, samples = Database(found.service).within(WHOLE), SampleRows()
        database.row_mac = lambda content: sha256(content).digest()[:16]
        with database.transaction() as tx:
            samples.found(tx, cases_=3)
            tasks.sync(tx, "c000", [samples.task("c000", "t", office="south")], {})
            day = NOON + timedelta(days=1)
            grants.add(tx, GrantRow("g", "c001", "north", "Helper", "G1", "C0", "x", "", NOON, day))
            referrals.add(
                tx,
                referrals.Referral(
                    *("r", "c002", "north", "south", "PURPOSE"), 1, [], "", "p-north", "sent"
                ),
            )
            samples.put_in_lists(tx, *ALL)
            tx.changes.bound.clear()
        database.close()
        yield found


@pytest.fixture
def database(addresses: Addresses) -> Iterator[Database]:
    database = Database(addresses.service)
    database.row_mac = lambda content: sha256(content).digest()[:16]
    yield database
    database.close()


def ids(tx: Tx) -> list[str]:
    """The cases that a transaction gets."""
    return tx.all(str, IDS, {"ids": ALL})


def given(database: Database, scope: TransactionScope) -> list[str]:
    """The cases that a transaction of that scope gets."""
    with database.within(scope).transaction(write=False) as tx:
        return ids(tx)


def test_a_transaction_that_states_nothing_gets_no_case(database: Database) -> None:
    with database.transaction() as tx:
        assert ids(tx) == []
    assert given(database, NOTHING) == []
    assert given(database, TransactionScope("", NOON)) == []
    assert given(database, WHOLE) == [*ALL]


def test_an_office_gets_what_is_open_to_it_at_that_moment(database: Database) -> None:
    assert given(database, SOUTH) == ["c000", "c002"]
    assert given(database, NORTH) == ["c001", "c002"]
    for when in (NOON - timedelta(seconds=1), NOON + timedelta(days=1)):
        assert given(database, replace(NORTH, now=when)) == ["c002"]
    assert given(database, TransactionScope("nowhere", NOON)) == []


def test_a_marked_statement_gets_every_case_for_itself_alone(database: Database) -> None:
    with database.within(NORTH).transaction(write=False) as tx:
        at_hand = tx.read((IDS, {"ids": ALL}), (COUNT, {}), (IDS, {"ids": ALL[:2]}))
        assert at_hand.all(str, IDS, {"ids": ALL}) == ["c001", "c002"]
        assert at_hand.value(COUNT) == 3
        assert at_hand.all(str, IDS, {"ids": ALL[:2]}) == ["c001"]
        assert tx.value(as_system("report", select(func.count(case_table.c.id)))) == 3
        assert tx.all(str, select(case_table.c.id).where(case_table.c.id == "c000")) == []


def test_nothing_of_a_scope_is_left_on_a_connection(database: Database) -> None:
    with database.within(WHOLE).transaction(write=False) as tx:
        server, found = tx.value(SERVER), ids(tx)
    assert found == [*ALL]

    def next_one() -> None:
        with database.transaction() as tx:
            assert (tx.value(SERVER), ids(tx)) == (server, [])

    next_one()
    with pytest.raises(RuntimeError), database.within(WHOLE).transaction() as tx:  # noqa: PT012 - the whole block is what fails
        assert ids(tx) == [*ALL]
        raise RuntimeError
    next_one()
    with pytest.raises(CaseMoved), database.within(SOUTH).transaction() as tx:  # noqa: PT012 - same
        assert cases.load(tx, "c000") is not None
        cases.add(tx, SampleRows().case("c000"))  # there is one of that id
    next_one()
    with database.within(WHOLE).transaction(write=False) as tx:
        tx.read((IDS, {"ids": ALL}), last=True)
    next_one()
    assert given(database, NORTH) == ["c001", "c002"]
    next_one()


def test_an_office_changes_no_row_of_a_foreign_case(database: Database) -> None:
    with database.within(NORTH).transaction() as tx:
        assert cases.load(tx, "c000") is None
        changed = case_table.update().where(case_table.c.id.in_(ALL)).values(station="other")
        assert tx.run(changed) == 2
        found = tx.all(str, select(case_table.c.station).where(case_table.c.id == "c001"))
        assert found == ["other"]


def test_a_case_that_was_locked_stays_until_the_end(database: Database) -> None:
    with database.within(SOUTH).transaction() as tx:
        assert cases.load(tx, "c000") is not None
        tasks.sync(tx, "c000", [], {"t": None})
        SampleRows().put_in_lists(tx, "c000")
        assert case_access.of_case(tx, "c000") == []
        assert ids(tx) == ["c000", "c002"], "it is closed to the south now, and still at hand"
        tx.abandon()


def test_a_new_case_is_at_hand_for_who_makes_it(database: Database) -> None:
    with database.transaction() as tx:
        tx.keep_case("c009")
        cases.add(tx, replace(SampleRows().case("c009"), ref="r9", number="9"))
        keys.add(tx, WrappedKey("case:c009", "22" * 8, 1, b"w", b"c"), stream="case/c009")
        assert tx.all(str, IDS, {"ids": ("c009",)}) == ["c009"]
        tx.changes.bound.clear()
        tx.abandon()


@pytest.mark.parametrize(
    "asked", [*IN_ORDER.values(), *COUNTED.values()], ids=[*IN_ORDER, *COUNTED]
)
def test_lists_are_read_from_indexes_behind_the_policies(
    database: Database, asked: Callable[[Tx], object]
) -> None:
    plans, scoped = list[str](), database.within(NORTH)
    with explaining(database) as plan:

        def heard(text: str, values: Any, _many: object) -> None:
            if "set_config" not in text:
                plans.extend(plan(text, values))

        with scoped.listening(heard), scoped.transaction(write=False) as tx:
            asked(tx)
    assert plans
    assert not [step for step in plans if WHOLE_TABLE.search(step)], plans


def test_what_was_changed_of_the_policies_is_named(
    database: Database, addresses: Addresses
) -> None:
    assert (database.role_faults(), database.has_row_security()) == ([], True)
    for change, back in (
        (
            "ALTER TABLE note DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
        ),
        (f"CREATE POLICY more ON note TO {SERVICE} USING (true)", "DROP POLICY more ON note"),
    ):
        run(addresses.admin, change)
        (found,) = database.role_faults()
        assert "of the tables note: run `tresteg db upgrade`" in found
        run(addresses.admin, back)
    run(addresses.admin, "DROP POLICY rows_in_scope ON note")
    assert database.role_faults() != []
    owned = Database(addresses.service, owner=addresses.owner, backup=addresses.backup)
    owned.upgrade()
    owned.close()
    assert database.role_faults() == []


def test_one_role_goes_on_without_policies(postgres_databases: EmptiedDatabases) -> None:
    name = postgres_databases.take()
    database = Database(postgres_databases.named(name))
    assert not database.has_row_security()
    database.close()
    postgres_databases.give_back(name)


def test_what_is_of_no_case_needs_no_scope() -> None:
    settings = ScopeSettings(NORTH)
    assert settings.before(installation_values.GET) == ()
    assert len(settings.before(IDS)) == 1
    assert settings.before(IDS) == ()
    assert len(settings.before(COUNT)) == len(settings.before(IDS)) == 1
    settings.keep("c000")
    assert len(settings.before(IDS)) == 1


def test_a_barred_case_is_in_no_scope_of_the_person(database: Database) -> None:
    """Not in that of her office, nor in that of who looks after every case; its bars neither."""
    bars = [
        CaseBar("b0", "c000", "south", "", "", "about", "p-north", NOON),
        CaseBar("b1", "c001", "", "p-north", "", "left", "p-south", NOON),
        CaseBar("b2", "c002", "", "", "data-protection", "about", "p-north", NOON),
    ]
    with database.within(WHOLE).transaction() as tx:
        people.set_roles(tx, people.of(tx, {"p-south"})["p-south"], {"data-protection"})
        for bar in bars:
            case_bars.add(tx, bar)
        tx.changes.bound.clear()
    south, north = replace(SOUTH, person="p-south"), replace(NORTH, person="p-north")
    assert given(database, south) == []
    assert given(database, north) == ["c002"]
    assert given(database, replace(WHOLE, person="p-south")) == ["c001"]
    assert given(database, replace(WHOLE, person="p-north")) == ["c000", "c002"]
    assert given(database, WHOLE) == [*ALL]
    with database.within(replace(WHOLE, person="p-north")).transaction(write=False) as tx:
        assert case_bars.of_case(tx, "c001") == []
        assert [task.case_id for task in tasks.of_case(tx, "c000")] == ["c000"]
        assert barred_people.barred_to(tx, "p-north") == {"c001"}
    with database.within(WHOLE).transaction() as tx:
        for bar in bars:
            case_bars.end(tx, bar, NOON)
        tx.changes.bound.clear()
    assert given(database, south) == given(database, SOUTH)


def test_a_case_that_bars_who_makes_it_is_at_hand_until_it_is_made(database: Database) -> None:
    north = replace(NORTH, person="p-north")
    with database.within(north).transaction() as tx:
        tx.keep_case("made")
        row = replace(SampleRows().case("c000"), id="made", ref="made", number="made")
        cases.add(tx, row)
        keys.add(tx, WrappedKey("case:made", "23" * 8, 1, b"w", b"c"), stream="case/made")
        case_bars.add(tx, CaseBar("m", "made", "north", "", "", "about", "p-north", NOON))
        tx.changes.bound.clear()
        assert cases.get(tx, "made") is not None
    for scope in (north, replace(WHOLE, person="p-north")):
        with database.within(scope).transaction(write=False) as tx:
            assert cases.get(tx, "made") is None
    with database.within(WHOLE).transaction(write=False) as tx:
        assert cases.get(tx, "made") is not None
