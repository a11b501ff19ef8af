"""A mark is put into everything that is sealed about a case; after the erasure nothing that is left
opens it, by whichever key and wherever it was sealed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Table, update

from service.access import RECORDS_OFFICER, Viewer
from service.casework.casefile import read_log
from service.casework.retention.holds import set_hold
from service.casework.subject_requests import asking
from service.records.context import Actor
from service.records.ledger_kinds import KINDS, WORDS
from service.security.keyring import Keyring
from service.security.purposes import PLACES
from service.store import tables
from service.store.casefile import approvals, erasing
from service.store.casefile.approvals import Approval
from service.store.work import jobs
from service.store.work.jobs import Job
from tests.support.directory import OFFICE, ROLE
from tests.support.filled_case import TWO, erased, fill_case
from tests.support.left_open import places_of
from tests.support.world import World, open_world

MARK = "qzjxkvbwpf"
WORDS_OF_READS = ("line", "body")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO)
    yield made
    made.database.close()


def mark_everything(desk: World) -> str:
    """An ended case with the mark in everything that is sealed about it."""
    case = fill_case(desk, MARK)
    services, who, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction() as tx:
        read_log.record_lookup_reason(
            *(tx, services), by=who, now=now, case_id=case, purpose="OTHER", reason=MARK
        )
        set_hold(
            *(tx, services),
            by=Actor(who.person, OFFICE),
            now=now,
            case_id=case,
            until=now + timedelta(days=1),
            reason=MARK,
        )
        jobs.ROWS.add(tx, Job(f"{case}:x", case, "x", "call", "t.x", "a", 1, None))
        key = services.case_keys(tx, case).require_own()
        place = {"table": "approval", "column": "reason", "row": "A"}
        approvals.add(
            tx,
            Approval(
                *("A", case, "unmask_case", {}, "0" * 64, "expired", who.person, OFFICE, now),
                expires=now,
                reason=key.seal("notes", MARK.encode(), **place),
            ),
        )
        about: dict[str, Any] = {
            "kind": "correct",
            "who": "herself",
            "proven": "known",
            "wish": MARK,
        }
        officer = Viewer(who.person, OFFICE, frozenset({ROLE, RECORDS_OFFICER}))
        given = (tx, services, officer, now)
        asked = asking.ask(*given, case_id=case, everywhere=False, person=False, **about)
        asking.decide(*given, request=asked, outcome="granted", answer=MARK)
    for table, column in sorted(erasing.HOW.keys() - places_of(desk, MARK)):
        seal_by_hand(desk, case, tables.metadata.tables[table], column)
    return case


def seal_by_hand(desk: World, case: str, table: Table, column: str) -> None:
    """Seal the mark in a column of the first row of the case, where the program puts no text."""
    purpose = next(name for name, found in PLACES.items() if (table.name, column) in found)
    found: Column[Any] = table.c.id if table.name == "cases" else table.c.case_id
    with desk.database.transaction() as tx:
        key = desk.program.services.case_keys(tx, case)
        opens = key.of(OFFICE, "C0") if column == "c0" else key.require_own()
        sealed = opens.seal(purpose, MARK.encode(), table=table.name, column=column, row=case)
        tx.run(update(table).where(found == case).values({column: sealed}))


def test_a_mark_in_everything_sealed_is_found_nowhere_after(desk: World) -> None:
    case = mark_everything(desk)
    fill_case(desk)
    assert places_of(desk, MARK) == {*erasing.HOW, WORDS_OF_READS}
    erased(desk, case)
    assert places_of(desk, MARK) == set()
    assert places_of(desk, "halvskrivet") == {("unsent", "sealed")}, "of the other case"


def test_every_entry_with_words_says_for_which_key_they_are_sealed() -> None:
    assert WORDS.keys() == {kind for kind, parts in KINDS.items() if "word" in parts}


def test_a_place_for_sealed_values_that_no_erasure_knows_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert list(erasing.forgotten()) == []
    places = {**PLACES, "letters": frozenset({("letter", "params")})}
    monkeypatch.setattr(erasing, "PLACES", places)
    assert [str(column) for column in erasing.forgotten()] == ["letter.params"]
    monkeypatch.setattr(erasing, "OF_NO_CASE", {})
    assert {column.table.name for column in erasing.forgotten()} == {
        *("letter", "person", "credential", "office", "held", "document_request"),
    }
