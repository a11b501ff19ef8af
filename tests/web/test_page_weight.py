"""What the pages weigh that people open all day: bytes as sent to a browser that has nothing yet.

Source: speed.md S15.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from service.web import assets
from tests.support.machine import lacking
from tests.support.world import World
from tests.web.story import Story

BROWSER = {
    "Accept-Encoding": "gzip, deflate, br",
    "Sec-Fetch-Site": "same-origin",
}
HEAD = 400
"""Bytes of the head of an answer that is a built file; that of a page is counted."""
KB = 1000
STAFF, DRAWING, FORM = 60 * KB, 142 * KB, 60 * KB
SIGNING = "Task_SignApplication"
"""The task with the largest form."""


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    if not (assets.BUILT / "manifest.json").exists():
        lacking("the browser bundle is not built: python3 dev.py build")
    made = Story(shipped_world)
    yield made
    made.close()


def sent(world: World, name: str, address: str) -> int:
    """Bytes of a page and of everything that it loads by itself, each once."""
    client, total = world.browser(name).client, 0
    page = client.get(address, headers={**BROWSER, "Accept-Encoding": ""})
    assert page.status_code == 200, address
    html = page.text
    links = re.findall(r'<(?:link|script|use)[^>]*?\s(?:href|src)="(/static/[^"#]+)', html)
    drawings = (
        re.findall(r'"xml": "(/releases/[^"]+)"', html)[:1]
        if 'src="/static/diagram-' in html
        else []
    )
    for link in {address, *links, *(one.replace("\\u0026", "&") for one in drawings)}:
        answer = client.get(link, headers=BROWSER, buffered=True)
        assert answer.status_code == 200, link
        total += len(answer.data) + HEAD
    return total


def test_the_inbox_weighs_little(story: Story, shipped_world: World) -> None:
    story.until("Task_CounselReturnee")
    assert sent(shipped_world, "aino", "/inbox") < STAFF


def test_a_task_and_a_case_weigh_little(story: Story, shipped_world: World) -> None:
    story.until("Task_CounselReturnee")
    assert sent(shipped_world, "aino", f"/tasks/{story.key('Task_CounselReturnee')}") < STAFF
    for tab in ("overview", "tasks", "people", "history"):
        assert sent(shipped_world, "aino", f"/cases/{story.case}?tab={tab}") < STAFF, tab


def test_the_drawing_of_a_case_comes_when_its_drawer_is_opened(
    story: Story, shipped_world: World
) -> None:
    browser, address = shipped_world.browser("sara"), f"/cases/{story.case}"
    page = browser.get(address).text
    assert "t-step__what" not in page
    part = re.search(r'data-late="([^"]+)"', page)
    assert part is not None
    drawer = browser.get(part[1]).text
    assert drawer.count('class="t-step ') > 20
    assert 'id="canvas-data"' in drawer
    assert f'href="{address}/diagram"' in page, "without script it is a page"


def test_the_page_of_a_drawing_keeps_its_budget(story: Story, shipped_world: World) -> None:
    assert sent(shipped_world, "sara", f"/cases/{story.case}/diagram") < DRAWING


def test_the_largest_form_keeps_its_budget(story: Story, shipped_world: World) -> None:
    story.until(SIGNING)
    address = f"/tasks/{story.key(SIGNING)}"
    assert sent(shipped_world, "sara", address) < FORM
    browser = shipped_world.browser("sara")
    page = browser.get(address).text
    assert page.count("<option") > 500, "the list of all languages is whole, also without script"
