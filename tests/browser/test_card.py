"""The card with two words: clean for axe, in the order of its questions, and alone on its paper."""

from __future__ import annotations

import io

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener, Screen
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at

CASE = "mild-ek"
"""A case of the demo whose partner still owns it."""
ORDER = ("lang", "shows", "texts", "card")
"""Names of the questions, as the tabulator comes to them."""


def at_card(one: Screen) -> Page:
    """The page that gives words, of the case."""
    page = one.open("/cases")
    follow(page, page.get_by_role("link", name=CASE).first)
    page.goto(f"{page.url.partition('?')[0].partition('#')[0]}/card")
    return page


def letters_on(paper: bytes) -> int:
    """How often a PDF draws text."""
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        return sum(one.read_bytes().count(b" Tj") for one in streams)


@pytest.mark.parametrize(("lang", "size"), [("sv-SE", WIDE), ("en-GB", NARROW)])
def test_the_card_is_clean_and_alone_on_its_paper(
    screen: Opener, lang: str, size: dict[str, int]
) -> None:
    one = screen("sara", viewport=size, locale=lang)
    one.expected |= {422}
    page, button = at_card(one), ".t-form button.button--primary"
    wrong = looked_at(page)
    page.locator("[name=lang]").first.focus()
    met = []
    while page.evaluate("document.activeElement.type") != "submit":
        met.append(page.evaluate("document.activeElement.name"))
        page.keyboard.press("Tab")
    assert [name for name in dict.fromkeys(met) if name != "own"] == list(ORDER)
    follow(page, page.locator(button))
    fault = page.locator("#lang .t-fault")
    expect(fault).to_be_visible()
    wrong += looked_at(page)
    for shows in ("words", "pictures"):
        page.locator("[name=lang][value=sv]").check()
        page.locator(f"[name=shows][value={shows}]").check()
        follow(page, page.locator(button))
        expect(page.locator(".t-word-card")).to_be_visible()
        wrong += looked_at(page)
        alone, with_edges = (
            letters_on(page.pdf(display_header_footer=edges)) for edges in (False, True)
        )
        assert alone == with_edges > 0, "the title and the address of the page stand on the paper"
        at_card(one)
    assert wrong == []
