"""What a fresh form begins with: earlier answers and proposals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.forms import Json, check, draw, fill_in, last_row
from tests.forms.paper import (
    ALL_PURPOSES,
    a_case,
    answered,
    shipped,
)


def test_a_fresh_form_shows_the_earlier_answer_of_the_same_key() -> None:
    earlier: dict[str, Any] = {
        "voluntariness": "DOUBT",
        "noteToOffice": "mine",
        "sessions": [{"on": "2026-11-02"}],
        "applicationCheck": "OK",
    }
    assert fill_in(shipped()["counselling"], earlier, a_case()) == {
        "sessions.0.on": ["2026-11-02"],
        "consentParticipate.givenOn": ["2026-11-24"],
    }
    assert "applicationCheck" not in fill_in(shipped()["application_check"], earlier, a_case())


def test_a_fresh_form_begins_with_what_is_proposed() -> None:
    assert fill_in(shipped()["risk_assessment"], {}, a_case()) == {"riskAssessedOn": ["2026-11-24"]}
    proposals: dict[str, Json] = {"iomOffice": "iom-helsinki"}
    begun = fill_in(shipped()["referral_decision"], {}, replace(a_case(), proposals=proposals))
    assert begun == {"iomOffice": ["iom-helsinki"]}
    assert fill_in(shipped()["feedback"], {}, a_case()) == {}
    assert fill_in(
        shipped()["feedback"], {}, replace(a_case(), before={"feedbackLevel": ["SUMMARY"]})
    ) == {"feedbackLevel": ["SUMMARY"]}
    assert fill_in(shipped()["undo_by_hand"], {}, a_case(undone=["TICKETS", "ARRIVAL"])) == {
        "leftByHand.0.item": ["TICKETS"]
    }
    assert fill_in(shipped()["confirm_support"], {}, a_case(supportRequests=[{}, {}])) == {
        "supportReplies.0.request": ["1"],
        "supportReplies.1.request": ["2"],
    }
    plan: list[Json] = [{"id": "A1", "kind": "JOB", "from": "2026-12-01"}]
    adapted = fill_in(shipped()["adapt_plan"], {"activities": plan}, a_case(activities=plan))
    assert adapted["activities.0.id"] == ["A1"]


def test_kept_answers_come_back_the_same_when_unchanged() -> None:
    for form_id in ("new_case", "counselling", "needs_assessment", "reintegration_plan"):
        form, case = (
            shipped()[form_id],
            a_case(*ALL_PURPOSES, budgetCeiling={"amount": "1000.00", "currency": "EUR"}),
        )
        first = check(form, answered(form, case, {}), case)
        again = check(
            form, {**answered(form, case, {}), **fill_in(form, first.answers, case)}, case
        )
        assert (again.faults, again.answers) == ((), first.answers)


def test_a_row_stays_in_place_when_one_before_it_is_empty() -> None:
    texts = {"languages.1.language": ["ro"], "languages.rows": ["3"]}
    drawn = draw(shipped()["new_case"], texts, lang="en", faults=(), context=a_case())
    (languages,) = (w for part in drawn for w in part.widgets if w.key == "languages")
    assert [row.path for row in languages.rows] == ["languages.0", "languages.1", "languages.2"]
    assert [row.fields[0].value for row in languages.rows] == ["", "ro", ""]
    assert last_row(texts, "languages") == "languages.2"
    assert last_row({}, "languages") == "languages"
