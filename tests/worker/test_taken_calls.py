"""The worker of a process takes the calls and letters that are made in it, without a search."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.binding import Answer, Call, Letter
from service.casework import restored_copy
from service.security.keyring import Keyring
from service.store.installation import installation_values
from service.worker.loop import Worker
from service.worker.state import BATCH
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE, ROLE
from tests.support.programs import make_application
from tests.support.waiting import PROGRAM, join, until
from tests.support.world import World, open_world, settle
from tests.web.program import Program
from tests.worker.world import CALLS, Opened

pytestmark = pytest.mark.both_kinds

LEASED = ("leased", "w1", 0)
WAITS = ("waiting", "", 0)
WAITS_OR_CALLS = small.one(
    small.person("a")
    + d.border("b", "a", d.timer("Duration", "P20D"))
    + small.person("late")
    + d.job("j"),
    "s>a a>j j>e b>late late>e",
)


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(
        database_url, keyring, CALLS, directory=replace(ONE_OFFICE, password=PASSWORD)
    )
    made.functions = {"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))}
    yield made
    made.database.close()


@pytest.fixture
def worker(desk: World) -> Worker:
    """A worker of the process in which the site answers, which has looked once."""
    worker = desk.worker()
    worker.runs = True
    worker._work()
    desk.app = make_application(desk.program, worker)
    return worker


def begin(desk: World) -> str:
    """Begin a case over HTTP; its first step is a call."""
    body = {"element": "s", "answers": {"note": "Hon ringer."}}
    answer = Program(desk, "sara").post("/v1/cases", body)
    answer.close()
    assert answer.status_code == 201, answer.text
    case: str = answer.get_json()["id"]
    return case


def call_all(worker: Worker) -> None:
    """Do the calls that a worker has leased."""
    worker.to_call.put(None)
    worker._call()


def held(desk: World, case: str) -> list[tuple[str, str, int]]:
    """State, holder and tries of the calls that wait in a case."""
    return [(row.state, row.leased_by, row.tries) for row in desk.jobs(case)]


def test_a_call_is_leased_by_the_request_that_makes_it(desk: World, worker: Worker) -> None:
    case = begin(desk)
    assert held(desk, case) == [LEASED]
    assert worker.room == BATCH - 1
    assert not worker.asked, "nothing is left to look for"
    call_all(worker)
    assert [fact.kind for fact in desk.facts(case)] == ["start", "answer"]
    assert worker.send_letters() == 1
    assert [letter.state for letter in desk.letters(case)] == ["sent"]
    assert desk.faults() == []


def test_a_call_of_a_worker_that_died_is_done_by_another(desk: World, worker: Worker) -> None:
    case, other = begin(desk), desk.worker("w2")
    assert other.timers_and_calls() == 0, "the first has the lease"
    desk.later(seconds=worker.lease_seconds)
    assert settle(other) == 2
    assert [fact.kind for fact in desk.facts(case)] == ["start", "answer"]
    call_all(worker)
    assert [fact.kind for fact in desk.facts(case)] == ["start", "answer"], "not a second time"


def test_a_worker_that_stops_gives_its_calls_back(desk: World, worker: Worker) -> None:
    case = begin(desk)
    worker.stopping.set()
    worker.run()
    assert held(desk, case) == [WAITS]
    assert held(desk, begin(desk)) == [WAITS], "and takes no other"


def test_a_worker_with_its_hands_full_leaves_calls_to_others(desk: World, worker: Worker) -> None:
    cases = [begin(desk) for _ in range(BATCH + 1)]
    assert [held(desk, case) for case in cases] == [[LEASED]] * BATCH + [[WAITS]]
    assert worker.asked
    assert worker._round() == 0, "nor does it lease more of them"
    call_all(worker)
    assert worker._round() == 1


def test_a_restored_copy_takes_nothing(desk: World, worker: Worker) -> None:
    restored = {"from": desk.clock.now().isoformat(), "at": desk.clock.now().isoformat()}
    with desk.database.transaction() as tx:
        installation_values.put(tx, restored_copy.HELD, json.dumps(restored))
    assert worker._work() == 0
    assert held(desk, begin(desk)) == [WAITS]
    assert worker._round() == 0


def test_a_handler_that_hangs_holds_up_no_timer(opened: Opened) -> None:
    hangs, free = threading.Event(), threading.Event()

    def hang(_: Call) -> Answer:
        hangs.set()
        assert free.wait(PROGRAM)
        return Answer()

    desk = opened(WAITS_OR_CALLS, letters_send=hang)
    late = desk.start().case_id
    desk.later(days=19, hours=23, minutes=59, seconds=45)
    called = desk.start().case_id
    desk.do(called, "a")
    worker = desk.worker()
    runs = threading.Thread(target=worker.run, name="worker", daemon=True)
    runs.start()
    until(hangs.is_set, "the call")
    desk.later(seconds=20)
    until(lambda: desk.facts(late)[-1].kind == "due", "the timer of another case")
    assert desk.facts(called)[-1].kind == "complete"
    free.set()
    until(lambda: desk.facts(called)[-1].kind == "answer", "the answer of the call")
    worker.stop()
    join(runs)
