"""What a section says that it still needs is what sending it would ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.forms import Form, FormContext, Raw, check, draw, fill_in
from tests.forms.paper import a_case, shipped, typed
from tests.forms.random_answers import again, random_sending

ASKS = {
    "form.required",
    "form.choose_some",
    "form.file_missing",
    "form.too_few_rows",
    "form.consent_missing",
}
"""Faults that say that an answer is missing."""


def left(form: Form, texts: Raw, case: FormContext) -> dict[str, int]:
    drawn = draw(form, texts, lang="en", faults=(), context=case)
    return {section.label: section.left for section in drawn}


def asked_for(form: Form, texts: Raw, case: FormContext) -> set[str]:
    """Headings under which sending these answers would ask for one."""
    buttons = form.button.key if form.button else ""
    faults = [f for f in check(form, texts, case).faults if f.key in ASKS and f.path != buttons]
    return {
        form.say(section.label, "en")
        for section in form.sections
        for field in section.fields
        if field.key in {fault.path.partition(".")[0] for fault in faults}
    }


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_a_section_needs_answers_while_sending_asks_for_some(form_id: str) -> None:
    form = shipped()[form_id]
    chance = again(f"left {form_id}")
    for _ in range(6):
        texts, case = random_sending(form, chance)
        case = replace(case, consents={})  # one that is live is not asked for
        unread = {f.path for f in check(form, texts, case).faults if f.key not in ASKS}
        says = {label for label, count in left(form, texts, case).items() if count}
        asked = asked_for(form, texts, case)
        assert asked <= says
        if not unread:
            assert says == asked


def test_a_plan_that_nobody_accepted_is_not_done() -> None:
    form, case = shipped()["reintegration_plan"], a_case(languages=[{"language": "ro"}])
    assert left(form, fill_in(form, {}, case), case)["Acceptance"] > 0


def test_a_consent_that_is_given_needs_how_and_when() -> None:
    form, case = shipped()["counselling"], a_case("REFER")
    without = left(form, fill_in(form, {}, case), case)["The application"]
    given = {**fill_in(form, {}, case), **typed(consentParticipate__given="true")}
    assert left(form, given, case)["The application"] > without > 0


def test_replies_without_an_answer_are_not_done() -> None:
    form, case = shipped()["confirm_support"], a_case(supportRequests=[{}, {}])
    assert left(form, fill_in(form, {}, case), case)["Replies to the requests"] >= 2
