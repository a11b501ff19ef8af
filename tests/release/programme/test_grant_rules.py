"""A case opens to an office when something happened, and closes when it is over or the consent is
gone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.types import Step
from service.release.programme.grant_rules import (
    GrantChange,
    LiveGrant,
    grant_changes,
    grants_in_sight,
    read_grants,
)

STAGES = ("1", "2", "3")
RULES = read_grants(
    (Path(__file__).parents[3] / "workflows/config/grants.toml").read_text(encoding="utf-8"), STAGES
)
PARTIES = {
    "ReferringPartner": "soc",
    "CaseApprover": "board",
    "IomHelsinki": "helsinki",
    "IomLocal": "sofia",
    "IomMedical": "helsinki",
}


def test_the_start_opens_the_case_to_the_office_that_began_it() -> None:
    assert grant_changes(RULES, [], before={}, after={}, started="Start_PersonIdentified") == [
        GrantChange("open", "G1", "ReferringPartner")
    ]


def test_a_decision_closes_a_referral_and_a_return_does_not() -> None:
    assert GrantChange("open", "G2", "CaseApprover") in grant_changes(
        RULES, [Step("left", "Task_SubmitReferral")], before={}, after={}
    )
    decided = [Step("left", "Task_DecideReferral")]
    assert GrantChange("end", "G2", "CaseApprover") in grant_changes(
        RULES, decided, before={}, after={"referralDecision": "REJECTED"}
    )
    assert grant_changes(RULES, decided, before={}, after={"referralDecision": "RETURNED"}) == []


def test_own_data_stay_open_thirty_days_after_the_check() -> None:
    found = grant_changes(
        RULES, [Step("left", "Task_CheckApplication")], before={}, after={"applicationCheck": "OK"}
    )
    assert found == [GrantChange("end", "G1", "ReferringPartner", 30)]


def test_feedback_opens_to_the_partner_only_when_it_went_there() -> None:
    sent = [Step("left", "Svc_SendFeedback")]
    careful = {"feedbackTo": "APPROVER_AND_PARTNER"}
    assert [
        c.role for c in grant_changes(RULES, sent, before={"feedbackTo": "APPROVER"}, after=careful)
    ] == ["CaseApprover"]
    assert [c.role for c in grant_changes(RULES, sent, before=careful, after=careful)] == [
        "CaseApprover",
        "ReferringPartner",
    ]
    assert [c.role for c in grant_changes(RULES, sent, before={}, after=careful)] == [
        "CaseApprover",
        "ReferringPartner",
    ], "sent by the clock"


def test_a_grant_without_its_consent_shows_process_facts_only() -> None:
    live = [LiveGrant("G9", "sofia", "IomLocal")]
    (whole,) = grants_in_sight(RULES, live, PARTIES, "3", {"SHARE_LOCAL_OFFICE": "SELF"})
    (less,) = grants_in_sight(RULES, live, PARTIES, "3", {})
    assert whole.classes == {"C0", "C1", "C2", "C3"}
    assert less.classes == {"C0"}


def test_the_family_assessment_rests_on_the_guardian() -> None:
    live = [LiveGrant("G5", "sofia", "IomLocal")]
    assert grants_in_sight(RULES, live, PARTIES, "1", {"SHARE_LOCAL_OFFICE": "SELF"})[
        0
    ].classes == {"C0"}
    assert (
        "C2"
        in grants_in_sight(RULES, live, PARTIES, "1", {"SHARE_LOCAL_OFFICE": "GUARDIAN"})[0].classes
    )


def test_from_stage_two_helsinki_needs_consent_to_take_part() -> None:
    live = [LiveGrant("G3", "helsinki", "IomHelsinki")]
    assert "C3" in grants_in_sight(RULES, live, PARTIES, "1", {"REFER": "SELF"})[0].classes
    assert grants_in_sight(RULES, live, PARTIES, "2", {"REFER": "SELF"})[0].classes == {"C0"}
    assert "C3" in grants_in_sight(RULES, live, PARTIES, "2", {"PARTICIPATE": "SELF"})[0].classes


def test_after_the_end_the_feedback_stays() -> None:
    (after,) = grants_in_sight(RULES, [LiveGrant("G2+", "board", "CaseApprover")], PARTIES, "x", {})
    assert after.classes == {"C0", "C1"}
    assert after.groups == frozenset({"feedback"})


ROW = '[[grant]]\nrule="G"\nelement="e"\nmoment="left"\nrole="r"\nclasses=["C0"]\nground="x"\n'


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[[grant]]\nrule="G"', "grant 1: it lacks"),
        (ROW.replace("left", "noon"), "grant 1, moment: there is no noon; there are answered"),
        (ROW.replace("C0", "C7"), "grant 1, classes: there is no C7"),
        (ROW + 'until="soon"', "grant 1, until: this must be a table, not a text"),
        (ROW + 'until={moment="soon"}', "grant 1, until, moment: there is no soon"),
        (ROW + 'from_stage={stage="4"}', "grant 1, from_stage: it lacks consent"),
        (ROW + "from_stage={stage=4, consent=[]}", "grant 1, from_stage, stage: there is no 4"),
        (ROW + 'then={classes=["C9"]}', "grant 1, classes: there is no C9"),
        (ROW + 'consent="REFER"', "grant 1, consent: this must be a list, not a text"),
        (ROW + 'consents=["REFER"]', "grant 1: consents means nothing here"),
        (ROW + 'groups="feedback"', "grant 1, groups: this must be a list, not a text"),
        (ROW + ROW.replace('ground="x"', ""), "grant 2: it lacks ground"),
        ('tasks_need="A"', "tasks_need: this must be a list, not a text"),
        ('[[referral]]\nelement="e"\nto="r"\npurpose="P"', "referral 1: it lacks form"),
    ],
)
def test_a_broken_row_is_refused_with_its_place(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}"):
        read_grants(text, STAGES)
