"""States of a referral: each change has its entry, and the end of the case settles all."""

from __future__ import annotations

import pytest

from service.casework.referrals import lifecycle, referral_answers
from service.errors import CaseMoved
from service.records.context import CLOCK, actor
from tests.casework.referrals.conftest import ReferralSite


def test_the_end_of_a_case_revokes_what_nobody_answered(site: ReferralSite) -> None:
    id_ = site.send()
    site.desk.do(site.case, "t1")
    assert (site.row(id_).state, site.deadlines()) == ("revoked", [])
    assert site.desk.faults() == []


def test_the_end_of_a_case_ends_what_was_accepted(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    site.do(
        lambda tx: referral_answers.accept(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    site.desk.do(site.case, "t1")
    assert site.row(id_).state == "done"


def test_of_two_changes_from_one_state_only_the_first_counts(site: ReferralSite) -> None:
    row, now = site.row(site.send()), site.desk.clock.now()
    site.do(lambda tx: lifecycle.settle(tx, by=CLOCK, now=now, row=row, state="lapsed"))
    with pytest.raises(CaseMoved):
        site.do(
            lambda tx: lifecycle.settle(
                tx, by=actor(site.sender), now=now, row=row, state="revoked"
            )
        )
    assert site.entries() == ["refer_sent", "refer_lapsed"]


def test_the_states_of_a_page_have_their_moments(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    assert lifecycle.referral_steps(site.row(id_)) == [
        ("sent", now),
        ("opened", None),
        ("accepted", None),
        ("done", None),
    ]
    site.do(
        lambda tx: referral_answers.revoke(tx, services, by=site.sender, now=now, referral_id=id_)
    )
    assert lifecycle.referral_steps(site.row(id_))[-1] == ("revoked", now)
