"""A case with very many facts: one whose first answers were corrected again and again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import cycle
from zoneinfo import ZoneInfo

from service.application import unit_of_work
from service.application.container import Tresteg
from service.casework.commands.case_start import start_case
from service.casework.corrections.correct_answer import correct_answer
from service.forms import flatten
from service.people import accounts
from service.people.directory import find_person
from service.workshop.trial.scenario_times import resolve
from tests.support.world import START, usual

FIELD, PLACES = "municipality", ("0380", "1281")
"""The answer that is corrected, and what it becomes in turn."""


def long_case(program: Tresteg, facts: int, *, by: str = "sara@demo") -> str:
    """Make a case of the shipped process with so many facts; gives its id."""
    services, now = program.services, program.clock.now()
    with program.database.transaction(write=False) as tx:
        viewer = accounts.load_viewer(tx, find_person(tx, services, by).person.id)
    assert viewer is not None
    typed = flatten(resolve(usual()["start_case"], now, ZoneInfo(viewer.zone)))
    with program.database.transaction() as tx:
        case = start_case(tx, services, by=viewer, now=now, element=START, answers=typed).case_id
    for nth, place in zip(range(1, facts), cycle(PLACES), strict=False):
        answers = {FIELD: [place], "correction.why": ["She was misheard"]}
        command, at = (
            partial(correct_answer, case_id=case, fact=1, answers=answers, only_named=True),
            now + timedelta(minutes=nth),
        )
        perform = partial(command, services=services, by=viewer, now=at)
        unit_of_work.run(program.database, services, perform, now=at)
    return case
