"""The diagram of a case: drawn, coloured by what happened, with its steps and its makers' mark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, Opener

MARK = ".bjs-powered-by"
HIT = """mark => {
    const box = mark.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const visible = getComputedStyle(mark).opacity === '1';
    return box.width > 20 && box.height > 10 && mark.contains(hit) && visible;
}"""
"""Whether the point in the middle of the mark belongs to it."""


def mark_is_hit(page: Page) -> bool:
    """Whether nothing lies over the mark."""
    mark = page.locator(f"{MARK}:visible").first
    mark.scroll_into_view_if_needed()
    return bool(mark.evaluate(HIT))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_mark_of_the_makers_is_seen_and_can_be_pressed(
    size: dict[str, int], screen: Opener
) -> None:
    one = screen("aino", viewport=size)
    page = one.page
    one.open(diagram_of_a_case(page))
    expect(page.locator(".djs-element").first).to_be_attached()
    assert mark_is_hit(page)


def diagram_of_a_case(page: Page) -> str:
    """Address of the diagram of a case that waits in a step of the programme."""
    row = page.locator("tbody tr", has_text="sval-pil")
    return f"{row.locator('td a').get_attribute('href')}/diagram"


def test_the_case_drawer_draws_when_opened_and_marks_the_place(
    screen: Opener,
) -> None:
    page = screen("aino").page
    page.locator("tbody td a").first.click()
    page.locator(".t-drawer summary").click()
    expect(page.locator(".djs-element.t-active, .djs-element.t-overdue").first).to_be_attached()
    expect(page.locator(".djs-element.t-done").first).to_be_attached()
    assert mark_is_hit(page)


def test_the_mark_stays_on_paper(screen: Opener) -> None:
    one = screen("aino")
    page = one.page
    one.open(diagram_of_a_case(page))
    expect(page.locator(".djs-element").first).to_be_attached()
    page.emulate_media(media="print")
    expect(page.locator(MARK).first).to_be_visible()


def test_the_editor_shows_the_mark_too(screen: Opener) -> None:
    page = screen("maja").page
    page.get_by_role("button", name="Öppna utkastet").click()
    expect(page.locator(".djs-element").first).to_be_attached()
    assert mark_is_hit(page)


def test_the_replay_shows_the_mark_and_moves_on(screen: Opener) -> None:
    one = screen("greta")
    page = one.page
    page.locator("a[href*='/replay']").first.click()
    expect(page.locator(".djs-element").first).to_be_attached()
    assert mark_is_hit(page)


SCALE = """element => element.getBoundingClientRect().width / element.getBBox().width"""
"""How large something is drawn; at 1 its words are 12 px high."""
INSIDE = """element => {
    const box = element.getBoundingClientRect();
    const canvas = element.closest('.t-canvas').getBoundingClientRect();
    const wide = box.left >= canvas.left && box.right <= canvas.right;
    return wide && box.top >= canvas.top && box.bottom <= canvas.bottom;
}"""
READABLE = 0.9
TASK = ".djs-element[data-element-id^='Task_']"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_drawing_opens_readable_where_the_case_stands(
    size: dict[str, int], screen: Opener
) -> None:
    one = screen("aino", viewport=size)
    page = one.page
    one.open(diagram_of_a_case(page))
    pointed = page.locator(".djs-element.t-pointed .djs-visual")
    expect(pointed).to_be_attached()
    assert pointed.evaluate(SCALE) >= READABLE
    assert pointed.evaluate(INSIDE)


def test_a_button_for_each_frame_shows_it(screen: Opener) -> None:
    one = screen("aino")
    page = one.page
    one.open(diagram_of_a_case(page))
    frames = page.get_by_role("group", name="Delar av diagrammet").get_by_role("button")
    expect(frames.first).to_be_visible()
    for frame in frames.all()[:3]:
        frame.click()
        task = page.locator(f"{TASK} .djs-visual").first
        assert task.evaluate(SCALE) >= READABLE


def test_the_editor_opens_readable_at_the_beginning(screen: Opener) -> None:
    page = screen("maja").page
    page.get_by_role("button", name="Öppna utkastet").click()
    start = page.locator(".djs-element[data-element-id^='Start_'] .djs-visual").first
    expect(start).to_be_attached()
    assert start.evaluate(SCALE) >= READABLE


def test_dark_pages_draw_dark(screen: Opener) -> None:
    one = screen("aino")
    page = one.page
    page.emulate_media(color_scheme="dark")
    one.open(diagram_of_a_case(page))
    expect(page.locator(".djs-element").first).to_be_attached()
    colours = page.locator(".t-canvas").evaluate(
        "canvas => [getComputedStyle(canvas).backgroundColor,"
        " getComputedStyle(canvas.querySelector('.djs-element text')).fill]"
    )
    assert colours == ["rgb(26, 32, 36)", "rgb(227, 230, 232)"]
