"""The auditor's list of cases: all of them, under pseudonyms, with how many lines each has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.actions.history.audit_list import AuditListPage, load_audit_list
from service.security.keyring import Keyring
from service.store.keyset import PageRequest
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    yield made
    made.database.close()


def page(desk: World, word: str = "", *, filters: tuple[str, ...] = ()) -> AuditListPage:
    with desk.database.transaction(write=False) as tx:
        return load_audit_list(tx, PageRequest(), word=word, filters=filters, lang="sv", limit=10)


def test_a_case_is_found_by_the_beginning_of_its_pseudonym(desk: World) -> None:
    case = desk.start().case_id
    desk.start()
    found = page(desk, desk.case(case).ref)
    assert ([row.id for row in found.rows], found.total) == ([case], 1)
    assert page(desk).total == 2


def test_a_row_says_what_happened_and_on_which_release(desk: World) -> None:
    case = desk.start().case_id
    before = page(desk).rows[0].lines
    desk.do(case, "t1")
    (row,) = page(desk).rows
    assert row.lines > before
    assert (row.releases, row.marks, row.ended) == ("v1", (), None)
    assert page(desk, filters=("ended",)).rows == ()
