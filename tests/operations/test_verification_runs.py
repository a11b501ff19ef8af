"""Verifying every case in the background: whole, with faults, stopped, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from service.errors import NotAllowed
from service.operations import verification_runs
from service.operations.verification_runs import (
    begin_verification,
    verification_work,
)
from service.records.batch_runs import stop_batch
from service.security.checkpoint_folder import OutsideLog
from service.store.installation import heartbeats, ledger_entries
from service.store.read_models import whole_rows
from service.store.row_scope import as_system
from service.store.work import batches
from service.store.work.batches import Batch
from service.worker.batches import run_portion
from tests.support.world import World


def begin(world: World, who: str = "greta") -> str:
    world.later(minutes=1)
    with world.database.transaction() as tx:
        return begin_verification(
            tx, world.program.services, world.loaded_viewer(who), world.clock.now()
        )


def finish(world: World) -> Batch:
    worker = world.worker()
    while run_portion(worker):
        pass
    return newest(world)


def newest(world: World) -> Batch:
    with world.database.transaction(write=False) as tx:
        run = batches.newest(tx, verification_runs.KIND)
    assert run is not None
    return run


def damage(world: World, statement: str, **values: object) -> None:
    with world.database.transaction() as tx:
        tx.conn.execute(as_system("schema", text(statement)), values)


def entries(world: World, kind: str) -> list[dict[str, Any]]:
    with world.database.transaction(write=False) as tx:
        office = world.loaded_viewer("greta").office
        found = ledger_entries.latest(tx, f"office/{office}", kinds=[kind])
    return [json.loads(entry.body) for entry in found]


def test_a_whole_history_is_said_to_be_whole_and_logged(shipped_world: World) -> None:
    for _ in range(2):
        shipped_world.start_case()
    run_id = begin(shipped_world)
    assert begin(shipped_world) == run_id, "one that goes on is taken"
    run = finish(shipped_world)
    found = run.detail
    assert (run.state, found["cases"], found["number"]) == (batches.DONE, 2, 0)
    assert found["faulty"] == []
    assert found["rest"]["faults"] == []
    assert found["lines"] > found["facts"] == 2
    [entry] = entries(shipped_world, "verified")
    assert (entry["batch"], entry["cases"], entry["faults"]) == (run_id, 2, 0)
    [begun] = entries(shipped_world, "verify_begun")
    assert begun["cases"] == 2
    with shipped_world.database.transaction(write=False) as tx:
        assert heartbeats.every(tx)["verified"].number == 0
        assert whole_rows.stored(tx, "batch_case") == []


def test_a_fault_is_kept_with_its_case_and_its_line(shipped_world: World) -> None:
    good, bad = (shipped_world.start_case().case_id for _ in range(2))
    damage(shipped_world, "UPDATE cases SET stage = 'x' WHERE id = :case", case=bad)
    begin(shipped_world)
    found = finish(shipped_world).detail
    assert [case for case, _, _ in found["faulty"]] == [bad]
    assert good not in str(found["faulty"])
    invariants = {fault[0] for fault in found["faulty"][0][2]}
    assert "I3" in invariants
    assert found["number"] > 0
    with shipped_world.database.transaction(write=False) as tx:
        assert heartbeats.every(tx)["verified"].number == found["number"]


def test_the_line_of_a_fault_in_a_fact_is_found(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    change = "UPDATE fact_payload SET routing = :bytes WHERE case_id = :case"
    damage(shipped_world, change, case=case, bytes=b"x")
    begin(shipped_world)
    [(_, _, faults)] = finish(shipped_world).detail["faulty"]
    assert {fault[5] for fault in faults if fault[2].endswith("fact 1")} == {1}


def test_what_is_wrong_beside_the_cases_is_found_with_the_last(shipped_world: World) -> None:
    shipped_world.start_case()
    change = "UPDATE office SET address = 'other@example.org' WHERE id = :office"
    damage(shipped_world, change, office=shipped_world.loaded_viewer("sara").office)
    begin(shipped_world)
    found = finish(shipped_world).detail
    assert found["faulty"] == []
    assert found["rest"]["faults"]


def test_one_that_is_stopped_keeps_what_it_found(shipped_world: World) -> None:
    for _ in range(3):
        shipped_world.start_case()
    run_id = begin(shipped_world)
    run_portion(shipped_world.worker(), busy=True)
    viewer, services = shipped_world.loaded_viewer("greta"), shipped_world.program.services
    for _ in range(2):
        with shipped_world.database.transaction() as tx:
            stop_batch(
                tx,
                services,
                viewer,
                shipped_world.clock.now(),
                batch_id=run_id,
                kinds=(verification_runs.KIND,),
            )
    run = newest(shipped_world)
    assert (run.state, run.detail["cases"], run.detail["rest"]) == (batches.STOPPED, 1, None)
    assert [entry["state"] for entry in entries(shipped_world, "verified")] == [batches.STOPPED]
    with shipped_world.database.transaction(write=False) as tx:
        assert "verified" not in heartbeats.every(tx), "a part says nothing of the whole"


def test_checkpoints_outside_are_read_before_the_database_is(shipped_world: World) -> None:
    """A head that is younger than what is read would look as if lines were lost."""
    shipped_world.start_case()
    begin(shipped_world)
    read: list[str] = []

    def outside() -> OutsideLog:
        read.append("outside")
        return OutsideLog(notes=(("kept.txt", "nothing"),))

    services, run = shipped_world.program.services, newest(shipped_world)
    with shipped_world.database.transaction(write=False) as tx:
        [case] = batches.left(tx, run.id, limit=2)
        work = verification_work(outside)
        found = work.handle(tx, services, run, case.case_id, shipped_world.clock.now())
    assert read == ["outside"]
    places = [fault[2] for fault in found.detail["rest"]["faults"]]
    assert "checkpoint kept.txt" in places


def test_nobody_but_an_auditor_begins_and_not_without_a_case(shipped_world: World) -> None:
    with pytest.raises(NotAllowed):
        begin(shipped_world)
    shipped_world.start_case()
    with pytest.raises(NotAllowed):
        begin(shipped_world, "sara")
