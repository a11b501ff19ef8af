"""Answers in groups: the newest first, over those before them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.disclosure.answer_groups import (
    AnswerGroup,
    answers_of,
    closed,
    group_answers,
    group_id,
    named_first,
)
from tests.support.world import NOON, World


def groups(desk: World, case_id: str) -> tuple[AnswerGroup, ...]:
    with desk.database.transaction(write=False) as tx:
        at = load_case_view(tx, desk.program.services, desk.viewer(), case_id, NOON)
        return group_answers(at.services, at.words, at.answers, at.who)


def test_a_field_without_group_belongs_to_its_form() -> None:
    assert group_id("contact", "plain") == "contact"
    assert group_id("", "plain") == "form.plain"


def test_a_newer_answer_keeps_the_earlier_under_it(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    (group,) = groups(desk, case_id)
    (note,) = (answer for answer in group.answers if answer.key == "note")
    assert (note.text, note.by) == ("second words", "Sara, Social")
    assert [one.text for one in note.earlier] == ["first words"]


def test_what_is_closed_shows_facts_and_counts_the_rest(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    (group,) = groups(desk, case_id)
    shut = closed(group)
    assert [answer.klass for answer in shut.answers] == ["C0"]
    assert shut.sealed == len(group.answers) - 1
    assert group.classes == {"C0", "C2"}


def test_groups_that_a_form_names_come_first(desk: World, case_id: str) -> None:
    (group,) = groups(desk, case_id)
    (note,) = group.answers
    later = replace(note, key="other", at=note.at + timedelta(days=1))
    other = AnswerGroup("contact", "Contact", (later,))
    assert [g.id for g in named_first((other, group), {"note"}, ())] == [group.id, "contact"]
    assert [g.id for g in named_first((group, other), (), {"contact"})] == ["contact", group.id]
    assert answers_of((group, other), group="contact") == (later,)
    assert answers_of((group, other), form=note.form) == (note, later)
