"""What mostly has no row is asked together; who reads it gets the same as who asks for it."""

from __future__ import annotations

from datetime import datetime

import pytest

from service.store.ahead.existence import ask_existence
from service.store.ahead.people_reads import ask_office_and
from service.store.at_hand import Read
from service.store.casefile import case_officers, cases, documents, notes
from service.store.database import Database
from service.store.installation import installation_values, keys, ledger_entries, people, releases
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks
from tests.store.sample_rows import NOON, RELEASE, SampleRows

KINDS = ("call", "timer")


def mostly_none(case_id: str) -> tuple[Read, ...]:
    """Questions about a case; of the ledger the same is asked twice, with other values."""
    of_case = {"case_id": case_id}
    return (
        (notes.OF_CASE, of_case),
        (documents.OF_CASE, of_case),
        (incidents.OF_CASE, of_case),
        (case_officers.OF_CASE, of_case),
        (jobs.OF_CASE, {**of_case, "kinds": KINDS}),
        ledger_entries.read_of_latest(f"case/{case_id}", kinds=["marking"]),
        ledger_entries.read_of_latest(f"reads/{case_id}", kinds=["reveal"]),
    )


def of_one_value(case_id: str) -> tuple[Read, ...]:
    return (
        (letters.COUNT_OF_CASE, {"case_id": case_id}),
        (releases.PUBLISHED_AT, {"id": RELEASE}),
        (releases.PUBLISHED_AT, {"id": "cd" * 32}),
    )


def answers(tx: Tx, case_id: str) -> list[list[object]]:
    asked = (*mostly_none(case_id), *of_one_value(case_id))
    return [tx.all(lambda *row: (*row,), *read) for read in asked]


@pytest.fixture
def filled(database: Database, samples: SampleRows) -> Database:
    """Two cases: one of which there is nothing, and one with an officer, a job and letters."""
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        officer = case_officers.CaseOfficer("c001", "north", "p-north", "p-north", NOON)
        case_officers.change(tx, officer)
        jobs.arm(tx, samples.job("c001", "a"))
        letters.add(tx, [samples.letter("c001", nth) for nth in range(2)])
    return database


@pytest.mark.parametrize("case_id", ["c000", "c001"])
def test_it_says_what_asking_says(filled: Database, case_id: str) -> None:
    with filled.transaction(write=False) as tx:
        plain = answers(tx, case_id)
    with filled.transaction(write=False) as tx:
        ask_existence(tx, mostly_none(case_id), of_one_value(case_id))
        assert answers(tx, case_id) == plain
        assert letters.count_of_case(tx, case_id) == (2 if case_id == "c001" else 0)
        assert isinstance(releases.published_at(tx, RELEASE), datetime)


def test_only_what_is_there_is_asked_then(filled: Database, statements: list[str]) -> None:
    for case_id, more in (("c000", 0), ("c001", 2)):
        with filled.transaction(write=False) as tx:
            ask_existence(tx, mostly_none(case_id), of_one_value(case_id))
            statements.clear()
            answers(tx, case_id)
        asked = [text for text in statements if text.startswith("SELECT")]
        assert len(asked) == (10 if filled.postgres else more), asked


def test_what_is_written_then_is_read(filled: Database, samples: SampleRows) -> None:
    with filled.transaction() as tx:
        ask_existence(tx, mostly_none("c000"), of_one_value("c000"))
        assert jobs.of_case(tx, "c000", kinds=KINDS) == []
        jobs.arm(tx, samples.job("c000", "a"))
        assert [row.work_id for row in jobs.of_case(tx, "c000", kinds=KINDS)] == ["a"]


def test_nothing_that_locks_or_changes_is_asked_so(filled: Database) -> None:
    for statement in (cases.BY_ID.writer, installation_values.CHANGE):
        with filled.transaction(write=False) as tx:
            if not tx.postgres:
                with pytest.raises(TypeError):
                    ask_existence(tx, [(statement, {"id": "c000"})])


def test_people_read_together_are_those_read_apart(filled: Database, statements: list[str]) -> None:
    ids = {"p-north", "p-south", "p-closed", "p-nobody"}
    with filled.transaction() as tx:
        people.add(
            tx,
            people.Person("p-closed", "north", b"closed", b"box", None, None, "sv", {}, NOON, NOON),
            {"Helper"},
        )
    with filled.transaction(write=False) as tx:
        apart = people.of(tx, ids), people.of_office(tx, "north")
    assert [known.person.id for known in apart[1]] == ["p-north"]
    with filled.transaction(write=False) as tx:
        ask_office_and(tx, "north", ids)
        statements.clear()
        assert (people.of(tx, ids), people.of_office(tx, "north")) == apart
        assert statements == []


def test_a_task_that_is_loaded_has_its_case_read(
    filled: Database, samples: SampleRows, statements: list[str]
) -> None:
    with filled.transaction() as tx:
        tasks.sync(tx, "c000", [samples.task("c000", "a")], {})
        case = cases.get(tx, "c000")
    with filled.transaction(write=False) as tx:
        assert cases.load_for_task(tx, "k-c000-a") is not None
        statements.clear()
        assert cases.get(tx, "c000") == case
        assert keys.get(tx, "case:c000") is None
        assert statements == []
