"""The editor of the process owner: a diagram is opened, changed, checked, saved and published."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from service.actions.commands.case_start import start_case
from service.actions.people import accounts
from service.application import unit_of_work
from service.demo.scenarios import resolve
from service.forms import flatten
from service.store.casefile import cases
from service.store.installation import releases
from tests.browser.conftest import PATIENCE, Opener, Site
from tests.support.shipped import people_of

FIRST = "Task_OfferReturnInformation"
START = "Start_PersonIdentified"


def opened(page: Page, file: str = "") -> Page:
    """The editor on the owner's draft."""
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/processes")
    page.locator('form[action="/drafts"] button').click()
    if file:
        ready(page)
        page.locator(f'.t-list-tabs a[href$="/{file}"]').click()
        page.wait_for_url(f"**/{file}")
    ready(page)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector('html[data-ready="editor"]', timeout=2 * PATIENCE)


def choose(page: Page, element: str) -> None:
    """Choose a step in the list below the picture, as the keyboard does."""
    steps = page.locator(".t-editor__steps")
    if steps.get_attribute("open") is None:
        steps.locator("summary").click()
    page.locator(f'#steps [data-element="{element}"] button').first.click()


def saved(page: Page) -> None:
    """Save, and wait until the line says so."""
    with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
        page.get_by_role("button", name="Spara").click()
    assert saved.value.status == 200
    expect(page.locator("[data-save]")).to_contain_text("Sparat")


def reviewed(page: Page, note: str) -> None:
    """Have a draft approved on its page: asked for, answered by the reviewer, and back."""
    address = page.url
    page.get_by_label("Vad är nytt?").fill(note)
    page.get_by_role("button", name="Be om granskning").click()
    expect(page.locator("main")).to_contain_text("Väntar på en granskare")
    page.get_by_role("button", name="Fortsätt som Nils").click()
    expect(page.locator("main")).to_contain_text(note)
    page.get_by_role("button", name="Godkänn", exact=True).click()
    expect(page.get_by_role("button", name="Godkänn", exact=True)).to_have_count(0)
    page.goto(f"{address.partition('/drafts')[0]}/demo")
    page.locator("button[name=who][value=maja]").click()
    page.wait_for_url("**/processes")
    page.goto(address)


