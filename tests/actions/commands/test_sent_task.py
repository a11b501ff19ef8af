"""What somebody has just sent: said to her alone, with where the case is then."""

from __future__ import annotations

from service.actions.commands.sent_task import SentTask, load_sent_task
from tests.support.world import NOON, World


def sent(desk: World, case: str, rev: int, who: str = "sara") -> SentTask | None:
    with desk.database.transaction(write=False) as tx:
        services, viewer = desk.program.services, desk.viewer(who)
        return load_sent_task(tx, services, viewer, case, rev, NOON)


def test_a_step_that_was_sent_names_where_the_case_is(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    found = sent(desk, case_id, 2)
    assert found is not None
    assert (found.offices, found.ended, found.seen) == (("Social",), False, True)
    assert found.ref == desk.case(case_id).ref


def test_the_last_step_ends_the_case(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    desk.do(case_id, "b")
    found = sent(desk, case_id, 3)
    assert found is not None
    assert (found.offices, found.ended) == ((), True)


def test_nobody_else_is_told_and_no_other_fact_is_named(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    assert sent(desk, case_id, 1) is None
    assert sent(desk, case_id, 9) is None
    assert sent(desk, "0" * 26, 2) is None
    other = next(p.name for p in desk.directory.people if p.name != "sara")
    assert sent(desk, case_id, 2, other) is None
