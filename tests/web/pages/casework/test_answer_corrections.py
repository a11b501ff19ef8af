"""A sent answer is corrected on its page: who may, who sees what of it, and who is written to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.work import letters
from tests.support.world import World
from tests.web.api.v1.test_cases import opened
from tests.web.program import Program, code_of
from tests.web.story import Story

REFERRED, DECIDE = "Task_SubmitReferral", "Task_DecideReferral"
NAME, RIGHT = "KANARIE-FEL", "KANARIE-RATT"
WHY = "KANARIE-SKAL"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until(DECIDE, **{REFERRED: {"familyName": NAME}})
    yield made
    made.close()


def fact_of(story: Story, element: str) -> int:
    return next(f.rev for f in story.facts() if f.element == element and f.kind == "complete")


def address(story: Story, element: str = REFERRED) -> str:
    return f"/cases/{story.case}/answers/{fact_of(story, element)}/correction"


def typed(story: Story) -> dict[str, object]:
    """The form with the right name, as the page sends it."""
    answers = story.typed(REFERRED, "sara", familyName=RIGHT)
    about = {"correction.why": WHY, "do": "send", "rev": story.brief().rev, "fill_rev": "0"}
    return {**answers, **about}


def corrected(story: Story) -> str:
    """The name is corrected; the address of the page that says so."""
    browser = story.world.browser("sara")
    browser.get(address(story))
    done = browser.post(address(story), typed(story))
    assert done.location == f"/cases/{story.case}?done=corrected", done.text
    rev = next(f.rev for f in story.facts() if f.kind == "correction")
    return f"/cases/{story.case}/corrections/{rev}"


def test_who_had_read_the_wrong_name_gets_a_letter_without_it(story: Story) -> None:
    omar = Program(story.world, "omar")
    opened(omar, story, "name")
    assert NAME in omar.ask("GET", f"/v1/cases/{story.case}").text
    corrected(story)
    with story.world.database.transaction(write=False) as tx:
        found = letters.of_case(tx, story.case)
    written = [row for row in found if row.template == "answer_corrected"]
    assert [row.office_id for row in written] == ["lansstyrelsen-stockholm"]
    assert written[0].params == {}


def test_both_names_are_shown_to_who_may_see_them(story: Story) -> None:
    page = corrected(story)
    seen = story.world.browser("omar").get(page)
    assert NAME in seen.text
    assert RIGHT in seen.text
    assert WHY in seen.text
    hidden = story.world.browser("greta").get(page)
    assert hidden.status_code == 200
    assert "KANARIE" not in hidden.text
    assert story.world.browser("iva").get(page).status_code == 404


def test_nobody_else_corrects_what_an_office_sent(story: Story) -> None:
    assert story.world.browser("omar").get(address(story)).status_code == 403
    assert story.world.browser("iva").get(address(story)).status_code == 404


def test_a_case_that_moved_gives_back_what_was_typed(story: Story) -> None:
    browser = story.world.browser("sara")
    browser.get(address(story))
    form = typed(story)
    story.do("omar", DECIDE)
    refused = browser.post(address(story), form)
    assert refused.status_code == 409
    assert RIGHT in refused.text
    assert WHY in refused.text


def test_a_program_corrects_by_the_number_of_the_fact(story: Story) -> None:
    sara = Program(story.world, "sara")
    opened(sara, story, "name")
    case = sara.get(f"/v1/cases/{story.case}")
    told = case["answers"]["familyName"]
    assert (told["value"], told["corrected"]) == (NAME, False)
    body = {"fact": told["fact"], "rev": case["rev"], "reason": WHY}
    wrong = sara.post(f"/v1/cases/{story.case}/corrections", {**body, "answers": {"x": 1}})
    assert code_of(wrong) == (422, "answers_invalid")
    sent = {**body, "answers": {"familyName": RIGHT}}
    done = sara.post(f"/v1/cases/{story.case}/corrections", sent)
    assert done.status_code == 201, done.text
    after = sara.get(f"/v1/cases/{story.case}")["answers"]["familyName"]
    assert (after["value"], after["corrected"], after["fact"]) == (RIGHT, True, told["fact"])
    again = sara.post(f"/v1/cases/{story.case}/corrections", sent)
    assert code_of(again) == (409, "stale")
