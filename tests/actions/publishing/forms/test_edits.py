"""The acts of the form editor on real forms: each does one thing, in the file as it was."""

from __future__ import annotations

import json

import pytest

from service.actions.publishing.forms import edits
from service.actions.publishing.forms.edits import FormEdit
from service.actions.publishing.forms.form_file import FormFile, key_of, read_form_file
from service.actions.releases.bundle import Bundle
from service.engine import Expression
from service.errors import NotFound
from service.forms import inspect_form
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


def test_a_text_and_its_translation_change_together() -> None:
    form = after(edits.save_question(form_of(), REASON, {"label.sv": "Orsak", "label.en": "Cause"}))
    assert (form.say("Orsak", "en"), form.say("Skäl", "en")) == ("Cause", "")
    assert findings(form) == []


def test_a_translation_that_another_text_uses_stays() -> None:
    name = "forms/application_check.form"
    form = form_of(name)
    texts = [str(n.component.get("label", "")) for n in form.nodes()]
    yes_nos = [a for a, n in form.by_address().items() if n.component.get("values")]
    typed = {"option.0.was": "true", "option.0.value": "true", "option.0.sv": "Jo"}
    changed = edits.save_question(form, yes_nos[0], typed).changed
    assert texts
    made = read_form_file(changed[name] or b"", name) if changed else form
    assert made.say("Ja", "en") in ("", form.say("Ja", "en"))


def test_options_are_added_moved_and_taken_out() -> None:
    rows = {
        f"option.{n}.{part}": text
        for n, row in enumerate(
            [("APPROVED", "Godkänn", "Approve"), ("", "Vila", "Rest"), ("REJECTED", "Avslå", "No")]
        )
        for part, text in zip(("was", "sv", "en"), row, strict=True)
    }
    rows |= {"option.0.value": "APPROVED", "option.1.value": "", "option.2.value": "REJECTED"}
    form = after(edits.move_option(form_of(), DECISION, rows, 1, -1))
    node = form.find(DECISION)
    assert node is not None
    codes = [(v["value"], v["label"]) for v in node.component["values"]]
    assert codes == [("REST", "Vila"), ("APPROVED", "Godkänn"), ("REJECTED", "Avslå")]
    assert (form.say("Avslå", "en"), form.say("Vila", "en")) == ("No", "Rest")
    assert form.say("Återsänd för komplettering", "en") == "", "its translation went with it"


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
    form = form_of("forms/budget_decision.form")
    at = next(a for a, n in form.by_address().items() if n.component["type"] == "textarea")
    typed = {"shown": "maxLength", "set.maxLength": "many"}
    edit = edits.save_question(form, at, typed)
    assert (edit.faults, edit.changed) == ({"set.maxLength": "fault_number"}, {})


def test_checks_are_numbered_anew() -> None:
    form = form_of("forms/application_check.form")
    at = next(
        a for a, n in form.by_address().items() if "check_2" in n.component.get("properties", {})
    )
    node = form.find(at)
    assert node is not None
    typed = {"check.0.when": "1 = 1", "check.0.sv": "Ett", "check.0.en": "One", "check.1.when": ""}
    made = after(edits.save_question(form, at, typed), form.name).find(at)
    assert made is not None
    checks = {k: v for k, v in made.component["properties"].items() if k.startswith("check")}
    assert checks == {"check": "1 = 1", "check_text.sv": "Ett", "check_text.en": "One"}


def test_removing_takes_the_translations_along() -> None:
    form = after(edits.take_out_question(form_of(), REASON))
    assert form.find(REASON) is None
    assert "Ofullständig" not in json.loads(form.dump())["x-i18n"]["en"]


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
