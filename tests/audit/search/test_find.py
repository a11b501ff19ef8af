"""What an auditor finds: cases with what stands out in them, and entries with their place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.audit.search.entry_words import load_names
from service.audit.search.find import FoundPage, load_found, load_found_entries
from service.security.keyring import Keyring
from service.store.keyset import PageRequest
from service.store.read_models.audit_conditions import AuditQuery
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    yield made
    made.database.close()


def find(desk: World, query: AuditQuery, *, entries: bool = False, after: str = "") -> FoundPage:
    load = load_found_entries if entries else load_found
    with desk.database.transaction(write=False) as tx:
        step = PageRequest(after=after)
        services = desk.program.services
        return load(tx, load_names(tx, services), services, query, step, lang="en", limit=2)


def test_a_case_is_found_by_the_beginning_of_its_pseudonym(desk: World) -> None:
    case = desk.start().case_id
    desk.start()
    found = find(desk, AuditQuery(word=desk.case(case).ref))
    assert ([row.id for row in found.cases], found.total) == ([case], 1)
    assert find(desk, AuditQuery()).total == 2


def test_a_row_says_how_long_the_history_is_and_on_which_release(desk: World) -> None:
    case = desk.start().case_id
    before = find(desk, AuditQuery()).cases[0].lines
    desk.do(case, "t1")
    (row,) = find(desk, AuditQuery()).cases
    assert row.lines > before
    assert (row.releases, row.marks, row.ended) == ("v1", (), None)
    assert find(desk, AuditQuery(marks=("ended",))).cases == ()


def test_a_case_that_is_found_by_an_act_says_which(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "t1")
    (row,) = find(desk, AuditQuery(element="t1")).cases
    assert row.id == case
    assert row.matched.startswith("A task was done")
    (row,) = find(desk, AuditQuery(kind="complete")).cases
    assert row.matched.startswith("A task was done")
    assert find(desk, AuditQuery(element="t2")).cases == ()


def test_entries_go_on_from_the_last_of_a_page(desk: World) -> None:
    started = [desk.start().case_id for _ in range(3)]
    first = find(desk, AuditQuery(kind="start"), entries=True)
    second = find(desk, AuditQuery(kind="start"), entries=True, after=first.next)
    found = [row.case_id for row in (*first.entries, *second.entries)]
    assert sorted(found) == sorted(started)
    assert (first.total, first.more) == (3, False)
    assert {row.place for row in first.entries} == {1}
