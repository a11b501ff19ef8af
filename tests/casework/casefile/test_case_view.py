"""The view of a case for one viewer: opened as far as her grants reach, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.cases.case_visibility import LOOKUP_LASTS
from service.errors import NotFound, ReasonNeeded
from tests.support.directory import OFFICE, ROLE
from tests.support.small_desk import START
from tests.support.world import NOON, World

AUDITOR = Viewer("p_a", "elsewhere", frozenset({"auditor"}))


def view(desk: World, case_id: str, viewer: Viewer) -> CaseView:
    with desk.database.transaction(write=False) as tx:
        return load_case_view(tx, desk.program.services, viewer, case_id, desk.clock.now())


def needs_reason(desk: World, case_id: str, viewer: Viewer) -> bool:
    try:
        view(desk, case_id, viewer)
    except ReasonNeeded:
        return True
    return False


def test_the_view_has_answers_tasks_and_names(desk: World, case_id: str) -> None:
    seen = view(desk, case_id, desk.viewer())
    assert seen.shown["note"].value == "first words"
    assert [task.element for task in seen.waiting] == ["a"]
    assert seen.states["a"] == "active"
    assert seen.who("p_sara", OFFICE) == "Sara, Social"
    assert seen.name("a") == "A"
    assert seen.name("gone") == "gone"
    assert seen.parties == {ROLE: OFFICE}
    assert seen.mine(seen.waiting[0])
    field, form = seen.field_of(seen.newest["note"])
    assert field is not None
    assert form is not None
    assert (field.key, form.id) == ("note", "plain")
    assert seen.field_of(None) == (None, None)


def test_an_auditor_has_no_answer_opened(desk: World, case_id: str) -> None:
    seen = view(desk, case_id, AUDITOR)
    assert seen.answers == []
    assert not seen.mine(seen.waiting[0])


def test_there_is_no_view_of_a_case_that_is_not_there(desk: World, case_id: str) -> None:
    stranger = Viewer("p_x", "elsewhere", frozenset({ROLE}))
    for viewer, wanted in ((desk.viewer(), "0" * 26), (stranger, case_id)):
        with pytest.raises(NotFound):
            view(desk, wanted, viewer)


def test_an_office_with_a_task_needs_no_reason(desk: World, case_id: str) -> None:
    desk.later(days=2)
    assert not needs_reason(desk, case_id, desk.viewer("stina"))
    assert not needs_reason(desk, case_id, AUDITOR)


def test_without_a_task_the_viewer_gives_a_reason(desk: World) -> None:
    case_id = desk.start(element=START).case_id
    desk.do(case_id, "a", {"answer": ["YES"]})
    desk.do(case_id, "b")
    assert not needs_reason(desk, case_id, desk.viewer()), "she has just moved it herself"
    assert needs_reason(desk, case_id, desk.viewer("stina"))
    with desk.database.transaction() as tx:
        who = desk.viewer("stina")
        facts = {"case_id": case_id, "purpose": "PHONE", "reason": ""}
        read_log.record_lookup_reason(tx, desk.program.services, by=who, now=NOON, **facts)
    assert not needs_reason(desk, case_id, desk.viewer("stina"))
    desk.later(hours=LOOKUP_LASTS / timedelta(hours=1))
    assert needs_reason(desk, case_id, desk.viewer("stina"))
