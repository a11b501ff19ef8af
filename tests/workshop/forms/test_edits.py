"""The acts of the form editor on real forms: each does one thing, in the file as it was."""

from __future__ import annotations

import pytest

from service.engine import Expression
from service.errors import NotFound
from service.forms import inspect_form
from service.release.bundle import Bundle
from service.workshop.forms import edits
from service.workshop.forms.edits import FormEdit
from service.workshop.forms.form_file import FormFile, key_of, read_form_file
from tests.support.world import shipped

NAME = "forms/referral_decision.form"
DECISION = "Field_referral_decision_referralDecision"
REASON = "Field_referral_decision_reasonCode"


def form_of(name: str = NAME) -> FormFile:
    return read_form_file(shipped().files[name], name)


def after(edit: FormEdit, name: str = NAME) -> FormFile:
    assert not edit.faults
    content = edit.changed[name]
    assert content is not None
    return read_form_file(content, name)


def findings(form: FormFile) -> list[str]:
    return [f.code for f in inspect_form(form.dump(), name=form.name, feel=Expression)[1]]


def test_a_question_is_added_in_two_languages() -> None:
    typed = {"kind": "yesno", "label.sv": "Är det bråttom?", "label.en": "Is it urgent?"}
    edit = edits.add_question(form_of(), REASON, {**typed, "class": "C0"})
    form = after(edit)
    node = form.find(edit.at)
    assert node is not None
    assert node.component["key"] == "isItUrgent"
    assert form.say("Är det bråttom?", "en") == "Is it urgent?"
    assert form.say("Ja", "en") == "Yes"
    assert findings(form) == []
    keys = [key_of(n.component) for n in form.nodes()]
    assert keys.index("isItUrgent") == keys.index("reasonCode") + 1


@pytest.mark.parametrize("kind", ["text", "money", "list", "group", "file", "date", "paragraph"])
def test_each_kind_is_added_whole(kind: str) -> None:
    typed = {"kind": kind, "label.sv": "Ny", "label.en": "New", "class": "C1"}
    assert findings(after(edits.add_question(form_of(), "", typed))) == []


def test_an_added_question_needs_a_text_and_a_free_key() -> None:
    typed = {"kind": "text", "label.sv": "", "key": "reasonCode"}
    faults = edits.add_question(form_of(), REASON, typed).faults
    assert faults == {"label.sv": "fault_text", "key": "fault_key_taken"}
    with pytest.raises(NotFound):
        edits.add_question(form_of(), REASON, {"kind": "html", "label.sv": "A"})


def test_a_question_is_shown_for_one_answer() -> None:
    form = after(edits.save_question(form_of(), REASON, {"shown_if": "referralDecision=REJECTED"}))
    node = form.find(REASON)
    assert node is not None
    assert node.component["conditional"] == {"hide": '=referralDecision != "REJECTED"'}
    back = after(edits.save_question(form, REASON, {"shown_if": ""}))
    node = back.find(REASON)
    assert node is not None
    assert "conditional" not in node.component


def test_a_number_that_is_none_is_told_and_nothing_changes() -> None:
    form = form_of("forms/ask_ceiling.form")
    at = next(a for a, n in form.by_address().items() if n.component["type"] == "textarea")
    typed = {"shown": "maxLength", "set.maxLength": "many"}
    edit = edits.save_question(form, at, typed)
    assert (edit.faults, edit.changed) == ({"set.maxLength": "fault_number"}, {})


def test_the_head_of_a_form_is_written() -> None:
    typed = {"title.sv": "Beslutet", "title.en": "The decision", "purpose": "REFER", "fresh": "yes"}
    kinds = {"givenNames": "text"}
    edit = edits.save_form(form_of(), {**typed, "uses": "eligibility isMinor givenNames"}, kinds)
    made = after(edit).content
    assert made["x-uses"] == {"eligibility": "group", "isMinor": "yesno", "givenNames": "text"}
    assert made["x-title"] == "Beslutet"
    refused = edits.save_form(form_of(), {**typed, "uses": "nobody"}, kinds)
    assert refused.faults == {"uses": "fault_uses:nobody"}


def test_a_key_is_renamed_here_or_everywhere() -> None:
    bundle = shipped()
    here = edits.rename_question(bundle, form_of(), REASON, "causeCode", edits.HERE)
    assert list(here.changed) == [NAME]
    everywhere = edits.rename_question(bundle, form_of(), REASON, "causeCode", edits.EVERYWHERE)
    assert {NAME, "workflows/papers/decision.typ"} <= everywhere.changed.keys()
    taken = edits.rename_question(bundle, form_of(), REASON, "givenNames", edits.EVERYWHERE)
    assert taken.faults == {"key": "fault_key_asked"}
    wrong = edits.rename_question(bundle, form_of(), REASON, "9 lives", edits.HERE)
    assert wrong.faults == {"key": "fault_key"}


def test_places_read_another_question_after_one_went() -> None:
    bundle = shipped()
    edit = edits.take_out_question(form_of(), DECISION)
    replaced = edits.replace_key(bundle, edit, "referralDecision", "interestInReturn")
    files = Bundle({**bundle.files, **{n: c for n, c in replaced.changed.items() if c}}).files
    assert b"referralDecision" not in files["workflows/return_case.bpmn"]
