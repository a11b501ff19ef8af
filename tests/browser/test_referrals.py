"""A referral by hand, clean and in words on every page of the sender and of the receiver."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener, Screen
from tests.browser.filler import follow
from tests.browser.test_pages import looked_at

CASE = "mild-ek"
"""A case of the demo whose partner still owns it."""


def go_on(page: Page, button: str = "next") -> None:
    """Press a button that people see."""
    with page.expect_navigation():
        page.locator(f"button[name=do][value={button}]:not(.t-default-button)").click()


def begin(sender: Screen) -> str:
    """Come to the first question, and say why on the way if the page asks; gives the case's
    address.
    """
    page = sender.page
    sender.open("/cases")
    with page.expect_navigation():
        page.get_by_role("link", name=CASE).first.click()
    case = page.url.removeprefix(sender.address).partition("?")[0]
    if page.locator("[name=reason]").count():
        page.locator("[name=reason]").first.check()
        with page.expect_navigation():
            page.locator("main form button").first.click()
    sender.open(f"{case}/refer")
    return case


@pytest.mark.parametrize(
    ("lang", "theme", "size", "office", "receiver", "end"),
    [
        ("sv", "light", WIDE, "socialtjansten-exempelstad-barn", "berit", "refuse"),
        ("en", "dark", NARROW, "regionkoordinator-mitt", "kim", "accept"),
    ],
    ids=["refused, in Swedish, wide", "accepted, in English, narrow"],
)
def test_a_referral_is_clean_on_every_page(
    screen: Opener,
    lang: str,
    theme: str,
    size: dict[str, int],
    office: str,
    receiver: str,
    end: str,
) -> None:
    look = {"viewport": size, "color_scheme": theme, "locale": "sv-SE" if lang == "sv" else "en-GB"}
    sender, there = screen("sara", **look), screen(receiver, **look)
    for one in (sender, there):
        one.speak(lang)
        one.expected.add(422)
    page, wrong = sender.page, []
    case = begin(sender)
    go_on(page)
    expect(page.locator("#errors")).to_be_visible()
    wrong += looked_at(page)
    page.locator(f"[name=office][value={office}]").check()
    go_on(page)
    wrong += looked_at(page)
    page.locator("[name=purpose]").first.check()
    for _ in range(2):
        go_on(page)
        wrong += looked_at(page)
    go_on(page, "send")
    wrong += looked_at(page)
    referral = page.url.removeprefix(sender.address)
    there.open("/inbox")
    wrong += looked_at(there.page)
    follow(there.page, there.page.locator(f'a[href="{referral}"]'))
    wrong += looked_at(there.page)
    there.page.locator("#talk summary").click()
    there.page.locator("#ask-text").fill("?")
    go_on(there.page, "ask")
    wrong += looked_at(sender.open(referral))
    if end == "refuse":
        there.page.locator("details:has([value=refuse]) summary").click()
        go_on(there.page, "refuse")
        expect(there.page.locator(".t-fault")).to_be_visible()
        wrong += looked_at(there.page)
        there.page.locator("[name=reason][value=FULL]").check()
    go_on(there.page, end)
    wrong += looked_at(there.page)
    wrong += looked_at(sender.open(referral))
    wrong += looked_at(sender.open("/inbox"))
    wrong += looked_at(sender.open(case))
    assert wrong == []


def test_a_referral_is_made_and_accepted_without_script(screen: Opener) -> None:
    sender, there = (
        screen("sara", java_script_enabled=False),
        screen("kim", java_script_enabled=False),
    )
    page = sender.page
    begin(sender)
    page.locator("[name=office][value=regionkoordinator-mitt]").check()
    for _ in range(3):
        go_on(page)
    go_on(page, "send")
    there.open(page.url.removeprefix(sender.address))
    go_on(there.page, "accept")
    expect(there.page.locator(".t-tracking__done")).to_have_count(3)
