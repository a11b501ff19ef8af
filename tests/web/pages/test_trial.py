"""Trying a draft on its page: by buttons alone, with nothing stored anywhere."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from service.store.casefile import cases, facts
from service.store.installation import ledger_entries
from service.store.work import jobs
from tests.support.browser import Browser
from tests.support.world import World, shipped
from tests.web.pages.test_comparison import changed, drafted

START = "open:start:Start_PersonIdentified"
ANSWERS = {
    "protectedIdentity": "NO",
    "identifiedOn": "2026-01-02",
    "municipality": "0180",
    "ageBand": "21_PLUS",
    "immediateDanger": "false",
}
WRONG = {
    "begins": "P1D",
    "steps": [
        {"start": "Start_PersonIdentified", "answers": ANSWERS},
        {"task": "Task_DecideReferral"},
    ],
    "expect": {},
}
CASE = "workflows/return_case.bpmn"


def carried(page: str) -> dict[str, str]:
    """The hidden fields of the trial."""
    return {
        name: html.unescape(re.findall(rf'name="{name}" value="([^"]*)"', page)[0])
        for name in ("_trial", "_pick")
    }


def drawing(page: str) -> Any:
    """The viewer's data."""
    found = re.findall(r'id="canvas-data">\s*(\{.*?\})\s*</script>', page, re.DOTALL)
    return json.loads(found[0])


def press(browser: Browser, draft: str, page: str, do: str, **typed: str) -> Any:
    return browser.post(f"/drafts/{draft}/try", {**carried(page), **typed, "do": do})


def begun(browser: Browser, draft: str) -> str:
    page = browser.get(f"/drafts/{draft}/try").text
    page = press(browser, draft, page, START).text
    sent = press(browser, draft, page, "send", **ANSWERS)
    assert sent.status_code == 200, sent.text
    return str(sent.text)


def stored(world: World) -> tuple[int, int, int]:
    with world.program.database.transaction(write=False) as tx:
        every = cases.listed(tx)
        moment = jobs.next_moment(tx)
        return len(every), sum(len(facts.of_case(tx, one.id)) for one in every), int(bool(moment))


