"""Moving open cases by its pages, and what those notice who work in a case that moves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from service.release.bundle import Bundle
from service.worker.loop import Worker
from tests.support.browser import Browser
from tests.support.world import World, settle, shipped
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import Story

pytestmark = pytest.mark.slow  # each test lints and builds the shipped release once more
FIRST = "Task_OfferReturnInformation"
FORM = "forms/new_case.form"
CASE = "workflows/return_case.bpmn"


def with_a_question() -> Bundle:
    """The shipped release with another text in the form of its first task."""
    form = json.loads(shipped().text(FORM))
    form["components"].append({"type": "text", "id": "Field_new", "text": "Läs detta också."})
    return Bundle({**shipped().files, FORM: json.dumps(form, ensure_ascii=False).encode()})


def with_another_date() -> Bundle:
    """The shipped release with another due date of its first task."""
    text = shipped().text(CASE).replace('dueDate="P5D"', 'dueDate="P7D"', 1)
    return Bundle({**shipped().files, CASE: text.encode()})


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def planned(browser: Browser) -> str:
    """A plan for all earlier releases; gives its address."""
    browser.get("/migrations")
    answer = browser.post("/migrations", {"source": ""})
    assert answer.status_code == 303
    return str(answer.location)


def do(browser: Browser, plan: str, **sent: str) -> int:
    """Press a button of a plan's page; gives the status."""
    page = browser.get(plan)
    rev = re.search(r'name="rev" value="(\d+)"', page.text)
    return browser.post(plan, {"rev": rev[1] if rev else "", **sent}).status_code


def moved(world: World, worker: Worker) -> str:
    """Make a plan, have it approved, and let it run; gives its address."""
    owner, reviewer = world.browser("maja"), world.browser("nils")
    plan = planned(owner)
    assert do(owner, plan, do="ask", why="The new rules hold for all") == 303
    page = reviewer.get(plan)
    request = re.search(r'name="request" value="([^"]+)"', page.text)
    assert request
    assert do(reviewer, plan, do="approve", request=request[1]) == 303
    assert do(owner, plan, do="run") == 303
    settle(worker)
    return plan


def test_all_on_the_current_release_is_said(shipped_world: World) -> None:
    page = shipped_world.browser("maja").get("/migrations")
    assert "All open cases are on the current release, so there is nothing to move." in page.text


def test_a_plan_is_made_approved_run_and_taken_back(story: Story, shipped_world: World) -> None:
    old = story.brief().release_id
    shipped_world.publish(with_another_date())
    owner = shipped_world.browser("maja")
    assert "/migrations" in owner.get("/processes").text
    plan = moved(shipped_world, story.worker)
    page = owner.get(plan).text
    assert "1 case moved" in page
    assert "No open case is left" in page
    assert story.brief().release_id != old
    assert shipped_world.faults() == []
    history = shipped_world.browser("greta").get(f"/cases/{story.case}?tab=history").text
    assert "The case was moved from v1 to v2" in history
    assert do(owner, plan, do="undo") == 303
    settle(story.worker)
    assert "1 case is back where it was" in owner.get(plan).text
    assert story.brief().release_id == old
    assert shipped_world.faults() == []


def test_people_go_on_in_a_case_that_moved(story: Story, shipped_world: World) -> None:
    story.until("Task_SubmitReferral")
    shipped_world.publish(with_another_date())
    moved(shipped_world, story.worker)
    story.do("sara", "Task_SubmitReferral")
    story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="RETURNED",
        reasonCode="INCOMPLETE",
        missingItems=["CONSENT"],
        decisionNote="Samtycket saknas.",
    )
    settle(story.worker)
    assert "Task_DecideReferral" not in story.open()
    assert shipped_world.faults() == []


def test_every_button_of_a_plan_is_the_owners(story: Story, shipped_world: World) -> None:
    assert story.case
    shipped_world.publish(with_another_date())
    plan = planned(shipped_world.browser("maja"))
    reviewer, sara = shipped_world.browser("nils"), shipped_world.browser("sara")
    assert reviewer.get(plan).status_code == 200
    for press in ("choose", "try", "ask", "run", "stop", "undo"):
        assert do(reviewer, plan, do=press) in (403, 422), press
    assert sara.get(plan).status_code == 404
    assert sara.get("/migrations").status_code == 404
    assert reviewer.post("/migrations", {"source": ""}).status_code == 404
    assert do(shipped_world.browser("maja"), plan, do="nothing of the kind") == 404


