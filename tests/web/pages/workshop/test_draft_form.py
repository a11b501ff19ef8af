"""The form editor's pages: one change a post, findings at the question, preview, conflicts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import html

from service.release.bundle import unpack
from service.store.installation import releases
from tests.support.browser import Browser
from tests.support.world import World, shipped

FORM = "referral_decision"
NAME = f"forms/{FORM}.form"
DECISION = f"Field_{FORM}_referralDecision"
REASON = f"Field_{FORM}_reasonCode"


def begun(browser: Browser) -> str:
    browser.get("/processes")
    return browser.post("/drafts", {}).headers["Location"].split("/")[2]


def files(world: World, draft: str) -> dict[str, bytes]:
    with world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    return dict(unpack(row.files).files)


def content(world: World, draft: str, name: str = NAME) -> Any:
    return json.loads(files(world, draft)[name])


def change(browser: Browser, draft: str, form: str = FORM, **sent: str) -> Any:
    address = f"/drafts/{draft}/forms/{form}"
    at = sent.get("at", "")
    page = browser.get(f"{address}?at={at}").text
    found = re.search(r'name="rev" value="(\d+)"', page)
    fields = {"rev": found[1] if found else "", **sent}
    return browser.post(address, {k.replace("__", "."): v for k, v in fields.items()})


def parsed(page: str) -> Any:
    """A page as lxml has it, whose types know no HTML."""
    return html.fromstring(page)


def words_of(page: str) -> str:
    return " ".join(parsed(page).text_content().split())


def test_the_list_tells_title_questions_and_steps(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    page = words_of(browser.get(f"/drafts/{begun(browser)}/forms").text)
    assert "Decision on the referral 13 questions · Notification: approve the request" in page
    assert "Forms 104" in page


def test_a_question_is_added_changed_moved_and_removed(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    added = {"label.sv": "Är det bråttom?", "label.en": "Is it urgent?", "class": "C0"}
    answer = change(browser, draft, at=REASON, do="add", kind="yesno", **added)
    assert answer.status_code == 303
    at = f"Field_{FORM}_isItUrgent"
    assert f"at={at}" in answer.headers["Location"]
    page = browser.get(answer.headers["Location"]).text
    assert page.count("Is it urgent?") > 2, "in the outline, the panel and the preview"
    settings = {"shown": "required routing", "set.required": "yes", "set.routing": "yes"}
    assert change(browser, draft, at=at, do="save", **settings).status_code == 303
    assert change(browser, draft, at=at, do="up").status_code == 303
    parts = content(shipped_world, draft)["components"][0]["components"]
    assert [part.get("key") for part in parts[:3]] == [
        *("referralDecision", "isItUrgent", "reasonCode"),
    ]
    assert parts[1]["validate"] == {"required": True}
    assert parts[1]["properties"] == {"class": "C0", "as": "yesno", "routing": "yes"}
    assert change(browser, draft, at=at, do="out").status_code == 303
    assert files(shipped_world, draft)[NAME] == shipped().files[NAME]


def test_saving_without_a_change_makes_no_revision(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    assert change(browser, draft, at=REASON, do="save", **{"label.sv": "Skäl"}).status_code == 303
    with shipped_world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    assert row.rev == 1


def test_a_fault_in_feel_stands_at_its_setting_with_its_place(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    settings = {"shown": "required_when", "set.required_when": 'referralDecison = "APPROVED"'}
    answer = change(browser, draft, at=REASON, do="save", **settings)
    page = parsed(browser.get(answer.headers["Location"]).text)
    fault = page.get_element_by_id("set-required_when-fault").text_content()
    assert "character 1" in fault
    assert "referralDecison" in fault
    assert "referralDecision" in fault, "what was meant is named"
    assert page.get_element_by_id("set-required_when").get("aria-invalid") == "true"
    browser.post("/language", {"language": "sv", "back": "/processes"})
    swedish = parsed(browser.get(answer.headers["Location"]).text)
    fault = swedish.get_element_by_id("set-required_when-fault").text_content()
    assert "Krävs när, tecken 1" in fault


def test_the_rules_of_a_question_are_findings(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    note = f"Field_{FORM}_noteToOffice"
    at = note if note in str(content(shipped_world, draft)) else REASON
    added = {"label.sv": "Fritt", "label.en": "", "class": "C2", "key": "freely"}
    answer = change(browser, draft, at=at, do="add", kind="text", **added)
    page = words_of(browser.get(answer.headers["Location"]).text)
    assert '"Fritt" is missing in en.' in page
    settings = {"shown": "routing class", "set.routing": "yes", "set.class": ""}
    answer = change(browser, draft, at=f"Field_{FORM}_freely", do="save", **settings)
    page = words_of(browser.get(answer.headers["Location"]).text)
    assert "A name cannot steer the process" in page
    assert "Every field has a class" in page


def test_a_key_that_a_gateway_reads_is_changed_everywhere(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    asked = change(browser, draft, "new_case", at=address(shipped_world, draft), do="rename",
                   key="wantsToReturn")  # fmt: skip
    assert asked.status_code == 200
    page = words_of(asked.text)
    assert "The key is read in" in page
    assert "The way" in page
    assert "The rule" in page
    before = files(shipped_world, draft)
    done = change(browser, draft, "new_case", at=address(shipped_world, draft), do="rename",
                  key="wantsToReturn", scope="all")  # fmt: skip
    assert done.status_code == 303
    after = files(shipped_world, draft)
    changed = {name for name in before if before[name] != after[name]}
    assert {"forms/new_case.form", "workflows/return_case.bpmn", "workflows/eligibility.dmn",
            "workflows/config/types.toml"} <= changed  # fmt: skip
    assert b"interestInReturn" not in after["workflows/return_case.bpmn"]


def address(world: World, draft: str, key: str = "interestInReturn") -> str:
    text = json.dumps(content(world, draft, "forms/new_case.form"))
    found = re.search(rf'"(Field_[a-z_]*{key})"', text)
    assert found
    return found[1]


def test_removing_what_others_read_asks_first(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    asked = change(browser, draft, at=DECISION, do="out")
    page = words_of(asked.text)
    assert "Remove the question referralDecision?" in page
    assert "stay in their cases under the old key" in page
    assert "a program reads it" in page
    done = change(browser, draft, at=DECISION, do="out", scope="here", instead="")
    assert done.status_code == 303
    left = content(shipped_world, draft)["components"][0]["components"]
    assert [part["key"] for part in left][:1] == ["reasonCode"]
    problems = browser.get(f"/drafts/{draft}/publish").text
    assert "referralDecision" in problems
    assert 'value="publish"' not in problems, "what still reads it stops publishing"


def test_a_slower_owner_sees_who_and_keeps_what_she_typed(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    change(browser, draft, at=REASON, do="save", **{"label.sv": "Orsak", "label.en": "Cause"})
    browser.get(f"/drafts/{draft}/forms/{FORM}?at={REASON}")
    typed = {"at": REASON, "do": "save", "label.sv": "Grund", "label.en": "Ground", "rev": "1"}
    answer = browser.post(f"/drafts/{draft}/forms/{FORM}", typed)
    assert answer.status_code == 409
    page = parsed(answer.text)
    assert "Maja" in page.text_content()
    assert page.get_element_by_id("q-label-sv").value == "Grund"
    assert page.xpath('//input[@name="rev"]/@value')[0] == "2", "saving again takes the newer one"


def test_the_same_post_twice_is_one_change(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    browser.get(f"/drafts/{draft}/forms/{FORM}?at={REASON}")
    sent = {**browser.hidden(), "at": REASON, "do": "save", "label.sv": "Orsak", "rev": "1"}
    first, second = (browser.post(f"/drafts/{draft}/forms/{FORM}", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]


def test_the_preview_checks_answers_and_keeps_none(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    page = f"/drafts/{draft}/forms/{FORM}?lang=sv&width=phone&as=IomHelsinki&stage=2&fill=1"
    text = browser.get(page).text
    assert 't-preview--phone" lang="sv"' in text
    assert "Ingen rätt att bo i landet" in text
    assert "IOM Helsinki sees" in words_of(text)
    assert f'action="/drafts/{draft}/forms/{FORM}/preview?' in text, "it is sent to its own draft"
    answer = browser.post(f"/drafts/{draft}/forms/{FORM}/preview", {"decisionNote": "hello"})
    assert answer.status_code == 200
    assert "hello" in answer.text
    assert 'href="#f-' in answer.text, "faults lead to their questions"
    with shipped_world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    assert row.rev == 1


@pytest.mark.parametrize("person", ["nils", "greta", "sara"])
def test_only_the_owner_changes_forms(shipped_world: World, person: str) -> None:
    draft = begun(shipped_world.browser("maja"))
    browser = shipped_world.browser(person)
    read = browser.get(f"/drafts/{draft}/forms/{FORM}").status_code
    assert read == (200 if person == "nils" else 404)
    answer = browser.post(f"/drafts/{draft}/forms/{FORM}", {"do": "save", "rev": "1"})
    assert answer.status_code == 404


def test_a_new_form_from_a_question_and_from_a_copy(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    address = f"/drafts/{draft}/forms"
    browser.get(address)
    new = {"title.sv": "Extra fråga", "title.en": "Extra question", "rev": "1", "kind": "date"}
    refused = browser.post(address, new)
    assert refused.status_code == 422
    assert "Extra question" in refused.text, "nothing typed is lost"
    made = browser.post(address, {**new, "label.sv": "När?", "label.en": "When?"})
    assert made.headers["Location"].endswith("/forms/extra_question")
    form = content(shipped_world, draft, "forms/extra_question.form")
    assert form["components"][0]["components"][0]["properties"] == {"class": "C1", "as": "date"}
    assert "When?" in browser.get(made.headers["Location"]).text
    browser.get(address)
    copied = browser.post(address, {"title.sv": "Kopia", "id": "copy", "copy": FORM, "rev": "2"})
    assert copied.status_code == 303
    assert content(shipped_world, draft, "forms/copy.form")["id"] == "copy"
    assert "is asked" not in browser.get(f"/drafts/{draft}/publish").text
    stale = browser.post(address, {"title.sv": "Sen", "copy": FORM, "id": "late", "rev": "1"})
    assert stale.status_code == 409


def test_the_layout_lets_in_styles_with_a_nonce(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    address = f"/drafts/{draft}/forms/{FORM}/layout"
    page = browser.get(address)
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'"nonce": "{nonce[1]}"' in page.text
    assert "nonce" not in browser.get(f"/drafts/{draft}/forms").headers["Content-Security-Policy"]
    token = browser.hidden()["csrf_token"]

    def put(rev: str, body: bytes) -> Any:
        named = {"X-CSRF-Token": token, "If-Match": f'"r{rev}"', "Accept": "application/json"}
        return browser.client.put(address, data=body, headers={**browser.headers, **named})

    same = put("1", shipped().files[NAME])
    assert (same.status_code, same.json["rev"]) == (200, 1), "nothing moved, nothing saved"
    form = json.loads(shipped().files[NAME])
    form["components"].reverse()
    moved = put("1", json.dumps(form).encode())
    assert (moved.status_code, moved.json["rev"]) == (200, 2)
    assert content(shipped_world, draft)["x-i18n"] == form["x-i18n"]
    assert put("1", json.dumps(form).encode()).status_code == 409
    assert put("2", b"[]").status_code == 422
    assert put("x", b"{}").status_code == 409
