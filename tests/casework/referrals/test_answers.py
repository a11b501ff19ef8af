"""Answers to a referral by hand: who may give which, in which state, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.casework.referrals import referral_answers
from service.errors import InvalidAnswers, NotDue, NotFound, Stale
from tests.casework.referrals.conftest import ReferralSite


def test_an_accepted_referral_has_no_deadline(site: ReferralSite) -> None:
    id_, now, by = site.send(), site.desk.clock.now(), site.receiver
    services = site.desk.program.services
    site.do(lambda tx: referral_answers.record_receipt(tx, by=by, now=now, referral_id=id_))
    assert (site.row(id_).state, len(site.deadlines())) == ("opened", 1)
    site.do(lambda tx: referral_answers.accept(tx, services, by=by, now=now, referral_id=id_))
    assert (site.row(id_).state, site.deadlines()) == ("accepted", [])
    site.do(lambda tx: referral_answers.done(tx, services, by=by, now=now, referral_id=id_))
    assert (site.row(id_).state, site.row(id_).ended_at) == ("done", now)
    assert site.entries() == ["refer_sent", "refer_opened", "refer_accepted", "refer_done"]
    with pytest.raises(Stale):
        site.do(lambda tx: referral_answers.accept(tx, services, by=by, now=now, referral_id=id_))
    assert site.desk.faults() == []


def test_a_refusal_needs_a_reason_and_comes_back(site: ReferralSite) -> None:
    id_, now, by = site.send(), site.desk.clock.now(), site.receiver
    services = site.desk.program.services
    reasons = services.programme.configuration.referrals.refusals
    silent = next(reason.id for reason in reasons if reason.text)

    def refuse(reason: str, text: str) -> None:
        about = {"referral_id": id_, "reason": reason, "text": text}
        site.do(lambda tx: referral_answers.refuse(tx, services, by=by, now=now, **about))

    for reason in ("", silent):
        with pytest.raises(InvalidAnswers):
            refuse(reason, " ")
    refuse(silent, "Inte vårt län")
    assert (site.row(id_).state, site.row(id_).reason) == ("refused", silent)
    site.do(
        lambda tx: referral_answers.acknowledge(
            tx, services, by=site.sender, now=now, referral_id=id_
        )
    )
    with pytest.raises(Stale):
        site.do(
            lambda tx: referral_answers.acknowledge(
                tx, services, by=site.sender, now=now, referral_id=id_
            )
        )
    assert site.entries() == ["refer_sent", "refer_refused", "refer_noted"]


def test_a_question_waits_until_the_sender_replies(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    site.do(
        lambda tx: referral_answers.ask(
            tx, services, by=site.receiver, now=now, referral_id=id_, text="När?"
        )
    )
    assert site.row(id_).asked_at == now
    site.do(
        lambda tx: referral_answers.reply(
            tx, services, by=site.sender, now=now, referral_id=id_, text="I dag"
        )
    )
    assert (site.row(id_).asked_at, site.row(id_).state) == (None, "sent")
    assert site.entries() == ["refer_sent", "refer_asked", "refer_told"]


def test_the_sender_revokes_and_the_receiver_cannot(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    with pytest.raises(NotFound):
        site.do(
            lambda tx: referral_answers.revoke(
                tx, services, by=site.receiver, now=now, referral_id=id_
            )
        )
    with pytest.raises(NotFound):
        site.do(
            lambda tx: referral_answers.accept(
                tx, services, by=site.sender, now=now, referral_id=id_
            )
        )
    site.do(
        lambda tx: referral_answers.revoke(tx, services, by=site.sender, now=now, referral_id=id_)
    )
    assert (site.row(id_).state, site.deadlines()) == ("revoked", [])


def test_it_lapses_at_its_deadline_and_not_before(site: ReferralSite) -> None:
    id_, services = site.send(), site.desk.program.services
    row = site.row(id_)
    due = row.due
    assert due is not None
    early = due - timedelta(seconds=1)
    with pytest.raises(NotDue):
        site.do(lambda tx: referral_answers.lapse(tx, services, early, job_key=row.job))
    site.do(lambda tx: referral_answers.lapse(tx, services, due, job_key=row.job))
    assert (site.row(id_).state, site.row(id_).ended_at) == ("lapsed", row.due)
    site.do(lambda tx: referral_answers.lapse(tx, services, early, job_key=row.job))
    assert site.entries() == ["refer_sent", "refer_lapsed"], "a second time changes nothing"
