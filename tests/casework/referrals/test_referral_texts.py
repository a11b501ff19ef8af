"""Texts about a referral name its purpose, its basis, its state and its refusal."""

from __future__ import annotations

from dataclasses import replace

from service.casework.referrals import referral_texts as texts
from tests.casework.referrals.conftest import ReferralSite


def test_purpose_and_basis_are_named_in_the_language(site: ReferralSite) -> None:
    row, services = site.row(site.send()), site.desk.program.services
    with site.desk.database.transaction(write=False) as tx:
        release = services.current(tx)
    assert texts.purpose_text(services, release, row, "en") == "Assess a child's situation"
    assert texts.purpose_text(services, release, replace(row, purpose="GONE"), "en") == "GONE"
    basis = texts.legal_basis_text(services, release, row.ground, ["SHARE_HEALTH"], "sv")
    assert len(basis.split("; ")) == 2


def test_a_state_names_the_office_and_the_deadline(site: ReferralSite) -> None:
    row, viewer = site.row(site.send()), site.sender
    text = texts.state_text(row, {row.to_office: "Barn"}, viewer)
    assert "Barn" in text
    assert viewer.day(site.desk.clock.now()) not in texts.waiting_text(row, viewer)
    assert "2026-03-05" in texts.waiting_text(row, viewer)
    withdrawn = replace(row, state="revoked", answered_at=row.sent_at)
    plain = replace(row, state="revoked")
    assert texts.state_text(withdrawn, {}, viewer) != texts.state_text(plain, {}, viewer)


def test_a_refusal_is_a_reason_of_the_list_or_its_code(site: ReferralSite) -> None:
    row, services = site.row(site.send()), site.desk.program.services
    first = services.programme.configuration.referrals.refusals[0]
    with site.desk.database.transaction(write=False) as tx:
        release = services.current(tx)
    assert texts.refusal_text(release, services, row, "en") == ""
    refused = replace(row, reason=first.id)
    assert texts.refusal_text(release, services, refused, "en") == first.words["en"]
    unknown = replace(row, reason="GONE")
    assert texts.refusal_text(release, services, unknown, "en") == "GONE"
