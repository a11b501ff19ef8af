"""The list of cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.conftest import Town
from tests.web.story import Story


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


def test_the_list_shows_an_office_its_cases_and_no_other(story: Story, working: Town) -> None:
    ref = story.brief().ref
    assert ref in working.browser("sara").get("/cases").text
    assert ref not in working.browser("omar").get("/cases").text
    assert working.browser("omar").get(f"/cases/{story.case}").status_code == 404
    story.until("Task_DecideReferral")
    assert ref in working.browser("omar").get("/cases").text
    assert ref not in working.browser("aino").get("/cases").text
    assert working.browser("aino").get(f"/cases/{story.case}").status_code == 404


def test_the_list_is_filtered_and_sorted_by_its_address(story: Story, working: Town) -> None:
    ref = story.brief().ref
    browser = working.browser("sara")
    assert ref in browser.get("/cases?stage=1&state=active&sort=since").text
    assert ref not in browser.get("/cases?stage=2").text
    assert ref not in browser.get("/cases?state=done").text
