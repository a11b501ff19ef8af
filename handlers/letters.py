"""Handlers of letters: notices to the offices of a case.

None holds personal data: a letter says that there is something to read, and where.
"""

from __future__ import annotations

from service.binding import Answer, BusinessError, Call, Letter, Sample, handler


@handler(
    "letters.tell_outcome", reads=("referralDecision",), letters=(("ReferringPartner", "news"),)
)
def tell_outcome(call: Call) -> Answer:
    """Tell the referring partner how the referral ended; the page shows the outcome and other help.

    Reads: ``referralDecision``.
    Writes: nothing; one letter. Also sent after a completion that lapsed.
    Errors: none.
    Source: leaflet 2016, step 1, "Meddelande".
    """
    del call
    return Answer(letters=(Letter("ReferringPartner", "news"),))


@handler("letters.decision_late", letters=(("ReferringPartner", "decision_late"),))
def decision_late(call: Call) -> Answer:
    """Tell the referring partner, who has the person, that the decision is late.

    Writes: nothing; one letter, which says no more than that.
    Errors: none.
    """
    del call
    return Answer(letters=(Letter("ReferringPartner", "decision_late"),))


@handler("letters.decision_late_above", letters=(("RegionalCoordinator", "decision_late_above"),))
def decision_late_above(call: Call) -> Answer:
    """Tell the office above that a decision is late at the authority that decides.

    Writes: nothing; one letter to the office that the installation names (``above_office`` in
    programme.toml), which sees nothing of the case.
    Errors: none; where no such office is in the directory the job rests as an incident.
    """
    del call
    return Answer(letters=(Letter("RegionalCoordinator", "decision_late_above"),))


@handler("letters.wrong_words", letters=(("IomHelsinki", "wrong_words"),))
def wrong_words(call: Call) -> Answer:
    """Tell IOM Helsinki that ten calls to one office had words today that fit nothing.

    Words are taken as before. Writes: nothing; one letter, which says nothing of the words.
    Errors: none.
    """
    del call
    return Answer(letters=(Letter("IomHelsinki", "wrong_words"),))


@handler(
    "letters.notify_iom",
    reads=("urgency", "referralDecision"),
    answers=("iomNotifiedOn",),
    letters=(
        ("IomHelsinki", "new_referral"),
        ("IomHelsinki", "urgent_news"),
        ("ReferringPartner", "news"),
    ),
    errors=("NO_LIVE_CONSENT",),
    needs_consent="REFER",
    samples=(
        Sample("notified", "IOM har fått veta", "IOM is notified", {"iomNotifiedOn": "@today"}),
        Sample(
            "no_consent",
            "Samtycket är återtaget",
            "The consent was taken back",
            error="NO_LIVE_CONSENT",
        ),
    ),
)
def notify_iom(call: Call) -> Answer:
    """Tell IOM Helsinki that a case was approved. No letter to IOM goes before this one.

    Reads: ``urgency``, ``referralDecision``.
    Writes: ``iomNotifiedOn``, the day in the calendar's zone; a letter to IOM Helsinki and one to
    the referring partner.
    Errors: ``NO_LIVE_CONSENT`` when the consent to refer was taken back meanwhile; nothing is sent
    then.
    Source: leaflet 2016, step 1, "Meddelande"; consent: programme practice.
    """
    if "REFER" not in call.consents:
        raise BusinessError("NO_LIVE_CONSENT")
    template = "urgent_news" if call.data["urgency"] == "ACUTE" else "new_referral"
    return Answer(
        values={"iomNotifiedOn": call.today().isoformat()},
        letters=(
            Letter("IomHelsinki", template, needs_consent="REFER"),
            Letter("ReferringPartner", "news"),
        ),
    )


@handler(
    "letters.offer_application",
    letters=(("IomLocal", "pre_alert"), ("ReferringPartner", "application_invite")),
    needs_consent="PARTICIPATE",
)
def offer_application(call: Call) -> Answer:
    """Prepare the local IOM office, and ask the referring partner for the application.

    Writes: nothing; two letters that rest on the consent to take part. Without it they are held,
    and the owner office is informed. The partner's alone while no local office takes part.
    Source: leaflet 2016, step 1, "Stöd".
    """
    invite = Letter("ReferringPartner", "application_invite", needs_consent="PARTICIPATE")
    alert = Letter("IomLocal", "pre_alert", needs_consent="PARTICIPATE")
    return Answer(letters=(alert, invite) if "IomLocal" in call.parties else (invite,))


@handler("letters.stand_down", reads=("iomNotifiedOn",), letters=(("IomLocal", "stand_down"),))
def stand_down(call: Call) -> Answer:
    """Tell the local office that it does not go on with the case: the person takes part without it.

    Reads: ``iomNotifiedOn``; before it is set no IOM office knows of the case, and nothing is sent.
    Writes: nothing; one letter, which shares nothing that the office did not know. None where the
    person has left the office: it got its last letter then.
    """
    if call.data["iomNotifiedOn"] is None or "IomLocal" not in call.parties:
        return Answer()
    return Answer(letters=(Letter("IomLocal", "stand_down"),))


