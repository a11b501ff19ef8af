"""While somebody types: texts are kept, questions come and go, consequences are shown anew."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Screen
from tests.browser.filler import follow, to_question
from tests.browser.test_pages import faults as found_by_axe


def klar_lind(one: Screen) -> Page:
    """The decision on a referral."""
    one.open("/inbox")
    follow(one.page, one.page.locator("tbody tr", has_text="klar-lind").locator("th a"))
    return one.page


def test_unsent_answers_survive_a_reload_and_claim_the_task(screen: Opener) -> None:
    one = screen("omar")
    page = klar_lind(one)
    page.locator("[name=diaryNumber]").fill("DEMO-4711")
    with page.expect_response("**/unsent") as kept:
        page.locator("[name=decisionNote]").focus()
    assert kept.value.ok
    expect(page.locator("[data-save]")).to_contain_text("Sparat")
    page.reload()
    expect(page.locator("[name=diaryNumber]")).to_have_value("DEMO-4711")
    expect(page.locator(".t-facts")).to_contain_text("Du har uppgiften")
    page.locator("[name=diaryNumber]").fill("")
    with page.expect_response("**/unsent"):
        page.locator("[name=decisionNote]").focus()


def test_a_dependent_question_comes_and_goes_with_its_answer(screen: Opener) -> None:
    one = screen("aino")
    page = one.page
    page.locator("tbody tr", has_text="stark-oxel").locator("td a").first.click()
    page.locator(".t-action-menu summary").click()
    page.locator(".t-action-menu a[href$='/withdraw']").click()
    hanging = page.locator('[data-path="purposesWithdrawn"]')
    expect(hanging).to_be_hidden()
    page.locator("[name=stopReason]").select_option("CONSENT_WITHDRAWN")
    expect(hanging).to_be_visible()
    page.locator("[name=stopReason]").select_option("DECLINES")
    expect(hanging).to_be_hidden()


def test_what_a_button_leads_to_follows_the_answers(screen: Opener) -> None:
    page = screen("sara").page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    lines = page.locator(".t-consequences")
    to_question(page, "interestInReturn")
    page.locator("[name=interestInReturn][value=YES]").check()
    expect(lines).to_contain_text("Visas när du har svarat")
    to_question(page, "dateOfBirth").fill("1997-05-01")
    page.locator("[name=ageDisputed][value=false]").check()
    expect(lines).to_contain_text("Hänvisning")
    to_question(page, "interestInReturn")
    page.locator("[name=interestInReturn][value=NO]").check()
    page.locator("[name=supportInSweden][value=false]").check()
    expect(lines).to_contain_text("avslutas")


def test_each_of_several_buttons_says_what_it_leads_to(screen: Opener) -> None:
    one = screen("omar")
    page = klar_lind(one)
    approve, returned, refused = (
        page.locator(f'[data-then="{value}"]') for value in ("APPROVED", "RETURNED", "REJECTED")
    )
    expect(approve).to_contain_text("IOM Helsingfors")
    expect(returned).to_contain_text("Komplettera")
    expect(refused).to_contain_text("Berätta utfallet för personen")


def test_a_refused_form_keeps_everything_and_focuses_the_fault(
    screen: Opener,
) -> None:
    one = screen("omar")
    one.expected.add(422)
    page = klar_lind(one)
    page.locator("[name=diaryNumber]").fill("DEMO-12")
    page.locator("#buttons button[value=REJECTED]").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page).to_have_title("Fel: Meddelande – godkänn begäran om stöd · klar-lind · Tresteg")
    expect(page.locator("[name=diaryNumber]")).to_have_value("DEMO-12")
    page.locator("#errors a").first.click()
    at_field = "document.activeElement.closest('[data-path]') !== null"
    page.wait_for_function(f"() => {at_field} || location.hash.startsWith('#f-')")


def test_a_row_of_a_list_is_added_and_removed_in_the_page(screen: Opener) -> None:
    one = screen("sara")
    page = one.page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    to_question(page, "languages.0.language")
    rows = page.locator('[data-rows="languages"]')
    rows.locator(":scope > [data-add]").click()
    expect(rows.locator("li.t-list-row")).to_have_count(2)
    added = rows.locator("li.t-list-row").last
    expect(added.locator("input:not([type=hidden])").first).to_be_focused()
    rows.locator("[data-remove]").last.click()
    expect(rows.locator("li.t-list-row")).to_have_count(1)


def test_what_is_left_and_who_has_the_task_follow_the_typing(screen: Opener) -> None:
    page = screen("sara").page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    to_question(page, "accompanyingChildren")
    left = page.locator("nav [data-left]").nth(2)
    before = left.inner_text()
    with page.expect_response("**/unsent"):
        page.locator("[name=accompanyingChildren]").fill("0")
        page.locator("[name='safeContact.hours']").focus()
    expect(page.locator("[data-claim]")).to_have_text("Du har uppgiften")
    expect(left).not_to_have_text(before)
    page.locator("[name=accompanyingChildren]").fill("")
    with page.expect_response("**/unsent"):
        page.locator("[name='safeContact.hours']").focus()


def test_text_of_an_ended_session_comes_back_after_sign_in(screen: Opener) -> None:
    one = screen("sara", extra_http_headers={"Accept-Language": "en"})
    one.expected.add(401)
    page = one.page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    place = page.url
    field = to_question(page, "safeContact.codeWord")
    page.context.clear_cookies()
    with page.expect_response("**/unsent"):
        field.fill("sommarregn")
        page.locator("[name='safeContact.hours']").focus()
    expect(page.locator("[data-save]")).to_contain_text("Du är inte längre inloggad")
    page.get_by_role("button", name="Spara, skicka inte").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.locator("main")).to_contain_text("Din text är kvar")
    one.open("/demo")
    page.locator('button[name=who][value="sara"]').click()
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile(re.escape(place)))
    expect(page.locator("[name='safeContact.codeWord']")).to_have_value("sommarregn")
    to_question(page, "safeContact.codeWord").fill("")
    with page.expect_response("**/unsent"):
        page.locator("[name='safeContact.hours']").focus()


def test_text_beside_a_colleague_is_there_after_a_reload(screen: Opener) -> None:
    first, second = screen("aino"), screen("eero")
    second.expected.add(409)
    rows = first.page.locator("tbody tr", has_text="fin-lonn")
    follow(first.page, rows.locator("th a").first)
    second.page.goto(first.page.url)
    field = "textarea:visible"
    with first.page.expect_response("**/unsent"):
        first.page.locator(field).first.fill("Ainos text")
        first.page.locator("[data-step-next]").focus()
    with second.page.expect_response("**/unsent"):
        second.page.locator(field).first.fill("Eeros text")
        second.page.locator("[data-step-next]").focus()
    expect(second.page.locator("[data-save]")).to_contain_text("Din text är sparad")
    second.page.reload()
    expect(second.page.locator(field).first).to_have_value("Eeros text")
    expect(second.page.get_by_role("button", name="Ta över")).to_be_visible()
    expect(second.page.locator("main")).to_contain_text("Det som du själv har skrivit står kvar")


def test_a_language_is_found_by_typing_and_the_keyboard(screen: Opener) -> None:
    page = screen("sara").page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    chosen = to_question(page, "languages.0.language")
    labels = chosen.locator("optgroup").evaluate_all("groups => groups.map(one => one.label)")
    assert labels == ["Vanliga", "Alla andra"]
    box = page.get_by_role("textbox", name="Sök i listan: Välj språk").first
    box.press_sequentially("ulgar")
    expect(chosen.locator("option")).to_have_text(["Välj", "bulgariska"])
    expect(chosen.locator("xpath=following-sibling::*[@role='status']")).to_have_text("Träffar: 1")
    assert found_by_axe(page) == []
    with page.expect_response("**/preview"):
        box.press("Enter")
    expect(chosen).to_have_value("bg")
    expect(chosen).to_be_focused()
    expect(box).to_have_value("")
    assert chosen.locator("option").count() > 200


def test_the_list_of_a_new_row_is_searched_too(screen: Opener) -> None:
    page = screen("sara").page
    follow(page, page.locator("tbody tr", has_text="ny-al").locator("th a"))
    to_question(page, "languages.0.language")
    of = page.locator("[data-rows=languages]")
    of.locator(":scope > [data-add]").click()
    box = of.locator("[data-search-box]").nth(1)
    box.press_sequentially("franska")
    box.press("ArrowDown")
    second = page.locator("[name='languages.1.language']")
    expect(second).to_be_focused()
    second.select_option("fr")
    second.press("Enter")
    expect(second).to_have_value("fr")
    expect(page.locator("[name='languages.0.language']")).not_to_have_value("fr")
    assert second.locator("option").count() > 200
    of.locator("[data-remove]").nth(1).click()
