"""The pages of the log review: months, one month, and what is said when a form is wrong."""

from __future__ import annotations

import pytest

from tests.support import log_reviews as made
from tests.support.browser import Browser
from tests.support.directory import BOARD
from tests.support.world import World

PAGE = "/audit/log-review/2026-03"


@pytest.fixture
def case(shipped_world: World) -> str:
    """The pseudonym of a case that Sara opened without a task; its review has begun."""
    case = shipped_world.start_case()
    made.look_without_task(shipped_world, "sara", case.case_id)
    made.begin(shipped_world)
    return case.ref


@pytest.fixture
def greta(shipped_world: World, case: str) -> Browser:  # noqa: ARG001 - the review has begun
    return shipped_world.browser("greta")


def test_the_first_page_says_that_a_review_waits(shipped_world: World, greta: Browser) -> None:
    assert "The log review of March 2026 waits: Judge the looks." in greta.get("/audit").text
    shipped_world.later(days=15)
    page = shipped_world.browser("greta").get("/audit").text
    assert "The log review of March 2026 is late: Judge the looks." in page


def test_a_month_says_who_where_and_why(greta: Browser, case: str) -> None:
    assert "March 2026" in greta.get("/audit/log-review").text
    page = greta.get(PAGE).text
    for part in ("Sara", "Social", case, "Opened without a task", "0 of 1 lines are judged"):
        assert part in page, part
    assert "1 line must be judged first." in page


def test_a_month_is_judged_and_signed(greta: Browser, case: str) -> None:
    greta.get(PAGE)
    said = {"verdict": "explained", "reason": "Her colleague was ill"}
    assert greta.post(f"{PAGE}/looks/1", said).status_code == 303
    page = greta.get(PAGE).text
    assert "Her colleague was ill" in page
    assert "Then the month is reviewed" in page
    assert greta.post(f"{PAGE}/sign", {"element": "Task_JudgeLooks"}).status_code == 303
    page = greta.get(PAGE).text
    assert "Finish and sign" not in page
    assert "Reviewed" in greta.get("/audit/log-review").text
    assert "waits" not in greta.get("/audit").text
    assert case in page


def test_what_was_typed_is_not_lost(greta: Browser) -> None:
    greta.get(PAGE)
    answer = greta.post(f"{PAGE}/looks/1", {"reason": "Her colleague was ill"})
    assert answer.status_code == 422
    assert "Choose a judgement." in answer.text
    assert 'value="Her colleague was ill"' in answer.text
    answer = greta.post(f"{PAGE}/looks/1", {"verdict": "incident"})
    assert "Write why." in answer.text
    assert 'value="incident" checked' in " ".join(answer.text.split())
    answer = greta.post(f"{PAGE}/sign", {"element": "Task_JudgeLooks"})
    assert answer.status_code == 422


def test_own_looks_have_no_form(shipped_world: World) -> None:
    case = shipped_world.start_case()
    made.look_without_task(shipped_world, "greta", case.case_id)
    made.add_person(shipped_world, "gun", "auditor", BOARD)
    made.begin(shipped_world)
    greta = shipped_world.browser("greta")
    page = greta.get(PAGE).text
    assert "Your own looks" in page
    assert "Save the judgement" not in page
    said = {"verdict": "explained", "reason": "it was I"}
    assert greta.post(f"{PAGE}/looks/1", said).status_code == 403
    greta.get(PAGE)
    greta.post(f"{PAGE}/sign", {"element": "Task_JudgeLooks"})
    assert "Another auditor must do this step" in greta.get(PAGE).text


def test_only_auditors_and_only_months_that_are_there(shipped_world: World, greta: Browser) -> None:
    for path in ("/audit/log-review/2026-02", "/audit/log-review/nonsense"):
        assert greta.get(path).status_code == 404
    assert greta.post(f"{PAGE}/looks/x", {}).status_code == 404
    for name in ("sara", "maja"):
        browser = shipped_world.browser(name)
        assert browser.get("/audit/log-review").status_code == 404
        assert browser.get(PAGE).status_code == 404
