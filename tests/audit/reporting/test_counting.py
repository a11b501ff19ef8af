"""Counting opens what is counted and keeps sums alone, sealed until small ones are hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete

from service.access import Viewer
from service.audit.reporting import counting
from service.audit.reporting.published import CLOSE, NEW, SAME
from service.errors import NotAllowed
from service.records.batch_runs import stop_batch
from service.records.context import release_stream
from service.store.casefile import cases
from service.store.installation import ledger_entries, reports
from service.store.read_models import whole_rows
from service.store.tables import vault_key
from service.store.work import batches
from service.worker.batches import run_portion
from tests.support.world import World

TWO = 2
"""A limit that few cases reach."""
MARKED = {"protectedIdentity": "SEKRETESSMARKERING"}


@pytest.fixture
def year(shipped_world: World) -> World:
    """Seven cases of a year that is over: four in the north, one protected; three younger."""
    program = shipped_world.program
    services = replace(program.services, min_cell=TWO)
    made = replace(shipped_world, program=replace(program, services=services))
    for _ in range(3):
        made.start_case(municipality="2580", ageBand="21_PLUS")
    made.start_case(municipality="2580", ageBand="21_PLUS", **MARKED)
    for _ in range(3):
        made.start_case(municipality="0180", ageBand="18_20")
    made.clock.set(datetime(2027, 2, 1, 12, tzinfo=UTC))
    return made


def greta(world: World) -> Viewer:
    return world.loaded_viewer("greta")


def begin(world: World, first: int = 2026, last: int = 2026, *, by: Viewer | None = None) -> str:
    world.later(minutes=1)
    with world.database.transaction() as tx:
        return counting.begin_count(
            tx,
            world.program.services,
            by or greta(world),
            world.clock.now(),
            first=first,
            last=last,
        )


def finish(world: World) -> str:
    """Let the worker count; gives the result of the run."""
    worker = world.worker()
    while run_portion(worker, busy=True):
        pass
    with world.database.transaction(write=False) as tx:
        run = batches.newest(tx, counting.KIND)
    assert run is not None
    return str(run.detail["result"])


def published(world: World) -> list[reports.PublishedReport]:
    with world.database.transaction(write=False) as tx:
        return reports.every(tx)


def test_groups_are_counted_and_protected_cases_are_not(year: World) -> None:
    begin(year)
    assert finish(year) == NEW
    [row] = published(year)
    ages = next(one for one in row.tables["dimensions"] if one["id"] == "age")
    named = {group["id"]: cell for group, cell in zip(ages["groups"], ages["cells"], strict=True)}
    assert row.tables["total"] == 6
    assert named == {"CHILD": "<", "18_20": "x", "21_PLUS": 3, "NOT_ASKED": "<"}
    assert year.faults() == []


def test_between_two_cases_the_sums_are_sealed(year: World) -> None:
    begin(year)
    assert run_portion(year.worker(), busy=True) == 1
    assert run_portion(year.worker(), busy=True) == 1
    with year.database.transaction(write=False) as tx:
        [run] = whole_rows.stored(tx, "batch")
        rows = whole_rows.stored(tx, "batch_case")
    assert run["detail"].keys() == {"first", "last", "office", "sums"}
    assert {(row["verdict"], str(row["detail"])) for row in rows} <= {
        ("", "{}"),
        ("counted", "{}"),
    }, "a protected case looks as every other"
    assert finish(year) == NEW
    with year.database.transaction(write=False) as tx:
        [run] = whole_rows.stored(tx, "batch")
        assert whole_rows.stored(tx, "batch_case") == [], "no row of a case stays"
    assert "sums" not in run["detail"]


def test_the_ledger_has_the_parameters_and_the_digest(year: World) -> None:
    begin(year)
    finish(year)
    stream = release_stream(year.program.services)
    with year.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, stream, kinds=["report_begun", "report"])
    begun, ended = (json.loads(entry.body) for entry in reversed(entries))
    assert (begun["first"], begun["last"], begun["cases"]) == (2026, 2026, 7)
    assert (ended["result"], ended["version"], len(ended["tables"])) == (NEW, 1, 64)
    assert {entry.actor for entry in entries} == {"p_greta"}


def test_the_same_numbers_are_no_new_version(year: World) -> None:
    begin(year)
    finish(year)
    begin(year)
    assert finish(year) == SAME
    assert [row.version for row in published(year)] == [1]


def test_a_version_that_differs_by_one_case_is_not_published(year: World) -> None:
    begin(year)
    finish(year)
    late = replace(year, program=year.program)
    late.clock.set(datetime(2026, 12, 31, 12, tzinfo=UTC))
    late.start_case(municipality="2580", ageBand="21_PLUS")
    late.clock.set(datetime(2027, 3, 1, 12, tzinfo=UTC))
    begin(late)
    assert finish(late) == CLOSE
    assert [row.version for row in published(late)] == [1]


def test_few_cases_are_in_no_table(shipped_world: World) -> None:
    shipped_world.start_case()
    shipped_world.clock.set(datetime(2027, 2, 1, 12, tzinfo=UTC))
    begin(shipped_world)
    assert finish(shipped_world) == "few"
    assert published(shipped_world) == []


def test_a_count_that_is_stopped_publishes_nothing(year: World) -> None:
    run = begin(year)
    run_portion(year.worker(), busy=True)
    with year.database.transaction() as tx:
        stop_batch(
            tx,
            year.program.services,
            greta(year),
            year.clock.now(),
            batch_id=run,
            kinds=(counting.KIND,),
        )
    assert finish(year) == "stopped"
    with year.database.transaction(write=False) as tx:
        stopped = batches.get(tx, run)
    assert stopped is not None
    assert "sums" not in stopped.detail
    assert published(year) == []


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (2027, 2027, "report_not_over"),
        (2025, 2026, "report_years"),
        (2026, 2024, "report_years"),
        (0, 0, "report_years"),
        (2019, 2019, "report_no_case"),
        (2024, 2026, "report_overlaps"),
    ],
)
def test_other_years_are_refused(year: World, first: int, last: int, why: str) -> None:
    begin(year)
    finish(year)
    with pytest.raises(NotAllowed) as refused:
        begin(year, first, last)
    assert refused.value.facts["why"] == why


def test_what_was_published_is_not_counted_again_without_a_case_that_was_erased(
    year: World,
) -> None:
    begin(year)
    assert finish(year) == NEW
    before = published(year)
    begin(year)
    assert finish(year) == SAME
    with year.database.transaction() as tx:
        owner = f"case:{cases.listed(tx)[0].id}"
        tx.run(delete(vault_key).where(vault_key.c.owner == owner))
    with pytest.raises(NotAllowed) as refused:
        begin(year)
    assert refused.value.facts["why"] == "report_erased"
    assert published(year) == before


def test_years_that_were_never_counted_are_counted_without_what_was_erased(year: World) -> None:
    with year.database.transaction() as tx:
        owner = f"case:{cases.listed(tx)[0].id}"
        tx.run(delete(vault_key).where(vault_key.c.owner == owner))
    begin(year)
    assert finish(year) == NEW


def test_nobody_but_an_auditor_counts(year: World) -> None:
    for name in ("sara", "aino", "maja"):
        with pytest.raises(NotAllowed):
            begin(year, by=replace(greta(year), person="p_sara", roles=frozenset({name})))


def test_two_counts_at_once_are_refused(year: World) -> None:
    begin(year)
    with pytest.raises(NotAllowed) as refused:
        begin(year)
    assert refused.value.facts["why"] == "report_goes_on"
