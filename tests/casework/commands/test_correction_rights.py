"""Who may correct an answer: people of the office that sent it, in the role of the step."""

from __future__ import annotations

from dataclasses import replace

from service.casework.cases.given_answers import may_correct
from service.engine import Element
from tests.support.directory import OFFICE, ROLE
from tests.support.world import World

STEP = Element("a", "userTask", "p", "p", {"sv": "A"}, roles=(ROLE,))


def test_a_colleague_of_the_office_and_the_role_may(desk: World, case_id: str) -> None:
    fact = desk.facts(case_id)[0]
    viewer, holders = desk.viewer("stina"), {ROLE: OFFICE}
    assert may_correct(viewer, fact, STEP, holders)
    assert not may_correct(replace(viewer, roles=frozenset({"CaseApprover"})), fact, STEP, holders)
    assert not may_correct(replace(viewer, office="elsewhere"), fact, STEP, holders)
    assert not may_correct(viewer, fact, STEP, {ROLE: "elsewhere"})


def test_only_what_a_form_answered_can_be_corrected(desk: World, case_id: str) -> None:
    fact, holders = desk.facts(case_id)[0], {ROLE: OFFICE}
    viewer = desk.viewer("sara")
    assert not may_correct(viewer, replace(fact, form=""), STEP, holders)
    assert not may_correct(viewer, replace(fact, kind="message"), STEP, holders)
    assert not may_correct(viewer, fact, None, holders)
