"""F8: one request that arrives eight times at once has one effect, and each is answered alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from service.records.ids import ulid
from service.store.row_scope import as_system
from service.store.tables import cases, fact, note, once
from tests.support.browser import Browser
from tests.support.world import NOON, START, World
from tests.web.api.v1.answers import given
from tests.web.program import Program
from tests.web.story import Story

COPIES = 8
FIRST = "Task_OfferReturnInformation"
FORM = "new_case"
Send = Callable[[], TestResponse]


def browsers(world: World) -> list[Browser]:
    """So many windows of one person's browser."""
    first = world.browser("sara")
    cookie = first.client.get_cookie("tresteg_demo")
    assert cookie is not None
    windows = [Browser(world.app.test_client()) for _ in range(COPIES)]
    for window in windows:
        window.client.set_cookie(cookie.key, cookie.value, domain="localhost")
    return windows


def by_form(world: World, page: str, path: str, typed: Mapping[str, object]) -> list[Send]:
    """The form of a page, sent by each window."""
    windows = browsers(world)
    windows[0].get(page)
    sent = {**windows[0].hidden(), "_once": ulid(NOON), **typed}
    headers = windows[0].headers
    return [partial(one.client.post, path, data=sent, headers=headers) for one in windows]


def by_program(world: World, path: str, body: Mapping[str, Any]) -> list[Send]:
    """The same body under one key, sent by each of a person's programs."""
    key, programs = ulid(NOON), [Program(world, "sara") for _ in range(COPIES)]
    for program in programs:
        program.get("/v1/cases")
    return [partial(one.post, path, body, key) for one in programs]


def rows(world: World) -> dict[str, int]:
    """How much there is of what a request may have made."""
    with world.database.transaction(write=False) as tx:
        return {
            table.name: tx.value(as_system("verify", select(func.count()).select_from(table)))
            for table in (cases, fact, note, once)
        }


def answered(answer: TestResponse) -> tuple[int, str, str]:
    """What of an answer must be the same."""
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def all_at_once(world: World, sent: list[Send]) -> tuple[set[Any], dict[str, int]]:
    """Every answer that was given, and what has come to be."""
    before, gate = rows(world), Barrier(COPIES)

    def send(one: Send) -> tuple[int, str, str]:
        gate.wait(timeout=60)
        return answered(one())

    with ThreadPoolExecutor(COPIES) as threads:
        answers = set(threads.map(send, sent))
    after = rows(world)
    return answers, {
        name: after[name] - before[name] for name in after if after[name] > before[name]
    }


def page_completion(story: Story, world: World) -> list[Send]:
    task = story.key(FIRST)
    return by_form(world, f"/tasks/{task}", f"/tasks/{task}", story.typed(FIRST, "sara"))


def program_completion(story: Story, world: World) -> list[Send]:
    task = story.key(FIRST)
    body = {"rev": story.brief().rev, "answers": dict(story.typed(FIRST, "sara"))}
    return by_program(world, f"/v1/tasks/{task}/completion", body)


def page_note(story: Story, world: World) -> list[Send]:
    page = f"/cases/{story.case}?tab=people"
    return by_form(world, page, f"/cases/{story.case}/notes", {"text": "ringer i morgon"})


def page_start(story: Story, world: World) -> list[Send]:
    typed = {"element": START, "do": "send", **story.answers("start_case", "sara")}
    return by_form(world, "/cases/new", "/cases/new", typed)


def program_start(story: Story, world: World) -> list[Send]:
    assert story.case
    return by_program(world, "/v1/cases", {"element": START, "answers": given("start_case")})


ROADS = {
    page_completion: {"fact": 1, "once": 1},
    program_completion: {"fact": 1, "once": 1},
    page_note: {"note": 1, "once": 1},
    page_start: {"cases": 1, "fact": 1, "once": 1},
    program_start: {"cases": 1, "fact": 1, "once": 1},
}
"""Ways to send something, and what has come to be after eight copies of it."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("road", "made"), ROADS.items(), ids=lambda at: getattr(at, "__name__", "")
)
def test_copies_at_once_have_one_effect_and_one_answer(
    shipped_world: World, road: Callable[[Story, World], list[Send]], made: dict[str, int]
) -> None:
    story = Story(shipped_world)
    answers, new = all_at_once(shipped_world, road(story, shipped_world))
    assert len(answers) == 1, sorted(status for status, _, _ in answers)
    assert next(iter(answers))[0] in (200, 201, 303), answers
    assert new == made
    story.close()
