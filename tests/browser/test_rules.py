"""The rule editor: a cell is changed, its fault shown and mended, the rule tried, and kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from service.engine import read
from service.release.bundle import Bundle, unpack
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.store.installation import releases
from tests.browser.conftest import PATIENCE, Opener, Screen, Site
from tests.browser.test_pages import looked_at, sideways
from tests.support.world import shipped
from tests.workshop.rules.conftest import ELIGIBILITY, eligibility

LONG = 3 * PATIENCE
"""For what waits until a draft has been checked."""
CELL = "eligibility_rule_2_input_2"
FOREIGN = '<extensionElements><x:kept xmlns:x="urn:x" note="stays"/></extensionElements>'


def opened(screen: Screen, rule: str = "eligibility") -> Page:
    """The editor of a rule in the owner's draft."""
    page = screen.open("/processes")
    page.locator('form[action="/drafts"] button').click()
    page.locator('.t-list-tabs a[href$="/rules"]').click()
    page.locator(f'a[href$="/rules/{rule}"]').click()
    ready(page)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector('html[data-ready="rules"]', timeout=LONG)


def cell(page: Page, element: str) -> Locator:
    return page.locator(f'td[data-element-id="{element}"]')


def write(page: Page, element: str, text: str) -> None:
    """Write into a cell what a person would type."""
    cell(page, element).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def saved(page: Page) -> None:
    """Save, and wait until the line says so."""
    page.get_by_role("button", name="Spara").click()
    expect(page.locator("[data-save]")).to_contain_text("Sparat", timeout=LONG)


def found(page: Page, code: str) -> Locator:
    return page.locator("#findings .t-finding").filter(has=page.locator("small", has_text=code))


def draft_of(site: Site) -> releases.Draft:
    process = site.program.services.programme.process
    with site.program.database.transaction(write=False) as tx:
        return releases.drafts(tx, process)[0]


def kept(site: Site) -> bytes:
    return unpack(draft_of(site).files).files[ELIGIBILITY]


def replaced(site: Site, content: bytes) -> None:
    """The rule's file in the owner's draft, as somebody brought it."""
    row = draft_of(site)
    bundle = Bundle({**unpack(row.files).files, ELIGIBILITY: content})
    with site.program.database.transaction(write=True) as tx:
        releases.save_draft(tx, row, replace(row, files=bundle.pack(), rev=row.rev + 1))


def test_a_cell_is_changed_its_fault_mended_and_the_rule_tried(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site))
    write(page, CELL, '"PERHAPS"')
    fault = found(page, "R201")
    expect(fault).to_contain_text("Rad 2, Vill gå vidare", timeout=LONG)
    expect(cell(page, CELL)).not_to_have_css("box-shadow", "none")
    fault.get_by_role("button", name="Visa rad 2").click()
    assert cell(page, CELL).evaluate("(cell) => cell.contains(document.activeElement)")
    write(page, CELL, 'not("YES", "UNSURE")')
    expect(found(page, "R201")).to_have_count(0, timeout=LONG)
    page.get_by_label("Utländsk medborgare", exact=True).select_option("Ja")
    page.get_by_label("Vill gå vidare", exact=True).select_option("NO")
    page.get_by_role("button", name="Prova").click()
    said = page.locator("[data-tried]")
    expect(said).to_contain_text("Rad 2 gäller.", timeout=LONG)
    expect(said).to_contain_text("NOT_WANTED")
    plain = cell(page, "eligibility_rule_1_input_1").evaluate(
        "(cell) => getComputedStyle(cell).backgroundColor"
    )
    expect(cell(page, CELL)).not_to_have_css("background-color", plain)
    assert b'not("YES", "UNSURE")' in kept(quiet_site), "what was tried is what was saved"


def test_the_page_does_not_jump_sideways_until_the_table_is_drawn(
    screen: Opener, quiet_site: Site
) -> None:
    """The plain table is wider than the window until then, and the rule comes slowly."""
    page, held = opened(screen("maja", at=quiet_site), "best_interests"), list[Route]()
    page.route("**/*.dmn*", lambda route: held.append(route))  # noqa: PLW0108 - it takes no built-in function
    page.reload()
    drawn, plain = page.locator(".t-rule__drawn"), page.locator("#rule .t-rule-table")
    drawn.wait_for(state="attached")
    assert plain.evaluate("(table) => table.offsetWidth > table.parentElement.clientWidth")
    assert sideways(page) == []
    held[0].continue_()
    ready(page)
    expect(plain).to_have_count(0)
    assert sideways(page) == []


