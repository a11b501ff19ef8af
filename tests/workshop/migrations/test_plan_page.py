"""The pages about moving cases, in words: rows, reasons, work and undoing."""

from __future__ import annotations

from functools import partial

from service.workshop.migrations.case_move import UNDO
from service.workshop.migrations.migration_runs import start_run, start_try, start_undo
from service.workshop.migrations.plan_page import load_migrations_page
from service.workshop.migrations.plans import make_plan
from tests.support import small
from tests.workshop.migrations.conftest import Moving, approved, page
from tests.workshop.migrations.processes import THREE, TWO, WITHOUT_A


def test_the_first_page_counts_cases_on_earlier_releases(moving: Moving) -> None:
    moving.published(TWO)
    moving.start()

    def listed() -> tuple[str, int, int]:
        with moving.database.transaction(write=False) as tx:
            found = load_migrations_page(tx, moving.program.services, moving.viewer("nils"))
        return found.target, found.open, len(found.plans)

    assert listed() == ("v1", 0, 0)
    moving.published(THREE)
    moving.perform(make_plan)
    assert listed() == ("v2", 1, 1)


def test_a_row_tells_where_why_and_which_cases(moving: Moving) -> None:
    moving.published(TWO)
    refs = {moving.case(moving.start().case_id).ref for _ in range(2)}
    moving.published(WITHOUT_A)
    moving.lang = "en"
    shown = page(moving, moving.perform(make_plan))
    (row,) = shown.rows
    assert (row.becomes, row.number, set(row.refs), row.release) == ("cannot", 2, refs, "v1")
    assert "is open, and the new version does not have it" in row.reasons[0]
    assert [target.element for target in row.targets] == ["a"]
    assert (shown.open, shown.moving, shown.current) == (2, 0, True)
    assert shown.old is not None
    assert shown.old["notes"] == {"a": "2"}
    assert shown.new["notes"] == {}


def test_the_page_tells_what_was_tried_moved_and_put_back(moving: Moving) -> None:
    moving.published(TWO)
    first, second = (moving.start().case_id for _ in range(2))
    moving.published(THREE)
    plan_id = moving.perform(make_plan)
    moving.perform(partial(start_try, plan_id=plan_id))
    assert page(moving, plan_id).under_way
    moving.work()
    (tried,) = page(moving, plan_id).run
    assert (tried.done, tried.total, tried.counts) == (2, 2, {"moved": 2})
    approved(moving, plan_id)
    moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    moving.do(first, "a", small.ANSWERS)
    shown = page(moving, plan_id)
    assert (shown.can_undo, shown.rows, shown.old) == (2, (), None)
    moving.perform(partial(start_undo, plan_id=plan_id))
    moving.work()
    undone = page(moving, plan_id).run[0]
    assert undone.counts == {"refused": 1, "put_back": 1}
    assert [left.ref for left in undone.left] == [moving.case(first).ref]
    assert "något har hänt" in undone.left[0].reason.lower()
    assert moving.case(second).rev == 3


def test_after_thirty_days_nothing_is_offered_to_put_back(moving: Moving) -> None:
    moving.published(TWO)
    moving.start()
    moving.published(THREE)
    plan_id = moving.perform(make_plan)
    approved(moving, plan_id)
    moving.perform(partial(start_run, plan_id=plan_id))
    moving.work()
    assert page(moving, plan_id).can_undo == 1
    moving.clock.set(moving.clock.now() + UNDO)
    moving.later(seconds=1)
    assert page(moving, plan_id).can_undo == 0
