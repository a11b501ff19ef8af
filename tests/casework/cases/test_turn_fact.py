"""The fact of a turn names ids and codes; values are sealed, and the ledger commits to them."""

from __future__ import annotations

import json

from service.records import fact_format
from service.records.fact_format import fact_hash
from service.security import ledger_lines
from service.store.casefile import facts
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.casework.cases.conftest import Load
from tests.support.directory import OFFICE
from tests.support.small_desk import START
from tests.support.world import NOON, World


def test_a_fact_names_who_did_what_where(desk: World, case_id: str) -> None:
    (fact,) = desk.facts(case_id)
    assert (fact.kind, fact.actor, fact.office, fact.at) == ("start", "p_sara", OFFICE, NOON)
    assert (fact.element, fact.rev) == (START, 1)
    assert [kind for kind, *_ in fact.turn.open] == ["task"]
    assert "first words" not in json.dumps([fact.stimulus, fact.steps, fact.turn.open])


def test_the_entry_of_a_fact_bears_its_hash(desk: World, case_id: str, tx: Tx) -> None:
    (fact,) = desk.facts(case_id)
    (entry,) = ledger_entries.latest(tx, f"case/{case_id}")
    assert (entry.kind, entry.open) == ("start", fact_hash(fact))
    body = json.loads(entry.body)
    assert body.keys() == {"rev", "rows"}
    assert body["rev"] == 1
    assert body["rows"].keys() == {"cases", "vault_key", "party", "case_grant"}


def test_the_entry_commits_to_the_sealed_answers(case_id: str, tx: Tx, load: Load) -> None:
    (payload,) = facts.payloads(tx, [case_id]).values()
    keys, commitments = load(tx).keys, {}
    for column in ("routing", "c2"):
        sealed = getattr(payload, column)
        key = fact_format.key_of(keys, OFFICE, column)
        content, secret = fact_format.open_value(key, case_id, 1, column, sealed)
        commitments[column] = ledger_lines.commitment(secret, content)
    (entry,) = ledger_entries.latest(tx, f"case/{case_id}")
    assert json.loads(content) == {"note": "first words"}
    assert entry.seal == ledger_lines.digest(commitments)
    assert (payload.c0, payload.c1, payload.c3) == (None, None, None)


def test_facts_and_entries_have_no_fault(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    assert desk.faults() == []
