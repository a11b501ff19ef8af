"""What the benches compare: our cases, the stock library, and the bare commit of the same rows.

The library runs in a process of its own.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.security.keyring import make_keyring
from service.store.database import Database
from service.store.transaction import Tx
from tests.bench._gauge import now
from tests.support import small
from tests.support.world import World, open_world, settle

ROOT = Path(__file__).parents[2]
CHANGES = ("INSERT", "UPDATE", "DELETE")


class Stock:
    """The library alone, one case a question."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.bench._stock"]
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        answers = {key: texts[0] for key, texts in small.ANSWERS.items()}
        self._say(
            json.dumps({"diagram": small.bench_diagram().decode(), "answers": answers, "url": url})
        )

    def _say(self, line: str) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def case(self, way: str) -> dict[str, Any]:
        """Run one case, `memory` or `naive`."""
        assert self.child.stdout is not None
        self._say(way)
        found: dict[str, Any] = json.loads(self.child.stdout.readline())
        return found

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()


@dataclass
class Tape:
    """The changes of each transaction, in order: (a completion or not, statements with their
    values).
    """

    transactions: list[tuple[bool, list[tuple[str, Any, bool]]]] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    """Statements and commits of each completion."""
    statements: int = 0
    commits: int = 0
    open: list[tuple[str, Any, bool]] = field(default_factory=list)
    measured: bool = False

    def begin(self, *, measured: bool) -> None:
        self.statements, self.commits, self.measured, self.open = 0, 0, measured, []

    def end(self) -> None:
        self.counts.append((self.statements, self.commits))
        self.measured = False


@contextmanager
def taped(database: Database) -> Iterator[Tape]:
    """Write down what goes over the wire."""
    tape, end = Tape(), Tx.end

    def said(statement: str, values: Any, many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if not statement.startswith("BEGIN"):
            tape.statements += 1
        if statement.startswith(CHANGES):
            tape.open.append((statement, values, many))

    def committed(tx: Tx) -> None:
        end(tx)
        if tx.where != str(database):  # another one of this process, with a worker that looks
            return
        tape.commits += 1
        tape.transactions.append((tape.measured, tape.open))
        tape.open = []

    with pytest.MonkeyPatch.context() as changed, database.listening(said):
        changed.setattr(Tx, "end", committed)
        yield tape


class Bare:
    """The same rows through the same driver, and nothing else: what the database itself costs."""

    def __init__(self, url: str) -> None:
        self.postgres = not url.startswith("sqlite")
        self.conn: Any
        if self.postgres:
            self.conn = psycopg.connect(url, autocommit=True)
        else:
            self.conn = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
            for pragma in (
                "journal_mode=wal",
                "synchronous=2",
                "secure_delete=1",
                "foreign_keys=1",
                "temp_store=2",
            ):
                self.conn.execute(f"PRAGMA {pragma}")

    def play(self, tape: Tape) -> list[float]:
        """Write down again what the tape holds; gives the seconds of each completion."""
        seconds = []
        cursor = self.conn.cursor()
        numbered = psycopg.RawCursor(self.conn) if self.postgres else cursor
        for measured, changes in tape.transactions:
            begun = now()
            cursor.execute("BEGIN" if self.postgres else "BEGIN IMMEDIATE")
            for statement, values, many in changes:
                one = numbered if "$1" in statement else cursor
                (one.executemany if many else one.execute)(statement, values)
            cursor.execute("COMMIT")
            if measured:
                seconds.append(now() - begun)
        tape.transactions.clear()
        return seconds

    def close(self) -> None:
        self.conn.close()


def new_desk(url: str) -> World:
    """An installation with the bench's process in force."""
    return open_world(url, make_keyring(demo=True), small.bench())


def run_case(
    world: World, tape: Tape | None = None, *, clock: Callable[[], float] = now
) -> tuple[str, list[float]]:
    """One whole case; gives its id and the seconds of each completion of a task."""
    worker, seconds = world.worker(), list[float]()
    case = world.start(small.ANSWERS).case_id
    while True:
        settle(worker)
        waiting = world.tasks(case)
        if not waiting:
            return case, seconds
        if tape is not None:
            tape.begin(measured=True)
        begun = clock()
        world.complete(waiting[0].key, small.ANSWERS)
        seconds.append(clock() - begun)
        if tape is not None:
            tape.end()
