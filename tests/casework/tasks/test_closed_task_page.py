"""The page of a closed task: what became of it, and what its reader had typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.tasks import closed_task_page, form_session
from service.casework.tasks.closed_task_page import ClosedTaskPage, load_closed_task_page
from service.errors import TaskClosed
from tests.casework.tasks.sessions import session
from tests.support.world import World


def closed(desk: World, key: str, *, by: str = "sara", case: str = "") -> ClosedTaskPage:
    services, viewer, now = desk.program.services, desk.viewer(by), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return load_closed_task_page(tx, services, viewer, key, now, case=case, step="a:1")


def test_who_was_too_late_reads_who_did_it(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    desk.complete(key, by="stina")
    page = closed(desk, key, case=case)
    assert (page.raced, page.kept) == (True, ())
    assert "Stina" in page.why
    assert page.correct == desk.facts(case)[-1].rev


def test_late_answers_are_kept_for_their_author(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    desk.complete(key, by="stina")
    with desk.database.transaction() as tx:
        closed_task_page.keep_late_answers(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=key,
            raw={"note": ["too late"], "foreign": ["x"]},
            case=case,
            step="a:1",
        )
    assert closed(desk, key).kept == (("Note", "too late"),)
    assert closed(desk, key, by="stina", case=case).kept == ()


def test_a_task_that_never_was_has_no_page(desk: World) -> None:
    with pytest.raises(TaskClosed):
        closed(desk, "01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_unsent_answers_go_with_the_sent_ones(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    with desk.database.transaction() as tx:
        form_session.keep_unsent(tx, session(tx, desk, case), {"note": ["sent"]}, 0)
    desk.complete(key, {"note": ["sent"]})
    assert closed(desk, key, case=case).kept == ()


def later(desk: World, key: str, by: str = "sara") -> ClosedTaskPage:
    """The page to which its address alone leads: a bookmark, a letter, the list of a case."""
    services, viewer, now = desk.program.services, desk.viewer(by), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return load_closed_task_page(tx, services, viewer, key, now)


def test_a_sent_task_is_found_by_its_address(desk: World, case: str) -> None:
    first = desk.key(case, "a")
    desk.complete(first)
    desk.clock.set(desk.clock.now() + timedelta(hours=3))
    page = later(desk, first, by="stina")
    assert (page.name, page.case) == ("A", case)
    assert "Sara" in page.why
    assert later(desk, first).correct == desk.facts(case)[-1].rev


def test_an_address_that_leads_nowhere_says_nothing(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    desk.complete(key)
    with pytest.raises(TaskClosed):
        later(desk, key[:-1] + ("A" if key[-1] != "A" else "B"))
    with pytest.raises(TaskClosed):
        later(desk, "nonsense")
