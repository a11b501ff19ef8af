"""Marks on the diagram of a draft: what no scenario visits is dashed, the way that breaks a promise
is red, its flows too; and the editor says how many promises hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.demo import state
from service.people import accounts
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.workshop import drafts
from service.workshop.promises.drafted import DraftPromises
from tests.browser.conftest import NARROW, Opener, Screen, Site, people_only, site_of
from tests.browser.test_pages import looked_at

SLOW = 60_000
STORY = {
    "begins": "P1D",
    "steps": [{"start": "Start_PersonIdentified", "values": {}}],
    "expect": {"open": ["Task_OfferReturnInformation"]},
}
STROKE = """id => {
  const path = document.querySelector(`[data-element-id="${id}"] .djs-visual > path`);
  return [getComputedStyle(path).stroke, getComputedStyle(path).strokeDasharray];
}"""
RED = "rgb(176, 18, 18)"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    """A site with people and the shipped release."""
    with site_of(tmp_path_factory.mktemp("marks"), keyring, people_only) as made:
        yield made


def drafted(site: Site, *, promise: bool) -> str:
    """A draft with a scenario, or with a promise that is broken; gives its id."""
    services, now = site.program.services, site.program.clock.now()
    with site.program.database.transaction() as tx:
        maja = accounts.load_viewer(tx, state.people(tx)["maja"])
        assert maja is not None
        row = drafts.open_draft(tx, services, by=maja, now=now)
        promises = DraftPromises(unpack(row.files), services, "en")
        parts = {"x": "Task_MakePlan", "y": "Task_FollowUp"}
        changed: dict[str, bytes | None] = (
            {**promises.with_promise("never", parts)}
            if promise
            else {"scenarios/one.scenario.json": json.dumps(STORY).encode()}
        )
        about: dict[str, Any] = {"by": maja, "now": now, "draft_id": row.id, "rev": row.rev}
        drafts.save_files(tx, services, changed=changed, found=(), **about)
    return row.id


def opened(one: Screen, path: str) -> Page:
    one.page.set_default_timeout(SLOW)
    one.open(path)
    one.page.wait_for_selector(".djs-container [data-element-id]")
    return one.page


def test_what_no_scenario_visits_is_dashed(begun: Site, screen: Opener) -> None:
    draft = drafted(begun, promise=False)
    page = opened(screen("maja", at=begun), f"/drafts/{draft}/try")
    expect(page.locator("#scenarios")).to_contain_text("1 av 1 går som de ska")
    page.wait_for_selector(".djs-connection.t-unvisited", state="attached")
    assert page.evaluate(STROKE, "F_Sub_Step1_Sub_Step2")[1] != "none"
    box = ".djs-shape.t-unvisited .djs-visual > rect"
    dashes = "element => getComputedStyle(element).strokeDasharray"
    assert page.locator(box).first.evaluate(dashes) != "none"
    assert looked_at(page) == []
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    assert looked_at(page) == []


def test_the_way_that_breaks_a_promise_is_red(begun: Site, screen: Opener) -> None:
    draft = drafted(begun, promise=True)
    page = opened(screen("maja", at=begun), f"/drafts/{draft}/diagram/return_case.bpmn")
    page.locator("[data-checks]").get_by_role("link", name="Visa vägen").first.click()
    page.wait_for_selector(".djs-connection.t-broken", state="attached")
    flow = page.locator(".djs-connection.t-broken").first.get_attribute("data-element-id")
    assert page.evaluate(STROKE, flow)[0] == RED
    numbers = page.locator(".t-overlay--broken").all_inner_texts()
    steps = page.locator("ol.t-numbered li").count()
    assert numbers
    assert {int(n) for n in numbers} <= set(range(1, steps + 1))
    assert looked_at(page) == []
