"""Answers of others on the tab about the person: opened by group, in place, with a reason."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener, Screen
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at

OPENABLE = "section[id^=group-] a[id$=-toggle]"


def people_tab(screen: Screen) -> Page:
    """The tab of a case that has groups to open, with and without a reason."""
    page = screen.open("/cases?state=active")
    found = [a.get_attribute("href") or "" for a in page.locator('main a[href^="/cases/0"]').all()]
    for path in dict.fromkeys(found):
        page = screen.open(f"{path.partition('?')[0]}?tab=people")
        if page.locator(OPENABLE).count() > 1 and page.locator("details.t-reason").count():
            return page
    pytest.fail("no case of the demo has groups to open")


def test_groups_are_opened_in_place_and_closed_again(screen: Opener) -> None:
    page = people_tab(screen("aino"))
    first, second = (page.locator(OPENABLE).nth(n).get_attribute("id") or "" for n in (0, 1))
    here = page.url
    page.evaluate("document.body.dataset.here = 'yes'")
    for toggle in (first, second):
        card = page.locator(f"#{toggle.removesuffix('-toggle')}")
        page.locator(f"#{toggle}").scroll_into_view_if_needed()
        top = page.locator(f"#{toggle}").bounding_box()
        page.locator(f"#{toggle}").click()
        expect(page.locator(f"#{toggle}")).to_contain_text("Dölj")
        expect(card.locator("dd").first).to_be_visible()
        assert page.locator(f"#{toggle}").bounding_box() == top, "nothing jumps"
    expect(page.locator(f"#{first}")).to_contain_text("Dölj")
    assert page.evaluate("document.activeElement.id") == second
    page.locator(f"#{first}").click()
    expect(page.locator(f"#{first}")).to_contain_text("Visa")
    expect(page.locator(f"#{second}")).to_contain_text("Dölj")
    assert page.evaluate("document.body.dataset.here") == "yes", "the page was never loaded again"
    assert page.url == here


def test_what_concerns_safety_asks_why_once(screen: Opener) -> None:
    page = people_tab(screen("aino"))
    ask = page.locator("details.t-reason").first
    card = page.locator("section[id^=group-]", has=page.locator("details.t-reason")).first
    anchor = card.get_attribute("id") or ""
    ask.locator("summary").click()
    ask.locator("select").select_option("SAFETY")
    ask.get_by_role("button", name=re.compile("^Visa")).click()
    opened = page.locator(f"#{anchor}")
    expect(opened.locator("a[id$=-toggle]")).to_contain_text("Dölj")
    expect(opened.locator("dd").first).to_be_visible()
    opened.locator("a[id$=-toggle]").click()
    expect(opened.locator("a[id$=-toggle]")).to_contain_text("Visa")
    assert opened.locator("details.t-reason").count() == 0, "asked once"


def test_without_script_a_group_opens_where_it_stands(screen: Opener) -> None:
    page = people_tab(screen("aino", java_script_enabled=False))
    toggle = page.locator(OPENABLE).last
    anchor = (toggle.get_attribute("id") or "").removesuffix("-toggle")
    follow(page, toggle)
    assert page.url.endswith(f"#{anchor}")
    expect(page.locator(f"#{anchor} a[id$=-toggle]")).to_contain_text("Dölj")
    box = page.locator(f"#{anchor}").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < WIDE["height"], "the page does not begin anew at its top"


def test_an_auditor_is_told_what_is_hidden(screen: Opener) -> None:
    window = screen("greta", locale="en-GB")
    page = people_tab_of_auditor(window)
    expect(page.get_by_role("heading", name="Hidden from you")).to_be_visible()
    assert "Nobody has filled in" not in page.locator("main").inner_text()


def people_tab_of_auditor(screen: Screen) -> Page:
    """The tab of a case as somebody sees it who looks after all cases."""
    page = screen.open("/audit")
    case = page.locator('a[href*="/cases/0"]').first.get_attribute("href") or ""
    found = re.search(r"/cases/(\w{26})", case)
    assert found is not None
    return screen.open(f"/cases/{found[1]}?tab=people")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_open_groups_are_clean_and_fit(screen: Opener, size: dict[str, int]) -> None:
    page = people_tab(screen("aino", viewport=size))
    page.locator(OPENABLE).first.click()
    expect(page.locator(OPENABLE).first).to_contain_text("Dölj")
    page.locator("details.t-reason summary").first.click()
    assert looked_at(page) == []
