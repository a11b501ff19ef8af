"""How many statements a page asks: few, and as many for many rows as for few.

A page that asks once for each row is slow where it matters: with many cases, and long histories.
The limits are what is asked today; a page that comes to need more says here why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pytest

from service.people import office_contacts
from service.store.installation import installation_values
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.api.v1.answers import answers_of
from tests.web.program import Program
from tests.web.story import Story

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIMITS: Mapping[tuple[str, str], int] = {
    ("sara", "/help"): 1,
    ("sara", "/inbox"): 7,
    ("sara", "/cases"): 6,
    ("sara", "/cases/new"): 3,
    ("sara", "/office"): 8,
    ("sara", "/settings"): 8,
    ("sara", "/cases/{case}"): 7,
    ("sara", "/cases/{case}?tab=tasks"): 6,
    ("sara", "/cases/{case}?tab=people"): 7,
    ("sara", "/cases/{case}?tab=papers"): 6,
    ("sara", "/cases/{case}?tab=letters"): 6,
    ("sara", "/cases/{case}?tab=history"): 9,
    ("sara", "/cases/{case}/diagram"): 6,
    ("sara", "/cases/{case}/print"): 8,
    ("sara", "/cases/{case}/messages/withdraw"): 6,
    ("sara", "/cases/{case}/answers/1/correction"): 7,
    ("sara", "/tasks/{task}"): 5,
    ("sara", "/v1/tasks/{task}/form"): 5,
    ("sara", "/v1/tasks"): 6,
    ("sara", "/v1/cases"): 6,
    ("sara", "/v1/cases/{case}"): 8,
    ("greta", "/audit"): 13,
    ("greta", "/audit/reads"): 12,
    ("greta", "/audit/cases/{case}/reads"): 13,
    ("greta", "/audit/cases/{case}/replay"): 35,  # with keys, bars, words and requests
    ("greta", "/audit/report"): 15,
    ("maja", "/processes"): 7,
}
"""Who opens which page, and how many statements it may ask."""
SEARCH, COMPLETION = 11, 14
SEARCHED = ("aaab", "exempelo")
"""What is searched for: one finds nothing, and one a case by a name in its answers."""
OF_SETTINGS, DEMO = "SELECT setting.name, setting.value", "demo."
"""A demo asks in each request where its clock stands; no other installation does."""
MORE = 4
"""Further cases after the first count."""


def is_of_demo(statement: str, values: Sequence[object]) -> bool:
    """Whether a statement asks where the clock of a demo stands."""
    return statement.startswith(OF_SETTINGS) and DEMO in values


@dataclass
class Asked:
    """What was asked of the database meanwhile."""

    statements: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    def heard(self, statement: str, values: Any, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if not is_of_demo(statement, values):
            (self.begun if statement.startswith("BEGIN") else self.statements).append(statement)

    def listed(self) -> str:
        """The statements, the most frequent first."""
        found = ((len([*same]), text) for text, same in groupby(sorted(self.statements)))
        return "\n".join(f"{many:4} {' '.join(text.split())}" for many, text in sorted(found)[::-1])


class Counter:
    """Opens pages and counts what they ask."""

    def __init__(self, world: World, story: Story) -> None:
        self.world, self.story = world, story
        self.browsers: dict[str, Browser] = {}

    def of(self, name: str, address: str, data: Mapping[str, str] | None = None) -> Asked:
        """What a person's request asks; it is made once before, so that nothing is new."""
        if name not in self.browsers:
            self.browsers[name] = self.world.browser(name)
        browser = self.browsers[name]
        task = self.task() if "{task}" in address else ""
        path = address.format(case=self.story.case, task=task)
        for _ in range(2):
            asked = Asked()
            if data is not None:
                browser.get(path)
            with self.world.database.listening(asked.heard):
                answer = browser.get(path) if data is None else browser.post(path, data)
            assert answer.status_code in (200, 303), (path, answer.status_code)
        return asked

    def task(self) -> str:
        """The task of hers that waits in the case."""
        here = self.world.loaded_viewer("sara").office
        return next(t.key for t in self.world.tasks(self.story.case) if t.office_id == here)

    def pages(self) -> dict[str, Asked]:
        """What every page asks now."""
        pages = {address: self.of(name, address) for name, address in LIMITS}
        searches = {words: self.of("sara", "/find", {"q": words}) for words in SEARCHED}
        return {**pages, **searches}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    """A case, in an installation that knows how an office is reached."""
    with shipped_world.database.transaction() as tx:
        installation_values.put(tx, f"{office_contacts.SETTING}social", '{"telephone": "1"}')
    made = Story(shipped_world)
    yield made
    made.close()


def test_no_page_asks_more_for_more_rows(story: Story, shipped_world: World) -> None:
    counter = Counter(shipped_world, story)
    limits = {address: most for (_, address), most in LIMITS.items()}
    limits |= dict.fromkeys(SEARCHED, SEARCH)
    few = counter.pages()
    for _ in range(MORE):
        shipped_world.start_case()
    story.until("Task_SignApplication")
    many = counter.pages()
    above = [
        f"{address}: {len(asked.statements)}, at most {limits[address]}\n{asked.listed()}"
        for size in (few, many)
        for address, asked in size.items()
        if len(asked.statements) > limits[address]
    ]
    assert not above, "\n\n".join(above)


def test_a_look_that_records_nothing_opens_no_writing(story: Story, shipped_world: World) -> None:
    counter = Counter(shipped_world, story)
    for name, address in (("sara", "/inbox"), ("sara", "/cases"), ("greta", "/audit")):
        assert "BEGIN IMMEDIATE" not in counter.of(name, address).begun, address


def test_a_page_that_is_recorded_writes_at_its_end_alone(
    story: Story, shipped_world: World
) -> None:
    """Nobody waits for a page to be read; who reads it is written before it is sent."""
    counter = Counter(shipped_world, story)
    heard: list[str] = []
    counter.of("sara", f"/cases/{story.case}")
    with shipped_world.database.listening(lambda text, _values, _many: heard.append(text)):
        counter.browsers["sara"].get(f"/cases/{story.case}")
    after = heard[heard.index("BEGIN IMMEDIATE") + 1 :]
    assert len(after) == 2
    assert after[0].startswith("SELECT line.seq")
    assert after[1].startswith("INSERT INTO line")


def test_a_completion_asks_few_statements_in_one_transaction(
    story: Story, shipped_world: World
) -> None:
    sara, key = Program(shipped_world, "sara"), story.key("Task_OfferReturnInformation")
    sara.ask("GET", "/v1/cases")
    sara.token = sara.client.get("/v1/cases").headers["X-CSRF-Token"]
    answers = answers_of(story, "Task_OfferReturnInformation")
    asked = Asked()
    with shipped_world.database.listening(asked.heard):
        sent = sara.post(f"/v1/tasks/{key}/completion", {"rev": 1, "answers": answers})
    assert sent.status_code == 200, sent.text
    assert asked.begun == ["BEGIN", "BEGIN IMMEDIATE"], "one for the session, one for all else"
    assert len(asked.statements) <= COMPLETION, asked.listed()
