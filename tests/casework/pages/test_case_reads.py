"""Reading a case leaves an entry in the read log, whatever is shown of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.casefile.case_view import load_case_view
from service.casework.pages import case_reads
from service.errors import NotFound
from service.store.installation import ledger_entries
from tests.casework.pages.views import view
from tests.support.world import World


def test_every_look_leaves_an_entry(desk: World, case: str) -> None:
    counts = []
    for classes in ({"C0"}, {"C0", "C1"}):
        with desk.database.transaction() as tx:
            case_reads.record_case(tx, view(tx, desk, case), classes=classes, about={})
        with desk.database.transaction(write=False) as tx:
            counts.append(len(ledger_entries.of_stream(tx, f"reads/{case}")))
    assert counts == [1, 2]


def test_a_case_of_another_office_is_not_there(desk: World, case: str) -> None:
    services, now = desk.program.services, desk.clock.now()
    stranger = replace(desk.viewer(), office="other")
    with desk.database.transaction(write=False) as tx:
        assert load_case_view(tx, services, desk.viewer(), case, now).case.id == case
        with pytest.raises(NotFound):
            load_case_view(tx, services, stranger, case, now)
