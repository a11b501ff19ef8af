"""The form that is open for one person."""

from __future__ import annotations

import pytest

from service.actions.tasks import form_session
from service.errors import TaskClosed, TaskTaken
from service.store.work import tasks
from tests.actions.tasks.sessions import session
from tests.support.world import World


def test_only_texts_of_the_form_are_taken(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        found = session(tx, desk, case)
        assert found.own({"note": ["x"], "note.0": ["y"], "foreign": ["z"]}) == {
            "note": ["x"],
            "note.0": ["y"],
        }
        assert [section.hidden for section in found.draw({"note": ["x"]})] == [False]


def test_the_first_text_that_is_kept_claims_the_task(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        form_session.keep_unsent(tx, session(tx, desk, case), {"note": ["x"]}, 0)
    with desk.database.transaction() as tx:
        assert form_session.typed_so_far(tx, session(tx, desk, case)) == {"note": ["x"]}
        task = tasks.get(tx, desk.key(case, "a"))
        assert task is not None
        assert task.claimed_by == "p_sara"
        with pytest.raises(TaskTaken):
            form_session.keep_unsent(tx, session(tx, desk, case, by="stina"), {"note": ["y"]}, 0)


def test_a_task_that_is_over_has_no_session(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    desk.complete(key)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx, pytest.raises(TaskClosed):
        form_session.open_task_form(tx, services, desk.viewer(), key, now)
