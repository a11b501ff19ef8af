"""A case is opened with its key, release, state and parties; an erased one cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.cases.loaded_case import load_case, require_revision, snapshot_binding
from service.errors import CannotOpen, Stale
from service.store.casefile import cases
from service.store.installation import keys
from service.store.transaction import Tx
from tests.casework.cases.conftest import Load
from tests.support.directory import OFFICE, ROLE
from tests.support.world import World


def test_a_loaded_case_has_its_state_and_parties(desk: World, case_id: str, load: Load) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        loaded = load(tx)
    assert (loaded.case.id, loaded.case.rev) == (case_id, 2)
    assert loaded.parties == {ROLE: OFFICE}
    assert loaded.variables["answer"] == "YES"
    assert loaded.calendars == {ROLE: "sweden"}
    assert "a" in loaded.definition.elements


def test_without_its_key_a_case_cannot_be_opened(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        rows = cases.load(tx, case_id)
        assert rows is not None
        keys.drop(tx, f"case:{case_id}", stream=f"case/{case_id}")
        with pytest.raises(CannotOpen):
            load_case(tx, desk.program.services, rows)
        tx.changes.bound.clear()


def test_an_older_snapshot_does_not_open(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        old = cases.load(tx, case_id)
    desk.do(case_id, "a", {"answer": ["YES"]})
    with desk.database.transaction(write=False) as tx:
        rows = cases.load(tx, case_id)
        assert rows is not None
        assert old is not None
        swapped = replace(rows, case=replace(rows.case, snapshot=old.case.snapshot))
        with pytest.raises(CannotOpen):
            load_case(tx, desk.program.services, swapped)


def test_a_snapshot_is_bound_to_fact_and_release(case_id: str, tx: Tx, load: Load) -> None:
    case = load(tx).case
    assert snapshot_binding(case)["row"] == case_id
    for other in (replace(case, rev=9), replace(case, release_id="another")):
        assert snapshot_binding(other) != snapshot_binding(case)


def test_a_case_that_a_person_moved_is_another_revision(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    case = desk.case(case_id)
    with desk.database.transaction(write=False) as tx:
        require_revision(tx, case, case.rev)
        for rev in (case.rev - 1, case.rev + 1):
            with pytest.raises(Stale) as refused:
                require_revision(tx, case, rev)
            assert refused.value.facts == {"rev": case.rev}
