"""A running deadline keeps its date when its case moves, or begins anew where the row says so."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from service.audit import verify
from service.release.bundle import Bundle
from service.workshop.migrations import plans
from service.workshop.migrations.migration_runs import start_run, start_try, start_undo
from service.workshop.migrations.plans import Choice, make_plan, stored_plan
from tests.support import diagrams as d
from tests.support import small
from tests.workshop.migrations.conftest import Moving, approved, page
from tests.workshop.migrations.processes import DEADLINE

FIVE = small.one(DEADLINE, "s>a a>e w>late")
SEVEN = small.one(
    small.person("a", "ask") + d.border("w", "a", d.timer("Duration", "P7D")) + d.end("late"),
    "s>a a>e w>late",
)


def renamed() -> Bundle:
    """The same process with another name of its task: words alone."""
    file = next(name for name in FIVE.files if name.endswith(".bpmn"))
    said, n = re.subn(r'(id="a" name=")[^"]*', r"\1Another name", FIVE.text(file))
    assert n == 1
    return FIVE.with_file(file, said.encode())


def due_days(moving: Moving, case: str) -> float:
    """Days from now to the deadline of a case."""
    (timer,) = (job for job in moving.jobs(case) if job.kind == "timer")
    assert timer.due is not None
    return (timer.due - moving.clock.now()) / timedelta(days=1)


def planned(moving: Moving, target: Bundle) -> tuple[str, str]:
    """A case that has waited for two days, and a plan to move it."""
    moving.published(FIVE)
    case = moving.start().case_id
    moving.later(days=2)
    moving.published(target)
    moving.lang = "en"
    return case, moving.perform(make_plan)


def choose(moving: Moving, plan_id: str, *, anew: bool) -> None:
    (row,) = page(moving, plan_id).rows
    with moving.database.transaction(write=False) as tx:
        rev = stored_plan(tx, plan_id).rev
    chosen = Choice(anew=frozenset({"w"} if anew else ()))
    moving.perform(partial(plans.choose, plan_id=plan_id, rev=rev, choices={row.key: chosen}))


def run(moving: Moving, plan_id: str) -> None:
    approved(moving, plan_id)
    moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()


def test_a_row_offers_the_deadlines_that_run(moving: Moving) -> None:
    _, plan_id = planned(moving, SEVEN)
    (row,) = page(moving, plan_id).rows
    (offered,) = row.deadlines
    assert (offered.element, offered.anew) == ("w", False)
    assert offered.due is not None
    assert offered.due - moving.clock.now() == timedelta(days=3)


def test_a_deadline_keeps_its_date_unless_the_row_says_so(moving: Moving) -> None:
    case, plan_id = planned(moving, SEVEN)
    run(moving, plan_id)
    assert due_days(moving, case) == 3


def test_a_deadline_that_begins_anew_is_previewed_tried_and_done(moving: Moving) -> None:
    case, plan_id = planned(moving, SEVEN)
    choose(moving, plan_id, anew=True)
    (row,) = page(moving, plan_id).rows
    assert row.deadlines[0].anew
    assert any("becomes due" in note for note in row.notes), row.notes
    moving.perform(partial(start_try, plan_id=plan_id))
    moving.work()
    assert due_days(moving, case) == 3, "a trial changes nothing"
    run(moving, plan_id)
    assert due_days(moving, case) == 7
    moving.perform(partial(start_undo, plan_id=plan_id))
    moving.work()
    assert due_days(moving, case) == 3
    with moving.database.transaction(write=False) as tx:
        assert verify.verify_all(tx, moving.program.services, now=moving.clock.now()).faults == ()


def test_the_choice_can_be_taken_back(moving: Moving) -> None:
    case, plan_id = planned(moving, SEVEN)
    choose(moving, plan_id, anew=True)
    choose(moving, plan_id, anew=False)
    run(moving, plan_id)
    assert due_days(moving, case) == 3


def test_words_alone_never_restart_a_deadline(moving: Moving) -> None:
    """Not even when somebody asks for it beside the page."""
    case, plan_id = planned(moving, renamed())
    (row,) = page(moving, plan_id).rows
    assert (row.text_only, row.deadlines) == (True, ())
    choose(moving, plan_id, anew=True)
    (row,) = page(moving, plan_id).rows
    assert (row.deadlines, row.notes) == ((), ())
    run(moving, plan_id)
    assert due_days(moving, case) == 3


def test_a_choice_without_new_deadlines_is_written_as_before() -> None:
    """What was approved before there was this choice has the same digest."""
    assert Choice(to={"a": "b"}).stored() == {"stays": False, "to": {"a": "b"}}
    assert Choice(anew=frozenset("w")).stored()["anew"] == ["w"]
