"""An installation knows what it is: beside a working process it never takes itself for a copy that
was put back, and a copy that was put back is one also beside a working process.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from service.casework import restored_copy
from service.operations.restore import hold_older_database
from service.operations.sequencer import sequence_all
from service.operations.start_checks import checkpoint_warning
from service.records.context import Actor
from service.security.checkpoint_folder import CheckpointFolder
from service.security.keyring import Keyring, write_keyring
from service.settings import PREFIX
from service.store import dump
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import ledger_entries, sessions
from tests.support import small
from tests.support.directory import ONE_OFFICE, THREE_OFFICES
from tests.support.emptied import EmptiedDatabases
from tests.support.forks import fork
from tests.support.machine import ROOT
from tests.support.scale import figure
from tests.support.waiting import PROGRAM, until
from tests.support.world import World, open_world

LOOKS, STARTS = figure("looks"), figure("starts")
WORKERS_THREADS = 5
"""Threads of a worker when it works: its own, of letters, of calls, and the listener."""
TOGETHER, ROUND = 4, 20
"""Processes that start at a time, and most that one test starts."""
OPERATOR = Actor("cli")
WORKS_AT_MOST = 3_600
"""Seconds that the process beside the test may work."""


@dataclass(frozen=True)
class Kept:
    """An installation with a folder of checkpoints."""

    world: World
    folder: CheckpointFolder

    def is_held_now(self) -> bool:
        """Look as a start does."""
        program = self.world.program
        return hold_older_database(program, by=OPERATOR, now=self.world.clock.now())

    def size(self) -> int:
        """How many entries the newest checkpoint counts."""
        newest = self.folder.newest()
        return 0 if newest is None else newest.size

    @contextmanager
    def working_process(self) -> Iterator[None]:
        """Another process that writes entries and checkpoints all the time."""
        self.world.database.close()
        child = fork(partial(_work, self.world), WORKS_AT_MOST)
        before = self.size()
        try:
            until(lambda: self.size() > before, "the other process keeps a checkpoint")
            yield
            now = self.size()
            until(lambda: self.size() > now, "the other process has worked until the end")
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _work(parent: World) -> None:
    world = parent.again()
    while True:
        world.start()
        sequence_all(world.program)


@pytest.fixture
def kept(database_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[Kept]:
    directory = replace(ONE_OFFICE, password=THREE_OFFICES.password)
    world = open_world(database_url, keyring, small.row_of_tasks(1), directory=directory)
    made = with_folder(world, tmp_path / "checkpoints")
    made.world.start()
    sequence_all(made.world.program)
    yield made
    made.world.database.close()


def with_folder(world: World, folder: Path) -> Kept:
    folder.mkdir()
    settings = replace(world.program.settings, checkpoints_dir=str(folder))
    made = replace(world, program=replace(world.program, settings=settings))
    sequence_all(made.program)
    return Kept(made, CheckpointFolder(folder))


@contextmanager
def another_writes_meanwhile(kept: Kept) -> Iterator[list[int]]:
    """Have another process write an entry and keep a checkpoint as soon as this one has begun to
    look at the database; gives what the folder counted then.
    """
    other, counted = kept.world.again(), list[int]()

    def writes(statement: str, _values: object, _many: bool) -> None:  # noqa: FBT001 - as it is called
        if "FROM checkpoint" in statement and not counted:
            counted.append(kept.size())
            other.start()
            sequence_all(other.program)
            counted.append(kept.size())

    with kept.world.database.listening(writes):
        yield counted
    other.database.close()


def test_what_another_process_keeps_during_the_look_is_no_older_database(kept: Kept) -> None:
    kept.world.browser("sara")
    with another_writes_meanwhile(kept) as counted:
        assert not kept.is_held_now()
    assert counted[0] < counted[1]
    with kept.world.database.transaction(write=False) as tx:
        assert not restored_copy.is_held(tx)
        assert sessions.signed_in(tx)


def test_a_working_installation_is_never_taken_for_a_copy(kept: Kept) -> None:
    with kept.working_process():
        found = [kept.is_held_now() or checkpoint_warning(kept.world.program) for _ in range(LOOKS)]
    assert found == [""] * LOOKS


@pytest.fixture
def older_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the same kind."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'older.db'}"
        return
    databases: EmptiedDatabases = request.getfixturevalue("postgres_databases")
    name = databases.take()
    yield databases.named(name)
    databases.give_back(name)


def test_an_older_database_is_held_beside_a_process_that_works_on_it(
    kept: Kept, older_url: str, tmp_path: Path
) -> None:
    copy, older = Database(f"sqlite:///{tmp_path / 'copy.db'}"), Database(older_url).within(WHOLE)
    dump.dump(kept.world.database, copy)
    dump.load(copy, older)
    copy.close()
    kept.world.start()
    sequence_all(kept.world.program)
    settings = replace(kept.world.program.settings, database_url=older_url)
    program = replace(kept.world.program, settings=settings, database=older)
    back = replace(kept, world=replace(kept.world, program=program))
    older.close()
    child = fork(partial(_work, back.world))
    try:
        before = _cases(back.world)
        until(lambda: _cases(back.world) > before, "it works on the older database")
        assert back.is_held_now()
        assert back.is_held_now(), "and stays so"
        before = _cases(back.world)
        until(lambda: _cases(back.world) > before, "it goes on")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    with older.transaction(write=False) as tx:
        assert restored_copy.is_held(tx)
        held = [e for e in ledger_entries.of_stream(tx, "system") if e.kind == "restored"]
    assert len(held) == 1
    older.close()


def _cases(world: World) -> int:
    return dump.counts(world.database)["cases"]


@pytest.mark.parametrize("first", range(0, STARTS, ROUND))
def test_processes_that_start_beside_a_working_one_hold_nothing(
    kept: Kept, keyring: Keyring, tmp_path: Path, first: int
) -> None:
    keys = tmp_path.with_name(f"{tmp_path.name}-keys") / "keyring.json"
    write_keyring(keyring, keys)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "TRESTEG_DATABASE_URL": kept.world.program.settings.database_url,
        "TRESTEG_KEYS_FILE": str(keys),
        "TRESTEG_CHECKPOINTS_DIR": str(kept.folder.path),
    }
    said, starts = list[str](), min(ROUND, STARTS - first)
    with kept.working_process():
        for _ in range(starts // TOGETHER):
            said += _started(environment, tmp_path)
    assert len(said) == starts
    assert [line for line in said if "restored copy" in line] == []
    with kept.world.database.transaction(write=False) as tx:
        assert not restored_copy.is_held(tx)


def _started(environment: dict[str, str], folder: Path) -> list[str]:
    """Start some processes together, half of them sites and half workers, and end each when it has
    begun to work; gives what each has said.
    """
    running: list[tuple[subprocess.Popen[bytes], Path]] = []
    for number in range(TOGETHER):
        words = ["serve", "--port", str(_free_port())] if number % 2 else ["worker"]
        file = folder / f"said-{number}"
        with file.open("wb") as out:
            command = [sys.executable, "-m", "service.cli", *words]
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        running.append((process, file))
    try:
        for process, file in running:
            until(partial(_has_begun, process, file), f"{file.name} begins", longest=PROGRAM)
    finally:
        for process, _ in running:
            process.kill()
            process.wait()
    return [file.read_text("utf-8") for _, file in running]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _has_begun(process: subprocess.Popen[bytes], file: Path) -> bool:
    """Whether a site answers, or the threads of a worker are there: it has looked before that."""
    assert process.poll() is None, file.read_text("utf-8")
    answers = "Tresteg answers on" in file.read_text("utf-8")
    return answers or psutil.Process(process.pid).num_threads() >= WORKERS_THREADS
