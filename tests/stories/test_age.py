"""Age by one rule, whoever decides for a child, and consents that change with age.

Source: in doubt a child until somebody decides; from 15 both sign, a rule of this programme; from
the 18th birthday the person decides alone; a guardian who may be involved is not asked or told.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from service.errors import NotFound
from service.store.casefile import consents
from tests.stories.conftest import Begin
from tests.support.step_by_step import StepByStep

pytestmark = pytest.mark.slow
GIVEN = {
    "given": True,
    "how": "ORAL_WITNESSED",
    "language": "bg",
    "interpreter": True,
    "givenOn": "@today",
    "witness": "Kim (demo)",
}
FATHER = {"kind": "VARDNADSHAVARE", "name": "Pappa Exempelov"}


def given(who: str) -> dict[str, Any]:
    return {**GIVEN, "givenBy": who}


def live(story: StepByStep, on: date) -> set[str]:
    """Purposes whose consent is live on a day."""
    with story.program.database.transaction(write=False) as tx:
        return {one.purpose for one in consents.of_case(tx, story.case) if one.live(on)}


def test_somebody_perhaps_17_without_a_birth_date_and_her_guardian_both_sign(begin: Begin) -> None:
    story = begin("age-estimated")
    story.until("Task_SubmitReferral")
    assert (story.variable("isMinor"), story.variable("fromFifteen")) == (True, True)
    for who in ("SELF", "GUARDIAN"):
        said = story.refused("sara", "Task_SubmitReferral", consentRefer=given(who))
        assert "consentRefer.givenBy: form.check" in said
    story.does("sara", "Task_SubmitReferral", consentRefer=given("BOTH"))
    assert story.open() == {"Task_DecideReferral"}


def test_an_estimate_is_settled_by_a_person_and_then_has_a_birthday(begin: Begin) -> None:
    story = begin("age-estimated")
    story.until("Task_VerifyAge")
    assert story.variable("age")["adultOn"] is None, "an estimate has no birthday"
    born = (story.moment.date() - timedelta(days=6300)).isoformat()
    story.does("berit", "Task_VerifyAge", ageBasis="DOCUMENT", dateOfBirth=born, ageDecided=None)
    assert story.variable("age")["inDoubt"] is False
    assert story.variable("age")["adultOn"] is not None


@pytest.mark.parametrize(
    ("years", "doubt", "task"),
    [
        (30, True, "Task_NameGuardian"),
        (30, False, "Task_SubmitReferral"),
        (21, False, "Task_SubmitReferral"),
        (20, False, "Task_NameGuardian"),
    ],
)
def test_in_doubt_she_is_a_child_until_somebody_decides(
    begin: Begin, years: int, task: str, *, doubt: bool
) -> None:
    band = {"ageBand": "21_PLUS" if years == 30 else "18_20"}
    story = begin("own-certificate", {"Start_PersonIdentified": band})
    story.until("Task_OfferReturnInformation")
    year = story.moment.year - years
    story.does("sara", "Task_OfferReturnInformation", approxBirthYear=year, ageDisputed=doubt)
    assert story.open() == {task}


@pytest.mark.parametrize("involved", ["YES", "UNKNOWN"])
def test_a_guardian_who_may_be_involved_is_recorded_before_any_consent(
    begin: Begin, involved: str
) -> None:
    story = begin("guardian-involved")
    story.until("Task_NameGuardian")
    row = {**FATHER, "involved": involved}
    story.does("sara", "Task_NameGuardian", guardians=[row])
    assert story.open() == {"Task_OtherGuardian"}
    assert live(story, story.moment.date()) == set()
    said = story.refused("berit", "Task_OtherGuardian", guardians=[row], guardianSolved="Vi väntar")
    assert "guardiansReady: form.check" in said
    good = {"kind": "GOD_MAN", "name": "Gode", "involved": "NO", "appointedOn": "@today"}
    both = [row, {**good, "decision": "@file"}]
    said = story.refused("berit", "Task_OtherGuardian", guardians=both)
    assert "guardianSolved: form.required" in said
    story.does("berit", "Task_OtherGuardian", guardians=both, guardianSolved="Förordnad")
    assert story.open() == {"Task_SubmitReferral"}


def test_two_custodial_parents_who_disagree_wait_for_child_services(begin: Begin) -> None:
    story = begin("two-custodians")
    story.until("Task_OtherGuardian")
    assert story.open() == {"Task_OtherGuardian"}
    parents = [{**FATHER, "involved": "NO"}, {**FATHER, "name": "Mamma", "involved": "NO"}]
    apart = {"guardians": parents, "guardiansAgree": False}
    assert "guardianSolved: form.required" in story.refused("berit", "Task_OtherGuardian", **apart)
    story.does("berit", "Task_OtherGuardian", **apart, guardianSolved="Nämnden har beslutat")
    assert story.open() == {"Task_SubmitReferral"}


def test_from_her_18th_birthday_she_decides_alone(begin: Begin) -> None:
    story = begin("turns-18")
    story.until("Task_AskAdult")
    story.moment += timedelta(days=10)
    story.player.pass_time(story.moment)
    assert story.variable("isMinor") is False
    assert story.open() == {"Task_AskAdult", "Task_CounselReturnee"}, "the child process has closed"
    said = story.refused("aino", "Task_CounselReturnee", consentParticipate=given("BOTH"))
    assert "consentParticipate.givenBy: form.check" in said
    story.does("aino", "Task_CounselReturnee", consentParticipate=given("SELF"))
    assert "PARTICIPATE" in live(story, story.moment.date())


def test_child_services_see_nothing_of_an_adult(begin: Begin) -> None:
    partner = "socialtjansten-exempelstad"
    story = begin("turns-18")
    story.until("Task_AskAdult")
    assert story.sees("berit", "gender", partner)
    story.moment += timedelta(days=10)
    story.player.pass_time(story.moment)
    with pytest.raises(NotFound):
        story.sees("berit", "gender", partner)
    settled = begin("declined")
    settled.until("Task_VerifyAge")
    assert settled.sees("berit", "gender", partner)
    settled.until("Task_CounselReturnee")
    with pytest.raises(NotFound):
        settled.sees("berit", "gender", partner)


def test_what_her_guardian_agreed_to_ends_on_her_18th_birthday(begin: Begin) -> None:
    signs = {
        "consentTalk": {key: value for key, value in given("BOTH").items() if key != "given"},
        "guardianSignature": {"kind": "ORAL_WITNESSED", "witness": "Kim (demo)"},
        **{f"consent{name}": {"given": True} for name in ("Health", "Feedback", "Local")},
    }
    story = begin("child-waits")
    story.until("Task_SecureReceivingCarer")
    story.does("iva", "Task_SecureReceivingCarer")
    story.does("aino", "Task_CounselReturnee", consentParticipate=given("BOTH"))
    story.does("iva", "Task_LocalContact")
    turns = date.fromisoformat(story.variable("age")["adultOn"])
    story.does("sara", "Task_SignApplication", **signs)
    before, after = live(story, turns - timedelta(days=1)), live(story, turns)
    assert "FEEDBACK_SE" in before
    assert "FEEDBACK_SE" not in after, "nothing new is shared on the guardian's word"
    assert {"REFER", "PARTICIPATE", "SHARE_LOCAL_OFFICE"} <= after, "her own yes, and safety"


def test_what_she_does_not_say_yes_to_at_18_ends(begin: Begin) -> None:
    story = begin("turns-18")
    story.until("Task_AskAdult")
    story.moment += timedelta(days=10)
    story.does("aino", "Task_CounselReturnee", consentParticipate=given("SELF"))
    said_no: dict[str, Any] = {"given": False}
    story.does(
        "aino",
        "Task_AskAdult",
        consentParticipate=None,
        consentLocal=said_no,
        consentHealth=said_no,
        consentFamily=said_no,
        consentFeedback={"given": True},
    )
    now = live(story, story.moment.date())
    assert "FEEDBACK_SE" in now
    assert not {"SHARE_LOCAL_OFFICE", "SHARE_HEALTH", "CONTACT_FAMILY"} & now
    assert story.variable("healthShared") is False


def test_a_case_that_ends_does_not_wait_for_a_birthday(begin: Begin) -> None:
    story = begin("child-stays")
    story.until("")
    assert story.open() == set()


def test_who_cannot_read_has_had_it_read_aloud(begin: Begin) -> None:
    story = begin("cannot-read")
    story.until("Task_OfferReturnInformation")
    printed = {"on": "@today", "language": "bg", "how": "PRINT"}
    reads: dict[str, Any] = {"literacy": "LIMITED", "infoGiven": printed}
    said = story.refused("sara", "Task_OfferReturnInformation", **reads)
    assert "infoGiven.readAloudBy: form.required" in said
    reads["infoGiven"] = {**printed, "readAloudBy": "Sara (demo)"}
    story.does("sara", "Task_OfferReturnInformation", **reads)
    signed = {**given("SELF"), "how": "WRITTEN"}
    said = story.refused("sara", "Task_SubmitReferral", consentRefer=signed)
    assert "consentRefer.readAloudBy: form.required" in said


def test_a_consent_that_was_taken_back_is_given_later(begin: Begin) -> None:
    story = begin("consents-given-later")
    story.until("Task_CheckApplication")
    assert not {"FEEDBACK_SE", "SHARE_HEALTH"} & live(story, story.moment.date())
    story.says("aino", "give_consents", consentHealth={"given": True})
    assert "SHARE_HEALTH" in live(story, story.moment.date())
    assert "FEEDBACK_SE" not in live(story, story.moment.date())
    assert story.variable("healthShared") is True
