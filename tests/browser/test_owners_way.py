"""The whole way of a process owner, by what she does in her pages: from a form that she makes to a
case that is completed on the release that she published.
"""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from service.application.container import Tresteg
from service.audit import verify
from tests.browser.conftest import MONDAY, Opener, Screen, Site
from tests.browser.filler import answer_by_updating, answers_of, fill, follow
from tests.browser.test_editor import choose, field, opened, ready
from tests.browser.test_tour import send

OFFER, INTERESTED = "Task_OfferReturnInformation", "Gw_Interested"
NEW, ENGLISH = "Ring upp personen", "Call the person"
NOTE = "Vi ringer upp alla som har fått information"
CASE = "ny-al"
"""An open case of the demo that waits at the step before the new one."""
NO_THANKS = {"interestInReturn": "NO", "supportInSweden": False}
DEAR = 60_000
"""Milliseconds: drafts are linted, built and run over every case, on a busy machine."""


def test_an_owner_changes_tries_publishes_and_moves(own_site: Site, screen: Opener) -> None:
    sara = screen("sara", at=own_site)  # who has read of the release before
    maja = screen("maja", at=own_site)
    nils, disa = (screen(name, at=own_site) for name in ("nils", "disa"))
    for one in (sara, maja, nils, disa):
        one.page.set_default_timeout(DEAR)

    page = opened(maja.page)
    draft = page.url.split("/diagram/")[0]
    mends_the_draft_of_the_demo(page)
    makes_a_form(page)
    adds_a_task_with_a_reminder(page)
    breaks_a_promise_and_mends_it(page)
    tries(page)
    runs_over_all_cases(page)
    publishes(page, nils, disa, draft)
    moves_open_cases(page, nils)
    completes_the_case(sara)

    assert verified(own_site.program) == []


def proves(page: Page) -> None:
    """Show once more that it is she: it may be minutes since she came in."""
    back = page.url
    page.goto(f"{back.split('/', 3)[0]}//{back.split('/', 3)[2]}/prove")
    page.get_by_role("button", name="Det är jag").click()
    page.goto(back)


