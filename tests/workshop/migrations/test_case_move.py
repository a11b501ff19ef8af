"""A case goes to another release and back: work, claims and deadlines stay; history tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.history import narrative
from service.errors import CannotMove, NotAllowed, Stale
from tests.support import small
from tests.support.world import NOON
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import DEADLINE, THREE, TWO, WITHOUT_A


def test_a_case_goes_on_with_an_added_task_and_ends(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = moving.key(case, "a")
    new = moving.published(THREE)
    moving.migrate(case, new)
    assert moving.key(case, "a") == key
    assert moving.case(case).release_id == new
    assert moving.faults() == []
    for step in "acb":
        moving.do(case, step, small.ANSWERS if step == "a" else None)
    assert moving.case(case).status == "ended"
    assert moving.faults() == []


def test_history_tells_the_move_and_its_undoing(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.put_back(case)
    with moving.database.transaction(write=False) as tx:
        told = narrative.load_history(tx, moving.program.services, case, "sv")
    assert [entry.text for entry in told[1:]] == [
        "Ärendet flyttades från v1 till v2",
        "Flytten från v1 till v2 togs tillbaka; ärendet är på v1 igen",
    ]
    assert {entry.kind for entry in told[1:]} == {"migration"}


def test_a_removed_step_needs_a_place_to_go_on(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(WITHOUT_A)
    with pytest.raises(CannotMove, match="Choose where to go"):
        moving.migrate(case, new)
    moving.migrate(case, new, relocate={"a": "c"})
    assert [task.element for task in moving.tasks(case)] == ["c"]
    assert moving.faults() == []
    moving.put_back(case)
    assert [task.element for task in moving.tasks(case)] == ["a"]
    assert moving.faults() == []


def test_a_running_deadline_keeps_its_date(moving: Moving) -> None:
    moving.published(small.one(DEADLINE, "s>a a>e w>late"))
    case = moving.start().case_id
    moving.later(days=2)
    longer = DEADLINE.replace("P5D", "P9D")
    moving.migrate(case, moving.published(small.one(longer, "s>a a>e w>late")))
    (timer,) = moving.jobs(case)
    assert timer.due == NOON + timedelta(days=5)
    assert moving.faults() == []
    moving.put_back(case)
    assert [job.due for job in moving.jobs(case)] == [timer.due]
    assert moving.faults() == []


def test_a_case_goes_to_no_release_twice(moving: Moving) -> None:
    old = moving.published(TWO)
    case = moving.start().case_id
    with pytest.raises(NotAllowed):
        moving.migrate(case, old)


def test_a_case_that_went_on_since_its_plan_is_left(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(THREE)
    with pytest.raises(Stale):
        moving.migrate(case, new, standing="another place")
    assert moving.case(case).rev == 1


def test_a_move_at_whose_end_the_case_would_be_over_is_refused(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(small.one(small.person("c"), "s>c c>e"))
    with pytest.raises(CannotMove):
        moving.migrate(case, new, relocate={"a": "e"})
