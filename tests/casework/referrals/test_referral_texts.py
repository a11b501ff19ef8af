"""Texts about a referral name its purpose, its basis, its state and its refusal."""

from __future__ import annotations

from dataclasses import replace

from service.casework.referrals import referral_texts as texts
from service.release.bundle import CONFIG, Bundle
from service.release.prepared import PreparedRelease
from service.release.programme.ground_rules import FILE, read_grounds
from tests.casework.referrals.conftest import ReferralSite
from tests.support.world import shipped

GROUNDS = CONFIG + FILE


def test_purpose_and_basis_are_named_in_the_language(site: ReferralSite) -> None:
    row, services = site.row(site.send()), site.desk.program.services
    with site.desk.database.transaction(write=False) as tx:
        release = services.current(tx)
    assert texts.purpose_text(services, release, row, "en") == "Assess a child's situation"
    assert texts.purpose_text(services, release, replace(row, purpose="GONE"), "en") == "GONE"
    basis = texts.legal_basis_text(services, release, row.ground, ["SHARE_HEALTH"], "sv")
    assert basis.split("; ")[1:] == [
        "skyldighet att lämna uppgifter (10 kap. 28 § OSL), ska bekräftas av en jurist"
    ]


def test_a_ground_is_said_in_the_words_of_the_release_of_the_case(site: ReferralSite) -> None:
    services = site.desk.program.services
    bundle = shipped()
    text = bundle.text(GROUNDS)
    before = Bundle({name: text for name, text in bundle.files.items() if name != GROUNDS})
    signed = (
        f'[confirmed]\nNOD = "Anna Ask, jurist, 2026-12-01 [{read_grounds(text).digest("NOD")}]"\n'
    )
    own = bundle.with_file(GROUNDS, (signed + text).encode())
    other = bundle.with_file(GROUNDS, text.replace('sv = "nöd"', 'sv = "fara"').encode())
    none = bundle.with_file(GROUNDS, b"")
    said = {
        lang: [
            texts.legal_basis_text(services, release_of(one), "NOD", [], lang)
            for one in (own, other, before, none)
        ]
        for lang in ("sv", "en")
    }
    asked, to_confirm = "ska bekräftas av en jurist", "to be confirmed by a lawyer"
    assert said["sv"] == ["nöd", f"fara, {asked}", f"nöd, {asked}", f"nöd, {asked}"]
    assert said["en"] == ["necessity", *[f"necessity, {to_confirm}"] * 3]
    assert texts.legal_basis_text(services, release_of(own), "GONE", [], "en") == "GONE"


def release_of(bundle: Bundle) -> PreparedRelease:
    """A release of these files, as far as its configuration is asked for."""
    return PreparedRelease("", 1, "", bundle, {}, {}, {})


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
