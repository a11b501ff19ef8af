"""Locks of the plan: written once for what is left, and harmless after an erasure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest

from service.casework.cases.locked_records import LockedRecords, load_locked
from service.casework.retention import locks
from service.casework.retention.erasure import ErasureOrder, erase
from service.errors import NotFound
from service.security.keyring import Keyring
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import LOCK, RetentionAct
from service.store.installation import ledger_entries
from tests.support.directory import OFFICE
from tests.support.small_plan import RULES, SARA, ended, world_with
from tests.support.world import World


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = world_with(database_url, keyring, RULES)
    yield made
    made.database.close()


def lock(desk: World, case: str, *classes: str) -> RetentionAct:
    about = {"case_id": case, "office": OFFICE, "rule": "LOCKS", "plan": "0" * 64}
    with desk.database.transaction() as tx:
        return locks.lock_records(tx, **about, classes=classes, by=SARA, now=desk.clock.now())


def erase_classes(desk: World, case: str, classes: Collection[str]) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        order = ErasureOrder(case, OFFICE, classes, "HEALTH", services.current(tx).id)
        erase(tx, services, order, by=SARA, now=desk.clock.now())


def state(desk: World, case: str) -> LockedRecords:
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        return load_locked(tx, found, desk.clock.now())


def entries(desk: World, case: str, *kinds: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [e.kind for e in ledger_entries.of_stream(tx, f"case/{case}") if e.kind in kinds]


def test_an_ended_case_is_locked_once_by_class(desk: World) -> None:
    open_case = desk.start().case_id
    with pytest.raises(NotFound):
        lock(desk, open_case, "C2")
    case = ended(desk)
    assert state(desk, case).by_office == {}
    first = lock(desk, case, "C2")
    second = lock(desk, case, "C1", "C2")
    assert (first.classes, second.classes) == (["C2"], ["C1"]), "what was not locked yet"
    with pytest.raises(NotFound):
        lock(desk, case, "C1", "C2")
    assert state(desk, case).by_office == {OFFICE: {"C1", "C2"}}
    assert entries(desk, case, locks.LOCKED) == [locks.LOCKED] * 2
    assert desk.faults() == []


def test_what_was_erased_is_locked_no_more(desk: World) -> None:
    case = ended(desk)
    lock(desk, case, "C2", "C3")
    erase_classes(desk, case, ("C2",))
    assert state(desk, case).by_office == {OFFICE: {"C3"}}
    with pytest.raises(NotFound):
        lock(desk, case, "C2")
    erase_classes(desk, case, ("C3",))
    assert state(desk, case).by_office == {}
    with desk.database.transaction(write=False) as tx:
        (row,) = (act for act in retention_acts.of_case(tx, case) if act.does == LOCK)
    assert row.classes == ["C2", "C3"]
    assert desk.faults() == []
