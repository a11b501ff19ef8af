"""An auditor's searches: what they find, that they enter by an index on both databases, and that
the number of statements does not grow with the page.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from service.store.database import Database
from service.store.keyset import PageRequest
from service.store.read_models import audit_search
from service.store.read_models.audit_conditions import AuditQuery
from tests.bench import _many_facts
from tests.bench.audit_find import SEARCHES, search
from tests.store.explaining import explaining
from tests.store.sample_rows import RELEASE

FACTS = 400
MOST_STATEMENTS = 8
WHOLE = re.compile(
    r"Seq Scan on (line|fact|cases)\b|SCAN (line|fact|cases|later|stream)\b(?! USING)"
)


def ids(database: Database, query: AuditQuery) -> list[str]:
    """Cases that a search finds, in its order."""
    with database.transaction(write=False) as tx:
        if query.element:
            found = audit_search.facts_at(tx, query, PageRequest(), 50, once=True)
            return [row.case_id for row in found.rows]
        if not audit_search.enters_by_entries(query):
            begun = audit_search.begun_cases(tx, query, PageRequest(), 50)
            return [row.id for row in begun.rows]
        entries = audit_search.entries(tx, query, PageRequest(), 50, once=True)
        return [row.stream.partition("/")[2] for row in entries.rows]


def test_each_case_is_found_once(database: Database) -> None:
    _many_facts.fill(database, FACTS)
    every = {f"c{n:08}" for n in range(FACTS // _many_facts.EACH)}
    for query in (AuditQuery(), AuditQuery(kind="start"), AuditQuery(release=RELEASE)):
        found = ids(database, query)
        assert (len(found), set(found)) == (len(every), every)
    for query in (AuditQuery(kind="complete"), AuditQuery(office="o03")):
        found = ids(database, query)
        assert len(found) == len(set(found)) > 0


def test_conditions_of_a_case_and_of_an_entry_hold_together(database: Database) -> None:
    _many_facts.fill(database, FACTS)
    ended = ids(database, AuditQuery(marks=("ended",)))
    assert set(ids(database, AuditQuery(marks=("ended",), kind="start"))) == set(ended)
    assert ids(database, AuditQuery(office="o03", kind="start")) == ["c00000003"]
    assert ids(database, AuditQuery(word="2026-000003", kind="start")) == ["c00000003"]
    assert ids(database, AuditQuery(word="2026-000003", office="o04")) == []
    assert ids(database, AuditQuery(release=_many_facts.RARE_RELEASE)) == []


@pytest.mark.parametrize("word", ["2026-00000", "2026-000003", "2", "AORD-", "bord-1", "%"])
def test_a_word_that_is_rare_finds_what_a_walk_finds(database: Database, word: str) -> None:
    _many_facts.fill(database, FACTS)
    query = AuditQuery(word=word)
    with database.transaction(write=False) as tx:
        assert ids(database, audit_search.with_named(tx, query)) == ids(database, query)


def test_entries_of_few_and_of_many_cases_are_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _many_facts.fill(database, FACTS)
    found = []
    for few in (audit_search.FEW, 0):
        monkeypatch.setattr(audit_search, "FEW", few)
        with database.transaction(write=False) as tx:
            query = AuditQuery(marks=("ended",), kind="due")
            page = audit_search.entries(tx, query, PageRequest(), 50)
            found.append([(row.stream, row.seq) for row in page.rows])
    assert found[0] == found[1] != []


def test_a_search_costs_the_same_however_much_there_is(
    database: Database, statements: list[str]
) -> None:
    _many_facts.fill(database, FACTS)
    for name, query in SEARCHES.items():
        for lines in (False, True):
            statements.clear()
            search(database, query, PageRequest(), lines=lines)
            read = (one for one in statements if one.startswith("SELECT"))
            asked = [one for one in read if "set_config(" not in one]
            assert len(asked) <= MOST_STATEMENTS, name


@pytest.mark.parametrize("lines", [False, True], ids=["cases", "entries"])
def test_every_search_enters_by_an_index(database: Database, *, lines: bool) -> None:
    with explaining(database) as explain:
        for name, query in SEARCHES.items():
            steps: list[str] = []

            def note(asked: str, values: Any, _many: bool, to: list[str] = steps) -> None:  # noqa: FBT001 - as the database tells it
                to.extend(explain(asked, values))

            with database.listening(note):
                search(database, query, PageRequest(), lines=lines)
            assert [step for step in steps if WHOLE.search(step)] == [], name
