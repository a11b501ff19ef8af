"""Every scenario goes as it says, verifies, and keeps the promises of the programme."""

from __future__ import annotations

import pytest

from service.audit import verify
from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring
from service.store.casefile import cases
from tests.stories.history import History, history
from tests.stories.promises import PROMISES, Promise
from tests.support.played_cases import SCENARIOS, UNTIL, Played, play

pytestmark = pytest.mark.slow
ELSEWHERE = ("walk", "no-show", "child-stays")


def test_every_scenario_ends_as_said_with_unbroken_history(played: Played) -> None:
    with played.program.database.transaction(write=False) as tx:
        verified = verify.verify_all(tx, played.program.services, now=UNTIL)
    assert (verified.faults, verified.breaches) == ((), ())
    assert verified.cases == len(played.cases) == len(list(read_scenarios(SCENARIOS)))


@pytest.fixture(scope="module")
def histories(played: Played) -> list[History]:
    """What happened in each case."""
    with played.program.database.transaction(write=False) as tx:
        return [
            history(tx, played.program.services, case, UNTIL)
            for case in cases.listed(tx, process="return_case")
        ]


@pytest.mark.parametrize(
    ("number", "promise"), PROMISES, ids=[f"{n} {p.__name__}" for n, p in PROMISES]
)
def test_no_case_breaks_the_promise(
    histories: list[History], number: int, promise: Promise
) -> None:
    assert [f"{number}: {one.ref}: {broken}" for one in histories for broken in promise(one)] == []


def test_the_demo_shows_every_end_that_no_other_scenario_shows(played: Played) -> None:
    with played.program.database.transaction(write=False) as tx:
        definition = played.program.services.current(tx).definitions["return_case"]
        seen = {end for case in cases.listed(tx) for end in (case.end, case.inner_end)}
    early = {
        e.id
        for e in definition.elements.values()
        if e.kind == "endEvent" and e.scope in ("return_case", "Sub_Step1", "Sub_Step2")
    }
    assert early - seen <= {"End_Step1", "End_Step2", "End_HomeAnyway", "End_DecisionLate"}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_scenario_goes_the_same_way_on_each_database(
    database_url: str, keyring: Keyring, name: str
) -> None:
    made = play(
        database_url, keyring, [one for one in read_scenarios(SCENARIOS) if one.name == name]
    )
    with made.program.database.transaction(write=False) as tx:
        assert verify.verify_all(tx, made.program.services, now=UNTIL).faults == ()
    made.program.database.close()
