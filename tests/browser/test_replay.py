"""The replay for auditors: a case line by line, by slider, keys and links, and without script."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from service.audit import replay_view
from tests.browser.conftest import PATIENCE, Opener, Site
from tests.browser.filler import follow
from tests.support.long_case import long_case

SLIDER = "#slider"


def long_one(page: Page) -> Page:
    """The replay of the case with the most lines."""
    page.goto("/".join(page.url.split("/")[:3]) + "/audit")
    rows = page.locator("tbody tr")
    counts = [int(text) for text in rows.locator('td[data-label="Rader"]').all_inner_texts()]
    rows.nth(counts.index(max(counts))).locator("a").first.click()
    page.wait_for_selector(".djs-container .djs-shape")
    return page


def test_slider_keys_card_picture_and_address_go_together(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    expect(page.locator("main")).to_contain_text("obruten kedja")
    last = int(page.locator(SLIDER).input_value())
    page.locator(SLIDER).focus()
    page.keyboard.press("Home")
    expect(page.locator('[data-part="n"]')).to_have_text(f"1 av {last}")
    expect(page.locator('[data-part="text"]')).to_contain_text("öppnade ärendet")
    assert page.url.endswith("?at=1")
    expect(
        page.locator('.djs-element[data-element-id="Task_OfferReturnInformation"].t-active')
    ).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-part="n"]')).to_have_text(f"2 av {last}")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator('[data-part="kind"]')).to_have_text("av en person")
    page.keyboard.press("PageDown")
    expect(page.locator(SLIDER)).to_have_value(re.compile(r"^(1[1-9]|[2-9]\d|\d{3,})$"))
    page.keyboard.press("End")
    expect(page.locator(SLIDER)).to_have_value(str(last))
    text = page.locator('[data-part="text"]').inner_text()
    expect(page.locator(SLIDER)).to_have_attribute(
        "aria-valuetext", re.compile(rf"{last} av {last}: {re.escape(text)}, .* \d\d:\d\d CES?T")
    )
    expect(
        page.locator('.djs-element[data-element-id="Task_OfferReturnInformation"].t-done')
    ).to_have_count(1)


LONG = 400
"""Facts of a long case; how long a step of it takes is measured by tests/bench/replay_steps.py."""


def test_a_long_case_is_walked_by_keyboard(screen: Opener, quiet_site: Site) -> None:
    case = long_case(quiet_site.program, LONG)
    page = screen("greta", at=quiet_site, reduced_motion="reduce").page
    page.goto(f"{quiet_site.address}/audit/cases/{case}/replay?at=1")
    page.wait_for_selector(".djs-container .djs-shape")
    number, slider = page.locator('[data-part="n"]'), page.locator(SLIDER)
    last = int(number.inner_text().rpartition(" ")[2])
    assert last >= LONG
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(number).to_have_text(f"2 av {last}")
    for n in range(12, 100, 10):
        page.keyboard.press("PageDown")
        expect(number).to_have_text(f"{n} av {last}")
    page.keyboard.press("End")
    expect(number).to_have_text(f"{last} av {last}")
    page.wait_for_selector(".djs-container .djs-shape")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(number).to_have_text(f"{last - 1} av {last}")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(f"^{last - 1} av {last}: "))
    page.keyboard.press("Home")
    expect(number).to_have_text(f"1 av {last}")


def test_it_plays_by_itself_and_stops_at_the_end(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    last = int(page.locator(SLIDER).input_value())
    page.locator(f'#lines [data-at="{last - 2}"]').click()
    page.get_by_role("button", name="4×").click()
    page.locator('[data-do="play"]').click()
    expect(page.locator(SLIDER)).to_have_value(str(last))
    expect(page.locator('[data-do="play"]')).to_have_attribute("aria-pressed", "false")


TICKETS = '.djs-element[data-element-id="Task_BookTickets"]'


def test_a_link_into_a_called_process_shows_its_diagram_and_back(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    steps = json.loads(page.locator("#canvas-data").text_content() or "")["steps"]
    number = next(step["n"] for step in steps if "Biljetter" in step["text"])
    page.goto(f"{page.url.partition('?')[0]}?at={number}")
    expect(page.locator(TICKETS).first).to_be_visible()
    expect(page.locator('.t-file-tab[aria-pressed="true"]')).to_contain_text(
        "Förberedelse inför och under hemresan"
    )
    page.get_by_role("button", name="Återvändande i tre steg").click()
    expect(page.locator('.djs-element[data-element-id="Call_HomeJourney"].t-active')).to_have_count(
        1
    )
    page.locator('.djs-overlays[data-container-id="Call_HomeJourney"] .t-open-called').focus()
    page.keyboard.press("Enter")
    expect(page.locator(TICKETS).first).to_be_visible()


def test_the_list_of_steps_says_what_the_picture_shows(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    step = page.locator('[data-steps] [data-element="Task_OfferReturnInformation"]')
    expect(step).to_contain_text("Klart")
    page.locator(SLIDER).focus()
    page.keyboard.press("Home")
    expect(step).to_contain_text("Pågår")
    expect(step).to_have_attribute("aria-current", "step")


def test_without_script_lines_are_walked_by_links(screen: Opener) -> None:
    window = screen("greta", java_script_enabled=False)
    page = window.page
    window.open("/audit")
    follow(page, page.locator("tbody tr").last.locator("a").first)
    text = page.locator('[data-part="n"]').inner_text()
    follow(page, page.get_by_role("link", name="Föregående"))
    assert page.locator('[data-part="n"]').inner_text() != text
    expect(page.locator("[data-steps] li").first).to_be_visible()


def test_marks_stand_by_line_or_by_time_and_have_words(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    page.reload()
    marks = page.locator("[data-marks] > span:not(.t-marks__read)")
    last = int(page.locator(SLIDER).input_value())
    expect(marks).to_have_count(last)
    dot = page.locator(".t-marks__read").last
    expect(dot).to_have_attribute("title", re.compile("^Läst efter detta, före nästa rad: [1-9]"))
    kinds = page.locator("[data-legend] li")
    assert {"av en person", "frist"} <= {
        re.sub(r"\s*\d+$", "", text) for text in kinds.all_inner_texts()
    }
    page.locator(SLIDER).focus()
    page.keyboard.press("PageUp")
    expect(page.locator(SLIDER)).to_have_value(str(last - 10))
    before = page.locator('[data-part="n"]').inner_text()
    page.get_by_role("button", name="Efter tid").click()
    expect(page.locator('[data-part="n"]')).to_have_text(before)
    page.locator(SLIDER).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[data-part="n"]')).to_have_text(f"{last - 11} av {last}")


def test_the_drawing_follows_the_step_readable_and_in_sight(screen: Opener) -> None:
    page = long_one(screen("greta", reduced_motion="reduce").page)
    page.locator(SLIDER).focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    step = page.locator(".djs-element.t-pointed .djs-visual").first
    expect(step).to_be_in_viewport()
    high = page.locator(".djs-element.t-pointed text").first.evaluate(
        "(text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a"
    )
    assert high >= 11


def test_the_form_as_it_was_opens_below_the_drawing(screen: Opener) -> None:
    page = long_one(screen("greta").page)
    page.locator(SLIDER).focus()
    page.keyboard.press("Home")
    page.get_by_role("link", name="Visa formuläret som det såg ut").click()
    form = page.locator("#form-then")
    expect(form).to_contain_text("dolt för dig")
    expect(form.locator("input:enabled")).to_have_count(0)
    page.keyboard.press("End")
    expect(form).to_be_hidden()


def test_replay_fits_a_narrow_screen(screen: Opener) -> None:
    page = long_one(screen("greta", viewport={"width": 320, "height": 640}).page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_long_replay_goes_on_in_the_lines_of_the_next_page(
    screen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_view, "MOST", 10)
    page = long_one(screen("greta").page)
    last = int(page.locator(SLIDER).get_attribute("max") or "")
    number, slider = page.locator('[data-part="n"]'), page.locator(SLIDER)
    page.locator('[data-do="first"]').click()
    expect(number).to_have_text(f"1 av {last}")
    expect(slider).to_have_attribute("max", "10")
    page.wait_for_selector(".djs-container .djs-shape")  # keys are heard once it is drawn
    slider.focus()
    page.keyboard.press("End")
    expect(number).to_have_text(f"{last} av {last}")
    page.goto(f"{page.url.partition('?')[0]}?at=10")
    expect(number).to_have_text(f"10 av {last}")
    page.get_by_role("button", name="4×").click()
    page.locator('[data-do="play"]').click()
    beyond = re.compile(rf"^(1[3-9]|[2-9]\d|1\d\d) av {last}$")
    expect(number).to_have_text(beyond, timeout=PATIENCE)  # a look may miss a line
    expect(page.locator('[data-speed="4"]')).to_have_attribute("aria-pressed", "true")
    page.locator('[data-do="play"]').click()
    expect(page.locator('[data-do="play"]')).to_have_attribute("aria-pressed", "false")


PAINTED = """() => {
  const classes = [...document.querySelectorAll(".djs-container .djs-element")]
    .map((one) => [one.dataset.elementId, [...one.classList].filter((name) => /^t-(done|active|waiting|overdue|incident|container)$/.test(name)).sort().join(" ")])
    .filter(([, names]) => names);
  const badges = [...document.querySelectorAll(".djs-container .djs-overlays")]
    .map((one) => [one.dataset.containerId, [...one.querySelectorAll(".t-overlay")].map((badge) => badge.textContent).sort().join(" ")])
    .filter(([, text]) => text);
  return [classes, badges].map((rows) => rows.map(String).sort());
}"""  # noqa: E501 - a script as it is written
"""What a drawing shows: the states of its elements, and the texts at them."""


def painted(page: Page) -> object:
    """What the drawing shows once it changes no more."""
    page.wait_for_selector(".djs-container .djs-shape")
    before, shown = None, page.evaluate(PAINTED)
    while shown != before or not shown[0]:
        page.wait_for_timeout(500)
        before, shown = shown, page.evaluate(PAINTED)
    return shown


def test_a_step_leaves_the_picture_as_a_page_that_opens_there(screen: Opener) -> None:
    """A step changes only what differs from the one before, also on a drawing shown again."""
    page = long_one(screen("greta").page)
    slider = page.locator(SLIDER)
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_value("1")
    at = 1
    for key, by in (*[("PageDown", 10)] * 3, ("ArrowLeft", -1), ("PageUp", -10), ("PageDown", 10)):
        page.keyboard.press(key)
        at += by
        expect(slider).to_have_value(str(at))
    walked = painted(page)
    page.reload()
    assert painted(page) == walked
