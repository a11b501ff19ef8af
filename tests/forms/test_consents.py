"""Consent to several purposes is asked for once, and kept as one consent for each."""

from __future__ import annotations

from dataclasses import replace

from service.engine.feel import Expression
from service.forms import ConsentWording, FormContext, Widget, check, draw, inspect_form
from tests.forms.paper import a_case, answered, faults, shipped, typed
from tests.forms.test_reading import FIELD, a_form, changed, props

FORM = "informed_decision"
TALK = typed(
    consentTalk__givenBy="SELF",
    consentTalk__how="WRITTEN",
    consentTalk__language="ro",
    consentTalk__interpreter="true",
    consentTalk__givenOn="2026-11-24",
    consentTalk__evidence="d1",
)
KEPT = {
    "given": True,
    "givenBy": "SELF",
    "how": "WRITTEN",
    "language": "ro",
    "interpreter": True,
    "givenOn": "2026-11-24",
    "evidence": "d1",
}
PURPOSES = ("SHARE_LOCAL_OFFICE", "SHARE_HEALTH", "CONTACT_FAMILY", "FEEDBACK_SE")


def with_texts(context: FormContext) -> FormContext:
    """A case whose release has a text for some purposes."""
    texts = {p: ConsentWording("1", (("p", p),), f"digest of {p}") for p in PURPOSES}
    return replace(context, consent_texts=texts)


def sent(context: FormContext, /, **given: str) -> tuple[dict[str, str], dict[str, object]]:
    """Faults and consents of a signed application with these answers."""
    form = shipped()[FORM]
    texts = {**answered(form, context, typed(applicationOutcome="SIGNED", **given)), **TALK}
    checked = check(form, {**texts, **typed(**given)}, context)
    return faults(checked), dict(checked.consents)


def test_every_yes_is_a_whole_consent_with_its_own_text() -> None:
    wrong, kept = sent(
        with_texts(a_case()),
        consentLocal__given="true",
        consentHealth__given="true",
        consentHealth__validTo="2027-01-01",
        consentFamily__given="false",
    )
    assert wrong == {}
    assert kept == {
        "SHARE_LOCAL_OFFICE": {**KEPT, "textDigest": "digest of SHARE_LOCAL_OFFICE"},
        "SHARE_HEALTH": {
            **KEPT,
            "validTo": "2027-01-01",
            "textDigest": "digest of SHARE_HEALTH",
        },
    }


def test_no_answer_is_not_a_no() -> None:
    form, case = shipped()[FORM], a_case()
    texts = {**answered(form, case, typed(applicationOutcome="SIGNED")), **TALK}
    answers = check(form, {**texts, "consentFamily.given": ["false"]}, case).answers
    assert answers["consentFamily"] == {"given": False}
    assert "consentHealth" not in answers
    assert "consentTalk" not in answers


def test_what_is_missing_is_said_once_for_all_purposes() -> None:
    wrong, _ = sent(
        a_case(),
        consentLocal__given="true",
        consentHealth__given="true",
        consentTalk__givenBy="",
        consentTalk__evidence="",
    )
    assert wrong == {
        "consentTalk.givenBy": "form.required",
        "consentTalk.evidence": "form.file_missing",
    }


def test_the_rules_for_a_minor_hold_once() -> None:
    young = a_case(isMinor=True, fromFifteen=True)
    guardian = {"guardianSignature__kind": "ORAL_WITNESSED", "guardianSignature__witness": "x"}
    wrong, _ = sent(young, consentHealth__given="true", consentTalk__givenBy="SELF", **guardian)
    assert wrong == {"consentTalk.givenBy": "form.check"}
    both, kept = sent(young, consentHealth__given="true", consentTalk__givenBy="BOTH", **guardian)
    assert (both, len(kept)) == ({}, 1)


def test_an_answer_of_a_consent_itself_wins() -> None:
    own = {"consentHealth__how": "ORAL_WITNESSED", "consentHealth__witness": "Kim"}
    wrong, kept = sent(a_case(), consentHealth__given="true", **own)
    assert wrong == {}
    assert kept["SHARE_HEALTH"] == {
        **{key: value for key, value in KEPT.items() if key != "evidence"},
        "how": "ORAL_WITNESSED",
        "witness": "Kim",
    }


def test_whole_consents_may_be_sent_as_they_are_kept() -> None:
    form, case = shipped()[FORM], a_case()
    texts = answered(form, case, typed(applicationOutcome="SIGNED"))
    texts = {path: text for path, text in texts.items() if not path.startswith("consent")}
    whole = {f"consentLocal.{path.partition('.')[2]}": text for path, text in TALK.items()}
    checked = check(form, {**texts, **whole, "consentLocal.given": ["true"]}, case)
    assert (checked.faults, checked.consents) == ((), {"SHARE_LOCAL_OFFICE": KEPT})


def drawn(context: FormContext, **given: str) -> dict[str, Widget]:
    widgets: dict[str, Widget] = {}

    def add(inner: tuple[Widget, ...]) -> None:
        for one in inner:
            widgets[one.path] = one
            add(one.fields)

    sections = draw(shipped()[FORM], typed(**given), lang="sv", faults=(), context=context)
    add(tuple(widget for section in sections for widget in section.widgets))
    return widgets


def test_a_consent_asks_yes_or_no_and_more_after_a_yes() -> None:
    no, yes = (drawn(a_case(), consentHealth__given=given) for given in ("false", "true"))
    assert [w.key for w in yes["consentHealth"].fields] == ["given", "validTo"]
    assert (no["consentHealth.validTo"].hidden, yes["consentHealth.validTo"].hidden) == (
        True,
        False,
    )
    assert (no["consentTalk.how"].required, yes["consentTalk.how"].required) == (False, True)
    assert not any(no[f"consentTalk.{key}"].optional for key in ("givenBy", "how", "givenOn"))


def test_shared_questions_go_where_every_consent_is_live() -> None:
    every = tuple(f.properties["consent"] for f in shipped()[FORM].fields if f.kind == "consent")
    assert drawn(a_case(*every))["consentTalk"].hidden
    assert not drawn(a_case(*every[1:]))["consentTalk"].hidden


def test_shared_questions_and_their_consents_belong_together() -> None:
    inner = {"components": [FIELD], "path": "t", "key": ""}
    asked = changed("group", **inner, **props(**{"as": "consents"}))
    one = props(**{"as": "consent", "consent": "REFER", "consent.asked_in": "t"})
    given = changed("group", **{**inner, "path": "c"}, **one)
    codes = [
        [
            f.code
            for f in inspect_form(a_form(*parts), name="f.form", feel=Expression)[1]
            if f.severity == "E"
        ]
        for parts in ((asked,), (given,), (asked, given))
    ]
    assert codes == [["F122"], ["F122"], []]
