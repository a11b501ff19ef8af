"""Whether somebody who tries words can tell right ones from wrong ones, by the page or by time.

`python -m tests.bench.guesses [CALLS]`: calls to the phone desk of a site on SQLite, in a drawn
order one in ten with the right words, one in ten with words that ended, the others with words that
nobody was given. Says how many different pages answered, and the median time of each kind beside
that of the wrong ones.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path
from time import perf_counter

from service.casework.cases.card_words import give_words
from service.security.keyring import demo_keyring
from service.store.database import Database
from tests.support.browser import PASSWORD, Browser, without_tokens
from tests.support.directory import (
    THREE_OFFICES,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import NOON, SEED, World, open_world, shipped
from tests.web.story import Story

START = "Start_ReturneeSays"
RIGHT, ENDED, WRONG = "right", "ended", "wrong"
APART = timedelta(seconds=10)
"""Between two calls, so that nobody is told to slow down."""
SIGNED_IN = 40
"""Calls for which somebody stays signed in."""
DESK = Directory(
    (OfficePlan("telefon", "Desk", "TELEFON"),),
    (PersonPlan("tyra", "telefon", ("desk",)),),
    language="en",
    password=PASSWORD,
)


def words_of(story: Story) -> str:
    """Two words for the person of the case; the ones before end."""
    world = story.world
    with world.database.transaction() as tx:
        by, now, services = world.loaded_viewer("sara"), world.clock.now(), world.program.services
        given = give_words(tx, services, by=by, now=now, case_id=story.case, lang="sv")
    return " ".join(given.said)


def call(desk: Browser, words: str) -> tuple[float, str]:
    """Send what somebody says; gives the seconds, and the page that answers."""
    typed = {"herWords": words, "says": "SEE_ALL", "saidText": "", "saidLanguage": ""}
    begun = perf_counter()
    sent = desk.post("/cases/new", {**typed, "element": START, "do": "send"})
    taken = perf_counter() - begun
    page = desk.get(str(sent.location)).text
    return taken, re.sub(r"[0-9A-Z]{26}|\d{4}-\d\d-\d\d", "ID or day", without_tokens(page))


def measure(world: World, calls: int) -> tuple[dict[str, list[float]], dict[str, Counter[str]]]:
    """Seconds of each kind of call, and how often each page answered which kind."""
    story, drawn = Story(world), random.Random(1)  # noqa: S311 - an order, no secret
    with world.database.transaction() as tx:
        add_directory(tx, world.program.services, DESK, by=SEED, now=NOON)
    ended, right = words_of(story), words_of(story)
    taken: dict[str, list[float]] = {RIGHT: [], ENDED: [], WRONG: []}
    pages: dict[str, Counter[str]] = {}
    desk = world.browser("tyra")
    for number in range(calls):
        if number % SIGNED_IN == 0:
            desk = world.browser("tyra")
            desk.get("/cases/new")
        kind = drawn.choice((RIGHT, ENDED, *(WRONG,) * 8))
        words = {RIGHT: right, ENDED: ended, WRONG: f"ingen{number} alls"}[kind]
        words = re.sub(r"\d", lambda found: "abcdefghij"[int(found[0])], words)
        seconds, page = call(desk, words)
        taken[kind].append(seconds)
        pages.setdefault(page, Counter())[kind] += 1
        world.clock.set(world.clock.now() + APART)
    story.close()
    return taken, pages


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
    url = f"sqlite:///{folder / 'guesses.db'}"
    made = Database(url)
    made.upgrade()
    made.close()
    keyring = demo_keyring(folder / "keyring")
    world = open_world(url, keyring, shipped(), directory=THREE_OFFICES, topics=None)
    taken, pages = measure(world, calls)
    beside = statistics.median(taken[WRONG])
    print(f"{calls} calls, {len(pages)} different page(s)")
    for kinds in pages.values():
        print("  a page for", ", ".join(f"{kind} {kinds[kind]}" for kind in taken))
    for other in list(pages)[1:]:
        print(*unified_diff(next(iter(pages)).splitlines(), other.splitlines(), n=0, lineterm=""))
    for kind, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"  {kind:6} {len(seconds):6} calls, {middle / beside:.3f} of the wrong ones")


if __name__ == "__main__":
    main()
