"""Without JavaScript: inbox, task, conditional questions by a button, sending, the case page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Opener, Site
from tests.browser.filler import answer_by_updating, answer_now, answers_of, follow


def test_a_case_is_opened_and_its_first_task_sent_without_script(
    quiet_site: Site, screen: Opener
) -> None:
    one = screen("sara", at=quiet_site, java_script_enabled=False)
    page, now = one.page, quiet_site.program.clock.now()
    one.open("/cases/new")
    answer_now(page, answers_of("start_case", now))
    follow(page, page.locator("#buttons button").first)
    expect(page.locator("h1")).to_be_visible()
    one.open("/inbox")
    follow(page, page.locator("tbody th a").first)
    assert answer_by_updating(page, answers_of("new_case", now)) == {}
    follow(page, page.locator("button[name=do][value=show]"))
    expect(page.locator(".t-consequences li").first).not_to_be_empty()
    page.locator("#buttons .t-choice button").first.click()
    expect(page.get_by_text("Nu har ditt kontor ärendet")).to_be_visible()


def test_questions_come_and_go_by_the_update_button(screen: Opener) -> None:
    one = screen("sara", java_script_enabled=False)
    page = one.page
    one.open("/cases/new")
    page.locator("[name=immediateDanger][value=true]").check()
    page.get_by_role("button", name="Uppdatera formuläret").click()
    expect(page.locator("[name=immediateDanger][value=true]")).to_be_checked()


def test_what_is_typed_is_kept_without_script_and_shown_again(screen: Opener) -> None:
    one = screen("omar", java_script_enabled=False)
    page = one.page
    follow(page, page.locator("tbody th a").first)
    page.locator("[name=diaryNumber]").fill("DEMO-7")
    follow(page, page.get_by_role("button", name="Spara, skicka inte"))
    expect(page.locator("[data-save]")).to_contain_text("Sparat")
    one.open(page.url.removeprefix(one.address))
    expect(page.locator("[name=diaryNumber]")).to_have_value("DEMO-7")
    page.locator("[name=diaryNumber]").fill("")
    follow(page, page.get_by_role("button", name="Spara, skicka inte"))


def test_every_case_tab_and_its_steps_are_read_without_script(screen: Opener) -> None:
    one = screen("aino", java_script_enabled=False)
    page = one.page
    follow(page, page.locator("tbody td a").first)
    expect(page.locator(".t-tabs a").first).to_be_attached()
    for tab in page.locator(".t-tabs a").all_inner_texts():
        page.locator(".t-tabs a", has_text=tab.split()[0]).click()
        expect(page.locator(".t-tabs a[aria-current=page]")).to_contain_text(tab.split()[0])
    page.locator(".t-drawer summary").click()
    page.locator(".t-drawer a", has_text="page of its own").or_(
        page.locator(".t-drawer a[href$='/diagram']")
    ).first.click()
    # waits for the page, which a count would not
    expect(page.locator(".t-steps li, .t-split__list li").nth(20)).to_be_attached()
