"""Language, interpreter and contact are asked for once; later forms propose them and say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from service.forms import FormContext, Widget, check, draw, fill_in
from tests.forms.paper import a_case, answered, faults, sent, shipped, typed

KNOWN: dict[str, Any] = {
    "languages": [{"language": "ro"}, {"language": "sv"}],
    "interpreter": "FEMALE",
    "safeContact": {"channel": "PHONE", "hours": "17-19", "language": "sv", "codeWord": "havre"},
}


def case(**known: Any) -> FormContext:
    origins = {key: ("new_case", date(2026, 11, 1)) for key in known}
    return replace(a_case(), earlier=known, origins=origins)


def begun(form_id: str, context: FormContext) -> dict[str, list[str]]:
    """What a fresh form begins with."""
    return fill_in(shipped()[form_id], context.earlier, context)


def drawn(form_id: str, context: FormContext, **changed: str) -> dict[str, Widget]:
    widgets: dict[str, Widget] = {}

    def add(inner: tuple[Widget, ...]) -> None:
        for one in inner:
            widgets[one.path] = one
            add(one.fields)
            for row in one.rows:
                add(row.fields)

    texts = {**begun(form_id, context), **typed(**changed)}
    sections = draw(shipped()[form_id], texts, lang="en", faults=(), context=context)
    add(tuple(widget for section in sections for widget in section.widgets))
    return widgets


def test_language_and_interpreter_are_proposed_later() -> None:
    assert begun("counselling", case(**KNOWN)) == {
        "sessions.0.on": ["2026-11-24"],
        "sessions.0.language": ["ro"],
        "applicationForm.language": ["ro"],
        "consentParticipate.language": ["ro"],
        "consentParticipate.interpreter": ["true"],
        "consentParticipate.givenOn": ["2026-11-24"],
    }
    nobody = begun("counselling", case(**{**KNOWN, "interpreter": "NO"}))
    assert nobody["consentParticipate.interpreter"] == ["false"]
    today = {"sessions.0.on": ["2026-11-24"], "consentParticipate.givenOn": ["2026-11-24"]}
    assert begun("counselling", case()) == today


@pytest.mark.parametrize("form_id", ["arrival_meeting", "helsinki_contact"])
def test_the_safe_contact_at_home_is_asked_for_anew(form_id: str) -> None:
    before = {"newSafeContact": {"channel": "MESSAGE", "hours": "8-9", "codeWord": "råg"}}
    begins = begun(form_id, case(**KNOWN, **before))
    # the language that the person speaks, and nothing of how the person was reached before
    at_home = {path: said for path, said in begins.items() if path.startswith("newSafeContact")}
    assert at_home == {"newSafeContact.language": ["ro"]}


def test_feedback_begins_with_the_persons_own_words() -> None:
    assert begun("feedback", case(ownWords="Jag mår bra."))["feedbackText"] == ["Jag mår bra."]


def test_an_earlier_answer_of_the_same_question_goes_first() -> None:
    own = {"applicationForm": {"language": "sv", "version": "2"}}
    begins = begun("counselling", case(**KNOWN, **own))
    assert begins["applicationForm.language"] == ["sv"]


def test_a_proposal_begins_no_consent() -> None:
    form, context = shipped()["hear_child"], case(**KNOWN)
    texts = answered(form, context, {})
    assert texts["consentLocal.language"] == ["ro"]
    checked = check(form, texts, context)
    assert faults(checked) == {}
    assert (checked.consents, checked.answers.get("consentLocal")) == ({}, None)


def test_a_proposal_says_where_it_is_from_until_it_is_changed() -> None:
    language = "sessions.0.language"
    assert drawn("counselling", case(**KNOWN))[language].origin == ("New case", "2026-11-01")
    changed = drawn("counselling", case(**KNOWN), sessions__0__language="sv")
    assert changed[language].origin is None
    assert drawn("counselling", replace(case(**KNOWN), origins={}))[language].origin is None


def test_a_language_that_is_left_out_is_the_first_one() -> None:
    languages = {"languages__0__language": "ro", "languages__1__language": "sv"}
    left = sent("new_case", a_case(), **languages)
    assert left.faults == ()
    assert [left.answers[key]["language"] for key in ("safeContact", "infoGiven")] == ["ro", "ro"]  # type: ignore[index,call-overload]  # both are groups
    own = sent("new_case", a_case(), **languages, safeContact__language="sv")
    assert own.answers["safeContact"]["language"] == "sv"  # type: ignore[index,call-overload]  # a group


def test_an_amount_stands_in_the_usual_currency() -> None:
    euro = drawn("reintegration_plan", replace(case(), currency="EUR"))
    assert chosen(euro["activities.0.cost.currency"]) == ["EUR"]
    crowns = {"activities__0__cost__currency": "SEK"}
    other = drawn("reintegration_plan", replace(case(), currency="EUR"), **crowns)
    assert chosen(other["activities.0.cost.currency"]) == ["SEK"]
    foreign = drawn("reintegration_plan", replace(case(), currency="CHF"))
    assert chosen(foreign["activities.0.cost.currency"]) == []


def chosen(widget: Widget) -> list[str]:
    return [code for code, _ in widget.options if code in widget.values]


def test_a_delivery_begins_with_the_one_activity_that_is_left() -> None:
    def left(delivered: list[str], *states: str) -> list[str] | None:
        rows = [
            {"id": f"A{n}", "kind": "HOUSING", "provider": "Provhuset", "state": state}
            for n, state in enumerate(states, start=1)
        ]
        about = case(activities=rows)
        known = replace(about, before={**about.before, "activity": delivered})
        return begun("delivery", known).get("activity")

    assert left([], "PLANNED") == ["A1"]
    assert left([], "PLANNED", "PLANNED") is None
    assert left(["A1"], "PLANNED", "PLANNED") == ["A2"]
    assert left([], "DROPPED", "PLANNED") == ["A2"]
    assert left(["A1"], "PLANNED") is None, "that the plan is carried out is for a person to say"
