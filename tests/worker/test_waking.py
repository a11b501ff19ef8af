"""A worker in a process of its own hears of what others commit, on either kind of database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from service.application.unit_of_work import CHANNEL
from service.store.connections import COMMIT_LOOK
from service.worker import loop
from tests.support.waiting import join, until
from tests.worker.world import CALLS, Opened

pytestmark = pytest.mark.both_kinds


def test_a_worker_of_its_own_process_begins_at_once(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look by itself only after an hour."""
    monkeypatch.setattr(loop, "POLL", timedelta(hours=1))
    desk = opened(CALLS)
    worker = desk.worker()
    worker.is_alone = True
    runs = threading.Thread(target=worker.run, name="worker", daemon=True)
    runs.start()
    until(lambda: worker.last_reading is not None, "its first look")
    case = desk.start().case_id

    def has_answered() -> bool:
        """Tell it once more: it may not have listened yet."""
        with desk.database.transaction() as tx:
            tx.notify(CHANNEL, "another process")
        return [f.kind for f in desk.facts(case)] == ["start", "answer"]

    until(has_answered, "the call's answer")
    worker.stop()
    join(runs)


def test_a_worker_that_stops_does_not_wait_for_a_commit_that_does_not_come(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its listener may wait for one for a minute."""
    monkeypatch.setattr(loop, "POLL", timedelta(hours=1))
    worker = opened(CALLS).worker()
    worker.is_alone = True
    runs = threading.Thread(target=worker.run, name="worker", daemon=True)
    runs.start()
    until(lambda: worker.last_reading is not None, "its first look")
    threading.Event().wait(4 * COMMIT_LOOK)  # by then the listener has heard of all there is
    worker.stop()
    join(runs, longest=loop.LISTEN.total_seconds() / 2)
