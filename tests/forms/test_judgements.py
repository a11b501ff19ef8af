"""Facts may be filled in, with their source; a judgement or a consent never is."""

# ruff: noqa: E501 - one form, one line

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.engine.feel import Expression
from service.errors import BadDiagram
from service.forms import Field, FormContext, Json, draw, fill_in, read_form
from tests.forms.paper import ALL_PURPOSES, ROOT, a_case, shipped

CODED = {"choice", "choices", "yesno"}


def kept(field: Field) -> Json:
    """Some answer to a question, as the case keeps it."""
    if field.kind == "list":
        return [{f.key: kept(f) for f in field.fields if f.key}]
    if field.kind == "money":
        return {"amount": "10.00", "currency": "EUR"}
    if field.fields:
        return {f.key: kept(f) for f in field.fields if f.key}
    if field.kind == "choices":
        return [field.values[-1]] if field.values else ["1"]
    plain: dict[str, Json] = {"yesno": True, "number": 1, "date": "2026-11-20"}
    plain["datetime"] = "2026-11-20T10:00:00+00:00"
    return plain.get(field.kind, field.values[-1] if field.values else "x")


def a_known_case(*, minor: bool = False) -> FormContext:
    """A case in which every question of every form was answered before."""
    earlier = {
        field.key: kept(field)
        for form in shipped().values()
        for field in form.fields
        if field.key and field.kind != "paragraph"
    }
    earlier["isMinor"] = minor
    before = {key: [value] for key, value in earlier.items()}
    origins = {key: ("new_case", date(2026, 11, 1)) for key in earlier}
    return replace(a_case(*ALL_PURPOSES, **earlier), before=before, origins=origins)


def filled_in(form_id: str, *, consents: bool, minor: bool = False) -> set[str]:
    """Paths of the coded questions that a fresh form has an answer to, or of those in consents."""
    form, case = shipped()[form_id], a_known_case(minor=minor)
    begun = fill_in(form, case.earlier, case)
    paths = {".".join(p for p in path.split(".") if not p.isdigit()) for path in begun}
    holders = {f.key for f in form.fields if f.kind in ("consent", "consents")}
    fields = dict(form.walk())
    return {
        path
        for path in paths
        if (path.partition(".")[0] in holders) is consents
        and (consents or fields[path].kind in CODED)
    }


FACTS = """
adapt_plan: activities.cost.currency activities.goal activities.kind activities.mode activities.proof
arrival_meeting: housingReached immediateHelp.given immediateHelp.kind
budget_decision: budgetCeiling.currency
counselling: ownChoices.kind sessions.mode topicsCovered
delivery: activity
document_application: documentKind
feedback: feedbackLevel feedbackTo
follow_up: attempts.channel
guardian: guardians.kind
guardians: guardians.kind
helsinki_contact: contactAttempts.channel contactAttempts.result housingReached immediateHelp.given immediateHelp.kind
informed_decision: travelDocuments.kind
journey_booking: fellowTravellers.ageGroup fellowTravellers.traveller segments.departsZone segments.mode
needs_assessment: childrenNeeds.custodyPaper familySituation.relation health.condition health.disability health.medication health.mentalDistress health.mobility health.pregnancy healthConcern knownObstacles needs.domain supportRequests.domain
new_case: exploitationForms infoGiven.how interpreter literacy safeContact.channel safeContact.neverLeaveMessage
rebook_alone: fellowTravellers.ageGroup fellowTravellers.traveller
referral: familyTravelling.traveller familyTravelling.travelsAlong gender knownObstacles migrationStatus rightToReside travelDocument urgentNeeds
reintegration_plan: activities.cost.currency activities.goal activities.kind activities.mode activities.proof escortGender goals.dimension instalments.amount.currency instalments.payee
risk_assessment: hasTestified owesDebt priorRetrafficking risks.atRisk risks.category
"""
"""Form and the coded questions that may be filled in: each is a fact that somebody told, a standard
of the programme, or the plan as it stands. A question that is not here is asked anew."""


def test_only_facts_are_filled_in_before_somebody_answers() -> None:
    decided = dict(line.split(": ") for line in FACTS.strip().splitlines())
    found = {form_id: filled_in(form_id, consents=False) for form_id in shipped()}
    assert {id_: " ".join(sorted(paths)) for id_, paths in found.items() if paths} == decided


def test_of_a_consent_never_the_yes_is_proposed() -> None:
    """Nor how it was given. That an adult says it herself is no choice: nobody else can."""
    found = {path for id_ in shipped() for path in filled_in(id_, consents=True)}
    proposed = {"language", "interpreter", "givenOn", "givenBy"}
    assert {path.partition(".")[2] for path in found} == proposed
    child = {path for id_ in shipped() for path in filled_in(id_, consents=True, minor=True)}
    assert {path.partition(".")[2] for path in child} == proposed - {"givenBy"}


def test_a_judgement_that_proposes_an_answer_is_refused() -> None:
    file = ROOT / "forms/risk_assessment.form"
    text = file.read_text().replace('"judgement": "yes"', '"judgement": "yes", "proposed": "true"')
    with pytest.raises(BadDiagram) as refused:
        read_form(text.encode(), name=file.name, feel=Expression)
    assert {f.code for f in refused.value.findings if f.severity == "E"} == {"F126"}


def test_what_is_filled_in_says_its_source_until_it_changes() -> None:
    form, case = shipped()["risk_assessment"], a_known_case()

    def origins(texts: dict[str, list[str]]) -> dict[str, tuple[str, str] | None]:
        drawn = draw(form, texts, lang="en", faults=(), context=case)
        return {w.key: w.origin for section in drawn for w in section.widgets}

    begun = fill_in(form, case.earlier, case)
    first = origins(begun)
    assert first["owesDebt"] == ("New case", "2026-11-01")
    assert first["risks"] == ("New case", "2026-11-01")
    assert first["threatToLife"] is None
    assert origins({**begun, "owesDebt": ["NO"]})["owesDebt"] is None


def test_a_judgement_says_what_the_programmes_list_says() -> None:
    case = replace(a_case(), proposals={"countryStatus": "OPEN"})
    form = shipped()["risk_assessment"]
    begun = fill_in(form, {}, case)
    assert "countryStatus" not in begun
    drawn = draw(form, begun, lang="en", faults=(), context=case)
    stated = {w.key: w.stated for section in drawn for w in section.widgets}
    assert stated["countryStatus"] == "Open"
    assert {key for key, text in stated.items() if text} == {"countryStatus"}
