"""The rules of a draft in the browser: the list, the table, saving, findings, and a trial."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from service.release.bundle import unpack
from service.store.installation import releases
from tests.engine.dmn.tables import file, table
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.pages.test_releases import begun
from tests.workshop.rules.conftest import ELIGIBILITY, eligibility

pytestmark = pytest.mark.slow
SECONDS = 15
"""Longest time within which a hostile file is refused."""


def rule(draft: str, name: str = "eligibility") -> str:
    return f"/drafts/{draft}/rules/{name}"


def sent(browser: Browser, draft: str, **more: str) -> dict[str, str]:
    browser.get(rule(draft))
    token = browser.hidden()["csrf_token"]
    return {**browser.headers, "X-CSRF-Token": token, "Accept": "application/json", **more}


def put(
    browser: Browser, draft: str, content: bytes, rev: int = 1, name: str = "eligibility"
) -> Any:
    headers = sent(browser, draft, **{"If-Match": f'"r{rev}"'})
    return browser.client.put(rule(draft, name), data=content, headers=headers)


def lint(browser: Browser, draft: str, content: bytes) -> Any:
    return browser.client.post(f"{rule(draft)}/lint", data=content, headers=sent(browser, draft))


def kept(world: World, draft: str) -> releases.Draft:
    with world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    return row


def test_the_rules_of_a_draft_are_listed_with_who_asks_them(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    page = browser.get(f"/drafts/{draft}/rules")
    assert page.status_code == 200
    assert f'href="{rule(draft)}">In the target group?</a>' in page.text
    assert "The first row that fits" in page.text
    assert f"/drafts/{draft}/diagram/return_case.bpmn?at=Rule_Eligibility" in page.text
    assert shipped_world.browser("nils").get(f"/drafts/{draft}/rules").status_code == 200
    assert shipped_world.browser("sara").get(f"/drafts/{draft}/rules").status_code == 404
    assert shipped_world.browser("sara").get(rule(draft)).status_code == 404


def test_a_rule_is_a_table_that_can_be_read_without_script(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    page = browser.get(rule(draft))
    assert '<th scope="col">Foreign citizen<code>foreignCitizen</code>' in page.text
    assert '<code>not("YES")</code>'.replace('"', "&#34;") in page.text
    assert "Svenska medborgare hör inte till programmet" in page.text
    assert f"/releases/{draft}/files/{ELIGIBILITY}" in page.text or ELIGIBILITY in page.text
    assert browser.get(rule(draft, "nothing")).status_code == 404


def test_only_the_editors_page_lets_style_attributes_in(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    answers = [browser.get(rule(draft)) for _ in range(2)]
    policies = [answer.headers["Content-Security-Policy"] for answer in answers]
    nonces = [re.findall(r"'nonce-([\w-]{20,})'", policy) for policy in policies]
    assert nonces[0] != nonces[1], "each answer has a nonce of its own"
    assert f'"nonce": "{nonces[1][0]}"' in answers[1].text
    assert all("style-src-attr 'unsafe-inline'" in policy for policy in policies)
    assert all("script-src 'self';" in policy for policy in policies)
    index = browser.get(f"/drafts/{draft}/rules").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in index
    assert "nonce" not in index


def test_a_rule_is_saved_on_the_revision_it_was_made_from(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    changed = eligibility('not("YES")', 'not("YES", "UNSURE")')
    told = put(browser, draft, changed)
    assert (told.status_code, told.json["rev"]) == (200, 2)
    assert unpack(kept(shipped_world, draft).files).files[ELIGIBILITY] == changed
    late = put(browser, draft, eligibility())
    assert (late.status_code, late.json["code"]) == (409, "stale")
    assert "Maja" in late.json["detail"], "who was faster"
    assert unpack(kept(shipped_world, draft).files).files[ELIGIBILITY] == changed
    assert put(browser, draft, changed, rev=2, name="nothing").status_code == 404


def test_a_reader_of_drafts_changes_no_rule(shipped_world: World) -> None:
    draft = begun(shipped_world, shipped_world.browser("maja"))
    nils = shipped_world.browser("nils")
    assert put(nils, draft, eligibility()).status_code in (403, 404)
    assert "data-do=" not in nils.get(rule(draft)).text
    assert kept(shipped_world, draft).rev == 1


def test_findings_of_the_screen_name_row_and_column(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    found = lint(browser, draft, eligibility('not("YES")', 'not("YESS")')).json["findings"]
    assert (found[0]["code"], found[0]["rows"], found[0]["columns"]) == ("R201", [2], [2])
    assert found[0]["here"]
    assert "Did you mean YES?" in found[0]["text"]
    others = [one for one in found if not one["here"]]
    assert all(one["link"] for one in others if one["file"].endswith(".bpmn"))
    assert kept(shipped_world, draft).rev == 1, "nothing was saved"


def test_an_overlap_is_saved_and_named_with_both_rows(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    unique = eligibility('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"')
    told = put(browser, draft, unique)
    assert (told.status_code, told.json["rev"]) == (200, 2)
    overlaps = [one for one in told.json["findings"] if one["code"] == "R203"]
    assert [1, 2] in [one["rows"] for one in overlaps]
    tried = browser.post(f"{rule(draft)}/try", {"in.foreignCitizen": "false"})
    assert "fit at once" in tried.text


BOMB = b"<!DOCTYPE d [<!ENTITY a 'aaaa'>]>" + file(table(['1 | "A"'], id="eligibility"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no table", id="text"),
        pytest.param(BOMB, id="doctype"),
        pytest.param(b"<?xml-stylesheet href='x'?>" + file(), id="instruction"),
        pytest.param(b"PK\x03\x04", id="archive"),
        pytest.param(b"<d>" + b"a" * 20 * 2**20 + b"</d>", id="20-mb"),
        pytest.param(b"<d>" * 20_000, id="deep"),
    ],
)
def test_a_hostile_file_is_a_sentence_and_the_last_one_stays(
    content: bytes, shipped_world: World
) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    began = time.monotonic()
    answer = put(browser, draft, content)
    assert time.monotonic() - began < SECONDS
    assert answer.status_code in (413, 422)
    assert answer.json["detail"]
    assert lint(browser, draft, content).status_code in (200, 413, 422)
    assert (kept(shipped_world, draft).rev, rule(draft)) == (1, rule(draft))
    assert unpack(kept(shipped_world, draft).files).files[ELIGIBILITY] == eligibility()


def test_a_table_that_is_too_large_is_a_finding(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    rows = [f'{n} | "A"' for n in range(1001)]
    large = file(table(rows, id="eligibility", inputs=[("missedInARow", "number", "")]))
    codes = {one["code"] for one in lint(browser, draft, large).json["findings"]}
    assert "R101" in codes


def test_a_large_table_is_shown_and_not_drawn(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    rows = [f'{n} | "A"' for n in range(200)]
    put(
        browser, draft, file(table(rows, id="eligibility", inputs=[("missedInARow", "number", "")]))
    )
    page = browser.get(rule(draft))
    assert "too many for the table editor" in page.text
    assert "rule_editor" in page.text, "the style sheet"
    assert 'type="module" src="/static/rule_editor' not in page.text


def test_a_rule_is_tried_without_script(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    browser.get(rule(draft))
    tried = browser.post(
        f"{rule(draft)}/try",
        {"in.foreignCitizen": "true", "in.interestInReturn": "YES", "in.inTargetGroup": "NO"},
    )
    assert tried.status_code == 200
    assert "Row 3 fires." in tried.text
    assert "OTHER_PROGRAMME" in tried.text
    assert '<tr class="t-rule-table__fired">' in tried.text
    assert '<option value="NO" selected>' in tried.text, "what was chosen stays"
    wrong = browser.post(f"{rule(draft)}/try", {"in.foreignCitizen": "maybe"})
    assert wrong.status_code == 422
    assert "Choose yes or no." in wrong.text
    assert kept(shipped_world, draft).rev == 1


def test_a_rule_is_tried_by_script(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    browser.get(rule(draft))
    fields = {**browser.hidden(), "in.foreignCitizen": "false"}
    headers = {**browser.headers, "Accept": "application/json"}
    told: Any = browser.client.post(f"{rule(draft)}/try", data=fields, headers=headers).json
    assert (told["sentence"], [row["number"] for row in told["rows"]]) == ("Row 1 fires.", [1])
    fields["in.foreignCitizen"] = "maybe"
    told = browser.client.post(f"{rule(draft)}/try", data=fields, headers=headers).json
    assert told["faults"] == {"foreignCitizen": "Choose yes or no."}


def test_a_rule_is_made_from_nothing(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    page = f"/drafts/{draft}/rules"
    browser.get(page)
    refused = browser.post(page, {"name": "", "rev": "1"})
    assert (refused.status_code, "Write a name." in refused.text) == (422, True)
    made = browser.post(page, {"name": "Stödets längd", "policy": "FIRST", "rev": "1"})
    assert made.headers["Location"].endswith(rule(draft, "stodets_langd"))
    assert "The first row that fits" in browser.get(rule(draft, "stodets_langd")).text
    browser.get(page)
    assert browser.post(page, {"name": "Another", "rev": "1"}).status_code == 409
    assert shipped_world.browser("nils").post(page, {"name": "x"}).status_code in (403, 404)


def test_a_diagram_is_made_from_nothing(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = begun(shipped_world, browser)
    page = f"/drafts/{draft}/files"
    browser.get(page)
    assert browser.post(f"{page}/diagram", {"name": "", "rev": "1"}).status_code == 422
    made = browser.post(f"{page}/diagram", {"name": "Ny väg", "rev": "1"})
    assert made.headers["Location"].endswith("/diagram/ny_vag.bpmn")
    assert "ny_vag.bpmn" in browser.get(page).text
