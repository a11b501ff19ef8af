"""Turns open and end grants; a sight is the stored grants and the fields of open tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import insert, update

from service.access import CLASSES
from service.casework.cases.grants import load_sight
from service.errors import RowRefused
from service.store.casefile import cases, grants
from service.store.lists import visibility_rows
from service.store.row_mapping import values
from service.store.tables import metadata
from service.store.transaction import Tx
from service.store.work import tasks
from tests.support.changed_configuration import with_configuration
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World


def test_the_start_opens_the_case_to_the_office(desk: World, case_id: str, tx: Tx) -> None:
    (row,) = grants.of_case(tx, case_id)
    assert (row.rule, row.office_id, row.starts, row.until) == ("G1", OFFICE, NOON, None)
    sight = load_sight(tx, desk.program.services, desk.case(case_id), NOON)
    assert (sight.stage, sight.parties) == ("1", {ROLE: OFFICE})
    assert {grant.rule for grant in sight.grants} == {"G1", "G0"}


def test_an_open_task_opens_the_fields_of_its_form(desk: World, case_id: str, tx: Tx) -> None:
    sight = load_sight(tx, desk.program.services, desk.case(case_id), NOON)
    of_task = next(grant for grant in sight.grants if grant.rule == "G0")
    assert of_task.fields == frozenset({"answer", "note", "contact", "place"})
    assert of_task.classes == frozenset(CLASSES)


def test_without_open_tasks_the_stored_grants_are_left(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    desk.do(case_id, "b")
    with desk.database.transaction(write=False) as tx:
        sight = load_sight(tx, desk.program.services, desk.case(case_id), NOON)
    assert sight.stage == "x"
    assert {grant.rule for grant in sight.grants} == {"G1"}


def test_a_grant_that_has_ended_is_not_in_sight(desk: World, case_id: str, tx: Tx) -> None:
    (first,) = grants.of_case(tx, case_id)
    grants.limit(tx, first, until=NOON + timedelta(days=1))
    services, case = desk.program.services, desk.case(case_id)
    day_after = load_sight(tx, services, case, NOON + timedelta(days=2))
    assert [grant.rule for grant in day_after.grants] == ["G0"]


def test_a_grant_that_was_put_in_is_none_and_a_widened_one_is_missed(case_id: str, tx: Tx) -> None:
    (first,) = grants.of_case(tx, case_id)
    table = metadata.tables["case_grant"]
    forged = replace(first, id="forged", klasses="C0 C1 C2 C3")
    tx.run(insert(table).values({**values(forged), "mac": bytes(16)}))
    assert grants.of_case(tx, case_id) == [first]
    about: dict[str, Any] = {"office": OFFICE, "roles": [ROLE], "now": NOON}
    assert visibility_rows.of_cases(tx, [case_id], **about)[case_id].granted == [first]
    assert [case.id for case in cases.visible(tx, **about)] == []
    change = update(table).where(table.c.case_id == case_id).values(until=NOON + timedelta(days=9))
    assert tx.run(change) == 2
    with pytest.raises(RowRefused):
        grants.of_case(tx, case_id)
    assert visibility_rows.of_cases(tx, [case_id], **about)[case_id].granted == []


@pytest.mark.parametrize(("manager", "managers"), [(ROLE, {"p_sara"}), ("Another", set())])
def test_who_claims_a_task_of_a_managing_role_is_a_manager(
    desk: World, case_id: str, manager: str, managers: set[str]
) -> None:
    services = desk.program.services
    named = services.programme.configuration.named_fields
    duties = structs.replace(named.duties, manager=(manager,))
    changed = with_configuration(services, named_fields=replace(named, duties=duties))
    with desk.database.transaction() as tx:
        tasks.claim(tx, desk.key(case_id, "a"), "p_sara", NOON)
    with desk.database.transaction(write=False) as tx:
        sight = load_sight(tx, changed, desk.case(case_id), NOON)
    assert sight.managers == managers


def test_a_second_turn_opens_no_second_grant(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        assert len(grants.of_case(tx, case_id)) == 1
