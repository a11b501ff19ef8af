"""Tasks, jobs and letters: what waits, and who works on it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from service.errors import CaseMoved
from service.store.casefile import cases
from service.store.database import Database
from service.store.lists import open_work_ids
from service.store.work import jobs, letters, tasks
from tests.store.sample_rows import SampleRows
from tests.support.waiting import LONGEST, join


def test_open_work_of_the_engine_is_stored_and_claims_survive(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        a, b, c = (samples.task("c000", id_) for id_ in ("1.1", "1.2", "2.1"))
        tasks.sync(tx, "c000", [a, b], {})
        assert tasks.claim(tx, a.key, "p-north", samples.noon)
    with database.transaction() as tx:
        known = open_work_ids.known(tx, "c000")
        assert known.tasks.keys() == {"1.1", "1.2"}
        tasks.sync(tx, "c000", [replace(a, key="another"), c], known.tasks)
        assert [(t.id, t.claimed_by) for t in tasks.of_case(tx, "c000")] == [
            ("1.1", "p-north"),
            ("2.1", None),
        ]


def test_a_task_whose_due_date_moved_is_listed_by_the_new_one(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        early, late = (samples.task("c000", id_, due=samples.later(days=1)) for id_ in ("1", "2"))
        tasks.sync(tx, "c000", [early, late], {})
        assert tasks.claim(tx, early.key, "p-north", samples.noon)
    moved = replace(early, due=samples.later(days=9), follow_up=samples.later(days=3))
    with database.transaction() as tx:
        tasks.sync(tx, "c000", [moved, late], open_work_ids.known(tx, "c000").tasks)
    with database.transaction() as tx:
        row = tasks.get(tx, early.key)
        assert row is not None
        assert (row.due, row.follow_up, row.claimed_by) == (moved.due, moved.follow_up, "p-north")
        soon = tasks.due_between(tx, samples.later(days=8), samples.later(days=10))
        assert [found.task.key for found in soon] == [early.key]


@pytest.mark.parametrize(("days", "wakes"), [(0, True), (1, False)])
def test_a_worker_is_woken_for_a_timer_that_is_due(
    database: Database,
    samples: SampleRows,
    days: int,
    wakes: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    timer = replace(samples.job("c000", "1.1", kind="timer"), due=samples.later(days=days))
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        tx.changes.has_work = False
        jobs.sync(tx, "c000", [timer], {}, now=samples.noon)
        assert tx.changes.has_work is wakes


def test_a_task_that_vanished_meanwhile_is_a_lost_race(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    with pytest.raises(CaseMoved), database.transaction() as tx:
        tasks.sync(tx, "c000", [], {"1.1": None})


def test_a_moved_timer_begins_anew_and_a_call_keeps_its_tries(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        call, timer = samples.job("c000", "1.1"), samples.job("c000", "1.2", kind="timer")
        jobs.sync(tx, "c000", [call, timer, samples.job("c000", "1.3")], {}, now=samples.noon)
        assert len(jobs.lease(tx, now=samples.noon, who="w", seconds=60)) == 3
        moved = replace(timer, due=samples.later(days=1))
        jobs.sync(tx, "c000", [call, moved], open_work_ids.known(tx, "c000").jobs, now=samples.noon)
        found = {job.work_id: job for job in jobs.of_case(tx, "c000")}
        assert found.keys() == {"1.1", "1.2"}
        assert (found["1.1"].tries, found["1.1"].leased_by) == (0, "w")
        assert (found["1.2"].tries, found["1.2"].state, found["1.2"].not_before) == (
            0,
            "waiting",
            samples.later(days=1),
        )


def test_a_claimed_task_is_taken_over_only_from_who_holds_it(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        task = samples.task("c000", "1")
        tasks.sync(tx, "c000", [task], {})
        assert tasks.claim(tx, task.key, "p-north", samples.noon)
        assert not tasks.claim(tx, task.key, "p-south", samples.noon)
        assert not tasks.claim(tx, task.key, "p-south", samples.noon, over="somebody else")
        assert tasks.claim(tx, task.key, "p-south", samples.noon, over="p-north")
        assert tasks.put_back(tx, task.key)
        assert not tasks.put_back(tx, "gone")


def test_a_job_is_leased_when_due_and_when_its_lease_ran_out(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        rows = [
            samples.job("c000", "1"),
            samples.job("c000", "2", due=samples.later(hours=1), kind="timer"),
            samples.job("c000", "3", due=None, kind="timer"),
        ]
        jobs.sync(tx, "c000", rows, {}, now=samples.noon)
        taken = jobs.lease(tx, now=samples.noon, who="a", seconds=60)
        assert [(job.work_id, job.tries, job.leased_by, job.lease_until) for job in taken] == [
            ("1", 0, "a", samples.later(seconds=60))
        ]
        assert jobs.lease(tx, now=samples.later(seconds=59), who="b", seconds=60) == []
        assert jobs.keep(tx, "c000:1", "a", samples.later(seconds=90))
        assert jobs.lease(tx, now=samples.later(seconds=60), who="b", seconds=60) == []
        [again] = jobs.lease(tx, now=samples.later(seconds=90), who="b", seconds=60)
        assert (again.tries, again.error) == (0, jobs.ENDED), "nobody knows whether it began"
        assert not jobs.retry(tx, taken[0], at=samples.noon, error="")
        assert not jobs.begin(tx, taken[0], samples.later(seconds=150))
        assert jobs.next_moment(tx) == samples.later(seconds=150)


def test_urgent_jobs_are_leased_first_then_those_due_longest(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        rows = [
            *(samples.job("c000", f"u{n}", due=samples.later(minutes=n)) for n in range(1, 13)),
            *(
                samples.job("c000", f"s{n}", due=samples.later(minutes=30 - n), priority=90)
                for n in range(10)
            ),
            samples.job("c000", "low", due=samples.noon, priority=10),
            samples.job("c000", "later", due=samples.later(days=1), priority=100),
        ]
        jobs.sync(tx, "c000", rows, {}, now=samples.noon)
        now = samples.later(hours=1)

        def leased() -> list[str]:
            taken = jobs.lease(tx, now=now, who="a", seconds=60, limit=10)
            return [job.work_id for job in taken]

        # eight of ten places by priority, two for what has waited longest of all
        assert leased() == [*(f"s{n}" for n in range(9, 1, -1)), "u1", "low"]
        assert leased() == ["s1", "s0", *(f"u{n}" for n in range(2, 10))]
        assert leased() == ["u10", "u11", "u12"]
        assert leased() == []


def test_no_job_waits_for_ever_behind_urgent_ones(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        low = samples.job("c000", "low", due=samples.later(minutes=1), priority=0)
        jobs.sync(tx, "c000", [low], {}, now=samples.noon)
        for turn in range(5):
            more = [
                samples.job("c000", f"{turn}-{n}", due=samples.later(minutes=turn), priority=100)
                for n in range(20)
            ]
            for row in more:
                jobs.arm(tx, row)
            taken = jobs.lease(tx, now=samples.later(hours=1), who="a", seconds=7200)
            if "low" in [job.work_id for job in taken]:
                return
    pytest.fail("it was never leased")


def test_urgent_letters_are_leased_first(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        rows = [samples.letter("c000", n) for n in range(30)]
        letters.add(
            tx,
            [
                replace(row, template="alarm" if n >= 20 else "news", not_before=samples.noon)
                for n, row in enumerate(rows)
            ],
        )
        now = samples.later(minutes=1)
        taken = letters.lease(tx, now=now, who="a", seconds=60, urgent={"alarm"})
        assert [row.template for row in taken] == ["alarm"] * 8 + ["news"] * 2
        assert len(letters.lease(tx, now=now, who="a", seconds=60)) == 10


def test_a_job_goes_back_waits_stops_and_is_set_going_again(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        jobs.sync(tx, "c000", [samples.job("c000", "1")], {}, now=samples.noon)
        [first] = jobs.lease(tx, now=samples.noon, who="a", seconds=60)
        assert jobs.retry(tx, first, at=samples.later(minutes=5), error="TimeoutError")
        assert jobs.lease(tx, now=samples.later(minutes=4), who="a", seconds=60) == []
        [second] = jobs.lease(tx, now=samples.later(minutes=5), who="a", seconds=60)
        assert (second.tries, second.error) == (1, "TimeoutError")
        assert jobs.begin(tx, second, samples.later(minutes=6))
        begun = jobs.get(tx, "c000:1")
        assert begun is not None
        assert (begun.tries, begun.lease_until) == (2, samples.later(minutes=6))
        assert jobs.wait(tx, second, at=samples.later(minutes=9))
        waits = jobs.get(tx, "c000:1")
        assert waits is not None
        assert (waits.state, waits.tries) == ("waiting", 1), "a try that was paused does not count"
        assert jobs.stop(tx, "c000:1", error="given up")
        assert jobs.lease(tx, now=samples.later(days=9), who="a", seconds=60) == []
        assert jobs.resume(tx, "c000:1", at=samples.later(days=9))
        assert not jobs.resume(tx, "c000:1", at=samples.later(days=9))
        assert [
            job.tries for job in jobs.lease(tx, now=samples.later(days=9), who="a", seconds=60)
        ] == [0]
        assert jobs.give_back(tx, "a", at=samples.later(days=9)) == 1
        given = jobs.get(tx, "c000:1")
        assert given is not None
        assert (given.tries, given.state) == (0, "waiting")


def taken_at_once(workers: int, lease: Callable[[str], Iterable[str]]) -> Counter[str]:
    """Let several workers lease until nothing is left; counts how often each key was taken."""
    taken: Counter[str] = Counter()
    together = threading.Barrier(workers, timeout=LONGEST)

    def open_work(who: str) -> None:
        together.wait()
        while keys := list(lease(who)):
            taken.update(keys)

    threads = [threading.Thread(target=open_work, args=(f"w{n}",)) for n in range(workers)]
    for thread in threads:
        thread.start()
    join(*threads)
    return taken


def test_two_workers_never_hold_the_same_job(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        jobs.sync(
            tx, "c000", [samples.job("c000", f"{n:03}") for n in range(200)], {}, now=samples.noon
        )

    def lease(who: str) -> list[str]:
        with database.transaction() as tx:
            return [
                job.key for job in jobs.lease(tx, now=samples.noon, who=who, seconds=60, limit=7)
            ]

    assert set(taken_at_once(4, lease).values()) == {1}
    with database.transaction(write=False) as tx:
        assert {job.leased_by != "" for job in jobs.of_case(tx, "c000")} == {True}


def test_two_workers_never_hold_the_same_letter(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        letters.add(tx, [samples.letter("c000", n) for n in range(60)])

    def lease(who: str) -> list[str]:
        with database.transaction() as tx:
            rows = letters.lease(tx, now=samples.noon, who=who, seconds=60, limit=4)
            assert all(letters.sent(tx, row, who, at=samples.noon) for row in rows)
        return [row.key for row in rows]

    taken = taken_at_once(3, lease)
    assert (len(taken), set(taken.values())) == (60, {1})


def test_a_letter_is_tried_again_held_failed_and_set_going(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        letters.add(tx, [samples.letter("c000", 1)])
        assert [row.params for row in letters.lease(tx, now=samples.noon, who="a", seconds=60)] == [
            {"count": 1}
        ]
        assert letters.retry(tx, "c000:1", "a", at=samples.later(minutes=1), error="451")
        assert letters.next_moment(tx) == samples.later(minutes=1)
        [row] = letters.lease(tx, now=samples.later(minutes=1), who="a", seconds=60)
        assert letters.hold(tx, row, "a", error="consent")
        assert not letters.sent(tx, row, "a", at=samples.noon)
        assert letters.resume(tx, "c000:1", at=samples.later(minutes=2))
        [row] = letters.lease(tx, now=samples.later(minutes=2), who="b", seconds=60)
        assert not letters.sent(tx, row, "a", at=samples.noon)
        assert letters.fail(tx, row, "b", error="550")
        assert [(row.state, row.tries) for row in letters.of_case(tx, "c000")] == [("failed", 1)]


def test_one_key_makes_one_letter(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        letters.add(tx, [samples.letter("c000", 1)])
    with pytest.raises(CaseMoved), database.transaction() as tx:
        letters.add(tx, [samples.letter("c000", 1)])


def test_a_role_takes_its_tasks_along_to_another_office(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        tasks.sync(tx, "c000", [samples.task("c000", "1")], {})
        tasks.claim(tx, "k-c000-1", "p-north", samples.noon)
        assert len(tasks.bind(tx, tasks.of_case(tx, "c000"), "Helper", "south")) == 1
        moved = tasks.get(tx, "k-c000-1")
        assert moved is not None
        assert (moved.office_id, moved.claimed_by) == ("south", None)
        assert cases.of_task(tx, cases.read_of_task(tx, "gone")) is None


@pytest.mark.parametrize(
    ("state", "error", "tries", "left"),
    [
        ("waiting", "", 0, False),
        ("waiting", "the mail server could not be reached", 0, False),
        ("waiting", "451", 1, True),
        ("waiting", letters.LEFT, 0, True),
        ("leased", "", 0, True),
        ("held", "consent is not live", 0, False),
        ("failed", letters.LAST, 1, True),
        ("sent", "", 1, True),
    ],
)
def test_a_letter_may_have_left_from_its_lease_on(
    samples: SampleRows, state: str, error: str, tries: int, *, left: bool
) -> None:
    letter = replace(samples.letter("c000", 1), state=state, error=error, tries=tries)
    assert letter.may_have_left is left
