"""The editor of the process owner: a diagram is opened, changed, checked, saved and published."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, Route, expect

from service.application import unit_of_work
from service.casework.commands.case_start import start_case
from service.forms import flatten
from service.people import accounts
from service.store.casefile import cases
from service.store.installation import releases
from service.workshop.trial.scenario_times import resolve
from tests.browser.conftest import PATIENCE, Opener, Site
from tests.support.shipped import people_of

FIRST = "Task_OfferReturnInformation"
START = "Start_PersonIdentified"
SAVES = 4
"""Each of them lints the draft."""


def opened(page: Page, file: str = "") -> Page:
    """The editor on the owner's draft."""
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/processes")
    # the first draft of a site is linted anew
    page.locator('form[action="/drafts"] button').click(timeout=6 * PATIENCE)
    if file:
        ready(page)
        page.locator(".t-editor__files summary").click()
        page.locator(f'.t-editor__files a[href$="/{file}"]').click()
        page.wait_for_url(f"**/{file}")
    ready(page)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector('html[data-ready="editor"]', timeout=6 * PATIENCE)


def choose(page: Page, element: str) -> None:
    """Choose a step in the list beside the picture, as the keyboard does."""
    if page.locator("#steps-drawer").is_hidden():
        page.locator('[data-do="steps"]').click()
    page.locator(f'#steps [data-element="{element}"] button').first.click()


def field(page: Page, tab: str, label: str) -> Locator:
    """A field of the panel, on a tab."""
    page.get_by_role("tab", name=tab, exact=True).click()
    return page.locator("#panel-fields").get_by_label(label, exact=True)


def drawn(page: Page) -> str:
    """The diagram as it is on the screen, as the file."""
    with page.expect_download() as file:
        page.locator(".t-editor__get").click()
    return file.value.path().read_text("utf-8")


def saved(page: Page) -> None:
    """Save, and wait until the line says so."""
    # no request is waited for: a draft is also saved by itself, two seconds after a change
    page.get_by_role("button", name="Spara").click()
    expect(page.locator("[data-save]")).to_contain_text("Sparat", timeout=3 * PATIENCE)


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
    page.locator("#panel-fields").get_by_label("Namn", exact=True).fill(
        "Nytt ärende – erbjud information"
    )
    page.get_by_role("tab", name="Vem och när").click()
    page.get_by_label("Frist", exact=True).fill("P7D")
    page.get_by_label("Frist", exact=True).press("Tab")
    saved(page)
    page.get_by_role("link", name="Publicera").click()
    expect(page.locator("main")).to_contain_text("var 5 dagar, är nu 7 dagar")
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
    page.get_by_label("Frist", exact=True).fill("=nobodyKnowsThis")
    page.get_by_label("Frist", exact=True).press("Tab")
    expect(page.locator("#findings .t-finding--E").first).to_contain_text(
        "nobodyKnowsThis", timeout=2 * PATIENCE
    )
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
    name = page.locator("#panel-fields").get_by_label("Namn", exact=True)
    was = name.input_value()
    name.fill("Sista koll")
    name.press("Tab")
    expect(page.locator('#steps [data-element="Task_GoNoGo"]')).to_contain_text("Sista koll")
    page.locator("[data-do=undo]").click()
    expect(page.locator('#steps [data-element="Task_GoNoGo"]')).to_contain_text(was)


def test_a_choice_beside_a_step_outlives_a_change_elsewhere(
    screen: Opener, quiet_site: Site
) -> None:
    """The list is drawn anew a moment after each change; a way must not go to another step then."""
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    target = page.locator(f'#steps [data-element="{FIRST}"]').get_by_label("Dra en väg")
    last = target.locator("option").last.get_attribute("value") or ""
    name = page.locator("#panel-fields").get_by_label("Namn", exact=True)
    name.fill("Ett annat namn")
    name.press("Tab")
    target.select_option(last)
    target.focus()
    expect(page.locator(f'#steps [data-element="{FIRST}"]')).to_contain_text("Ett annat namn")
    expect(target).to_have_value(last)
    expect(target).to_be_focused()


