"""The form editor: a question in two languages, a fault mended at its place, a key changed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, PATIENCE, Opener, Site
from tests.browser.filler import follow
from tests.browser.test_pages import faults as found_by_axe


def opened(page: Page, form: str) -> Page:
    """The page of a form of the owner's draft."""
    page.set_default_timeout(4 * PATIENCE)  # a draft is linted at each step
    home = "/".join(page.url.split("/")[:3])
    page.goto(f"{home}/processes")
    page.locator('form[action="/drafts"] button').click()
    page.wait_for_url("**/diagram/**")
    follow(page, page.get_by_role("link", name="Formulär", exact=True))
    page.get_by_role("link", name=form, exact=True).click()
    page.wait_for_url("**/forms/*")
    return page


def save(page: Page) -> None:
    follow(page, page.locator("#question").get_by_role("button", name="Spara", exact=True))


def test_an_owner_changes_a_form_and_its_gateway(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page, "Nytt ärende")
    preview = page.locator("#preview")

    follow(page, page.locator(".t-outline a", has_text="Vill gå vidare").first)
    page.locator("#add summary").click()
    page.locator("#add").get_by_label("Typ").select_option("yesno")
    page.locator("#add").get_by_label("Text på svenska").fill("Finns det tid?")
    page.locator("#add").get_by_label("Text på engelska").fill("Is there time?")
    page.locator("#add").get_by_label("Skyddsklass").select_option("C0")
    page.locator("#add").get_by_role("button", name="Lägg till").click()
    expect(preview.get_by_text("Finns det tid?")).to_be_visible()
    page.locator("#view-lang").select_option("en")
    page.get_by_role("button", name="Visa", exact=True).click()
    expect(preview.get_by_text("Is there time?")).to_be_visible()

    page.get_by_text("När den visas och krävs").click()
    page.get_by_label("Göm frågan när (FEEL)").fill("interestInRetrun = null")
    save(page)
    fault = page.locator("#set-hide-fault")
    expect(fault).to_contain_text("tecken 1")
    expect(fault).to_contain_text("interestInReturn")
    assert found_by_axe(page) == []
    page.get_by_label("Visa bara när svaret är").select_option("interestInReturn=YES")
    save(page)
    expect(page.locator("#set-hide")).to_have_value('interestInReturn != "YES"')
    expect(fault).to_have_count(0)

    follow(page, page.locator(".t-outline a", has_text="Vill gå vidare").first)
    page.locator("summary", has_text="Nyckel:").click()
    page.get_by_label("Ny nyckel").fill("wantsToReturn")
    page.get_by_role("button", name="Byt nyckel").click()
    asked = page.locator(".message-box", has_text="Nyckeln läses på")
    expect(asked).to_contain_text("Vägvalet")
    assert found_by_axe(page) == []
    expect(page.get_by_label("Ändra alla i utkastet")).to_be_checked()
    page.get_by_role("button", name="Byt nyckel").click()
    page.wait_for_url(re.compile("#question"))
    expect(page.locator("summary", has_text="Nyckel:")).to_contain_text("wantsToReturn")
    page.get_by_role("link", name="Publicera").click()
    expect(page.locator("main")).to_contain_text("Finns det tid?")
    expect(page.locator("[role=alert]")).to_have_count(0)


def test_a_second_owner_keeps_what_she_typed(screen: Opener, quiet_site: Site) -> None:
    one = opened(screen("maja", at=quiet_site).page, "Beslut om hänvisning")
    window = screen("maja", at=quiet_site)
    window.expected.add(409)
    two = opened(window.page, "Beslut om hänvisning")
    for page, text in ((one, "Första"), (two, "Det andra")):
        follow(page, page.locator(".t-outline a", has_text="Skäl").first)
        page.locator("#q-label-sv").fill(text)
    save(one)
    save(two)
    expect(two.locator("[role=alert]")).to_contain_text("Maja (demo) sparade utkastet")
    expect(two.locator("#q-label-sv")).to_have_value("Det andra")
    save(two)
    expect(two.locator(".t-outline a", has_text="Det andra")).to_have_count(1)
    two.locator("#q-label-sv").fill("Skäl")
    two.locator("#q-label-en").fill("Reason")
    save(two)


@pytest.mark.parametrize("script", [True, False])
def test_a_question_moves_by_keyboard_on_a_phone(
    screen: Opener,
    quiet_site: Site,
    script: bool,  # noqa: FBT001 - pytest hands it in
) -> None:
    window = screen("maja", at=quiet_site, viewport=NARROW, java_script_enabled=True)
    page = opened(window.page, "Fråga hänvisande part")
    address = page.url
    if not script:
        cookies = page.context.cookies()
        page = screen("", at=quiet_site, viewport=NARROW, java_script_enabled=False).page
        page.context.add_cookies(cookies)  # type: ignore[arg-type]  # those of another window
        page.goto(address)
    links = page.locator(".t-outline a")
    first = links.nth(1).inner_text()
    links.nth(1).focus()
    page.keyboard.press("Enter")
    for name, place in (("Flytta ner", 2), ("Flytta upp", 1)):
        page.locator("#question").get_by_role("button", name=name).first.press("Enter")
        expect(page.locator(".t-outline a").nth(place)).to_have_text(first)
    if script:
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert found_by_axe(page) == []


def test_the_layout_is_drawn_by_form_js_and_saved(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page, "Fråga hänvisande part")
    page.get_by_role("link", name="Layout: dra frågor").click()
    page.wait_for_selector('html[data-ready="layout"]', timeout=2 * PATIENCE)
    expect(page.locator("main")).to_contain_text("dess panel är på engelska")
    mark = page.locator(".fjs-powered-by-link")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y)?.closest('.fjs-powered-by-link')", [x, y]
    )
    question = page.locator('.fjs-element[data-id$="partnerSays"]')
    question.click()
    question.locator(".fjs-context-pad-item").first.click()
    with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
        page.get_by_role("button", name="Spara", exact=True).click()
    assert saved.value.status == 200
    expect(page.locator("[data-save]")).to_contain_text("Sparat")
    page.get_by_role("link", name="Tillbaka till frågorna").click()
    expect(page.locator(".t-outline")).to_contain_text("Fortsätta?")
    expect(page.locator('.t-outline a[href*="partnerSays"]')).to_have_count(0)
