"""The list of cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_the_list_shows_an_office_its_cases_and_no_other(
    story: Story, shipped_world: World
) -> None:
    ref = story.brief().ref
    assert ref in shipped_world.browser("sara").get("/cases").text
    assert ref not in shipped_world.browser("omar").get("/cases").text
    assert shipped_world.browser("omar").get(f"/cases/{story.case}").status_code == 404
    story.until("Task_DecideReferral")
    assert ref in shipped_world.browser("omar").get("/cases").text
    assert ref not in shipped_world.browser("aino").get("/cases").text
    assert shipped_world.browser("aino").get(f"/cases/{story.case}").status_code == 404


def test_the_list_is_filtered_and_sorted_by_its_address(story: Story, shipped_world: World) -> None:
    ref = story.brief().ref
    browser = shipped_world.browser("sara")
    assert ref in browser.get("/cases?stage=1&state=active&sort=since").text
    assert ref not in browser.get("/cases?stage=2").text
    assert ref not in browser.get("/cases?state=done").text
