"""What rests on a value that was wrong: passed steps, and offices that have seen it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from service.casework.corrections import answer_changes
from service.casework.corrections.answer_changes import AnswerChanges
from service.store.casefile import parties
from tests.casework.corrections.conftest import hear
from tests.casework.corrections.test_form import opened
from tests.support.by_hand import entry, hand_to
from tests.support.changed_configuration import with_configuration
from tests.support.directory import BOARD, ROLE
from tests.support.world import World


def test_a_gateway_that_read_it_rested_on_it(desk: World, case_id: str) -> None:
    sent = opened(desk, case_id, "a").target.sent
    changes = AnswerChanges({"answer": "NO"}, {"answer": "NO"})
    assert [step.id for step in answer_changes.passed_steps(sent, changes)] == ["x"]
    assert answer_changes.weigher(sent, changes) == "HELSINKI"
    other = AnswerChanges({"day": "2026-05-01"}, {"day": "2026-05-01"})
    assert answer_changes.passed_steps(sent, other) == []
    assert answer_changes.weigher(sent, other) == ""


def test_a_decision_whose_form_reads_it_rested_on_it(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", {"note": ["b"]})
    changes = AnswerChanges({"note": "other"})
    plain = opened(desk, case_id, "a").target.sent
    assert answer_changes.passed_steps(plain, changes) == []
    rules = replace(plain.configuration.corrections, decisions=frozenset({"a", "b"}))
    sent = replace(plain, services=with_configuration(plain.services, corrections=rules))
    assert [step.id for step in answer_changes.passed_steps(sent, changes)] == ["a", "b"]
    assert answer_changes.passed_steps(sent, AnswerChanges({"elsewhere": "x"})) == []
    later = replace(sent, fact=next(f for f in sent.history if f.element == "b"))
    assert [step.id for step in answer_changes.passed_steps(later, changes)] == ["b"]


def test_an_office_that_saw_the_value_since_gets_a_letter(desk: World, case_id: str) -> None:
    hear(desk, case_id, classes=["C1"])
    sent = opened(desk, case_id, "a").target.sent
    since = desk.clock.now()

    def hears(changes: AnswerChanges, at: datetime = since) -> list[str]:
        with desk.database.transaction(write=False) as tx:
            return answer_changes.concerned_offices(tx, sent, changes, at)

    assert hears(AnswerChanges({"contact": "0800"})) == [BOARD]
    assert hears(AnswerChanges({"note": "other"})) == [], "it read no answer of that class"
    assert hears(AnswerChanges({"contact": "0800"}), since + timedelta(seconds=1)) == []


def test_an_office_with_a_task_that_asks_for_the_value_gets_a_letter(
    desk: World, case_id: str
) -> None:
    hear(desk, case_id, classes=["C0"])
    with desk.database.transaction() as tx:
        hand_to(tx, case_id, ROLE, BOARD)
        entry(tx, f"case/{case_id}")
    sent = opened(desk, case_id, "a").target.sent
    for field, offices in (("note", [BOARD]), ("day", [])):
        with desk.database.transaction(write=False) as tx:
            changes = AnswerChanges({field: "other"})
            found = answer_changes.concerned_offices(tx, sent, changes, sent.fact.at)
        assert found == offices, field


def test_an_office_without_an_address_gets_no_letter(desk: World, case_id: str) -> None:
    hear(desk, case_id, classes=["C1"], address="")
    sent = opened(desk, case_id, "a").target.sent
    with desk.database.transaction(write=False) as tx:
        changes = AnswerChanges({"contact": "0800"})
        assert answer_changes.concerned_offices(tx, sent, changes, sent.fact.at) == []


def test_no_letter_goes_to_the_office_that_corrects(desk: World, case_id: str) -> None:
    sent = opened(desk, case_id, "a").target.sent
    changes = AnswerChanges({"note": "other"})
    with desk.database.transaction(write=False) as tx:
        assert set(parties.of_case(tx, case_id).values()) == {"social"}
        assert answer_changes.concerned_offices(tx, sent, changes, sent.fact.at) == []
