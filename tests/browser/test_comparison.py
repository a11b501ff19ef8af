"""A draft is compared with its release: each difference in its class, marked on both diagrams."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, PATIENCE, Opener, Screen, Site
from tests.browser.test_pages import looked_at

ROOT = Path(__file__).parents[2]
FIRST, REFER = "Task_OfferReturnInformation", "Task_SubmitReferral"
CONDITION = "F_Gw_Interested_Gw_Age"
CHANGES = {
    "workflows/return_case.bpmn": (
        ('interestInReturn = "YES"', 'interestInReturn = "NO"'),
        ('dueDate="P5D"', 'dueDate="P7D"'),
        ("NYTT ÄRENDE – erbjud", "NYTT ÄRENDE – ge"),
    ),
    "workflows/deadlines.dmn": (('"P3D"', '"P4D"'),),
    "forms/new_case.form": (('"label": "Bedömning"', '"label": "Din bedömning"'),),
    "workflows/config/roles.toml": (('offices = ["MYNDIGHET"]', 'offices = ["NGO"]'),),
}
PLACE = re.compile(rf'(bpmnElement="{REFER}">\s*<dc:Bounds x=")(\d+)')
"""Where a step is drawn: it is moved a little to the right."""


def changed_files(folder: Path) -> list[Path]:
    """The files of a draft as two owners left them: every kind of difference once."""
    made = []
    for name, changes in CHANGES.items():
        text = (ROOT / name).read_text("utf-8")
        for was, now in changes:
            assert was in text, (name, was)
            text = text.replace(was, now, 1)
        text = PLACE.sub(lambda place: f"{place[1]}{int(place[2]) + 20}", text)
        made.append(folder / Path(name).name)
        made[-1].write_text(text, "utf-8")
    return made


def compared(one: Screen, folder: Path) -> Page:
    """The page that compares a draft with these files to its release."""
    page = one.page
    one.open("/processes")
    page.locator('form[action="/drafts"] button').click()
    page.wait_for_url("**/diagram/*")
    draft = page.url.split("/")[4]
    for owner in (0, 1):  # each saves some of the files
        one.open(f"/drafts/{draft}/files")
        page.set_input_files("#files", [str(file) for file in changed_files(folder)[owner::2]])
        page.locator('form[enctype="multipart/form-data"] button').click()
        expect(page.locator("#fates-title")).to_be_visible()
    one.open(f"/drafts/{draft}/compare")
    return page


def drawn(page: Page) -> None:
    page.wait_for_selector('html[data-ready="compare"]', timeout=2 * PATIENCE)


def same_view(page: Page) -> None:
    """Both canvases look at the same place, in the same size, but for parts of a pixel."""
    numbers = re.compile(r"-?[\d.]+")
    first, second = (
        [float(n) for n in numbers.findall(canvas.get_attribute("transform") or "")]
        for canvas in (page.locator("#side-1 g.viewport"), page.locator("#side-2 g.viewport"))
    )
    assert first == pytest.approx(second, abs=2)
    assert len(first) == 6


def test_each_difference_stands_in_its_class_and_on_both_sides(
    screen: Opener, quiet_site: Site, tmp_path: Path
) -> None:
    one = screen("maja", at=quiet_site)
    page = compared(one, tmp_path)
    drawn(page)
    for kind, words in {
        "route": "interestInReturn",
        "rule": "Beslut om hänvisning",
        "who": "frist: var 5 dagar, är nu 7 dagar",
        "text": "Din bedömning",
    }.items():
        section = page.locator(f'section[aria-labelledby="class-{kind}"]')
        expect(section).to_contain_text(words)
    expect(page.locator('section[aria-labelledby="class-who"]')).to_contain_text("Roller")
    expect(page.locator('section[aria-labelledby="class-text"]')).to_contain_text("flyttat")
    for side in ("side-1", "side-2"):
        expect(page.locator(f'#{side} [data-element-id="{FIRST}"].t-changed')).to_have_count(1)
        expect(page.locator(f'#{side} [data-element-id="{REFER}"].t-moved')).to_have_count(1)
        expect(page.locator(f"#{side} .t-overlay--moved")).to_have_text("↔")
    page.locator(f'[data-jump="{CONDITION}"]').click()
    expect(page.locator("#side-1")).to_be_focused()
    expect(page.locator(f'#side-2 [data-element-id="{CONDITION}"]')).to_have_class(
        "djs-element djs-connection t-changed t-pointed"
    )
    same_view(page)
    page.locator('[data-zoom="side-1"] [data-do=in]').click()
    page.keyboard.press("ArrowRight")
    same_view(page)
    assert looked_at(page) == []
    page.locator("summary", has_text="Filerna som text").click()
    page.get_by_role("link", name="workflows/deadlines.dmn").click()
    expect(page.locator(".t-patch--new").last).to_contain_text("P4D")
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    assert looked_at(page) == []


def test_the_list_says_it_all_without_script(
    screen: Opener, quiet_site: Site, tmp_path: Path
) -> None:
    one = screen("maja", at=quiet_site, java_script_enabled=False)
    page = compared(one, tmp_path)
    expect(page.locator("main")).to_contain_text("frist: var 5 dagar, är nu 7 dagar")
    link = page.locator(f'[data-jump="{CONDITION}"]')
    assert f"at={CONDITION}" in (link.get_attribute("href") or "")
    page.locator("[name=with]").select_option(index=0)
    page.locator(".t-compare__choose button").click()
    expect(page.locator("main")).to_contain_text("interestInReturn")
