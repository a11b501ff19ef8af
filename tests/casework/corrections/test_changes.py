"""What a correction changes, sorted by class, and what it was before."""

from __future__ import annotations

from datetime import UTC, datetime

from service.casework.cases import given_answers
from service.casework.cases.given_answers import REASON, GivenAnswer
from service.casework.corrections.answer_changes import AnswerChanges, corrected_answers
from tests.casework.corrections.conftest import correct
from tests.casework.corrections.test_form import opened
from tests.support.world import World

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def answer(value: str, rev: int, *, nth: int = 1, correction: bool = False) -> GivenAnswer:
    step = ("form", "a", nth, rev)
    return GivenAnswer("note", value, "C2", "p", "o", NOON, *step, correction)


def test_the_reason_lies_with_the_most_sensitive_answer(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    changes = session.changes({**session.base, "contact": ["0800"], "note": ["other"]})
    sealed = changes.sealed(session.target.sent, "slip")
    assert sealed == {"C1": {"contact": "0800"}, "C2": {"note": "other", REASON: "slip"}}


def test_a_value_that_something_else_has_set_since_stays(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"answer": ["NO"]})
    session = opened(desk, case_id, "a")
    loaded = session.target.sent.loaded
    loaded.__dict__["variables"] = {**loaded.variables, "answer": "YES"}
    changes = session.changes({**session.base, "answer": ["YES"]})
    assert (changes.answers, changes.variables) == ({"answer": "YES"}, {})


def test_the_digest_is_of_exactly_this_correction(desk: World, case_id: str) -> None:
    sent = opened(desk, case_id, "a").target.sent
    one, two = AnswerChanges({"note": "x"}), AnswerChanges({"note": "y"})
    assert one.digest(sent) == AnswerChanges({"note": "x"}).digest(sent) != two.digest(sent)


def test_a_series_holds_the_corrected_value_in_its_place() -> None:
    told = [answer("a", 1), answer("b", 2, nth=2), answer("c", 3, correction=True)]
    assert given_answers.series(told) == {"note": ["c", "b"]}


def test_each_correction_knows_what_stood_before_it() -> None:
    told = [answer("a", 1), answer("c", 3, correction=True), answer("d", 4, correction=True)]
    found = corrected_answers(told)
    assert {
        rev: [(c.old and c.old.value, c.new.value) for c in made] for rev, made in found.items()
    }
    assert [(c.old.value if c.old else "", c.new.value) for c in found[4]] == [("c", "d")]


def test_reasons_are_no_answers(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"note": ["other"]}, why="slip")
    with desk.database.transaction(write=False) as tx:
        keys = desk.program.services.case_keys(tx, case_id)
        answers = given_answers.load_answers(tx, keys, case_id)
        reasons = given_answers.load_reasons(tx, keys, case_id)
    assert REASON not in {one.key for one in answers}
    assert [one.value for one in reasons.values()] == ["slip"]
