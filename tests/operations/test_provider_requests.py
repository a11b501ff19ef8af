"""A request is prepared when it leaves: consents and papers as they are then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.mail import OutgoingMail
from service.security.keyring import Keyring
from service.store.casefile import documents
from service.store.work import letters
from service.worker.providers import prepare_request
from tests.support.world import World
from tests.worker.providers import (
    ADDRESS,
    TOPIC,
    asks,
    begin,
    made_papers,
    open_providers,
    requests_of,
    withdraw,
)


@pytest.fixture
def asking(database_url: str, keyring: Keyring) -> Iterator[World]:
    world = open_providers(database_url, keyring, {TOPIC: asks()}, url=f"mail:{ADDRESS}")
    yield world
    world.database.close()


def waiting(world: World) -> str:
    """A case whose request waits to leave."""
    case = begin(world)
    world.worker().timers_and_calls()
    return case


def prepared(world: World, case: str, **change: str) -> OutgoingMail | None:
    now = world.clock.now()
    with world.database.transaction() as tx:
        leased = letters.lease(tx, now=now, who="w", seconds=60)
        letter = next(letter for letter in leased if letter.case_id == case and letter.channel)
        if change:
            before, letter = letter, replace(letter, **change)  # type: ignore[arg-type] # facts of a test
            letters.ROWS.change(tx, before, letter, stream=f"case/{case}")
        return prepare_request(tx, world.program.services, letter=letter, who="w", now=now)


def test_a_request_is_prepared_with_its_paper(asking: World) -> None:
    case = waiting(asking)
    mail = prepared(asking, case)
    assert mail is not None
    assert (mail.to, mail.channel, len(mail.files)) == (ADDRESS, "mail", 1)


def test_each_consent_is_asked_of_request_and_paper(asking: World) -> None:
    case = waiting(asking)
    withdraw(asking, case)
    assert prepared(asking, case, needs_consent="") is None, "the paper rests on one too"
    assert [row.state for row in requests_of(asking, case)] == ["held"]


def test_a_paper_that_was_dropped_is_not_sent(asking: World) -> None:
    case = waiting(asking)
    (paper,) = made_papers(asking, case)
    with asking.database.transaction() as tx:
        documents.drop(tx, paper)
    assert prepared(asking, case) is None
    assert [row.state for row in requests_of(asking, case)] == ["failed"]
    assert [one.kind for one in asking.incidents(case)] == ["letter"]


def test_a_channel_that_is_gone_is_an_incident(asking: World) -> None:
    case = waiting(asking)
    assert prepared(asking, case, channel="gone") is None
    (told,) = asking.incidents(case)
    assert told.error == "the configuration has no channel gone"
