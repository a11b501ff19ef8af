"""S10: due timers that drain while a person works: the rate of the drain, and how long her sends
take. None of them may be refused.

Each of many cases has a timer that is due. Workers in processes of their own fire them, one on
SQLite and four on PostgreSQL; meanwhile a person completes tasks through the site: in turn one of a
case whose timer waits, and one of a case that has none.
"""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from secrets import token_urlsafe

from service import logs
from service.errors import Busy
from service.security.keyring import make_keyring
from service.settings import Settings
from tests.bench._gauge import Row, now, pause, postgres, report, sqlite
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE, ROLE, PersonPlan
from tests.support.world import World, open_world

SIZES = (2_000, 10_000)
PAUSE = 0.02
"""Seconds between two sends of the person."""
SENT = 303
OFFICE = replace(
    ONE_OFFICE,
    people=tuple(PersonPlan(f"p{n}", "social", (ROLE,)) for n in range(20)),
    password=PASSWORD,
)
"""So many people that none of them writes more often than the site lets a person."""
GUARDED = small.one(
    small.person("a")
    + small.person("b")  # so that no send ends a case, which is asked twice
    + d.border("t", "a", d.timer("Duration", "P1D"), interrupting=False)
    + d.end("told"),
    "s>a a>b b>e t>told",
)


@dataclass
class Desk:
    """People who complete tasks through the site, one after the other."""

    world: World
    seconds: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.browsers = [self.world.browser(person.name) for person in OFFICE.people]

    def send(self, key: str) -> None:
        """Complete one task; its page is loaded first, outside the time that is taken."""
        browser = self.browsers[len(self.seconds) % len(self.browsers)]
        browser.get(f"/tasks/{key}")
        begun = now()
        answer = browser.post(f"/tasks/{key}", {"note": "."})
        self.seconds.append(now() - begun)
        done = answer.status_code == SENT and "sign-in" not in answer.location
        self.answers[SENT if done else answer.status_code] += 1


@dataclass(frozen=True)
class Drain:
    """What came of one drain: timers fired in a second, processor time of the workers for each in
    milliseconds, and the people.
    """

    rate: float
    cpu: float
    desk: Desk


def drain(url: str, cases: int, workers: int) -> Drain:
    """Let workers fire the timers of so many cases while people work."""
    settings = Settings(database_url=url, secret_key=token_urlsafe(16), base_url="http://localhost")
    world = open_world(settings, make_keyring(demo=True), GUARDED, directory=OFFICE)
    guarded = [world.start(by="p0").case_id for _ in range(cases)]
    world.later(days=2)
    free = [world.start(by="p0").case_id for _ in range(min(cases, 400))]
    keys = [world.key(case, "a") for case in _in_turn(reversed(guarded), free)]
    desk = Desk(world)
    logs.begin("critical")  # after the site, which begins its own
    world.database.close()
    children = [_fork(world, f"w{number}") for number in range(workers)]
    begun = now()
    while not _drained(world):
        if keys:
            desk.send(keys.pop(0))
        pause(PAUSE)
    rate = cases / (now() - begun)
    used = [os.wait4(child, 0)[2] for child in children]
    world.database.close()
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    return Drain(rate, 1000 * cpu / cases, desk)


def _in_turn(first: Iterator[str], second: list[str]) -> Iterator[str]:
    for one, other in zip(first, second, strict=False):
        yield one
        yield other


def _fork(world: World, name: str) -> int:
    """A worker in a process of its own, until nothing is due."""
    if child := os.fork():
        return child
    try:
        worker, idle = world.again().worker(name), 0
        while idle < 3:  # another worker may hold the last ones
            try:
                idle = 0 if worker.timers_and_calls() else idle + 1
            except Busy:
                continue
    finally:
        os._exit(0)


def _drained(world: World) -> bool:
    with world.database.transaction(write=False) as tx:
        moment = world.worker("looks").next_moment(tx)
    return moment is None or moment > world.clock.now() + timedelta(seconds=1)


def measure(name: str, url: str, cases: int, workers: int) -> list[Row]:
    """One drain."""
    done = drain(url, cases, workers)
    rate, desk = done.rate, done.desk
    ms = sorted(1000 * one for one in desk.seconds) or [0.0]
    p95 = ms[int(len(ms) * 0.95)] if len(ms) > 1 else ms[0]
    refused = {status: n for status, n in desk.answers.items() if status != SENT}
    what = f"{name}, {cases:,} due timers, {workers} worker{'s'[: workers > 1]}"
    return [
        Row(
            "S10",
            f"{what}: fired in a second",
            ">= 600" if workers == 1 else ">= 1,000",
            f"{rate:.0f} ({done.cpu:.2f} ms of the workers' processor each)",
            rate >= (600 if workers == 1 else 1_000),
        ),
        Row(
            "S10",
            f"{what}: a person's send, p95",
            "<= 100 ms",
            f"{p95:.0f} ms (p50 {statistics.median(ms):.0f}, {len(ms)} sends)",
            p95 <= 100,
        ),
        Row("S10", f"{what}: of these refused", "0", str(refused or 0), not refused),
    ]


def main() -> None:
    rows: list[Row] = []
    for cases in SIZES:
        with sqlite() as url:
            rows += measure("SQLite FULL", url, cases, 1)
    for cases in SIZES:
        with postgres() as url:
            if url:
                rows += measure("PostgreSQL", url, cases, 4)
    report("drain", rows)


if __name__ == "__main__":
    main()
