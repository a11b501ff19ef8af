"""Stored answers are opened by class and form, as the newest of each key or as a series."""

from __future__ import annotations

import pytest

from service.access import CLASSES
from service.casework.cases.given_answers import by_class, load_answers, newest, series
from service.records import fact_format
from service.security.vault import OwnerKey
from service.store.casefile import facts
from tests.casework.cases.conftest import Load
from tests.support.directory import OFFICE
from tests.support.world import World


def test_answers_come_oldest_first_with_who_gave_them(
    desk: World, case_id: str, load: Load
) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]}, by="stina")
    with desk.database.transaction(write=False) as tx:
        notes = [a for a in load_answers(tx, load(tx).keys, case_id) if a.key == "note"]
    assert [(a.value, a.by, a.office, a.form, a.rev) for a in notes] == [
        ("first words", "p_sara", OFFICE, "plain", 1),
        ("second words", "p_stina", OFFICE, "ask", 2),
    ]


def test_answers_are_narrowed_to_classes_forms_and_facts(
    desk: World, case_id: str, load: Load
) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    with desk.database.transaction(write=False) as tx:
        key = load(tx).keys
        assert {a.key for a in load_answers(tx, key, case_id, ["C0"])} == {"answer"}
        assert {a.form for a in load_answers(tx, key, case_id, forms=["ask"])} == {"ask"}
        assert {a.rev for a in load_answers(tx, key, case_id, upto=1)} == {1}


def test_the_newest_answer_and_the_series_of_a_key(desk: World, case_id: str, load: Load) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    with desk.database.transaction(write=False) as tx:
        answers = load_answers(tx, load(tx).keys, case_id)
    assert newest(answers)["note"].value == "second words"
    assert series(answers)["note"] == ["first words", "second words"]


def test_a_field_without_class_counts_as_the_narrowest() -> None:
    fields = {"note": ("C2", ""), "name": ("C1", "")}
    values = {"note": "n", "name": "m", "unknown": 1}
    assert by_class(values, fields) == {
        "C2": {"note": "n"},
        "C1": {"name": "m"},
        "C3": {"unknown": 1},
    }


def test_of_rows_at_hand_an_answer_is_opened_once(
    desk: World, case_id: str, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[tuple[str, int, str]]()

    def noted(key: OwnerKey, case: str, rev: int, column: str, sealed: bytes) -> object:
        opened.append((case, rev, column))
        return open_value(key, case, rev, column, sealed)

    open_value = fact_format.open_value
    monkeypatch.setattr(fact_format, "open_value", noted)
    with desk.database.transaction(write=False) as tx:
        key = load(tx).keys
        every = facts.reads_of_answers(case_id, CLASSES)
        at_hand = tx.read(*every, *facts.reads_of_answers(case_id, ["C0"]))
        first = load_answers(at_hand, key, case_id)
        assert load_answers(at_hand, key, case_id, ["C0"]) == [a for a in first if a.klass == "C0"]
        assert load_answers(at_hand, key, case_id) == first
        assert len(opened) == len(set(opened)) > 0
