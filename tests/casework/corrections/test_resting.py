"""What rests on a value that was wrong: passed steps, and offices that have seen it."""

from __future__ import annotations

from service.casework.corrections import answer_changes
from service.casework.corrections.answer_changes import AnswerChanges
from service.store.casefile import parties
from tests.casework.corrections.test_form import opened
from tests.support.world import World


def test_a_gateway_that_read_it_rested_on_it(desk: World, case_id: str) -> None:
    sent = opened(desk, case_id, "a").target.sent
    changes = AnswerChanges({"answer": "NO"}, {"answer": "NO"})
    assert [step.id for step in answer_changes.passed_steps(sent, changes)] == ["x"]
    assert answer_changes.weigher(sent, changes) == "HELSINKI"
    other = AnswerChanges({"day": "2026-05-01"}, {"day": "2026-05-01"})
    assert answer_changes.passed_steps(sent, other) == []
    assert answer_changes.weigher(sent, other) == ""


def test_no_letter_goes_to_the_office_that_corrects(desk: World, case_id: str) -> None:
    sent = opened(desk, case_id, "a").target.sent
    changes = AnswerChanges({"note": "other"})
    with desk.database.transaction(write=False) as tx:
        assert set(parties.of_case(tx, case_id).values()) == {"social"}
        assert answer_changes.concerned_offices(tx, sent, changes, sent.fact.at) == []
