"""Components move, go and get texts; the rest of the file stays as it was."""

from __future__ import annotations

import json

from service.workshop.forms import edits
from service.workshop.forms.edits import FormEdit
from service.workshop.forms.form_changes import key_from, new_id
from service.workshop.forms.form_file import FormFile, read_form_file
from tests.support.world import shipped

NAME = "forms/referral_decision.form"
DECISION = "Field_referral_decision_referralDecision"
REASON = "Field_referral_decision_reasonCode"


def form_of(name: str = NAME) -> FormFile:
    return read_form_file(shipped().files[name], name)


def after(edit: FormEdit, name: str = NAME) -> FormFile:
    content = edit.changed[name]
    assert content is not None
    return read_form_file(content, name)


def test_questions_move_across_headings_and_back() -> None:
    form = form_of("forms/new_case.form")
    addresses = list(form.by_address())
    at = next(a for a, n in form.by_address().items() if n.around and not n.is_inside)
    moved = form
    for _ in range(6):
        edit = edits.move_question(moved, at, down=True)
        moved = after(edit, form.name) if edit.changed else moved
    assert list(moved.by_address()) != addresses
    for _ in range(6):
        edit = edits.move_question(moved, at, down=False)
        moved = after(edit, form.name) if edit.changed else moved
    assert moved.dump() == form.dump()


def test_removing_takes_the_translations_along() -> None:
    form = after(edits.take_out_question(form_of(), REASON))
    assert form.find(REASON) is None
    assert "Ofullständig" not in json.loads(form.dump())["x-i18n"]["en"]


def test_a_text_and_its_translation_change_together() -> None:
    form = after(edits.save_question(form_of(), REASON, {"label.sv": "Orsak", "label.en": "Cause"}))
    assert (form.say("Orsak", "en"), form.say("Skäl", "en")) == ("Cause", "")


def test_a_translation_that_another_question_shows_stays() -> None:
    form = form_of("forms/needs_assessment.form")
    areas = [a for a, n in form.by_address().items() if n.component.get("label") == "Område"]
    assert len(areas) > 1
    typed = {"label.sv": "Vilket område", "label.en": "Which area"}
    made = after(edits.save_question(form, areas[0], typed), form.name)
    assert made.say("Område", "en") == form.say("Område", "en") != ""
    last = after(edits.save_question(made, areas[1], typed), form.name)
    assert last.say("Område", "en") == ""


def test_keys_and_ids_are_made_of_the_text() -> None:
    assert key_from("Är det bråttom?", ()) == "arDetBrattom"
    assert key_from("2 saker", {"q2Saker"}) == "q2Saker2"
    assert new_id(form_of(), "reasonCode") == "Field_referral_decision_reasonCode2"
