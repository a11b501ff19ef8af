"""Tickets and an escort are asked of providers with papers of the shipped release, and taken back;
the product's own handlers run in their child.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from service.casework.casefile.paper_data import code_of
from service.release.bundle import Bundle
from service.store.casefile import documents
from service.store.work import letters
from tests.support.world import World, shipped
from tests.web.story import Story

pytestmark = pytest.mark.slow
CASE = "workflows/return_case.bpmn"
OFFER = 'type="letters.offer_application"'


def asking(topic: str) -> Bundle:
    """The shipped release, which asks a provider where it would offer the application.

    There the consent to take part has just been given.
    """
    text = shipped().text(CASE)
    assert text.count(OFFER) == 1
    changed = text.replace(OFFER, f'type="{topic}"')
    changed = re.sub(r'<zeebe:property name="promise\.\d+"[^>]*/>', "", changed)
    return shipped().with_file(CASE, changed.encode())


@pytest.fixture
def story(shipped_world: World, request: pytest.FixtureRequest) -> Iterator[Story]:
    shipped_world.publish(asking(request.param))
    made = Story(shipped_world)
    made.until("Task_SignApplication")
    yield made
    made.close()


def kept(story: Story) -> tuple[list[documents.Document], list[letters.Letter]]:
    with story.world.program.database.transaction(write=False) as tx:
        papers = [row for row in documents.of_case(tx, story.case) if row.template]
        return papers, [row for row in letters.of_case(tx, story.case) if row.channel]


@pytest.mark.parametrize("story", ["bookings.request_tickets"], indirect=True)
def test_tickets_are_asked_for_with_what_a_ticket_needs(story: Story, shipped_world: World) -> None:
    (paper,), (request,) = kept(story)
    assert (paper.template, paper.purpose) == ("ticket_request", "PARTICIPATE")
    keys = {key for key, _ in paper.shows}
    assert {"givenNames", "familyName"} <= keys
    assert keys <= {
        "givenNames",
        "familyName",
        "dateOfBirth",
        "gender",
        "citizenships",
        "travelDocuments",
        "countryOfReturn",
        "accompanyingChildren",
        "documentKind",
        "travelFrom",
        "travelTo",
        "travelEarliest",
        "travelLatest",
        "escortGender",
        "escortLanguage",
    }
    assert (request.state, request.channel, request.documents) == ("sent", "travel", [paper.id])
    aino = shipped_world.browser("aino")
    page = aino.get(f"/cases/{story.case}?tab=letters").text
    assert "Request for tickets" in page
    assert "The travel agency" in page
    assert "The travel agency" in aino.get(f"/cases/{story.case}?tab=history").text
    assert code_of(paper.id) in aino.get(f"/cases/{story.case}?tab=papers").text
    assert aino.get(f"/files/{paper.id}").status_code == 200
    assert shipped_world.faults() == []


@pytest.mark.parametrize("story", ["bookings.request_escort"], indirect=True)
def test_no_escort_is_asked_for_before_one_is_needed(story: Story, shipped_world: World) -> None:
    assert kept(story) == ([], [])
    assert shipped_world.faults() == []


@pytest.mark.parametrize("story", ["bookings.request_tickets"], indirect=True)
def test_a_request_tells_a_provider_nothing_of_the_case(story: Story) -> None:
    (_, (request,)) = kept(story)
    told = json.dumps(request.params)
    assert story.brief().ref not in told
    assert set(request.params) == {"codes", "cancels"}


def test_the_button_says_who_will_be_asked(shipped_world: World) -> None:
    shipped_world.publish(asking("bookings.request_tickets"))
    story = Story(shipped_world)
    try:
        key = story.until("Task_CounselReturnee")
        typed = story.typed("Task_CounselReturnee", "aino")
        aino = shipped_world.browser("aino")
        aino.get(f"/tasks/{key}")
        aino.post(f"/tasks/{key}", {**typed, "do": "keep"})
        assert "The travel agency" in aino.get(f"/tasks/{key}").text
    finally:
        story.close()
