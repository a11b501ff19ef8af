"""Composing a referral: each question is asked of what was chosen before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.access import Viewer
from service.casework.referrals import compose
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import NotFound
from tests.casework.referrals.conftest import CHOICE, RECEIVER, ReferralSite
from tests.support.directory import ROLE


def composed(site: ReferralSite, choice: ReferralChoice) -> compose.ReferralComposition:
    with site.desk.database.transaction(write=False) as tx:
        return compose.compose(site.view(tx), choice)


def test_each_step_has_a_fault_until_it_is_chosen(site: ReferralSite) -> None:
    empty = composed(site, ReferralChoice())
    assert [empty.fault(step) is None for step in ("to", "why")] == [False, False]
    whole = composed(site, CHOICE)
    assert [whole.fault(step) for step in compose.STEPS] == [None] * 4


def test_only_purposes_that_fit_both_offices_are_offered(site: ReferralSite) -> None:
    assert composed(site, ReferralChoice()).offers == ()
    assert [offer.id for offer in composed(site, ReferralChoice(RECEIVER)).offers] == ["CHILD"]


def test_a_purpose_that_waits_already_is_not_sent_again(site: ReferralSite) -> None:
    id_ = site.send()
    again = composed(site, CHOICE)
    assert again.offer is not None
    assert again.offer.waiting == id_
    fault = again.fault("why")
    assert fault is not None
    assert fault.key == "referral.waits_already"


def test_the_packet_is_what_the_receiver_may_see(site: ReferralSite) -> None:
    at = composed(site, CHOICE)
    assert [answer.key for answer in at.packet] == ["contact"]
    assert [(row.key, row.ticked, row.proposed) for row in at.rows] == [("contact", True, False)]


def test_an_answer_that_was_given_again_is_sent_as_it_is_now(site: ReferralSite) -> None:
    with site.desk.database.transaction(write=False) as tx:
        at = compose.compose(site.view(tx), CHOICE)
    old = replace(at, newest={**at.newest, "contact": 9})
    assert old.offered == ()


def test_the_deadline_counts_the_receivers_working_days(site: ReferralSite) -> None:
    now = site.desk.clock.now()
    at = composed(site, replace(CHOICE, days=5))
    assert (at.days, at.due(at.days) - now) == (5, timedelta(days=7)), "a weekend lies between"
    assert composed(site, replace(CHOICE, days=4)).days == 3, "four days cannot be chosen"
    assert sorted(days for days, _ in at.due_choices) == [1, 2, 3, 5, 10, 15]


def test_who_holds_no_role_in_the_case_cannot_refer_it(site: ReferralSite) -> None:
    services = site.desk.program.services
    with site.desk.database.transaction(write=False) as tx:
        at = site.view(tx)
        assert compose.may_refer(services, site.sender, at.loaded)
        assert compose.owns_case(at)
        assert compose.open_step(at) is None, "what waits for her refers nothing"
        assert not compose.may_refer(services, site.receiver, at.loaded)
        both = replace(site.sender, roles=frozenset({ROLE, "auditor"}))
        assert compose.roles_of(site.sender, at.loaded) == (ROLE,)
        assert compose.roles_of(both, at.loaded) == (), "who looks after all cases refers none"
        auditor = Viewer("p_sara", "social", frozenset({"auditor"}))
        with pytest.raises(NotFound):
            compose.compose(replace(at, viewer=auditor), CHOICE)
