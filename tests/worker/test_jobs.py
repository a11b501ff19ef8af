"""Timers and calls of handlers, each once, whatever fails around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from service.application.submit import submit_job
from service.binding import Answer, BusinessError, Call
from service.casework import incidents
from service.errors import EngineStopped, HandlerFailed
from service.store.read_models import whole_rows
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.work import incidents as incident_rows
from service.store.work import jobs
from service.worker.state import BATCH
from tests.support import diagram_files, small
from tests.support import diagrams as d
from tests.support.local_handlers import LocalHandlers
from tests.support.world import NOON, World, settle
from tests.worker.world import CALLS, DAYS, OPERATOR, WAITS, Opened


def test_a_timer_fires_once_and_not_before_its_moment(opened: Opened) -> None:
    desk = opened(WAITS)
    case, worker, other = desk.start().case_id, desk.worker(), desk.worker("w2")
    desk.clock.set(NOON + DAYS - timedelta(milliseconds=1))
    assert worker.timers_and_calls() == 0
    desk.clock.set(NOON + DAYS)
    assert [w.timers_and_calls() for w in (worker, other, worker)] == [1, 0, 0]
    assert [(f.kind, f.element, f.at) for f in desk.facts(case)][1:] == [("due", "b", NOON + DAYS)]
    assert [t.element for t in desk.tasks(case)] == ["late"]
    assert desk.faults() == []


def test_a_timer_that_nobody_began_never_fires_and_stops_no_other(opened: Opened) -> None:
    desk = opened(WAITS)
    first, second = (desk.start().case_id for _ in range(2))
    table = metadata.tables["job"]
    with desk.database.transaction() as tx:
        changed = update(table).where(table.c.case_id == second).values(element="a")
        tx.run(as_system("verify", changed))
        [real] = jobs.of_case(tx, first)
        assert jobs.of_case(tx, second) == []
        forged = values(replace(real, key=f"{first}:9.9", work_id="9.9", kind=jobs.REFERRAL))
        tx.run(as_system("verify", insert(table).values(**forged, mac=bytes(16))))
    desk.clock.set(NOON + DAYS)
    settle(desk.worker())
    assert [[f.kind for f in desk.facts(case)] for case in (first, second)] == [
        ["start", "due"],
        ["start"],
    ]
    with desk.database.transaction(write=False) as tx:
        told = incident_rows.open_of_installation(tx, incidents.ROW_REFUSED)
        stored = {row["key"]: row for row in whole_rows.stored(tx, "job")}
    assert sorted(row.error.rpartition(" ")[2] for row in told) == sorted([first, second])
    assert {row["state"] for row in stored.values()} == {"stopped"}
    assert stored[f"{first}:9.9"]["mac"] == bytes(16)
    assert all(any(key in fault for fault in desk.faults()) for key in stored)


def test_a_timer_that_is_long_overdue_fires_once(opened: Opened) -> None:
    desk = opened(WAITS)
    case = desk.start().case_id
    desk.later(days=400)
    assert [desk.worker().timers_and_calls() for _ in range(2)] == [1, 0]
    assert [f.kind for f in desk.facts(case)] == ["start", "due"]


def test_a_passed_deadline_is_fired_before_a_person_completes(opened: Opened) -> None:
    desk = opened(
        small.one(
            small.person("a")
            + d.border("b", "a", d.timer("Duration", "P1D"), interrupting=False)
            + small.person("x"),
            "s>a a>e b>x x>e",
        )
    )
    case = desk.start().case_id
    desk.later(days=2)
    desk.do(case, "a")
    assert [f.kind for f in desk.facts(case)] == ["start", "due", "complete"]
    assert desk.worker().timers_and_calls() == 0


def test_a_failing_handler_is_tried_again_then_is_an_incident(
    opened: Opened,
) -> None:
    def fails(call: Call) -> Answer:
        raise ValueError(f"something personal about {call.key}")

    desk = opened(CALLS, letters_send=fails)
    case, worker = desk.start().case_id, desk.worker()
    tried = []
    for pause in (0, 1, 5, 30, 120):
        desk.later(minutes=pause, seconds=-1 if pause else 0)
        assert settle(worker) == (0 if pause else 1)
        if pause:
            desk.later(seconds=1)
            assert settle(worker) == 1
        tried.append(desk.jobs(case)[0].tries)
    assert tried == [1, 2, 3, 4, 5]
    [stopped] = desk.incidents(case)
    assert (stopped.kind, stopped.topic, stopped.element) == ("handler", "letters.send", "j")
    assert stopped.error.startswith("letters.send raised ValueError")
    assert "personal" not in stopped.error
    desk.later(days=30)
    assert worker.timers_and_calls() == 0, "nobody tries again by itself"
    assert desk.faults() == [], "a case that rests on an incident is no fault"
    assert isinstance(worker.handlers, LocalHandlers)
    assert len(set(worker.handlers.asked)) == 1, "each try bears the same key"


def test_an_operator_sets_a_stopped_call_going_again(opened: Opened) -> None:
    broken = [True]

    def fails(_: Call) -> Answer:
        if broken:
            raise HandlerFailed("no answer after 30 seconds")
        return Answer()

    desk = opened(CALLS, letters_send=fails)
    case, worker = desk.start().case_id, desk.worker()
    for minutes in (0, 1, 5, 30, 120):
        desk.later(minutes=minutes)
        settle(worker)
    [stopped] = desk.incidents(case)
    broken.clear()
    with desk.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=stopped.id, by=OPERATOR, now=desk.clock.now())
    settle(worker)
    assert [t.element for t in desk.tasks(case)] == ["a"]
    assert desk.incidents(case) == []


def test_a_stop_of_the_engine_is_an_incident_and_the_case_stays(opened: Opened) -> None:
    def lost(_: Call) -> Answer:
        raise BusinessError("LOST")  # declared, and nothing in the diagram catches it

    desk = opened(CALLS, letters_send=lost)
    case, worker = desk.start().case_id, desk.worker()
    settle(worker)
    [stopped] = desk.incidents(case)
    assert (stopped.kind, stopped.element) == ("error_uncaught", "j")
    assert (desk.case(case).rev, desk.case(case).status) == (1, "open")
    assert [(j.element, j.state) for j in desk.jobs(case)] == [("j", "stopped")]
    desk.later(days=3)
    assert settle(worker) == 0
    assert desk.faults() == []


def test_a_step_that_the_engine_cannot_take_is_an_incident(
    opened: Opened,
) -> None:
    narrow = diagram_files.RULE.replace(
        b"</inputExpression>",
        b'</inputExpression><inputValues id="iv"><text>"NO"</text></inputValues>',
    ).replace(b'"YES"', b'"NO"')
    desk = opened(
        small.one(
            small.person("a", "ask") + d.rule("r") + small.person("y"), "s>a a>r r>y y>e"
        ).with_file("workflows/pick.dmn", narrow)
    )
    case = desk.start().case_id
    for _ in range(2):
        with pytest.raises(EngineStopped):
            desk.do(case, "a", {"answer": ["YES"]})
    assert [i.element for i in desk.incidents(case)] == ["r"], "one incident, not one a try"
    assert (desk.case(case).rev, [t.element for t in desk.tasks(case)]) == (1, ["a"])
    assert desk.faults() == []
    desk.do(case, "a", {"answer": ["NO"]})
    assert [t.element for t in desk.tasks(case)] == ["y"]


def test_a_job_that_breaks_the_worker_does_not_stop_the_others(opened: Opened) -> None:
    calls: list[str] = []

    def breaks(call: Call) -> Answer:
        calls.append(call.key)
        if call.key.startswith(first):
            return Answer(letters=("no letter",))  # type: ignore[arg-type]  # what no honest handler answers
        return Answer()

    desk = opened(CALLS, letters_send=breaks)
    first = desk.start().case_id
    second, worker = desk.start().case_id, desk.worker()
    settle(worker)
    assert len(calls) == 2
    assert [t.element for t in desk.tasks(second)] == ["a"]
    assert desk.jobs(first)[0].error == "AttributeError"


class Killed(BaseException):
    """As if the process ended here."""


def test_a_call_that_ends_its_worker_is_the_only_incident(
    opened: Opened,
) -> None:
    begun: list[str] = []

    def ends(call: Call) -> Answer:
        begun.append(call.key)
        if call.key.startswith(bad):
            raise Killed
        return Answer()

    desk = opened(CALLS, letters_send=ends)
    cases = [desk.start().case_id for _ in range(BATCH)]
    bad = sorted(cases)[BATCH // 2]
    deaths = dies_often(desk)
    assert deaths == desk.program.services.tries + 1, (
        "the first, of which no row knows that it began"
    )
    assert [i.error for case in cases for i in desk.incidents(case)] == [jobs.ENDED]
    assert [i.case_id for i in desk.incidents(bad)] == [bad]
    answered = [case for case in cases if desk.facts(case)[-1].kind == "answer"]
    assert answered == [case for case in cases if case != bad]
    assert len(begun) == deaths + BATCH - 1, "each other began once"
    assert desk.faults() == []


def dies_often(desk: World) -> int:
    """Have one worker after the other do what is due, each after the leases of the one before;
    gives how many died of it.
    """
    for deaths in range(3 * desk.program.services.tries):
        try:
            while settle(desk.worker(f"w{deaths}")):
                pass
        except Killed:
            desk.later(seconds=60)
        else:
            return deaths
    raise AssertionError("they die without an end")


def test_a_dead_worker_costs_no_try_of_what_had_not_begun(opened: Opened) -> None:
    desk = opened(WAITS)
    cases = [desk.start().case_id for _ in range(BATCH)]
    desk.clock.set(NOON + DAYS)
    for n in range(3 * desk.program.services.tries):
        with desk.database.transaction() as tx:
            assert len(jobs.lease(tx, now=desk.clock.now(), who=f"dead{n}", seconds=60)) == BATCH
        desk.later(seconds=60)
    settle(desk.worker())
    assert {desk.facts(case)[-1].kind for case in cases} == {"due"}
    assert [i for case in cases for i in desk.incidents(case)] == []


def test_a_timer_that_ends_its_worker_is_the_only_incident(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = opened(WAITS)
    cases = [desk.start().case_id for _ in range(BATCH)]
    bad = min(cases)

    def ends(*given: object, job_key: str, **named: object) -> object:
        if job_key.startswith(bad):
            raise Killed
        return submit_job(*given, job_key=job_key, **named)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr("service.worker.jobs.submit_job", ends)
    desk.clock.set(NOON + DAYS)
    assert dies_often(desk) == desk.program.services.tries + 1
    assert [i.case_id for case in cases for i in desk.incidents(case)] == [bad]
    assert [case for case in cases if desk.facts(case)[-1].kind != "due"] == [bad]
