"""Leases of jobs: a worker that dies loses nothing, and two never do the same work."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from service.binding import Answer, Call
from service.security.keyring import Keyring
from service.store.work import jobs
from tests.support.local_handlers import TOPICS, LocalHandlers
from tests.support.world import open_world, settle
from tests.worker.world import CALLS, Opened

pytestmark = pytest.mark.both_kinds


def test_a_killed_workers_job_is_free_when_its_lease_ends(
    opened: Opened,
) -> None:
    desk = opened(CALLS)
    case, worker = desk.start().case_id, desk.worker()
    with desk.database.transaction() as tx:
        [loaded] = jobs.lease(tx, now=desk.clock.now(), who="dead", seconds=60)
    desk.later(seconds=59)
    assert worker.timers_and_calls() == 0
    desk.later(seconds=1)
    assert worker.timers_and_calls() == 1
    assert isinstance(worker.handlers, LocalHandlers)
    assert worker.handlers.asked == [loaded.key]
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]


LONG = {"letters.send": replace(TOPICS["letters.send"], seconds=600)}
"""A handler that may take ten minutes, longer than any lease."""


def test_the_lease_of_a_long_call_is_renewed_while_it_goes_on(
    database_url: str, keyring: Keyring
) -> None:
    others: list[int] = []

    def takes_minutes(_: Call) -> Answer:
        assert isinstance(worker.handlers, LocalHandlers)
        assert worker.handlers.meanwhile is not None
        assert worker.handlers.meanwhile.every < worker.lease_seconds / 2
        for _minute in range(10):
            desk.later(seconds=59)
            worker.handlers.meanwhile.do()
            others.append(second.timers_and_calls())
        return Answer()

    desk = open_world(
        database_url, keyring, CALLS, topics=LONG, functions={"letters.send": takes_minutes}
    )
    case, worker, second = desk.start().case_id, desk.worker(), desk.worker("w2")
    settle(worker)
    assert others == [0] * 10
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    assert desk.faults() == []
    desk.database.close()


def test_a_long_call_is_made_again_when_its_worker_dies(
    database_url: str, keyring: Keyring
) -> None:
    def dies(_: Call) -> Answer:
        raise Killed

    desk = open_world(database_url, keyring, CALLS, topics=LONG, functions={"letters.send": dies})
    case = desk.start().case_id
    with pytest.raises(Killed):
        desk.worker().timers_and_calls()
    desk.functions["letters.send"] = lambda _: Answer()  # type: ignore[index]  # a dictionary, which this test knows
    second = desk.worker("w2")
    desk.later(seconds=59)
    assert second.timers_and_calls() == 0
    desk.later(seconds=1)
    assert second.timers_and_calls() == 1, "not after the ten minutes that it may take"
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    desk.database.close()


class Killed(BaseException):
    """As if the process ended here."""


def test_two_workers_never_do_one_job_at_the_same_time(opened: Opened) -> None:
    others: list[int] = []

    def looks(_: Call) -> Answer:
        others.append(second.timers_and_calls())
        return Answer()

    desk = opened(CALLS, letters_send=looks)
    second = desk.worker("w2")
    desk.start()
    settle(desk.worker())
    assert others == [0]


def test_an_answer_that_comes_when_the_lease_is_lost_counts_once(opened: Opened) -> None:
    def slow(_: Call) -> Answer:
        if not late:
            late.append(desk.later(seconds=120))
            assert settle(second) == 1
        return Answer()

    late: list[object] = []
    desk = opened(CALLS, letters_send=slow)
    case, second = desk.start().case_id, desk.worker("w2")
    settle(desk.worker())
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    assert desk.faults() == []


def test_a_lease_that_ended_while_others_were_done_is_not_used(opened: Opened) -> None:
    asked: list[str] = []

    def slow(call: Call) -> Answer:
        asked.append(call.key)
        if len(asked) == 1:
            desk.later(seconds=61)
            settle(second)
        return Answer()

    desk = opened(CALLS, letters_send=slow)
    started, second = [desk.start().case_id for _ in range(2)], desk.worker("w2")
    settle(desk.worker())
    assert len(asked) == 3, (
        "the first was called again by the second worker; the other was left to it"
    )
    assert [[f.kind for f in desk.facts(case)] for case in started] == [["start", "answer"]] * 2


def test_a_worker_that_waits_is_woken_and_ends_when_told(opened: Opened) -> None:
    called = threading.Event()

    def notes(_: Call) -> Answer:
        called.set()
        return Answer()

    desk = opened(CALLS, letters_send=notes)
    worker = desk.worker()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        desk.start()
        worker.wake()
        assert called.wait(20)
    finally:
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()
