"""Claims: one person has a task, and a colleague takes it over only with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.casework.history import narrative
from service.casework.tasks import claims
from service.errors import NotAllowed, TaskTaken
from service.store.installation import ledger_entries
from service.store.work import tasks
from service.store.writing import write_last
from tests.support.world import World


def entries(desk: World, case: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{case}")]


def test_a_claimed_task_is_refused_to_a_colleague(desk: World, case: str) -> None:
    key, now = desk.key(case, "a"), desk.clock.now()
    with desk.database.transaction() as tx:
        assert claims.claim(tx, desk.program.services, by=desk.viewer(), now=now, task_key=key)
        assert not claims.claim(tx, desk.program.services, by=desk.viewer(), now=now, task_key=key)
        with pytest.raises(TaskTaken):
            claims.claim(tx, desk.program.services, by=desk.viewer("stina"), now=now, task_key=key)
    assert entries(desk, case).count("claim") == 1


def test_a_task_is_taken_over_and_put_back(desk: World, case: str) -> None:
    key, now, services = desk.key(case, "a"), desk.clock.now(), desk.program.services
    with desk.database.transaction() as tx:
        claims.claim(tx, desk.program.services, by=desk.viewer(), now=now, task_key=key)
        claims.take_over(tx, services, by=desk.viewer("stina"), now=now, task_key=key, reason="ill")
        with pytest.raises(TaskTaken):
            claims.release_task(tx, services, by=desk.viewer(), now=now, task_key=key)
        claims.release_task(tx, services, by=desk.viewer("stina"), now=now, task_key=key)
    assert desk.tasks(case)[0].claimed_by is None
    assert entries(desk, case)[-2:] == ["take_over", "put_back"]


def test_a_task_is_handed_only_to_who_has_its_role(desk: World, case: str) -> None:
    key, now = desk.key(case, "a"), desk.clock.now()
    with desk.database.transaction() as tx:
        claims.hand_over(tx, by=desk.viewer(), now=now, task_key=key, to_person="p_stina")
        with pytest.raises(NotAllowed):
            claims.hand_over(
                tx, by=desk.viewer("stina"), now=now, task_key=key, to_person="p_stranger"
            )
    assert desk.tasks(case)[0].claimed_by == "p_stina"


def task(desk: World, case: str) -> tasks.Task:
    return desk.tasks(case)[0]


def let_rest(desk: World, case: str, days: int) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        claims.rest(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=now,
            task_key=desk.key(case, "a"),
            until=now + timedelta(days=days),
        )


def test_a_task_rests_until_a_day_and_is_taken_back(desk: World, case: str) -> None:
    let_rest(desk, case, 2)
    now = desk.clock.now()
    assert task(desk, case).hidden_until == now + timedelta(days=2)
    with desk.database.transaction() as tx:
        for _ in range(2):
            claims.end_rest(
                tx, desk.program.services, by=desk.viewer(), now=now, task_key=desk.key(case, "a")
            )
        write_last(tx)
        history = narrative.load_history(tx, desk.program.services, case, "en")
    assert task(desk, case).hidden_until is None
    assert [entry.what for entry in history[-2:]] == ["follow_up", "follow_up_ended"]
    day = (now + timedelta(days=2)).date().isoformat()
    assert history[-2].text.endswith(f"rest until {day}")


def test_a_task_never_rests_past_its_due_moment(desk: World, case: str) -> None:
    now = desk.clock.now()
    ordinary = replace(task(desk, case), opened_at=now, due=now + timedelta(days=3))
    assert claims.rest_refusal(ordinary, now + timedelta(days=3)) == ""
    assert claims.rest_refusal(ordinary, now + timedelta(days=4)) == "due"
    late = replace(ordinary, opened_at=now - timedelta(days=9), due=now - timedelta(days=1))
    assert claims.rest_refusal(late, now + timedelta(days=1)) == "due"


def test_what_is_urgent_never_rests(desk: World, case: str) -> None:
    now = desk.clock.now()
    later = now + timedelta(minutes=5)
    ordinary = replace(task(desk, case), opened_at=now, due=now + timedelta(days=3))
    alarm = replace(ordinary, due=now + timedelta(minutes=30))
    assert claims.rest_refusal(alarm, later) == "urgent"
    assert claims.rest_refusal(replace(ordinary, priority=90), later) == "urgent"
    assert claims.rest_refusal(replace(ordinary, priority=90, due=None), later) == "urgent"


def test_who_takes_a_resting_task_takes_it_back(desk: World, case: str) -> None:
    let_rest(desk, case, 2)
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer("stina"),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    assert task(desk, case).hidden_until is None