def test_a_trial_begins_goes_on_and_stores_nothing(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft, before = drafted(shipped_world, browser), stored(shipped_world)
    with shipped_world.program.database.transaction(write=False) as tx:
        lines = len(ledger_entries.numbers(tx, "release/return_case"))
    assert "Choose where a case begins" in browser.get(f"/drafts/{draft}/try").text
    page = begun(browser, draft)
    assert "New case: offer information" in page
    work = re.findall(r'value="(open:task:[^"]+)"', page)[0]
    form = press(browser, draft, page, work).text
    assert "victimCategory" in form
    refused = press(browser, draft, form, "send")
    assert refused.status_code == 422
    assert 'id="errors"' in refused.text
    page = press(browser, draft, refused.text, "close").text
    page = press(browser, draft, page, "wait:P1D").text
    page = press(browser, draft, page, "undo").text
    page = press(browser, draft, page, "restart").text
    assert "Choose where a case begins" in page
    assert stored(shipped_world) == before
    with shipped_world.program.database.transaction(write=False) as tx:
        assert len(ledger_entries.numbers(tx, "release/return_case")) == lines


def test_a_refused_form_keeps_what_was_typed(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = press(browser, draft, browser.get(f"/drafts/{draft}/try").text, START).text
    note = "Påhittat, 19900101-1234"
    refused = press(browser, draft, page, "send", **ANSWERS, ownNote=note)
    assert refused.status_code in (200, 422)
    typed = {**ANSWERS, "ageBand": "nonsense"}
    refused = press(browser, draft, page, "send", **typed)
    assert refused.status_code == 422
    assert 'value="2026-01-02"' in refused.text


def test_a_draft_with_errors_says_so_and_leads_to_them(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    files = changed(CASE, 'formId="new_case"', 'formId="nowhere"')
    page = browser.get(f"/drafts/{drafted(shipped_world, browser, files)}/try")
    assert page.status_code == 200
    assert "The draft cannot run yet" in page.text


def test_a_trial_whose_draft_changed_keeps_what_still_holds(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = begun(browser, draft)
    told = carried(page)["_trial"].replace("Start_PersonIdentified", "Start_Gone")
    answer = browser.post(f"/drafts/{draft}/try", {"_trial": told, "_pick": "", "do": "wait:P1D"})
    assert answer.status_code == 422
    assert "The draft has changed since then" in answer.text
    assert "Choose where a case begins" in answer.text


def test_what_nobody_can_press_is_a_wrong_address(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = begun(browser, draft)
    for do in ("wait:P9Y", "open:task:nope", "open:start:Start_PersonIdentified"):
        assert press(browser, draft, page, do).status_code == 404, do
    address = f"/drafts/{draft}/try"
    assert browser.post(address, {"_trial": "{", "_pick": "", "do": "undo"}).status_code == 404
    assert browser.get("/drafts/nope/try").status_code == 404
    assert shipped_world.browser("nils").get(address).status_code == 200
    assert shipped_world.browser("sara").get(address).status_code in (403, 404)
    assert shipped().files


def test_a_trial_is_saved_as_a_scenario_and_run(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = begun(browser, draft)
    rev = re.findall(r'name="rev" value="(\d+)"', page)[0]
    nameless = press(browser, draft, page, "save", _name="", rev=rev)
    assert nameless.status_code == 422
    assert "Give the scenario a name" in nameless.text
    kept = press(browser, draft, nameless.text, "save", _name="Första steget", rev=rev)
    assert kept.status_code == 200
    assert "The scenario “Första steget” is saved in the draft." in kept.text
    assert f'name="rev" value="{int(rev) + 1}"' in kept.text
    stale = press(browser, draft, kept.text, "save", _name="Andra", rev=rev)
    assert stale.status_code == 422
    assert "Somebody else has saved the draft" in stale.text
    assert "1 of 1 pass" in kept.text
    assert "steps and ways that no scenario visits" in kept.text
    fresh = browser.get(f"/drafts/{draft}/try").text
    marks = drawing(fresh)["marks"]
    assert marks["Task_DecideReferral"] == ["unvisited", ""]
    assert "Start_PersonIdentified" not in marks
    ran = press(browser, draft, fresh, "scenarios").text
    assert "1 of 1 pass" in ran
    listed = browser.get(f"/drafts/{draft}/files").text
    assert "scenarios/forsta-steget.scenario.json" in listed
    publish = browser.get(f"/drafts/{draft}/publish").text
    assert "Första steget" in publish
    assert "1 of 1 pass" in publish
    assert "cannot be published" not in publish
    assert "1 of 1 pass" in browser.get(f"/drafts/{draft}/checks").text
    compared = browser.get(f"/drafts/{draft}/compare").text
    assert "New file: scenarios/forsta-steget.scenario.json." in compared


def test_a_failing_scenario_keeps_a_draft_from_going_out(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    files = {"scenarios/wrong.scenario.json": json.dumps(WRONG).encode()}
    draft = drafted(shipped_world, browser, files)
    page = browser.get(f"/drafts/{draft}/publish").text
    reason = (
        "Step 2, “Notification: approve the request”: the step is not open there. "
        "Open are: New case: offer information."
    )
    assert "The draft cannot be published: one of 1 scenarios does not pass." in page
    assert "0 of 1 pass" in page
    assert reason in page
    rev = re.findall(r'name="rev" value="(\d+)"', page)[0]
    asked = {"do": "ask", "rev": rev, "why": "Nytt", "seen": seen(page)}
    refused = browser.post(f"/drafts/{draft}/publish", asked)
    assert refused.status_code == 422
    assert "cannot be published" in refused.text
    assert 'value="Nytt"' in refused.text
    assert reason in browser.get(f"/drafts/{draft}/try").text
    assert reason in browser.get(f"/drafts/{draft}/checks").text
    assert reason in shipped_world.browser("nils").get(f"/drafts/{draft}/publish").text


def seen(page: str) -> list[str]:
    """The warnings, all ticked."""
    return [html.unescape(one) for one in re.findall(r'name="seen" value="([^"]*)"', page)]


def test_who_only_reads_saves_no_scenario(shipped_world: World) -> None:
    owner = shipped_world.browser("maja")
    draft = drafted(shipped_world, owner)
    reader = shipped_world.browser("nils")
    page = begun(reader, draft)
    assert "Save as scenario" not in page
    refused = press(reader, draft, page, "save", _name="Ett", rev="1")
    assert refused.status_code in (403, 404)


def test_a_form_is_shown_as_a_role_sees_it(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = begun(browser, draft)
    work = re.findall(r'value="(open:task:[^"]+)"', page)[0]
    form = press(browser, draft, page, work).text
    assert "victimCategory" in form
    assert 'value="send"' in form or "wantsToGoOn" in form
    asked = {"_role": "IomLocal", "_stage": "1"}
    stages = re.findall(
        r'<option value="([^"]+)"', form.split('name="_stage"')[1].split("</select>")[0]
    )
    asked["_stage"] = stages[0]
    seen = press(browser, draft, form, "update", **asked).text
    assert "sees the answers to" in seen
    assert 'name="victimCategory"' not in seen
    assert drawing(seen)["hidden"]
    assert "Task_FitToTravel" in drawing(seen)["hidden"]
    nobody = press(browser, draft, form, "update", _role="Nobody", _stage="x").text
    assert "sees the answers to" not in nobody


def test_a_trial_that_takes_too_long_is_stopped_in_words(
    shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser)
    page = press(browser, draft, browser.get(f"/drafts/{draft}/try").text, START).text
    monkeypatch.setattr("service.web.pages.workshop.trial.LONGEST", -1.0)
    stopped = press(browser, draft, page, "send", **ANSWERS)
    assert stopped.status_code == 422
    assert "Look for a loop that never waits for anybody" in stopped.text
    assert "operators" not in stopped.text
