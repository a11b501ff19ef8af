"""A referral is sent with its ledger entries, its deadline and its letter, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.referrals import send
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import InvalidAnswers, NotFound, Stale
from tests.casework.referrals.conftest import CHOICE, RECEIVER, ReferralSite


def test_a_sent_referral_has_entry_deadline_and_letter(site: ReferralSite) -> None:
    row = site.row(site.send())
    assert (row.state, row.to_office, row.to_role) == ("sent", RECEIVER, "ChildServices")
    assert row.fields == ["contact"], "the matrix keeps C2 from the receiver at this stage"
    assert site.entries() == ["refer_sent"]
    assert site.deadlines() == [row.job]
    (letter,) = site.desk.letters(site.case)
    assert (letter.office_id, letter.role, letter.template) == (
        RECEIVER,
        "ChildServices",
        "new_referral",
    )
    assert (letter.needs_consent, letter.language) == ("", "sv")
    assert site.desk.faults() == []


def test_a_case_that_moved_since_the_page_is_not_referred(site: ReferralSite) -> None:
    with site.desk.database.transaction() as tx, pytest.raises(Stale):
        send.send_referral(tx, site.view(tx), CHOICE, rev=7)
    assert site.entries() == site.deadlines() == []


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        (replace(CHOICE, office="nowhere"), "office"),
        (replace(CHOICE, purpose="HEALTH"), "purpose"),
        (replace(CHOICE, fields=frozenset({"place"})), "field"),
    ],
)
def test_an_open_question_is_named(site: ReferralSite, choice: ReferralChoice, field: str) -> None:
    with site.desk.database.transaction() as tx, pytest.raises(InvalidAnswers) as refused:
        send.send_referral(tx, site.view(tx), choice, rev=1)
    assert [fault.path for fault in refused.value.faults] == [field]
    assert site.entries() == []


def test_an_ended_case_is_not_referred(site: ReferralSite) -> None:
    site.desk.do(site.case, "t1")
    with site.desk.database.transaction() as tx, pytest.raises(NotFound):
        send.send_referral(tx, site.view(tx), CHOICE, rev=2)
