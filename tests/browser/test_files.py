"""Files of a form: attached, taken away again, and refused before they are sent."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page, expect

from service.store.casefile import cases, documents
from tests.browser.conftest import Opener, Screen, Site
from tests.browser.filler import follow, to_question
from tests.support.documents import paper

PASSPORT: FilePayload = {"name": "pass.pdf", "mimeType": "application/pdf", "buffer": paper()}
EMPTY: FilePayload = {"name": "tom.pdf", "mimeType": "application/pdf", "buffer": b""}
LARGE: FilePayload = {
    "name": "stor.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF" + bytes(21 * 1024 * 1024),
}
FIELD = '[data-path="attachments"]'
KEPT = f"{FIELD} li[data-file]"


def referral(one: Screen) -> Page:
    """A referral that is being written."""
    one.open("/inbox")
    follow(one.page, one.page.locator("tbody tr", has_text="glad-asp").locator("th a"))
    return one.page


def of_case(site: Site) -> int:
    """How many documents the case has, whether they are sent or not."""
    with site.program.database.transaction(write=False) as tx:
        found = cases.find(tx, "glad-asp")
        assert found is not None
        return len(documents.of_case(tx, found.id))


def attach(page: Page, button: str) -> None:
    to_question(page, "attachments")
    page.locator(f"{FIELD} input[type=file]").set_input_files([PASSPORT])
    page.get_by_role("button", name=button).click()
    expect(page.locator(KEPT)).to_have_count(1)


def test_an_unticked_file_leaves_the_page_and_the_case(site: Site, screen: Opener) -> None:
    before = of_case(site)
    page = referral(screen("sara"))
    attach(page, "Spara, skicka inte")
    assert of_case(site) == before + 1
    with page.expect_response("**/unsent"):
        page.locator(f"{KEPT} input").uncheck()
    expect(page.locator(KEPT)).to_have_count(0)
    expect(page.locator("[data-save]")).to_contain_text("Filen är borttagen")
    expect(page.locator(f"{FIELD} input[type=file]")).to_be_focused()
    assert of_case(site) == before
    page.reload()
    expect(page.locator(KEPT)).to_have_count(0)


def test_a_file_is_taken_away_without_script(site: Site, screen: Opener) -> None:
    before = of_case(site)
    page = referral(screen("sara", java_script_enabled=False))
    attach(page, "Spara, skicka inte")
    page.locator(f"{KEPT} input").uncheck()
    page.get_by_role("button", name="Spara, skicka inte").click()
    expect(page.locator(KEPT)).to_have_count(0)
    assert of_case(site) == before


def test_a_file_of_a_wrong_size_is_not_chosen(screen: Opener) -> None:
    one = screen("sara", locale="en-GB")
    page = referral(one)
    to_question(page, "attachments")
    field = page.locator(f"{FIELD} input[type=file]")
    for file, says in ((LARGE, "stor.pdf is too large: 22 MB"), (EMPTY, "tom.pdf is empty")):
        field.set_input_files([file])
        expect(page.locator(f"{FIELD} [role=alert]")).to_contain_text(says)
        assert field.evaluate("field => field.files.length") == 0
    field.set_input_files([PASSPORT])
    expect(page.locator(f"{FIELD} [role=alert]")).to_have_count(0)
    assert field.evaluate("field => field.files.length") == 1
