"""The office at home changes: the old one sees nothing from that moment, and what waits goes to the
new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from service.audit import verify
from service.casework.cases.case_visibility import CaseVisibility, load_unexplained_visibility
from service.demo.scenarios import read_scenarios
from service.demo.steps import ScenarioFailed
from service.errors import NotFound
from service.people import accounts
from service.security.keyring import Keyring
from service.store.casefile import cases, grants, parties
from service.store.installation import people
from service.store.work import incidents, letters, tasks
from service.workshop.trial.scenario_file import Scenario, ScenarioStep
from tests.support.played_cases import SCENARIOS, UNTIL, Played, play

pytestmark = pytest.mark.slow
OLD, NEW, THIRD = "iom-sofia", "iom-bucharest", "iom-pristina"
CHOOSES, SUPPORT, RECEIVES = (
    "Task_ChooseLocalOffice",
    "Task_ConfirmLocalSupport",
    "Task_ReceiveCase",
)


def story(name: str = "office-left-in-planning") -> Scenario:
    """A story of the programme: an office at home is left."""
    return next(s for s in read_scenarios(SCENARIOS) if s.ref == name)


@contextmanager
def played(
    url: str,
    keyring: Keyring,
    steps: Sequence[ScenarioStep],
    *waits: str,
    told: Scenario | None = None,
) -> Iterator[Played]:
    """A story that was played with these steps alone, and what waits then."""
    part = replace(told or story(), steps=tuple(steps), open=waits, late=waits)
    one = play(url, keyring, [part])
    yield one
    one.program.database.close()


def sight(one: Played, office: str) -> CaseVisibility:
    """What somebody of a local office may see.

    Raises:
        NotFound: nothing: the case is not there for her.
    """
    with one.program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        person = people.with_role(tx, office, "IomLocal")[0].person.id
        viewer = accounts.load_viewer(tx, person)
        assert viewer is not None
        rows = cases.visible(tx, office=office, roles=["IomLocal"], now=UNTIL)
        listed = [row.id for row in rows]
        try:
            found = load_unexplained_visibility(tx, one.program.services, viewer, case, UNTIL)
        except NotFound:
            assert listed == [], "a list shows what its page does not"
            raise
        assert listed == [case.id]
        return found


@dataclass(frozen=True)
class Left:
    """A case once its story was played."""

    holder: str | None
    tasks: dict[str, tasks.Task]
    live: dict[str, list[str]]
    """Office to the rules of its live grants of the role."""
    letters: list[tuple[str, str]]
    """Office and template of what was written to local offices."""
    incidents: list[tuple[str, str]]
    faults: object


def left(one: Played) -> Left:
    """What is stored of the case."""
    with one.program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        live: dict[str, list[str]] = {}
        for grant in grants.of_case(tx, case.id):
            if grant.live(UNTIL) and grant.role == "IomLocal":
                live.setdefault(grant.office_id, []).append(grant.rule)
        written = [(r.office_id, r.template) for r in letters.of_case(tx, case.id)]
        return Left(
            parties.of_case(tx, case.id).get("IomLocal"),
            {task.element: task for task in tasks.of_case(tx, case.id)},
            live,
            [row for row in written if row[0] in (OLD, NEW, THIRD)],
            [(row.kind, row.element) for row in incidents.of_case(tx, case.id)],
            verify.verify_all(tx, one.program.services, now=UNTIL).faults,
        )


@pytest.mark.both_kinds
def test_what_waits_goes_to_the_new_office_and_the_old_one_sees_nothing(
    database_url: str, keyring: Keyring
) -> None:
    with played(database_url, keyring, story().steps[:12], SUPPORT) as one:
        found = left(one)
        assert found.tasks[SUPPORT].office_id == found.holder == NEW
        assert found.tasks[SUPPORT].claimed_by is None
        assert found.live == {NEW: ["G6"]}
        assert found.letters.count((OLD, "local_ended")) == 1
        assert sight(one, NEW).exists
        with pytest.raises(NotFound):
            sight(one, OLD)
        assert found.faults == ()


@pytest.mark.both_kinds
def test_from_the_moment_it_is_left_the_old_office_sees_nothing(
    database_url: str, keyring: Keyring
) -> None:
    with played(database_url, keyring, story().steps[:10], CHOOSES, SUPPORT) as one:
        with pytest.raises(NotFound):
            sight(one, OLD)
        found = left(one)
    assert found.holder is None
    assert (found.tasks[SUPPORT].office_id, found.tasks[SUPPORT].claimed_by) == (None, None)
    assert found.tasks[CHOOSES].office_id == "iom-helsinki"
    assert found.live == {}
    assert found.letters[-1] == (OLD, "local_ended")
    assert found.incidents == [], "to choose the next office is what helps"
    assert found.faults == ()


def test_what_opens_while_nobody_holds_the_role_is_an_incident_and_goes_to_the_next_office(
    database_url: str, keyring: Keyring
) -> None:
    told = story().steps
    steps = (*told[:8], told[9], told[8])
    with played(database_url, keyring, steps, CHOOSES, SUPPORT) as one:
        found = left(one)
        with pytest.raises(NotFound):
            sight(one, OLD)
    assert found.tasks[SUPPORT].office_id is None
    assert found.incidents == [("no_office", SUPPORT)]
    assert found.letters[-1] == (OLD, "local_ended"), "nothing of the task goes to it"
    assert found.live == {}
    assert found.faults == ()


def test_the_next_office_gets_what_opened_while_nobody_held_the_role(
    database_url: str, keyring: Keyring
) -> None:
    told = story().steps
    steps = (*told[:8], told[9], told[8], *told[10:12])
    with played(database_url, keyring, steps, SUPPORT) as one:
        found = left(one)
        seen = sight(one, NEW)
    assert found.tasks[SUPPORT].office_id == found.holder == NEW
    assert found.live == {NEW: ["G6"]}
    assert seen.sees_field("needs", NEW)
    assert found.faults == ()


def test_an_office_that_says_no_sees_nothing_more(database_url: str, keyring: Keyring) -> None:
    told = story("office-left-at-home")
    waits = (CHOOSES, "Task_MeetReturnee")
    with played(database_url, keyring, told.steps[:22], *waits, told=told) as one:
        found = left(one)
        for office in (OLD, NEW):
            with pytest.raises(NotFound):
                sight(one, office)
    assert found.holder is None
    assert found.live == {}
    assert [row for row in found.letters if row[1] == "local_ended"] == [
        (OLD, "local_ended"),
        (NEW, "local_ended"),
    ]
    assert found.faults == ()


def test_what_was_open_goes_on_with_the_third_office(database_url: str, keyring: Keyring) -> None:
    told = story("office-left-at-home")
    waits = (RECEIVES, "Task_MeetReturnee")
    with played(database_url, keyring, told.steps, *waits, told=told) as one:
        found = left(one)
        assert sight(one, THIRD).sees_field("needs", THIRD)
    assert {found.tasks[task].office_id for task in waits} == {THIRD}
    assert set(found.live) == {THIRD}
    assert "G9" in found.live[THIRD]
    assert len(found.live[THIRD]) == len(set(found.live[THIRD])), "each rule once"
    assert found.faults == ()


@pytest.mark.parametrize("back", [OLD, NEW])
def test_no_office_that_was_left_gets_the_case_back(
    database_url: str, keyring: Keyring, back: str
) -> None:
    told = story().steps
    again = replace(told[10], answers={**told[10].answers, "localOffice": back})
    steps = (*told[:12], told[9], again)
    with (
        pytest.raises(ScenarioFailed, match=r"localOffice: form\.check"),
        played(database_url, keyring, steps, CHOOSES),
    ):
        pass
