"""Who cannot read is informed by voice and consents before a witness: printed is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.forms import CheckedAnswers, Field, Form, check
from tests.forms.paper import a_case, faults, sent, shipped, typed

BY_VOICE = "Personen kan inte läsa. Ge informationen muntligt eller inspelad."
WITNESSED = "Personen kan inte läsa. Samtycket ges muntligt, inför ett vittne."


ASKED_IN = "consent.asked_in"
"""Property of a consent that is asked for with others, once for all of them."""


ASKED_WHEN: dict[str, dict[str, str]] = {
    "give_consents": {"consentHealth__given": "true"},
    "informed_decision": {"applicationOutcome": "SIGNED", "consentHealth__given": "true"},
    "talk_after_end": {"callWish": "HELP", "localOffice": "iom-bucharest"},
}
"""Form to the answers with which it asks for the consent."""


def groups(form: Form) -> Iterator[Field]:
    """The groups of a form in which a consent says how it was given."""
    for field in form.fields:
        keys = {inner.key for inner in field.fields}
        if {"how", "witness", "readAloudBy"} <= keys and not field.properties.get(ASKED_IN):
            yield field


ASKED = [(form.id, field.key) for form in shipped().values() for field in groups(form)]


def said(checked: CheckedAnswers, path: str) -> dict[str, str]:
    """The sentences of a failed check, by language; none where it passed."""
    found = (f.facts for f in checked.faults if f.path == path and "sv" in f.facts)
    return {lang: str(facts[lang]) for facts in found for lang in ("sv", "en")}


def informed(literacy: str, how: str, **more: str) -> CheckedAnswers:
    answers = {"literacy": literacy, "infoGiven__how": how, **more}
    return check(shipped()["new_case"], typed(**answers), a_case())


def test_printed_information_is_refused_for_who_cannot_read() -> None:
    refused = said(informed("NO", "PRINT"), "infoGiven.how")
    assert refused["sv"] == BY_VOICE
    assert refused["en"].startswith("The person cannot read.")
    for how in ("MEETING", "PHONE", "AUDIO"):
        assert said(informed("NO", how), "infoGiven.how") == {}
    assert said(informed("YES", "PRINT"), "infoGiven.how") == {}


def test_who_reads_with_difficulty_has_print_read_aloud() -> None:
    checked = informed("LIMITED", "PRINT")
    assert said(checked, "infoGiven.how") == {}
    assert faults(checked)["infoGiven.readAloudBy"] == "form.required"
    aloud = informed("LIMITED", "PRINT", infoGiven__readAloudBy="Sara")
    assert "infoGiven.readAloudBy" not in faults(aloud)
    assert "infoGiven.readAloudBy" not in faults(informed("NO", "PRINT")), "it is refused already"


def test_every_form_that_asks_how_a_consent_was_given_is_among_them() -> None:
    assert {form for form, _ in ASKED} >= {"referral", "counselling", "informed_decision"}
    assert len(ASKED) == 10


def consented(form: str, group: str, literacy: str, how: str, **more: str) -> CheckedAnswers:
    own = {f"{group}__{key}": text for key, text in {"how": how, "given": "true", **more}.items()}
    asked = {field.key: field for field in shipped()[form].fields}[group]
    if "given" not in {inner.key for inner in asked.fields}:
        own.pop(f"{group}__given")
    context = a_case(literacy=literacy, ageBand="21_PLUS", isMinor=False)
    return sent(form, context, **ASKED_WHEN.get(form, {}), **own)


@pytest.mark.parametrize(("form", "group"), ASKED)
def test_a_written_consent_is_refused_for_who_cannot_read(form: str, group: str) -> None:
    path = f"{group}.how"
    refused = said(consented(form, group, "NO", "WRITTEN"), path)
    assert refused["sv"] == WITNESSED
    assert refused["en"].startswith("The person cannot read.")
    assert said(consented(form, group, "NO", "ORAL_WITNESSED"), path) == {}
    assert said(consented(form, group, "YES", "WRITTEN"), path) == {}
    assert said(consented(form, group, "LIMITED", "WRITTEN"), path) == {}


def test_an_oral_consent_names_a_witness_and_who_explained() -> None:
    answers = {
        "consentRefer__given": "true",
        "consentRefer__how": "ORAL_WITNESSED",
        "consentRefer__givenBy": "SELF",
    }
    for literacy, wanted in (("NO", {"witness", "explainedBy"}), ("YES", {"witness"})):
        checked = check(shipped()["referral"], typed(**answers), a_case(literacy=literacy))
        missing = {p for p, key in faults(checked).items() if key == "form.required"}
        names = {f"consentRefer.{key}" for key in ("witness", "explainedBy")}
        assert missing & names == {f"consentRefer.{key}" for key in wanted}, literacy
