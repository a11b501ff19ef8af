"""The fact of a turn names ids and codes; values are sealed, and the ledger commits to them."""

from __future__ import annotations

import json

from service.security import ledger
from service.store.casefile import answers as answer_rows
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.actions.cases.conftest import Load
from tests.actions.conftest import START
from tests.support.directory import OFFICE
from tests.support.world import NOON, World


def test_a_fact_names_who_did_what_where(desk: World, case_id: str) -> None:
    (fact,) = desk.facts(case_id)
    assert (fact.kind, fact.actor, fact.office, fact.at) == ("start", "p_sara", OFFICE, NOON)
    assert (fact.element, fact.rev) == (START, 1)
    assert [kind for kind, *_ in fact.open_after] == ["task"]
    assert "first words" not in json.dumps([fact.stimulus, fact.steps, fact.open_after])


def test_the_entry_of_a_fact_bears_its_hash(desk: World, case_id: str, tx: Tx) -> None:
    (fact,) = desk.facts(case_id)
    (entry,) = ledger_entries.latest(tx, f"case/{case_id}")
    body = json.loads(entry.body)
    assert (entry.kind, body["open"], body["rev"]) == ("start", fact.hash, 1)
    assert set(body["seal"]) == {"p", "C2"}


def test_the_entry_commits_to_the_sealed_answers(case_id: str, tx: Tx, load: Load) -> None:
    (row,) = answer_rows.of_case(tx, case_id, classes=["C2"])
    place = {"table": "answers", "column": "sealed", "row": row.id, "extra": "C2"}
    content, key = load(tx).key.open_committed("answers/C2", row.sealed, **place)
    (entry,) = ledger_entries.latest(tx, f"case/{case_id}")
    assert json.loads(content) == {"note": "first words"}
    assert json.loads(entry.body)["seal"]["C2"] == ledger.commitment(key, content)


def test_facts_and_entries_have_no_fault(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    assert desk.faults() == []
