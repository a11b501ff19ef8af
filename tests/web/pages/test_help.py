"""Help pages."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from service.records.context import Actor
from service.web.accessibility_check import last_check
from tests.support.browser import PASSWORD
from tests.support.directory import BOARD, Directory, PersonPlan, add_directory
from tests.support.world import World


def test_who_runs_the_system_is_told_where_that_is_done(world: World) -> None:
    assert "tresteg incident list" not in world.browser("sara").get("/help").text
    tor = Directory((), (PersonPlan("tor", BOARD, ("operator",)),), password=PASSWORD)
    with world.database.transaction() as tx:
        add_directory(tx, world.program.services, tor, by=Actor("test"), now=world.clock.now())
    help_page = world.browser("tor").get("/help").text
    assert "tresteg incident list" in help_page
    assert 'href="/operations"' in help_page


def test_help_and_accessibility_are_open_to_everybody(world: World) -> None:
    assert "114 14" in world.browser().get("/help").text
    assert world.browser().get("/accessibility").status_code == 200


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_owners_find_the_way_of_a_change_feel_and_rules(shipped_world: World, lang: str) -> None:
    browser = shipped_world.browser("maja")
    browser.get("/help")
    browser.post("/language", {"language": lang, "back": "/help"})
    page = browser.get("/help").text
    for topic in ("process", "feel", "rules"):
        assert f'href="/help/{topic}"' in page
        assert browser.get(f"/help/{topic}").status_code == 200
    examples = shipped_world.program.services.programme.help_examples
    feel, rules = (
        unescape(browser.get("/help/feel").text),
        unescape(browser.get("/help/rules").text),
    )
    for group in examples.feel:
        assert group.words[lang] in feel
        for one in group.examples:
            assert f"<code>{one.text}</code>" in feel
            assert one.words[lang] in feel
    assert all(one.words[lang] in rules for one in examples.cells)
    assert all(one.words[lang] in rules for one in examples.rules)


def test_who_does_not_read_processes_has_no_help_on_them(shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    assert "/help/feel" not in browser.get("/help").text
    assert browser.get("/help/feel").status_code == 404
    assert "/help/feel" not in shipped_world.browser().get("/help").text


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_accessibility_statement_says_who_answers_or_that_nobody_has_said_it(
    world: World, lang: str
) -> None:
    browser = world.browser()
    browser.get("/accessibility")
    browser.post("/language", {"language": lang, "back": "/accessibility"})
    bare = browser.get("/accessibility").text
    for part in (
        "2018:1937",
        last_check().day,
        last_check().axe,
        "https://www.digg.se/tdosanmalan",
    ):
        assert part in bare
    assert "TRESTEG_HOST_NAME" in bare
    assert "TRESTEG_ACCESSIBILITY_UPDATED" in bare
    settings = replace(
        world.program.settings,
        host_name="Länsstyrelsen",
        accessibility_updated="2026-11-30",
        help_contact="help@example.org",
    )
    told = replace(world, program=replace(world.program, settings=settings)).browser()
    page = told.get("/accessibility").text
    for part in ("Länsstyrelsen", "2026-11-30", "help@example.org"):
        assert part in page
    assert "TRESTEG_" not in page
