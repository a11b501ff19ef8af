"""A new case and the ended one that it continues name each other, sealed."""

from __future__ import annotations

import pytest

from service.access import Viewer
from service.casework.cases.continuation import (
    CaseLinks,
    EndedCase,
    LinkedCase,
    find_ended_case,
    link_cases,
    load_case_links,
)
from service.errors import NotFound
from service.records.context import actor
from service.store.installation import ledger_entries
from tests.support.directory import ROLE
from tests.support.small_desk import START
from tests.support.world import NOON, World

STRANGER = Viewer("p_x", "elsewhere", frozenset({ROLE}))


@pytest.fixture
def ended(desk: World, case_id: str) -> str:
    """The case after its two tasks."""
    desk.do(case_id, "a", {"answer": ["YES"]})
    assert desk.do(case_id, "b").ended
    return case_id


def links(desk: World, case_id: str, viewer: Viewer) -> CaseLinks:
    with desk.database.transaction(write=False) as tx:
        return load_case_links(tx, tx, desk.program.services, viewer, case_id, NOON)


def link(desk: World, old: str) -> str:
    new = desk.start(element=START).case_id
    with desk.database.transaction() as tx:
        services, sara = desk.program.services, desk.viewer()
        begun = EndedCase(new, services.key(tx, f"case:{new}"))
        before = find_ended_case(tx, services, sara, old, NOON)
        link_cases(tx, by=actor(sara), new=begun, old=before, now=NOON)
    return new


def test_both_cases_name_the_other(desk: World, ended: str) -> None:
    new, sara = link(desk, ended), desk.viewer()
    old_ref, new_ref = desk.case(ended).ref, desk.case(new).ref
    assert links(desk, new, sara) == CaseLinks(LinkedCase(ended, old_ref), ())
    assert links(desk, ended, sara) == CaseLinks(None, (LinkedCase(new, new_ref),))


def test_the_histories_do_not_hold_the_other_id(desk: World, ended: str) -> None:
    new = link(desk, ended)
    with desk.database.transaction(write=False) as tx:
        entries = ledger_entries.latest(tx, f"case/{new}")
    assert not any(ended in entry.body for entry in entries)


def test_who_does_not_see_the_other_case_sees_no_link(desk: World, ended: str) -> None:
    assert links(desk, link(desk, ended), STRANGER) == CaseLinks(None, ())


def test_only_an_ended_case_that_the_viewer_sees_is_found(desk: World, ended: str) -> None:
    services, running = desk.program.services, desk.start(element=START).case_id
    with desk.database.transaction(write=False) as tx:
        assert find_ended_case(tx, services, desk.viewer(), ended, NOON).id == ended
        for viewer, case_id in ((desk.viewer(), running), (STRANGER, ended)):
            with pytest.raises(NotFound):
                find_ended_case(tx, services, viewer, case_id, NOON)
