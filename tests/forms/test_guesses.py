"""A value that is worked out stands as unknown until what it is worked out from is answered."""

from __future__ import annotations

import pytest

from service.forms import draw
from service.forms.conditions import says_nothing, worked_out_from
from tests.forms.paper import Texts, a_case, shipped, typed


def worked_out(form_id: str, texts: Texts, **known: object) -> dict[str, str]:
    drawn = draw(shipped()[form_id], texts, lang="en", faults=(), context=a_case("REFER", **known))
    return {w.key: w.value for s in drawn for w in s.widgets if w.shape == "computed"}


@pytest.mark.parametrize(
    ("form_id", "key", "answers", "then"),
    [
        ("referral", "foreignCitizen", {"citizenships__0__country": "RO"}, "Yes"),
        ("referral", "travelDocStatus", {"travelDocument": "LOST"}, "Missing"),
        ("referral", "detained", {"knownObstacles": "DETENTION"}, "Yes"),
        ("needs_assessment", "travelBan", {"knownObstacles": "DEBT"}, "No"),
        (
            "follow_up",
            "exploitationSign",
            {"attempts__0__result": "REACHED", "safeToTalk": "true", "exploitationSigns": "NONE"},
            "None",
        ),
        ("escort", "escortAssigned", {"escortAnswer": "ASSIGNED"}, "Yes"),
        ("withdraw", "supportInSweden", {"stopReason": "RETURNED_OTHERWISE"}, "No"),
    ],
)
def test_a_worked_out_value_is_unknown_until_it_has_answers(
    form_id: str, key: str, answers: dict[str, str], then: str
) -> None:
    assert worked_out(form_id, {})[key] == ""
    assert worked_out(form_id, typed(**answers))[key] == then


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_no_form_states_what_its_own_questions_have_not_said(form_id: str) -> None:
    form = shipped()[form_id]
    said = worked_out(form_id, {})
    alone = {f.key for f in form.fields if worked_out_from(form, f)}
    assert {key: said[key] for key in alone if said[key]} == {}


def test_a_no_that_nobody_gave_says_nothing() -> None:
    form = shipped()["needs_assessment"]
    detained = form.field("detained")
    assert says_nothing(form, detained, False, {"supportNetwork"})
    assert not says_nothing(form, detained, True, {"supportNetwork"})
    assert not says_nothing(form, detained, False, {"knownObstacles"})


def test_the_right_to_reside_is_asked_once_countries_are_known() -> None:
    def is_asked(**answers: str) -> bool:
        texts = typed(**answers)
        drawn = draw(shipped()["referral"], texts, lang="en", faults=(), context=a_case())
        return not next(w.hidden for s in drawn for w in s.widgets if w.key == "rightToReside")

    assert not is_asked()
    assert not is_asked(countryOfReturn="NG")
    assert not is_asked(citizenships__0__country="RO")
    assert not is_asked(citizenships__0__country="RO", countryOfReturn="RO")
    assert is_asked(citizenships__0__country="RO", countryOfReturn="NG")
