"""Texts in her language: an invented one with long words, and Arabic, whose lines begin at the
right, on the page where she is informed and where a paper is made.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from service.application.container import Tresteg
from service.demo import seed as demo_seed
from service.security.keyring import Keyring
from service.workshop import publish
from tests.browser.conftest import NARROW, WIDE, Opener, Site, site_of
from tests.browser.filler import follow
from tests.browser.test_after_sending import sent
from tests.browser.test_pages import looked_at
from tests.support.other_languages import in_all_languages


def people_and_languages(program: Tresteg) -> None:
    """Offices, people, and a release in more languages; no case."""
    now = program.clock.now()
    demo_seed.seed_directory(program, now)
    prepared = publish.prepare_bundle(program.services, in_all_languages())
    with program.database.transaction() as tx:
        publish.publish_bundle(tx, program.services, by=demo_seed.SEED, now=now, prepared=prepared)


@pytest.fixture(scope="module")
def many_languages(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    with site_of(tmp_path_factory.mktemp("languages"), keyring, people_and_languages) as made:
        yield made


def test_a_text_is_read_in_the_direction_of_its_language(
    screen: Opener, many_languages: Site
) -> None:
    wrong: list[str] = []
    for size in (WIDE, NARROW):
        one = screen("sara", at=many_languages, viewport=size)
        one.speak("sv")
        page = one.open("/cases/new")
        sent(page, "start_case", many_languages)
        page.evaluate("location.hash = '#f-infoGiven'")
        texts = page.locator("details.t-consent__text")
        for lang, direction in (("ar", "rtl"), ("art", "ltr")):
            text = texts.filter(has=page.locator(f"[lang={lang}]"))
            expect(text.locator("summary")).to_contain_text("exempel: ingen har skrivit under")
            text.locator("summary").click()
            told = text.locator(f"[lang={lang}]")
            expect(told).to_be_visible()
            expect(told).to_have_css("direction", direction)
        wrong += looked_at(page)
        follow(page, page.locator(".t-facts a[href^='/cases/']").first)
        page.goto(f"{page.url.partition('?')[0].partition('#')[0]}/papers/new?paper=information")
        for lang in ("ar", "art"):
            choice = page.locator(f"label:has(input[name=lang][value={lang}])")
            expect(choice).to_contain_text("exempel")
        wrong += looked_at(page)
        page.locator("input[name=lang][value=ar]").check()
        page.locator("input[name=reason][value=GIVE]").check()
        page.locator("form.t-form button").click()
        expect(page.locator("main")).to_contain_text("Papperet är gjort.")
    assert wrong == []
