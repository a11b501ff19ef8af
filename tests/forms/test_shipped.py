"""The shipped forms are what the programme asks, in both languages.

`asked/` holds one line a question, which a person has approved; `TRESTEG_APPROVE=1` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.engine.feel import Expression
from service.forms import Field, Form, check, inspect_form
from service.forms.fields import LANGUAGES
from service.forms.reading import texts_of
from service.text import known
from tests.forms.paper import ROOT, a_case, shipped, typed
from tests.support.approved import approved

FILES = sorted((ROOT / "forms").glob("*.form"))
NOTE = "noteToOffice"
NAMES = [path.stem for path in FILES]
ASKED = Path(__file__).with_name("asked")


def as_line(form: Form, one: Field) -> str:
    """A question: key, kind, whether it must be answered, class, group, what it routes, words."""
    asked = (
        "yes"
        if one.required and not one.is_conditional
        else "when"
        if one.required or one.required_when
        else "no"
    )
    kind = f"computed {one.kind}" if one.is_worked_out else one.kind
    routing = "Rb" if one.buttons else "R" if one.routing else "-"
    codes = "" if one.kind == "yesno" else " ".join(one.values)
    return " | ".join(
        (
            one.key,
            kind,
            asked,
            one.data_class,
            one.group or "-",
            routing,
            one.label,
            form.label(one, "en"),
            codes,
        )
    ).rstrip(" |")


def test_a_form_has_the_name_of_its_file() -> None:
    assert sorted(shipped()) == NAMES == sorted(path.stem for path in ASKED.iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_shipped_form_reads_without_a_finding(path: Path) -> None:
    _, findings = inspect_form(path.read_bytes(), name=path.name, feel=Expression)
    assert findings == []


@pytest.mark.parametrize("form_id", NAMES)
def test_a_form_asks_what_somebody_approved(form_id: str) -> None:
    form = shipped()[form_id]
    head = f"{form.title} / {form.say(form.title, 'en')}; rests on {form.purpose or 'no consent'}"
    asked = (one for one in form.fields if one.key != NOTE)
    approved(ASKED / f"{form_id}.txt", [head, *(as_line(form, one) for one in asked)])


def test_forms_in_which_an_office_meets_the_person_or_the_case_end_with_a_note_of_its_own() -> None:
    noted = {id_: form for id_, form in shipped().items() if NOTE in {f.key for f in form.fields}}
    assert {"new_case", "referral", "referral_decision", "arrival_meeting"} <= noted.keys()
    for form in noted.values():
        last = form.fields[-1]
        said = (last.key, last.kind, last.required, last.data_class, last.limits.longest)
        assert said == (NOTE, "longtext", False, "C1", 1000)


def test_whoever_takes_a_call_in_after_the_end_asks_about_danger_first() -> None:
    asked = [field.key for field in shipped()["call_after_end"].fields if field.key]
    assert asked[:2] == ["callDanger", "aloneNow"]


@pytest.mark.parametrize("form_id", NAMES)
def test_every_text_of_a_form_is_there_in_every_language(form_id: str) -> None:
    form = shipped()[form_id]
    texts = {
        form.title,
        *(t for s in form.sections for t in (s.label, s.help) if t),
        *(t for _, f in form.walk() for t in texts_of(f)),
    }
    assert not [text for lang in LANGUAGES[1:] for text in texts if not form.words[lang].get(text)]
    assert not set(form.words["en"]) - texts - {"SEK", "EUR"}
    for _, one in form.walk():
        assert all(check.words.keys() == set(LANGUAGES) for check in one.checks)
        assert (
            ("hint.sv" in one.properties)
            == ("hint.en" in one.properties)
            == ("hint_when" in one.feel)
        )


def test_a_key_has_one_kind_class_and_group_in_the_whole_release() -> None:
    kinds: dict[str, set[str]] = {}
    for form in shipped().values():
        for one in form.fields:
            kinds.setdefault(one.key, set()).add(one.kind)
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}


def test_earlier_answers_are_read_by_known_conditions_only() -> None:
    asked = {f.key for form in shipped().values() for f in form.fields}
    from_elsewhere = {
        "age",
        "isMinor",
        "fromFifteen",
        "bestInterests",
        "eligibility",
        "openChecks",
        "openAlerts",
        "leftToUndo",
        "undone",
        "holds",
        "followUpNo",
        "followUpClosesAt",
        "dangerAlarmOpen",
        "arrivalDelays",
        "holderOfIomLocal",
        "paused",
        "pausedUntil",
        "wordsPrinted",
    }
    assert {name for form in shipped().values() for name in form.uses} - asked == from_elsewhere


def test_routing_fields_of_rank_are_always_set() -> None:
    assert "residualWorst" in shipped()["risk_assessment"].always
    assert "rightToReside" in shipped()["referral"].always
    assert "signedOn" not in shipped()["informed_decision"].always
    assert shipped()["referral"].routing()["urgency"] == ("string", ("NORMAL", "URGENT", "ACUTE"))
    assert shipped()["journey_booking"].routing()["departureAt"] == ("date and time", ())


def test_the_consent_questions_are_the_same_everywhere() -> None:
    texts = {
        tuple(i.key for i in f.fields)
        for form in shipped().values()
        for f in form.fields
        if f.kind == "consent" and "consent.asked_in" not in f.properties
    }
    assert texts == {
        (
            "given",
            "givenBy",
            "how",
            "readAloudBy",
            "language",
            "interpreter",
            "explainedBy",
            "givenOn",
            "validTo",
            "evidence",
            "witness",
        )
    }


def test_files_are_written_for_people() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n", path.name


def test_every_sentence_of_a_fault_exists() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "service/forms").glob("*.py"))
    keys = {part.partition('"')[0] for part in source.split('"form.')[1:]}
    assert [key for key in keys if not known(f"form.{key}")] == ["check"], (
        "the sentence of a check stands in the form"
    )


def test_a_child_alone_is_asked_for_an_adult_of_its_own() -> None:
    form = shipped()["new_case"]
    for band, asked in {"12_15": True, "16_17": True, "18_20": False, "21_PLUS": False}.items():
        checked = check(form, typed(childsAdult="My aunt"), a_case(ageBand=band))
        assert ("childsAdult" in checked.answers) is asked, band
