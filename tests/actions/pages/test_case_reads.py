"""Reading a case leaves an entry in the read log when answers are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.actions.pages import case_reads
from service.errors import NotFound
from service.store.installation import ledger_entries
from tests.support.world import World


def test_answers_leave_an_entry_and_process_facts_none(desk: World, case: str) -> None:
    who, now = desk.viewer(), desk.clock.now()
    counts = []
    for classes in ({"C0"}, {"C0", "C1"}):
        with desk.database.transaction() as tx:
            case_reads.record_case(tx, by=who, now=now, case_id=case, classes=classes, about={})
            counts.append(len(ledger_entries.of_stream(tx, f"reads/{case}")))
    assert counts == [0, 1]


def test_a_case_of_another_office_is_not_there(desk: World, case: str) -> None:
    services, now = desk.program.services, desk.clock.now()
    stranger = replace(desk.viewer(), office="other")
    with desk.database.transaction(write=False) as tx:
        assert case_reads.open_explained(tx, services, desk.viewer(), case, now).case.id == case
        with pytest.raises(NotFound):
            case_reads.open_explained(tx, services, stranger, case, now)
