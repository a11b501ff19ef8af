"""What a template is handed: labels, texts, parts and rows, and a code that is easy to read off."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from service.access import Viewer
from service.application.shipped_files import shipped_bundle
from service.casework.casefile import paper_data
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.casefile.paper_data import PaperHead, code_of, normal_code, sample_data
from service.casework.cases.given_answers import GivenAnswer
from service.release.prepared import PreparedRelease, prepare
from service.sandbox.handlers import declared
from service.settings import Settings

HEAD = PaperHead("01J" + "A" * 15 + "7K3M9QXA", "Plan", "en", "klar-vag", "2026-1", "d", "o", "b")
GOAL = {"dimension": "SOCIAL", "inHerWords": "A home"}


@cache
def release() -> PreparedRelease:
    return prepare(shipped_bundle(Settings()), declared())


def given(key: str, value: object, form: str, klass: str = "C2", rev: int = 4) -> GivenAnswer:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return GivenAnswer(key, value, klass, "p", "o", at, form, "Task_MakePlan", 1, rev)


def data(template: str, *answers: GivenAnswer, **more: Any) -> dict[str, Any]:
    texts = AnswerTexts(release(), Viewer("p", "o", frozenset(), "en"))
    return paper_data.paper_data(
        release().papers[template],
        HEAD,
        texts,
        release().definitions["return_case"],
        {answer.key: answer for answer in answers},
        answers,
        places={"o": "IOM Helsinki"},
        **more,
    )


def test_fields_are_handed_over_in_words_of_the_language() -> None:
    found = data("plan", given("goals", [GOAL], "reintegration_plan"))
    goals = found["fields"]["goals"]
    assert len(goals["columns"]) == len(goals["rows"][0])
    assert goals["rows"] == [["Social", "A home"]]
    assert goals["label"] == "Goals"
    assert (found["ref"], found["lang"], found["code"]) == ("klar-vag", "en", "7K3M-9QXA")


def test_a_field_without_answer_keeps_its_labels() -> None:
    fields = data("application")["fields"]
    assert fields["destination"]["parts"] == [
        {"label": "Address", "text": ""},
        {"label": "With whom", "text": ""},
    ]
    assert fields["givenNames"]["text"] == ""
    assert "I return of my own free will" in fields["declarations"]["options"]


def test_a_group_has_its_parts_and_money_is_one_text() -> None:
    home = given("destination", {"address": "Street 1"}, "informed_decision", "C3")
    assert data("application", home)["fields"]["destination"]["parts"][0]["text"] == "Street 1"
    total = given("budgetTotal", {"amount": "12.5", "currency": "EUR"}, "reintegration_plan", "C0")
    budget = data("plan", total)["fields"]["budgetTotal"]
    assert budget["text"].endswith("EUR")
    assert budget["parts"] == []


def test_an_answer_that_is_not_declared_is_left_out() -> None:
    found = data("plan", given("familyName", "Testarova", "referral", "C1"))
    assert "Testarova" not in str(found)


def test_everything_is_by_step_and_office() -> None:
    step = data("case", given("goals", [GOAL], "reintegration_plan"))["steps"]
    assert [(s["office"], s["on"]) for s in step] == [("IOM Helsinki", "2026-03-02")]
    assert step[0]["answers"][0]["label"] == "Goals"


def test_a_consent_comes_with_version_and_digest() -> None:
    text = release().consent_texts.text("REFER", "en")
    assert text is not None
    consent = data("consent", text=text)["consent"]
    assert consent["version"] == text.version
    assert consent["digest"] == text.digest[:12]
    assert consent["blocks"][0]["kind"] == "p"
    assert data("plan")["consent"] == {}


def test_typed_lines_are_those_of_the_header() -> None:
    assert data("card", typed={"one": "Anna", "x": "y"})["typed"]["one"] == "Anna"
    assert "x" not in data("card", typed={"x": "y"})["typed"]
    assert data("card")["code"] == ""


@pytest.mark.parametrize("typed", ["7K3M-9QXA", "7k3m 9qxa", " 7K3M9QXA"])
def test_a_code_is_read_however_it_was_typed(typed: str) -> None:
    assert code_of(HEAD.id) == "7K3M-9QXA"
    assert normal_code(typed) == HEAD.id[-8:]


def test_letters_that_look_like_digits_are_digits() -> None:
    assert normal_code("ol-IL") == "0111"


@pytest.mark.parametrize("filled", [True, False])
def test_samples_have_the_shape_of_real_data(filled: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    for template in release().papers.values():
        sample = sample_data(template, release().forms, "sv", None, filled=filled)
        real = data(template.id)
        assert sample.keys() == real.keys()
        assert sample["fields"].keys() == real["fields"].keys()
        for key, field in sample["fields"].items():
            assert field.keys() == real["fields"][key].keys()
