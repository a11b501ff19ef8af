"""A draft that takes a step away from open cases is warned of, with their number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from service.errors import Finding
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.workshop.open_cases import open_case_findings, with_open_cases
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world, small_process

DEADLINE = d.border("w", "t1", d.timer("Duration", "P5D")) + d.end("late")
BODY = small.person("t1") + small.person("t2") + DEADLINE
WAY = "s>t1 t1>t2 t2>e w>late"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = small_process(open_world(database_url, keyring))
    made.publish(small.one(BODY, WAY))
    yield made
    made.database.close()


def warned(desk: World, bundle: Bundle) -> list[tuple[str, str, object]]:
    with desk.database.transaction(write=False) as tx:
        found = open_case_findings(tx, desk.program.services, bundle)
    return [(one.severity, one.element, one.facts["n"]) for one in found]


def test_a_removed_step_with_open_cases_is_a_warning(desk: World) -> None:
    without = small.one(small.person("t2"), "s>t2 t2>e")
    assert warned(desk, without) == []
    first, second = (desk.start().case_id for _ in range(2))
    assert warned(desk, without) == [("W", "t1", 2)]
    desk.do(first, "t1")
    assert warned(desk, without) == [("W", "t1", 1)]
    assert warned(desk, small.one(BODY, WAY)) == []
    desk.do(second, "t1")
    assert warned(desk, without) == []


def test_a_whole_diagram_that_is_gone_is_a_warning_too(desk: World) -> None:
    desk.start()
    assert warned(desk, Bundle({})) == [("W", "t1", 1)]


def test_a_diagram_that_cannot_be_read_says_nothing_of_cases(desk: World) -> None:
    desk.start()
    broken = Bundle({"workflows/0.bpmn": b"<no diagram"})
    assert warned(desk, broken) == []
    error = Finding("X101", "E", "workflows/0.bpmn", "", "unreadable")
    with desk.database.transaction(write=False) as tx:
        assert with_open_cases(tx, desk.program.services, Bundle({}), [error]) == (error,)


def test_cases_are_counted_by_one_query(desk: World) -> None:
    desk.start()
    asked: list[str] = []
    event.listen(
        desk.database.engine,
        "before_cursor_execute",
        lambda _conn, _cursor, statement, *_: asked.append(statement),
    )
    warned(desk, small.one(BODY, WAY))
    assert len([one for one in asked if " task" in one or " job" in one]) <= 1