def tab(page: Page, name: str) -> None:
    """Open a part of the draft. The editor saves first what was changed."""
    link = page.locator("nav.t-list-tabs").get_by_role("link", name=name, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", "page", timeout=DEAR)
    if name == "Diagram":
        ready(page)


def tools(page: Page, element: str) -> Locator:
    """What can be done with a step, in the list beside the picture."""
    choose(page, element)
    return page.locator(f'#steps [data-element="{element}"]')


def errors(page: Page) -> Locator:
    """What keeps the draft from being published, beside the picture."""
    return page.locator("#findings .t-finding--E")


def mends_the_draft_of_the_demo(page: Page) -> None:
    """It came with a way around the signed application; Compare says where it is."""
    expect(errors(page)).to_have_count(2, timeout=DEAR)
    tab(page, "Jämför")
    expect(page.locator("main")).to_contain_text("Ny väg: Fortsätta? → slut", timeout=DEAR)
    tab(page, "Diagram")
    page.locator(".t-editor__files summary").click()
    page.locator(".t-editor__files a", has_text="Välgrundat beslut").click()
    page.wait_for_url("**/informed_decision.bpmn")
    ready(page)
    removes_a_way(page, "Gw_GoOn", "Fortsätt → Slut utan namn")


def removes_a_way(page: Page, gateway: str, way: str) -> None:
    row = tools(page, gateway)
    row.get_by_label("Vilken väg").select_option(label=way)
    row.get_by_role("button", name="Ta bort vägen").click()
    expect(page.locator("[data-said]")).to_contain_text("togs bort", timeout=DEAR)
    expect(errors(page)).to_have_count(0, timeout=DEAR)


def makes_a_form(page: Page) -> None:
    tab(page, "Formulär")
    page.get_by_role("link", name="Nytt formulär").click()
    page.get_by_label("Formulärets namn på svenska").fill(NEW)
    page.get_by_label("Formulärets namn på engelska").fill(ENGLISH)
    page.get_by_label("Frågan på svenska").fill("Svarade personen?")
    page.get_by_label("Frågan på engelska").fill("Did the person answer?")
    page.get_by_role("button", name="Skapa formuläret").click()
    expect(page.locator("#preview")).to_contain_text("Svarade personen?", timeout=DEAR)


def adds_a_task_with_a_reminder(page: Page) -> None:
    tab(page, "Diagram")
    tools(page, OFFER).get_by_role("button", name="Lägg till efter").click()
    for place, label, value in (
        ("Allmänt", "Namn", NEW),
        ("Ord", "Namn på engelska", ENGLISH),
        ("Vem och när", "Frist", "5 arbetsdagar"),
        ("Vem och när", "Påminn", "2 arbetsdagar"),
    ):
        field(page, place, label).fill(value)
        page.keyboard.press("Tab")
    expect(page.locator("#panel-fields")).to_contain_text("Det är 2 arbetsdagar.", timeout=DEAR)
    field(page, "Formulär", "Formulär").select_option(label=NEW)


def breaks_a_promise_and_mends_it(page: Page) -> None:
    row = tools(page, INTERESTED)
    row.get_by_label("Dra en väg").select_option(label="MEDDELANDE – underrätta IOM Helsingfors")
    row.get_by_role("button", name="Dra en väg").click()
    expect(
        errors(page).filter(has_text="kan nås innan ”HÄNVISNING – hänvisa ärendet”")
    ).not_to_have_count(0, timeout=DEAR)
    tab(page, "Löften")
    broken = page.locator("main .t-rows > li", has_text="bryts")
    expect(broken).to_have_count(1, timeout=DEAR)
    broken.get_by_role("link", name="Visa vägen").click()
    expect(page.locator("#way ol")).to_contain_text(NEW, timeout=DEAR)
    tab(page, "Diagram")
    removes_a_way(page, INTERESTED, "→ MEDDELANDE – underrätta IOM Helsingfors")


def tries(page: Page) -> None:
    """The draft is run by hand until the new step has been done."""
    tab(page, "Prova")
    follow(page, page.get_by_role("button", name="Person identifierad"))
    for form in ("start_case", "new_case"):
        expect(page.locator("#form-title")).to_be_visible(timeout=DEAR)
        assert answer_by_updating(page, answers_of(form, MONDAY)) == {}
        page.locator('section[aria-labelledby="form-title"] .button--primary').click()
        expect(page.locator("#form-title")).to_have_count(0, timeout=DEAR)
        page.get_by_role("button", name=re.compile("^Fyll i")).click()
    expect(page.locator("#form-title")).to_have_text(NEW, timeout=DEAR)
    page.get_by_label("Ja", exact=True).check()
    page.locator('section[aria-labelledby="form-title"] .button--primary').click()
    expect(page.locator("#now-title + ul")).to_contain_text(
        "Hänvisning – hänvisa ärendet", timeout=DEAR
    )
    page.get_by_label("Scenariots namn").fill("Uppringd")
    page.get_by_role("button", name="Spara som scenario").click()
    expect(page.locator("main [role=status]")).to_contain_text("Uppringd", timeout=DEAR)


def runs_over_all_cases(page: Page) -> None:
    tab(page, "Provkörning")
    page.get_by_role("button", name="Provkör").click()
    expect(page.locator("#numbers-title")).to_be_visible(timeout=DEAR)
    expect(page.locator("#groups")).to_contain_text(NEW, timeout=DEAR)


def publishes(page: Page, nils: Screen, disa: Screen, draft: str) -> None:
    """A colleague approves, with a password of his own; and one for data protection, for the new
    question is seen by more offices than one.
    """
    tab(page, "Publicera")
    expect(page.locator("main")).to_contain_text(f"”{NEW}” är ett nytt steg", timeout=DEAR)
    page.get_by_label("Vad är nytt?").fill(NOTE)
    page.get_by_role("button", name="Be om granskning").click()
    approves(nils, "Läs ändringarna och svara", NOTE)
    approves(disa, "Läs ändringarna och svara", NOTE, of="flow-review-title")
    page.goto(f"{draft}/publish")
    proves(page)
    page.get_by_role("button", name="Publicera").click()
    expect(page.locator("main")).to_contain_text("v4 är publicerad", timeout=DEAR)


def approves(one: Screen, link: str, note: str, *, of: str = "review-title") -> None:
    """From the list of what waits to a yes, after one has shown who it is.

    Args:
        of: id of the title over the review.
    """
    one.open("/approvals")
    proves(one.page)
    one.page.get_by_role("link", name=link).click()
    review = one.page.locator("section", has=one.page.locator(f"#{of}"))
    expect(review).to_contain_text(note, timeout=DEAR)
    yes = review.get_by_role("button", name="Godkänn", exact=True)
    yes.click()
    expect(yes).to_have_count(0, timeout=DEAR)


def moves_open_cases(page: Page, nils: Screen) -> None:
    follow(page, page.get_by_role("link", name="Flytta öppna ärenden"))
    follow(page, page.get_by_role("button", name="Planera för alla tidigare utgåvor"))
    address = page.url
    why = "Alla ska ringas upp"
    page.get_by_label("Varför ska ärendena flyttas").fill(why)
    page.get_by_role("button", name="Be om granskning").click()
    approves(nils, "Se planen", why)
    page.goto(address)
    proves(page)
    page.get_by_role("button", name=re.compile(r"^Flytta \d+ ärenden")).click()
    expect(page.locator("summary", has_text="Ta tillbaka flytten")).to_be_visible(timeout=DEAR)


def completes_the_case(sara: Screen) -> None:
    """She reads what is new, does the step where the case stood, and the new one; the case ends."""
    page = sara.page
    sara.open("/inbox")
    expect(page.locator("main")).to_contain_text(NOTE, timeout=DEAR)
    row = page.locator("tbody tr", has_text=CASE)
    follow(page, row.locator("th a"))
    send(page, fill(page, answers_of("new_case", MONDAY, own=NO_THANKS)))
    sara.open("/inbox")
    expect(row).to_contain_text(NEW, timeout=DEAR)
    follow(page, row.locator("th a"))
    page.get_by_label("Ja", exact=True).check()
    send(page, page.locator("#buttons button").first)
    send(page, page.locator("form:has([name=confirmed]) button"))  # it ends the case
    sara.open("/cases?state=done")
    follow(page, page.get_by_role("link", name=CASE).first)
    expect(page.locator("main")).to_contain_text("Vill inte återvända nu", timeout=DEAR)


def verified(program: Tresteg) -> list[str]:
    """What `tresteg verify` finds."""
    with program.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, program.services, now=program.clock.now())
    return [str(fault) for fault in report.faults]
