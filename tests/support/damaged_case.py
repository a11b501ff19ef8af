"""A case whose stored rows a test changes behind the program's back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from service.audit import verify
from service.binding import Answer, Letter
from service.casework.history.violations import Violation
from service.security.keyring import Keyring
from service.security.packing import pack, unpack
from service.store.casefile import cases
from service.store.row_scope import as_system
from service.store.tables.triggers import APPEND_ONLY
from service.store.transaction import Tx
from tests.conftest import new_database
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.kinds import KINDS
from tests.support.world import World, open_world, settle

STORY = small.one(
    small.person("a", "ask")
    + d.job("j")
    + small.person("b")
    + d.border("w", "b", d.timer("Duration", "P5D"))
    + d.end("late"),
    "s>a a>j j>b b>e w>late",
)
FACT = "case_id = :case AND rev = 2"
LINE = "stream = :stream AND seq = 2"


@dataclass
class DamagedCase:
    """A case with three facts (started, a task done, a handler's answer) and a task and a timer
    that wait; a test changes its rows.

    Rows are changed and verified in one transaction, which is never committed.
    """

    desk: World
    case: str
    old: bytes
    """The snapshot of one turn before."""
    tx: Tx

    def change(self, statement: str, **values: object) -> None:
        """Change one row as somebody could who has the database, without its triggers."""
        for table in (name for name in APPEND_ONLY if f" {name} " in statement):
            for act in ("update", "delete"):
                self.tx.conn.execute(
                    as_system(
                        "schema",
                        text(
                            f"DROP TRIGGER IF EXISTS {table}_no_{act}"
                            + (f" ON {table}" if self.tx.postgres else "")
                        ),
                    )
                )
        changed = self.tx.conn.execute(
            as_system("schema", text(statement)), {**self.names(statement), **values}
        ).rowcount
        assert changed == 1, statement

    def update(self, table: str, change: str, where: str, **values: object) -> None:
        self.change(f"UPDATE {table} SET {change} WHERE {where}", **values)  # noqa: S608 - as above

    def delete(self, table: str, where: str) -> None:
        self.change(f"DELETE FROM {table} WHERE {where}")  # noqa: S608 - as above

    def names(self, statement: str) -> dict[str, object]:
        known: dict[str, object] = {"case": self.case}
        if ":stream" in statement:
            known["stream"] = self.number(f"case/{self.case}")
        return {name: value for name, value in known.items() if f":{name}" in statement}

    def number(self, stream: str) -> object:
        """The number of a stream."""
        asked = as_system("schema", text("SELECT number FROM stream WHERE name = :name"))
        return self.tx.conn.execute(asked, {"name": stream}).scalar()

    def retold(self, column: str, before: str, after: str) -> None:
        """Change the text of a packed column of the second fact or line."""
        table, where = ("line", LINE) if column == "body" else ("fact", FACT)
        stored = self.value(f"SELECT {column} FROM {table} WHERE {where}")  # noqa: S608 - names of tests
        assert isinstance(stored, bytes | memoryview)
        told = unpack(bytes(stored)).decode()
        assert before in told
        self.update(
            table, f"{column} = :told", where, told=pack(told.replace(before, after).encode())
        )

    def value(self, question: str) -> object:
        """Read one stored value."""
        return self.tx.conn.execute(
            as_system("schema", text(question)), self.names(question)
        ).scalar()

    def flip(self, table: str, column: str, where: str) -> None:
        """Flip the last bit of a sealed value."""
        stored = self.value(f"SELECT {column} FROM {table} WHERE {where}")  # noqa: S608 - names of tests
        assert isinstance(stored, bytes | memoryview)
        sealed = bytearray(stored)
        sealed[-1] ^= 1
        self.update(table, f"{column} = :sealed", where, sealed=bytes(sealed))

    def faults(self) -> tuple[Violation, ...]:
        return verify.verify_all(
            self.tx, self.desk.program.services, now=self.desk.clock.now()
        ).faults

    def places(self) -> set[tuple[str, str]]:
        """Invariant and place of what verify finds."""
        found = self.faults()
        assert {f.case for f in found} <= {self.case}
        return {(f.invariant, f.place) for f in found}


@pytest.fixture(scope="module", params=KINDS)
def story(
    request: pytest.FixtureRequest, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, str, bytes]]:
    """Three cases, two of them ended, in a database of its own for all tests of this file."""
    with new_database(request, tmp_path_factory.mktemp("verify")) as url:
        desk = open_world(
            url,
            keyring,
            STORY,
            functions={"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))},
        )
        worker = desk.worker()
        ended = [desk.start(small.ANSWERS).case_id for _ in range(2)]
        for case in ended:
            desk.do(case, "a", small.ANSWERS)
        settle(worker)
        desk.do(ended[0], "b")
        desk.later(days=5)
        settle(worker)
        assert [[f.kind for f in desk.facts(case)] for case in ended] == [
            ["start", "complete", "answer", kind] for kind in ("complete", "due")
        ]
        case = desk.start(small.ANSWERS).case_id
        desk.do(case, "a", small.ANSWERS)
        with desk.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        settle(worker)
        assert desk.faults() == []
        assert loaded is not None
        yield desk, case, loaded.case.snapshot or b""
        desk.database.close()


class RolledBack(Exception):
    """Ends the transaction of a test without a commit."""


@pytest.fixture
def damaged(story: tuple[World, str, bytes]) -> Iterator[DamagedCase]:
    desk, case, old = story
    with suppress(RolledBack), desk.database.transaction() as tx:
        yield DamagedCase(desk, case, old, tx)
        raise RolledBack
