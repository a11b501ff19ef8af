"""The sequencer of a process: when it works, and what it keeps outside."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.audit import verify
from service.operations.sequencer import ENOUGH, Sequencer, sequence_all
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security.checkpoint_folder import NEWEST, CheckpointFolder
from service.store.installation import checkpoints
from tests.support.waiting import LONGEST
from tests.support.world import World

WHO = Actor("p", "o")


def add(world: World, stream: str = "system") -> None:
    with world.database.transaction() as tx:
        append_entry(tx, stream, "sign_in", by=WHO, now=world.clock.now())


def sequencer(world: World, folder: Path | None) -> Sequencer:
    kept = None if folder is None else CheckpointFolder(folder)
    return Sequencer(world.database, world.program.services, world.clock, kept)


def size(folder: Path) -> int:
    found = CheckpointFolder(folder).newest()
    assert found is not None
    return found.size


def faults(world: World, folder: Path) -> list[str]:
    outside = CheckpointFolder(folder).read()
    with world.database.transaction(write=False) as tx:
        services, now = world.program.services, world.clock.now()
        return [
            str(fault) for fault in verify.verify_all(tx, services, now=now, outside=outside).faults
        ]


def test_it_works_each_second_or_when_enough_waits(world: World) -> None:
    made = sequencer(world, None)
    assert made.is_due(0), "the first time, for what the folder may have missed"
    made.run()
    assert not made.is_due(0)
    assert not made.is_due(5)
    assert made.is_due(ENOUGH)
    world.later(seconds=1)
    assert made.is_due(1)
    assert not made.is_due(0)
    world.later(seconds=-60)
    assert made.is_due(1), "a clock that went back does not stop it"


def test_a_checkpoint_goes_to_the_folder_after_the_commit(world: World, tmp_path: Path) -> None:
    made = sequencer(world, tmp_path)
    add(world)
    done = made.run()
    assert done == size(tmp_path) > 0
    assert faults(world, tmp_path) == []
    (tmp_path / NEWEST).unlink()  # as if the process had died before it wrote
    assert sequencer(world, tmp_path).run() == 0
    assert size(tmp_path) == done
    assert faults(world, tmp_path) == []


def test_a_folder_that_cannot_be_written_stops_nothing_else(world: World, tmp_path: Path) -> None:
    made = sequencer(world, tmp_path / "none")
    add(world)
    made.run()
    assert made.complaint.startswith("checkpoint_not_kept")
    with world.database.transaction(write=False) as tx:
        assert checkpoints.count_waiting(tx, limit=1) == 0
    (tmp_path / "none").mkdir()
    add(world)
    assert made.run() == 1
    assert faults(world, tmp_path / "none") == []


def test_a_database_that_was_put_back_is_not_sequenced(world: World, tmp_path: Path) -> None:
    add(world)
    sequencer(world, tmp_path).run()
    newest = (tmp_path / NEWEST).read_text("utf-8").split("\n")
    ahead = "\n".join([newest[0], str(int(newest[1]) + 1), *newest[2:]])
    (tmp_path / NEWEST).write_text(ahead, "utf-8")
    add(world)
    made = sequencer(world, tmp_path)
    assert made.run() == 0
    assert made.complaint.startswith("checkpoint_ahead")
    with world.database.transaction(write=False) as tx:
        assert checkpoints.count_waiting(tx, limit=9) == 1


def test_a_gap_is_told_once(world: World) -> None:
    made = sequencer(world, None)
    made.run()
    with world.database.transaction() as tx:
        append_entry(tx, "system", "sign_in", by=WHO, now=world.clock.now())
    assert made.run() == 1
    assert made.complaint == ""


def test_the_worker_sequences_what_was_written(world: World, tmp_path: Path) -> None:
    add(world)
    worker = world.worker()
    worker.sequencer.folder = CheckpointFolder(tmp_path)
    worker.step()
    before = size(tmp_path)
    add(world, "office/o")
    worker.step()
    assert size(tmp_path) == before, "not twice in a second"
    world.later(seconds=2)
    worker.step()
    assert size(tmp_path) == before + 1
    assert faults(world, tmp_path) == []


def test_a_command_sequences_what_it_wrote(world: World) -> None:
    add(world)
    assert sequence_all(world.program) > 0
    assert sequence_all(world.program) == 0


@pytest.mark.slow
def test_many_at_once_give_each_entry_one_place(world: World, tmp_path: Path) -> None:
    """Four sequencers beside two writers; the loser of a race comes again."""
    others = [world.again() for _ in range(6)]
    ready = threading.Barrier(6, timeout=LONGEST)

    def write(nth: int) -> None:
        ready.wait()
        for _ in range(40):
            add(others[nth], f"office/{nth}")

    def run(nth: int) -> None:
        made = sequencer(others[nth], tmp_path)
        ready.wait()
        for _ in range(40):
            made.run()

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(write if nth < 2 else run, nth) for nth in range(6)]
        for job in jobs:
            job.result(LONGEST)
    sequencer(world, tmp_path).run()
    for other in others:
        other.database.close()
    with world.database.transaction(write=False) as tx:
        heads = checkpoints.heads(tx)
        placed = [place for _, place in checkpoints.placed(tx, checkpoints.runs(tx))]
    assert (heads["office/0"], heads["office/1"]) == (40, 40)
    assert sorted(place for place in placed if place is not None) == list(range(len(placed)))
    assert size(tmp_path) == len(placed)
    assert faults(world, tmp_path) == []
