"""The path of a case of which nothing else is left ends by a rule of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.casework.retention import due_runs, holds
from service.errors import NotFound
from service.records.context import Actor
from service.release.programme.retention_rules import DESTROY, ERASED, HOST, PATH
from service.security.keyring import Keyring
from service.store.casefile import cases, facts, path_erasing
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import ledger_entries
from service.store.read_models import whole_rows
from service.store.tables import metadata
from tests.support.directory import OFFICE
from tests.support.filled_case import TWO, end_path, erased, fill_case
from tests.support.plans import moment, record, rule, signed
from tests.support.small_plan import HEAD, ended, world_with
from tests.support.world import World, open_world

PATH_RULE = (
    record("path", product=PATH)
    + moment("erased", product=ERASED)
    + rule("PATH", DESTROY, "P10Y", record=["path"], owner=[HOST], classes=["C0"], counted="erased")
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    return fill_case(desk)


def rows_of(desk: World, case: str) -> dict[str, int]:
    """Table to the number of rows of a case, of those that have any."""
    found = {}
    with desk.database.transaction(write=False) as tx:
        for table in metadata.sorted_tables:
            if "case_id" in table.c:
                rows = whole_rows.stored(tx, table.name)
                found[table.name] = sum(row["case_id"] == case for row in rows)
    return {table: n for table, n in found.items() if n}


def test_nothing_singles_the_case_out_and_the_chain_is_whole(desk: World, case: str) -> None:
    other, before = fill_case(desk), desk.case(case)
    erased(desk, case)
    assert rows_of(desk, case).keys() >= {"party", "consent", "document", "fact_payload"}
    chain = [fact.state for fact in desk.facts(case)]
    act = end_path(desk, case)
    assert rows_of(desk, case).keys() <= path_erasing.STAYS.keys()
    with desk.database.transaction(write=False) as tx:
        assert cases.find(tx, before.ref) is None
        assert cases.find(tx, before.number) is None
        assert cases.get(tx, case) is None
        assert [one.id for one in cases.listed(tx)] == [other]
        stored = cases.stored(tx, case)
        assert stored is not None
        assert (stored.ref, stored.number, stored.stage, stored.end) == (case, case, "", "")
        assert {stored.opened_at, stored.moved_at} == {stored.closed_at}
        assert [fact.state for fact in facts.of_case(tx, case)] == chain
        entry = ledger_entries.latest(tx, f"case/{case}", kinds=["erased"])[0]
    assert f'"act":"{act.id}"' in entry.body
    report = desk.verified()
    assert [str(fault) for fault in report.faults] == []
    assert [(one.case, one.entry, one.rule) for one in report.paths] == [(case, entry.seq, "PATH")]


def test_it_ends_once_and_not_before_the_rest_is_gone(desk: World, case: str) -> None:
    with pytest.raises(NotFound):
        end_path(desk, case)
    erased(desk, case, ["C3"])
    with pytest.raises(NotFound):
        end_path(desk, case)
    erased(desk, case)
    end_path(desk, case)
    with pytest.raises(NotFound):
        end_path(desk, case)
    assert desk.faults() == []


def test_a_row_that_is_put_back_is_named(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        (party,) = [r for r in whole_rows.stored(tx, "party") if r["case_id"] == case]
    erased(desk, case)
    end_path(desk, case)
    with desk.database.transaction() as tx:
        tx.run(metadata.tables["party"].insert(), party)
    assert any("party" in fault for fault in desk.faults())


def test_no_table_with_a_case_is_forgotten() -> None:
    named = {table.name for table in metadata.sorted_tables if "case_id" in table.c}
    assert {table.name for table in path_erasing.GOES} == named - path_erasing.STAYS.keys()
    assert path_erasing.STAYS.keys() <= named


def test_the_rule_ends_it_ten_years_after_the_last_erasure(
    database_url: str, keyring: Keyring
) -> None:
    rules = HEAD + rule("HEALTH", DESTROY, "P1M") + PATH_RULE
    plan = signed(rules, "SOCIALTJANST", HOST)
    desk = world_with(database_url, keyring, plan)
    services, case = desk.program.services, ended(desk)

    def run() -> list[RetentionAct]:
        with desk.database.transaction() as tx:
            now = desk.clock.now()
            return [
                act
                for id_ in due_runs.cases_to_run(tx, services, now)
                for act in due_runs.run_case(tx, services, id_, now)
            ]

    desk.clock.set(desk.clock.now() + timedelta(days=32))
    assert [(act.rule, act.office_id) for act in run()] == [("HEALTH", OFFICE)]
    erased_at = desk.clock.now()
    assert run() == []
    desk.clock.set(erased_at.replace(year=erased_at.year + 10))
    assert run() == []
    desk.clock.set(desk.clock.now() + timedelta(days=1))
    until = desk.clock.now() + timedelta(days=2)
    with desk.database.transaction() as tx:
        by, now = Actor("p_sara", OFFICE), desk.clock.now()
        held = holds.set_hold(
            *(tx, services), by=by, now=now, case_id=case, until=until, reason="Inspection"
        )
    assert run() == []
    with desk.database.transaction() as tx:
        holds.end_hold(tx, by=by, now=now, hold_id=held.id)
    assert [(act.rule, act.classes) for act in run()] == [("PATH", ["path"])]
    assert run() == []
    assert desk.faults() == []
    desk.database.close()