def test_a_published_due_date_meets_new_cases_only(screen: Opener, quiet_site: Site) -> None:
    old = begin_case(quiet_site)
    before = release_of(quiet_site, old)
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    expect(page.locator("#panel h2")).to_contain_text("NYTT ÄRENDE")
    page.get_by_label("Namn", exact=True).fill("Nytt ärende – erbjud information")
    page.get_by_role("tab", name="Vem och när").click()
    page.get_by_label("Frist (FEEL)").fill("P7D")
    page.get_by_label("Frist (FEEL)").press("Tab")
    saved(page)
    page.get_by_role("link", name="Publicera").click()
    expect(page.locator("main")).to_contain_text("var P5D, är nu P7D")
    expect(page.locator("main")).to_contain_text("heter nu ”Nytt ärende – erbjud information”")
    page.get_by_role("link", name="Gå till provkörningen").click()
    page.get_by_role("button", name="Provkör").click(timeout=60_000)
    expect(page.locator("#numbers-title")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Publicera").click()
    reviewed(page, "Mer tid")
    page.get_by_role("button", name="Publicera").click()
    expect(page.locator("main")).to_contain_text("v2 är publicerad")
    new = begin_case(quiet_site)
    assert release_of(quiet_site, old) == before != release_of(quiet_site, new)
    with quiet_site.program.database.transaction(write=False) as tx:
        assert [
            title.number
            for title in releases.of_process(tx, quiet_site.program.services.programme.process)
        ] == [2, 1]
        current = quiet_site.program.services.current(tx).definitions[
            quiet_site.program.services.programme.process
        ]
    assert current.elements[FIRST].names == {
        "sv": "Nytt ärende – erbjud information",
        "en": "New case: offer information",
    }
    assert current.elements[FIRST].form == "new_case", "what the panel did not touch stays"


def test_findings_are_shown_at_the_step_and_stop_publishing(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    page.get_by_role("tab", name="Vem och när").click()
    page.get_by_label("Frist (FEEL)").fill("=nobodyKnowsThis")
    page.get_by_label("Frist (FEEL)").press("Tab")
    expect(page.locator("#findings .t-finding--E").first).to_contain_text("nobodyKnowsThis")
    expect(
        page.locator(f'.djs-overlays[data-container-id="{FIRST}"] .t-overlay--E')
    ).to_be_visible()
    saved(page)
    page.get_by_role("link", name="Publicera").click()
    expect(page.locator("[role=alert]")).to_contain_text("nobodyKnowsThis")
    expect(page.get_by_role("button", name="Publicera")).to_have_count(0)
    page.locator(".t-ask summary", has_text="Kasta utkastet?").click()
    page.get_by_role("button", name="Kasta utkastet").click()
    expect(page.locator("main")).to_contain_text("Utkastet är kastat")


def test_a_called_process_opens_and_undoing_all_leaves_nothing(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page, "home_journey.bpmn")
    choose(page, "Task_GoNoGo")
    name = page.get_by_label("Namn", exact=True)
    was = name.input_value()
    name.fill("Sista koll")
    name.press("Tab")
    expect(page.locator('#steps [data-element="Task_GoNoGo"]')).to_contain_text("Sista koll")
    page.get_by_role("button", name="Ångra").click()
    expect(page.locator('#steps [data-element="Task_GoNoGo"]')).to_contain_text(was)


def test_a_station_is_chosen_by_its_word_and_written_by_its_name(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    page.get_by_label("Station").select_option(label="Har kommit fram")
    choose(page, "Task_SubmitReferral")
    choose(page, FIRST)
    expect(page.get_by_label("Station")).to_have_value("arrived")
    expect(page.locator(".t-list-tabs a[aria-current=page]")).to_have_text(
        "Återvändande i tre steg"
    )


def test_a_step_is_added_and_connected_with_the_keyboard_alone(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page, "consultation.bpmn")
    summary = page.locator(".t-editor__steps summary")
    summary.focus()
    page.keyboard.press("Enter")
    item = page.locator("#steps [data-element] button").nth(1)
    item.focus()
    page.keyboard.press("Enter")
    count = page.locator("#steps > li").count()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#steps > li")).to_have_count(count + 1)
    expect(page.locator("#steps [data-element]:focus-within")).to_contain_text("utan namn")
    expect(
        page.locator("#findings .t-finding").filter(has=page.locator("small", has_text="D108"))
    ).to_be_visible()


def test_the_drop_downs_offer_what_the_release_has(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    page.get_by_role("tab", name="Formulär").click()
    expect(page.locator("#panel select option").nth(40)).to_be_attached()
    choose(page, "Svc_NotifyIomHelsinki")
    page.get_by_role("tab", name="Utförs av").click()
    assert any(
        "letters.notify_iom" in text
        for text in page.locator("#panel select option").all_inner_texts()
    )


def test_two_owners_at_once_lose_nothing_in_silence(screen: Opener, quiet_site: Site) -> None:
    first, second = screen("maja", at=quiet_site), screen("maja", at=quiet_site)
    second.expected.add(409)
    one, other = opened(first.page, "follow_up.bpmn"), opened(second.page, "follow_up.bpmn")
    for page in (one, other):
        choose(page, "Task_FollowUp")
        page.get_by_label("Namn", exact=True).fill("Uppföljning")
        page.get_by_label("Namn", exact=True).press("Tab")
    saved(one)
    other.get_by_role("button", name="Spara").click()
    expect(other.locator("[data-save]")).to_contain_text("Maja (demo) sparade utkastet")
    other.on("dialog", lambda dialog: dialog.accept())


def test_the_editor_fits_a_narrow_screen_and_credits_its_maker(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site, viewport={"width": 320, "height": 640}).page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    mark = page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert page.evaluate(
        "([x, y]) => !!document.elementFromPoint(x, y)?.closest('.bjs-powered-by')", [x, y]
    )


def release_of(quiet_site: Site, case: str) -> str:
    with quiet_site.program.database.transaction(write=False) as tx:
        brief = cases.get(tx, case)
    assert brief is not None
    return brief.release_id


def begin_case(quiet_site: Site) -> str:
    """Sara begins a case, as her page does."""
    program = quiet_site.program
    with program.database.transaction(write=False) as tx:
        viewer = accounts.load_viewer(tx, people_of(program)["sara"])
    assert viewer is not None
    now = program.clock.now()
    usual = {
        "protectedIdentity": "NO",
        "identifiedOn": "@today-P1D",
        "municipality": "0180",
        "ageBand": "21_PLUS",
        "immediateDanger": False,
    }
    answers = flatten(resolve(usual, now, ZoneInfo(viewer.zone)))
    moved = unit_of_work.run(
        program.database,
        program.services,
        lambda tx: start_case(
            tx, program.services, by=viewer, element=START, answers=answers, now=now
        ),
        now=now,
    )
    return moved.case_id
