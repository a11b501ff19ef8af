"""Bounds of what a handler reads and prints; whole requests: tests/worker/test_providers.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.binding import Paper
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.commands.handler_papers import (
    compose_papers,
    readable_answers,
    require_sendable,
    step_office,
)
from service.errors import HandlerFailed, TaskClosed
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.store.transaction import Tx
from tests.support.world import NOON, World
from tests.worker.providers import (
    NOTE,
    TOPIC,
    asks,
    begin,
    declaration,
    open_providers,
    withdraw,
)


@pytest.fixture
def asking(database_url: str, keyring: Keyring) -> Iterator[World]:
    world = open_providers(database_url, keyring, {TOPIC: asks()})
    yield world
    world.database.close()


def loaded(tx: Tx, world: World, case: str) -> LoadedCase:
    rows = cases.load(tx, case)
    assert rows is not None
    return load_case(tx, world.program.services, rows)


def test_a_paper_prints_its_fields_and_nothing_else(asking: World) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    with asking.database.transaction(write=False) as tx:
        services = asking.program.services
        (made,) = compose_papers(tx, services, job_key=job.key, papers=(Paper("order"),), now=NOON)
    assert set(made.data["fields"]) == {"note"}
    assert made.data["fields"]["note"]["text"] == NOTE
    assert (made.data["ref"], made.data["number"], made.data["by"]) == ("", "", "")
    assert made.origin.purpose == "ORDER"


def test_a_class_that_is_not_declared_is_not_read(asking: World) -> None:
    case = begin(asking)
    with asking.database.transaction(write=False) as tx:
        found = loaded(tx, asking, case)
        assert "note" in readable_answers(tx, found, declaration())
        assert "note" not in readable_answers(tx, found, declaration(classes=("C1",)))


def test_a_wider_paper_is_refused(asking: World) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    services = asking.program.services
    narrow = replace(services, topics={**services.topics, TOPIC: declaration(classes=("C1",))})
    with (
        asking.database.transaction(write=False) as tx,
        pytest.raises(HandlerFailed, match="prints C2"),
    ):
        compose_papers(tx, narrow, job_key=job.key, papers=(Paper("order"),), now=NOON)


def test_a_consent_that_was_taken_back_makes_nothing(asking: World) -> None:
    case = begin(asking)
    withdraw(asking, case)
    with asking.database.transaction(write=False) as tx:
        found = loaded(tx, asking, case)
        with pytest.raises(HandlerFailed, match="is not live"):
            require_sendable(tx, found, declaration(), NOON)


def test_a_job_that_is_gone_makes_nothing(asking: World) -> None:
    services = asking.program.services
    with asking.database.transaction(write=False) as tx, pytest.raises(TaskClosed):
        compose_papers(tx, services, job_key="x:1.1", papers=(Paper("order"),), now=NOON)


def test_a_step_without_a_role_is_of_the_owner_office(asking: World) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    with asking.database.transaction(write=False) as tx:
        found = loaded(tx, asking, case)
        role, office = step_office(asking.program.services, found, job)
    assert found.parties[role] == office
