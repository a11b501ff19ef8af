"""Claims, roles and calls of a case that goes to another release."""

from __future__ import annotations

import pytest

from service.casework.tasks import claims
from service.errors import CallUnderWay
from service.store.work import jobs
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import NOON
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import CALL, THREE, TWO


def test_a_claim_stays_with_its_task(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = moving.key(case, "a")
    with moving.database.transaction() as tx:
        claims.claim(tx, moving.program.services, by=moving.viewer(), now=NOON, task_key=key)
    moving.migrate(case, moving.published(THREE))
    assert [task.claimed_by for task in moving.tasks(case)] == ["p_sara"]
    moving.put_back(case)
    assert [task.claimed_by for task in moving.tasks(case)] == ["p_sara"]
    assert moving.faults() == []


def test_a_task_of_another_role_is_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    with moving.database.transaction() as tx:
        claims.claim(
            tx,
            moving.program.services,
            by=moving.viewer(),
            now=NOON,
            task_key=moving.key(case, "a"),
        )
    other = d.task("a", "ask", group="Helper") + small.person("b")
    files = dict(small.one(other, "s>a a>b b>e").files)
    files["workflows/config/roles.toml"] += '[Helper]\nsv = "Hjälpare"\nen = "Helper"\n'.encode()
    moving.migrate(case, moving.published(type(TWO)(files)))
    (task,) = moving.tasks(case)
    assert (task.role, task.claimed_by, task.office_id) == ("Helper", None, None)
    assert [incident.kind for incident in moving.incidents(case)] == ["no_office"]
    assert moving.faults() == []
    moving.put_back(case)
    (task,) = moving.tasks(case)
    assert (task.role, task.office_id) == ("ReferringPartner", "social")
    assert moving.faults() == []


def test_a_call_under_way_goes_along_and_its_answer_counts(moving: Moving) -> None:
    moving.published(small.one(CALL, "s>j j>b b>e"))
    case = moving.start().case_id
    (job,) = moving.jobs(case)
    leased(moving, case)
    new = small.one(CALL + small.person("c"), "s>j j>c c>b b>e")
    moving.migrate(case, moving.published(new))
    (now,) = moving.jobs(case)
    assert (now.key, now.state, now.tries) == (job.key, "leased", 0)
    assert moving.faults() == []


def test_no_call_is_taken_from_the_worker_that_makes_it(moving: Moving) -> None:
    moving.published(small.one(CALL, "s>j j>b b>e"))
    case = moving.start().case_id
    leased(moving, case)
    other = d.job("j", "letters.count") + small.person("b")
    new = moving.published(small.one(other, "s>j j>b b>e"))
    with pytest.raises(CallUnderWay):
        moving.migrate(case, new)
    moving.later(minutes=5)
    with moving.database.transaction() as tx:
        jobs.give_back(tx, "w1", at=moving.clock.now())
    moving.migrate(case, new)
    assert [(job.topic, job.tries) for job in moving.jobs(case)] == [("letters.count", 0)]
    assert moving.faults() == []


def leased(moving: Moving, case: str) -> None:
    with moving.database.transaction() as tx:
        (job,) = jobs.lease(tx, now=moving.clock.now(), who="w1", seconds=60)
        assert job.case_id == case
