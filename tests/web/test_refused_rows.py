"""Rows of a case that were put back or taken away: nobody works with them, and operators see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from service.audit.verify import verify_all
from service.casework.incidents import ROW_REFUSED
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.work import incidents
from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


@pytest.mark.parametrize("table", ["case_grant", "party"])
def test_a_case_of_which_a_row_was_taken_away(
    story: Story, shipped_world: World, table: str
) -> None:
    case, browser = story.case, shipped_world.browser("sara")
    task = next(task for task in shipped_world.tasks(case) if task.office_id is not None)
    assert browser.get(f"/tasks/{task.key}").status_code == 200
    with shipped_world.database.transaction() as tx:
        rows = metadata.tables[table]
        tx.run(as_system("verify", delete(rows).where(rows.c.case_id == case)))
    answer = browser.post(f"/tasks/{task.key}", {})
    assert answer.status_code == 500
    with shipped_world.database.transaction(write=False) as tx:
        told = [row.error for row in incidents.open_of_installation(tx, ROW_REFUSED)]
        assert told == [
            f"rows of {table} are not as this installation has written them; case {case}"
        ]
        services, now = shipped_world.program.services, shipped_world.clock.now()
        faults = verify_all(tx, services, now=now).faults
        assert any(fault.case == case and fault.place.startswith(table) for fault in faults)
