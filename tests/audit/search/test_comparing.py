"""What no entry says: looks of offices without a part, very many in a day, and broken promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.audit.search import find
from service.audit.search.entry_words import load_names
from service.audit.search.find import load_found, load_found_entries
from service.operations import verification_runs
from service.records.context import Actor
from service.security.keyring import Keyring
from service.store.keyset import PageRequest
from service.store.read_models.audit_conditions import AuditQuery
from service.store.work import batches
from tests.support import small
from tests.support.directory import OfficePlan, add_office
from tests.support.log_reviews import add_person, look
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An office with cases, and another one with an auditor and somebody without a part in them."""
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    board = OfficePlan("board", "Board", "MYNDIGHET")
    with made.database.transaction() as tx:
        add_office(tx, made.program.services, board, by=Actor("cli"), now=made.clock.now())
    add_person(made, "greta", "auditor", "board")
    add_person(made, "omar", "CaseApprover", "board")
    yield made
    made.database.close()


def cases(desk: World, query: AuditQuery) -> set[str]:
    if query.compares:
        query = find.period_of_looks(query, desk.clock.now(), "Europe/Stockholm")
    with desk.database.transaction(write=False) as tx:
        step = PageRequest()
        found = load_found(
            tx,
            load_names(tx, desk.program.services),
            desk.program.services,
            query,
            step,
            lang="en",
            limit=50,
        )
        entries = load_found_entries(
            tx,
            load_names(tx, desk.program.services),
            desk.program.services,
            query,
            step,
            lang="en",
            limit=50,
        )
    if query.of_looks:
        assert {row.case_id for row in entries.entries} == {row.id for row in found.cases}
    return {row.id for row in found.cases}


FOREIGN, MANY = AuditQuery(marks=("foreign",)), AuditQuery(marks=("many",))


def test_a_look_of_an_office_without_a_part_is_found(desk: World) -> None:
    case, other, now = desk.start().case_id, desk.start().case_id, desk.clock.now()
    desk.clock.set(now + timedelta(hours=1))
    look(desk, "sara", other, at=now)
    assert cases(desk, FOREIGN) == set(), "her office has a part in it"
    look(desk, "greta", case, purpose="audit", at=now)
    assert cases(desk, FOREIGN) == set(), "an auditor looks because that is her work"
    look(desk, "omar", case, at=now)
    assert cases(desk, FOREIGN) == {case}
    by = desk.loaded_viewer("omar").person
    assert cases(desk, replace(FOREIGN, actor=by, word=desk.case(case).ref)) == {case}
    assert cases(desk, replace(FOREIGN, actor="somebody")) == set()
    assert cases(desk, replace(FOREIGN, kind="start")) == {case}, "both, in one case"
    assert cases(desk, replace(FOREIGN, element="s")) == {case}
    assert cases(desk, replace(FOREIGN, until=now)) == set(), "only within the period"


def test_very_many_cases_in_a_day_are_found(desk: World) -> None:
    limits = desk.program.services.programme.log_review
    started, now = [desk.start().case_id for _ in range(4)], desk.clock.now()
    desk.clock.set(now + timedelta(hours=1))
    few = replace(desk.program.services.programme, log_review=replace(limits, cases_a_day=3))
    desk.program = replace(desk.program, services=replace(desk.program.services, programme=few))
    for case in started[:3]:
        look(desk, "sara", case, at=now)
        look(desk, "sara", case, at=now)
    look(desk, "sara", started[3], at=now - timedelta(days=1))
    assert cases(desk, MANY) == set()
    look(desk, "greta", started[3], purpose="log_review", at=now)
    for case in started[:3]:
        look(desk, "greta", case, at=now)
    assert cases(desk, MANY) == set(), "looks for the log review are not counted"
    look(desk, "sara", started[3], at=now)
    assert cases(desk, MANY) == set(started)
    assert cases(desk, replace(MANY, since=now + timedelta(days=1))) == set()


def test_broken_promises_are_of_the_last_verification(desk: World) -> None:
    case, other, now = desk.start().case_id, desk.start().case_id, desk.clock.now()
    asked = AuditQuery(marks=("broken",))
    with desk.database.transaction(write=False) as tx:
        assert find.load_broken(tx) is None
    assert cases(desk, asked) == set()
    found = {"broke": [[case, "ref"]], "broken": 2}
    with desk.database.transaction() as tx:
        for n, state in enumerate((batches.DONE, batches.STOPPED)):
            run = batches.Batch(
                f"run{n}", verification_runs.KIND, verification_runs.KIND, found, state, 2, "p", now
            )
            batches.add(tx, replace(run, ended_at=now), [case, other])
    assert cases(desk, asked) == {case}
    assert cases(desk, replace(asked, kind="start")) == {case}
    with desk.database.transaction(write=False) as tx:
        page = load_found(
            tx,
            load_names(tx, desk.program.services),
            desk.program.services,
            asked,
            PageRequest(),
            lang="en",
            limit=50,
        )
    assert page.cases[0].marks == ("promise broken",)
