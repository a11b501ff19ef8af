"""Filters of the inbox that a person saves."""

from __future__ import annotations

import re

from tests.support.world import World


def many(world: World, number: int) -> None:
    """A stock of cases, each with its first task."""
    for _ in range(number):
        world.start_case()


def test_a_filter_is_saved_under_its_own_words_and_forgotten(shipped_world: World) -> None:
    many(shipped_world, 2)
    browser = shipped_world.browser("sara")
    assert "Save this filter" not in browser.get("/inbox").text, "all tasks are no filter"
    browser.get("/inbox?box=office&stage=1&due=late")
    asked = {"box": "office", "stage": "1", "due": "late", "sender": "", "sort": ""}
    answer = browser.post("/inbox/filters", {**browser.hidden(), **asked, "do": "save"})
    assert answer.headers["Location"] == "/inbox?box=office&stage=1&due=late"
    page = browser.get("/inbox").text
    assert (
        '<a href="/inbox?box=office&amp;stage=1&amp;due=late">My office, Stage 1, Late</a>' in page
    )
    assert "Forget this filter" in browser.get("/inbox?box=office&stage=1&due=late").text
    browser.post("/inbox/filters", {**browser.hidden(), **asked, "do": "forget"})
    assert "Saved filters" not in browser.get("/inbox").text
    assert "Saved filters" not in shipped_world.browser("stina").get("/inbox").text


def test_of_too_many_kept_filters_the_oldest_gives_way(shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/inbox?stage=1")
    for stage in "123":
        for due in ("", "late", "today", "week"):
            browser.post(
                "/inbox/filters",
                {**browser.hidden(), "box": "office", "stage": stage, "due": due, "do": "save"},
            )
    kept = re.findall(
        r'<li><a href="(/inbox\?box=office&amp;stage=[^"]+)">', browser.get("/inbox").text
    )
    assert len(kept) == 10
    assert "/inbox?box=office&amp;stage=1" not in kept


def test_a_filter_for_what_is_not_there_spoils_no_inbox(shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/inbox?stage=1")
    answer = browser.post(
        "/inbox/filters",
        {**browser.hidden(), "box": "attic", "stage": "9", "due": "late", "do": "save"},
    )
    assert answer.headers["Location"] == "/inbox?due=late"
    assert '<a href="/inbox?due=late">My office, Late</a>' in browser.get("/inbox").text
