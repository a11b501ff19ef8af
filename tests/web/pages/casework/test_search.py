"""The search: its words stand in no address, no log and no table; its hits can be loaded again, by
the one who searched, for half an hour.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.store.casefile import cases, named_persons
from service.store.casefile.named_persons import NamedPerson
from service.store.installation import ledger_entries, sessions
from service.store.row_scope import as_system
from service.store.tables import metadata
from tests.support.browser import Browser
from tests.support.kinds import POSTGRESQL
from tests.support.world import World
from tests.web.story import Story

NAME = "Exempelova"
SEARCHING, SHOWING = 13 + 1, 13 + 1
"""Most statements of a search on PostgreSQL, locks counted, and of the page of its hits, with the
one that a demo asks; `tests/web/test_statement_counts.py` has those on SQLite."""


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_DecideReferral", Task_SubmitReferral={"familyName": NAME})
    yield made
    made.close()


def search(browser: Browser, words: str) -> str:
    """Search, and give the address of the hits."""
    browser.get("/find")
    answer = browser.post("/find", {"q": words})
    assert answer.status_code == 303, answer.text
    return answer.location


def test_a_case_is_found_by_name_number_or_person(story: Story, shipped_world: World) -> None:
    brief = story.brief()
    tries = (
        ("sara", brief.ref[:-1], 1),
        ("sara", brief.number[:-1], 1),
        ("omar", "exempelo", 1),
        ("omar", "Éxempelö", 1),
        ("aino", "exempelova", 0),
        ("aino", brief.ref, 0),
    )
    for name, words, hits in tries:
        browser = shipped_world.browser(name)
        page = browser.get(search(browser, words))
        assert page.status_code == 200
        assert page.text.count(f'href="/cases/{story.case}"') == hits, (name, words)
        assert ("No match" in page.text) is (hits == 0)


@pytest.mark.parametrize("how", ["pseudonym", "with a space", "number", "register number"])
def test_a_case_that_is_named_in_full_is_opened(
    story: Story, shipped_world: World, how: str
) -> None:
    story.do("omar", "Task_DecideReferral", diaryNumber="Dnr 77-2026")
    brief = story.brief()
    words = {
        "pseudonym": brief.ref.upper(),
        "with a space": brief.ref.replace("-", " "),
        "number": brief.number,
        "register number": "dnr 77-2026",
    }[how]
    address = search(shipped_world.browser("omar"), words)
    assert address == f"/cases/{story.case}"


def test_a_register_number_finds_nothing_for_another_office(
    story: Story, shipped_world: World
) -> None:
    story.do("omar", "Task_DecideReferral", diaryNumber="Dnr 77-2026")
    for name, found in (("omar", True), ("iva", False)):
        browser = shipped_world.browser(name)
        browser.get("/find")
        address = browser.post("/find", {"q": "dnr 77"}).location
        assert (story.brief().ref in browser.get(address).text) is found, name


@pytest.mark.parametrize(
    "database_url", [pytest.param(POSTGRESQL, marks=pytest.mark.postgres)], indirect=True
)
def test_a_search_takes_few_statements(story: Story, shipped_world: World) -> None:
    """As many with hits as without, for a case that is protected, and however many there are."""
    browser, database = shipped_world.browser("omar"), shipped_world.program.database

    def asked(request: Callable[[], TestResponse]) -> tuple[int, str]:
        sent = list[str]()
        with database.listening(lambda text, _values, _many: sent.append(text)):
            answer = request()
        assert answer.status_code in (200, 303)
        return sum(not one.startswith("BEGIN") for one in sent), answer.location or ""

    def counted(words: str) -> tuple[int, int]:
        browser.get("/find")
        found, address = asked(lambda: browser.post("/find", {"q": words}))
        return found, asked(lambda: browser.get(address))[0]

    def counts() -> list[tuple[int, int]]:
        return [counted(words) for words in (NAME, story.brief().ref[:-1], "nobody at all")]

    counted(NAME)
    few = counts()
    with shipped_world.program.database.transaction() as tx:
        cases.set_marking(tx, story.case, story.brief().rev, "SEKRETESSMARKERING")
        named_persons.add(tx, NamedPerson(story.case, "p_omar", "p_sara", story.world.clock.now()))
    for _ in range(5):
        shipped_world.start_case()
    assert counts() == few
    assert max(searching for searching, _ in few) <= SEARCHING
    assert max(showing for _, showing in few) <= SHOWING


def test_the_hits_can_be_loaded_again_and_gone_back_to(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("omar")
    first, second = search(browser, NAME), search(browser, "nobody at all")
    assert story.brief().ref in browser.get(first).text
    assert f'value="{NAME}"' in browser.get(first).text
    assert story.brief().ref not in browser.get(second).text
    assert story.brief().ref in browser.get(first).text


def test_the_same_search_sent_twice_is_one_search(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("omar")
    browser.get("/find")
    sent = {"q": NAME, **browser.hidden()}
    assert browser.post("/find", sent).location == browser.post("/find", sent).location
    assert len(told_of(shipped_world, story)) == 1


def told_of(world: World, story: Story) -> list[dict[str, object]]:
    """What the ledger says of searches at the office that decides."""
    office = world.loaded_viewer("omar").office
    with world.program.database.transaction(write=False) as tx:
        assert story.brief().ref
        return [
            json.loads(line.body)
            for line in ledger_entries.of_stream(tx, f"office/{office}")
            if line.kind == "search"
        ]


def test_a_search_is_a_line_with_its_kind_and_its_hits(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("omar")
    for words in (NAME, story.brief().number, "nobody at all"):
        address = search(browser, words)
        browser.get(address)
        browser.get(address)
    assert [(line["by"], line["hits"]) for line in told_of(shipped_world, story)] == [
        ("by_name", 1),
        ("by_number", 1),
        ("by_name", 0),
    ]


def test_the_words_stand_in_no_address_and_open_in_no_table(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("omar")
    address = search(browser, NAME)
    assert story.brief().ref in browser.get(address).text
    assert NAME.casefold() not in address.casefold()
    with shipped_world.program.database.engine.connect() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(as_system("schema", select(table))):
                assert all(
                    NAME.encode() not in (cell if isinstance(cell, bytes) else str(cell).encode())
                    for cell in row
                ), table.name


def test_two_letters_are_too_few_for_a_name(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("omar")
    browser.get("/find")
    answer = browser.post("/find", {"q": "zq"})
    assert answer.status_code == 422
    assert "Write at least three letters." in answer.text
    assert 'value="zq"' in answer.text
    assert told_of(shipped_world, story) == []


@pytest.mark.parametrize("whose", ["time", "another session", "another person", "nobody"])
def test_a_search_that_is_over_or_another_persons_says_so_kindly(
    story: Story, shipped_world: World, whose: str
) -> None:
    browser = shipped_world.browser("omar")
    address = search(browser, NAME)
    if whose == "time":
        story.later(minutes=14)
        assert browser.get(address).status_code == 200
        story.later(minutes=14)
        assert browser.get(address).status_code == 200
        story.later(minutes=3)
    if whose == "another session":
        browser = shipped_world.browser("omar")
    if whose == "another person":
        browser = shipped_world.browser("sara")
    page = browser.get(address if whose != "nobody" else "/find?s=nothing")
    assert page.status_code == 410
    assert "This search is kept no longer." in page.text
    assert story.brief().ref not in page.text
    assert NAME not in page.text
    assert browser.get(search(browser, story.brief().ref)).status_code == 200


def test_what_has_had_its_time_is_thrown_away(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("omar")
    search(browser, NAME)
    loaded = metadata.tables["held"]

    def rows() -> int:
        with shipped_world.program.database.engine.connect() as conn:
            return len(conn.execute(as_system("schema", select(loaded))).all())

    assert rows() == 1
    story.later(minutes=29)
    story.settle()
    assert rows() == 1
    story.later(minutes=2)
    story.settle()
    assert rows() == 0
    with shipped_world.program.database.transaction() as tx:
        assert sessions.sweep(tx, shipped_world.clock.now() + timedelta(days=1)) == 1
