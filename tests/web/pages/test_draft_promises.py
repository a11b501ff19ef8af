"""The page of a draft's promises: read by reviewers, changed by owners, at the draft's revision."""

from __future__ import annotations

import html
import json
import re

from tests.support.world import World
from tests.web.pages.test_releases import begun


def test_a_promise_is_added_broken_and_taken_out(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    here = f"/drafts/{begun(shipped_world, browser)}/promises"
    page = browser.get(here)
    assert "Promises" in page.text
    assert "broken" not in page.text
    sent = {"form": "never", "x": "Task_MakePlan", "y": "Task_FollowUp", "rev": "1"}
    assert browser.post(here, sent).status_code == 303
    page = browser.get(here)
    assert "broken" in page.text
    (link,) = re.findall(r'href="(/drafts/[^"]+/promises\?way=[^"]+)#way"', page.text)
    way = browser.get(html.unescape(link))
    assert "The way that breaks the promise" in way.text
    data = json.loads(
        re.findall(r'id="canvas-data">\s*(\{.*?\})\s*</script>', way.text, re.DOTALL)[0]
    )
    assert data["marks"]["Task_MakePlan"][0] == "broken"
    numbered = [text for kind, text in data["marks"].values() if text]
    assert sorted(map(int, numbered)) == list(range(1, len(numbered) + 1))
    assert any(id_.startswith("F_") for id_ in data["marks"]), "the ways between the steps"
    assert "?at=Task_MakePlan" in way.text
    gone = browser.get(f"{here}?way=return_case:99")
    assert "The promise is no longer broken, or is not there." in gone.text
    checks = browser.get(here.replace("/promises", "/checks")).text
    assert link in checks
    assert " hold" in checks
    browser.get(here)
    assert browser.post(here, {**sent, "x": "", "rev": "2"}).status_code == 422
    assert browser.post(here, {"out": "return_case:1", "rev": "1"}).status_code == 409
    browser.get(here)
    assert browser.post(here, {"out": "return_case:4", "rev": "2"}).status_code == 303, (
        "the first gap"
    )
    assert "broken" not in browser.get(here).text


def test_a_reviewer_reads_promises_and_changes_none(shipped_world: World) -> None:
    owner = shipped_world.browser("maja")
    here = f"/drafts/{begun(shipped_world, owner)}/promises"
    reviewer = shipped_world.browser("nils")
    page = reviewer.get(here)
    assert page.status_code == 200
    assert 'name="out"' not in page.text
    assert reviewer.post(here, {"out": "return_case:1", "rev": "1"}).status_code in (403, 404)
    assert shipped_world.browser("sara").get(here).status_code in (403, 404)
