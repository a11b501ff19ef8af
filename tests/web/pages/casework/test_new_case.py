"""Beginning a case, and continuing an ended one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support.browser import PASSWORD
from tests.support.directory import Directory, OfficePlan, PersonPlan, add_directory
from tests.support.world import NOON, SEED, START, World
from tests.web.story import Story

COORDINATOR = Directory(
    (OfficePlan("region", "Region", "REGIONKOORDINATOR", "Europe/Stockholm"),),
    (PersonPlan("kim", "region", ("RegionalCoordinator",)),),
    language="en",
    password=PASSWORD,
)
REFUSED = {
    "referralDecision": "REJECTED",
    "reasonCode": "OUTSIDE_TARGET_GROUP",
    "otherHelp": ["SOCIAL_SERVICES"],
    "decisionNote": "Hör inte till målgruppen.",
    "fundingProgramme": None,
    "budgetCeiling": None,
    "iomOffice": None,
}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_case_is_begun_from_its_form(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    page = browser.get("/cases/new")
    assert "112" in page.text
    body = {
        "process": "return_case",
        "element": START,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    wrong = browser.post("/cases/new", {**body, "municipality": ""})
    assert wrong.status_code == 422
    assert 'href="#f-municipality"' in wrong.text
    body = {**body, **browser.hidden()}
    first, second = browser.post("/cases/new", body), browser.post("/cases/new", body)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert browser.get(first.location).status_code == 200


def test_a_case_that_has_not_begun_keeps_what_was_typed(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/cases/new")
    assert (
        browser.post(
            f"/cases/new/{START}/unsent", {"fill_rev": "0", "identifiedOn": "2026-02-2"}
        ).status_code
        == 200
    )
    assert 'value="2026-02-2"' in browser.get("/cases/new").text
    told = (
        browser.post(f"/cases/new/{START}/preview", story.answers("start_case", "sara")).json or {}
    )
    assert told["buttons"]["send"][0].startswith("Social gets the task")


def test_a_consultation_holds_no_identity(shipped_world: World) -> None:
    page = shipped_world.browser("sara").get("/cases/new?element=Start_Consultation")
    assert page.status_code == 200
    assert 'value="Start_Consultation"' in page.text
    assert "familyName" not in page.text


def test_who_may_not_begin_a_case_is_told_so(shipped_world: World) -> None:
    with shipped_world.program.database.transaction() as tx:
        services = shipped_world.program.services
        add_directory(tx, services, COORDINATOR, by=SEED, now=NOON)
    kim = shipped_world.browser("kim")
    page = kim.get(f"/cases/new?element={START}")
    assert f'value="{START}"' not in page.text
    assert 'value="Start_Complaint"' in page.text
    refused = kim.post("/cases/new", {"element": START, "do": "send"})
    assert refused.status_code == 403


def test_a_case_that_has_not_begun_is_kept_without_a_script(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/cases/new")
    done = browser.post("/cases/new", {"element": START, "identifiedOn": "2026-02-2", "do": "keep"})
    assert done.status_code == 303
    page = browser.get(done.location).text
    assert "Saved, not sent." in page
    assert 'value="2026-02-2"' in page
    assert story.case


def continued(story: Story, shipped_world: World) -> tuple[str, str]:
    """A case that ended, and the one that continues it."""
    old, browser = story.case, shipped_world.browser("sara")
    story.do("sara", "Task_OfferReturnInformation", interestInReturn="NO", supportInSweden=False)
    assert f'href="/cases/new?previous={old}"' in browser.get(f"/cases/{old}").text
    page = browser.get(f"/cases/new?previous={old}").text
    assert story.brief().ref in page
    body = {
        "process": "return_case",
        "element": START,
        "previous": old,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    begun = browser.post("/cases/new", body)
    assert begun.status_code == 303
    (new,) = parse_qs(urlsplit(str(begun.location)).query)["sent"]
    return old, new


def test_a_new_case_continues_an_ended_one_and_both_say_so(
    story: Story, shipped_world: World
) -> None:
    old, new = continued(story, shipped_world)
    browser = shipped_world.browser("sara")
    first, second = browser.get(f"/cases/{old}").text, browser.get(f"/cases/{new}").text
    assert f'It is continued by <a href="/cases/{new}">' in first
    assert f'This case continues after <a href="/cases/{old}">' in second
    assert (
        "Sara opened a new case that continues this one"
        in browser.get(f"/cases/{old}?tab=history").text
    )
    assert (
        "Sara opened this case as the continuation of an earlier one"
        in browser.get(f"/cases/{new}?tab=history").text
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        told = [
            line
            for case in (old, new)
            for line in ledger_entries.of_stream(tx, f"case/{case}")
            if line.kind in ("continues", "continued")
        ]
    assert len(told) == 2
    assert not [line for line in told if old in line.body or new in line.body], (
        "the lines hold it sealed"
    )


def test_one_of_two_linked_cases_says_nothing_of_the_other(
    story: Story, shipped_world: World
) -> None:
    old, new = continued(story, shipped_world)
    ref, story.case = story.brief().ref, new
    story.until("Task_DecideReferral")
    page = shipped_world.browser("omar").get(f"/cases/{new}").text
    assert "It is continued by" not in page
    assert ref not in page
    assert old not in page
    assert shipped_world.browser("omar").get(f"/cases/{old}").status_code == 404
    auditor = shipped_world.browser("greta").get(f"/cases/{new}").text
    assert ref not in auditor
    assert old not in auditor


def test_ended_or_unseen_cases_are_continued_by_nobody(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    assert browser.get(f"/cases/new?previous={story.case}").status_code == 404
    browser.get("/cases/new")
    body = {
        "process": "return_case",
        "element": START,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    assert browser.post("/cases/new", {**body, "previous": story.case}).status_code == 404
    browser.get("/cases/new")
    assert (
        browser.post("/cases/new", {**body, "previous": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).status_code
        == 404
    )
    assert f"previous={story.case}" not in browser.get(f"/cases/{story.case}").text


def test_the_search_for_one_already_offers_to_start_again(
    story: Story, shipped_world: World
) -> None:
    browser, offered = shipped_world.browser("sara"), f'href="/cases/new?previous={story.case}"'
    browser.get("/cases/new")
    assert offered not in browser.get(browser.post("/find", {"q": story.brief().ref}).location).text
    story.do("sara", "Task_OfferReturnInformation", interestInReturn="NO", supportInSweden=False)
    browser.get("/cases/new")
    assert offered in browser.get(browser.post("/find", {"q": story.brief().ref}).location).text


def test_any_office_of_an_ended_case_takes_a_call_in(story: Story, shipped_world: World) -> None:
    old, browser = story.case, shipped_world.browser("omar")
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **REFUSED)
    story.do("sara", "Task_TellPerson")
    assert f'href="/cases/new?previous={old}"' in browser.get(f"/cases/{old}").text
    page = browser.get(f"/cases/new?previous={old}").text
    assert 'value="Start_CallAfterEnd"' in page
    assert "Speak with the person now" in shipped_world.browser("sara").get("/cases/new").text
    body = {
        "process": "after_end",
        "element": "Start_CallAfterEnd",
        "previous": old,
        **story.answers("call_after_end", "omar"),
        "do": "send",
    }
    begun = browser.post("/cases/new", body)
    assert begun.status_code == 303
    sent = browser.get(begun.location)
    assert (sent.status_code, sent.location.partition("?")[0]) == (303, "/inbox")
    assert browser.get(sent.location).status_code == 200
    new = begun.location.removeprefix("/cases/").partition("?")[0]
    assert browser.get(f"/cases/{new}").status_code == 404, "who takes a call gains no sight by it"
    assert (
        "Talk with the person in the safe way" in shipped_world.browser("aino").get("/inbox").text
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        (talk,) = tasks.of_case(tx, new)
    beside = shipped_world.browser("aino").get(f"/tasks/{talk.key}").text
    assert "What others wrote" in beside
    assert old not in beside, "an id is no answer"
    with shipped_world.program.database.transaction(write=False) as tx:
        kinds = [
            line.kind
            for case in (old, new)
            for line in ledger_entries.of_stream(tx, f"case/{case}")
            if line.kind in ("continues", "continued")
        ]
    assert sorted(kinds) == ["continued", "continues"]
