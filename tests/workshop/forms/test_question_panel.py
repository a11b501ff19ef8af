"""The panel of a question shows everything that stands in the file, and what was typed instead."""

from __future__ import annotations

import pytest

from service.release.programme.vocabulary import Vocabulary
from service.workshop.forms import edits
from service.workshop.forms.form_file import FormFile, read_form_file
from service.workshop.forms.question_panel import EditorWords, load_panel
from tests.support.world import shipped

WORDS = EditorWords("sv", Vocabulary(), {})
FORMS = sorted(name for name in shipped().files if name.startswith("forms/"))
REASON = "Field_referral_decision_reasonCode"


def form_of(name: str) -> FormFile:
    return read_form_file(shipped().files[name], name)


def shown(form: FormFile, address: str) -> dict[str, str]:
    """What the browser sends when somebody opens a question and saves it untouched."""
    panel = load_panel(WORDS, form, address)
    assert panel is not None
    typed = {f"{name}.{lang}": text for name, words in panel.texts for lang, text in words}
    views = [view for _, views in panel.parts for view in views]
    typed["shown"] = " ".join(view.setting.name for view in views)
    typed |= {f"set.{view.setting.name}": view.value for view in views if view.value}
    if panel.shown_if_choices:
        typed["shown_if"] = panel.shown_if
    if len(panel.kinds) > 1:
        typed["kind"] = panel.kind
    if panel.has_options:
        for n, row in enumerate(panel.options):
            typed |= {f"option.{n}.{part}": text for part, text in row.items()}
    if panel.has_checks:
        for n, row in enumerate((*panel.checks, {"when": "", "sv": "", "en": ""})):
            typed |= {f"check.{n}.{part}": text for part, text in row.items()}
    return typed


@pytest.mark.parametrize("name", FORMS)
def test_saving_every_question_untouched_changes_no_byte(name: str) -> None:
    form = form_of(name)
    assert form.dump() == shipped().files[name]
    for address in form.by_address():
        assert edits.save_question(form, address, shown(form, address)).changed == {}, address


def test_every_property_of_the_shipped_forms_has_a_setting() -> None:
    beside = {"as"}  # the kind says it
    kept = ("check", "check_text", "state.")  # checks have settings of their own; words are kept
    for name in FORMS:
        form = form_of(name)
        for address, node in form.by_address().items():
            given = node.component.get("properties", {})
            typed = shown(form, address)
            told = {key.removeprefix("set.") for key in typed} | set(typed["shown"].split())
            missing = {
                key for key in given if key not in told | beside and not key.startswith(kept)
            }
            assert missing == set(), (name, address)


def test_what_was_typed_stands_in_place_of_the_file() -> None:
    form = form_of("forms/referral_decision.form")
    typed = shown(form, REASON) | {"label.sv": "Grund", "set.hide": "=", "option.0.sv": "Halv"}
    panel = load_panel(WORDS, form, REASON, typed)
    assert panel is not None
    assert panel.texts[0] == ("label", (("sv", "Grund"), ("en", "Reason")))
    values = {view.setting.name: view.value for _, views in panel.parts for view in views}
    assert (values["hide"], values["required"]) == ("=", "")
    assert panel.options[0]["sv"] == "Halv"
    assert load_panel(WORDS, form, "nobody") is None


def test_one_answer_is_chosen_by_its_words() -> None:
    panel = load_panel(WORDS, form_of("forms/ask_partner.form"), "Field_ask_partner_goOn")
    assert panel is not None
    assert ("Behöver personen fortsatt stöd i Sverige", "supportInSweden=true") in [
        (label, answers[0][0]) for label, answers in panel.shown_if_choices
    ]
