"""A move is taken back as long as nothing has happened since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.errors import CannotUndo
from service.workshop.dry_run import verdicts
from service.workshop.dry_run.case_fold import fold_case
from tests.support import small
from tests.support.world import NOON
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import DEADLINE, THREE, TWO


def test_undo_gives_back_the_same_task_and_release(moving: Moving) -> None:
    old = moving.published(TWO)
    case = moving.start().case_id
    before = moving.tasks(case)
    moving.migrate(case, moving.published(THREE))
    moving.put_back(case)
    assert moving.tasks(case) == before
    assert moving.case(case).release_id == old
    assert moving.faults() == []
    moving.do(case, "a", small.ANSWERS)
    assert [task.element for task in moving.tasks(case)] == ["b"]


def test_a_case_that_has_gone_on_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.do(case, "a", small.ANSWERS)
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts == {"why": "went_on", "since": (("complete", "a"),)}


def test_a_move_of_long_ago_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.later(days=30, seconds=1)
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts["why"] == "late"


def test_a_case_that_never_moved_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts["why"] == "no_move"


def test_a_deadline_that_is_added_counts_from_the_move(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.later(days=2)
    body = DEADLINE + small.person("b")
    moving.migrate(case, moving.published(small.one(body, "s>a a>b b>e w>late")))
    (timer,) = moving.jobs(case)
    assert timer.due == NOON + timedelta(days=7)
    (note,) = moving.facts(case)[-1].stimulus["notes"]
    assert note["code"] == "added"
    moving.put_back(case)
    assert moving.jobs(case) == []
    assert moving.faults() == []


def test_a_dry_run_plays_a_case_that_was_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.put_back(case)
    services, now = moving.program.services, moving.clock.now()
    with moving.database.transaction(write=False) as tx:
        live = services.current(tx)
        found = fold_case(tx, services, case, draft=live, base=live, now=now)
    assert found.verdict == verdicts.SAME
