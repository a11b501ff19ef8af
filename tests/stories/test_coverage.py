"""Together the scenarios visit every element and every flow of every shipped diagram."""

from __future__ import annotations

import pytest

from service.store.casefile import cases, facts
from tests.support.played_cases import Played

pytestmark = pytest.mark.slow
ELSEWHERE = {
    "F_Gw_OnCall_Gw_CallNext",
    "F_Gw_NextKnows_Svc_CallHelsinkiAgain",
    "Svc_CallHelsinkiAgain",
    "F_Svc_CallHelsinkiAgain_Gw_ToHelsinki",
    "F_Gw_WhoTakes_Gw_PartnerAsk",
}
"""What an installation without a channel, or an office that may not know, leads to: played in
`test_on_call`. The last is taken where the rule calls nobody: no row of the shipped one does
(`tests/programme/proofs.py`)."""
WORDS = {
    "End_SafeAfterEnd",
    "End_SaidInCase",
    "F_Gw_AfterEndSaid_Sub_SafeAfterEnd",
    "F_Gw_TenWrong_Svc_TenWrong",
    "F_Gw_WordsFound_End_SaidInCase",
    "F_Start_SafeAfterEnd_Task_NoteSafeAfterEnd",
    "F_Sub_SafeAfterEnd_End_SaidAfterEnd",
    "F_Svc_TenWrong_Gw_Counted",
    "F_Task_NoteSafeAfterEnd_End_SafeAfterEnd",
    "Start_SafeAfterEnd",
    "Sub_SafeAfterEnd",
    "Svc_TenWrong",
    "Task_NoteSafeAfterEnd",
}
"""What words that find another case lead to, and ten calls of one office: a story has one case."""


def test_every_element_and_flow_of_every_diagram_is_visited(played: Played) -> None:
    seen: set[str] = set()
    with played.program.database.transaction(write=False) as tx:
        found = [facts.of_case(tx, case.id) for case in cases.listed(tx)]
        definitions = played.program.services.current(tx).definitions
    for what, element, _, detail in (
        step for rows in found for fact in rows for step in fact.steps
    ):
        seen.add(str(detail[0]) if what == "took" else element)
    unvisited = {
        process: sorted({*definition.elements, *definition.flows} - seen - ELSEWHERE - WORDS)
        for process, definition in definitions.items()
    }
    assert {process: names for process, names in unvisited.items() if names} == {}
