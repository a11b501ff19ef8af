"""S17, S18: what a request costs, with everything on, and how many statements it asks.

The application is called directly, in one thread and without a worker, on a SQLite file. A case of
the shipped process has come as far as its application, fifty others wait at their first task.
Processor time, best and median.
"""

from __future__ import annotations

import gc
import logging
import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from service.security.keyring import make_keyring
from service.settings import Settings
from tests.bench._gauge import Row, report, sqlite
from tests.support.directory import THREE_OFFICES
from tests.support.world import World, open_world, shipped
from tests.web.api.v1.answers import FIRST, answers_of
from tests.web.program import Program
from tests.web.story import Story

OTHERS, ROUNDS, LAST = 50, 15, "Task_SignApplication"
PAGES = {
    "GET /v1 case": ("sara", "/v1/cases/{case}", 3.0, 18),
    "inbox of 50": ("sara", "/inbox", 8.0, 10),
    "case overview": ("sara", "/cases/{case}", 10.0, None),
    "task page": ("sara", "/tasks/{task}", 10.0, None),
    "history": ("sara", "/cases/{case}?tab=history", 10.0, 22),
    "replay": ("greta", "/audit/cases/{case}/replay", 40.0, 40),
    "/processes": ("maja", "/processes", 12.0, None),
}
"""Who opens what; the targets: milliseconds of processor time, and statements."""
COMPLETION, SEARCH = (1.8, 16), 12


@dataclass
class Cost:
    """What requests of one kind cost: milliseconds of each, and what the last one asked."""

    spent: list[float]
    statements: int
    begun: list[str]

    def rows(self, name: str, most_ms: float, most: int | None) -> list[Row]:
        best, usual = min(self.spent), statistics.median(self.spent)
        writing = sum(one == "BEGIN IMMEDIATE" for one in self.begun)
        asked = f"{self.statements}; {len(self.begun)} transactions, {writing} writing"
        return [
            Row("S17", f"{name}: CPU", f"<= {most_ms:g} ms", _ms(best, usual), usual <= most_ms),
            Row(
                "S18",
                f"{name}: statements",
                "" if most is None else f"<= {most}",
                asked,
                None if most is None else self.statements <= most,
            ),
        ]


def _ms(best: float, usual: float) -> str:
    return f"{best:.1f} ms best, {usual:.1f} median"


def cost(world: World, request: Callable[[], object], rounds: int) -> Cost:
    """Make a request so many times, the first of them for nothing; once more to count."""
    request()
    spent: list[float] = []
    for _ in range(rounds):
        began = time.process_time()
        request()
        spent.append((time.process_time() - began) * 1000)
    heard: list[str] = []
    with world.database.listening(lambda text, _values, _many: heard.append(text)):
        request()
    begun = [text for text in heard if text.startswith("BEGIN")]
    return Cost(spent, len(heard) - len(begun), begun)


def made(url: str) -> tuple[World, Story]:
    """An installation with a case that has come far, and others at their first task."""
    settings = Settings(
        database_url=url, secret_key=secrets.token_urlsafe(16), base_url="http://localhost"
    )
    world = open_world(
        settings, make_keyring(demo=True), shipped(), directory=THREE_OFFICES, topics=None
    )
    story = Story(world)
    story.until(LAST)
    gc.collect()
    gc.freeze()  # as the server does when it has started
    return world, story


def pages(world: World, story: Story) -> list[Row]:
    """The rows of the pages."""
    found: list[Row] = []
    for name, (who, address, most_ms, most) in PAGES.items():
        browser = world.browser(who).client
        path = address.format(case=story.case, task=story.key(LAST))
        assert browser.get(path).status_code == 200, path
        spent = cost(world, lambda path=path, browser=browser: browser.get(path), ROUNDS)  # type: ignore[misc]  # what they are now
        found += spent.rows(name, most_ms, most)
    return found


def completions(world: World, story: Story) -> list[Row]:
    """The rows of a completion through the interface: each request is of another case."""
    sara, answers = Program(world, "sara"), answers_of(story, FIRST)
    client, token = sara.client, sara.client.get("/v1/cases").headers["X-CSRF-Token"]
    left = [world.start_case().case_id for _ in range(OTHERS)]
    keys = iter([(world.key(case, FIRST), case) for case in left[: ROUNDS + 2]])

    def complete() -> None:
        task, case = next(keys)
        sent = client.post(
            f"/v1/tasks/{task}/completion",
            json={"rev": 1, "answers": answers},
            headers={"Origin": "http://localhost", "X-CSRF-Token": token, "Idempotency-Key": case},
        )
        assert sent.status_code == 200, sent.text

    return cost(world, complete, ROUNDS).rows("completion", *COMPLETION)


def searches(world: World) -> list[Row]:
    """The rows of a search by a part of a name; its page of hits is another request."""
    browser, spent, heard = world.browser("sara"), list[float](), list[str]()
    for _ in range(ROUNDS):
        browser.get("/find")
        heard.clear()
        with world.database.listening(lambda text, _values, _many: heard.append(text)):
            began = time.process_time()
            sent = browser.post("/find", {"q": "exempelo"})
            spent.append((time.process_time() - began) * 1000)
        assert sent.status_code == 303, sent.text
    begun = [text for text in heard if text.startswith("BEGIN")]
    _, statements = Cost(spent, len(heard) - len(begun), begun).rows("search", 0, SEARCH)
    return [statements]


def main() -> None:
    logging.disable(logging.CRITICAL)
    with sqlite() as url:
        world, story = made(url)
        rows = completions(world, story) + pages(world, story) + searches(world)
        story.close()
        world.database.close()
    report("requests", rows)


if __name__ == "__main__":
    main()
