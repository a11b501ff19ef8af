"""Timers that are due beside people who send: they fire first, and nobody is refused for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import pytest

from service.errors import Busy
from service.security.keyring import Keyring
from service.settings import Settings
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import OFFICE, ONE_OFFICE, ROLE, PersonPlan
from tests.support.waiting import join
from tests.support.world import World, open_world, settle
from tests.web.program import Program, code_of

CASES = 200
GUARDS = 40
"""Timers of one case that are due at once."""
SENDS = 40
"""Tasks that people complete while the timers of all cases drain."""
PEOPLE = tuple(PersonPlan(f"p{n}", OFFICE, (ROLE,)) for n in range(4))
TELLS = small.one(
    small.person("a")
    + d.border("t", "a", d.timer("Duration", "PT10M"), interrupting=False)
    + d.job("j")
    + d.end("told"),
    "s>a a>e t>j j>told",
)

NOTE = {"note": ".", "rev": "1", "confirmed": "end"}
"""Answers that end the case, as they were meant to."""


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, secret_key="s" * 32, base_url="http://localhost")


@pytest.fixture
def desk(settings: Settings, keyring: Keyring) -> Iterator[World]:
    """A case's task brings a call after ten minutes, and stays."""
    directory = replace(ONE_OFFICE, people=(*ONE_OFFICE.people, *PEOPLE), password=PASSWORD)
    made = open_world(settings, keyring, TELLS, directory=directory)
    yield made
    made.database.close()


def kinds(world: World, case: str) -> list[str]:
    return [fact.kind for fact in world.facts(case)]


def test_a_due_timer_fires_in_the_request_of_who_sends(desk: World) -> None:
    case, sara = desk.start().case_id, desk.browser("sara")
    key = desk.key(case, "a")
    sara.get(f"/tasks/{key}")
    desk.later(minutes=11)
    sent = sara.post(f"/tasks/{key}", {"note": "what she typed", "rev": "1", "confirmed": "end"})
    assert (sent.status_code, kinds(desk, case)) == (303, ["start", "due", "complete"])
    settle(desk.worker())
    assert kinds(desk, case)[3:] == ["answer"]
    assert desk.faults() == []


def test_a_program_is_not_stale_when_a_timer_fires_first(desk: World) -> None:
    case, sara = desk.start().case_id, Program(desk, "sara")
    key = desk.key(case, "a")
    rev = sara.get(f"/v1/tasks/{key}")["rev"]
    desk.later(minutes=11)
    sent = sara.post(f"/v1/tasks/{key}/completion", {"rev": rev, "answers": {}})
    assert (sent.status_code, kinds(desk, case)) == (200, ["start", "due", "complete"])


def test_a_program_is_not_stale_after_timers_and_handlers(desk: World) -> None:
    case, sara = desk.start().case_id, Program(desk, "sara")
    key = desk.key(case, "a")
    rev = sara.get(f"/v1/tasks/{key}")["rev"]
    desk.later(minutes=11)
    settle(desk.worker())
    assert kinds(desk, case) == ["start", "due", "answer"]
    assert sara.put(f"/v1/tasks/{key}/claim", rev).status_code == 204
    body = {"rev": rev, "answers": {}}
    assert code_of(sara.post(f"/v1/tasks/{key}/completion", {**body, "rev": rev + 9})) == (
        409,
        "stale",
    )
    assert sara.post(f"/v1/tasks/{key}/completion", body).status_code == 200


def test_nobody_is_refused_while_timers_of_many_cases_drain(desk: World) -> None:
    started = [desk.start().case_id for _ in range(CASES)]
    browsers = cycle([desk.browser(person.name) for person in PEOPLE])
    # from the end of the queue, so that most of their own timers still wait
    keys = [desk.key(case, "a") for case in reversed(started[-SENDS:])]
    for key, browser in zip(keys, browsers, strict=False):
        browser.get(f"/tasks/{key}")
    desk.later(minutes=11)
    stop = threading.Event()
    drains = threading.Thread(target=drain, args=(desk, stop))
    drains.start()
    try:
        sent = [
            browser.post(f"/tasks/{key}", NOTE).status_code
            for key, browser in zip(keys, browsers, strict=False)
        ]
    finally:
        stop.set()
        join(drains)
    assert sent == [303] * SENDS
    settle(desk.worker(), most=2 * CASES)
    done = [kinds(desk, case) for case in started]
    assert all(one.count("due") == 1 for one in done)
    assert sum(one.count("complete") for one in done) == SENDS
    assert desk.faults() == []


def drain(desk: World, stop: threading.Event, name: str = "w2") -> None:
    """Work as a worker does, until told to end."""
    other = desk.again()
    worker = other.worker(name)
    while not stop.is_set():
        try:
            worker.timers_and_calls()
        except Busy:
            continue
    other.database.close()


def test_many_timers_of_her_own_case_and_two_workers(desk: World) -> None:
    names = [f"t{n}" for n in range(GUARDS)]
    guards = "".join(
        d.border(name, "a", d.timer("Duration", "PT10M"), interrupting=False) for name in names
    )
    way = "s>a a>e " + " ".join(f"{name}>told" for name in names)
    desk.publish(small.one(small.person("a") + guards + d.end("told"), way))
    started, sara = [desk.start().case_id for _ in range(5)], desk.browser("sara")
    keys = [desk.key(case, "a") for case in started]
    desk.later(minutes=11)
    stop = threading.Event()
    workers = [threading.Thread(target=drain, args=(desk, stop, name)) for name in ("w2", "w3")]
    for one in workers:
        one.start()
    sent = []
    try:
        for key in keys:
            sara.get(f"/tasks/{key}")
            answers = {"note": ".", "rev": "1", "confirmed": "end"}
            sent.append(sara.post(f"/tasks/{key}", answers).status_code)
    finally:
        stop.set()
        join(*workers)
    assert sent == [303] * len(keys)
    for case in started:
        found = kinds(desk, case)
        assert (found[-1], found.count("due")) == ("complete", GUARDS)
    assert desk.faults() == []