def test_undo_takes_a_change_back_and_a_row_is_moved_by_button(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site), "deadlines")
    rows = page.locator("td.rule-index")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Lägg till en rad").click()
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="Ångra").click()
    expect(rows).to_have_count(3)
    first = rows.first.get_attribute("data-row-id")
    page.get_by_role("textbox", name="Prövas 1, Hur bråttom, rad 1").focus()
    page.get_by_role("button", name="Flytta raden ned").click()
    expect(rows.nth(1)).to_have_attribute("data-row-id", str(first))
    page.get_by_role("button", name="Ångra").click()
    expect(rows.first).to_have_attribute("data-row-id", str(first))
    saved(page)


def test_a_second_owner_is_told_who_was_faster(screen: Opener, quiet_site: Site) -> None:
    first, second = screen("maja", at=quiet_site), screen("maja", at=quiet_site)
    second.expected.add(409)
    one, other = opened(first), opened(second)
    write(one, "eligibility_rule_8_output_1", '"NEEDS_PROOF"')
    saved(one)
    write(other, "eligibility_rule_8_output_1", '"ELIGIBLE"')
    other.get_by_role("button", name="Spara").click()
    expect(other.locator("[data-save]")).to_contain_text(
        "Maja (demo) sparade utkastet", timeout=LONG
    )
    assert b"NEEDS_PROOF" in kept(quiet_site)
    other.on("dialog", lambda dialog: dialog.accept())


def test_a_round_through_the_editor_changes_no_meaning(screen: Opener, quiet_site: Site) -> None:
    page = opened(screen("maja", at=quiet_site))
    before = eligibility(
        '<variable id="eligibility_variable"', f'{FOREIGN}<variable id="eligibility_variable"'
    )
    replaced(quiet_site, before)
    page.reload()
    ready(page)
    write(page, CELL, '"NO"')
    write(page, CELL, 'not("YES")')
    saved(page)
    after = kept(quiet_site)
    assert after != before, "dmn-js wrote it anew"
    assert b'note="stays"' in after
    assert compiled(after) == compiled(before)
    assert b"https://www.omg.org/spec/DMN/20191111/MODEL/" in after


def compiled(content: bytes) -> object:
    """All that the engine makes of the rule."""
    bundle = Bundle({**shipped().files, ELIGIBILITY: content})
    files, _, _ = files_of(bundle, declared())
    (definition, *_) = read(files).values()
    decision = definition.decisions["eligibility"]
    return repr(decision)


def test_words_are_those_of_the_reader_and_the_makers_mark_shows(
    screen: Opener, quiet_site: Site
) -> None:
    page = opened(screen("maja", at=quiet_site))
    expect(page.get_by_label("Så svarar den", exact=True)).to_have_text(
        "Den första raden som passar"
    )
    cell(page, CELL).click(button="right")
    expect(page.locator(".context-menu")).to_contain_text("Lägg till rad ovanför")
    page.keyboard.press("Escape")
    assert page.evaluate(
        """() => {
            const mark = document.querySelector('.bjs-powered-by');
            mark.scrollIntoView({ block: 'center' });
            const { x, y, width, height } = mark.getBoundingClientRect();
            return mark.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )


def test_a_reviewer_reads_the_table_and_tries_it(screen: Opener, quiet_site: Site) -> None:
    opened(screen("maja", at=quiet_site))
    nils = screen("nils", at=quiet_site)
    page = nils.open(f"/drafts/{draft_of(quiet_site).id}/rules/eligibility")
    ready(page)
    expect(page.locator("[data-do]")).to_have_count(0)
    expect(page.locator(".tjs-container [contenteditable=true]")).to_have_count(0)
    page.get_by_role("button", name="Prova").click()
    expect(page.locator("[data-tried]")).to_contain_text("gäller", timeout=LONG)


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_rules_are_clean_at_each_width(
    width: int, scheme: str, screen: Opener, quiet_site: Site
) -> None:
    shown = screen(
        "maja",
        at=quiet_site,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale="en-GB",
    )
    page = opened(shown)
    assert looked_at(page) == []
    page.go_back()
    assert looked_at(page) == []


def test_without_script_a_rule_is_read_and_tried(screen: Opener, quiet_site: Site) -> None:
    opened(screen("maja", at=quiet_site))
    plain = screen(
        "maja", at=quiet_site, java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    page = plain.open(f"/drafts/{draft_of(quiet_site).id}/rules/eligibility")
    expect(page.locator(".t-rule-table tbody tr")).to_have_count(8)
    page.get_by_label("Utländsk medborgare", exact=True).select_option("Nej")
    page.get_by_role("button", name="Prova").click()
    expect(page.locator(".t-rule-table__fired")).to_have_count(1)
    expect(page.locator("[data-tried]")).to_contain_text("Rad 1 gäller.")
