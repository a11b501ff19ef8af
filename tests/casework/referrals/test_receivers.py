"""Every office but the sender's is listed, those that cannot get the case with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.casework.referrals.referral_options import ReceiverOption, Receivers
from service.release.programme.party_rules import PartyRule
from service.store.installation import offices, people
from tests.casework.referrals.conftest import RECEIVER, ReferralSite
from tests.support.changed_configuration import with_configuration

ROLES = frozenset({"ChildServices"})


def receivers(site: ReferralSite, roles: frozenset[str] = ROLES) -> Receivers:
    with site.desk.database.transaction(write=False) as tx:
        return Receivers(site.view(tx), offices.everyone(tx), people.roles_of_offices(tx), roles)


def only(found: Receivers) -> ReceiverOption:
    (option,) = found.options()
    return option


def test_an_office_with_a_wanted_role_can_get_the_case(site: ReferralSite) -> None:
    option = only(receivers(site))
    assert (option.id, option.roles, option.why_not) == (RECEIVER, ("ChildServices",), "")


def test_an_office_without_a_wanted_role_cannot(site: ReferralSite) -> None:
    option = only(receivers(site, frozenset({"IomMedical"})))
    assert option.roles == ()
    assert option.why_not == site_text(site, "referral.not_role")


def test_a_closed_office_cannot_and_says_since_when(site: ReferralSite) -> None:
    found = receivers(site)
    ended = site.desk.clock.now() - timedelta(days=1)
    closed = replace(found.directory[RECEIVER], closed_at=ended)
    option = only(replace(found, directory={RECEIVER: closed}))
    assert option.roles == ()
    assert "2026-03-01" in option.why_not


def test_a_stage_at_which_the_role_sees_nothing_is_the_reason(site: ReferralSite) -> None:
    found = receivers(site)
    sight = replace(found.at.visibility.sight, stage="nowhere")
    blind = replace(found.at, visibility=replace(found.at.visibility, sight=sight))
    assert only(replace(found, at=blind)).why_not == site_text(site, "referral.not_stage")


def test_an_office_that_the_person_has_left_cannot(site: ReferralSite) -> None:
    found = receivers(site)
    first = found.at.answers[0]
    left = [replace(first, key="leftOffice", value=office) for office in (RECEIVER, "another")]
    rule = PartyRule("ChildServices", "leftOffice", "nobody")
    services = with_configuration(found.at.services, parties=(rule,))
    at = replace(found.at, answers=[*found.at.answers, *left], services=services)
    option = only(replace(found, at=at))
    assert (option.roles, option.why_not) == ((), site_text(site, "referral.left"))


def site_text(site: ReferralSite, key: str) -> str:
    with site.desk.database.transaction(write=False) as tx:
        return site.view(tx).say(key)
