"""The page of a task: what stands beside its form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener

OVERLAPS = """() => {
  const cards = [...document.querySelectorAll(".t-aside > *")];
  const boxes = cards.map((e) => e.getBoundingClientRect());
  return boxes.some((one, n) => boxes.slice(n + 1).some(
    (other) => one.bottom > other.top + 1 && other.bottom > one.top + 1));
}"""


def overlaps_at(page: Page, share: float) -> bool:
    """Whether two cards lie on each other when a share of the page is scrolled past."""
    page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
    return bool(page.evaluate(OVERLAPS))


@pytest.mark.parametrize("wide", [1280, 1440])
def test_no_two_cards_beside_a_form_overlap(screen: Opener, wide: int) -> None:
    page = screen("aino", viewport={"width": wide, "height": 900}).page
    page.locator("tbody th a").first.click()
    page.wait_for_selector(".t-case-facts")
    assert not any(overlaps_at(page, tenth / 10) for tenth in range(10))
