"""The office at home changes: what waits goes to the new one, and the old one sees nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from service.audit import verify
from service.casework.cases.case_visibility import CaseVisibility, load_unexplained_visibility
from service.demo.scenarios import read_scenarios
from service.errors import NotFound
from service.people import accounts
from service.security.keyring import Keyring
from service.store.casefile import cases, grants
from service.store.installation import people
from service.store.work import letters, tasks
from tests.support.played_cases import SCENARIOS, UNTIL, Played, play

pytestmark = pytest.mark.slow
OLD, NEW = "iom-sofia", "iom-bucharest"


@contextmanager
def played(database_url: str, keyring: Keyring, steps: int, *waits: str) -> Iterator[Played]:
    """The story of an office that is left while it plans, up to a step, and what waits then."""
    told = next(s for s in read_scenarios(SCENARIOS) if s.ref == "office-left-in-planning")
    part = replace(told, steps=told.steps[:steps], open=waits, late=waits)
    one = play(database_url, keyring, [part])
    yield one
    one.program.database.close()


def sight(one: Played, office: str) -> CaseVisibility:
    """What somebody of a local office may see."""
    with one.program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        person = people.with_role(tx, office, "IomLocal")[0].person.id
        viewer = accounts.load_viewer(tx, person)
        assert viewer is not None
        return load_unexplained_visibility(tx, one.program.services, viewer, case, UNTIL)


@pytest.mark.both_kinds
def test_what_waits_goes_to_the_new_office_and_the_old_one_sees_nothing(
    database_url: str, keyring: Keyring
) -> None:
    with played(database_url, keyring, 12, "Task_ConfirmLocalSupport") as one:
        with one.program.database.transaction(write=False) as tx:
            (case,) = cases.listed(tx)
            waiting = {task.element: task for task in tasks.of_case(tx, case.id)}
            live = {g.office_id for g in grants.of_case(tx, case.id) if g.live(UNTIL)}
            written = {(one.office_id, one.template) for one in letters.of_case(tx, case.id)}
            faults = verify.verify_all(tx, one.program.services, now=UNTIL).faults
        assert waiting["Task_ConfirmLocalSupport"].office_id == NEW
        assert waiting["Task_ConfirmLocalSupport"].claimed_by is None
        assert OLD not in live
        assert NEW in live
        assert (OLD, "local_ended") in written
        assert sight(one, NEW).exists
        with pytest.raises(NotFound):
            sight(one, OLD)
        assert faults == ()


def test_before_she_agrees_to_an_office_the_old_one_reads_process_facts_alone(
    database_url: str, keyring: Keyring
) -> None:
    waits = ("Task_ChooseLocalOffice", "Task_ConfirmLocalSupport")
    with played(database_url, keyring, 10, *waits) as one:
        seen = sight(one, OLD)
    assert not seen.sees_field("needs", OLD)
    assert not seen.sees_field("givenNames", OLD)
