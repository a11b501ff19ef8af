"""Letters in the browser: how they come is chosen, one about feedback opens on the text, and a
consent is taken back beside a case that has ended; each wide and narrow.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from service.casework.cases import consents
from service.store.casefile import cases
from service.store.work import letters
from tests.browser.conftest import NARROW, WIDE, Opener, Site
from tests.browser.test_pages import looked_at

SIZES = pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [("sv", "light", WIDE), ("en", "dark", NARROW)],
    ids=["Swedish, wide", "English, narrow"],
)
OFFICE = "socialtjansten-exempelstad"
TEXT = "Personen har det bra och planen går framåt."
"""What the demo's feedback says."""


def look(lang: str, theme: str, size: dict[str, int]) -> dict[str, object]:
    locale = "sv-SE" if lang == "sv" else "en-GB"
    return {"viewport": size, "color_scheme": theme, "locale": locale}


@SIZES
def test_how_letters_come_is_chosen_on_the_settings_page(
    screen: Opener, lang: str, theme: str, size: dict[str, int]
) -> None:
    sara = screen("sara", **look(lang, theme, size))
    sara.expected.add(422)
    page = sara.open("/settings")
    wrong = looked_at(page)
    page.locator("[name=address]").fill("sara@elsewhere.invalid")
    _press(page, "/settings/letters")
    expect(page.locator("#address")).to_have_attribute("aria-invalid", "true")
    wrong += looked_at(page)
    page.locator("[name=address]").fill("")
    page.locator("[name=letters][value=daily]").check()
    _press(page, "/settings/letters")
    expect(page.locator("[name=letters][value=daily]")).to_be_checked()
    page.locator("[name=letters][value=at_once]").check()
    _press(page, "/settings/letters")
    assert wrong == []


@SIZES
def test_feedback_is_read_from_its_letter_in_one_click(
    screen: Opener, site: Site, lang: str, theme: str, size: dict[str, int]
) -> None:
    """The letter is the reason, so none is asked for, and the page opens on the text."""
    with site.program.database.transaction(write=False) as tx:
        now = site.program.clock.now()
        found = [
            letter
            for letter in letters.latest(tx, limit=2000)
            if (letter.template, letter.office_id) == ("feedback_ready", OFFICE)
            and letter.state == "sent"
            and "FEEDBACK_SE" in consents.live(tx, letter.case_id, now)
        ]
    letter = found[-1]
    sara = screen("sara", **look(lang, theme, size))
    page = sara.open(f"/go/{letter.case_id}?letter={letter.number}")
    assert not page.locator("[name=reason]").count()
    expect(page.locator("dd", has_text=TEXT).first).to_be_visible()
    wrong = looked_at(page)
    page.locator("nav a[href*='tab=history'], a[href*='tab=history']").first.click()
    assert wrong == []


@SIZES
def test_a_consent_is_taken_back_beside_an_ended_case(
    screen: Opener, site: Site, lang: str, theme: str, size: dict[str, int]
) -> None:
    with site.program.database.transaction(write=False) as tx:
        now = site.program.clock.now()
        ended = [
            case.id
            for case in cases.listed(tx, process="return_case")
            if case.status == "ended" and len(consents.live(tx, case.id, now)) > 1
        ]
    aino = screen("aino", **look(lang, theme, size))
    aino.expected.update({404, 422})
    page, wrong = aino.page, []
    for case in ended:
        aino.open(f"/cases/{case}")
        if page.locator("[name=reason]").count():
            page.locator("[name=reason]").first.check()
            with page.expect_navigation():
                page.locator("main form button").first.click()
        aino.open(f"/cases/{case}/consents")
        if page.locator("[name=purposes]").count():
            break
    wrong += looked_at(page)
    _press(page, f"/cases/{case}/consents")
    expect(page.locator("#errors")).to_be_visible()
    wrong += looked_at(page)
    page.locator("[name=purposes]").first.check()
    page.locator("[name=who][value=SELF]").check()
    page.locator("[name=how][value=PHONE]").check()
    _press(page, f"/cases/{case}/consents")
    wrong += looked_at(page)
    aino.open(f"/cases/{case}/print")
    wrong += looked_at(page)
    assert wrong == []


def _press(page: Page, address: str) -> None:
    """Send the form that is posted to an address."""
    with page.expect_navigation():
        page.locator(f'form[action="{address}"] button.button').first.click()
