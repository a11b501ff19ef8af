"""Pages of the register of processing and of the annex to an impact assessment."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Browser
from tests.support.world import World

PAGES = {
    "register": {"sv": "Register över behandling", "en": "Register of processing"},
    "impact-annex": {
        "sv": "Bilaga till konsekvensbedömningen",
        "en": "Annex to the impact assessment",
    },
}


def address(browser: Browser, which: str) -> str:
    """Where the page of the processes leads."""
    found = re.search(rf'href="(/releases/\w+/{which})"', browser.get("/processes").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("which", PAGES)
def test_the_page_of_processes_leads_to_it_and_it_is_printed(
    shipped_world: World, which: str, lang: str
) -> None:
    browser = shipped_world.browser("maja")
    browser.get("/processes")
    browser.post("/language", {"language": lang, "back": "/processes"})
    at = address(browser, which)
    answer = browser.get(f"{at}?process=complaint")
    assert answer.status_code == 200
    assert f"<h1>{PAGES[which][lang]}" in answer.text
    paper = browser.get(f"{at}.pdf?process=complaint&lang={lang}")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.get_data().startswith(b"%PDF")


def test_a_process_or_a_release_that_is_none_is_not_found(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    at = address(browser, "register")
    assert browser.get(f"{at}?process=nothing").status_code == 404
    assert browser.get(f"{at}?against=nothing").status_code == 404
    assert browser.get(f"/releases/{'0' * 64}/register").status_code == 404


@pytest.mark.parametrize("which", PAGES)
def test_whoever_may_not_read_a_process_has_no_such_page(shipped_world: World, which: str) -> None:
    at = address(shipped_world.browser("maja"), which)
    for who in ("sara", "omar"):
        assert shipped_world.browser(who).get(at).status_code == 404
        assert shipped_world.browser(who).get(f"{at}.pdf").status_code == 404
    assert shipped_world.browser().get(at).status_code == 303
