"""Rows that a test writes by hand: no entry of the ledger binds them.

The program must write an entry with every row that decides (`store.transaction.UnboundRows`). A
test that calls the store itself is not the program: what it writes is bound by nothing. Whatever
goes through a module of the program is bound as ever.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Final

from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.store import guarded_rows
from service.store.casefile import cases, consents
from service.store.changes import Changes
from service.store.installation import newest_rows, people
from service.store.lists import case_access
from service.store.row_mapping import values
from service.store.transaction import Tx
from service.store.work import tasks
from tests.support.world import NOON

STORE: Final = "service.store."
BIND: Final[Callable[[Changes, str, str, str, bytes | None], None]] = Changes.bind
"""As the program has it."""
IS_NEWEST: Final = newest_rows.is_newest
"""As the program has it."""
WRITTEN: Final = set[tuple[str, str, str]]()
"""Stream, table and key of rows that a test has written last."""
BY: Final = Actor("test")


def bind_unless_by_hand(
    changes: Changes, stream: str, table: str, key: str, content: bytes | None
) -> None:
    """Bind a row, unless a test called the store itself."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _module(frame.f_globals).startswith(STORE):
        frame = frame.f_back
    if _module(frame.f_globals).startswith("tests."):
        WRITTEN.add((stream, table, key))
    else:
        WRITTEN.discard((stream, table, key))
        BIND(changes, stream, table, key, content)


def is_newest_or_by_hand(
    tx: Tx, stream: str, table: str, row: object, since: datetime | None
) -> bool:
    """Whether a row is the newest, or was written by hand last."""
    key = guarded_rows.key_in(stream, guarded_rows.key_text(table, values(row)))
    return (stream, table, key) in WRITTEN or IS_NEWEST(tx, stream, table, row, since)


def _module(names: dict[str, object]) -> str:
    return str(names.get("__name__", ""))


def entry(tx: Tx, stream: str) -> None:
    """An entry for what a part of the program changed that writes none itself."""
    append_entry(tx, stream, "clock_confirmed", by=BY, now=NOON)


def person(tx: Tx, id_: str) -> people.Person:
    """A person's row as it is now."""
    known = people.get(tx, id_)
    assert known is not None
    return known.person


def hand_to(tx: Tx, case_id: str, role: str, office: str) -> None:
    """Let the open tasks of a role wait at an office, in the lists too."""
    tasks.bind(tx, tasks.of_case(tx, case_id), role, office)
    case = cases.get(tx, case_id)
    assert case is not None
    case_access.refresh(tx, case, NOON)


def withdraw(tx: Tx, case_id: str, purposes: Collection[str], *, on: date, rev: int) -> None:
    """Take back consents of a case, as a turn does."""
    rows = consents.of_case(tx, case_id)
    consents.withdraw(tx, rows, purposes, on=on, rev=rev, withdrawal=None)
