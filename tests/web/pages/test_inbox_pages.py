"""Pages of the inbox and of the case list: each goes on where the last one ended."""

from __future__ import annotations

import html
import re

from tests.support import by_hand
from tests.support.browser import Browser
from tests.support.directory import BOARD
from tests.support.world import World

ROW = re.compile(r'name="task" value="([0-9A-Z]{26})"')


CASE = re.compile(r'<a class="t-ref" href="(/cases/[0-9A-Z]{26})"')


def rows(browser: Browser, query: str = "") -> list[str]:
    """Keys of the tasks on the page, in its order."""
    page = browser.get(f"/inbox{query}")
    assert page.status_code == 200
    return ROW.findall(page.text)


def link(browser: Browser, rel: str) -> str:
    """Where the pages of the list go on, or back."""
    found = re.search(rf'<a rel="{rel}" href="([^"]+)"', browser.page.text if browser.page else "")
    return html.unescape(found[1]) if found else ""


def many(world: World, number: int) -> None:
    """A stock of cases, each with its first task."""
    for _ in range(number):
        world.start_case()


def test_pages_of_the_inbox_keep_their_sort_and_filter(shipped_world: World) -> None:
    many(shipped_world, 54)
    browser = shipped_world.browser("sara")
    for query in ("", "?sort=new", "?sort=case&stage=1", "?box=unclaimed"):
        first = rows(browser, query)
        assert len(first) == 50
        assert link(browser, "prev") == ""
        address = link(browser, "next")
        assert "page=" not in address
        assert all(part in address for part in query.removeprefix("?").split("&"))
        many(shipped_world, 1)
        second = rows(browser, address.removeprefix("/inbox"))
        assert not set(first) & set(second)
        assert link(browser, "next") == ""
        assert "First page" in (browser.page.text if browser.page else "")
        again = rows(browser, link(browser, "prev").removeprefix("/inbox"))
        assert len(again) == 50
        assert not set(again) & set(second)


def test_the_list_of_cases_goes_on_beyond_its_first_page(shipped_world: World) -> None:
    many(shipped_world, 53)
    browser = shipped_world.browser("sara")
    for query in (
        "",
        "?sort=case",
        "?sort=since&state=active",
        "?sort=stage&stage=1",
        "?sort=size",
    ):
        first = set(CASE.findall(browser.get(f"/cases{query}").text))
        assert "53 cases" in (browser.page.text if browser.page else "")
        assert len(first) == 50
        second = set(CASE.findall(browser.get(link(browser, "next")).text))
        assert len(second) == 3
        assert not first & second
        assert set(CASE.findall(browser.get(link(browser, "prev")).text)) == first


def test_more_tasks_on_a_page_take_no_more_statements(
    shipped_world: World,
) -> None:
    browser = shipped_world.browser("sara")

    def counted(address: str) -> int:
        sent = list[str]()
        with shipped_world.program.database.listening(
            lambda statement, _values, _many: sent.append(statement)
        ):
            assert browser.get(address).status_code == 200
        return len(sent)

    many(shipped_world, 2)
    browser.get("/inbox")
    few = counted("/inbox")
    many(shipped_world, 52)
    first = counted("/inbox")
    assert few == first == counted(link(browser, "next"))


def test_what_waits_for_others_goes_on_beyond_its_first_page(shipped_world: World) -> None:
    moved = [shipped_world.start_case() for _ in range(52)]
    with shipped_world.program.database.transaction() as tx:
        for one in moved:
            by_hand.hand_to(tx, one.case_id, one.opened[0].role, BOARD)
    browser = shipped_world.browser("sara")
    first = set(CASE.findall(browser.get("/inbox?box=waiting").text))
    second = set(CASE.findall(browser.get(link(browser, "next")).text))
    assert (len(first), len(second)) == (50, 2)
    assert not first & second
    assert set(CASE.findall(browser.get(link(browser, "prev")).text)) == first
