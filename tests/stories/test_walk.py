"""The walk through one case: twelve nodes of the leaflet, every lane role."""

from __future__ import annotations

import pytest

from service.audit import verify
from service.casework.history import replay as case_replay
from service.store.casefile import cases
from tests.programme.picture import LEAFLET
from tests.support.played_cases import UNTIL, Played

pytestmark = pytest.mark.slow
SMALL_PARTS = {
    "CaseApprover",
    "ChildServices",
    "IomHelsinki",
    "IomLocal",
    "IomMedical",
    "ReferringPartner",
}


def test_the_walk_passes_twelve_nodes_in_the_leaflets_order(played: Played) -> None:
    with played.program.database.transaction(write=False) as tx:
        turned = list(case_replay.replay_turns(tx, played.program.services, played.cases["walk"]))
        elements = played.program.services.current(tx).definitions["return_case"].elements
    names = [
        elements[s.element].names.get("sv", "")
        for t in turned
        for s in t.outcome.steps
        if s.what == "entered" and s.element in elements
    ]
    first = [
        next((n for n, name in enumerate(names) if name.startswith(node)), -1) for node in LEAFLET
    ]
    assert -1 not in first
    assert first[:10] == sorted(first[:10])
    assert max(first) < len(names)


def test_in_the_walk_every_lane_of_the_return_case_acts(played: Played) -> None:
    with played.program.database.transaction(write=False) as tx:
        turned = list(case_replay.replay_turns(tx, played.program.services, played.cases["walk"]))
        elements = played.program.services.current(tx).definitions["return_case"].elements
    assert {
        elements[t.fact.element].roles[0] for t in turned if t.fact.kind == "complete"
    } == SMALL_PARTS


def test_the_walk_ends_closed_after_three_follow_ups(
    played: Played,
) -> None:
    with played.program.database.transaction(write=False) as tx:
        case = cases.get(tx, played.cases["walk"])
        done = [
            t.fact.element
            for t in case_replay.replay_turns(tx, played.program.services, played.cases["walk"])
            if t.fact.kind == "complete"
        ]
    assert case is not None
    assert (case.status, case.end) == ("ended", "End_CaseClosed")
    assert done.count("Task_FollowUp") == 3
    assert done.count("Task_ForwardFeedback") == 4


def test_the_anonymous_question_is_a_case_without_identity(played: Played) -> None:
    with played.program.database.transaction(write=False) as tx:
        case = cases.get(tx, played.cases["consultation"])
        verified = verify.verify(
            tx, played.program.services, played.cases["consultation"], now=UNTIL
        )
    assert case is not None
    assert (case.process, case.kind, case.status) == ("consultation", "anonymous", "ended")
    assert verified.faults == ()