@handler(
    "letters.alert_told",
    reads=("tellPartners",),
    letters=(("CaseApprover", "urgent_news"), ("ReferringPartner", "urgent_news")),
)
def alert_told(call: Call) -> Answer:
    """Tell those who must know that something is being handled, and nothing more.

    Reads: ``tellPartners``: NOBODY, APPROVER or APPROVER_AND_PARTNER; unset counts as NOBODY.
    """
    roles = {
        "APPROVER": ("CaseApprover",),
        "APPROVER_AND_PARTNER": ("CaseApprover", "ReferringPartner"),
    }
    return Answer(
        letters=tuple(
            Letter(role, "urgent_news") for role in roles.get(str(call.data["tellPartners"]), ())
        )
    )


@handler(
    "letters.feedback",
    reads=("feedbackLevel", "feedbackTo"),
    answers=("feedbackLevel", "feedbackTo"),
    letters=(("CaseApprover", "feedback_ready"), ("ReferringPartner", "feedback_ready")),
    needs_consent="FEEDBACK_SE",
    samples=(
        Sample(
            "careful",
            "Återkopplingen är sänd",
            "The feedback is sent",
            {"feedbackLevel": "STATUS_ONLY", "feedbackTo": "APPROVER_AND_PARTNER"},
        ),
    ),
)
def feedback(call: Call) -> Answer:
    """Send feedback to the Swedish partners.

    Reads: ``feedbackLevel``, ``feedbackTo``; unset reads as STATUS_ONLY to both.
    Writes: the careful values of both, so that a feedback sent by the clock never carries an old
    choice; one or two letters.
    A level above STATUS_ONLY rests on the consent FEEDBACK_SE; the status alone rests on none.
    Source: leaflet 2016, step 3, "Återkoppling".
    """
    consent = "" if call.data["feedbackLevel"] in (None, "STATUS_ONLY") else "FEEDBACK_SE"
    receivers = (
        ("CaseApprover",)
        if call.data["feedbackTo"] == "APPROVER"
        else ("CaseApprover", "ReferringPartner")
    )
    return Answer(
        values={"feedbackLevel": "STATUS_ONLY", "feedbackTo": "APPROVER_AND_PARTNER"},
        letters=tuple(Letter(role, "feedback_ready", needs_consent=consent) for role in receivers),
    )


@handler(
    "letters.final_report",
    letters=(("CaseApprover", "feedback_ready"), ("ReferringPartner", "feedback_ready")),
)
def final_report(call: Call) -> Answer:
    """Send the final report: status and outcome always; her closing words only with the consent
    FEEDBACK_SE (the page sees to that).

    Source: leaflet 2016, step 3, "Återkoppling".
    """
    del call
    return Answer(
        letters=(
            Letter("CaseApprover", "feedback_ready"),
            Letter("ReferringPartner", "feedback_ready"),
        )
    )


@handler(
    "letters.arrival_alarm", letters=(("IomHelsinki", "urgent_news"), ("IomLocal", "urgent_news"))
)
def arrival_alarm(call: Call) -> Answer:
    """Alarm both IOM offices: nobody has confirmed that she arrived. IOM Helsinki alone while no
    local office takes part.
    """
    roles = ("IomHelsinki", *(role for role in ("IomLocal",) if role in call.parties))
    return Answer(letters=tuple(Letter(role, "urgent_news") for role in roles))


@handler(
    "letters.follow_up_escalation",
    reads=("escalation",),
    letters=(("IomHelsinki", "urgent_news"), ("CaseApprover", "urgent_news")),
)
def follow_up_escalation(call: Call) -> Answer:
    """Tell IOM Helsinki that a follow-up needs action; when it is critical, the approver too.

    Reads: ``escalation``, a context with ``level``.
    """
    escalation = call.data["escalation"]
    critical = isinstance(escalation, dict) and escalation.get("level") == "CRITICAL"
    roles = ("IomHelsinki", "CaseApprover") if critical else ("IomHelsinki",)
    return Answer(letters=tuple(Letter(role, "urgent_news") for role in roles))


@handler(
    "letters.death_confirmed",
    letters=(("CaseApprover", "urgent_news"), ("IomHelsinki", "urgent_news")),
)
def death_confirmed(call: Call) -> Answer:
    """Tell the approver and IOM Helsinki that a second person has confirmed a death.

    Writes: nothing; a letter to each of the two that has the case. Kin hear nothing from here.
    """
    roles = ("CaseApprover", "IomHelsinki")
    return Answer(letters=tuple(Letter(r, "urgent_news") for r in roles if r in call.granted))


@handler("letters.remind_guardian", letters=(("ChildServices", "reminder"),))
def remind_guardian(call: Call) -> Answer:
    """Remind the child services that there is no guardian yet."""
    del call
    return Answer(letters=(Letter("ChildServices", "reminder"),))


@handler("letters.remind_embassy", letters=(("IomHelsinki", "reminder"),))
def remind_embassy(call: Call) -> Answer:
    """Remind IOM Helsinki that the embassy has not answered."""
    del call
    return Answer(letters=(Letter("IomHelsinki", "reminder"),))