def test_what_is_refused_is_said_on_the_plan(story: Story, shipped_world: World) -> None:
    assert story.case
    shipped_world.publish(with_another_date())
    owner = shipped_world.browser("maja")
    plan = planned(owner)
    for press, sentence in (
        ({"do": "run"}, "A reviewer has to approve exactly these rows first."),
        ({"do": "undo"}, "The plan has moved no case that could be put back."),
        ({"do": "ask", "why": ""}, "reason"),
        ({"do": "ask", "why": "x", "rev": "77"}, "Somebody else has changed the plan."),
    ):
        owner.get(plan)
        answer = owner.post(plan, {"rev": "1", **press})
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_row_is_left_on_its_release_by_the_form(story: Story, shipped_world: World) -> None:
    shipped_world.publish(with_another_date())
    owner = shipped_world.browser("maja")
    plan = planned(owner)
    key = re.search(r'name="row\.([0-9a-f]+)"', owner.get(plan).text)
    assert key
    assert do(owner, plan, do="choose", **{f"row.{key[1]}": "stay"}) == 303
    page = owner.get(plan).text
    assert "Finishes on its release" in page
    assert "As the plan is now, no case would move." in page
    assert story.brief().ref in page


def test_the_work_is_asked_for_alone_and_ends_with_the_page(
    story: Story, shipped_world: World
) -> None:
    assert story.case
    shipped_world.publish(with_another_date())
    owner = shipped_world.browser("maja")
    plan = planned(owner)
    assert do(owner, plan, do="try") == 303
    going = owner.get(f"{plan}/work")
    assert 'hx-trigger="every 2s"' in going.text
    assert "HX-Refresh" not in going.headers
    settle(story.worker)
    done = owner.get(f"{plan}/work")
    assert "1 case can move" in done.text
    assert done.headers["HX-Refresh"] == "true"


def test_a_form_that_changed_under_a_case_says_so(story: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("sara"), address(story, FIRST)
    browser.get(here)
    typed = {**story.typed(FIRST, "sara"), "safeContact.hours": ["09-11, SARAS TEXT"]}
    page = carried(browser)
    shipped_world.publish(with_a_question())
    moved(shipped_world, story.worker)
    answer = browser.post(here, {**typed, **page, "send": "1"})
    assert answer.status_code == 409
    assert "The case was moved to a new release while you were writing" in answer.text
    assert "SARAS TEXT" in answer.text
    assert len(story.facts()) == 2
    again = browser.post(here, {**typed, **carried(browser), "send": "1"})
    assert again.status_code == 303
    assert story.open() == ["Task_SubmitReferral"]
    assert shipped_world.faults() == []


def test_a_form_that_stayed_is_sent_after_a_move(story: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("sara"), address(story, FIRST)
    browser.get(here)
    body = {**story.typed(FIRST, "sara"), **carried(browser), "send": "1"}
    shipped_world.publish(with_another_date())
    moved(shipped_world, story.worker)
    assert browser.post(here, body).status_code == 303
    assert story.open() == ["Task_SubmitReferral"]


def test_unsent_answers_stay_over_a_move_and_its_undoing(
    story: Story, shipped_world: World
) -> None:
    browser, here = shipped_world.browser("sara"), address(story, FIRST)
    browser.get(here)
    kept = browser.post(
        here, {**carried(browser), "safeContact.hours": ["KEPT TEXT"], "do": "keep"}
    )
    assert kept.status_code == 303
    shipped_world.publish(with_a_question())
    plan = moved(shipped_world, story.worker)
    assert "KEPT TEXT" in browser.get(here).text
    assert do(shipped_world.browser("maja"), plan, do="undo") == 303
    settle(story.worker)
    assert "KEPT TEXT" in browser.get(here).text
    assert shipped_world.faults() == []
