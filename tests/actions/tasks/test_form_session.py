"""The form of an open task for one person."""

from __future__ import annotations

import pytest

from service.actions.casefile.documents import CheckedFile
from service.actions.tasks import claims, form_session
from service.errors import NotFound, TaskClosed, TaskTaken
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
        form_session.open_form_session(tx, services, desk.viewer(), key, now)


def test_a_file_for_no_file_field_is_not_taken(desk: World, case: str) -> None:
    key, file = desk.key(case, "a"), CheckedFile("x.pdf", "pdf", b"%PDF-1.4")
    with desk.database.transaction() as tx:
        claims.claim(tx, by=desk.viewer(), now=desk.clock.now(), task_key=key)
        with pytest.raises(NotFound):
            form_session.attach(
                tx,
                desk.program.services,
                by=desk.viewer(),
                now=desk.clock.now(),
                task_key=key,
                path="note",
                clean=file,
            )
