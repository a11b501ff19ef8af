"""F1: wherever a process is killed, nothing is lost or doubled, and no history has a gap."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from service import fault_points
from service.audit.checks.checkpoint_checks import check_log
from service.binding import Answer, Letter
from service.casework import incidents
from service.operations.sequencer import Sequencer
from service.records.context import Actor
from service.security.checkpoint_folder import CheckpointFolder
from service.security.keyring import Keyring
from service.store.casefile import cases, facts
from service.store.installation import checkpoints, ledger_entries
from service.store.transaction import Tx
from service.store.work import letters
from tests.faults.killing import Ledger, kill_often
from tests.support import small
from tests.support.directory import ROLE
from tests.support.scale import figure, seeded
from tests.support.world import World, open_world, settle

KILLS, ROUNDS = figure("kills"), 3
LEAST = KILLS // 75
"""Deaths at each place at least: in every run one."""


def test_kills_lose_nothing_and_double_nothing(
    database_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoints"
    kept.mkdir()
    functions = {
        "letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),)),
        "letters.count": lambda _: Answer({"sent": 1}),
    }
    world = open_world(database_url, keyring, small.bench(), functions=functions)
    ended: Counter[str] = Counter()
    for seed in range(ROUNDS):
        world.database.close()
        with seeded(seed):
            heard = kill_often(world, KILLS // ROUNDS, seed, kept)
            ended += heard.ended
            with world.database.transaction(write=False) as tx:
                nothing_lost(tx, heard)
            assert world.faults() == []
            log_whole(world, CheckpointFolder(kept))
    assert set(ended) == set(fault_points.NAMES)
    assert min(ended.values()) >= LEAST, ended
    goes_on(world)
    world.database.close()


def log_whole(world: World, folder: CheckpointFolder) -> None:
    """I10: the folder knows nothing that the database does not hold, and catches up at once."""
    services = world.program.services
    with world.database.transaction(write=False) as tx:
        assert list(check_log(tx, services.vault.verifying_key(), folder.read())) == []
    Sequencer(world.database, services, world.clock, folder).run()
    with world.database.transaction(write=False) as tx:
        found, newest = checkpoints.newest(tx), folder.newest()
        assert found is not None
        assert newest is not None
        assert newest.size == found.size > 0
        assert list(check_log(tx, services.vault.verifying_key(), folder.read())) == []


def nothing_lost(tx: Tx, heard: Ledger) -> None:
    """I1, I2, I3, I5: each acknowledged act is a fact, no task was completed twice, numbers have no
    gap, and each letter is there once.
    """
    assert heard.acknowledged
    assert max(heard.completed.values()) == 1
    for brief in cases.listed(tx, limit=10_000):
        history = facts.of_case(tx, brief.id)
        assert [f.rev for f in history] == list(range(1, brief.rev + 1))
        kept = {(brief.id, f.rev) for f in history}
        assert {a for a in heard.acknowledged if a[0] == brief.id} <= kept
        keys = [letter.key for letter in letters.of_case(tx, brief.id)]
        answers = sum(f.kind == "answer" for f in history)
        assert len(keys) == len(set(keys)) >= answers - 1
        sent = [
            line.body
            for line in ledger_entries.of_stream(tx, f"case/{brief.id}")
            if line.kind == "letter_sent"
        ]
        assert len(sent) == len(set(sent)), "a letter is marked as sent once"


def goes_on(world: World) -> None:
    """What the dead held comes free: after their leases every call is made and every letter leaves.

    What killed its worker each time waits for an operator.
    """
    world.later(minutes=10)
    worker = world.worker("after")
    settle(worker, most=2_000)
    with world.database.transaction() as tx:
        for one in incidents.open_incidents(tx):
            incidents.retry_incident(tx, incident_id=one.id, by=Actor("cli"), now=world.clock.now())
    settle(worker, most=2_000)
    with world.database.transaction(write=False) as tx:
        assert {letter.state for letter in letters.latest(tx, limit=10_000)} == {"sent"}
        waiting = [c.id for c in cases.listed(tx, status="open", limit=10_000)]
    assert all(world.tasks(case) for case in waiting)
    assert world.faults() == []
