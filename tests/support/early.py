"""Erasures that two persons decide, and the holds that stop them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from service.access import CLASSES, RECORDS_OFFICER, Viewer
from service.casework.approvals import requests
from service.casework.retention import early, holds
from service.errors import NotErasable
from service.records.context import actor
from service.store.casefile import approvals
from tests.support.directory import OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.world import World

DIRECTORY: Final = replace(
    THREE_OFFICES,
    people=(PersonPlan("sara", OFFICE, (ROLE, RECORDS_OFFICER)), *THREE_OFFICES.people[1:]),
)
"""One of the two people of the office keeps its records."""
SARA: Final = Viewer("p_sara", OFFICE, frozenset({ROLE, RECORDS_OFFICER}))
STINA: Final = Viewer("p_stina", OFFICE, frozenset({ROLE}))
HOLD: Final = timedelta(days=20)


def approved(desk: World, case: str) -> str:
    """The id of an approved request to erase all of a case; what was begun of it is gone on with,
    as the people do after a crash.
    """
    asked = _own_request(desk, case)
    if asked is None:
        _do(desk, early.ask_early, SARA, case_id=case, classes=CLASSES, why="A mistake")
        asked = _own_request(desk, case)
    assert asked is not None
    if asked.state == approvals.ASKED:
        with desk.database.transaction() as tx:
            now = desk.clock.now()
            requests.decide(
                tx, desk.program.services, by=STINA, now=now, id_=asked.id, approve=True
            )
    return asked.id


def erased_early(desk: World, case: str) -> None:
    """Erase all of a case before its time, as two persons decide."""
    asked = approved(desk, case)
    _do(desk, early.erase_early, SARA, case_id=case, approval=asked)


def hold(desk: World, case: str) -> None:
    """Order that nothing of a case is erased."""
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        holds.set_hold(
            *(tx, desk.program.services),
            by=actor(SARA),
            now=now,
            case_id=case,
            until=now + HOLD,
            reason="Inspection",
        )


def refuse_held(desk: World, case: str, asked: str) -> None:
    """A hold refuses to be asked, and refuses what was approved before it."""
    with pytest.raises(NotErasable) as refused:
        _do(desk, early.ask_early, SARA, case_id=case, classes=CLASSES, why="A mistake")
    assert refused.value.facts["why"] == "held"
    with pytest.raises(NotErasable) as refused:
        _do(desk, early.erase_early, SARA, case_id=case, approval=asked)
    assert refused.value.facts["why"] == "held"


def _own_request(desk: World, case: str) -> approvals.Approval | None:
    with desk.database.transaction(write=False) as tx:
        return early.own_request(tx, SARA, case, desk.clock.now())


def _do(desk: World, command: Callable[..., object], by: Viewer, **given: object) -> None:
    with desk.database.transaction() as tx:
        command(tx, desk.program.services, by, desk.clock.now(), **given)
