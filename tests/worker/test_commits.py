"""What a call with its letter costs: three commits, and none is lost when its worker dies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from service.binding import Answer, Letter
from service.store.database import Database
from service.store.transaction import Tx
from tests.support.directory import ROLE
from tests.support.smtp import smtp_server
from tests.support.world import World, settle
from tests.worker.test_letters import Postbox, state
from tests.worker.world import CALLS, Opened

CHANGE = re.compile(r"\bINSERT INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b")
COMMITS = 3
"""The lease of the call; its answer, which leases the letter; and that the letter was sent."""
STATEMENTS = 38
"""Most statements of it all, looks included, without what begins and ends transactions."""


@contextmanager
def commits(database: Database) -> Iterator[list[int]]:
    """How many statements changed something in each transaction of this database that was
    committed and did; another database of this process may have a worker.
    """
    found, changes = list[int](), list[str]()

    def said(statement: str, _values: object, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if CHANGE.search(statement):
            changes.append(statement)

    end = Tx.end

    def committed(tx: Tx) -> None:
        end(tx)
        if tx.where != str(database):
            return
        if changes:
            found.append(len(changes))
        changes.clear()

    with pytest.MonkeyPatch.context() as patch, database.listening(said):
        patch.setattr(Tx, "end", committed)
        yield found


def writes(opened: Opened) -> World:
    """An installation whose handler writes a letter."""
    return opened(CALLS, letters_send=lambda _: Answer(letters=(Letter(ROLE, "news"),)))


def test_a_call_with_its_letter_takes_three_commits(opened: Opened) -> None:
    desk = writes(opened)
    worker = desk.worker()
    worker.takes = True
    worker.beat()
    case, asked = desk.start().case_id, list[str]()
    with (
        commits(desk.database) as found,
        desk.database.listening(lambda statement, _values, _many: asked.append(statement)),
    ):
        assert worker.timers_and_calls() == 1
        assert worker.send_letters() == 1
    assert len(found) == COMMITS
    asked = [text for text in asked if not text.startswith("BEGIN") and "set_config" not in text]
    assert len(asked) <= STATEMENTS, asked
    assert state(desk, case) == [("sent", 1)]
    assert desk.faults() == []


def test_a_letter_of_a_worker_that_died_is_sent_by_another(opened: Opened) -> None:
    desk = writes(opened)
    box = Postbox()
    with smtp_server(box) as server:
        dies, other = desk.worker(mail=server), desk.worker("w2", mail=server)
        dies.takes = True
        case = desk.start().case_id
        assert dies.timers_and_calls() == 1
        assert other.send_letters() == 0, "the other has the lease"
        desk.later(seconds=dies.lease_seconds)
        assert other.send_letters() == 1
        assert state(desk, case) == [("sent", 1)]
        dies.step()
        assert len(box.taken) == 1, "not a second time by the one that was thought dead"


def test_a_worker_that_stops_gives_its_letters_back(opened: Opened) -> None:
    desk = writes(opened)
    worker = desk.worker()
    case = desk.start().case_id
    worker.takes = True
    assert worker.timers_and_calls() == 1
    worker.stopping.set()
    worker.run()
    assert state(desk, case) == [("waiting", 0)]
    assert settle(desk.worker("w2")) == 1
    assert state(desk, case) == [("sent", 1)]
