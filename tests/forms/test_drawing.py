"""What a page shows of a form: widgets in the reader's language, with what was typed as it was
typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.forms import (
    DrawnSection,
    FormContext,
    Widget,
    changed_rows,
    check,
    draw,
    with_row,
    without_row,
)
from tests.forms.paper import ALL_PURPOSES, a_case, sent, shipped, typed
from tests.forms.random_answers import again, random_sending


def drawn(
    form_id: str, context: FormContext | None = None, *, lang: str = "sv", **given: str | list[str]
) -> dict[str, Widget]:
    """Every widget by path, with the faults of a check."""
    form, case, texts = shipped()[form_id], context or a_case(), typed(**given)
    sections = draw(form, texts, lang=lang, faults=check(form, texts, case).faults, context=case)
    return {w.path: w for section in sections for widget in section.widgets for w in inside(widget)}


def inside(widget: Widget) -> Iterator[Widget]:
    yield widget
    for inner in (*widget.fields, *(w for row in widget.rows for w in row.fields)):
        yield from inside(inner)


def section(form_id: str, n: int, **given: str) -> DrawnSection:
    form, case, texts = shipped()[form_id], a_case(), typed(**given)
    return draw(form, texts, lang="sv", faults=check(form, texts, case).faults, context=case)[n]


def test_a_question_is_shown_in_the_language_of_the_reader() -> None:
    swedish, english = (
        drawn("new_case")["victimCategory"],
        drawn("new_case", lang="en")["victimCategory"],
    )
    assert (swedish.label, swedish.options[1][1]) == (
        "Bedömning",
        "Identifierad som utsatt för människohandel",
    )
    assert (english.label, english.options[1][1]) == ("Judgement", "Identified as trafficked")


def test_up_to_five_options_are_radio_buttons() -> None:
    widgets = drawn("new_case")
    assert (widgets["victimCategory"].shape, drawn("withdraw")["stopReason"].shape) == (
        "radio",
        "select",
    )
    assert widgets["safeContact.neverLeaveMessage"].shape == "radio"
    assert widgets["infoGiven.language"].shape == "select"


def test_a_yes_or_no_is_never_chosen_beforehand() -> None:
    for form_id in shipped():
        assert not [w.path for w in drawn(form_id).values() if w.kind == "yesno" and w.chosen]


def test_a_faulty_text_stays_as_it_was_typed() -> None:
    widget = drawn("start_case", identifiedOn="i går")["identifiedOn"]
    assert (widget.value, [f.key for f in widget.faults]) == ("i går", ["form.not_a_date"])


def test_a_hidden_question_is_there_and_marked() -> None:
    assert drawn("start_case", immediateDanger="false")["safetyMeasures"].hidden
    assert not drawn("start_case", immediateDanger="true")["safetyMeasures"].hidden


def test_what_a_button_asks_for_is_shown_before_it_is_pressed() -> None:
    before, after = (
        drawn("referral_decision"),
        drawn("referral_decision", referralDecision="REJECTED"),
    )
    assert not before["missingItems"].hidden
    assert not before["missingItems"].required
    assert after["missingItems"].hidden
    assert (after["otherHelp"].hidden, after["otherHelp"].required) == (False, True)
    assert before["referralDecision"].buttons


def test_a_danger_calls_for_the_emergency_numbers_and_an_alert() -> None:
    assert drawn("start_case", immediateDanger="true")["immediateDanger"].offer == "danger"
    assert drawn("start_case", immediateDanger="false")["immediateDanger"].offer == ""
    assert drawn("arrival_meeting", safeNow="false")["safeNow"].offer == "alert"
    assert drawn("counselling", voluntariness="DOUBT", lang="en")["voluntariness"].hint.startswith(
        "Let another counsellor"
    )


@pytest.mark.parametrize(
    ("form_id", "key", "warned"),
    [
        ("ask_partner", "partnerSays", True),
        ("close_case", "lessons", True),
        ("alert_report", "alertText", False),
    ],
)
def test_an_open_text_that_others_read_carries_a_warning(
    form_id: str,
    key: str,
    warned: bool,  # noqa: FBT001 - a row of a table of cases
) -> None:
    assert bool(drawn(form_id)[key].warning) is warned


def test_the_sent_rows_and_the_wanted_rows_are_shown() -> None:
    widgets = drawn("escalation", escalationActions__4__action="Ring", escalationActions__rows="2")
    assert [(r.number, r.path) for r in widgets["escalationActions"].rows] == [
        (1, "escalationActions.4"),
        (2, "escalationActions.0"),
    ]
    assert len(drawn("escalation", escalationActions__rows="999")["escalationActions"].rows) == 10
    assert len(drawn("escalation", escalationActions__rows="many")["escalationActions"].rows) == 1
    assert drawn("reintegration_plan")["instalments"].rows == ()


def test_a_row_is_added_and_taken_away() -> None:
    actions = shipped()["escalation"].field("escalationActions")
    texts = typed(escalationActions__0__action="A", escalationActions__1__action="B")
    assert with_row(texts, "escalationActions", actions)["escalationActions.rows"] == ["3"]
    assert without_row(texts, "escalationActions", 0) == {
        "escalationActions.1.action": ["B"],
        "escalationActions.rows": ["1"],
    }


def test_a_button_adds_or_removes_the_row_that_its_path_names() -> None:
    form = shipped()["escalation"]
    texts = typed(escalationActions__0__action="A", escalationActions__1__action="B")
    assert changed_rows(texts, form, "add:escalationActions")["escalationActions.rows"] == ["3"]
    left = changed_rows(texts, form, "remove:escalationActions.0")
    assert left == {"escalationActions.1.action": ["B"], "escalationActions.rows": ["1"]}
    for button in ("add:nothing", "remove:escalationActions.x", "update", ""):
        assert changed_rows(texts, form, button) == texts
    assert changed_rows(texts, None, "add:escalationActions") == texts


def test_a_computed_answer_is_told_in_words() -> None:
    assert drawn("referral", travelDocument="LOST")["travelDocStatus"].value == "Saknas"
    assert drawn("verify_age", ageBasis="DISPUTED", lang="en")["ageDisputed"].value == "Yes"
    case = a_case(budgetCeiling={"amount": "100.00", "currency": "EUR"})
    plan = drawn(
        "reintegration_plan",
        case,
        activities__0__cost__amount="12,5",
        activities__0__cost__currency="EUR",
    )
    assert (plan["budgetTotal"].value, plan["budgetDecision"].value) == ("12,50 EUR", "Behövs inte")
    risk = drawn("risk_assessment", risks__0__likelihood="4", risks__0__severity="4")
    assert risk["risks.0.level"].value == "Oacceptabel"
    checked = drawn("final_check", a_case(openChecks=["RISK", "HOLD"]), lang="en")
    assert checked["checksOpen"].value == "The risk is too high, A legal obstacle remains"


def test_a_live_consent_is_shown_and_not_asked_for_again() -> None:
    assert drawn("referral", a_case("REFER"))["consentRefer"].live["givenOn"] == "2026-11-01"
    assert not drawn("referral")["consentRefer"].live
    assert not drawn("hear_child", a_case("SHARE_LOCAL_OFFICE"))["consentLocal"].live
    by_guardian = replace(a_case(), consents={"SHARE_LOCAL_OFFICE": {"givenBy": "GUARDIAN"}})
    assert drawn("hear_child", by_guardian)["consentLocal"].live


def test_rows_of_an_earlier_list_are_options_told_in_words() -> None:
    case = a_case(activities=[{"kind": "JOB", "provider": "Bageriet"}])
    assert [*drawn("delivery", case)["activity"].options] == [
        ("NONE", "Ingen, planen avslutas"),
        ("1", "1. Arbete, Bageriet"),
    ]
    assert drawn("delivery", case, lang="en")["activity"].options[1][1] == "1. Job, Bageriet"


def test_only_offices_that_may_hold_the_role_are_offered() -> None:
    assert [code for code, _ in drawn("counselling")["localOffice"].options] == [
        "iom-bucharest",
        "iom-sofia",
    ]


def test_the_office_that_is_left_is_shown_by_name_and_cannot_be_typed() -> None:
    holds = a_case(holderOfIomLocal="iom-sofia")
    left = drawn("change_local_office", holds, leftOffice="iom-bucharest")["leftOffice"]
    assert (left.shape, left.value) == ("computed", "IOM Sofia")
    given = sent("change_local_office", holds, leftOffice="iom-bucharest")
    assert given.answers["leftOffice"] == "iom-sofia"


def test_a_section_counts_faults_and_open_questions() -> None:
    first = section("start_case", 1)
    assert (first.label, first.left, first.faults, first.hidden) == (
        "Är det fara nu?",
        1,
        1,
        False,
    )
    assert section("start_case", 1, immediateDanger="true").left == 1
    assert section("start_case", 1, immediateDanger="false").left == 0
    assert section("follow_up", 2).widgets[0].hidden


def test_every_form_can_be_drawn_before_anything_is_answered() -> None:
    for form_id in shipped():
        for context in (a_case(), a_case(*ALL_PURPOSES)):
            widgets = drawn(form_id, context, lang="en")
            assert all(w.label for w in widgets.values() if w.shape != "paragraph")


ASKED_FOR = frozenset(
    {
        "form.required",
        "form.file_missing",
        "form.choose_some",
        "form.too_few_rows",
        "form.consent_missing",
    }
)
"""Faults of a question that has no answer."""


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_what_is_demanded_was_never_called_optional(form_id: str) -> None:
    form = shipped()[form_id]
    for seed in range(25):
        texts, case = random_sending(form, again(f"{form_id} {seed}"))
        missing = {f.path for f in check(form, texts, case).faults if f.key in ASKED_FOR}
        sections = draw(form, texts, lang="sv", faults=(), context=case)
        shown = {
            w.path: w for w in (w for s in sections for outer in s.widgets for w in inside(outer))
        }
        assert [path for path in missing if path in shown and shown[path].optional] == []


def test_a_part_of_an_amount_is_not_called_optional() -> None:
    departure = drawn("departure", departureOutcome="POSTPONED")
    parts = [w for path, w in departure.items() if path.endswith((".amount", ".currency"))]
    assert [w.path for w in parts if w.optional] == []
