"""The dry run of a draft in the browser: begin, watch, read, mark as intended; clean and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.demo import state
from service.demo.player import make_player
from service.people import accounts
from service.security.keyring import Keyring
from service.workshop import drafts
from service.workshop.trial.scenario_file import ScenarioStep
from tests.browser.conftest import NARROW, Opener, Site, people_only, site_of
from tests.browser.filler import follow
from tests.browser.test_pages import faults as found_by_axe

DIAGRAM = "workflows/return_case.bpmn"
YES, NO = b'= interestInReturn = "YES"', b'= interestInReturn = "NO"'
SLOW = 60_000
"""Milliseconds: a draft is linted and built before its dry run begins, and the worker builds it."""
WALK = (("sara", "Task_OfferReturnInformation"), ("sara", "Task_SubmitReferral"))


def begun_site(program: Any) -> None:
    """People, the shipped release, and two cases on their way."""
    people_only(program)
    with program.database.transaction(write=False) as tx:
        people = state.people(tx)
    player = make_player(program, program.clock, people)
    for steps in (WALK, ()):
        case = player.act(ScenarioStep(by="sara", start="Start_PersonIdentified"), "")
        for who, task in steps:
            player.act(ScenarioStep(by=who, task=task), case)
    player.close()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    """A site with two cases."""
    with site_of(tmp_path_factory.mktemp("begun"), keyring, begun_site) as made:
        yield made


def drafted(site: Site) -> str:
    """The draft in which yes and no have changed places; gives its id."""
    services, now = site.program.services, site.program.clock.now()
    with site.program.database.transaction() as tx:
        maja = accounts.load_viewer(tx, state.people(tx)["maja"])
        assert maja is not None
        row = drafts.open_draft(tx, services, by=maja, now=now)
        drawn = services.current(tx).bundle.files[DIAGRAM]
        changed = drawn.replace(YES, b"= x", 1).replace(NO, YES, 1).replace(b"= x", NO, 1)
        about: dict[str, Any] = {"by": maja, "now": now, "draft_id": row.id, "rev": row.rev}
        drafts.save_files(tx, services, changed={DIAGRAM: changed}, found=(), **about)
    return row.id


def no_sideways(page: Page) -> None:
    """Nothing scrolls sideways."""
    width = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(width)


def test_a_draft_is_tried_read_and_marked(screen: Opener, begun: Site) -> None:
    draft = drafted(begun)
    maja = screen("maja", at=begun)
    maja.page.set_default_timeout(SLOW)
    page = maja.open(f"/drafts/{draft}/publish")
    expect(page.locator("main")).to_contain_text("behöver en provkörning")
    follow(page, page.get_by_role("link", name="Gå till provkörningen"))
    assert found_by_axe(page) == []
    page.get_by_role("button", name="Provkör").click()
    expect(page.locator("#numbers-title")).to_be_visible(timeout=SLOW)
    expect(page.locator(".t-outcomes").first).to_contain_text("Väljer annan väg")
    page.wait_for_selector(".t-overlay--count-changed", state="attached")
    assert found_by_axe(page) == []
    page.locator("summary", has_text="Markera som avsedd").click()
    page.get_by_label("Varför är det avsett?").fill("Så ska det vara")
    page.get_by_role("button", name="Markera som avsedd").click()
    expect(page.locator("#groups")).to_contain_text("Så ska det vara")
    page.get_by_role("link", name="Båda vägarna").click()
    expect(page.locator("main")).to_contain_text("Vill gå vidare?")
    expect(page.locator("#way-becomes + .t-ways")).to_contain_text("nytt")
    assert found_by_axe(page) == []
    maja.open(f"/drafts/{draft}/publish")
    expect(page.locator("main")).not_to_contain_text("behöver en provkörning")


def test_it_fits_a_narrow_screen_in_english(screen: Opener, begun: Site) -> None:
    draft = drafted(begun)
    window = screen("maja", at=begun, viewport=NARROW, locale="en-GB")
    window.page.set_default_timeout(SLOW)
    page = window.open(f"/drafts/{draft}/dry-run")
    page.locator("button[value=begin]").click()
    expect(page.locator("#numbers-title")).to_be_visible(timeout=SLOW)
    expect(page.locator("main")).to_contain_text("Decides otherwise")
    no_sideways(page)
    assert found_by_axe(page) == []
    page.get_by_role("link", name="Both ways").click()
    expect(page.locator("main")).to_contain_text("With the draft")
    no_sideways(page)
    assert found_by_axe(page) == []


def test_it_is_read_without_script(screen: Opener, begun: Site) -> None:
    draft = drafted(begun)
    window = screen("maja", at=begun, java_script_enabled=False)
    window.page.set_default_timeout(SLOW)
    page = window.open(f"/drafts/{draft}/dry-run")
    page.locator("button[value=begin]").click()
    for _ in range(SLOW // 1000):
        if page.locator("#numbers-title").count():
            break
        page.wait_for_timeout(1000)
        window.open(f"/drafts/{draft}/dry-run")
    expect(page.locator("#numbers-title")).to_be_visible(timeout=SLOW)
    page.locator("details", has_text="passeras oftare").locator("summary").click()
    expect(page.locator("details", has_text="passeras oftare")).to_contain_text("→")
