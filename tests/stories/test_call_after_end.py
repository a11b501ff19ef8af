"""A call after the end that a local office takes: who is rung can open the task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.store.installation import people
from service.store.work import letters, tasks
from tests.support.played_cases import SCENARIOS, Played, play

pytestmark = pytest.mark.slow


@contextmanager
def played(
    database_url: str, keyring: Keyring, begins: str, steps: int, waits: str
) -> Iterator[Played]:
    """The story of a local office that takes such a call, up to a step, minutes before it ends."""
    told = next(s for s in read_scenarios(SCENARIOS) if s.ref == "call-after-end-danger-local")
    part = replace(told, begins=begins, steps=told.steps[:steps], open=(waits,), late=(), end="")
    one = play(database_url, keyring, [part])
    yield one
    one.program.database.close()


@pytest.mark.parametrize(
    ("begins", "steps", "waits"),
    [("PT5M", 1, "Task_TakeHelsinki"), ("PT40M", 3, "Task_SecondHelsinki")],
)
def test_whoever_is_rung_can_open_the_task(
    database_url: str, keyring: Keyring, begins: str, steps: int, waits: str
) -> None:
    with (
        played(database_url, keyring, begins, steps, waits) as one,
        one.program.database.transaction(write=False) as tx,
    ):
        (case,) = cases.listed(tx)
        held = people.roles_of_offices(tx)
        (task,) = tasks.of_case(tx, case.id)
        rung = {letter.office_id for letter in letters.of_case(tx, case.id)}
    assert task.role in held[task.office_id or ""]
    assert rung == {"iom-helsinki"}
