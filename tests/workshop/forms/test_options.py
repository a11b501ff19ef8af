"""Options and checks are rows that are added, moved and taken out, with their words."""

from __future__ import annotations

from service.workshop.forms import edits
from service.workshop.forms.edits import FormEdit
from service.workshop.forms.form_changes import code_from
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


def test_a_code_is_made_of_the_text() -> None:
    assert code_from("Inte än – kanske", ()) == "INTE_AN_KANSKE"
    assert code_from("?", {"OPTION"}) == "OPTION_2"
