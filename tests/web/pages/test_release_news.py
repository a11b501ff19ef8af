"""The inbox tells of a release that changed the reader's steps; the step tells on its next task."""

from __future__ import annotations

from tests.support.world import World
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import Story
from tests.workshop.test_changed_steps import later

FIRST = "Task_OfferReturnInformation"
CHANGED = "The process has changed: v2"
STEP = "This step has changed since you last did it"


def test_a_changed_step_is_told_in_the_inbox_and_on_its_task(shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    shipped_world.publish(later())
    page = browser.get("/inbox")
    assert CHANGED in page.text
    assert "was 5 days, is now 7 days" in page.text
    assert browser.post("/inbox/news", {"release": later().digest}).status_code == 303
    assert CHANGED not in browser.get("/inbox").text
    story = Story(shipped_world)
    try:
        here = address(story, FIRST)
        page = browser.get(here)
        assert STEP in page.text
        assert f'name="news" value="{later().digest}"' in page.text
        typed = {**story.typed(FIRST, "sara"), **carried(browser), "send": "1"}
        typed.update(news=later().digest, step=FIRST)
        assert browser.post(here, typed).status_code == 303
    finally:
        story.close()
    other = shipped_world.start_case().case_id
    assert STEP not in browser.get(f"/tasks/{shipped_world.key(other, FIRST)}").text
