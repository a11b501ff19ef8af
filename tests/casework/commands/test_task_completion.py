"""Completing a task: who may, from which page, and what is left of what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from service.access import Viewer
from service.casework.commands.task_completion import complete_task
from service.casework.tasks import claims
from service.errors import EndNotConfirmed, NotFound, Stale, TaskClosed, TaskTaken, TrestegError
from service.security.keyring import Keyring
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(2))
    yield made
    made.database.close()


def refused(desk: World, by: Viewer, task_key: str, rev: int | None = None) -> type[TrestegError]:
    """Why a person may not complete a task without answers."""
    services, now = desk.program.services, desk.clock.now()
    with pytest.raises(TrestegError) as fault, desk.database.transaction() as tx:
        complete_task(tx, services, by, now, task_key=task_key, answers={}, rev=rev)
    return type(fault.value)


def test_only_its_office_and_role_complete_a_task(desk: World) -> None:
    key = desk.key(desk.start().case_id, "t1")
    sara = desk.viewer()
    assert refused(desk, replace(sara, office="elsewhere"), key) is NotFound
    assert refused(desk, replace(sara, roles=frozenset({"Other"})), key) is NotFound


def test_a_task_that_a_colleague_claimed_is_hers(desk: World) -> None:
    key = desk.key(desk.start().case_id, "t1")
    with desk.database.transaction() as tx:
        claims.claim(
            tx, desk.program.services, by=desk.viewer("stina"), now=desk.clock.now(), task_key=key
        )
    assert refused(desk, desk.viewer(), key) is TaskTaken
    assert desk.complete(key, by="stina").rev == 2


def test_a_page_from_the_future_is_stale_and_an_older_one_is_not(desk: World) -> None:
    case = desk.start().case_id
    key, rev = desk.key(case, "t1"), desk.case(case).rev
    assert refused(desk, desk.viewer(), key, rev=rev + 1) is Stale
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        done = complete_task(
            tx, services, desk.viewer(), now, task_key=key, answers={}, rev=rev - 1
        )
    assert [task.element for task in done.opened] == ["t2"]


def test_a_case_ends_only_when_that_is_meant(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "t1")
    key, before = desk.key(case, "t2"), (desk.case(case), desk.facts(case))
    assert refused(desk, desk.viewer(), key) is EndNotConfirmed
    assert (desk.case(case), desk.facts(case)) == before
    meant = partial(complete_task, task_key=key, answers={}, end_confirmed=True)
    with desk.database.transaction() as tx:
        assert meant(tx, desk.program.services, desk.viewer(), desk.clock.now()).ended


def test_a_completed_task_is_closed(desk: World) -> None:
    key = desk.key(desk.start().case_id, "t1")
    desk.complete(key)
    assert refused(desk, desk.viewer(), key) is TaskClosed


def test_whoever_moves_a_case_goes_on_with_the_next_task_of_her_own(desk: World) -> None:
    begun = desk.start()
    first = desk.key(begun.case_id, "t1")
    assert begun.next_task == first
    done = desk.complete(first)
    assert done.next_task == desk.key(begun.case_id, "t2")
    assert desk.complete(done.next_task).next_task == "", "the case has ended"


def test_where_there_is_a_choice_nobody_is_led_on(database_url: str, keyring: Keyring) -> None:
    body = small.person("a") + d.both("f") + small.person("b") + small.person("c") + d.both("j")
    desk = open_world(database_url, keyring, small.one(body, "s>a a>f f>b f>c b>j c>j j>e"))
    case = desk.start().case_id
    assert desk.do(case, "a").next_task == ""
    assert {task.element for task in desk.tasks(case)} == {"b", "c"}
    desk.database.close()
