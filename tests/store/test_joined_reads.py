"""What is asked together is handed out as if each question had been asked alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.store.at_hand import NotLoaded, Read, Reader
from service.store.casefile import case_officers, cases, consents, grants, parties
from service.store.database import Database
from service.store.drivers.joined_reads import joined
from service.store.installation import idempotency, installation_values, keys
from service.store.lists import open_work_ids
from service.store.prepared import PreparedStatement
from service.store.read_models import turn_rows
from service.store.work import jobs, tasks
from tests.store.sample_rows import NOON, SampleRows

TASK = "k-c001-1.1"


def questions(case_id: str) -> list[Read]:
    """Questions of all kinds: of several parts, sorted, without any row."""
    of_case = {"case_id": case_id}
    return [
        (cases.BY_ID.writer, {"id": case_id}),
        (idempotency.FIND, {"key": "k", "person_id": "p-north", "route": "/"}),
        (open_work_ids.OF_CASE, of_case),
        (parties.OF_CASE, of_case),
        (grants.OF_CASE, of_case),
        (consents.OF_CASE, of_case),
        (tasks.OF_ONE_CASE, of_case),
        (keys.GET, {"owner": f"case:{case_id}"}),
        installation_values.read_of_beginning("a."),
    ]


def answers(reader: Reader, asked: list[Read]) -> list[list[list[object]]]:
    return [reader.all(lambda *row: [*row], *read) for read in asked]


@pytest.fixture
def filled(database: Database, samples: SampleRows) -> Database:
    """Two cases: one of which there is nothing, and one with tasks, jobs, parties and grants."""
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        for name in ("a.b", "a.a", "b"):
            installation_values.put(tx, name, name.upper())
        parties.bind(
            tx, "c001", {"Reader": "south", "Helper": "north"}, parties.of_case(tx, "c001")
        )
        due = [None, NOON, NOON + timedelta(microseconds=1)]
        rows = [samples.task("c001", f"1.{nth}", due=due[nth]) for nth in range(3)]
        tasks.sync(tx, "c001", rows, {})
        jobs.arm(tx, samples.job("c001", "a"))
        for nth in (2, 0, 1):
            grants.add(tx, grant(f"g{nth}"))
        tx.changes.bound.clear()
    return database


def grant(id_: str) -> grants.GrantRow:
    rule, ground = f"rule {id_}", "task"
    return grants.GrantRow(id_, "c001", "north", "Helper", rule, "C0", ground, "", NOON)


@pytest.mark.parametrize("case_id", ["c000", "c001", "gone"])
def test_together_they_say_what_each_says(filled: Database, case_id: str) -> None:
    with filled.transaction() as tx:
        apart = answers(tx, questions(case_id))
    with filled.transaction() as tx:
        assert answers(tx.read(*questions(case_id)), questions(case_id)) == apart
    none = [None] if case_id == "c000" else []
    assert [row[0] for row in apart[4]] == (["g0", "g1", "g2"] if case_id == "c001" else none)


def test_on_sqlite_they_are_one_statement(filled: Database, statements: list[str]) -> None:
    with filled.transaction() as tx:
        statements.clear()
        at_hand = tx.read(*questions("c001"), *questions("c001"))
        assert len(statements) == (len(questions("c001")) if filled.postgres else 1)
        answers(at_hand, questions("c001"))
        assert len(statements) == (len(questions("c001")) if filled.postgres else 1)


def test_rows_at_hand_stay_as_they_were_read(filled: Database, samples: SampleRows) -> None:
    with filled.transaction() as tx:
        at_hand = tx.read(*questions("c001"))
        tasks.sync(tx, "c001", [samples.task("c001", "9")], {"1.0": None})
        assert {row.id for row in tasks.of_case(tx, "c001")} == {"9", "1.1", "1.2"}
        assert {row.id for row in tasks.of_case(at_hand, "c001")} == {"1.0", "1.1", "1.2"}
        assert tx.read(*questions("c001")) != at_hand
        tx.changes.bound.clear()


@pytest.mark.parametrize("key", [TASK, "k-gone"])
def test_a_task_is_enough_to_ask_of_its_case(
    filled: Database, statements: list[str], key: str
) -> None:
    of_case = {"case_id": "c001"}
    with filled.transaction() as tx:
        plain = answers(tx, [(one, of_case) for one in turn_rows.OF_CASE])
        statements.clear()
        found = turn_rows.of_task(tx, key, tx.read(*turn_rows.reads_of_task(tx, key)))
        assert len(statements) == (1 if not filled.postgres else len(turn_rows.OF_CASE) + 1)
        if key != TASK:
            assert found is None
            return
        assert found is not None
        assert found[0].case_id == "c001"
        statements.clear()
        assert answers(found[2], [(one, of_case) for one in turn_rows.OF_CASE]) == plain
        assert statements == []


def test_what_was_not_loaded_is_not_asked_for(filled: Database, statements: list[str]) -> None:
    with filled.transaction() as tx:
        at_hand = tx.read((parties.OF_CASE, {"case_id": "c001"}))
        statements.clear()
        with pytest.raises(NotLoaded, match="case_id"):
            grants.of_case(at_hand, "c001")
        with pytest.raises(NotLoaded):
            parties.of_case(at_hand, "c000")
        assert parties.of_case(at_hand, "c001") == {"Reader": "south", "Helper": "north"}
    assert statements == []


def test_a_question_with_a_limit_is_not_asked_so(database: Database) -> None:
    limited = case_officers.GIVEN_SINCE
    with pytest.raises(TypeError):
        joined(((limited, ("person", "office", "since", "limit")),))
    assert not database.postgres or isinstance(limited, PreparedStatement)


def test_the_row_of_a_task_that_is_over_becomes_the_next_one(
    filled: Database, samples: SampleRows
) -> None:
    """Nothing of the one that is over stays in it: no claim, no date."""
    with filled.transaction() as tx:
        assert tasks.claim(tx, TASK, "p-north", NOON)
        known = {row.id: row for row in tasks.of_case(tx, "c001")}
        left = [samples.task("c001", "1.0"), samples.task("c001", "2", office="south")]
        tasks.sync(tx, "c001", left, known)
        assert tasks.of_case(tx, "c001") == left
        tx.changes.bound.clear()