def test_a_station_is_chosen_by_its_word_and_written_by_its_name(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    page.get_by_label("Station").select_option(label="Har kommit fram")
    choose(page, "Task_SubmitReferral")
    choose(page, FIRST)
    expect(page.get_by_label("Station")).to_have_value("arrived")
    expect(page.locator(".t-editor__files a[aria-current=page]")).to_have_text(
        "Återvändande i tre steg"
    )


def test_a_whole_change_is_made_with_the_keyboard_alone(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page, "consultation.bpmn")
    said, keys = page.locator("[data-said]"), page.keyboard
    page.locator('[data-do="steps"]').focus()
    keys.press("Enter")
    first = page.locator("#steps [data-element] button").nth(1)
    expect(page.locator("#steps [data-element] button").first).to_be_focused()
    first.focus()
    name = first.inner_text()
    keys.press("Enter")
    count = page.locator("#steps > li").count()
    press(page, "Lägg till efter")
    expect(page.locator("#steps > li")).to_have_count(count + 1)
    expect(said).to_contain_text(f"lades till efter {name}")
    expect(page.locator("#steps [data-element]:focus-within")).to_contain_text("utan namn")
    press(page, "Egenskaper")
    expect(page.locator("#panel h2")).to_be_focused()
    tab_to(page, page.locator("#panel-fields").get_by_label("Namn", exact=True))
    keys.type("Ring tillbaka")
    keys.press("Tab")
    page.get_by_role("tab", name="Allmänt").focus()
    for _ in range(2):
        keys.press("ArrowRight")
    tab_to(page, page.locator("#panel-fields").get_by_label("Formulär", exact=True))
    keys.type("Avsl")
    keys.press("Tab")
    page.locator("#steps").get_by_role("button", name="Ring tillbaka", exact=True).focus()
    keys.press("Enter")
    press(page, "Flytta upp")
    expect(said).to_contain_text(f"Ring tillbaka kommer nu före {name}")
    press(page, "Flytta ned")
    expect(said).to_contain_text(f"Ring tillbaka kommer nu efter {name}")
    assert 'zeebe:formDefinition formId="' in drawn(page).split('name="Ring tillbaka"')[1][:400]
    press(page, "Ta bort")
    expect(said).to_contain_text("Ring tillbaka togs bort")
    expect(page.locator("#steps > li")).to_have_count(count)


def press(page: Page, button: str) -> None:
    """Tab from the chosen step to one of its buttons, and press it."""
    tab_to(page, page.locator("#steps").get_by_role("button", name=button, exact=True))
    page.keyboard.press("Enter")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus."""
    # Asked as one question: the list of steps is drawn anew a moment after each change.
    held = wanted.and_(page.locator(":focus"))
    for _ in range(40):
        if held.count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def test_the_drop_downs_offer_what_the_release_has(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    expect(field(page, "Formulär", "Formulär").locator("option").nth(40)).to_be_attached()
    choose(page, "Svc_NotifyIomHelsinki")
    topics = field(page, "Utförs av", "Uppdrag").locator("option").all_inner_texts()
    assert any("letters.notify_iom" in text for text in topics)
    expect(page.locator(".t-about")).to_contain_text("iomNotifiedOn")
    expect(page.locator(".t-about")).to_contain_text("NO_LIVE_CONSENT")


def test_two_owners_at_once_lose_nothing_in_silence(screen: Opener, quiet_site: Site) -> None:
    first, second = screen("maja", at=quiet_site), screen("maja", at=quiet_site)
    second.expected.add(409)
    one, other = opened(first.page, "follow_up.bpmn"), opened(second.page, "follow_up.bpmn")
    for page, name in ((one, "Uppföljning"), (other, "Uppföljning igen")):
        choose(page, "Task_FollowUp")
        page.locator("#panel-fields").get_by_label("Namn", exact=True).fill(name)
        page.locator("#panel-fields").get_by_label("Namn", exact=True).press("Tab")
    saved(one)
    other.get_by_role("button", name="Spara").click()
    expect(other.locator("[data-save]")).to_contain_text("Maja (demo) sparade utkastet")
    expect(other.locator("#panel h2")).to_have_text("Uppföljning igen")
    assert 'name="Uppföljning igen"' in drawn(other), "what she typed can be fetched"
    other.on("dialog", lambda dialog: dialog.accept())
    other.reload()
    ready(other)
    stored = drawn(other)
    assert 'name="Uppföljning"' in stored, "the first one's work was not overwritten"
    assert "Uppföljning igen" not in stored


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


def test_the_drawing_opens_readable_and_the_panel_beside_it(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    assert text_height(page) >= 11
    top = page.locator("#editor").bounding_box()
    assert top is not None
    assert top["y"] < 300
    choose(page, "Task_AssessNeeds")
    expect(page.locator("#panel h2")).to_contain_text("BEHOVSINVENTERING")
    expect(page.locator("#panel h2")).to_be_in_viewport()
    expect(page.locator('#editor [data-element-id="Task_AssessNeeds"]').first).to_be_in_viewport()
    assert text_height(page) >= 11
    page.locator("#findings").scroll_into_view_if_needed()
    expect(page.locator("#panel h2")).to_be_in_viewport()


def text_height(page: Page) -> float:
    """How large the texts of the drawing are on the screen, in pixels."""
    height: float = page.evaluate(
        """() => {
        const text = document.querySelector('#editor .djs-element text');
        const { a, b } = text.getScreenCTM();
        return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
    }"""
    )
    return height


def test_lengths_of_time_are_typed_in_words(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    due = field(page, "Vem och när", "Frist")
    before = due.input_value()
    due.fill("3 arbetsdagar")
    due.press("Tab")
    expect(due).to_have_value("P3D")
    expect(page.locator("#panel")).to_contain_text("Det är 3 arbetsdagar.")
    expect(page.locator("#panel-fields").get_by_label("Hur dagar räknas")).to_have_value("working")
    page.locator("[data-do=undo]").click()
    expect(due).to_have_value(before)


def test_a_due_time_that_a_rule_gives_is_said_in_words(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, "Task_DecideReferral")
    due = field(page, "Vem och när", "Frist")
    expect(due).to_have_value("=duration(deadline.decide)")
    panel = page.locator("#panel")
    expect(panel).to_contain_text("deadline.decide kommer ur Sätt frister: 3 arbetsdagar (")
    expect(panel).to_contain_text("4 timmar (Akut: inom 72 timmar).")
    due.fill("=duration(deadline.counsel)")
    due.press("Tab")
    expect(panel).to_contain_text("deadline.counsel kommer ur Sätt frister: 2 arbetsdagar (")


def test_a_condition_is_built_and_names_are_picked(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    text = field(page, "Allmänt", "Får göras när (FEEL)")
    page.locator(".t-build summary").click()
    page.get_by_role("button", name="Lägg till ett villkor").click()
    row = page.locator(".t-condition")
    row.get_by_label("Namn").select_option("urgency")
    row.get_by_label("Jämförelse").select_option("!=")
    expect(text).to_have_value(re.compile(r'^urgency != "[A-Z_]+"$'))
    page.get_by_role("button", name="Lägg till ett villkor").click()
    row.nth(1).get_by_label("Namn").select_option("isMinor")
    expect(text).to_have_value(re.compile(r" and isMinor = true$"))
    text.fill("")
    search = page.get_by_role("combobox", name="Sök namn att sätta in")
    search.focus()
    page.keyboard.type("isMin")
    page.keyboard.press("Enter")
    expect(text).to_have_value("isMinor")
    expect(text).to_be_focused()
    page.keyboard.type(" and nobodyKnows")
    expect(page.locator("#panel .t-field__fault", has_text="nobodyKnows")).to_be_visible(
        timeout=2 * PATIENCE
    )
    expect(text).to_be_focused()


def test_the_panel_stays_usable_on_a_phone(screen: Opener, quiet_site: Site) -> None:
    for width in (390, 320):
        view = {"width": width, "height": 740}
        page = opened(screen("maja", at=quiet_site, viewport=view).page)
        choose(page, FIRST)
        page.locator("#steps").get_by_role("button", name="Egenskaper").click()
        expect(page.locator("#panel h2")).to_be_in_viewport()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        order = [page.locator(f).bounding_box() for f in ("#editor", "#steps-drawer", "#panel")]
        tops = [box["y"] for box in order if box is not None]
        assert tops == sorted(tops)
        assert len(tops) == 3


def test_a_file_that_cannot_be_read_whole_is_shown_and_kept(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site).page, "ceiling.bpmn")
    whole = drawn(page)
    place = whole.index("<bpmn:startEvent")
    strange = f'{whole[:place]}<bpmn:magicTask id="Magic" name="Trolla" />{whole[place:]}'

    def changed(route: Route) -> None:
        if route.request.resource_type != "document" and route.request.method == "GET":
            route.fulfill(body=strange, content_type="application/xml")
        else:
            route.continue_()

    page.route("**/*ceiling.bpmn*", changed)
    page.reload()
    ready(page)
    expect(page.locator("[role=alert]")).to_contain_text("bpmn:magicTask")
    choose(page, page.locator("#steps [data-element]").first.get_attribute("data-element") or "")
    expect(page.locator("#panel-fields").get_by_label("Namn", exact=True)).to_be_disabled()
    assert page.locator("#steps").get_by_role("button", name="Ta bort").count() == 0


def test_undo_reaches_back_across_saves(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site).page)
    choose(page, FIRST)
    name = field(page, "Allmänt", "Namn")
    was = name.input_value()
    for n in range(SAVES):
        name.fill(f"Namn {n}")
        name.press("Tab")
        saved(page)
    for _ in range(SAVES):
        page.locator("[data-do=undo]").click()
    expect(name).to_have_value(was)
    saved(page)


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
