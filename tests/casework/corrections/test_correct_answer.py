"""A sent answer is put right by a new fact: dates follow, passed steps stay, both values stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from service.application import submit
from service.casework.approvals import requests
from service.casework.casefile.case_view import load_case_view
from service.casework.cases.protection import LONGEST
from service.casework.corrections.correct_answer import correct_answer, keep_correction
from service.casework.corrections.correction_form import open_correction
from service.casework.corrections.correction_page import load_correction, reads_of_corrections
from service.casework.tasks.form_session import load_saved
from service.casework.tasks.unsent_answers import EditConflict, SavedAnswers
from service.errors import (
    CaseEnded,
    CaseMoved,
    FourEyes,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    Stale,
)
from service.release.bundle import Bundle
from tests.casework.corrections.conftest import START, correct, fact_of, hear, process
from tests.casework.corrections.test_form import opened
from tests.support import small
from tests.support.changed_configuration import with_configuration
from tests.support.directory import BOARD
from tests.support.world import World

APRIL = datetime(2026, 3, 31, 22, tzinfo=UTC)
MAY = datetime(2026, 4, 30, 22, tzinfo=UTC)
KIN: dict[str, object] = {
    "type": "dynamiclist",
    "path": "kin",
    "label": "Kin",
    "properties": {"class": "C1"},
    "components": [small.field("name", "textfield", "C1")],
    "id": "Field_kin",
}


def test_a_correction_is_a_fact_of_its_own_and_folds(desk: World, case_id: str) -> None:
    corrected = correct(desk, case_id, {"note": ["She did not say so"]})
    assert corrected.turn is not None
    last = desk.facts(case_id)[-1]
    assert (last.kind, last.element, last.form, last.actor) == (
        "correction",
        "a",
        "answered",
        "p_sara",
    )
    assert last.rev == corrected.turn.rev
    assert desk.faults() == []


def test_a_due_date_and_a_timer_follow_the_corrected_day(desk: World, case_id: str) -> None:
    (task,), (timer,) = desk.tasks(case_id), desk.jobs(case_id)
    assert (task.due, timer.due) == (APRIL, APRIL)
    correct(desk, case_id, {"day": ["2026-05-01"]})
    (task,), (timer,) = desk.tasks(case_id), desk.jobs(case_id)
    assert (task.element, task.due, timer.due) == ("b", MAY, MAY)
    assert desk.faults() == []


def test_a_passed_gateway_stays_passed(desk: World, case_id: str) -> None:
    with pytest.raises(InvalidAnswers):
        correct(desk, case_id, {"answer": ["MAYBE"]})
    correct(desk, case_id, {"answer": ["NO"]})
    assert {task.element for task in desk.tasks(case_id)} == {"b", "w"}
    corrected, asked = desk.facts(case_id)[-2:]
    assert ["corrected", "a", 0, ["answer"]] in corrected.steps
    assert (asked.kind, asked.element) == ("message", "ws")
    assert desk.faults() == []


def test_old_and_new_stand_beside_each_other_with_the_reason(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"day": ["2026-05-01"], "note": ["Not so"]}, why="Slip of the pen")
    with desk.database.transaction(write=False) as tx:
        now = desk.clock.now()
        view = load_case_view(
            tx,
            desk.program.services,
            desk.viewer("stina"),
            case_id,
            now,
            more=reads_of_corrections(case_id),
        )
        shown = load_correction(view, desk.facts(case_id)[-1].rev)
    assert {(c.label, c.old, c.new) for c in shown.changes} == {
        ("Day", "2026-04-01", "2026-05-01"),
        ("Note", "She said so", "Not so"),
    }
    assert (shown.why, shown.hidden) == ("Slip of the pen", 0)
    assert shown.corrected == fact_of(desk, case_id, "a")


def test_a_second_correction_shows_what_the_first_one_said(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"note": ["second"]})
    correct(desk, case_id, {"note": ["third"]})
    with desk.database.transaction(write=False) as tx:
        now = desk.clock.now()
        view = load_case_view(
            tx,
            desk.program.services,
            desk.viewer("sara"),
            case_id,
            now,
            more=reads_of_corrections(case_id),
        )
        shown = load_correction(view, desk.facts(case_id)[-1].rev)
        assert view.newest["note"].value == "third"
    assert [(c.old, c.new) for c in shown.changes] == [("second", "third")]


def test_what_was_told_at_the_start_is_corrected_too(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"place": ["Uppsala"]}, element=START)
    assert desk.facts(case_id)[-1].element == START


def test_an_answer_that_a_later_step_gave_anew_stays(desk: World, case_id: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        correct(desk, case_id, {"note": ["other"]}, element=START)
    assert [fault.key for fault in refused.value.faults] == ["correction.nothing"]


def test_without_a_reason_or_a_change_nothing_is_corrected(desk: World, case_id: str) -> None:
    with pytest.raises(InvalidAnswers) as no_reason:
        correct(desk, case_id, {"note": ["other"]}, why=" ")
    with pytest.raises(InvalidAnswers) as no_change:
        correct(desk, case_id, {})
    keys = [[f.key for f in e.value.faults] for e in (no_reason, no_change)]
    assert keys == [["form.reason_missing"], ["correction.nothing"]]
    with pytest.raises(InvalidAnswers) as too_long:
        correct(desk, case_id, {"note": ["other"]}, why="x" * (LONGEST + 1))
    (fault,) = too_long.value.faults
    assert (fault.key, fault.facts) == ("form.too_long", {"n": 1, "most": LONGEST})
    assert correct(desk, case_id, {"note": ["other"]}, why="x" * LONGEST).turn is not None


def test_a_colleague_corrects_and_a_moved_case_refuses(desk: World, case_id: str) -> None:
    rev = desk.case(case_id).rev
    correct(desk, case_id, {"note": ["by Stina"]}, by="stina", rev=rev)
    with pytest.raises(Stale):
        correct(desk, case_id, {"note": ["by Sara"]}, rev=rev)


def test_an_ended_case_is_not_corrected(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", by="sara")
    desk.do(case_id, "c", by="stina")
    desk.do(case_id, "Task_GoNoGo")
    with pytest.raises(CaseEnded):
        correct(desk, case_id, {"note": ["late"]})


def test_who_corrected_a_step_counts_as_who_did_it(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", {"note": ["b"]}, by="sara")
    correct(desk, case_id, {"note": ["corrected"]}, element="b", by="stina")
    for name in ("sara", "stina"):
        with pytest.raises(FourEyes):
            desk.do(case_id, "c", by=name)


def test_two_persons_correct_what_two_persons_did(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", {"note": ["b"]}, by="sara")
    desk.do(case_id, "c", by="stina")
    change = {"contact": ["0800"]}
    with pytest.raises(FourEyes) as refused:
        correct(desk, case_id, change, element="b", by="stina")
    assert refused.value.facts == {"why": "four_eyes", "element": "c"}
    asked = correct(desk, case_id, change, element="b")
    assert asked.turn is None
    assert load_saved(opened(desk, case_id, "b")).raw["contact"] == ["0800"], "what she typed"
    assert asked == correct(desk, case_id, change, element="b")
    stina, now = desk.viewer("stina"), desk.clock.now()
    with desk.database.transaction() as tx:
        services, id_ = desk.program.services, asked.approval
        requests.decide(tx, services, by=stina, now=now, id_=id_, approve=True)
    other = correct(desk, case_id, {"contact": ["0900"]}, element="b")
    assert other.turn is None
    done = correct(desk, case_id, change, element="b")
    assert done.turn is not None
    assert desk.facts(case_id)[-1].kind == "correction"
    assert desk.faults() == []


def test_the_step_that_names_the_other_one_needs_two_persons_too(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", by="sara")
    desk.do(case_id, "c", {"note": ["c"]}, by="stina")
    with pytest.raises(FourEyes) as refused:
        correct(desk, case_id, {"note": ["other"]}, element="c", by="sara")
    assert refused.value.facts == {"why": "four_eyes", "element": "b"}
    asked = correct(desk, case_id, {"note": ["other"]}, element="c", by="stina")
    assert (asked.turn, bool(asked.approval)) == (None, True)


def test_who_had_seen_the_value_gets_a_letter_in_the_role_of_that_office(
    desk: World, case_id: str
) -> None:
    hear(desk, case_id, classes=["C1"])
    correct(desk, case_id, {"contact": ["0800"]})
    (letter,) = desk.letters(case_id)
    assert (letter.office_id, letter.role, letter.template, letter.params) == (
        BOARD,
        "CaseApprover",
        "answer_corrected",
        {},
    )


def test_a_decision_is_never_corrected(desk: World, case_id: str) -> None:
    desk.do(case_id, "b", by="sara")
    desk.do(case_id, "c", by="stina")
    with desk.database.transaction(write=False) as tx:
        services, now = desk.program.services, desk.clock.now()
        rules = replace(services.programme.configuration.corrections, decisions=frozenset({"a"}))
        stern = with_configuration(services, corrections=rules)
        command = partial(
            correct_answer, case_id=case_id, fact=fact_of(desk, case_id, "a"), answers={}
        )
        with pytest.raises(NotAllowed) as refused:
            command(tx, stern, desk.viewer(), now)
    assert refused.value.facts["why"] == "decision"


def test_a_list_is_named_as_a_whole(desk: World, case_id: str) -> None:
    asked = small.form("plain", *small.TEXTS, KIN)
    desk.publish(Bundle({**process().files, "forms/plain.form": asked}))
    typed = {"kin.0.name": ["Ana"], "kin.1.name": ["Ion"], "note": ["two"]}
    case_id = desk.start(typed, element=START).case_id
    correct(desk, case_id, {"kin.0.name": ["Ana"]}, element=START)
    corrected = opened(desk, case_id, START).target.sent.values
    assert (corrected["kin"], corrected["note"]) == ([{"name": "Ana"}], "two")


def test_what_is_typed_is_kept_and_another_tab_that_changed_it_refuses(
    desk: World, case_id: str
) -> None:
    def keep(note: str, *, refuse: bool = False) -> SavedAnswers:
        fact, answers = fact_of(desk, case_id, "a"), {"note": [note]}
        command = partial(
            keep_correction,
            case_id=case_id,
            fact=fact,
            answers=answers,
            rev=0,
            refuse_conflicts=refuse,
        )
        about = (desk.database, desk.program.services, command)
        return submit.submit(*about, by=desk.viewer(), now=desk.clock.now())

    first = keep("first", refuse=True)
    assert (first.rev, first.clashes) == (1, ())
    with pytest.raises(CaseMoved) as refused:
        keep("second", refuse=True)
    clash = EditConflict("note", ("second",), ("first",))
    assert refused.value.facts == {"clashes": (clash,)}
    assert load_saved(opened(desk, case_id, "a")).raw["note"] == ["first"]
    assert [one.path for one in keep("third").clashes] == ["note"], "nobody is refused"


def test_there_is_no_correction_of_what_nobody_answered(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"note": ["once"]})
    with desk.database.transaction(write=False) as tx:
        rev, now = desk.facts(case_id)[-1].rev, desk.clock.now()
        with pytest.raises(NotFound):
            open_correction(tx, desk.program.services, desk.viewer(), case_id, rev, now)
