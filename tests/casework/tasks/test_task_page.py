"""The page of an open task."""

from __future__ import annotations

from service.casework.tasks import claims
from service.casework.tasks.task_page import TaskPage, load_task_page
from tests.casework.tasks.sessions import session
from tests.support.world import World


def page(desk: World, case: str, element: str = "a", *, by: str = "sara") -> TaskPage:
    with desk.database.transaction(write=False) as tx:
        return load_task_page(session(tx, desk, case, element, by=by))


def test_a_free_task_can_be_edited_by_both(desk: World, case: str) -> None:
    found = page(desk, case)
    assert (found.task.claim, found.task.can_edit, found.task.step) == (None, True, "a:1")
    assert found.colleagues == (("p_stina", "Stina"),)


def test_a_claimed_task_has_buttons_for_one_alone(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    hers, others = page(desk, case), page(desk, case, by="stina")
    assert (bool(hers.buttons), hers.task.can_take_over) == (True, False)
    assert (others.buttons, others.task.can_take_over) == ((), True)
    assert others.task.claim is not None
    assert others.task.claim.name == "Sara"


def test_it_says_who_led_to_the_task(desk: World, case: str) -> None:
    desk.do(case, "a", by="stina")
    (reason,) = page(desk, case, "b").why
    assert "Stina" in reason
