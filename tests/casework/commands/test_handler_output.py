"""What an answer brings is written with it or not at all; whole requests are in
tests/worker/test_providers.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from service.binding import Answer, Appointment, Paper, Request
from service.casework.commands.job_commands import answer_call
from service.errors import CaseMoved, HandlerFailed
from service.security.keyring import Keyring
from service.worker.jobs import made_papers as make
from tests.support.world import NOON, World
from tests.worker.providers import (
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
    world = open_providers(database_url, keyring, {TOPIC: asks()})
    yield world
    world.database.close()


ORDER = Answer(
    papers=(Paper("order"),), requests=(Request("travel", "request_tickets", ("order",)),)
)


def test_a_case_that_moved_meanwhile_takes_no_older_paper(asking: World) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    made = make(asking.worker(), job, ORDER)
    older = tuple(replace(paper, rev=paper.rev - 1) for paper in made)
    services = asking.program.services
    with pytest.raises(CaseMoved), asking.database.transaction() as tx:
        answer_call(tx, services, now=NOON, job_key=job.key, answer=ORDER, made=older)
    assert asking.jobs(case), "nothing was written"
    assert made_papers(asking, case) == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (ORDER, "were not made"),
        (Answer(requests=(Request("ferry", "request_tickets"),)), "has no channel ferry"),
        (Answer(appointments=(Appointment(datetime(2026, 3, 2), "deadline"),)), "no moment"),  # noqa: DTZ001 - a moment without a zone is what is refused
        (Answer(appointments=(Appointment(NOON, "party"),)), "of no known kind"),
    ],
)
def test_an_answer_that_cannot_be_written_writes_nothing(
    asking: World, answer: Answer, says: str
) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    services = asking.program.services
    with pytest.raises(HandlerFailed, match=says), asking.database.transaction() as tx:
        answer_call(tx, services, now=NOON, job_key=job.key, answer=answer)
    assert asking.jobs(case)
    assert requests_of(asking, case) == []


def test_a_consent_that_ends_before_keeping_keeps_nothing(asking: World) -> None:
    case = begin(asking)
    (job,) = asking.jobs(case)
    made = make(asking.worker(), job, ORDER)
    withdraw(asking, case)
    services = asking.program.services
    with pytest.raises(HandlerFailed, match="is not live"), asking.database.transaction() as tx:
        answer_call(tx, services, now=NOON, job_key=job.key, answer=ORDER, made=made)
    assert made_papers(asking, case) == []
