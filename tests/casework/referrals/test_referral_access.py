"""Who may open a referral, and who says first why she does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.referrals import referral_answers
from service.casework.referrals.referral_access import require_referral
from service.casework.referrals.referral_page import load_referral_page
from service.errors import NotFound, ReasonNeeded
from service.store.casefile import cases
from tests.casework.referrals.conftest import ReferralSite


def test_a_referral_is_opened_by_the_roles_it_came_from_and_to(site: ReferralSite) -> None:
    id_, now = site.send(), site.desk.clock.now()
    services = site.desk.program.services
    for viewer in (site.sender, site.receiver):
        with site.desk.database.transaction(write=False) as tx:
            require_referral(tx, services, by=viewer, now=now, referral_id=id_)
            other = replace(viewer, roles=frozenset({"Another"}))
            with pytest.raises(NotFound):
                require_referral(tx, services, by=other, now=now, referral_id=id_)
            with pytest.raises(NotFound):
                require_referral(tx, services, by=viewer, now=now, referral_id="none")


def test_a_protected_identity_asks_everybody_who_knows_the_case(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    with site.desk.database.transaction() as tx:
        cases.set_marking(tx, site.case, site.desk.case(site.case).rev, "SEKRETESSMARKERING")
        with pytest.raises(ReasonNeeded):
            require_referral(tx, services, by=site.sender, now=now, referral_id=id_)
        require_referral(tx, services, by=site.receiver, now=now, referral_id=id_)
        page = load_referral_page(tx, services, site.receiver, now, id_)
    assert page.packet == (), "she is not named yet"
    assert page.fewer > 0
    site.do(
        lambda tx: referral_answers.accept(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    with site.desk.database.transaction(write=False) as tx:
        page = load_referral_page(tx, services, site.receiver, now, id_)
    assert page.fewer < len(site.row(id_).fields)
    assert page.packet != ()
