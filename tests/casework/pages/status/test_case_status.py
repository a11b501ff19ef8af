"""The status of a case: who has it, until when, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.casework.pages.case_status import CaseStatus, load_case_status
from service.casework.tasks import claims
from service.security.keyring import Keyring
from service.store.casefile import cases
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world

WAITS = small.bundle(
    d.diagram(
        small.begin(id_="Start_PersonIdentified")
        + small.person("a")
        + d.catch("later", d.timer("Duration", "PT72H"), name="In three days")
        + small.person("b")
        + d.end(),
        "Start_PersonIdentified>a a>later later>b b>e",
    )
)


BOTH = small.bundle(
    d.diagram(
        small.begin(id_="Start_PersonIdentified")
        + d.both("split")
        + small.person("a")
        + small.person("b")
        + d.both("join")
        + d.end(),
        "Start_PersonIdentified>split split>a split>b a>join b>join join>e",
    )
)
CHECKED = small.bundle(
    d.diagram(
        small.begin(id_="Start_PersonIdentified")
        + small.person("a")
        + small.person("b", extra=d.props(not_same_person_as="a"))
        + d.end(),
        "Start_PersonIdentified>a a>b b>e",
    )
)


@pytest.fixture
def both(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, BOTH)
    yield made
    made.database.close()


@pytest.fixture
def checked(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, CHECKED)
    yield made
    made.database.close()


@pytest.fixture
def waiting(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, WAITS)
    yield made
    made.database.close()


def status(desk: World, case: str, who: str = "sara") -> CaseStatus:
    with desk.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
        assert found is not None
        services = desk.program.services
        return load_case_status(tx, services, desk.viewer(who), found, desk.clock.now())


def test_a_colleague_who_has_claimed_it_is_named(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case, "a"),
        )
    hers, others = status(desk, case), status(desk, case, "stina")
    assert hers.own is not None
    assert hers.sentences("sv") == ("Nu har du ärendet: ”A”.",)
    assert others.own is None
    assert others.sentences("sv") == ("Sara på ditt kontor har ärendet nu: ”A”.",)


def test_of_several_tasks_her_own_is_named_first(both: World) -> None:
    case = both.start(element="Start_PersonIdentified").case_id
    with both.database.transaction() as tx:
        claims.claim(
            tx,
            both.program.services,
            by=both.viewer("stina"),
            now=both.clock.now(),
            task_key=both.key(case, "a"),
        )
    assert status(both, case).sentences("sv") == (
        "Nu har ditt kontor ärendet: ”B”.",
        "Också hos Stina: ”A”.",
    )


def test_who_may_not_check_herself_is_told_so(checked: World) -> None:
    case = checked.start(element="Start_PersonIdentified").case_id
    checked.do(case, "a")
    found = status(checked, case)
    assert found.own is None
    assert found.sentences("sv") == (
        "En annan person på ditt kontor måste göra nästa uppgift: ”B”.",
    )
    assert status(checked, case, "stina").own is not None


def test_a_case_that_waits_says_what_opens_and_when(waiting: World) -> None:
    case = waiting.start(element="Start_PersonIdentified").case_id
    waiting.do(case, "a")
    day = (waiting.clock.now() + timedelta(days=3)).date().isoformat()
    found = status(waiting, case)
    assert found.own is None
    assert found.sentences("sv") == ("Inget att göra nu.", f"”B” öppnas {day}.")
    waiting.later(days=4)
    assert "Ladda om sidan" in status(waiting, case).sentences("sv")[1]
