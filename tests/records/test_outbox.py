"""Letters that no turn makes are bound by an entry of their case."""

from __future__ import annotations

import json
from dataclasses import replace

from service.records import outbox
from service.records.context import WORKER
from service.store.installation import ledger_entries
from service.store.work import letters
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World


def test_letters_of_a_case_have_one_entry_a_template(desk: World, case_id: str) -> None:
    case = case_id
    one = letters.Letter(f"{case}:1", case, OFFICE, ROLE, "news", "sv", {}, "", NOON)
    rows = [one, replace(one, key=f"{case}:2"), replace(one, key=f"{case}:3", template="other")]
    with desk.database.transaction() as tx:
        outbox.send_letters(tx, rows, by=WORKER, now=NOON)
    with desk.database.transaction(write=False) as tx:
        first, second = ledger_entries.latest(tx, f"case/{case}", kinds=["letter_made"])[::-1]
    told = [json.loads(entry.body) for entry in (first, second)]
    assert [(body["template"], len(body["letters"])) for body in told] == [
        ("news", 2),
        ("other", 1),
    ]
    assert {*told[1]["rows"]["letter"]} == {"*:1", "*:2", "*:3"}
    assert desk.faults() == []


def test_no_letter_is_no_entry(desk: World) -> None:
    with desk.database.transaction() as tx:
        outbox.send_letters(tx, [], by=WORKER, now=NOON)
        assert ledger_entries.latest(tx, "system", kinds=["letter_made"]) == []
