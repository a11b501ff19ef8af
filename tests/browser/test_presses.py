"""What moves the page by itself waits while something is pressed, so that no press is lost."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.filler import follow, to_question

DRAWN = """() => new Promise(done =>
    requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))"""
"""By then whatever was to follow from an answer of the server stands on the page."""
ASK = """async () => {
    const form = document.querySelector("form.t-form")
    for (let n = 0; n < 5; n++)
        await fetch(form.dataset.preview, {method: "POST", body: new FormData(form)})
}"""
"""By then the page has its own answer to what it asked before."""
COUNT = """button => {
    button.addEventListener("click", event => {
        event.preventDefault()
        button.dataset.pressed = "yes"
    })
}"""


def withdrawal(page: Page) -> Locator:
    """The form that ends a case, with a question that is asked by one answer; gives its button,
    which only says that it was pressed.
    """
    page.locator("tbody tr", has_text="stark-oxel").locator("td a").first.click()
    page.locator(".t-action-menu summary").click()
    follow(page, page.locator(".t-action-menu a[href$='/withdraw']"))
    # a page that was scrolled is scrolled on by the browser when something comes into it above
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.wait_for_load_state()
    reason = page.locator("[name=stopReason]")
    with page.expect_response("**/preview"), page.expect_response("**/unsent"):
        reason.select_option("DECLINES")
        reason.blur()
    expect(page.locator('[data-path="purposesWithdrawn"]')).to_be_hidden()
    button = page.locator("#buttons button").first
    button.evaluate(COUNT)
    return button


def put_down(page: Page, button: Locator) -> None:
    """Put the pointer on the upper edge of a button and press."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.down()


def test_a_question_that_appears_during_a_press_does_not_lose_it(screen: Opener) -> None:
    page = screen("aino").page
    button = withdrawal(page)
    hanging = page.locator('[data-path="purposesWithdrawn"]')
    with page.expect_response("**/preview") as asked:
        page.locator("[name=stopReason]").select_option("CONSENT_WITHDRAWN")
        put_down(page, button)
    asked.value.finished()
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(button).to_have_attribute("data-pressed", "yes")
    expect(hanging).to_be_visible()


def test_a_question_that_a_save_opens_during_a_press_does_not_lose_it(screen: Opener) -> None:
    page = screen("aino").page
    button = withdrawal(page)
    hanging = page.locator('[data-path="purposesWithdrawn"]')
    page.locator("[name=stopReason]").focus()
    # typed, and not yet left: leaving it saves, and what is saved is asked about
    page.locator("[name=stopReason]").evaluate(
        """list => {
            list.value = "CONSENT_WITHDRAWN"
            list.dispatchEvent(new Event("input", {bubbles: true}))
        }"""
    )
    with page.expect_response("**/unsent") as saved:
        put_down(page, button)
    saved.value.finished()
    page.evaluate(ASK)
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(button).to_have_attribute("data-pressed", "yes")
    expect(hanging).to_be_visible()


def test_a_part_of_a_list_that_is_drawn_anew_does_not_lose_a_press(screen: Opener) -> None:
    page = screen("aino").page
    page.route("**/inbox/changes*", lambda route: route.fulfill(body="<p>New</p>" * 20))
    link = page.locator("tbody tr th a").first
    link.evaluate(COUNT)
    put_down(page, link)
    with page.expect_response("**/inbox/changes*"):
        page.evaluate(
            """() => {
                const place = document.getElementById("changes")
                htmx.ajax("GET", place.getAttribute("hx-get"), {source: place, target: place})
            }"""
        )
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(link).to_have_attribute("data-pressed", "yes")
    expect(page.locator("#changes p")).to_have_count(20)


def test_a_list_that_closes_because_it_is_left_does_not_lose_a_press(screen: Opener) -> None:
    page = screen("sara").page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    chosen = to_question(page, "languages.0.language")
    rows = page.locator("[data-rows=languages] li.t-list-row")
    before = rows.count()
    box = page.get_by_role("textbox", name="Sök i listan: Välj språk").first
    box.press_sequentially("s")
    box.press("ArrowDown")
    expect(chosen).to_be_focused()
    page.set_viewport_size({"width": 1280, "height": 3000})
    page.evaluate(DRAWN)  # else the press is put down where the button stood before
    button = page.locator("[data-rows=languages] > [data-add]")
    put_down(page, button)
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(rows).to_have_count(before + 1)
    expect(chosen).not_to_have_attribute("size", "8")


def test_a_release_elsewhere_and_a_key_end_a_press(screen: Opener) -> None:
    page = screen("aino").page
    button = withdrawal(page)
    hanging = page.locator('[data-path="purposesWithdrawn"]')
    put_down(page, button)
    with page.expect_response("**/preview"):
        page.locator("[name=stopReason]").select_option("CONSENT_WITHDRAWN")
    page.mouse.move(1, 1)
    page.mouse.up()
    expect(hanging).to_be_visible()
    expect(button).not_to_have_attribute("data-pressed", "yes")
    button.focus()
    page.keyboard.down(" ")
    with page.expect_response("**/preview") as asked:
        page.locator("[name=stopReason]").select_option("DECLINES")
    asked.value.finished()
    page.evaluate(DRAWN)
    expect(hanging).to_be_visible()
    page.keyboard.up(" ")
    expect(hanging).to_be_hidden()
