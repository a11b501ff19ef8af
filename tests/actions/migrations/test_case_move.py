"""A case goes to another release and back: work, claims and deadlines stay; history tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions.history import narrative
from service.actions.tasks import claims
from service.errors import CallUnderWay, CannotMove, CannotUndo, NotAllowed, Stale
from service.store.work import jobs
from tests.actions.migrations.conftest import Moving
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import NOON

TWO = small.one(small.person("a", "ask") + small.person("b"), "s>a a>b b>e")
THREE = small.one(
    small.person("a", "ask") + small.person("c") + small.person("b"), "s>a a>c c>b b>e"
)
WITHOUT_A = small.one(small.person("c") + small.person("b"), "s>c c>b b>e")
DEADLINE = small.person("a", "ask") + d.border("w", "a", d.timer("Duration", "P5D")) + d.end("late")


def test_a_case_goes_on_with_an_added_task_and_ends(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = moving.key(case, "a")
    new = moving.published(THREE)
    moving.migrate(case, new)
    assert moving.key(case, "a") == key
    assert moving.case(case).release_id == new
    assert moving.faults() == []
    for step in "acb":
        moving.do(case, step, small.ANSWERS if step == "a" else None)
    assert moving.case(case).status == "ended"
    assert moving.faults() == []


def test_history_tells_the_move_and_its_undoing(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.put_back(case)
    with moving.database.transaction(write=False) as tx:
        told = narrative.load_history(tx, moving.program.services, case, "sv")
    assert [entry.text for entry in told[1:]] == [
        "Ärendet flyttades från v1 till v2",
        "Flytten från v1 till v2 togs tillbaka; ärendet är på v1 igen",
    ]
    assert {entry.kind for entry in told[1:]} == {"migration"}


def test_undo_gives_back_the_same_task_and_release(moving: Moving) -> None:
    old = moving.published(TWO)
    case = moving.start().case_id
    before = moving.tasks(case)
    moving.migrate(case, moving.published(THREE))
    moving.put_back(case)
    assert moving.tasks(case) == before
    assert moving.case(case).release_id == old
    assert moving.faults() == []
    moving.do(case, "a", small.ANSWERS)
    assert [task.element for task in moving.tasks(case)] == ["b"]


def test_a_removed_step_needs_a_place_to_go_on(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(WITHOUT_A)
    with pytest.raises(CannotMove, match="Choose where to go"):
        moving.migrate(case, new)
    moving.migrate(case, new, relocate={"a": "c"})
    assert [task.element for task in moving.tasks(case)] == ["c"]
    assert moving.faults() == []
    moving.put_back(case)
    assert [task.element for task in moving.tasks(case)] == ["a"]
    assert moving.faults() == []


def test_a_running_deadline_keeps_its_date(moving: Moving) -> None:
    moving.published(small.one(DEADLINE, "s>a a>e w>late"))
    case = moving.start().case_id
    moving.later(days=2)
    longer = DEADLINE.replace("P5D", "P9D")
    moving.migrate(case, moving.published(small.one(longer, "s>a a>e w>late")))
    (timer,) = moving.jobs(case)
    assert timer.due == NOON + timedelta(days=5)
    assert moving.faults() == []
    moving.put_back(case)
    assert [job.due for job in moving.jobs(case)] == [timer.due]
    assert moving.faults() == []


def test_a_deadline_that_is_added_counts_from_the_move(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.later(days=2)
    body = DEADLINE + small.person("b")
    moving.migrate(case, moving.published(small.one(body, "s>a a>b b>e w>late")))
    (timer,) = moving.jobs(case)
    assert timer.due == NOON + timedelta(days=7)
    (note,) = moving.facts(case)[-1].stimulus["notes"]
    assert note["code"] == "added"
    moving.put_back(case)
    assert moving.jobs(case) == []
    assert moving.faults() == []


def test_a_case_that_has_gone_on_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.do(case, "a", small.ANSWERS)
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts == {"why": "went_on", "since": (("complete", "a"),)}


def test_a_move_of_long_ago_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    moving.migrate(case, moving.published(THREE))
    moving.later(days=30, seconds=1)
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts["why"] == "late"


def test_a_case_that_never_moved_is_not_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    with pytest.raises(CannotUndo) as refused:
        moving.put_back(case)
    assert refused.value.facts["why"] == "no_move"


def test_a_case_goes_to_no_release_twice(moving: Moving) -> None:
    old = moving.published(TWO)
    case = moving.start().case_id
    with pytest.raises(NotAllowed):
        moving.migrate(case, old)


def test_a_case_that_went_on_since_its_plan_is_left(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(THREE)
    with pytest.raises(Stale):
        moving.migrate(case, new, standing="another place")
    assert moving.case(case).rev == 1


def test_a_claim_stays_with_its_task(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    key = moving.key(case, "a")
    with moving.database.transaction() as tx:
        claims.claim(tx, by=moving.viewer(), now=NOON, task_key=key)
    moving.migrate(case, moving.published(THREE))
    assert [task.claimed_by for task in moving.tasks(case)] == ["p_sara"]
    moving.put_back(case)
    assert [task.claimed_by for task in moving.tasks(case)] == ["p_sara"]
    assert moving.faults() == []


def test_a_task_of_another_role_is_put_back(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    with moving.database.transaction() as tx:
        claims.claim(tx, by=moving.viewer(), now=NOON, task_key=moving.key(case, "a"))
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


CALL = d.job("j") + small.person("b")


def leased(moving: Moving, case: str) -> None:
    with moving.database.transaction() as tx:
        (job,) = jobs.lease(tx, now=moving.clock.now(), who="w1", seconds=60)
        assert job.case_id == case


def test_a_call_under_way_goes_along_and_its_answer_counts(moving: Moving) -> None:
    moving.published(small.one(CALL, "s>j j>b b>e"))
    case = moving.start().case_id
    (job,) = moving.jobs(case)
    leased(moving, case)
    new = small.one(CALL + small.person("c"), "s>j j>c c>b b>e")
    moving.migrate(case, moving.published(new))
    (now,) = moving.jobs(case)
    assert (now.key, now.state, now.tries) == (job.key, "leased", 1)
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


def test_a_move_at_whose_end_the_case_would_be_over_is_refused(moving: Moving) -> None:
    moving.published(TWO)
    case = moving.start().case_id
    new = moving.published(small.one(small.person("c"), "s>c c>e"))
    with pytest.raises(CannotMove):
        moving.migrate(case, new, relocate={"a": "e"})
