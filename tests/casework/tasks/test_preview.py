"""The preview of a button says what sending then does, and writes nothing."""

from __future__ import annotations

import pytest

from service.casework.commands import button_preview
from service.casework.commands.button_consequences import (
    END,
    TASK,
    TIMER,
    UNFINISHED,
    WRONG,
    Consequence,
)
from service.forms import CheckedAnswers, Raw
from service.security.keyring import Keyring
from service.store.work import tasks
from tests.casework.tasks.sessions import session
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

NOTHING = CheckedAnswers({}, {}, ())


def previewed(desk: World, case: str, element: str, raw: Raw) -> tuple[Consequence, ...]:
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case, element)
        return button_preview.preview_task(
            tx,
            found.services,
            found.viewer,
            found.target.loaded,
            found.target.task,
            found.check(raw),
            found.now,
        )


def test_the_next_task_is_named_and_nothing_is_written(desk: World, case: str) -> None:
    (next_task,) = previewed(desk, case, "a", {})
    assert next_task.kind == TASK
    assert next_task.element is not None
    assert (next_task.element.id, next_task.office) == ("b", "Social")
    assert [t.element for t in desk.tasks(case)] == ["a"]


def test_the_answer_decides_which_end_is_named(desk: World, case: str) -> None:
    desk.do(case, "a")
    ends = {}
    for answer in ("YES", "NO"):
        (end,) = previewed(desk, case, "b", {"answer": [answer]})
        assert end.element is not None
        ends[answer] = (end.kind, end.element.id)
    assert ends == {"YES": (END, "e"), "NO": (END, "no")}


def test_without_the_deciding_answer_nobody_can_say(desk: World, case: str) -> None:
    desk.do(case, "a")
    (missing,) = previewed(desk, case, "b", {})
    (wrong,) = previewed(desk, case, "b", {"answer": ["NO_SUCH"]})
    assert (missing.kind, wrong.kind) == (UNFINISHED, WRONG)
    assert missing.question == wrong.question != "", "the question is named"


def test_a_start_is_previewed_as_it_then_begins(desk: World) -> None:
    services, viewer = desk.program.services, desk.viewer()
    with desk.database.transaction(write=False) as tx:
        release = services.current(tx)
        (first,) = button_preview.preview_start(
            tx, services, viewer, release, "s", NOTHING, desk.clock.now()
        )
    started = desk.start()
    with desk.database.transaction(write=False) as tx:
        (task,) = tasks.of_case(tx, started.case_id)
    assert first.element is not None
    assert (first.kind, first.element.id) == (TASK, task.element)


@pytest.mark.parametrize(("day", "waits"), [("2026-02-01", False), ("2026-12-27", True)])
def test_a_moment_that_has_passed_is_not_waited_for(
    database_url: str, keyring: Keyring, day: str, *, waits: bool
) -> None:
    opens = d.catch("w", d.timer("Date", f'= date and time("{day}T09:00:00+01:00")'))
    body = small.person("a") + opens + small.person("b")
    desk = open_world(database_url, keyring, small.one(body, "s>a a>w w>b b>e"))
    (found,) = previewed(desk, desk.start().case_id, "a", {})
    assert found.element is not None
    assert (found.kind, found.element.id) == ((TIMER, "w") if waits else (TASK, "b"))
    desk.database.close()
