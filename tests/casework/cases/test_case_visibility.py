"""A viewer sees what `access` lets her see of a stored case, and else there is no case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.access import Viewer
from service.casework.cases import given_answers
from service.casework.cases.case_visibility import (
    CaseVisibility,
    classes,
    field_of,
    load_case_visibility,
)
from service.errors import NotFound
from service.store.casefile.documents import Document
from service.store.transaction import Tx
from tests.casework.cases.conftest import Load
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

STRANGER = Viewer("p_x", "elsewhere", frozenset({ROLE}))
AUDITOR = Viewer("p_a", "elsewhere", frozenset({"auditor"}))


def look(tx: Tx, desk: World, case_id: str, viewer: Viewer) -> CaseVisibility:
    return load_case_visibility(tx, desk.program.services, viewer, desk.case(case_id), NOON)


def test_the_office_that_began_a_case_sees_its_own_answers(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    visibility = look(tx, desk, case_id, desk.viewer())
    answers = given_answers.load_answers(tx, load(tx).keys, case_id)
    note = next(answer for answer in answers if answer.key == "note")
    assert visibility.exists
    assert visibility.by_office
    assert visibility.see(note)
    assert not visibility.see(replace(note, office="elsewhere", key="other")), "own answers only"
    assert visibility.shown({"note": note}) == {"note": note}


def test_there_is_no_case_for_another_office(desk: World, case_id: str, tx: Tx) -> None:
    with pytest.raises(NotFound):
        look(tx, desk, case_id, STRANGER)


def test_an_auditor_knows_the_case_but_sees_no_answer(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    visibility = look(tx, desk, case_id, AUDITOR)
    assert visibility.exists
    assert not visibility.by_office
    answers = given_answers.load_answers(tx, load(tx).keys, case_id)
    assert visibility.shown(given_answers.newest(answers)) == {}


def test_a_document_is_seen_like_the_field_that_it_answers(
    desk: World, case_id: str, tx: Tx
) -> None:
    visibility = look(tx, desk, case_id, desk.viewer())
    own = Document(
        "d", case_id, "t", "other.0", "C2", b"", "pdf", 1, 1, "p_sara", OFFICE, NOON, "clean"
    )
    assert visibility.see_document(own)
    assert not visibility.see_document(replace(own, office="elsewhere"))


def test_a_routing_value_is_seen_like_its_field(desk: World, case_id: str, tx: Tx) -> None:
    seen = look(tx, desk, case_id, desk.viewer())
    audited = look(tx, desk, case_id, AUDITOR)
    assert seen.see_name("answer", {})
    assert audited.see_name("answer", {}), "its class is C0"
    assert not audited.see_name("note", {})


def test_a_field_is_looked_up_in_its_own_form(desk: World, tx: Tx) -> None:
    release = desk.program.services.current(tx)
    found = field_of(release, "ask", "answer")
    assert found is not None
    assert found.data_class == "C0"
    assert field_of(release, "plain", "answer") is None
    assert field_of(release, "gone", "answer") is None


def test_classes_of_answers(case_id: str, tx: Tx, load: Load) -> None:
    assert classes(given_answers.load_answers(tx, load(tx).keys, case_id)) == {"C2"}
