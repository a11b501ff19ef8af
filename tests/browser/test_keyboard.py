"""With the keyboard only: enter, claim, fill in a form and send it; open a case and act at once."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Site

TABS_MOST = 160
"""More presses of Tab than this on one page mean that what is looked for cannot be reached."""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on something, which must be seen to have it."""
    for _ in range(TABS_MOST):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(RINGED), f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"Tab never reaches {selector} on {page.url}")


RINGED = """() => {
    const style = getComputedStyle(document.activeElement);
    const box = document.activeElement.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const shown = style.boxShadow !== 'none' || outlined;
    return shown && box.bottom > 0 && box.top < innerHeight;
}"""
"""Whether what has the focus wears a ring and lies inside the window."""


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go to something by Tab and press a key that leads to another page."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_task_is_done_by_keyboard_alone(quiet_site: Site, screen: Opener) -> None:
    one = screen(at=quiet_site)
    page = one.page
    press(page, 'button[name=who][value="sara"]')
    press(page, ".t-menu a[href='/cases/new']")
    tab_to(page, "[name=protectedIdentity]")
    page.keyboard.press("Space")
    expect(page.locator("[name=protectedIdentity][value=NO]")).to_be_checked()
    tab_to(page, "[name=immediateDanger]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=immediateDanger][value=false]")).to_be_checked()
    tab_to(page, "[name=identifiedOn]")
    page.keyboard.type("2026-03-01")
    tab_to(page, "[name=municipality]")
    page.keyboard.type("Stockholm")
    expect(page.locator("[name=municipality]")).to_have_value("0180")
    tab_to(page, "[name=ageBand]")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[name=ageBand][value='21_PLUS']")).to_be_checked()
    page.keyboard.press("Control+Enter")
    assert page.evaluate("() => document.activeElement.matches('#buttons button')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, ".t-menu a[href='/inbox']")
    press(page, "button[name=claim]")
    expect(page.locator(".t-facts")).to_contain_text("Du har uppgiften")
    press(page, "button[name=do][value=keep]")
    expect(page.locator("[data-save]")).to_contain_text("Sparat")


def test_a_list_is_walked_with_j_and_k_and_explains_its_keys(
    screen: Opener,
) -> None:
    page = screen("aino").page
    tab_to(page, "tbody th a")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("tbody tr").nth(1).locator("input[type=checkbox]")).to_be_checked()
    page.keyboard.press("k")
    assert page.evaluate("() => document.activeElement === document.querySelector('tbody tr th a')")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_case_is_opened_and_acted_on_at_once_without_a_mouse(screen: Opener) -> None:
    page = screen("omar").page
    press(page, "tbody td a")
    tab_to(page, ".t-action-menu summary")
    page.keyboard.press("Enter")
    expect(page.locator(".t-action-menu__list")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".t-action-menu__list")).to_be_hidden()
    page.keyboard.press("Enter")
    press(page, ".t-action-menu__list a")
    expect(page.locator("#buttons button").first).to_be_visible()


def test_the_first_tab_skips_to_the_content(screen: Opener) -> None:
    page = screen("sara").page
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
