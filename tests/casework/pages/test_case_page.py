"""The frame of a case's page."""

from __future__ import annotations

from service.casework.pages.case_page import TABS, CasePage, load_case_page
from service.casework.tasks import claims
from tests.casework.pages.views import view
from tests.support.world import World


def page(desk: World, case: str, *, by: str = "sara") -> CasePage:
    with desk.database.transaction(write=False) as tx:
        return load_case_page(view(tx, desk, case, by=by))


def test_a_new_case_says_which_task_is_next(desk: World, case: str) -> None:
    found = page(desk, case)
    assert found.task == desk.key(case, "a")
    assert [tab for tab, _ in found.tabs] == list(TABS)
    assert dict(found.tabs)["tasks"] == 1
    assert found.case.ended is None
    assert found.alerts == ()


def test_what_a_colleague_has_claimed_is_not_next(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    assert page(desk, case).task == desk.key(case, "a")
    assert page(desk, case, by="stina").task == ""


def test_an_ended_case_says_how(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]})
    found = page(desk, case)
    assert found.case.ended is not None
    assert (found.task, found.acts) == ("", ())
