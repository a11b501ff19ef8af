"""An empty page of the workshop says why it is empty, and offers one thing to do."""

from __future__ import annotations

import pytest

from service.workshop import drafts
from tests.support.browser import Browser
from tests.support.world import World, shipped
from tests.web.pages.test_releases import begun

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(shipped_world: World) -> Browser:
    return shipped_world.browser("maja")


def without(world: World, draft: str, *endings: str) -> None:
    """Take all files of some kinds out of the draft."""
    out = {name: None for name in shipped().files if name.endswith(endings)}
    program = world.program
    with program.database.transaction() as tx:
        drafts.save_files(
            tx,
            program.services,
            by=world.viewer("maja"),
            draft_id=draft,
            changed=out,
            found=(),
            rev=1,
            now=program.clock.now(),
        )


def test_without_a_draft_the_page_says_how_to_begin_one(browser: Browser) -> None:
    page = browser.get("/processes").text
    assert "No draft. Choose Edit to begin one" in page
    assert 'action="/drafts"' in page
    assert 'href="/help/process"' in page


def test_without_open_cases_a_plan_is_not_needed(browser: Browser) -> None:
    page = browser.get("/migrations").text
    assert "so there is nothing to move" in page
    assert '<a href="/processes">To the process</a>' in page


def test_a_draft_without_a_difference_leads_to_the_editor(
    shipped_world: World, browser: Browser
) -> None:
    draft = begun(shipped_world, browser)
    page = browser.get(f"/drafts/{draft}/compare").text
    assert "No difference" in page
    assert f'href="/drafts/{draft}/diagram/' in page.partition("t-empty")[2]


def test_without_cases_a_dry_run_leads_to_the_trial(shipped_world: World, browser: Browser) -> None:
    draft = begun(shipped_world, browser)
    page = browser.get(f"/drafts/{draft}/dry-run").text
    assert "There is no case yet to run it on" in page
    assert f'<a href="/drafts/{draft}/try">Try by hand</a>' in page


def test_without_rules_and_forms_each_page_says_what_to_bring(
    shipped_world: World, browser: Browser
) -> None:
    draft = begun(shipped_world, browser)
    without(shipped_world, draft, ".dmn", ".form")
    rules, forms = (browser.get(f"/drafts/{draft}/{part}").text for part in ("rules", "forms"))
    assert "The draft has no rule" in rules
    assert f'href="/drafts/{draft}/files"' in rules.partition("t-empty")[2]
    assert "The draft has no forms yet" in forms
    assert 'href="#new-title"' in forms


def test_without_a_promise_the_page_says_where_to_begin(
    shipped_world: World, browser: Browser
) -> None:
    draft = begun(shipped_world, browser)
    without(shipped_world, draft, ".bpmn")
    page = browser.get(f"/drafts/{draft}/promises").text
    assert "The draft promises nothing yet" in page
    assert "<summary>" in page.partition("promises nothing yet")[2]
