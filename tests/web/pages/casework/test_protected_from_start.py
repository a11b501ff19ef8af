"""A case that begins with a protected identity: the answer to the first question marks it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from service.casework.cases import protection
from service.store.casefile import named_persons
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.world import START, World
from tests.web.pages.casework.task_forms import carried
from tests.web.story import ROAD, Story

ASKED = "protectedIdentity"
NEVER_TYPED = ("givenNames", "familyName", "dateOfBirth", "approxBirthYear", "countryOfReturn")
ASSUMED = "FINGERADE_UPPGIFTER"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def begin(story: Story, browser: Browser, answer: str) -> str:
    """Begin a case by its page; gives its id."""
    page = browser.get("/cases/new").text
    assert page.index(f'name="{ASKED}"') < page.index('name="immediateDanger"'), "the first one"
    typed = story.answers("start_case", "sara", protectedIdentity=answer)
    sent = {**typed, "element": START, "do": "send"}
    place = parse_qs(urlsplit(str(browser.post("/cases/new", sent).location)).query)
    (story.case,) = place["sent"]
    return story.case


def say_why(browser: Browser, case: str) -> None:
    browser.get(f"/cases/{case}")
    sent = {"what": "lookup", "reason": "SAFETY", "word": ""}
    assert browser.post(f"/cases/{case}/notes", sent).status_code == 303


@pytest.mark.parametrize(
    ("answer", "marking"),
    [
        ("NO", protection.USUAL),
        ("UNKNOWN", "SEKRETESSMARKERING"),
        ("SKYDDAD_FOLKBOKFORING", "SKYDDAD_FOLKBOKFORING"),
        (ASSUMED, ASSUMED),
    ],
)
def test_the_first_answer_sets_the_marking(
    story: Story, shipped_world: World, answer: str, marking: str
) -> None:
    case = begin(story, shipped_world.browser("sara"), answer)
    assert story.brief().marking == marking
    protected = protection.is_protected(marking)
    with story.world.database.transaction(write=False) as tx:
        named = [row.person_id for row in named_persons.of_case(tx, case)]
        kinds = [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{case}")]
    assert named == (["p_sara"] if protected else [])
    assert ("marking" in kinds) is protected
    page = shipped_world.browser("sara").get(f"/cases/{case}").text
    assert ("Why do you open this case?" in page) is protected
    assert shipped_world.faults() == []


def test_a_case_of_an_assumed_identity_asks_for_no_name(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    say_why(browser, begin(story, browser, ASSUMED))
    here = f"/tasks/{story.key('Task_OfferReturnInformation')}"
    browser.get(here)
    sent = {**story.typed("Task_OfferReturnInformation", "sara"), **carried(browser), "send": "1"}
    assert browser.post(here, sent).status_code == 303
    here = f"/tasks/{story.key('Task_SubmitReferral')}"
    page = browser.get(here).text
    assert 'name="referralSummary"' in page or 'name="attachments"' in page
    assert not any(f'name="{key}"' in page for key in NEVER_TYPED)
    typed = {**story.typed("Task_SubmitReferral", "sara"), "familyName": "KANARIE"}
    assert browser.post(here, {**typed, **carried(browser), "send": "1"}).status_code == 303
    assert not {answer.key for answer in story.given("sara")} & set(NEVER_TYPED)
    assert shipped_world.faults() == []


def test_a_case_of_an_assumed_identity_goes_on_to_its_plan(
    story: Story, shipped_world: World
) -> None:
    say_why(shipped_world.browser("sara"), begin(story, shipped_world.browser("sara"), ASSUMED))
    told = {"sara"}
    for name, step in ROAD:
        if name not in told:
            say_why(shipped_world.browser(name), story.case)
        told.add(name)
        story.do(name, step)
    assert "Task_IdentifyRisks" in story.open()
    assert not {one.key for who in told for one in story.given(who)} & set(NEVER_TYPED)
    assert shipped_world.faults() == []


def test_another_office_raises_it_and_does_not_lower_it(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    case = begin(story, browser, "UNKNOWN")
    say_why(browser, case)
    menu = browser.get(f"/cases/{case}").text
    assert f'<a href="/cases/{case}/marking">Protected identity</a>' in menu
    page = browser.get(f"/cases/{case}/marking").text
    assert 'value="SKYDDAD_FOLKBOKFORING"' in page
    assert 'value="NONE"' not in page
    sent = {"marking": "NONE", "why": "x", "was": "SEKRETESSMARKERING"}
    assert browser.post(f"/cases/{case}/marking", sent).status_code == 403
    browser.get(f"/cases/{case}/marking")
    sent["marking"] = ASSUMED
    assert browser.post(f"/cases/{case}/marking", sent).status_code == 303
    assert story.brief().marking == ASSUMED
